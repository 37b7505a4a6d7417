"""Call records of FreeSWITCH as CSV, with the variables that mod_callcenter leaves in them."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from sim.calibration.formats.callcenter_events import REASONS
from sim.calibration.formats.files import LogFile
from sim.calibration.formats.stamps import Clock
from sim.calibration.formats.waits import LONG_CALL, MAX_CALL_ID, SAME_LINE
from sim.calibration.history import Outcome, Visit

NO_COLUMNS = "fewer fields than the header has"
NO_JOINING = "cc_queue_joined_epoch is no time"
WRONG_ORDER = "the wait ends before the call joins"
AGENT_LEG = "the agents' legs of calls"
NO_QUEUE = "calls that were in no queue"

DAMAGED = frozenset({NO_COLUMNS, NO_JOINING, WRONG_ORDER, LONG_CALL})

_QUEUE, _JOINED = "cc_queue", "cc_queue_joined_epoch"
_CALL = ("uuid", "call_uuid", "cc_member_session_uuid", "cc_member_uuid")
_END = ("end_epoch", "end_stamp")
_NONE = ("", "0", "NULL", r"\N")

Cells = dict[str, str]


def delimiter_of(head: str) -> str | None:
    """The delimiter of records whose first line is a header with a queue and a joining."""
    first = next((line for line in head.splitlines() if line.strip()), "")
    for delimiter in ",;\t|":
        if {_QUEUE, _JOINED} <= set(_names(first, delimiter)):
            return delimiter
    return None


def records(file: LogFile, delimiter: str) -> Iterator[tuple[int, str, Cells | str]]:
    """Each record's line and its number, and its cells by name, or why it can't be read."""
    names: list[str] = []
    for number, line in file.lines():
        if not line.strip():
            continue
        if not names:
            names = _names(line, delimiter)
            continue
        fields = _split(line, delimiter)
        if len(fields) < len(names):
            yield number, line, NO_COLUMNS
        else:
            yield number, line, dict(zip(names, map(_plain, fields), strict=False))


class Records:
    """Takes call records one after another and makes visits of them. `clock` reads their times."""

    def __init__(self, clock: Clock) -> None:
        self.visits: list[Visit] = []
        self._clock = clock
        self._seen: set[tuple[str, str, float]] = set()

    def take(self, cells: Mapping[str, str]) -> str | None:
        """One record; None, or the reason for which it is left out."""
        if cells.get("cc_side") == "agent":
            return AGENT_LEG
        queue = cells[_QUEUE]
        if queue in _NONE or cells[_JOINED] in _NONE:
            return NO_QUEUE
        joined_at = self._time(cells, _JOINED)
        if math.isnan(joined_at):
            return NO_JOINING
        call = next((cells[name] for name in _CALL if cells.get(name, "") not in _NONE), "")
        if len(call) > MAX_CALL_ID:
            return LONG_CALL
        key = (call, queue, joined_at)
        if call and key in self._seen:
            return SAME_LINE
        self._seen.add(key)
        return self._visit(cells, Visit(joined_at, queue, Outcome.OPEN, 0.0, call=call))

    def _visit(self, cells: Mapping[str, str], visit: Visit) -> str | None:
        """Times from before the joining were left by an earlier queue."""
        answered_at = self._time(cells, "cc_queue_answered_epoch")
        canceled_at = self._time(cells, "cc_queue_canceled_epoch")
        end_at = max((self._time(cells, name) for name in _END), key=_known)
        if answered_at >= visit.joined_at and not canceled_at > answered_at:
            visit.outcome = Outcome.ANSWERED
            visit.wait_s = answered_at - visit.joined_at
            over_at = self._time(cells, "cc_queue_terminated_epoch")
            over_at = over_at if over_at >= answered_at else end_at
            visit.talk_s = over_at - answered_at if over_at >= answered_at else math.nan
            agent = cells.get("cc_agent", "")
            visit.agent = None if agent in _NONE else agent
        elif canceled_at >= visit.joined_at:
            visit.outcome = REASONS.get(cells.get("cc_cancel_reason", ""), Outcome.LEFT)
            visit.wait_s = canceled_at - visit.joined_at
        elif answered_at == answered_at or canceled_at == canceled_at:
            return WRONG_ORDER
        elif end_at >= visit.joined_at:
            visit.wait_s = end_at - visit.joined_at
        self.visits.append(visit)
        return None

    def _time(self, cells: Mapping[str, str], name: str) -> float:
        text = cells.get(name, "")
        return math.nan if text in _NONE else self._clock.at(text)


def _known(at: float) -> float:
    return -math.inf if math.isnan(at) else at


def _names(line: str, delimiter: str) -> list[str]:
    """Columns' names, without what the template puts before a variable."""
    return [name.strip().lower().removeprefix("variable_") for name in _split(line, delimiter)]


def _plain(field: str) -> str:
    field = field.strip()
    return unquote(field, errors="replace") if "%" in field else field


def _split(line: str, delimiter: str) -> list[str]:
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
