"""The call centre of FreeSWITCH (mod_callcenter): its events, or its variables in call records.

docs/convert-freeswitch.md says what each event becomes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.calibration.formats import callcenter_cdr, callcenter_events
from sim.calibration.formats.callcenter_cdr import Records, delimiter_of, records
from sim.calibration.formats.callcenter_events import CallcenterEvents
from sim.calibration.formats.ended_waits import found_visits
from sim.calibration.formats.event_blocks import events, is_json
from sim.calibration.formats.files import Asked, LogFile
from sim.calibration.formats.stamps import Clock
from sim.calibration.formats.tally import Tally
from sim.calibration.history import History, from_visits

TITLE = "FreeSWITCH's mod_callcenter, events or call records with its variables"

_LOOKED_FOR = "events of callcenter::info, as headers or as JSON, or records with cc_queue"
_MARKS = ("callcenter::info", "CC-Action", "Event-Date-Timestamp")


def looks_like(head: str, name: str) -> bool:
    """Whether a file that begins so has FreeSWITCH's events, or its variables in its header."""
    if delimiter_of(head) is not None:
        return True
    begins = [line for line in head.splitlines() if line.strip()][:200]
    if is_json(head):
        return any(f'"{mark}"' in line for line in begins for mark in _MARKS)
    return any(
        line.startswith((f"{mark}:", "Event-Subclass: callcenter"))
        for line in begins
        for mark in _MARKS
    )


def read(files: Sequence[LogFile], asked: Asked) -> History:
    """The visits in a log of FreeSWITCH's call centre, and from events the agents' presence.

    Raises ScenarioError for a file that can't be read, and where most of it can't be or none of
    it is a call's.
    """
    tally = Tally(files, "freeswitch", _LOOKED_FOR)
    clock = Clock(asked.zone)
    if any(file.queue is not None for file in files):
        tally.note("the log tells each call's queue: those before `=FILE` are not used")
    of_records = Records(clock)
    of_events = CallcenterEvents(clock)
    for file in sorted(files, key=_first_time):
        delimiter = delimiter_of(file.head)
        if delimiter is not None:
            _read_records(file, delimiter, of_records, tally)
        else:
            _read_events(file, of_events, tally)
    found = found_visits(
        of_events.members.values(),
        last_at=of_events.last_at,
        restarts=of_events.restarts,
        fine=True,
    )
    for reason, n in found.left_out.items():
        tally.left_out(reason, files[0], n=n)
    for what, n in found.odd.items():
        if n:
            tally.odd(what, files[0], n=n)
    visits = [*found.visits, *of_records.visits]
    spells = of_events.spells
    return from_visits(
        visits,
        tally.reading(len(visits)),
        zone=asked.zone_or_utc(),
        resolution_s=1.0 if of_events.n_whole_seconds else clock.resolution_s,
        presence=spells.presence(sorted({visit.queue for visit in visits})),
        agents=spells.agents(),
    )


def _first_time(file: LogFile) -> float:
    """When the first of the file's events was made; infinity if it has none that tells."""
    if delimiter_of(file.head) is None:
        of_events = CallcenterEvents(Clock(None))
        for _, _, headers in events(file):
            at = math.nan if isinstance(headers, str) else of_events.time_of(headers)
            if at == at:
                return at
    return math.inf


def _read_records(file: LogFile, delimiter: str, taken: Records, tally: Tally) -> None:
    for number, line, cells in records(file, delimiter):
        tally.rows += 1
        reason = cells if isinstance(cells, str) else taken.take(cells)
        if reason is not None:
            is_damage = reason in callcenter_cdr.DAMAGED
            (tally.damaged if is_damage else tally.left_out)(reason, file, number, line)


def _read_events(file: LogFile, taken: CallcenterEvents, tally: Tally) -> None:
    for number, line, headers in events(file):
        tally.rows += 1
        reason = headers if isinstance(headers, str) else taken.take(headers)
        if reason is not None:
            is_damage = isinstance(headers, str) or reason in callcenter_events.DAMAGED
            (tally.damaged if is_damage else tally.left_out)(reason, file, number, line)
