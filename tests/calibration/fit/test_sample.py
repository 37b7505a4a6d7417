"""Which days, hours and queues a calibration is of, and that what is left out is told."""

from __future__ import annotations

import numpy as np
import pytest

from sim.calibration.days import clock_text
from sim.calibration.fit.asked import asked
from sim.calibration.fit.sample import sample
from sim.calibration.history import History, Outcome
from sim.scenario.errors import ScenarioError
from tests.calibration.fit.made import made

HOUR = 3600.0


def fortnight(per_hour: int = 6, first: float = 8.0, last: float = 18.0) -> History:
    """Fourteen days with calls at even distances from 8 to 18."""
    clock = np.arange(first * HOUR, last * HOUR, HOUR / per_hour)
    day = np.repeat(np.arange(14), clock.size)
    return made(day=day, clock_s=np.tile(clock, 14))


def test_opening_hours_are_found_and_strays_left_out() -> None:
    calls = fortnight()
    stray = made(day=[3], clock_s=[2.0 * HOUR])
    both = History(**{
        **calls.__dict__,
        **{name: np.concatenate([getattr(stray, name), getattr(calls, name)])
           for name in ("joined_at", "queue", "outcome", "wait_s", "ring_s", "talk_s", "wrap_up_s",
                        "agent", "priority", "call")},
    })  # fmt: skip
    both = both.where(np.argsort(both.joined_at, kind="stable"))
    found = sample(both, asked())
    assert (found.from_s, found.to_s) == (8 * HOUR, 18 * HOUR)
    assert len(found.history) == len(calls)
    assert any("left out: 1 of" in note and "before 08:00" in note for note in found.notes)


@pytest.mark.parametrize(
    ("days", "n", "kind"),
    [("all", 14, "all days"), ("weekdays", 10, "weekdays"), ("mon", 2, "Mon"),
     ("sun..thu", 10, "Sun to Thu"), ("mon,wed", 4, "Mon, Wed"), ("weekends", 4, "weekends"),
     ("Tuesday", 2, "Tue")],
)  # fmt: skip
def test_kinds_of_days(days: str, n: int, kind: str) -> None:
    wanted = asked(days=days)
    assert sample(fortnight(), wanted).n_days == n
    assert wanted.kind == kind


def test_intervals_and_days_are_counted() -> None:
    """Six calls in each of twenty half hours are three; every day is one row."""
    found = sample(fortnight(), asked(interval="30min", days="weekdays"))
    counts = found.per_slot(np.ones(len(found.history), bool))
    assert counts.shape == (10, 20)
    assert np.all(counts == 3.0)


def test_a_day_that_the_log_begins_in_is_left_out_and_told() -> None:
    calls = fortnight()
    cut = calls.where(calls.joined_at >= calls.joined_at[0] + 5 * HOUR)
    found = sample(cut, asked())
    assert found.n_days == 13
    assert any("2026-03-02 is left out" in note for note in found.notes)
    assert sample(cut, asked(first="2026-03-02")).n_days == 14


def test_a_closed_day_is_no_day_without_calls() -> None:
    calls = fortnight()
    day, _ = calls.days()
    found = sample(calls.where(day != day[0] + 4), asked())
    assert found.n_days == 13
    assert any("no call on 2026-03-06" in note for note in found.notes)


def test_a_day_of_another_kind_is_told() -> None:
    calls = fortnight()
    day, clock = calls.days()
    found = sample(calls.where((day != day[0] + 4) | (clock < 9 * HOUR)), asked())
    assert any("far fewer calls" in note and "Fri 2026-03-06" in note for note in found.notes)


def test_hours_and_queues_can_be_asked_for() -> None:
    clock = np.arange(8 * HOUR, 18 * HOUR, 60.0)
    calls = made(
        day=np.zeros(clock.size, int), clock_s=clock, queue=np.arange(clock.size) % 2,
        queues=("a", "b"),
    )  # fmt: skip
    found = sample(calls, asked(hours="09:00..12:00", queues=["b"]))
    assert (found.from_s, found.to_s, len(found.history)) == (9 * HOUR, 12 * HOUR, 90)
    assert len(found.others) == clock.size


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"queues": ["sales"]}, "no call is to `sales`"),
        ({"first": "2026-05-01"}, "the log is of 2026-03-02 to 2026-03-15"),
        ({"hours": "02:00..04:00"}, "there is no call from 02:00 to 04:00"),
    ],
)
def test_where_nothing_is_left_it_is_said(options: dict[str, object], message: str) -> None:
    with pytest.raises(ScenarioError, match=message):
        sample(fortnight(), asked(**options))  # type: ignore[arg-type]


def test_an_empty_log_is_refused() -> None:
    none = made(day=np.zeros(0, int), clock_s=np.zeros(0))
    with pytest.raises(ScenarioError, match="not one call"):
        sample(none, asked())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"days": "mondays,foo"}, "--days: `foo` is no kind of day"),
        ({"interval": "7min"}, "--interval: a minute to a day"),
        ({"interval": "30"}, "--interval"),
        ({"hours": "22:00..06:00"}, "--hours: `22:00..06:00` runs over midnight"),
        ({"hours": "08:10..12:00"}, "does not begin and end with an interval"),
        ({"hours": "morning"}, "--hours: expected such as"),
        ({"first": "yesterday"}, "--from: expected a date"),
        ({"first": "2026-03-02", "last": "2026-03-01"}, "is before --from"),
        ({"service": "normal"}, "--service: one of"),
        ({"wrap_up": "soon"}, "--wrap-up"),
        ({"agents": ["team"]}, "--agents: expected NAME=NUMBER"),
        ({"agents": ["team=1", "team=2"]}, "`team` twice"),
    ],
)
def test_bad_options_are_named(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError) as caught:
        asked(**options)  # type: ignore[arg-type]
    assert message in str(caught.value)


def test_all_bad_options_are_named_at_once() -> None:
    with pytest.raises(ValueError) as caught:
        asked(days="never", interval="x", wrap_up="y")
    assert len(str(caught.value).splitlines()) == 3


def test_blocked_calls_are_offered() -> None:
    clock = np.arange(9 * HOUR, 10 * HOUR, 60.0)
    calls = made(
        day=np.zeros(60, int), clock_s=clock,
        outcome=np.where(np.arange(60) < 30, Outcome.BLOCKED, Outcome.ANSWERED),
    )  # fmt: skip
    found = sample(calls, asked())
    assert found.per_day(np.ones(60, bool)).tolist() == [60.0]


def test_times_of_day_are_told_to_the_second_where_they_have_any() -> None:
    """Schedules of intervals of a minute and a half must not lose their half minutes."""
    told = [clock_text(at) for at in (0.0, 33_000.0, 32_490.0, 86_400.0)]
    assert told == ["00:00", "09:10", "09:01:30", "24:00"]


def test_an_unknown_queue_is_told_with_the_option_that_named_it() -> None:
    with pytest.raises(ScenarioError, match=r"--only: no call is to `b`: one of `q`"):
        sample(made(day=[0], clock_s=[36_000.0]), asked(queues=["b"]))
