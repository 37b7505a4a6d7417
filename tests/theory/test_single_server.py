"""The engine against M/G/1: mean waits, second moments by order of service, priorities.

Every comparison: error rate 1e-3 two-sided, fixed seeds; the second number of each `expect` is
the widest band allowed, as a share of the exact value, for the short runs.
"""

from __future__ import annotations

import pytest

from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Exponential,
    Gamma,
    Mixture,
    Uniform,
)
from sim.scenario.model import AgentGroup, Discipline
from sim.theory.single_server import (
    mg1_priority_wait_means,
    mg1_wait_mean,
    mg1_wait_second_moment,
    mmc_priority_wait_means,
    mmc_wait_second_moment,
)
from tests.theory.steady import Effort, queue, steady

ONE = [AgentGroup(name="agent")]

SERVICES: dict[str, tuple[Distribution, float, float, float]] = {
    "deterministic": (Deterministic(value_s=60.0), 60.0, 60.0**2, 60.0**3),
    "gamma": (Gamma(shape=4.0, scale_s=15.0), 60.0, 15.0**2 * 4 * 5, 15.0**3 * 4 * 5 * 6),
    "hyperexponential": (
        Mixture(
            weights=(0.75, 0.25), parts=(Exponential(scale_s=40.0), Exponential(scale_s=120.0))
        ),
        60.0,
        2 * (0.75 * 40.0**2 + 0.25 * 120.0**2),
        6 * (0.75 * 40.0**3 + 0.25 * 120.0**3),
    ),
}


@pytest.mark.parametrize("law", SERVICES)
def test_mean_waits_by_pollaczek_and_khinchine(law: str, effort: Effort) -> None:
    """Claim: M/G/1 at load 1/2: delay is the load, mean wait Pollaczek and Khinchine's, the
    second moment Takacs's."""
    service, *moments = SERVICES[law]
    rate = 0.5 / 60.0
    ran = steady([queue("q", rate, service)], ONE, 100_000, effort)
    ran.expect("delayed", 0.5, 0.02)
    ran.expect("wait_mean_s", mg1_wait_mean(rate, *moments[:2]), 0.07)
    ran.expect("wait_second_s2", mg1_wait_second_moment(rate, *moments), 0.2)
    ran.expect("queue_length_mean", rate * mg1_wait_mean(rate, *moments[:2]), 0.07)


@pytest.mark.parametrize("discipline", [Discipline.LIFO, Discipline.RANDOM])
def test_second_moments_by_order_of_service(discipline: Discipline, effort: Effort) -> None:
    """Claim: M/G/1 at load 1/2, uniform service: the order of service leaves the mean wait, and
    makes its second moment 2 (lifo) or 4/3 (random) times that of first come first served."""
    rate, moments = 0.5 / 60.0, (60.0, 120.0**2 / 3, 120.0**3 / 4)
    service = Uniform(low_s=0.0, high_s=120.0)
    ran = steady([queue("q", rate, service, discipline=discipline)], ONE, 120_000, effort)
    exact = mg1_wait_second_moment(rate, *moments, discipline=discipline.value)
    first_come = mg1_wait_second_moment(rate, *moments)
    factor = 2.0 if discipline is Discipline.LIFO else 4 / 3
    assert exact == pytest.approx(factor * first_come)
    ran.expect("wait_mean_s", mg1_wait_mean(rate, *moments[:2]), 0.07)
    ran.expect("wait_second_s2", exact, 0.2)


@pytest.mark.slow
@pytest.mark.parametrize("discipline", Discipline)
def test_second_moments_with_several_agents(discipline: Discipline, effort: Effort) -> None:
    """Claim: M/M/2 at load 0.5 per agent: the second moment of the wait by order of service."""
    rate, n = 2 * 0.5 / 60.0, 2
    q = queue("q", rate, 60.0, discipline=discipline)
    ran = steady([q], [AgentGroup(name="agents", count=n)], 100_000, effort)
    exact = mmc_wait_second_moment(rate, 60.0, n, discipline=discipline.value)
    ran.expect("wait_second_s2", exact, 0.35 if discipline is Discipline.LIFO else 0.25)


def test_two_priorities_with_one_agent(effort: Effort) -> None:
    """Claim: Cobham's waits with two classes of unlike service; the file's order of the queues
    plays no part."""
    rates = (0.2 / 40.0, 0.4 / 80.0)
    urgent = queue("urgent", rates[0], Deterministic(value_s=40.0), priority=5)
    normal = queue("normal", rates[1], 80.0)
    ran = steady([normal, urgent], ONE, 120_000, effort)
    high, low = mg1_priority_wait_means(rates, (40.0, 80.0), (40.0**2, 2 * 80.0**2))
    ran.expect("wait_mean_s", high, 0.05, q=1)
    ran.expect("wait_mean_s", low, 0.09, q=0)


def test_two_priorities_with_several_agents(effort: Effort) -> None:
    """Claim: M/M/3 with two classes, load 0.7 per agent: Cobham's waits."""
    rates, n = (3 * 0.3 / 60.0, 3 * 0.4 / 60.0), 3
    queues = [queue("urgent", rates[0], 60.0, priority=1), queue("normal", rates[1], 60.0)]
    ran = steady(queues, [AgentGroup(name="agents", count=n)], 120_000, effort)
    high, low = mmc_priority_wait_means(rates, 60.0, n)
    ran.expect("wait_mean_s", high, 0.06, q=0)
    ran.expect("wait_mean_s", low, 0.13, q=1)
