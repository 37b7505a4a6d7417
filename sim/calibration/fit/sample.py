"""Which days and hours of a log are the sample, and in which day and interval each visit is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sim.calibration.days import clock_text
from sim.calibration.fit.asked import DAY_S, Asked
from sim.calibration.history import History
from sim.scenario.errors import Problem, ScenarioError, did_you_mean, list_names

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

QUIET, BUSY_ENOUGH = 0.01, 0.05
"""Shares of the busiest interval's calls."""
PARTIAL_S = 3600.0
"""How much later than on any other day the first call of a day that the log begins in may be."""
OF_OTHERS = 3
"""Days that must be there to tell what is usual."""
SUSPECT = 0.25
"""A day with less than this share of the median day's calls is worth a word."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Visits of the chosen days, hours and queues: `history`, with `day` and `slot` of each.

    `day` counts in `days`, `slot` intervals from `from_s`, seconds after midnight. `others` are
    the visits of the same days to any queue at any hour: agents work at those too. `notes` tell
    what was left out.
    """

    history: History
    day: Longs
    slot: Longs
    days: tuple[date, ...]
    interval_s: float
    from_s: float
    to_s: float
    others: History
    notes: tuple[str, ...]

    @property
    def n_days(self) -> int:
        return len(self.days)

    @property
    def n_slots(self) -> int:
        return round((self.to_s - self.from_s) / self.interval_s)

    def per_slot(self, some: NDArray[np.bool_], value: Floats | None = None) -> Floats:
        """Visits, or sums of a value of theirs, shape (days, slots)."""
        place = self.day[some] * self.n_slots + self.slot[some]
        weights = None if value is None else value[some]
        flat = np.bincount(place, weights, minlength=self.n_days * self.n_slots)
        return flat.astype(np.float64).reshape(self.n_days, self.n_slots)

    def per_day(self, some: NDArray[np.bool_], value: Floats | None = None) -> Floats:
        """Visits, or sums of a value of theirs, shape (days,)."""
        weights = None if value is None else value[some]
        return np.bincount(self.day[some], weights, minlength=self.n_days).astype(np.float64)


def sample(history: History, asked: Asked) -> Sample:
    """The days and hours of a log that a scenario is to be of.

    Raises ScenarioError for queues that the log does not have and where no visit is left.
    """
    source = history.reading.source
    _known(history, asked)
    if not len(history):
        raise _refused(source, "there is not one call in the log")
    day, clock = history.days()
    notes: list[str] = []
    wanted = np.isin((day - 1) % 7, asked.weekdays)
    """The first of January of the year 1, ordinal 1, was a Monday."""
    for bound, sign in ((asked.first, 1), (asked.last, -1)):
        if bound is not None:
            wanted &= sign * (day - bound.toordinal()) >= 0
    if not wanted.any():
        raise _refused(source, f"there is no call on the days asked for; {_spans_days(history)}")
    wanted &= ~_partial(day, clock, wanted, asked, notes)
    chosen = history.where(wanted)
    day, clock = day[wanted], clock[wanted]
    mine = np.ones(len(chosen), bool)
    if asked.queues:
        mine = np.isin(chosen.queue, [history.queues.index(name) for name in asked.queues])
        if not mine.any():
            names = list_names(asked.queues)
            raise _refused(source, f"there is no call to {names} on the days asked for")
    from_s, to_s = asked.hours_s or _opening(clock[mine], day[mine], asked.interval_s)
    open_ = (clock >= from_s) & (clock < to_s)
    outside = int((mine & ~open_).sum())
    if outside:
        share = 100.0 * outside / int(mine.sum())
        notes.append(
            f"left out: {outside:,} of the calls ({share:.2g} %), before {clock_text(from_s)} or"
            f" from {clock_text(to_s)} on"
        )
    kept = mine & open_
    if not kept.any():
        raise _refused(source, f"there is no call from {clock_text(from_s)} to {clock_text(to_s)}")
    days = np.unique(day[mine])
    slot = ((clock[kept] - from_s) // asked.interval_s).astype(np.int64)
    found = Sample(
        chosen.where(kept), np.searchsorted(days, day[kept]), slot,
        tuple(date.fromordinal(int(each)) for each in days),
        asked.interval_s, from_s, to_s, chosen, (),
    )  # fmt: skip
    notes += _missing(days, asked) + _suspect(found)
    return Sample(
        found.history, found.day, slot, found.days, found.interval_s, from_s, to_s, chosen,
        tuple(notes),
    )  # fmt: skip


def _known(history: History, asked: Asked) -> None:
    unknown = [name for name in asked.queues if name not in history.queues]
    if unknown:
        raise ScenarioError(
            [
                Problem(
                    history.reading.source, 0, 0, "--only",
                    f"no call is to `{name[:60]}`: one of {list_names(history.queues)}"
                    f"{did_you_mean(name, history.queues)}",
                )
                for name in unknown
            ]
        )  # fmt: skip


def _refused(source: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(source, 0, 0, "", message)])


def _spans_days(history: History) -> str:
    return f"the log is of {history.first_day()} to {history.last_day()}"


def _partial(
    day: Longs, clock: Floats, wanted: NDArray[np.bool_], asked: Asked, notes: list[str]
) -> NDArray[np.bool_]:
    """Visits of the log's first and last day where it begins or ends in the middle of them.

    A day that was asked for by its date stays.
    """
    out = np.zeros(day.size, bool)
    days, first = np.unique(day, return_index=True)
    if np.unique(day[wanted]).size <= OF_OTHERS:
        return out
    starts, ends = clock[first], clock[np.append(first[1:], day.size) - 1]
    if asked.first is None and starts[0] > starts[1:].max() + PARTIAL_S:
        out |= day == days[0]
        notes.append(
            f"{date.fromordinal(int(days[0]))} is left out: the log begins at"
            f" {clock_text(starts[0])} on it, later than any other day (--from keeps it)"
        )
    if asked.last is None and ends[-1] < ends[:-1].min() - PARTIAL_S:
        out |= day == days[-1]
        notes.append(
            f"{date.fromordinal(int(days[-1]))} is left out: the log ends at"
            f" {clock_text(ends[-1])} on it, earlier than any other day (--to keeps it)"
        )
    return out & wanted


def _opening(clock: Floats, day: Longs, interval_s: float) -> tuple[float, float]:
    """From the first to the last interval that is usual.

    Usual is one with calls on at least half of the days and `QUIET` of the busiest one's, or with
    `BUSY_ENOUGH` of these whatever the days.
    """
    slot = (clock // interval_s).astype(np.int64)
    n = round(DAY_S / interval_s)
    calls = np.bincount(slot, minlength=n)
    seen = np.unique(day * n + slot) % n
    days_with = np.bincount(seen, minlength=n)
    usual = (days_with >= np.unique(day).size / 2) & (calls >= QUIET * calls.max())
    usual |= calls >= BUSY_ENOUGH * calls.max()
    places = np.flatnonzero(usual)
    return float(places[0] * interval_s), float((places[-1] + 1) * interval_s)


def _missing(days: Longs, asked: Asked) -> list[str]:
    """Days of the kind in between without a call: closed, or lost by the log."""
    every = np.arange(days[0], days[-1] + 1)
    every = every[np.isin((every - 1) % 7, asked.weekdays)]
    gone = np.setdiff1d(every, days)
    if not gone.size:
        return []
    names = ", ".join(str(date.fromordinal(int(each))) for each in gone[:5])
    more = f" and {gone.size - 5} more" if gone.size > 5 else ""
    return [f"no call on {names}{more}: taken as closed, not as a day without calls"]


def _suspect(found: Sample) -> list[str]:
    """Days with far fewer calls than usual."""
    calls = np.bincount(found.day, minlength=found.n_days)
    few = np.flatnonzero(calls < SUSPECT * np.median(calls))
    if found.n_days <= OF_OTHERS or not few.size:
        return []
    names = ", ".join(f"{found.days[i]:%a %Y-%m-%d} ({calls[i]:,} calls)" for i in few[:5])
    more = f" and {few.size - 5} more" if few.size > 5 else ""
    return [
        f"far fewer calls than on the median day ({np.median(calls):,.0f}) on {names}{more}:"
        " choose days by --days, --from and --to if these are of another kind"
    ]
