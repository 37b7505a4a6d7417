"""What queues have: timeouts, priorities, common busy days, longer conversations at some hours."""

from __future__ import annotations

import numpy as np
import pytest

from sim.calibration.fit.arrivals import Busyness, busyness, shared, together
from sim.calibration.fit.asked import asked
from sim.calibration.fit.calibrate import calibrate
from sim.calibration.fit.effective import effective
from sim.calibration.fit.sample import sample
from sim.calibration.history import Outcome
from sim.theory.offered_wait import Leaving, waiting
from tests.calibration.fit.made import made
from tests.calibration.fit.simulated import history_of

TWO = """
start: 2026-03-02 09:00
horizon: 4h
replications: 30
queues:
  - name: sales
    arrivals: {rate: 40/h, busyness: {cv: 25%, shared: SHARED}}
    service_time: {distribution: exponential, mean: 2min}
    patience: {distribution: exponential, mean: 3min}
    wait_timeout: 90s
  - name: support
    arrivals: {rate: 60/h, busyness: {cv: 25%, shared: SHARED}}
    service_time: {distribution: exponential, mean: 3min}
    patience: {distribution: exponential, mean: 3min}
agents: [{name: team, count: 5}]
"""


def test_a_timeout_is_found_and_is_no_patience() -> None:
    """Calls that time out are no abandonments: the mean patience of 3 min is found in spite of a
    timeout at half of it."""
    found = calibrate(history_of(TWO.replace("SHARED", "false"), seed=3), asked())
    sales, support = found.queues
    assert sales.limits.wait_timeout_s == 90.0
    assert support.limits.wait_timeout_s is None
    assert sales.counts["timeout"] > 100
    assert sales.patience is not None and sales.patience.chosen is not None
    mean = sales.patience.chosen.mean
    assert mean.low is not None and mean.high is not None
    assert mean.low < 180.0 < mean.high


@pytest.mark.parametrize("truth", ["true", "false"])
def test_queues_that_are_busy_on_the_same_days_share_a_factor(truth: str) -> None:
    """With 30 days and factors of cv 25 %: found in each of five logs where it is so, in none where
    it is not. (A test at 5 % that also asks for a correlation of a half, true or 0, of 30 days.)"""
    for seed in range(5):
        found = calibrate(history_of(TWO.replace("SHARED", truth), seed=seed), asked())
        assert [q.shares_busyness for q in found.queues] == [truth == "true"] * 2


def test_busyness_is_the_method_of_moments() -> None:
    """90, 100, 110 have a mean and a variance of 100: Poisson; 50, 100, 150 a variance of 2500."""
    assert busyness(np.array([90.0, 100.0, 110.0])).cv.value == 0.0
    found = busyness(np.array([50.0, 100.0, 150.0]))
    assert found.cv.value == pytest.approx(np.sqrt(2400.0) / 100.0)
    assert found.dispersion == 25.0 and found.is_shown
    assert busyness(np.array([7.0])) == Busyness(busyness(np.array([7.0])).cv, None, None)


def test_poisson_noise_does_not_hide_that_days_are_the_same() -> None:
    """The correlation of the factors is that of the calls made good for the noise."""
    rng = np.random.default_rng(1)
    factor = rng.gamma(25.0, 1 / 25.0, 400)
    a, b = (rng.poisson(50.0 * factor).astype(float) for _ in range(2))
    pair = together([a, b], [busyness(a), busyness(b)])[0]
    assert pair.observed < 0.8
    assert pair.correlation > 0.9
    assert shared([pair]) == {0, 1}


def test_conversations_that_depend_on_the_time_of_day_are_scaled() -> None:
    """Afternoon conversations 1.5 times as long: the factors are within 0.1 of 0.8 and 1.2, so that
    their mean over calls is 1."""
    text = """
start: 2026-03-02 09:00
horizon: 4h
replications: 12
queues:
  - name: q
    arrivals:
      profile: {interval: 1h, calls: [100, 100, 100, 100], service_scale: [0.8, 0.8, 1.2, 1.2]}
    service_time: {distribution: lognormal, mean: 2min, cv: 0.8}
agents: [{name: team, count: 20}]
"""
    found = calibrate(history_of(text, seed=1), asked(interval="1h")).queues[0].service
    assert found.time_of_day.is_shown
    assert found.time_of_day.scale == pytest.approx([0.8, 0.8, 1.2, 1.2], abs=0.1)
    assert np.mean(found.time_of_day.scale) == pytest.approx(1.0, abs=0.02)


def test_timeouts_at_different_waits_are_no_timeout() -> None:
    clock = 9 * 3600.0 + 60.0 * np.arange(60)
    calls = made(
        day=np.zeros(60, int), clock_s=clock, wait_s=np.arange(60.0),
        outcome=np.where(np.arange(60) < 30, Outcome.TIMEOUT, Outcome.ANSWERED),
        priority=np.where(np.arange(60) < 45, 2, 0),
    )  # fmt: skip
    found = calibrate(calls, asked()).queues[0].limits
    assert found.wait_timeout_s is None and found.timed_out == 30
    assert (found.priority, found.other_priority) == (2, 0.25)


def test_without_agents_the_number_that_makes_the_waits_is_found() -> None:
    """Of M/M/n+M by Erlang A itself: mean waits of its formula give its n back."""
    for n in (3, 6, 9):
        truth = waiting(100 / 3600.0, 240.0, n, Leaving(180.0))
        clock = 9 * 3600.0 + 36.0 * np.arange(100)
        calls = made(day=np.zeros(100, int), clock_s=clock, wait_s=truth.wait_mean_s)
        found = effective(sample(calls, asked(interval="1h")), 240.0, 180.0, None)
        assert found.counts == (n,)
        assert found.fitted_wait_s[0] == pytest.approx(truth.wait_mean_s)


def test_a_log_without_agents_gives_nearly_those_that_were() -> None:
    """Eight agents, none named, exponential in all: by the waits alone it is eight, give or take
    one, in each interval but the first, which begins empty."""
    text = """
start: 2026-03-02 09:00
horizon: 6h
replications: 25
queues:
  - name: q
    arrivals: {rate: 120/h}
    service_time: {distribution: exponential, mean: 4min}
    patience: {distribution: exponential, mean: 3min}
agents: [{name: team, count: 8}]
"""
    found = calibrate(history_of(text, with_agents=False, seed=2), asked(interval="1h"))
    assert found.agents_from == "effective"
    assert set(found.teams.teams[0].counts[1:]) <= {7, 8, 9}
    assert found.wrap_up.source == "none"


def test_days_of_the_week_that_differ_are_told() -> None:
    """Twice as many calls on Mondays, three weeks long; and nothing to tell where all are alike."""
    day = np.arange(21)
    n = np.where(day % 7 == 0, 120, 60) + day % 3
    rows = np.repeat(day, n)
    place = np.concatenate([np.arange(k) for k in n])
    calls = made(day=rows, clock_s=9 * 3600.0 + 30.0 * place)
    assert any("days of the week differ" in note for note in calibrate(calls, asked()).notes)
    tuesday = calibrate(calls, asked(days="tue..thu"))
    assert not any("days of the week" in note for note in tuesday.notes)
