"""A log cut into days of the scenario: the same clock span of each, as many as were asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from sim.calibration.backtest.matching import Matching
from sim.calibration.days import clock_text, weekdays_of
from sim.calibration.history import DAY_S, Floats, History, Outcome
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.model import ActionType, Scenario

TICK_S = 0.05
"""A log's clock of finer steps is taken to be exact."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which days: weekdays (0 for Monday), from and to which date, both included."""

    weekdays: frozenset[int] = frozenset(range(7))
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, days: str = "all", first: date | None = None, last: date | None = None) -> Choice:
        """Of `weekdays`, `weekends`, `all`, names such as `mon,wed` and ranges such as `sun..thu`.

        Raises ValueError.
        """
        chosen = weekdays_of(days)
        if first is not None and last is not None and last < first:
            raise ValueError(f"the days end ({last}) before they begin ({first})")
        return cls(frozenset(chosen), first, last)

    def holds(self, day: date) -> bool:
        """Whether the day is chosen."""
        return (
            day.weekday() in self.weekdays
            and (self.first is None or day >= self.first)
            and (self.last is None or day <= self.last)
        )


@dataclass(frozen=True, eq=False)
class LogDays:
    """The visits that are compared: those of chosen days, within the span, of known queues.

    Arrays of one length, by day and then in the order of joining: `row` the visit's place in the
    history, `day` its day's place in `dates`, `at_s` when it joined, seconds from the scenario's
    start, `queue` its place in the scenario, `first_s` when the call joined the first queue of
    those it was moved through (`at_s` unless the scenario moves calls too).
    """

    history: History
    dates: tuple[date, ...]
    row: NDArray[np.int64]
    day: NDArray[np.int64]
    at_s: Floats
    queue: NDArray[np.int32]
    first_s: Floats
    outside_span: int
    of_strangers: int
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.dates)

    def of_day(self, place: int) -> slice:
        """Where the visits of a day stand."""
        first, last = np.searchsorted(self.day, [place, place + 1])
        return slice(int(first), int(last))

    @property
    def tick_s(self) -> float:
        """The step of the log's clock; 0 where it is too fine to matter."""
        step = self.history.resolution_s
        return step if step >= TICK_S else 0.0


def start_clock_s(scenario: Scenario) -> float:
    """The clock time at which the scenario's day begins, in seconds; midnight without a start."""
    if scenario.start is None:
        return 0.0
    at = scenario.start
    return at.hour * 3600.0 + at.minute * 60.0 + at.second + at.microsecond * 1e-6


def moves_calls(scenario: Scenario) -> bool:
    """Whether calls go on from one queue to another."""
    return any(queue.overflow is not None for queue in scenario.queues) or any(
        action.type is ActionType.QUEUE_JOIN for flow in scenario.flows for action in flow.actions
    )


def cut(history: History, scenario: Scenario, matching: Matching, choice: Choice) -> LogDays:
    """The days of a log, as long as the scenario's horizon and from its clock time on.

    A day without any call in the span, such as one on which nobody worked, is no day. Raises
    ScenarioError for a horizon of more than a day, and when no call is left.
    """
    if scenario.horizon_s > DAY_S:
        told = (
            "a backtest compares day by day, and the horizon is longer than a day: try"
            " --horizon 24h, with --days for the day of the week that the scenario begins with"
        )
        raise ScenarioError([Problem(scenario.name, 0, 0, "horizon", told)])
    day, at = history.days()
    at = at - start_clock_s(scenario)
    before = at < 0.0
    day, at = day - before, at + DAY_S * before
    queue = matching.places[history.queue] if len(history) else history.queue
    chosen = _chosen(day, choice)
    known, inside = queue >= 0, at < scenario.horizon_s
    kept = np.flatnonzero(chosen & known & inside)
    if not kept.size:
        raise ScenarioError([Problem(history.reading.source, 0, 0, "", _nothing(
            history, scenario, chosen, inside))])  # fmt: skip
    order = kept[np.lexsort((at[kept], day[kept]))]
    ordinals, place = np.unique(day[order], return_inverse=True)
    dates = tuple(date.fromordinal(int(each)) for each in ordinals)
    first = at.copy()
    if moves_calls(scenario):
        _follow(history, first, at)
    return LogDays(
        history=history, dates=dates, row=order, day=place.astype(np.int64), at_s=at[order],
        queue=queue[order].astype(np.int32), first_s=first[order],
        outside_span=int(np.count_nonzero(chosen & known & ~inside)),
        of_strangers=int(np.count_nonzero(chosen & ~known)),
        notes=tuple(_clock_changes(history, scenario, dates)),
    )  # fmt: skip


def _chosen(day: NDArray[np.int64], choice: Choice) -> NDArray[np.bool_]:
    ordinals, back = np.unique(day, return_inverse=True)
    held = [choice.holds(date.fromordinal(int(each))) for each in ordinals]
    return np.array(held, np.bool_)[back] if held else np.zeros(0, np.bool_)


def _nothing(
    history: History, scenario: Scenario, chosen: NDArray[np.bool_], inside: NDArray[np.bool_]
) -> str:
    if not len(history):
        return "the log has no calls"
    reach = f"its calls are from {history.first_day()} to {history.last_day()}"
    if not chosen.any():
        return f"no call of the log is on a day that was chosen: {reach}"
    if not (chosen & inside).any():
        clock = clock_text(start_clock_s(scenario))
        end = clock_text((start_clock_s(scenario) + scenario.horizon_s) % DAY_S)
        told = f"no call of the log is between {clock} and {end}, the span of the scenario's day"
        if scenario.start is None:
            told += ", which begins at midnight unless the scenario has a `start`"
        return told
    return f"no call of a queue of the scenario is on a day that was chosen: {reach}"


def _clock_changes(history: History, scenario: Scenario, dates: Collection[date]) -> list[str]:
    """The days in whose span clocks were put forward or back."""
    start = start_clock_s(scenario)
    notes = []
    for each in dates:
        begin = datetime.combine(each, datetime.min.time()) + timedelta(seconds=start)
        ends = begin, begin + timedelta(seconds=scenario.horizon_s)
        offsets = [at.replace(tzinfo=history.zone).utcoffset() or timedelta(0) for at in ends]
        if offsets[0] != offsets[1]:
            way = "forward" if offsets[1] > offsets[0] else "back"
            notes.append(f"On {each} clocks were put {way}: its calls keep their clock times.")
    return notes


def _follow(history: History, first: Floats, at: Floats) -> None:
    """Put into `first` when calls that were moved on joined their first queue.

    A visit goes on from the one before of the same call, if that was left, at the same instant
    (to the clock's step and a second).
    """
    order = np.lexsort((history.joined_at, history.call))
    earlier, later = order[:-1], order[1:]
    end = history.joined_at + history.wait_s
    near = np.abs(history.joined_at[later] - end[earlier]) <= 1.0 + history.resolution_s
    moved = (
        (history.call[earlier] == history.call[later])
        & (history.call[later] != "")
        & (history.outcome[earlier] == Outcome.LEFT)
        & near
    )
    for a, b in zip(earlier[moved].tolist(), later[moved].tolist(), strict=True):
        gap = history.joined_at[b] - history.joined_at[a]
        first[b] = at[b] - gap - (at[a] - first[a])
