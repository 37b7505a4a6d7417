"""One row of a table of calls: its cells as a visit to a queue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sim.calibration.formats.clocks import Clock
from sim.calibration.formats.columns import DURATIONS, INSTANTS, LABELS, TALK, Place
from sim.calibration.formats.files import DEFAULT_QUEUE, Asked, LogFile
from sim.calibration.formats.visits import Visits
from sim.calibration.formats.words import by_cause, checked, duration, outcome_of
from sim.calibration.history import Outcome
from sim.calibration.written import from_cell
from sim.scenario.errors import shown_value

PARQUET = "PAR1"
"""How a parquet file begins."""
_MOST_KNOWN = 100_000
_MAX_WORDS = 10
"""Words that are told one by one, of those that are no outcomes."""
_TIME_OF_DAY = 8
"""Characters of `HH:MM:SS`: a time as short as that wants a date."""


class OutcomeWords:
    """What the words in a log's column of outcomes mean."""

    def __init__(self) -> None:
        self._known: dict[str, Outcome] = {}
        self._unknown: set[str] = set()

    def outcome(self, word: str, header: str) -> Outcome:
        """The outcome that a word in a column tells. Raises ValueError for one not known."""
        known = self._known.get(word)
        if known is not None:
            return known
        found = outcome_of(word)
        if found is None:
            if word in self._unknown or len(self._unknown) < _MAX_WORDS:
                self._unknown.add(word)
                raise ValueError(f"column `{header}`: `{word[:40]}` is no known outcome")
            raise ValueError(f"column `{header}`: no known outcome")
        self._known[word] = found
        return found


class RowReader:
    """Reads the rows of one file into the visits."""

    def __init__(
        self, file: LogFile, place: dict[str, Place], asked: Asked, clock: Clock, visits: Visits,
        words: OutcomeWords, is_own: bool,
    ) -> None:  # fmt: skip
        self.asked = asked
        self.clock = clock
        self.visits = visits
        self.words = words
        self.place = place
        self.is_own = is_own
        self.is_csv = not file.head.startswith(PARQUET)
        self.width = 1 + max((at.column for at in place.values()), default=0)
        self.queue_of_file = file.queue
        self.default = asked.queue or DEFAULT_QUEUE
        self.by_timeout = bool(asked.wait_timeout_s)
        self.durations = [place.get(name) for name in DURATIONS]
        self.instants = [place.get(name) for name in INSTANTS]
        self.labels = [place.get(name) for name in LABELS]
        self.known: dict[str, str] = {}
        """Texts by their cells: of queues, agents and outcomes there are few."""

    def read(self, cells: Sequence[Any]) -> None:
        """One row. Raises ValueError that says what is wrong with it."""
        if len(cells) < self.width:
            raise ValueError("fewer cells than columns")
        joined_at = self._joined(cells)
        answered_at, ended_at = [self._instant(cells, at) for at in self.instants]
        wait_s, ring_s, talk_s, wrap_up_s = [self._seconds(cells, at) for at in self.durations]
        queue, word, cause, agent, priority = [self._label(cells, at) for at in self.labels]
        outcome = self._outcome(word, cause, talk_s, answered_at)
        if wait_s != wait_s:
            ends_at = answered_at if outcome == Outcome.ANSWERED else ended_at
            wait_s = self._wait(joined_at, ends_at, outcome)
        if outcome == Outcome.ANSWERED:
            if ended_at == ended_at and self.durations[TALK] is None:
                talk_s = _between(joined_at + wait_s, ended_at, "the end")
        elif not self.is_own:
            talk_s = wrap_up_s = math.nan
        if self.by_timeout and outcome == Outcome.ABANDONED and self.asked.is_timeout(wait_s):
            outcome = Outcome.TIMEOUT
        self.visits.add(
            joined_at, self.queue_of_file or queue or self.default, outcome, wait_s,
            ring_s=ring_s, talk_s=talk_s, wrap_up_s=wrap_up_s, agent=agent or None,
            priority=self._priority(priority) if priority else 0,
            call=self._text(cells, self.place.get("call")),
        )  # fmt: skip

    def _joined(self, cells: Sequence[Any]) -> float:
        at, day = self.place.get("joined"), self.place.get("date")
        value = cells[at.column] if at is not None else None
        if day is not None and (
            at is None or (isinstance(value, str) and len(value.strip()) <= _TIME_OF_DAY)
        ):
            told = cells[day.column]
            told = told.isoformat() if isinstance(told, date) else str(told or "").strip()
            value = told if value is None else f"{told.split(' ')[0]} {value.strip()}"
        found = self._moment(value, at or day)
        if found != found:
            raise ValueError("nothing tells when it joined")
        return found

    def _instant(self, cells: Sequence[Any], at: Place | None) -> float:
        return math.nan if at is None else self._moment(cells[at.column], at)

    def _moment(self, value: Any, at: Place | None) -> float:
        try:
            if isinstance(value, str):
                text = value.strip()
                return self.clock.instant(text) if text else math.nan
            if value is None:
                return math.nan
            if isinstance(value, datetime):
                return self.clock.instant(value.isoformat())
            if isinstance(value, int | float) and not isinstance(value, bool):
                return math.nan if value != value else self.clock.epoch(float(value))
            raise ValueError(f"no date and time, but {shown_value(value)}")
        except ValueError as error:
            raise ValueError(f"column `{at.header if at else '?'}`: {error}") from None

    def _seconds(self, cells: Sequence[Any], at: Place | None) -> float:
        if at is None:
            return math.nan
        value = cells[at.column]
        if value is None or value == "":
            return math.nan
        try:
            if isinstance(value, str):
                return duration(value.strip(), at.unit_s)
            if isinstance(value, timedelta):
                return checked(value.total_seconds())
            if isinstance(value, int | float) and not isinstance(value, bool):
                return checked(value * at.unit_s)
            raise ValueError(f"no duration, but {shown_value(value)}")
        except ValueError as error:
            raise ValueError(f"column `{at.header}`: {error}") from None

    def _wait(self, joined_at: float, ends_at: float, outcome: Outcome) -> float:
        """From the instants, where no column tells it."""
        wait_s = _between(joined_at, ends_at, "the end of the wait")
        if wait_s == wait_s:
            return wait_s
        if outcome not in (Outcome.BLOCKED, Outcome.OPEN):
            raise ValueError("nothing tells how long it waited")
        return 0.0

    def _outcome(self, word: str, cause: str, talk_s: float, answered_at: float) -> Outcome:
        if word:
            outcome = self.words.outcome(word, self.place["outcome"].header)
        elif talk_s > 0 or answered_at == answered_at:
            outcome = Outcome.ANSWERED
        else:
            outcome = Outcome.ABANDONED
        return by_cause(outcome, cause) if cause else outcome

    def _label(self, cells: Sequence[Any], at: Place | None) -> str:
        """A text of which there are few."""
        if at is None:
            return ""
        value = cells[at.column]
        if not isinstance(value, str):
            return self._text(cells, at)
        found = self.known.get(value)
        if found is None:
            if len(self.known) > _MOST_KNOWN:
                self.known.clear()
            found = self.known[value] = self._text(cells, at)
        return found

    def _text(self, cells: Sequence[Any], at: Place | None) -> str:
        if at is None:
            return ""
        value = cells[at.column]
        if value is None:
            return ""
        text = value if isinstance(value, str) else _shown(value)
        if self.is_csv:
            text = from_cell(text)
        return text if self.is_own else text.strip()

    def _priority(self, text: str) -> int:
        try:
            found = int(float(text))
        except (ValueError, OverflowError):
            found = 2**31
        if not -(2**31) <= found < 2**31:
            raise ValueError(f"column `{self.place['priority'].header}`: no whole number")
        return found


def _between(from_at: float, to_at: float, what: str) -> float:
    if to_at < from_at:
        raise ValueError(f"{what} is before its begin")
    return round(to_at - from_at, 6)


def _shown(value: Any) -> str:
    """A whole number is one, also in a column of floats."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.15g}"
    return str(value)
