"""What the search reads of a point, and what it predicts of a certificate."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr

from sim.metrics.controlled import controlled
from sim.metrics.estimates import Estimate
from sim.planning.bench import Bench
from sim.planning.brought import Brought
from sim.planning.looks import POWER, looks, replications_needed, shown_later
from sim.planning.reading import Reading
from sim.planning.wanted import asked
from sim.workload.controls import WORK, caller_controls
from tests.planning.models import pool, two_skills

TARGETS = ["a.service_level >= 75%", "b.service_level >= 75%"]


def seen(slack: float, error: float, replication_error: float = 1.0) -> Reading:
    """A limit with this slack."""
    return Reading(slack, error, slack, error, replication_error, 1.0)


def test_readings_are_corrected_for_what_the_days_brought() -> None:
    """Claim: the value is that of `controlled` with the work of each queue; what a replication adds
    to a plain estimate is told as before."""
    problem = asked(two_skills(), TARGETS)
    with_it = Bench(problem, workers=1)
    with_it.ensure([(5, 5)], 60)
    (fresh,) = with_it.fresh([(5, 5)], 0, 1)
    assert fresh.n == 1
    work = caller_controls(problem.scenario, 0, 60)[:, :, WORK]
    for limit, read in zip(problem.limits, with_it.readings((5, 5)), strict=True):
        plain = with_it._known[5, 5].estimate(limit)
        exact = controlled(plain, work)
        assert exact is not None and exact.value is not None and plain.influence is not None
        assert read.slack == pytest.approx(limit.slack(exact.value), rel=1e-9)
        assert read.replication_error == pytest.approx(float(np.std(plain.influence, ddof=1)))
        assert read.error < read.replication_error / math.sqrt(60)


def test_help_sharpens_a_reading_and_not_what_a_certificate_will_show() -> None:
    """Claim: a longer run of another plan narrows the error; the plain estimate of a certificate
    varies as much as before."""
    bench = Bench(asked(two_skills(), TARGETS), workers=1)
    bench.ensure([(5, 5)], 400)
    bench.ensure([(6, 4)], 40)
    plain, helped = bench.readings((6, 4)), bench.helped((6, 4), (5, 5))
    assert all(h.error < p.error for h, p in zip(helped, plain, strict=True))
    assert [h.replication_error for h in helped] == [p.replication_error for p in plain]


def test_few_days_have_one_control_many_have_one_for_each_queue() -> None:
    """Claim: of two queues from 20 days on. The work of the days is drawn in parts."""
    scenario = two_skills()
    brought = Brought(scenario)
    rng = np.random.default_rng(1)
    for n in (19, 20, 50):
        work = caller_controls(scenario, 0, n)[:, :, WORK]
        u = rng.normal(size=n)
        plain = Estimate(1.0, influence=u - u.mean())
        found = brought.first(n).corrected(plain)
        exact = controlled(plain, work if n >= 20 else work.sum(axis=1, keepdims=True))
        assert found is not None and exact is not None
        assert found.value == pytest.approx(exact.value, rel=1e-12)


def test_the_chance_to_be_shown() -> None:
    """Claim: by the normal law. Known exactly, a plan that lies as many errors within the bound as
    it takes is shown by every second certificate."""
    assert seen(1.96, 0.0, 10.0).chance(100, 1.96) == pytest.approx(0.5)
    assert seen(1.96 + 1.2816, 0.0, 10.0).chance(100, 1.96) == pytest.approx(0.9, abs=1e-4)
    assert seen(1.96 + 1.2816 * 5.0, math.sqrt(24.0), 10.0).chance(100, 1.96) == pytest.approx(
        0.9, abs=1e-4
    )
    assert seen(0.1, 0.0, 0.0).chance(100, 1.96) == 1.0
    assert seen(-0.1, 0.0, 0.0).chance(100, 1.96) == 0.0


@pytest.mark.parametrize("z", [0.7, 1.96, 3.5])
def test_as_many_replications_as_have_the_wanted_chance(z: float) -> None:
    """Claim: `replications_needed` is where `chance` is that of `POWER`; infinite where the reading
    itself is too uncertain for it."""
    for error in (0.0, 0.02, 0.07):
        read = seen(0.1, error)
        n = replications_needed([read], z)
        errors = 0.1 * math.sqrt(n), error * math.sqrt(n)  # in errors of a certificate
        chance = float(ndtr((errors[0] - z) / math.hypot(errors[1], 1.0)))
        assert chance == pytest.approx(float(ndtr(POWER)), abs=1e-9)
    assert replications_needed([seen(0.1, 0.08)], z) == math.inf
    assert replications_needed([seen(-0.1, 0.02)], z) == math.inf
    assert replications_needed([], z) == 2.0


def test_looks_at_a_certificate() -> None:
    """Claim: twice as many each time up to half of all, and the last with all."""
    assert looks(100, 4000) == [100, 200, 400, 800, 1600, 4000]
    assert looks(500, 2000) == [500, 1000, 2000]
    assert looks(1001, 2000) == [2000]
    assert looks(2000, 2000) == [2000]


def test_what_the_days_to_come_will_show() -> None:
    """Claim: the chance agrees with drawing the mean and the days to come, 20,000 times; at an
    error rate of 1e-3 the binomial half-width is 3.29 sqrt(p (1 - p) / 20,000)."""
    before, now, n, most, z = seen(0.05, 0.03), seen(0.03, 0.1), 100, 400, 2.24
    rng = np.random.default_rng(2)
    precision = 0.03**-2 + 0.1**-2
    truth = rng.normal((0.05 / 0.03**2 + 0.03 / 0.1**2) / precision, precision**-0.5, 20_000)
    later = rng.normal(truth, 1.0 / math.sqrt(most - n))
    drawn = float(np.mean((n * 0.03 + (most - n) * later) / most > z / math.sqrt(most)))
    chance = shown_later(before, now, n, most, z)
    assert chance == pytest.approx(drawn, abs=3.29 * math.sqrt(drawn * (1.0 - drawn) / 20_000))


def test_a_certain_reading_needs_no_days() -> None:
    """Claim: a limit without any variation is shown later as it is now."""
    still = seen(0.1, 0.0, 0.0)
    assert shown_later(still, still, 100, 200, 2.0) == 1.0


def test_shares_of_days_and_percentiles_are_read_plainly() -> None:
    """Claim: neither is a smooth function of means, so neither is corrected."""
    problem = asked(pool(), ["P(help.service_level >= 80%) >= 60%", "help.wait_p90_s <= 60s"])
    bench = Bench(problem, workers=1)
    bench.ensure([(12,)], 40)
    for limit, read in zip(problem.limits, bench.readings((12,)), strict=True):
        value = bench._known[12,].estimate(limit).value
        assert value is not None and read.slack == limit.slack(value)
