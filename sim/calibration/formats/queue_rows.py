"""Rows of an Asterisk queue log, as its file has them or as its table was exported.

The file is `time|callid|queue|agent|EVENT|data...` without a header or any escaping. The table has
the columns time, callid, queuename, agent, event and data1 to data5, or one `data` with bars.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sim.calibration.formats.files import LogFile
from sim.calibration.formats.stamps import Clock

MOST_FIELDS = 5
NULLS = ("NULL", r"\N", "null")

FEW_FIELDS = "fewer fields than time, call id, queue, agent and event"
NO_TIME = "the time is neither POSIX seconds nor a date with a time"

_EVENTS = """
ENTERQUEUE CONNECT ABANDON COMPLETEAGENT COMPLETECALLER EXITWITHTIMEOUT EXITWITHKEY EXITEMPTY
RINGNOANSWER RINGCANCELED TRANSFER BLINDTRANSFER ATTENDEDTRANSFER ADDMEMBER REMOVEMEMBER PAUSE
UNPAUSE PAUSEALL UNPAUSEALL AGENTLOGIN AGENTLOGOFF AGENTCALLBACKLOGIN AGENTCALLBACKLOGOFF AGENTDUMP
SYSCOMPAT QUEUESTART CONFIGRELOAD PENALTY FULL CLOSED JOINEMPTY LEAVEEMPTY DIVERT_CA_RATIO
DIVERT_HOLDTIME WRAPUPSTART WITHDRAW OUTDIAL OUTANSWER OUTCANCEL DID INFO HEARTBEAT CALLSTATUS
"""
EVENTS = frozenset(_EVENTS.split())
"""Names by which a queue log is known; of other software too."""

_IS_EVENT = re.compile(r"(?!NONE$)[A-Z][A-Z0-9_]*$").match
_NAMES = {
    "time": ("time", "eventdate", "datetime"),
    "call": ("callid",),
    "queue": ("queuename", "queue"),
    "agent": ("agent", "agentname"),
    "event": ("event", "verb"),
}


@dataclass(frozen=True)
class Layout:
    """Where a table's columns are. `header` tells whether the first line is one."""

    delimiter: str
    places: tuple[int, ...]
    """Of time, call id, queue, agent and event."""
    data: tuple[int, ...]
    bars: bool
    """Whether the data is one column, with bars in it."""
    header: bool


class Row(NamedTuple):
    """One row: time in seconds, call id, queue, agent, event and its data."""

    at: float
    call: str
    queue: str
    agent: str
    event: str
    data: Sequence[str]


def table_layout(head: str) -> Layout | None:
    """Where the columns are of the table that begins so; None if it is no queue log's table."""
    first = next((line for line in head.splitlines() if line.strip()), "")
    for delimiter in ",;\t":
        fields = [each.strip() for each in _split(first, delimiter)]
        layout = _by_header(fields, delimiter) or _by_values(fields, delimiter)
        if layout is not None:
            return layout
    return None


def looks_like_file(head: str) -> bool:
    """Whether a text begins like the file: some line among its first fifty tells a known event."""
    lines = [line for line in head.splitlines() if line.strip()][:50]
    clock = Clock(None)
    rows = [line.split("|") for line in lines]
    good = [f for f in rows if len(f) >= MOST_FIELDS and clock.at(f[0]) == clock.at(f[0])]
    return 3 * len(good) >= len(lines) and any(not EVENTS.isdisjoint(f[4:6]) for f in good)


def rows(file: LogFile, clock: Clock) -> Iterator[tuple[int, str, Row | str]]:
    """Each line's number, its text, and its row or the reason why it can't be read; no blank lines.

    Raises ScenarioError for a file that can't be read.
    """
    layout = None if looks_like_file(file.head) else table_layout(file.head)
    at = clock.at
    is_header = layout is not None and layout.header
    for number, line in file.lines():
        if layout is None:
            fields = line.split("|")
            data: Sequence[str] = fields[5:]
        else:
            fields = _split(line, layout.delimiter)
            if is_header and line.strip():
                is_header = False
                continue
            fields, data = _in_order(fields, layout)
        if len(fields) < MOST_FIELDS:
            if line.strip():
                yield number, line, FEW_FIELDS
            continue
        time = at(fields[0])
        if time != time:
            yield number, line, NO_TIME
            continue
        event = fields[4].strip()
        if event not in EVENTS and layout is None and not _IS_EVENT(event):
            yield number, line, _with_bars(time, fields)
        else:
            yield number, line, Row(time, fields[1], fields[2], fields[3], event, data)


def first_time(file: LogFile) -> float:
    """The first time that the file's beginning tells; infinity without any."""
    layout = None if looks_like_file(file.head) else table_layout(file.head)
    clock = Clock(None)
    for line in file.head.splitlines():
        if layout is None:
            time = clock.at(line.partition("|")[0])
        else:
            fields, _ = _in_order(_split(line, layout.delimiter), layout)
            time = clock.at(fields[0]) if fields else float("nan")
        if time == time:
            return time
    return float("inf")


def _with_bars(time: float, fields: Sequence[str]) -> Row:
    """A row whose call id has bars in it: what comes before the queue of a known event."""
    place = next((i for i, each in enumerate(fields) if i >= 5 and each.strip() in EVENTS), 4)
    call = "|".join(fields[1 : place - 2])
    event = fields[place].strip()
    return Row(time, call, fields[place - 2], fields[place - 1], event, fields[place + 1 :])


def _split(line: str, delimiter: str) -> list[str]:
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _in_order(fields: Sequence[str], layout: Layout) -> tuple[list[str], list[str]]:
    """The five fields and the data; too few fields where a column is missing."""
    if len(fields) <= max(layout.places):
        return [], []
    data = ["" if fields[i] in NULLS else fields[i] for i in layout.data if i < len(fields)]
    if layout.bars and data:
        data = data[0].split("|")
    return [fields[i].strip() for i in layout.places], data


def _by_header(fields: Sequence[str], delimiter: str) -> Layout | None:
    place = {name.lower(): i for i, name in reversed(list(enumerate(fields)))}
    places = [
        next((place[name] for name in names if name in place), -1) for names in _NAMES.values()
    ]
    if -1 in places:
        return None
    numbered = tuple(place[f"data{i}"] for i in range(1, 10) if f"data{i}" in place)
    one = (place["data"],) if "data" in place else ()
    return Layout(delimiter, tuple(places), numbered or one, not numbered, True)


def _by_values(fields: Sequence[str], delimiter: str) -> Layout | None:
    """Of a table without a header, maybe with a number before the time."""
    for first in (0, 1):
        if len(fields) >= first + MOST_FIELDS and fields[first + 4] in EVENTS:
            clock = Clock(None)
            if clock.at(fields[first]) == clock.at(fields[first]):
                end = first + MOST_FIELDS
                data = tuple(range(end, end + 5))
                return Layout(delimiter, tuple(range(first, end)), data, False, False)
    return None
