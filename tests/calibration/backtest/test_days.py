"""Which days of a log are compared, and which queue is which."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sim.calibration.backtest.days import Choice, cut
from sim.calibration.backtest.matching import match
from sim.calibration.history import History
from sim.scenario.errors import ScenarioError
from sim.scenario.model import Scenario
from verification.backtest_models import day, moves
from verification.simulated_logs import log_of


def cut_as(history: History, scenario: Scenario, *choice: object) -> list[str]:
    days = cut(history, scenario, match(history, scenario), Choice.of(*choice))  # type: ignore[arg-type]
    return [str(each) for each in days.dates]


def test_days_are_chosen_by_name_and_date() -> None:
    """Weekdays, names, first and last; the log begins on a Monday and has eight days."""
    history, scenario = log_of(day(), 8, 1), day()
    assert len(cut_as(history, scenario)) == 8
    assert cut_as(history, scenario, "weekends") == ["2026-03-07", "2026-03-08"]
    assert cut_as(history, scenario, "sun..mon") == ["2026-03-02", "2026-03-08", "2026-03-09"]
    assert len(cut_as(history, scenario, "tue..mon")) == len(cut_as(history, scenario, "all"))
    assert cut_as(history, scenario, "Mon, wednesday") == ["2026-03-02", "2026-03-04", "2026-03-09"]
    span = date(2026, 3, 4), date(2026, 3, 5)
    assert cut_as(history, scenario, "all", *span) == ["2026-03-04", "2026-03-05"]
    with pytest.raises(ScenarioError, match="from 2026-03-02 to 2026-03-09"):
        cut_as(history, scenario, "all", date(2026, 4, 1))


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("someday", "`someday` is no kind of day"),
        ("", "`` is no kind of day"),
        ("mon,x", "`x` is no kind of day"),
        ("mon..x", "`x` is no kind of day"),
        ("mon..tue..wed", "expected such as `sun..thu`"),
    ],
)
def test_bad_choices(told: str, message: str) -> None:
    """What is no day is named, with what there is."""
    with pytest.raises(ValueError, match=message):
        Choice.of(told)
    with pytest.raises(ValueError, match="before they begin"):
        Choice.of("all", date(2026, 3, 2), date(2026, 3, 1))


def test_only_the_span_counts() -> None:
    """Calls before the scenario's start or after its horizon are left out and counted; a day
    without any in the span is none."""
    history = log_of(day(), 3, 1)
    late = replace(history, joined_at=history.joined_at + 2 * 3600.0)
    days = cut(late, day(), match(late, day()), Choice())
    assert 0 < days.outside_span == len(late) - len(days.row)
    assert days.at_s.min() >= 7200.0 and days.at_s.max() < 10800.0
    far = replace(history, joined_at=history.joined_at + 5 * 3600.0)
    with pytest.raises(ScenarioError, match="between 09:00 and 12:00"):
        cut(far, day(), match(far, day()), Choice())
    nowhere = replace(day(), start=None)
    with pytest.raises(ScenarioError, match="begins at midnight unless"):
        cut(far, nowhere, match(far, nowhere), Choice())


def test_a_night_belongs_to_the_day_on_which_it_began() -> None:
    """A span over midnight is one day, with the calls after midnight in it."""
    history, scenario = log_of(moves(), 3, 1), moves()
    assert cut_as(history, scenario) == ["2026-03-02", "2026-03-03", "2026-03-04"]
    days = cut(history, scenario, match(history, scenario), Choice())
    assert days.at_s.max() > 3 * 3600.0 and len(days.row) == len(history)


def test_clocks_that_change_are_told() -> None:
    """On 29 March 2026 Berlin's clocks went from 2 to 3: a night past that is noted, no other
    span."""
    zone = ZoneInfo("Europe/Berlin")
    for scenario, notes in ((moves("horizon=6h"), 1), (moves(), 0), (day(), 0)):
        history = log_of(scenario, 2, 1, first=date(2026, 3, 28), zone=zone)
        days = cut(history, scenario, match(history, scenario), Choice())
        assert len(days.notes) == notes
        assert (days.outside_span > 0) == (notes > 0)  # the night's last hour is after 4 o'clock
    assert cut_as(history, day()) == ["2026-03-28", "2026-03-29"]


def test_a_horizon_of_several_days_is_refused() -> None:
    """With what to do instead."""
    week = day("horizon=7d")
    with pytest.raises(ScenarioError, match="--horizon 24h"):
        cut(log_of(day(), 1, 1), week, match(log_of(day(), 1, 1), week), Choice())


def test_no_calls_is_an_error() -> None:
    """A log without calls can't be compared."""
    history = log_of(day(), 1, 1)
    empty = history.where(np.zeros(len(history), np.bool_))
    with pytest.raises(ScenarioError, match="the log has no calls"):
        cut(empty, day(), match(empty, day()), Choice())


def test_queues_are_matched() -> None:
    """By name, by id, a single one whatever its name; others are told with what may be meant."""
    history, scenario = log_of(moves(), 1, 1), moves()
    assert match(history, scenario).places.tolist() == [0, 1]
    renamed = replace(history, queues=("abc", "secnd"))
    by_id = replace(scenario, queues=(replace(scenario.queues[0], id="abc"), scenario.queues[1]))
    found = match(renamed, by_id)
    assert found.places.tolist() == [0, -1] and found.silent == (1,)
    assert any("did you mean `second`?" in note for note in found.notes)
    assert any("'second' has no calls in the log" in note for note in found.notes)
    with pytest.raises(ScenarioError, match="no queue of the log is in the scenario"):
        match(renamed, scenario)
    single = match(replace(log_of(day(), 1, 1), queues=("7001",)), day())
    assert single.places.tolist() == [0] and "taken for" in single.notes[0]
    twice = replace(by_id.queues[0], id="second")
    with pytest.raises(ScenarioError, match="two queues of the log"):
        match(
            replace(history, queues=("first", "second")),
            replace(by_id, queues=(twice, replace(by_id.queues[1], name="other"))),
        )
