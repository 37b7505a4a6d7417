"""The sums kept while a replication runs: all that the metrics need, in bounded memory.

Sums run call by call in the order in which calls leave, so a log kept or not, a block size or
an engine changes no bit of them. Which calls count: those that joined at or after the warm-up;
clock averages run from the warm-up to the horizon, over all calls present.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from sim.logs import CallLog, Cause, Outcome, SpellKind, SpellLog


class Count(IntEnum):
    """Columns of `Sums.counts`: whole numbers of calls, per queue."""

    BLOCKED = 0
    INCOMING = 1
    SERVICED = 2
    DONE = 3
    ABANDONED_TIMEOUT = 4
    ABANDONED_HANGUP = 5
    ABANDONED_ANNOUNCEMENT = 6
    ABANDONED_FLOW = 7
    OVERFLOWED = 8
    WAITING_AT_END = 9
    CONNECTING_AT_END = 10
    IN_SERVICE_AT_END = 11
    SERVICE_TIMEOUTS = 12
    RING_NO_ANSWER = 13
    RETRIES = 14
    ANSWERED_AT_ONCE = 15
    ANSWERED_IN_THRESHOLD = 16
    ABANDONED_IN_THRESHOLD = 17
    ABANDONED_SHORT = 18
    SERVICED_FIRST_ATTEMPT = 19
    ABANDONED_FIRST_ATTEMPT = 20


class Total(IntEnum):
    """Columns of `Sums.totals`: sums of seconds (or of their squares), per queue."""

    WAIT_ANSWERED = 0
    WAIT_ABANDONED = 1
    WAIT_SQUARED = 2
    SERVICE = 3
    HANDLE = 4
    QUEUE_TIME = 5


class AgentTotal(IntEnum):
    """Columns of `Sums.agents`: seconds of all agents of a group within the window."""

    CONNECTING = 0
    """From the last routing of a call to its answer, or to the caller's hanging up."""
    SERVICE = 1
    WRAP_UP = 2
    OVERTIME = 3
    RINGING = 4
    """Rings that nobody answered."""
    PENALTY = 5
    BREAK = 6
    ON_SHIFT = 7
    """Shifts without the days of absence; breaks and penalties are part of them."""


SPELL_TOTAL = {
    SpellKind.RINGING: AgentTotal.RINGING,
    SpellKind.PENALTY: AgentTotal.PENALTY,
    SpellKind.BREAK: AgentTotal.BREAK,
    SpellKind.OVERTIME: AgentTotal.OVERTIME,
}


BINS_PER_OCTAVE = 256
WAIT_BINS = 40 * BINS_PER_OCTAVE
"""Enough for waits up to 2^40 seconds."""
_ONE = 1023 * BINS_PER_OCTAVE


def wait_bin(wait: NDArray[np.float64]) -> NDArray[np.int64]:
    """The histogram bin of each wait: bins of 1/256 of the power of two below 1 + wait.

    So a bin is 4 ms wide at waits below a second, and at most 0.4 % of 1 s + wait everywhere.
    """
    return ((wait + 1.0).view(np.int64) >> 44) - _ONE


def bin_edges() -> NDArray[np.float64]:
    """The lower edges of all bins and the upper edge of the last, in seconds."""
    bits = (np.arange(WAIT_BINS + 1, dtype=np.int64) + _ONE) << 44
    return np.asarray(bits.view(np.float64) - 1.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the sums must know of the scenario: the window, the slots and the thresholds.

    `group_of` has an element per agent, `threshold_s` and `short_abandon_s` one per queue.
    `interval_s` is None when nothing by interval is wanted.
    """

    n_queues: int
    n_groups: int
    n_actions: int
    warmup_s: float
    horizon_s: float
    interval_s: float | None
    group_of: NDArray[np.int32]
    threshold_s: NDArray[np.float64]
    short_abandon_s: NDArray[np.float64]

    @property
    def n_slots(self) -> int:
        """Reporting intervals up to the horizon, the last one perhaps shorter."""
        if self.interval_s is None:
            return 0
        return max(1, int(np.ceil(self.horizon_s / self.interval_s - 1e-9)))

    def slot_edges(self) -> NDArray[np.float64]:
        """Interval edges, shape (n_slots + 1,), the last the horizon."""
        if self.interval_s is None:
            return np.empty(0)
        edges = np.arange(self.n_slots + 1.0) * self.interval_s
        edges[-1] = self.horizon_s
        return edges


@dataclass(frozen=True, slots=True)
class Sums:
    """One replication's sums. A trailing axis holds the columns named by the enumerations.

    `slot_*` hold the same by reporting interval (no slots: empty): counts and waits by the
    interval of arrival, queue time and busy time by the clock.

    Where there are `queues + 1` rows the last one holds what all calls together have beyond the
    sum of their queues: for them the wait of a call by overflow began in its first queue.
    """

    counts: NDArray[np.int64]
    """(queues + 1, Count)"""
    totals: NDArray[np.float64]
    """(queues + 1, Total)"""
    wait_max: NDArray[np.float64]
    """(queues + 1,): of the last row, the longest wait that began in another queue"""
    queue_peak: NDArray[np.int64]
    """(queues + 1,): the most waiting or connecting at once, the last for all queues."""
    waits: NDArray[np.int64]
    """(queues + 1, WAIT_BINS): waits of answered and abandoned calls"""
    served: NDArray[np.int64]
    """(queues, groups): calls answered"""
    agents: NDArray[np.float64]
    """(groups, AgentTotal)"""
    plays: NDArray[np.int64]
    """(actions of all flows, 3): started, completed, hang-ups"""
    slot_counts: NDArray[np.int64]
    """(queues + 1, slots, Count)"""
    slot_totals: NDArray[np.float64]
    """(queues + 1, slots, Total)"""
    slot_agents: NDArray[np.float64]
    """(groups, slots, AgentTotal)"""

    @classmethod
    def zero(cls, frame: Frame) -> Sums:
        q, g, s = frame.n_queues, frame.n_groups, frame.n_slots
        return cls(
            counts=np.zeros((q + 1, len(Count)), np.int64),
            totals=np.zeros((q + 1, len(Total))),
            wait_max=np.zeros(q + 1),
            queue_peak=np.zeros(q + 1, np.int64),
            waits=np.zeros((q + 1, WAIT_BINS), np.int64),
            served=np.zeros((q, g), np.int64),
            agents=np.zeros((g, len(AgentTotal))),
            plays=np.zeros((frame.n_actions, 3), np.int64),
            slot_counts=np.zeros((q + 1, s, len(Count)), np.int64),
            slot_totals=np.zeros((q + 1, s, len(Total))),
            slot_agents=np.zeros((g, s, len(AgentTotal))),
        )

    def same_as(self, other: Sums) -> bool:
        """Whether every number is the same, to the last bit."""
        return all(
            np.array_equal(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)
        )


def _ended(rows: CallLog) -> NDArray[np.float64]:
    """When each call's wait ended; NaN while it goes on."""
    return np.where(np.isnan(rows.answer), rows.leave, rows.answer)


class Tally:
    """Adds calls, in the order in which they leave, to the sums of a replication."""

    def __init__(self, frame: Frame, sums: Sums | None = None) -> None:
        self.frame = frame
        self.sums = Sums.zero(frame) if sums is None else sums
        self._edges = frame.slot_edges()

    def add(self, rows: CallLog) -> None:
        """Count these calls. All rows of a replication, in any number of blocks."""
        if not len(rows):
            return
        self._add_queue_time(rows, _ended(rows))
        self._add_agent_time(rows)
        self.add_calls(rows)

    def add_calls(self, rows: CallLog) -> None:
        """Count these calls and their waits, but nothing that goes by the clock: no queue lengths,
        no time of agents."""
        ended = _ended(rows)
        # A call that was answered before the start counts for its agent only.
        counted = self._counts(rows.arrival) & ~(rows.answer < 0.0)
        if not counted.all():
            rows = CallLog(*(getattr(rows, c.name)[counted] for c in fields(rows)))
            ended = ended[counted]
        if len(rows):
            self._add_calls(rows, ended)

    def _counts(self, arrival: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which calls count, by their joining: all if there is no warm-up, also those that were
        there at the start."""
        if self.frame.warmup_s > 0.0:
            return arrival >= self.frame.warmup_s
        return np.ones(arrival.shape, np.bool_)

    def _add_calls(self, rows: CallLog, ended: NDArray[np.float64]) -> None:
        f, q, outcome = self.frame, rows.queue, rows.outcome
        answered = ~np.isnan(rows.answer)
        done = outcome == Outcome.DONE
        abandoned = outcome == Outcome.ABANDONED
        first = rows.attempt == 1
        # A deadline is joining + timeout: compared like this, a threshold of the same length holds.
        in_threshold = ended <= rows.arrival + f.threshold_s[q]
        short = ended <= rows.arrival + f.short_abandon_s[q]
        wait = ended - rows.arrival
        kinds: list[tuple[Count, NDArray[np.bool_]]] = [
            (Count.BLOCKED, outcome == Outcome.BLOCKED),
            (Count.INCOMING, outcome != Outcome.BLOCKED),
            (Count.SERVICED, answered),
            (Count.DONE, done),
            (Count.ABANDONED_TIMEOUT, rows.cause == Cause.TIMEOUT),
            (Count.ABANDONED_HANGUP, rows.cause == Cause.HANGUP),
            (Count.ABANDONED_ANNOUNCEMENT, rows.cause == Cause.ANNOUNCEMENT),
            (Count.ABANDONED_FLOW, rows.cause == Cause.FLOW),
            (Count.OVERFLOWED, outcome == Outcome.OVERFLOWED),
            (Count.WAITING_AT_END, outcome == Outcome.WAITING),
            (Count.CONNECTING_AT_END, outcome == Outcome.CONNECTING),
            (Count.IN_SERVICE_AT_END, outcome == Outcome.SERVICE),
            (Count.SERVICE_TIMEOUTS, rows.cut),
            (Count.RETRIES, (rows.attempt > 1) & (outcome != Outcome.BLOCKED)),
            (Count.ANSWERED_AT_ONCE, answered & (rows.answer == rows.arrival)),
            (Count.ANSWERED_IN_THRESHOLD, answered & in_threshold),
            (Count.ABANDONED_IN_THRESHOLD, abandoned & in_threshold),
            (Count.ABANDONED_SHORT, abandoned & short),
            (Count.SERVICED_FIRST_ATTEMPT, answered & first),
            (Count.ABANDONED_FIRST_ATTEMPT, abandoned & first),
        ]
        s = self.sums
        ends = answered | abandoned
        handle = rows.service + rows.wrap_up
        seconds: list[tuple[Total, NDArray[np.bool_], NDArray[np.float64]]] = [
            (Total.WAIT_ANSWERED, answered, wait),
            (Total.WAIT_ABANDONED, abandoned, wait),
            (Total.WAIT_SQUARED, ends, wait * wait),
            (Total.SERVICE, done, rows.service),
            (Total.HANDLE, done, handle),
        ]
        for kind, mask in kinds:
            s.counts[:-1, kind] += np.bincount(q[mask], minlength=f.n_queues)
        for total, mask, value in seconds:
            np.add.at(s.totals[:, total], q[mask], value[mask])
        np.maximum.at(s.wait_max, q[ends], wait[ends])
        np.add.at(s.waits, (q[ends], wait_bin(np.ascontiguousarray(wait[ends]))), 1)
        np.add.at(s.served, (q[answered], f.group_of[rows.agent[answered]]), 1)
        if f.interval_s is not None:
            slot = self._slot(rows.arrival)
            for kind, mask in kinds:
                np.add.at(s.slot_counts[:, :, kind], (q[mask], slot[mask]), 1)
            for total, mask, value in seconds:
                np.add.at(s.slot_totals[:, :, total], (q[mask], slot[mask]), value[mask])
        longer = ends & (rows.first_arrival < rows.arrival)
        if longer.any():
            self._add_longer(
                CallLog(*(getattr(rows, c.name)[longer] for c in fields(rows))), ended[longer]
            )

    def _add_longer(self, rows: CallLog, ended: NDArray[np.float64]) -> None:
        """Calls by overflow that were answered or abandoned: what all calls together have beyond
        the sum of their queues, since for them the wait began in the first queue."""
        f, s, q = self.frame, self.sums, rows.queue
        answered = ~np.isnan(rows.answer)
        own, whole = ended - rows.arrival, ended - rows.first_arrival
        late = (ended <= rows.arrival + f.threshold_s[q]) & ~(
            ended <= rows.first_arrival + f.threshold_s[q]
        )
        late_short = (ended <= rows.arrival + f.short_abandon_s[q]) & ~(
            ended <= rows.first_arrival + f.short_abandon_s[q]
        )
        fewer: list[tuple[Count, NDArray[np.bool_]]] = [
            (Count.ANSWERED_AT_ONCE, answered & (rows.answer == rows.arrival)),
            (Count.ANSWERED_IN_THRESHOLD, answered & late),
            (Count.ABANDONED_IN_THRESHOLD, ~answered & late),
            (Count.ABANDONED_SHORT, ~answered & late_short),
        ]
        more: list[tuple[Total, NDArray[np.bool_], NDArray[np.float64]]] = [
            (Total.WAIT_ANSWERED, answered, whole - own),
            (Total.WAIT_ABANDONED, ~answered, whole - own),
            (Total.WAIT_SQUARED, np.ones(len(rows), np.bool_), whole * whole - own * own),
        ]
        row = np.full(len(rows), f.n_queues)
        for kind, mask in fewer:
            s.counts[-1, kind] -= np.count_nonzero(mask)
        for total, mask, value in more:
            np.add.at(s.totals[:, total], row[mask], value[mask])
        s.wait_max[-1] = max(s.wait_max[-1], whole.max())
        np.add.at(s.waits[-1], wait_bin(np.ascontiguousarray(own)), -1)
        np.add.at(s.waits[-1], wait_bin(np.ascontiguousarray(whole)), 1)
        if f.interval_s is not None:
            slot = self._slot(rows.arrival)
            for kind, mask in fewer:
                np.add.at(s.slot_counts[:, :, kind], (row[mask], slot[mask]), -1)
            for total, mask, value in more:
                np.add.at(s.slot_totals[:, :, total], (row[mask], slot[mask]), value[mask])

    def _add_queue_time(self, rows: CallLog, ended: NDArray[np.float64]) -> None:
        joined = rows.outcome != Outcome.BLOCKED
        until = np.where(np.isnan(ended), np.inf, ended)
        self._add_spells(
            self.sums.totals[:, Total.QUEUE_TIME],
            self.sums.slot_totals[:, :, Total.QUEUE_TIME],
            rows.queue[joined],
            rows.arrival[joined],
            until[joined],
        )

    def _add_agent_time(self, rows: CallLog) -> None:
        has_agent = rows.agent >= 0
        group = self.frame.group_of[rows.agent[has_agent]]
        routed, answer = rows.routed[has_agent], rows.answer[has_agent]
        leave, wrap_up = rows.leave[has_agent], rows.wrap_up[has_agent]
        never = np.inf
        leave_at = np.where(np.isnan(leave), never, leave)
        answer_at = np.where(np.isnan(answer), leave_at, answer)
        free_at = leave_at + np.where(np.isnan(wrap_up), 0.0, wrap_up)
        for column, from_s, to_s in (
            (AgentTotal.CONNECTING, routed, answer_at),
            (AgentTotal.SERVICE, answer_at, leave_at),
            (AgentTotal.WRAP_UP, leave_at, free_at),
        ):
            self._add_spells(
                self.sums.agents[:, column],
                self.sums.slot_agents[:, :, column],
                group,
                from_s,
                to_s,
            )

    def add_spells(self, spells: SpellLog) -> None:
        """Count these spells. All of a replication, in the order in which they end."""
        if not len(spells):
            return
        self.add_spell_time(spells)
        f, s = self.frame, self.sums
        rings = spells.kind == SpellKind.RINGING
        rings[rings] = self._counts(spells.arrival[rings])
        if rings.any():
            q = spells.queue[rings]
            s.counts[:-1, Count.RING_NO_ANSWER] += np.bincount(q, minlength=f.n_queues)
            if f.interval_s is not None:
                slot = self._slot(spells.arrival[rings])
                np.add.at(s.slot_counts[:, :, Count.RING_NO_ANSWER], (q, slot), 1)

    def add_spell_time(self, spells: SpellLog) -> None:
        """Count the agents' time in these spells, but no calls."""
        for kind, column in SPELL_TOTAL.items():
            mine = spells.kind == kind
            if mine.any():
                self._add_spells(
                    self.sums.agents[:, column],
                    self.sums.slot_agents[:, :, column],
                    self.frame.group_of[spells.agent[mine]],
                    spells.from_s[mine],
                    spells.to_s[mine],
                )

    def add_shifts(
        self, agent: NDArray[np.int64], from_s: NDArray[np.float64], to_s: NDArray[np.float64]
    ) -> None:
        """Count the agents' time on shift; `to_s` may be infinite."""
        self._add_spells(
            self.sums.agents[:, AgentTotal.ON_SHIFT],
            self.sums.slot_agents[:, :, AgentTotal.ON_SHIFT],
            self.frame.group_of[agent],
            from_s,
            to_s,
        )

    def _add_spells(
        self,
        whole: NDArray[np.float64],
        by_slot: NDArray[np.float64],
        who: NDArray[np.int32],
        from_s: NDArray[np.float64],
        to_s: NDArray[np.float64],
    ) -> None:
        """Add the part of each spell that lies within the window, in all and by slot."""
        start = np.maximum(from_s, self.frame.warmup_s)
        end = np.minimum(to_s, self.frame.horizon_s)
        some = end > start
        who, start, end = who[some], start[some], end[some]
        np.add.at(whole, who, end - start)
        if self.frame.interval_s is None or not who.size:
            return
        for w, a, b, i, j in zip(
            who.tolist(),
            start.tolist(),
            end.tolist(),
            self._slot(start).tolist(),
            self._slot(end).tolist(),
            strict=True,
        ):
            for slot in range(i, j + 1):
                piece = min(b, self._edges[slot + 1]) - max(a, self._edges[slot])
                if piece > 0.0:
                    by_slot[w, slot] += piece

    def _slot(self, at: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.clip(
            np.searchsorted(self._edges, at, side="right") - 1, 0, self.frame.n_slots - 1
        )
