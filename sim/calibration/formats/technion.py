"""The call-centre data of "Anonymous Bank", as the Technion publishes it (Guedj and Mandelbaum
2000; Brown et al., Journal of the American Statistical Association 100, 2005).

A row is a call. Times are H:MM:SS on the local clock, of the day on which the call began; later
ones may be of the day after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sim.calibration.formats.files import Asked, LogFile
from sim.calibration.formats.tally import Tally
from sim.calibration.formats.visits import NAN, Visits
from sim.calibration.history import DAY_S, History, Outcome

TITLE = "calls of the Technion's bank data, CSV with vru_entry, q_start, ser_start, ..."
COLUMNS = (
    "call_id", "priority", "type", "date", "vru_entry", "vru_exit",
    "q_start", "q_exit", "q_time", "outcome", "ser_start", "ser_exit", "ser_time", "server",
)  # fmt: skip
"""The columns that are read, in any order; `vru+line` and others may stand beside them."""

PHANTOM = "PHANTOM: rows of the telephone system that were no calls"
IN_THE_IVR = "hung up in the IVR (HANG without q_start): never joined the queue"
DUPLICATE = "the same row again"
NOT_A_ROW = "not a row of this table"
SHORT_S = 10.0
_NOBODY = ("NO_SERVER", "")
_NEVER = "0:00:00"


def looks_like(head: str, name: str) -> bool:
    """Whether the first line has this table's columns."""
    return set(COLUMNS) <= set(_header(head.split("\n", 1)[0]))


def read(files: Sequence[LogFile], asked: Asked) -> History:
    """The calls that joined the queue of their `type`. Raises ScenarioError for too few of them."""
    tally = Tally(files, "technion", f"CSV with the columns {', '.join(COLUMNS)}")
    zone = asked.zone_or_utc()
    if asked.zone is None:
        tally.note("times tell no zone: taken as UTC (--time-zone names it)")
    table = _Table(tally, asked)
    for file in files:
        table.add(file)
    reading = tally.reading(len(table.visits))
    return table.visits.history(reading, zone=zone)


def _header(line: str) -> list[str]:
    return [cell.strip().lower() for cell in line.rstrip("\r\n").split(_delimiter(line))]


def _delimiter(line: str) -> str:
    """The published files have tabs."""
    return "\t" if "\t" in line else ","


class _Table:
    def __init__(self, tally: Tally, asked: Asked) -> None:
        self.tally = tally
        self.asked = asked
        self.zone = asked.zone_or_utc()
        self.visits = Visits()
        self.seen: set[bytes] = set()
        self.midnights: dict[str, datetime] = {}

    def add(self, file: LogFile) -> None:
        lines = file.lines()
        first = next(lines, (1, ""))[1]
        header, delimiter = _header(first), _delimiter(first)
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise file.error(f"the columns {', '.join(missing)} are missing", 1)
        place = [header.index(name) for name in COLUMNS]
        for line, text in lines:
            if not text.strip():
                continue
            self.tally.rows += 1
            row = text.split(delimiter)
            if len(row) != len(header):
                self.tally.damaged(NOT_A_ROW, file, line, text)
                continue
            mark = hashlib.blake2b(text.encode(), digest_size=16).digest()
            if mark in self.seen:
                self.tally.left_out(DUPLICATE, file, line)
                continue
            self.seen.add(mark)
            try:
                self._call(dict(zip(COLUMNS, (row[i].strip() for i in place), strict=True)),
                           file, line)  # fmt: skip
            except ValueError as error:
                self.tally.damaged(str(error), file, line, text)

    def _call(self, row: dict[str, str], file: LogFile, line: int) -> None:
        outcome, queued_s = row["outcome"], _seconds(row["q_time"], "q_time")
        queued = row["q_start"] != _NEVER or queued_s > 0
        if outcome == "PHANTOM":
            self.tally.left_out(PHANTOM, file, line)
            return
        if outcome == "HANG" and not queued:
            self.tally.left_out(IN_THE_IVR, file, line)
            return
        if outcome not in ("AGENT", "HANG"):
            raise ValueError("an outcome other than AGENT, HANG and PHANTOM")
        answered = outcome == "AGENT"
        talk_s = _seconds(row["ser_time"], "ser_time")
        self._note_oddities(row, answered, queued, talk_s, file, line)
        at_s = _clock(row["q_start" if queued else "vru_exit"])
        if _clock(row["vru_entry"]) - at_s > DAY_S / 2:
            at_s += DAY_S
            self.tally.odd("calls that joined after midnight of their date", file, line)
        self.visits.add(
            (self._midnight(row["date"]) + timedelta(seconds=at_s)).timestamp(),
            row["type"] if file.queue is None else file.queue,
            Outcome.ANSWERED if answered else Outcome.ABANDONED,
            queued_s if queued else 0.0,
            talk_s=talk_s if answered else NAN,
            agent=row["server"] if answered and row["server"] not in _NOBODY else None,
            priority=_priority(row["priority"]),
            call=row["call_id"],
        )

    def _note_oddities(
        self, row: dict[str, str], answered: bool, queued: bool, talk_s: float,
        file: LogFile, line: int,
    ) -> None:  # fmt: skip
        odd = self.tally.odd
        if not answered:
            if talk_s > 0:
                odd("hung up, though the row tells a service (taken as abandoned)", file, line)
            return
        if talk_s < SHORT_S:
            odd(f"services of less than {SHORT_S:g} s, which may be agents hanging up", file, line)
        if row["server"] in _NOBODY:
            odd("answered by nobody named (NO_SERVER)", file, line)
        gap = (_clock(row["ser_start"]) - _clock(row["q_exit" if queued else "vru_exit"])) % DAY_S
        if not (gap <= 2 or gap >= DAY_S - 2):
            odd("ser_start is more than 2 s from the end of the wait (which counts)", file, line)
        length = (_clock(row["ser_exit"]) - _clock(row["ser_start"])) % DAY_S
        if length != talk_s:
            odd("ser_time differs from ser_exit - ser_start (ser_time counts)", file, line)

    def _midnight(self, day: str) -> datetime:
        """Local midnight; the clock is taken to show 24 hours a day, as the table does."""
        if day not in self.midnights:
            try:
                found = date.fromisoformat(_century(day))
            except ValueError:
                raise ValueError("a date that there is not") from None
            self.midnights[day] = datetime(found.year, found.month, found.day, tzinfo=self.zone)
        return self.midnights[day]


def _century(day: str) -> str:
    """The published files have yymmdd, of the 1990s."""
    return f"19{day[:2]}-{day[2:4]}-{day[4:]}" if len(day) == 6 and day.isdigit() else day


def _clock(text: str) -> float:
    """Seconds after midnight."""
    parts = text.split(":")
    if len(parts) != 3 or not all(part.isdigit() and len(part) <= 2 for part in parts):
        raise ValueError("a time that is not H:MM:SS")
    hour, minute, second = (int(part) for part in parts)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError("a time that is not H:MM:SS")
    return float(hour * 3600 + minute * 60 + second)


def _seconds(text: str, name: str) -> float:
    if not text.isdigit() or len(text) > 7:
        raise ValueError(f"{name} is not a number of seconds of at least 0")
    return float(text)


def _priority(text: str) -> int:
    if not text.isdigit() or len(text) > 4:
        raise ValueError("priority is not a number")
    return int(text)
