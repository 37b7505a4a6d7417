"""Metrics of single days, and the share of days on which a target holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sim.experiment.result import Result
from sim.experiment.run import replications, run
from sim.experiment.subjects import days_of, estimates_of, subject_names
from sim.experiment.work import OneScenario
from sim.metrics.days import holds, share_of_days
from sim.scenario.load import loads_scenario
from sim.scenario.targets import METRICS, SubjectKind

RARE = """
horizon: 30min
replications: 6
seed: 3
queues:
  - {name: quiet, arrivals: {rate: 2/h}, service_time: 4min, patience: 1min}
  - {name: busy, arrivals: {rate: 1/min}, service_time: {distribution: exponential, mean: 4min},
     max_waiting: 2, patience: {distribution: exponential, mean: 1min},
     wrap_up: 10s, retry: {probability: 50%, delay: 1min}}
agents:
  - {name: team, count: 3}
  - {name: late, count: 1, schedule: [{from: 5min, to: 20min, count: 1}]}
"""


def alone(job: OneScenario, index: int) -> Result:
    """The result of one replication by itself."""
    last = replace(job, only=replace(job.only, replications=index + 1))
    return replications(last, index).result(engine="simpy", elapsed_s=0.0)


def test_a_day_by_itself_is_a_run_of_it() -> None:
    """Claim: every metric of every subject in a replication is what a run of that replication
    alone would give, and NaN where that gives nothing."""
    job = OneScenario(loads_scenario(RARE), "simpy", False, False)
    whole = run(job.only, engine="simpy")
    single = [alone(job, r) for r in range(job.only.replications)]
    missing = 0
    for is_group, names in enumerate(subject_names(whole)):
        kind = (SubjectKind.QUEUE, SubjectKind.AGENTS)[is_group]
        for name in names:
            days = days_of(whole, name, is_group=bool(is_group))
            for metric in (m.name for m in METRICS.values() if m.subject is kind):
                values = [
                    estimates_of(each, name, is_group=bool(is_group))[metric].value
                    for each in single
                ]
                missing += values.count(None)
                expected = np.array([np.nan if v is None else v for v in values])
                assert days[metric] == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)
    assert missing > 5, "days without calls are meant to be among them"


@pytest.mark.parametrize(("k", "n"), [(0, 20), (1, 20), (13, 20), (20, 20), (90, 100), (2, 2)])
def test_the_interval_is_clopper_and_pearsons(k: int, n: int) -> None:
    """Claim: the ends are scipy's exact ones, which it finds by another way (root search)."""
    held = np.r_[np.ones(k), np.zeros(n - k)]
    exact = stats.binomtest(k, n).proportion_ci(0.95, method="exact")
    found = share_of_days(held)
    assert found.value == k / n
    assert (found.low, found.high) == pytest.approx((exact.low, exact.high), abs=1e-9)
    assert found.half_width == pytest.approx(max(k / n - exact.low, exact.high - k / n))


@pytest.mark.parametrize("p", [0.02, 0.1, 0.35, 0.5, 0.9, 0.97])
def test_it_covers_at_least_as_often_as_it_says(p: float) -> None:
    """Claim: summed over the binomial law of k in 40 days, the interval holds p in 95 % or more,
    and either end errs in 2.5 % or less. No sampling: the sum is exact."""
    n, below, above = 40, 0.0, 0.0
    for k in range(n + 1):
        found = share_of_days(np.r_[np.ones(k), np.zeros(n - k)])
        assert found.low is not None and found.high is not None
        below += float(stats.binom.pmf(k, n, p)) * (found.high < p)
        above += float(stats.binom.pmf(k, n, p)) * (found.low > p)
    assert below <= 0.025 and above <= 0.025


def test_days_without_anything_to_measure_are_left_out() -> None:
    """Claim: NaN is neither held nor not; the estimate is that of the other days. Nothing at all is
    null, a single day has no interval."""
    values = np.array([1.0, np.nan, 3.0, 2.0, np.nan])
    held = holds(values, "<=", 2.0)
    assert share_of_days(held) == share_of_days(np.array([1.0, 0.0, 1.0]))
    assert share_of_days(np.array([np.nan, np.nan])).value is None
    one = share_of_days(np.array([np.nan, 1.0]))
    assert (one.value, one.low, one.half_width) == (1.0, None, None)


def test_the_bound_itself_holds() -> None:
    """Claim: `<=` and `>=` include the bound."""
    values = np.array([1.0, 2.0, 3.0])
    assert holds(values, "<=", 2.0).tolist() == [1.0, 1.0, 0.0]
    assert holds(values, ">=", 2.0).tolist() == [0.0, 1.0, 1.0]
