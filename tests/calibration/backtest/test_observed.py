"""A log of simulated days is counted as the run itself counted them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.calibration.backtest.days import Choice, cut
from sim.calibration.backtest.matching import match
from sim.calibration.backtest.observed import as_clocked, call_log, counted, observed
from sim.calibration.backtest.terms import (
    BY_INTERVAL,
    QUEUE_METRICS,
    Column,
    by_interval,
    subjects_of,
    whole_day,
)
from sim.calibration.history import Outcome
from sim.experiment.replicate import Replicator
from sim.experiment.run import run
from sim.scenario.model import Scenario
from verification.backtest_models import day, moves
from verification.simulated_logs import history_of, log_of


@pytest.mark.parametrize("scenario", [day(), moves(), moves("at_horizon=drain")])
def test_same_numbers_as_the_run(scenario: Scenario) -> None:
    """Every metric of every queue and of all, day by day and by interval, is that of the run
    whose calls the log holds, also of calls that overflow, are blocked or outlast the day."""
    scenario = replace(scenario, replications=6, seed=3)
    result = run(scenario, intervals=True, log=True)
    assert result.logs is not None
    history = history_of(result.logs, scenario)
    days = cut(history, scenario, match(history, scenario), Choice())
    seen = observed(days, scenario)
    assert seen.counts.shape == result.counts.shape
    subjects = subjects_of(result, (), agents=False)
    assert len(subjects) == (1 if len(scenario.queues) == 1 else 3)
    columns = [Column(subject, metric) for subject in subjects for metric in QUEUE_METRICS]
    mine, theirs = whole_day(seen, columns), whole_day(result, columns)
    assert mine.denominator == pytest.approx(theirs.denominator)
    assert mine.numerator == pytest.approx(theirs.numerator, rel=1e-4, abs=1e-3)
    slots = [Column(s, m, slot) for s in subjects for m in BY_INTERVAL for slot in range(6)]
    mine, theirs = by_interval(seen, slots), by_interval(result, slots)
    assert mine.denominator == pytest.approx(theirs.denominator)
    assert mine.numerator == pytest.approx(theirs.numerator, rel=1e-4, abs=1e-3)


def test_occupancy_is_that_of_the_run() -> None:
    """Where the log tells when agents were there: connecting, service and wrap-up of their time.

    Calls of the day before do not reach into the next one, as in a run.
    """
    scenario = replace(moves("at_horizon=drain"), replications=4, seed=5)
    result = run(scenario, intervals=True, log=True)
    assert result.logs is not None
    history = history_of(result.logs, scenario, presence=True)
    days = cut(history, scenario, match(history, scenario), Choice())
    columns = [Column(s, "occupancy") for s in subjects_of(result, (), agents=True) if s.is_agents]
    assert whole_day(observed(days, scenario), columns).ratios() == pytest.approx(
        whole_day(result, columns).ratios(), rel=1e-3
    )


def test_a_clock_of_whole_seconds_sees_the_same_of_log_and_simulation() -> None:
    """Simulated calls counted by a clock of 1 s have the numbers of a log that was kept by it."""
    scenario = replace(day(), replications=1, seed=9)
    replicator = Replicator(scenario, engine="compiled", intervals=True, keep_calls=True)
    replication = replicator.run(0)
    clocked = counted(replication, replicator.frame, 1.0)
    history = log_of(scenario, 1, 9, tick_s=1.0)
    days = cut(history, scenario, match(history, scenario), Choice())
    assert days.tick_s == 1.0
    seen = observed(days, scenario)
    assert (seen.counts[0] == clocked.sums.counts).all()
    assert seen.totals[0, :, :5] == pytest.approx(clocked.sums.totals[:, :5])
    assert replication.calls is not None
    exact, rough = replication.calls, as_clocked(replication.calls, 1.0)
    assert (np.abs(rough.leave - exact.leave) < 1.0).all()
    wait = (rough.answer - rough.arrival)[~np.isnan(rough.answer)]
    assert (wait == np.round(wait)).all() and (wait >= 0).all()


def test_what_the_log_does_not_tell() -> None:
    """A call without an end is incoming and in no ratio; one without a talk time is answered and
    in no mean of talk times; one that left for elsewhere is in no ratio."""
    scenario = day()
    history = log_of(scenario, 1, 2)
    answered = np.flatnonzero(history.answered())
    history.outcome[answered[0]] = Outcome.OPEN
    history.talk_s[answered[1]] = np.nan
    history.outcome[answered[2]] = Outcome.LEFT
    history.talk_s[answered[[0, 2]]] = np.nan
    days = cut(history, scenario, match(history, scenario), Choice())
    log = call_log(days, 0, scenario)
    counts = {name: int((log.outcome == code).sum()) for name, code in
              (("waiting", 4), ("service", 6), ("overflowed", 3), ("done", 0))}  # fmt: skip
    assert counts == {
        "waiting": 1, "service": 1, "overflowed": 1, "done": answered.size - 3,
    }  # fmt: skip
    seen = observed(days, scenario)
    columns = [Column(s, m) for s in subjects_of(seen, (), agents=False) for m in QUEUE_METRICS]
    found = dict(zip(QUEUE_METRICS, whole_day(seen, columns).denominator[0], strict=True))
    assert found["abandonment"] == len(history) - 2
    assert found["asa_s"] == answered.size - 2 and found["service_mean_s"] == answered.size - 3
    assert days.dates == (date(2026, 3, 2),)
