"""What happens to a caller in the full model: arrival, waiting, coming back, leaving unserved.

A call has a slot from its arrival, or from being born, until an agent has it. See
`sim.engine.arriving` and `sim.engine.reference`, of which this is the compiled twin.
"""

from __future__ import annotations

import numpy as np

from sim.engine.kernel.agents import choose, reserve
from sim.engine.kernel.born import (
    copy_call,
    expect_overflow,
    expect_retry,
    first_deadline,
    limit_at,
    service_u,
    value,
)
from sim.engine.kernel.flows import add_plays
from sim.engine.kernel.polling import wake
from sim.engine.kernel.records import Calls, Records, World
from sim.engine.kernel.rows import write_chain, write_row
from sim.engine.kernel.slots import claim_slot, release_slot
from sim.engine.kernel.tally import KernelSums, add_chained, add_unanswered
from sim.engine.kernel.trees import push
from sim.engine.kernel.waiting import join, join_again
from sim.engine.rules import KIND_BITS
from sim.jit import inlined, part
from sim.logs import Cause, Outcome

_BY_TIMEOUT = int(Cause.TIMEOUT)
_ABANDONED, _BLOCKED = int(Outcome.ABANDONED), int(Outcome.BLOCKED)
_OVERFLOWED = int(Outcome.OVERFLOWED)
_NAN = np.nan


@inlined
def count_in_queue(frame: Records, queue: Records, change: int, now: float) -> None:
    """How many wait or connect, in a queue and in all, and the most there have been."""
    queue.in_queue += change
    frame.in_queue += change
    if now < frame.warmup:
        queue.peak = queue.in_queue
        frame.peak = frame.in_queue
    elif change > 0 and now < frame.horizon:
        if queue.in_queue > queue.peak:
            queue.peak = queue.in_queue
        if frame.in_queue > frame.peak:
            frame.peak = frame.in_queue


@inlined
def note_waiting(frame: Records, queue: Records, now: float) -> None:
    """The same where whoever is in queue waits, so that the queue's length tells how many."""
    if now < frame.warmup:
        queue.peak = queue.length
        frame.peak = frame.n_waiting
    elif now < frame.horizon:
        if queue.length > queue.peak:
            queue.peak = queue.length
        if frame.n_waiting > frame.peak:
            frame.peak = frame.n_waiting


@part
def wait(world: World, slot: int, now: float, ends_from: float) -> None:
    """A call that has a slot, and is in its queue, waits for an agent until its first deadline.

    The end of its wait flow counts from `ends_from` on.
    """
    frame, call = world.frames[0], world.slots[slot]
    frame.n_waiting += 1
    if frame.polled:
        wake(world, call.queue, now)
    at, kind = first_deadline(world, call, now, ends_from)
    if at < np.inf:
        push(world.late, frame.n_late, at, call.number << KIND_BITS | kind, slot)
        frame.n_late += 1


@inlined
def give_back(world: World, one: Records) -> int:
    """A slot for the call that had been on its way to an agent."""
    slot = claim_slot(world)
    call = world.slots[slot]
    copy_call(call, one)
    call.routed = one.routed
    return slot


@part
def leave_unserved(
    world: World, sums: KernelSums, rows: Records, call: Records, agent: int, cause: int, to: int,
    now: float,
) -> None:  # fmt: skip
    """A slot's call, with `agent` one that had been on its way to this agent, is abandoned, or goes
    to queue `to`."""
    frame, q = world.frames[0], call.queue
    queue = world.queues[q]
    outcome = _ABANDONED if to < 0 else _OVERFLOWED
    group = world.agents[agent].group if agent >= 0 else -1
    count_in_queue(frame, queue, -1, now)
    if queue.flow >= 0 and call.arrival >= frame.counted_from:
        add_plays(world.flows, world.steps, sums.plays, queue.flow, call.arrival, now)
    add_unanswered(
        frame, sums, queue, q, group, call.arrival, call.routed, now, outcome, cause, True
    )
    add_chained(frame, sums, queue, q, call, now, outcome)
    if rows.size > 0:
        write_row(
            rows, frame.n_rows, call.number, q, call.arrival, call.routed, _NAN, now, outcome,
            cause, agent, _NAN, _NAN, False,
        )  # fmt: skip
        write_chain(rows, frame.n_rows, call)
        frame.n_rows += 1
    frame.present -= 1
    frame.last_change = now
    if to < 0:
        expect_retry(world, frame, call, q, now, world.plans[q].on_abandoned)
    else:
        expect_overflow(world, frame, call, to, now)


@part
def block(world: World, sums: KernelSums, rows: Records, slot: int, now: float) -> None:
    """A call that arrives finds its queue full, and leaves at once."""
    frame, call = world.frames[0], world.slots[slot]
    q = call.queue
    add_unanswered(frame, sums, world.queues[q], q, -1, now, _NAN, now, _BLOCKED, 0, True)
    if rows.size > 0:
        write_row(
            rows, frame.n_rows, call.number, q, now, _NAN, _NAN, now, _BLOCKED, 0, -1, _NAN, _NAN,
            False,
        )  # fmt: skip
        write_chain(rows, frame.n_rows, call)
        frame.n_rows += 1
    frame.last_change = now
    expect_retry(world, frame, call, q, now, world.plans[q].on_blocked)
    release_slot(world, slot)


@part
def take_slot(world: World, first: int, calls: Calls, i: int, now: float) -> int:
    """A slot for call `i` of the workload's block."""
    slot = claim_slot(world)
    call = world.slots[slot]
    call.number = first + i
    call.queue = calls.queue[i]
    call.arrival = now
    call.service = calls.service[i]
    call.wrap_up = calls.wrap_up[i]
    call.patience_at = now + calls.patience[i]
    call.routed = _NAN
    call.first_arrival = now
    call.place = calls.place[i]
    call.origin = call.queue
    call.generation, call.attempt, call.parent = 0, 1, -1
    call.drawn, call.routings = 0, 0
    return slot


@part
def arrive(world: World, sums: KernelSums, rows: Records, slot: int, now: float) -> int:
    """A call arrives that has a slot. The agent it is routed to at once, or -1."""
    frame, call = world.frames[0], world.slots[slot]
    q = call.queue
    queue = world.queues[q]
    agent = -1
    if not frame.polled:
        key = world.queues[call.origin].routing_key
        agent = choose(world, q, key, call.place, call.routings)
    if agent < 0 and queue.length >= queue.max_waiting and call.arrival >= 0.0:
        block(world, sums, rows, slot, now)
        return -1
    call.joined = frame.joined
    frame.joined += 1
    frame.present += 1
    if agent < 0:
        join(world, slot)
        count_in_queue(frame, queue, 1, now)
        wait(world, slot, now, -np.inf)
        return -1
    reserve(world, agent)
    one = world.agents[agent]
    copy_call(one, call)
    one.in_queue = 0
    release_slot(world, slot)
    return agent


@part
def come_back(world: World, sums: KernelSums, rows: Records, agent: int, now: float) -> int:
    """The call of an agent who has not answered the phone waits again, as if it had never stopped.

    The agent it is routed to at once, or -1. The agent who missed it is still its own.
    """
    frame, one = world.frames[0], world.agents[agent]
    q = one.queue
    slot = give_back(world, one)
    call = world.slots[slot]
    one.number = -1
    if limit_at(call, world.queues[q].wait_timeout) < now:
        leave_unserved(world, sums, rows, call, -1, _BY_TIMEOUT, -1, now)
        release_slot(world, slot)
        return -1
    plan = world.plans[q]
    if limit_at(call, plan.overflow_after) < now:
        leave_unserved(world, sums, rows, call, -1, 0, plan.overflow_to, now)
        release_slot(world, slot)
        return -1
    other = -1
    if not frame.polled:
        key = world.queues[call.origin].routing_key
        other = choose(world, q, key, call.place, call.routings)
    if other < 0:
        join_again(world, slot)
        wait(world, slot, now, now)
        return -1
    reserve(world, other)
    copy_call(world.agents[other], call)
    world.agents[other].in_queue = 1
    release_slot(world, slot)
    return other


@part
def service_s(world: World, agent: int) -> float:
    """How long an agent's call would be talked about at speed 1: the group may have its own."""
    one = world.agents[agent]
    if world.service_of.size > 0 and world.service_of[one.group, one.queue] >= 0:
        return value(world, world.service_of[one.group, one.queue], service_u(world, one))
    return one.service
