"""Adding a call to the sums as it leaves: the compiled twin of `sim.sums.Tally`.

Counts that follow from others (`incoming`, `serviced`) are left to `complete`, once at the end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.engine.kernel.records import Floats, Longs, Number, Records
from sim.jit import inlined, part
from sim.logs import Cause, Outcome
from sim.sums import BINS_PER_OCTAVE, AgentTotal, Count, Total

_BIN_SHIFT = 53 - BINS_PER_OCTAVE.bit_length()
_ONE = 1023 * BINS_PER_OCTAVE

_DONE, _BLOCKED = int(Count.DONE), int(Count.BLOCKED)
_IN_SERVICE = int(Count.IN_SERVICE_AT_END)
_CUT, _AT_ONCE = int(Count.SERVICE_TIMEOUTS), int(Count.ANSWERED_AT_ONCE)
_IN_THRESHOLD = int(Count.ANSWERED_IN_THRESHOLD)
_LOST_IN_THRESHOLD, _LOST_SOON = int(Count.ABANDONED_IN_THRESHOLD), int(Count.ABANDONED_SHORT)
_LOST = int(Count.ABANDONED_TIMEOUT) - int(Cause.TIMEOUT)
_AT_END = int(Count.WAITING_AT_END) - int(Outcome.WAITING)
_WAIT_ANSWERED, _WAIT_ABANDONED = int(Total.WAIT_ANSWERED), int(Total.WAIT_ABANDONED)
_SQUARED, _SERVICE, _HANDLE = int(Total.WAIT_SQUARED), int(Total.SERVICE), int(Total.HANDLE)
_QUEUE_TIME = int(Total.QUEUE_TIME)
_CONNECTING, _TALKING = int(AgentTotal.CONNECTING), int(AgentTotal.SERVICE)
_WRAPPING = int(AgentTotal.WRAP_UP)
_O_BLOCKED, _O_ABANDONED = int(Outcome.BLOCKED), int(Outcome.ABANDONED)
_O_OVERFLOWED, _OVERFLOWED = int(Outcome.OVERFLOWED), int(Count.OVERFLOWED)
_SERVICED_FIRST = int(Count.SERVICED_FIRST_ATTEMPT)
_LOST_FIRST = int(Count.ABANDONED_FIRST_ATTEMPT)
_RETRIES, _NO_ANSWER = int(Count.RETRIES), int(Count.RING_NO_ANSWER)


class KernelSums(NamedTuple):
    """The arrays of `sim.sums.Sums` that the engine adds to, and the edges of the slots."""

    counts: Longs
    totals: Floats
    wait_max: Floats
    waits: Longs
    served: Longs
    agents: Floats
    plays: Longs
    slot_counts: Longs
    slot_totals: Floats
    slot_agents: Floats
    edges: Floats


@inlined
def slot_of(edges: Floats, at: float) -> int:
    """The reporting interval that holds `at`; the last one for all that comes later."""
    low, high = 0, edges.size - 2
    while low < high:
        middle = (low + high + 1) >> 1
        if edges[middle] <= at:
            low = middle
        else:
            high = middle - 1
    return low


@inlined
def add_spell(
    frame: Records, edges: Floats, whole: Floats, by_slot: Floats, row: Number, column: int,
    from_s: float, to_s: float, whole_model: bool,
) -> None:  # fmt: skip
    """Add what lies within the window of a spell, in all and by slot."""
    start = from_s if from_s > frame.warmup else frame.warmup
    end = to_s if to_s < frame.horizon else frame.horizon
    if end > start:
        whole[np.uint64(row), column] += end - start
        if whole_model and edges.size:
            for slot in range(slot_of(edges, start), slot_of(edges, end) + 1):
                low, high = edges[slot], edges[slot + 1]
                piece = (end if end < high else high) - (start if start > low else low)
                if piece > 0.0:
                    by_slot[row, slot, column] += piece


@inlined
def add_wait(sums: KernelSums, q: Number, wait: float) -> None:
    """A wait that has ended: its square, its place in the histogram, whether it is the longest."""
    sums.totals[np.uint64(q), _SQUARED] += wait * wait
    if wait > sums.wait_max[np.uint64(q)]:
        sums.wait_max[np.uint64(q)] = wait
    place = (np.float64(wait + 1.0).view(np.int64) >> _BIN_SHIFT) - _ONE
    sums.waits[np.uint64(q), np.uint64(place)] += 1


@inlined
def add_answered(
    frame: Records, sums: KernelSums, queue: Records, agent: Records, leave: float, done: bool,
    whole: bool, full: bool,
) -> None:  # fmt: skip
    """An agent's call that was answered: it is done, or at the end in service (`leave` infinite).

    `agent.service` is the length of the service as it happened. Without `whole`, nothing is
    wanted by interval, and nobody is reserved before the answer; without `full`, all calls are
    the workload's.
    """
    q, group = np.uint64(agent.queue), np.uint64(agent.group)
    arrival, answer = agent.arrival, agent.answer
    wait = answer - arrival
    edges = sums.edges
    if wait > 0.0:
        add_spell(
            frame, edges, sums.totals, sums.slot_totals, q, _QUEUE_TIME, arrival, answer, whole
        )
        if whole and answer > agent.routed:
            add_spell(
                frame, edges, sums.agents, sums.slot_agents, group, _CONNECTING, agent.routed,
                answer, whole,
            )  # fmt: skip
    add_spell(frame, edges, sums.agents, sums.slot_agents, group, _TALKING, answer, leave, whole)
    wrap_up = agent.wrap_up
    if done and wrap_up > 0.0:
        add_spell(
            frame, edges, sums.agents, sums.slot_agents, group, _WRAPPING, leave, leave + wrap_up,
            whole,
        )  # fmt: skip
    if arrival < frame.counted_from or (full and answer < 0.0):
        return
    kind = _DONE if done else _IN_SERVICE
    cut = done and agent.cut
    at_once = answer == arrival
    within = answer <= arrival + queue.threshold
    counts = sums.counts[q]
    counts[kind] += 1
    counts[_CUT] += cut
    counts[_IN_THRESHOLD] += within
    if at_once:
        counts[_AT_ONCE] += 1
        sums.waits[q, 0] += 1
    else:
        sums.totals[q, _WAIT_ANSWERED] += wait
        add_wait(sums, q, wait)
    sums.served[q, group] += 1
    if done:
        sums.totals[q, _SERVICE] += agent.service
        sums.totals[q, _HANDLE] += agent.service + wrap_up
    if full:
        first = agent.attempt == 1
        counts[_SERVICED_FIRST] += first
        counts[_RETRIES] += not first
    if whole and edges.size:
        slot = slot_of(edges, arrival)
        sums.slot_counts[q, slot, kind] += 1
        sums.slot_counts[q, slot, _CUT] += cut
        sums.slot_counts[q, slot, _AT_ONCE] += at_once
        sums.slot_counts[q, slot, _IN_THRESHOLD] += within
        sums.slot_totals[q, slot, _WAIT_ANSWERED] += wait
        sums.slot_totals[q, slot, _SQUARED] += wait * wait
        if done:
            sums.slot_totals[q, slot, _SERVICE] += agent.service
            sums.slot_totals[q, slot, _HANDLE] += agent.service + wrap_up
        if full:
            sums.slot_counts[q, slot, _SERVICED_FIRST] += first
            sums.slot_counts[q, slot, _RETRIES] += not first


@part
def add_answered_longer(
    frame: Records, sums: KernelSums, queue: Records, agent: Records
) -> None:  # fmt: skip
    """What `add_answered` does not know of a call: that its wait began in another queue."""
    arrival, answer = agent.arrival, agent.answer
    counts = arrival >= frame.counted_from and answer >= 0.0
    if counts and agent.first_arrival < arrival:
        at_once = answer == arrival
        add_longer(sums, queue, arrival, agent.first_arrival, answer, True, at_once)


@part
def add_longer(
    sums: KernelSums, queue: Records, arrival: float, first_arrival: float, ended: float,
    answered: bool, at_once: bool,
) -> None:  # fmt: skip
    """A call by overflow: what all calls together have beyond the sum of their queues, since for
    them the wait began in the first queue."""
    last = sums.counts.shape[0] - 1
    own, whole = ended - arrival, ended - first_arrival
    late = ended <= arrival + queue.threshold and not ended <= first_arrival + queue.threshold
    short = queue.short_abandon
    late_short = ended <= arrival + short and not ended <= first_arrival + short
    total = _WAIT_ANSWERED if answered else _WAIT_ABANDONED
    squares = whole * whole - own * own
    sums.totals[last, total] += whole - own
    sums.totals[last, _SQUARED] += squares
    sums.wait_max[last] = max(sums.wait_max[last], whole)
    sums.waits[last, (np.float64(own + 1.0).view(np.int64) >> _BIN_SHIFT) - _ONE] -= 1
    sums.waits[last, (np.float64(whole + 1.0).view(np.int64) >> _BIN_SHIFT) - _ONE] += 1
    sums.counts[last, _AT_ONCE] -= at_once
    sums.counts[last, _IN_THRESHOLD if answered else _LOST_IN_THRESHOLD] -= late
    sums.counts[last, _LOST_SOON] -= late_short and not answered
    if sums.edges.size:
        slot = slot_of(sums.edges, arrival)
        sums.slot_totals[last, slot, total] += whole - own
        sums.slot_totals[last, slot, _SQUARED] += squares
        sums.slot_counts[last, slot, _AT_ONCE] -= at_once
        sums.slot_counts[last, slot, _IN_THRESHOLD if answered else _LOST_IN_THRESHOLD] -= late
        sums.slot_counts[last, slot, _LOST_SOON] -= late_short and not answered


@part
def add_unanswered(
    frame: Records, sums: KernelSums, queue: Records, q: Number, group: int, arrival: float,
    routed: float, leave: float, outcome: int, cause: int, whole: bool,
) -> None:  # fmt: skip
    """A call that was not answered: blocked, abandoned, overflowed, or still there (`leave`
    infinite).

    `group` is that of the agent who was reserved for it, or -1.
    """
    edges = sums.edges
    if outcome != _O_BLOCKED:
        add_spell(
            frame, edges, sums.totals, sums.slot_totals, q, _QUEUE_TIME, arrival, leave, whole
        )
    if whole and group >= 0:
        add_spell(
            frame, edges, sums.agents, sums.slot_agents, group, _CONNECTING, routed, leave, whole
        )
    if arrival < frame.counted_from:
        return
    wait = leave - arrival
    lost = outcome == _O_ABANDONED
    within = lost and leave <= arrival + queue.threshold
    soon = lost and leave <= arrival + queue.short_abandon
    if lost:
        kind = _LOST + cause
        sums.counts[q, _LOST_IN_THRESHOLD] += within
        sums.counts[q, _LOST_SOON] += soon
        sums.totals[q, _WAIT_ABANDONED] += wait
        add_wait(sums, q, wait)
    elif outcome == _O_BLOCKED:
        kind = _BLOCKED
    elif outcome == _O_OVERFLOWED:
        kind = _OVERFLOWED
    else:
        kind = _AT_END + outcome
    sums.counts[q, kind] += 1
    if whole and edges.size:
        slot = slot_of(edges, arrival)
        sums.slot_counts[q, slot, kind] += 1
        if lost:
            sums.slot_counts[q, slot, _LOST_IN_THRESHOLD] += within
            sums.slot_counts[q, slot, _LOST_SOON] += soon
            sums.slot_totals[q, slot, _WAIT_ABANDONED] += wait
            sums.slot_totals[q, slot, _SQUARED] += wait * wait


@part
def add_chained(
    frame: Records, sums: KernelSums, queue: Records, q: Number, call: Records, leave: float,
    outcome: int,
) -> None:  # fmt: skip
    """What `add_unanswered` does not know of a call: its attempt, and where its wait began."""
    arrival = call.arrival
    if arrival < frame.counted_from or outcome == _O_BLOCKED:
        return
    lost = outcome == _O_ABANDONED
    again = call.attempt > 1
    sums.counts[q, _RETRIES] += again
    sums.counts[q, _LOST_FIRST] += lost and not again
    if sums.edges.size:
        slot = slot_of(sums.edges, arrival)
        sums.slot_counts[q, slot, _RETRIES] += again
        sums.slot_counts[q, slot, _LOST_FIRST] += lost and not again
    if lost and call.first_arrival < arrival:
        add_longer(sums, queue, arrival, call.first_arrival, leave, False, False)


@part
def add_no_answer(frame: Records, sums: KernelSums, q: Number, arrival: float) -> None:
    """A phone that rang for a call of queue `q` was not answered."""
    if arrival >= frame.counted_from:
        sums.counts[q, _NO_ANSWER] += 1
        if sums.edges.size:
            sums.slot_counts[q, slot_of(sums.edges, arrival), _NO_ANSWER] += 1


def complete(counts: Longs, *, first_attempts: bool) -> None:
    """Fill in the counts that follow from the others; `counts` (..., Count), in place.

    `first_attempts`: whether those of first attempts follow too, since there is no other.
    """
    lost = [Count.ABANDONED_TIMEOUT, Count.ABANDONED_HANGUP, Count.ABANDONED_ANNOUNCEMENT,
            Count.ABANDONED_FLOW]  # fmt: skip
    abandoned = counts[..., lost].sum(axis=-1)
    there = counts[..., Count.WAITING_AT_END] + counts[..., Count.CONNECTING_AT_END]
    serviced = counts[..., Count.DONE] + counts[..., Count.IN_SERVICE_AT_END]
    counts[..., Count.SERVICED] = serviced
    if first_attempts:
        counts[..., Count.SERVICED_FIRST_ATTEMPT] = serviced
        counts[..., Count.ABANDONED_FIRST_ATTEMPT] = abandoned
    counts[..., Count.INCOMING] = serviced + abandoned + there + counts[..., Count.OVERFLOWED]
