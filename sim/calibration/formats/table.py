"""A table of calls, CSV or parquet, with a header: one row is one call.

Also the tables of our own: that of `convert`, and the `calls.parquet` of `run --out`.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from sim.calibration.formats import own_calls
from sim.calibration.formats.clocks import Clock, one_zone
from sim.calibration.formats.columns import DURATIONS, FIELDS, INSTANTS, Place, field_of, places
from sim.calibration.formats.files import DEFAULT_QUEUE, Asked, LogFile
from sim.calibration.formats.parquet import Row, parquet_rows
from sim.calibration.formats.tally import Tally
from sim.calibration.formats.visits import Visits
from sim.calibration.formats.words import by_cause, checked, duration, outcome_of
from sim.calibration.history import History, Outcome
from sim.calibration.written import HEADER, from_cell
from sim.scenario.errors import Problem, ScenarioError, list_names, shown_value

TITLE = "a table of calls with a header, CSV or parquet"
PARQUET = "PAR1"
DELIMITERS = "\t;,|"
_ENDS = ("wait", "outcome", "service", *INSTANTS)
_ROW = "a row for each call, with when it joined, how long it waited and how it ended"
_MAX_WORDS = 10
"""Words that are told one by one, of those that are no outcomes."""
_TIME_OF_DAY = 8
"""Characters of `HH:MM:SS`: a time as short as that wants a date."""


def looks_like(head: str, name: str) -> bool:
    """Whether it is parquet, or the first line names when calls joined and how they fared."""
    if head.startswith(PARQUET):
        return True
    found = {field_of(cell) for cell in _cells(head.split("\n", 1)[0])}
    return bool(found & {"joined", "date"}) and bool(found.intersection(_ENDS))


def read(files: Sequence[LogFile], asked: Asked) -> History:
    """The calls of all files. Raises ScenarioError for a table without what is needed."""
    own = [file.head.startswith(PARQUET) and own_calls.is_own(file) for file in files]
    if all(own):
        return own_calls.read(files, asked)
    if any(own):
        raise files[own.index(True)].error(
            "is a run's calls.parquet: it goes with other runs', not with tables of other kinds"
        )
    tally = Tally(files, "table", _ROW)
    table = _Calls(tally, asked)
    for file in files:
        table.add(file)
    return table.history()


class _Calls:
    """Rows of all files, on one clock."""

    def __init__(self, tally: Tally, asked: Asked) -> None:
        self.tally = tally
        self.asked = asked
        self.clock = Clock(asked.zone_or_utc(), asked.month_first)
        self.zone: tzinfo | None = None
        """The clock that a parquet file of our own tells."""
        self.visits = Visits()
        self.words: dict[str, Outcome] = {}
        self.unknown: set[str] = set()

    def outcome(self, word: str, header: str) -> Outcome:
        """What a word in the column of outcomes means. Raises ValueError for one not known."""
        known = self.words.get(word)
        if known is not None:
            return known
        found = outcome_of(word)
        if found is None:
            if word in self.unknown or len(self.unknown) < _MAX_WORDS:
                self.unknown.add(word)
                raise ValueError(f"column `{header}`: `{word[:40]}` is no known outcome")
            raise ValueError(f"column `{header}`: no known outcome")
        self.words[word] = found
        return found

    def history(self) -> History:
        tally, clock, asked = self.tally, self.clock, self.asked
        for note in clock.notes():
            tally.note(note)
        zone = asked.zone or self.zone or one_zone(clock.offsets) or asked.zone_or_utc()
        if asked.zone is None and clock.n_without_zone:
            tally.note("times tell no zone: taken as UTC (--time-zone names it)")
        elif asked.zone is None and self.zone is None and len(clock.offsets) > 1:
            tally.note(
                f"times have {len(clock.offsets)} different offsets from UTC: days are told in UTC"
                " (--time-zone names the local clock)"
            )
        reading = tally.reading(len(self.visits))
        return self.visits.history(reading, zone=zone, resolution_s=clock.finest_s)

    def add(self, file: LogFile) -> None:
        if file.head.startswith(PARQUET):
            header, rows, zone = parquet_rows(file)
            self.zone = self.zone or zone
        else:
            header, rows = _csv(file)
        try:
            place = places(header, self.asked.columns)
        except ValueError as error:
            raise ScenarioError([Problem("--columns", 0, 0, "", str(error))]) from None
        self._check(file, header, place)
        is_own = tuple(header) == HEADER
        if "queue" not in place and file.queue is None and self.asked.queue is None:
            self.tally.note(
                f"{file.name} tells no queue: `{DEFAULT_QUEUE}` (--queue NAME, or NAME=FILE)"
            )
        if _has_slashes(header, place, file) and self.asked.month_first is None:
            self.clock.month_first = self._month_first(file, place)
        row_of = _RowReader(self, file, place, is_own)
        for line, cells in rows:
            self.tally.rows += 1
            try:
                row_of.read(cells)
            except ValueError as error:
                source = " ".join(str(cell) for cell in cells)[:200]
                self.tally.damaged(str(error), file, line, source)

    def _check(self, file: LogFile, header: Sequence[str], place: dict[str, Place]) -> None:
        wrong = []
        if not {"joined", "date"} & place.keys():
            wrong.append("when a call joined (`joined`)")
        if not {"wait", *INSTANTS} & place.keys():
            wrong.append("how long it waited (`wait`, or `answered_at` and `ended_at`)")
        if not {"outcome", "service", "answered_at"} & place.keys():
            wrong.append("whether it was answered (`outcome`, `service` or `answered_at`)")
        if wrong:
            raise file.error(
                f"no column tells {'; nor '.join(wrong)}. The columns are {list_names(header)};"
                " name them with --columns, FIELD=HEADER,..., where FIELD is one of"
                f" {list_names(FIELDS)}",
                1,
            )

    def _month_first(self, file: LogFile, place: dict[str, Place]) -> bool | None:
        """What the dates of a file with slashes tell: the month comes first where a second part
        beyond 12 says so, and no first part."""
        at = place.get("joined", place.get("date"))
        assert at is not None
        both = place.get("date", at)
        months = days = False
        for _, cells in _csv(file)[1]:
            if both.column >= len(cells):
                continue
            parts = cells[both.column].strip().split("/")
            if len(parts) == 3 and parts[0].isdigit() and parts[1].isdigit():
                days |= int(parts[0]) > 12
                months |= int(parts[1]) > 12
        return None if months == days else months


class _RowReader:
    """Reads the rows of one file into the visits."""

    def __init__(self, calls: _Calls, file: LogFile, place: dict[str, Place], is_own: bool) -> None:
        self.calls = calls
        self.file = file
        self.place = place
        self.is_own = is_own
        self.width = 1 + max((at.column for at in place.values()), default=0)
        self.default = calls.asked.queue or DEFAULT_QUEUE

    def read(self, cells: Sequence[Any]) -> None:
        """One row. Raises ValueError that says what is wrong with it."""
        if len(cells) < self.width:
            raise ValueError("fewer cells than columns")
        calls, asked = self.calls, self.calls.asked
        joined_at = self._joined(cells)
        answered_at, ended_at = (
            self._instant(cells, "answered_at"),
            self._instant(cells, "ended_at"),
        )
        wait_s, ring_s, talk_s, wrap_up_s = (self._seconds(cells, name) for name in DURATIONS)
        outcome = self._outcome(cells, talk_s, answered_at)
        wait_ends_at = answered_at if outcome == Outcome.ANSWERED else ended_at
        if math.isnan(wait_s):
            wait_s = _between(joined_at, wait_ends_at, "the end of the wait")
        if outcome == Outcome.ANSWERED and math.isnan(talk_s) and "service" not in self.place:
            talk_s = _between(joined_at + wait_s, ended_at, "the end")
        if math.isnan(wait_s):
            if outcome not in (Outcome.BLOCKED, Outcome.OPEN):
                raise ValueError("nothing tells how long it waited")
            wait_s = 0.0
        if outcome == Outcome.ABANDONED and asked.is_timeout(wait_s):
            outcome = Outcome.TIMEOUT
        if outcome != Outcome.ANSWERED and not self.is_own:
            talk_s = wrap_up_s = math.nan
        queue = self.file.queue or self._text(cells, "queue") or self.default
        calls.visits.add(
            joined_at, queue, outcome, wait_s,
            ring_s=ring_s, talk_s=talk_s, wrap_up_s=wrap_up_s,
            agent=self._text(cells, "agent") or None,
            priority=self._priority(cells),
            call=self._text(cells, "call"),
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
        if math.isnan(found):
            raise ValueError("nothing tells when it joined")
        return found

    def _instant(self, cells: Sequence[Any], field: str) -> float:
        at = self.place.get(field)
        return math.nan if at is None else self._moment(cells[at.column], at)

    def _moment(self, value: Any, at: Place | None) -> float:
        if value is None or value == "":
            return math.nan
        try:
            if isinstance(value, str):
                text = value.strip()
                return self.calls.clock.instant(text) if text else math.nan
            if isinstance(value, datetime):
                return self.calls.clock.instant(value.isoformat())
            if isinstance(value, int | float) and not isinstance(value, bool):
                return math.nan if math.isnan(value) else self.calls.clock.epoch(float(value))
            raise ValueError(f"no date and time, but {shown_value(value)}")
        except ValueError as error:
            raise ValueError(f"column `{at.header if at else '?'}`: {error}") from None

    def _seconds(self, cells: Sequence[Any], field: str) -> float:
        at = self.place.get(field)
        if at is None:
            return math.nan
        value = cells[at.column]
        try:
            if isinstance(value, str):
                return duration(value.strip(), at.unit_s)
            if value is None:
                return math.nan
            if isinstance(value, timedelta):
                return checked(value.total_seconds())
            if isinstance(value, int | float) and not isinstance(value, bool):
                return checked(value * at.unit_s)
            raise ValueError(f"no duration, but {shown_value(value)}")
        except ValueError as error:
            raise ValueError(f"column `{at.header}`: {error}") from None

    def _outcome(self, cells: Sequence[Any], talk_s: float, answered_at: float) -> Outcome:
        word = self._text(cells, "outcome")
        if not word:
            was_answered = talk_s > 0 or not math.isnan(answered_at)
            outcome = Outcome.ANSWERED if was_answered else Outcome.ABANDONED
        else:
            outcome = self.calls.outcome(word, self.place["outcome"].header)
        cause = self._text(cells, "cause")
        return by_cause(outcome, cause) if cause else outcome

    def _text(self, cells: Sequence[Any], field: str) -> str:
        at = self.place.get(field)
        if at is None:
            return ""
        value = cells[at.column]
        if value is None:
            return ""
        text = from_cell(value) if isinstance(value, str) else _shown(value)
        return text if self.is_own else text.strip()

    def _priority(self, cells: Sequence[Any]) -> int:
        text = self._text(cells, "priority")
        try:
            found = int(float(text)) if text else 0
        except (ValueError, OverflowError):
            found = 2**31
        if not -(2**31) <= found < 2**31:
            raise ValueError(f"column `{self.place['priority'].header}`: no whole number")
        return found


def _between(from_at: float, to_at: float, what: str) -> float:
    if to_at < from_at:
        raise ValueError(f"{what} is before its begin")
    return to_at - from_at


def _shown(value: Any) -> str:
    """A whole number is one, also in a column of floats."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.15g}"
    return str(value)


def _has_slashes(header: Sequence[str], place: dict[str, Place], file: LogFile) -> bool:
    """Whether dates of a file have slashes, so that all are to be looked at before one is read."""
    if file.head.startswith(PARQUET):
        return False
    at = place.get("date", place.get("joined"))
    assert at is not None
    first = next(iter(_csv(file)[1]), (0, []))[1]
    return at.column < len(first) and "/" in first[at.column]


def _cells(line: str) -> list[str]:
    return next(csv.reader([line.rstrip("\r\n")], delimiter=_delimiter(line)), [])


def _delimiter(line: str) -> str:
    """That of which the header has most."""
    return max(DELIMITERS, key=lambda mark: (line.count(mark), mark == ","))


def _csv(file: LogFile) -> tuple[list[str], Iterator[Row]]:
    """The header, and the rows with the line on which each ends; empty lines are passed over."""
    lines = file.text_lines()
    before, first = next(((i, line) for i, line in enumerate(lines, 1) if line.strip()), (0, ""))
    rows = csv.reader(lines, delimiter=_delimiter(first))
    return [cell.strip() for cell in _cells(first)], _rows(rows, before)


def _rows(rows: Any, before: int) -> Iterator[Row]:
    while True:
        try:
            for cells in rows:
                if cells and any(cells):
                    yield rows.line_num + before, cells
            return
        except csv.Error:
            yield rows.line_num + before, []
