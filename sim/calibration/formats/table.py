"""A table of calls, CSV or parquet, with a header: one row is one call.

Also the tables of our own: that of `convert`, and the `calls.parquet` of `run --out`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from sim.calibration.formats import own_calls
from sim.calibration.formats.clocks import Clock, one_zone
from sim.calibration.formats.columns import FIELDS, INSTANTS, Place, field_of, places
from sim.calibration.formats.csv_rows import csv_cells, csv_rows
from sim.calibration.formats.files import DEFAULT_QUEUE, Asked, LogFile
from sim.calibration.formats.parquet import parquet_rows
from sim.calibration.formats.table_rows import PARQUET, OutcomeWords, RowReader
from sim.calibration.formats.tally import Tally
from sim.calibration.formats.visits import Visits
from sim.calibration.history import History
from sim.calibration.written import HEADER
from sim.scenario.errors import Problem, ScenarioError, list_names

TITLE = "a table of calls with a header, CSV or parquet"
_ENDS = ("wait", "outcome", "service", *INSTANTS)
_ROW = "a row for each call, with when it joined, how long it waited and how it ended"


def looks_like(head: str, name: str) -> bool:
    """Whether it is parquet, or the first line names when calls joined and how they fared."""
    if head.startswith(PARQUET):
        return True
    found = {field_of(cell) for cell in csv_cells(head.lstrip("\r\n").split("\n", 1)[0])}
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
        self.words = OutcomeWords()

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
            header, rows = csv_rows(file)
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
        reader = RowReader(file, place, self.asked, self.clock, self.visits, self.words, is_own)
        for line, cells in rows:
            self.tally.rows += 1
            try:
                reader.read(cells)
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
        for _, cells in csv_rows(file)[1]:
            if both.column >= len(cells):
                continue
            parts = cells[both.column].strip().split("/")
            if len(parts) == 3 and parts[0].isdigit() and parts[1].isdigit():
                days |= int(parts[0]) > 12
                months |= int(parts[1]) > 12
        return None if months == days else months


def _has_slashes(header: Sequence[str], place: dict[str, Place], file: LogFile) -> bool:
    """Whether dates of a file have slashes, so that all are to be looked at before one is read."""
    if file.head.startswith(PARQUET):
        return False
    at = place.get("date", place.get("joined"))
    assert at is not None
    first = next(iter(csv_rows(file)[1]), (0, []))[1]
    return at.column < len(first) and "/" in first[at.column]
