"""The engine against Erlang's formulas and M/M/n with general patience.

Every comparison: error rate 1e-3 two-sided, fixed seeds; the second number of each `expect` is
the widest band allowed, as a share of the exact value, for the short runs.
"""

from __future__ import annotations

import math

import pytest

from sim.scenario.distributions import Exponential, Gamma, Lognormal
from sim.scenario.model import AgentGroup, Discipline, ServiceLevel
from sim.theory import families
from sim.theory.erlang import erlang_a, erlang_b, mmn, mmnk_m
from sim.theory.patience import mmn_g
from sim.theory.timeout import mmn_d, mmn_d_lifo
from tests.theory.steady import Effort, queue, steady

SERVICE_S = 300.0


def agents(count: int) -> list[AgentGroup]:
    return [AgentGroup(name="tier1", count=count)]


@pytest.mark.parametrize(
    "service",
    [
        Exponential(scale_s=SERVICE_S),
        Lognormal(mu=math.log(SERVICE_S) - 0.5, sigma=1.0),
    ],
    ids=["exponential", "lognormal"],
)
def test_erlang_b(service: object, effort: Effort) -> None:
    """Claim: with no waiting, blocking and occupancy are Erlang B's for any service law."""
    n, load = 10, 8.0
    ran = steady([queue("q", load / SERVICE_S, service, max_waiting=0)], agents(n), 80_000, effort)
    blocked = erlang_b(n, load)
    ran.expect("blocked_share", blocked, 0.05)
    ran.expect("occupancy", load * (1 - blocked) / n, 0.01)


def test_erlang_c(effort: Effort) -> None:
    """Claim: delay, mean wait, service level, queue length and occupancy are Erlang C's."""
    n, load, threshold = 4, 2.0, 60.0
    exact = mmn(load / SERVICE_S, SERVICE_S, n)
    level = ServiceLevel(threshold_s=threshold)
    q = queue("q", load / SERVICE_S, SERVICE_S, service_level=level)
    ran = steady([q], agents(n), 250_000, effort)
    ran.expect("delayed", exact.delayed, 0.05)
    ran.expect("wait_mean_s", exact.wait_mean_s, 0.09)
    ran.expect("queue_length_mean", exact.queue_length_mean, 0.09)
    ran.expect("service_level", exact.answered_within(threshold), 0.01)
    ran.expect("occupancy", exact.occupancy, 0.01)


@pytest.mark.parametrize("discipline", [Discipline.FIFO, Discipline.LIFO])
def test_erlang_a(discipline: Discipline, effort: Effort) -> None:
    """Claim: overloaded with exponential patience: abandonment, delay, mean wait and queue
    length are Erlang A's for every order of service, the laws of the wait under fifo."""
    n, load, patience, threshold = 20, 22.0, 150.0, 20.0
    exact = erlang_a(load / SERVICE_S, SERVICE_S, n, patience)
    q = queue(
        "q",
        load / SERVICE_S,
        SERVICE_S,
        patience=Exponential(scale_s=patience),
        service_level=ServiceLevel(threshold_s=threshold),
        discipline=discipline,
    )
    ran = steady([q], agents(n), 80_000, effort)
    ran.expect("abandonment", exact.abandonment, 0.03)
    ran.expect("delayed", exact.delayed, 0.03)
    ran.expect("wait_mean_s", exact.wait_mean_s, 0.06)
    ran.expect("queue_length_mean", exact.queue_length_mean, 0.06)
    ran.expect("occupancy", exact.occupancy, 0.01)
    if discipline is Discipline.FIFO:
        assert exact.abandon_wait_mean_s is not None
        ran.expect("asa_s", exact.asa_s, 0.05)
        ran.expect("abandon_wait_mean_s", exact.abandon_wait_mean_s, 0.05)
        ran.expect("service_level", exact.answered_within(threshold), 0.03)
        ran.expect("wait_second_s2", exact.wait_sd_s**2 + exact.wait_mean_s**2, 0.08)


def test_finite_room_and_patience(effort: Effort) -> None:
    """Claim: M/M/n/n+K+M: blocking, abandonment and waits of those who join are exact."""
    n, load, patience, room = 10, 11.0, 300.0, 4
    exact = mmnk_m(load / SERVICE_S, SERVICE_S, n, room, patience)
    q = queue(
        "q",
        load / SERVICE_S,
        SERVICE_S,
        patience=Exponential(scale_s=patience),
        max_waiting=room,
    )
    ran = steady([q], agents(n), 80_000, effort)
    ran.expect("blocked_share", exact.blocked_share, 0.06)
    ran.expect("abandonment", exact.abandonment, 0.05)
    ran.expect("wait_mean_s", exact.wait_mean_s, 0.04)
    ran.expect("delayed", exact.delayed, 0.03)


def test_gamma_patience_under_a_wait_timeout(effort: Effort) -> None:
    """Claim: M/M/n+G with G = min(gamma patience, `wait_timeout`)."""
    n, load, timeout = 20, 21.0, 100.0
    patience = families.capped(families.gamma(120.0, 60.0), timeout)
    exact = mmn_g(load / SERVICE_S, SERVICE_S, n, patience)
    q = queue(
        "q",
        load / SERVICE_S,
        SERVICE_S,
        patience=Gamma(shape=4.0, scale_s=30.0),
        wait_timeout_s=timeout,
    )
    ran = steady([q], agents(n), 80_000, effort)
    assert exact.abandon_wait_mean_s is not None
    ran.expect("abandonment", exact.abandonment, 0.05)
    ran.expect("wait_mean_s", exact.wait_mean_s, 0.04)
    ran.expect("abandon_wait_mean_s", exact.abandon_wait_mean_s, 0.03)


@pytest.mark.parametrize("discipline", [Discipline.FIFO, Discipline.LIFO])
def test_fifty_agents_and_a_wait_timeout(discipline: Discipline, effort: Effort) -> None:
    """Claim: 9.5 calls a minute of 5 minutes, 50 agents, `wait_timeout` 100 s: abandonment is
    1.8467 % first come first served, 4.06 % newest first."""
    rate, n, timeout = 9.5 / 60, 50, 100.0
    newest = discipline is Discipline.LIFO
    exact = (mmn_d_lifo if newest else mmn_d)(rate, SERVICE_S, n, timeout)
    assert exact.abandonment == pytest.approx(0.0406 if newest else 0.018467, rel=2e-3)
    q = queue("q", rate, SERVICE_S, wait_timeout_s=timeout, discipline=discipline)
    ran = steady([q], agents(n), 400_000, effort)
    ran.expect("abandonment", exact.abandonment, 0.055 if newest else 0.13)
    ran.expect("delayed", exact.delayed, 0.035)
    ran.expect("asa_s", exact.asa_s, 0.065)
    ran.expect("occupancy", exact.occupancy, 0.004)
