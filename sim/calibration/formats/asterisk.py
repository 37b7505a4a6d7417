"""The queue log of Asterisk, and of what is built on it (FreePBX, Issabel, VICIdial, Wazo).

docs/convert-asterisk.md says what each event becomes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta, timezone, tzinfo

from sim.calibration.formats.ended_waits import Found, found_visits
from sim.calibration.formats.files import Asked, LogFile
from sim.calibration.formats.queue_events import DAMAGED, OTHER_EVENT, QueueEvents
from sim.calibration.formats.queue_rows import first_time, looks_like_file, rows, table_layout
from sim.calibration.formats.stamps import Clock
from sim.calibration.formats.tally import Tally
from sim.calibration.history import History, from_visits

TITLE = "Asterisk's queue_log, the file or its table as CSV"

QUARTER_S = 900
FURTHEST_ZONE_S = 14 * 3600
MAX_NAMED = 5
WITH_OFFSETS = 0.9
"""Share of calls that must have one offset for it to be that of the whole log."""

_UNIQUE_ID = re.compile(r"(?:^|-)(\d{9,10})\.\d+$")


def looks_like(head: str, name: str) -> bool:
    """Whether a file that begins so is a queue log."""
    return looks_like_file(head) or table_layout(head) is not None


def read(files: Sequence[LogFile], asked: Asked) -> History:
    """The visits and the agents' presence in a queue log.

    Files are taken in the order of their first times, so rotated ones may come in any. Times of a
    table that tell no zone are of the one that is asked for; without it, of the one that the call
    ids tell, which begin with POSIX seconds.

    Raises ScenarioError for a file that can't be read, and where most rows can't be or none is a
    call's.
    """
    tally = Tally(files, "asterisk", "lines of time|callid|queue|agent|EVENT|data, or their table")
    events = QueueEvents()
    clock = Clock(asked.zone)
    if any(file.queue is not None for file in files):
        tally.note("the log tells each call's queue: those before `=FILE` are not used")
    offsets: Counter[int] = Counter()
    for file in sorted(files, key=first_time):
        for number, line, row in rows(file, clock):
            tally.rows += 1
            if isinstance(row, str):
                tally.damaged(row, file, number, line)
                continue
            reason = events.take(row.at, row.call, row.queue, row.agent, row.event, row.data)
            if reason is not None:
                count = tally.damaged if reason in DAMAGED else tally.left_out
                count(reason, file, number, line)
            elif row.event == "ENTERQUEUE" and clock.n_without_zone:
                _count_offset(offsets, row.at, row.call)
    offset_s = _offset_s(offsets, tally, asked)
    found = found_visits(
        events.calls.values(),
        last_at=events.last_at,
        restarts=events.restarts,
        fine=clock.resolution_s < 1.0,
        shift_s=-offset_s,
    )
    queues = sorted({visit.queue for visit in found.visits})
    _tell(tally, found, events, queues)
    return from_visits(
        found.visits,
        tally.reading(len(found.visits)),
        zone=_zone(asked, offset_s),
        resolution_s=clock.resolution_s,
        presence=events.agents.spells.presence(queues, -offset_s),
        agents=events.agents.spells.agents(),
    )


def _zone(asked: Asked, offset_s: int) -> tzinfo:
    if asked.zone is None and offset_s:
        return timezone(timedelta(seconds=offset_s))
    return asked.zone_or_utc()


def _count_offset(offsets: Counter[int], at: float, call: str) -> None:
    unique = _UNIQUE_ID.search(call)
    if unique is not None:
        offsets[round((at - int(unique[1])) / QUARTER_S) * QUARTER_S] += 1


def _offset_s(offsets: Counter[int], tally: Tally, asked: Asked) -> int:
    """By how many seconds the clock of times without a zone is ahead of the call ids' UTC."""
    if not offsets:
        return 0
    offset_s, n = offsets.most_common(1)[0]
    if offset_s == 0:
        return 0
    ahead = timezone(timedelta(seconds=offset_s)) if abs(offset_s) <= FURTHEST_ZONE_S else None
    if ahead is None or asked.zone is not None:
        hours = offset_s / 3600
        tally.note(f"call ids tell that times are {hours:+g} h off: is --time-zone the log's?")
        return 0
    tally.note(f"times tell no zone; call ids tell that it is {ahead}, which was taken")
    if n < WITH_OFFSETS * offsets.total():
        tally.note(f"not all of the log's calls have {ahead}: name its zone with --time-zone")
    return offset_s


def _tell(tally: Tally, found: Found, events: QueueEvents, queues: Sequence[str]) -> None:
    """Counts what all lines together told."""
    for reason, n in found.left_out.items():
        tally.left_out(reason, tally.files[0], n=n)
    for what, n in found.odd.items():
        if n:
            tally.odd(what, tally.files[0], n=n)
    if events.other_events:
        names = ", ".join(name[:40] for name, _ in events.other_events.most_common(MAX_NAMED))
        tally.note(f"{OTHER_EVENT}, and were left out: {names}")
    if events.restarts:
        tally.note(f"the system started anew (QUEUESTART): {len(events.restarts)} times")
    if events.agents.n_lone_unpauses:
        n = events.agents.n_lone_unpauses
        tally.note(f"UNPAUSE of agents who were not paused, not taken as pauses: {n}")
    several = events.agents.names_written_differently()
    if several:
        names = ", ".join(several[:MAX_NAMED]) + (", ..." if len(several) > MAX_NAMED else "")
        tally.note(f"agents written in several ways (Agent/1, SIP/1, ...) taken as one: {names}")
    others = events.agents.spells.queues() - set(queues)
    if others:
        names = ", ".join(sorted(others)[:MAX_NAMED])
        tally.note(f"members of queues without calls were left out, of {len(others)}: {names}")
