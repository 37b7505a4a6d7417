"""The history: what a real log tells of its calls, whatever system wrote it.

A log is read into a `History` by a reader of its format; what is fitted, simulated beside it or
written as a table knows only this. One row is one visit of a call to one queue.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]

DAY_S = 86_400.0


class Outcome(IntEnum):
    """How a visit to a queue ended."""

    ANSWERED = 0
    ABANDONED = 1
    """The caller hung up while waiting, also while a phone rang."""
    TIMEOUT = 2
    """The queue's own timeout ended the wait: patience is known to exceed it."""
    LEFT = 3
    """The wait ended otherwise (a key, no agents, moved on): patience exceeds it."""
    BLOCKED = 4
    """Refused at the door: the queue was full or closed. The call never waited."""
    OPEN = 5
    """The log ends, or loses the call, before the wait does: waited at least so long."""


WAITED = (Outcome.ANSWERED, Outcome.ABANDONED, Outcome.TIMEOUT, Outcome.LEFT)
"""Visits whose wait is known to have ended."""


@dataclass(frozen=True)
class Reading:
    """What became of a log's rows: none is lost silently.

    `dropped` counts rows, or calls, left out, by the reason; `notes` are sentences about what is
    odd in what was kept.
    """

    source: str
    format: str
    rows: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Presence:
    """When agents were logged in, and when they paused, where the log tells: spells, sorted.

    `agent` are codes into the history's `agents`; `from_at` and `to_at` POSIX seconds (NaN: from
    before the log began, or until after it ended); `paused` tells pauses from being on duty.
    `queue` is the queue whose member the agent was, -1 for all.
    """

    agent: Codes
    queue: Codes
    from_at: Floats
    to_at: Floats
    paused: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class History:
    """Visits to queues in the order in which they joined; arrays of one length.

    `joined_at` is in POSIX seconds, `zone` the clock on which days and intervals are told;
    `wait_s` from joining to the end of waiting, ringing included (of an OPEN visit what is known
    of it, 0 of a BLOCKED one); `ring_s` the part of it for which the answering agent's phone rang,
    `talk_s` from the answer to the end, `wrap_up_s` the work after it: NaN where there was none or
    the log does not tell. `agent` and `queue` are codes into `agents` and `queues`, -1 for none.
    `resolution_s` is the clock's step: 1 for a log of whole seconds.
    """

    joined_at: Floats
    queue: Codes
    outcome: NDArray[np.int8]
    wait_s: Floats
    ring_s: Floats
    talk_s: Floats
    wrap_up_s: Floats
    agent: Codes
    priority: NDArray[np.int32]
    call: NDArray[np.str_]
    queues: tuple[str, ...]
    agents: tuple[str, ...]
    reading: Reading
    zone: tzinfo = UTC
    resolution_s: float = 1.0
    presence: Presence | None = None

    def __len__(self) -> int:
        return len(self.joined_at)

    def where(self, kept: NDArray[Any]) -> History:
        """The visits that a mask, or a list of places, keeps."""
        rows = {name: getattr(self, name)[kept] for name in ROWS}
        return replace(self, **rows)

    def of_queue(self, name: str) -> History:
        """The visits to one queue. Raises KeyError for a queue that the log does not have."""
        if name not in self.queues:
            raise KeyError(name)
        return self.where(self.queue == self.queues.index(name))

    def answered(self) -> NDArray[np.bool_]:
        """Which visits an agent answered."""
        return np.equal(self.outcome, Outcome.ANSWERED)

    def waited(self) -> NDArray[np.bool_]:
        """Which visits joined and are known to have ended their wait."""
        return np.isin(self.outcome, WAITED)

    def days(self) -> tuple[NDArray[np.int64], Floats]:
        """The local day of each visit, as a proleptic ordinal, and the clock time in it, seconds.

        A day that is not 24 hours long (clocks put forward or back) keeps its clock times.
        """
        offset = clock_offsets(self.joined_at, self.zone)
        local = self.joined_at + offset
        day = np.floor(local / DAY_S)
        return (day + EPOCH).astype(np.int64), local - day * DAY_S

    def first_day(self) -> date:
        """The local day of the first visit. Raises ValueError for a history without any."""
        if not len(self):
            raise ValueError("the log has no calls")
        return datetime.fromtimestamp(float(self.joined_at[0]), self.zone).date()

    def last_day(self) -> date:
        """The local day of the last visit. Raises ValueError for a history without any."""
        if not len(self):
            raise ValueError("the log has no calls")
        return datetime.fromtimestamp(float(self.joined_at[-1]), self.zone).date()


EPOCH = date(1970, 1, 1).toordinal()
ROWS = (
    "joined_at",
    "queue",
    "outcome",
    "wait_s",
    "ring_s",
    "talk_s",
    "wrap_up_s",
    "agent",
    "priority",
    "call",
)


@dataclass
class Visit:
    """One visit as a reader finds it; what it does not tell stays as it is here."""

    joined_at: float
    queue: str
    outcome: Outcome
    wait_s: float
    ring_s: float = np.nan
    talk_s: float = np.nan
    wrap_up_s: float = np.nan
    agent: str | None = None
    priority: int = 0
    call: str = ""


def from_visits(
    visits: Iterable[Visit],
    reading: Reading,
    *,
    zone: tzinfo = UTC,
    resolution_s: float = 1.0,
    presence: Presence | None = None,
    agents: tuple[str, ...] = (),
) -> History:
    """A history of visits in any order; queues and agents in the order of their names.

    Visits of one instant keep the order in which they come. `agents` are names that `presence`
    has codes of; agents that only answered calls follow them.
    """
    given = list(visits)
    order = sorted(range(len(given)), key=lambda i: given[i].joined_at)
    rows = [given[i] for i in order]
    queues = tuple(sorted({v.queue for v in rows}))
    more = sorted({v.agent for v in rows if v.agent is not None} - set(agents))
    names = (*agents, *more)
    queue_code = {name: i for i, name in enumerate(queues)}
    agent_code: dict[str | None, int] = {None: -1, **{name: i for i, name in enumerate(names)}}
    return History(
        joined_at=np.array([v.joined_at for v in rows], np.float64),
        queue=np.array([queue_code[v.queue] for v in rows], np.int32),
        outcome=np.array([v.outcome for v in rows], np.int8),
        wait_s=np.array([v.wait_s for v in rows], np.float64),
        ring_s=np.array([v.ring_s for v in rows], np.float64),
        talk_s=np.array([v.talk_s for v in rows], np.float64),
        wrap_up_s=np.array([v.wrap_up_s for v in rows], np.float64),
        agent=np.array([agent_code[v.agent] for v in rows], np.int32),
        priority=np.array([v.priority for v in rows], np.int32),
        call=np.array([v.call for v in rows], np.str_),
        queues=queues,
        agents=names,
        reading=reading,
        zone=zone,
        resolution_s=resolution_s,
        presence=presence,
    )


def clock_offsets(at: Floats, zone: tzinfo) -> Floats:
    """What to add to POSIX seconds for the zone's clock; asked once for each quarter of an hour,
    the step in which zones change."""
    quarters, back = np.unique(np.floor(at / 900.0), return_inverse=True)
    found = [_offset(float(q) * 900.0, zone) for q in quarters]
    return np.array(found, np.float64)[back] if len(found) else np.zeros(0)


def _offset(at: float, zone: tzinfo) -> float:
    offset = datetime.fromtimestamp(at, zone).utcoffset()
    return (offset or timedelta(0)).total_seconds()
