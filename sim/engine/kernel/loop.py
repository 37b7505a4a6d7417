"""The event loop of the compiled engine: a merge of sorted sources of events.

Arrivals come sorted from the workload; agents' own next events stand in a tournament; deadlines
of waiting calls in another, over queues, where they fall due in the order of joining, and in a
heap where they do not; answers of connecting calls in a heap; shifts in two sorted lists. At
each turn the least (time, rank, number) of `sim.engine.rules` is processed. Cost per call:
O(log agents + log queues + log waiting calls), and agents / 64 for finding who is eligible.

An event may set an agent free (`freed`), or give an agent a call (`routed`), or start a service
(`answered`); these three steps follow in this order, each written once.

Times are compared as the integers of their bits, which sort as times do (`trees.bits_of`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from sim.engine.kernel.agents import choose, is_available, reserve, set_available
from sim.engine.kernel.bits import U0, draw
from sim.engine.kernel.born import (
    copy_call,
    expect_overflow,
    expect_retry,
    first_deadline,
    limit_at,
    service_u,
    value,
)
from sim.engine.kernel.flows import add_plays, flow_ends_at, heard_out_at, hears_first
from sim.engine.kernel.records import (
    FINISHED,
    IDLE,
    IN_CONNECTING,
    IN_PENALTY,
    IN_SERVICE,
    IN_WRAP_UP,
    ON_BREAK,
    WANTS_BLOCK,
    WANTS_COMING,
    WANTS_LATE,
    WANTS_RANKS,
    WANTS_ROWS,
    WANTS_SLOTS,
    Calls,
    Number,
    Records,
    World,
)
from sim.engine.kernel.tally import (
    KernelSums,
    add_answered,
    add_chained,
    add_no_answer,
    add_spell,
    add_unanswered,
)
from sim.engine.kernel.trees import NEVER, bits_of, pop, push, set_time
from sim.engine.kernel.waiting import compact, join, join_again, leave, next_call
from sim.engine.rules import BORN_IN_THE_RUN, KIND_BITS, Deadline
from sim.jit import entry, inlined, part
from sim.logs import Cause, Outcome, SpellKind
from sim.sums import AgentTotal

_PATIENCE, _TIMEOUT, _FLOW = int(Deadline.PATIENCE), int(Deadline.TIMEOUT), int(Deadline.FLOW)
_BY_TIMEOUT, _BY_HANGUP = int(Cause.TIMEOUT), int(Cause.HANGUP)
_DONE, _ABANDONED, _BLOCKED = int(Outcome.DONE), int(Outcome.ABANDONED), int(Outcome.BLOCKED)
_OVERFLOWED = int(Outcome.OVERFLOWED)
_K_RINGING, _K_PENALTY = int(SpellKind.RINGING), int(SpellKind.PENALTY)
_K_BREAK, _K_OVERTIME = int(SpellKind.BREAK), int(SpellKind.OVERTIME)
_RINGING, _PENALTY = int(AgentTotal.RINGING), int(AgentTotal.PENALTY)
_BREAK, _OVERTIME = int(AgentTotal.BREAK), int(AgentTotal.OVERTIME)
_NAN = np.nan

Run = Callable[[World, KernelSums, Records, int, Calls, bool], int]


@inlined
def write_row(
    rows: Records, i: int, call: int, queue: Number, arrival: float, routed: float,
    answer: float, leave_at: float, outcome: int, cause: int, agent: int, service: float, wrap_up: float,
    cut: bool,
) -> None:  # fmt: skip
    """Row `i` of the call log."""
    row = rows[i]
    row.call = call
    row.queue = queue
    row.arrival = arrival
    row.routed = routed
    row.answer = answer
    row.leave = leave_at
    row.outcome = outcome
    row.cause = cause
    row.agent = agent
    row.service = service
    row.wrap_up = wrap_up
    row.cut = cut
    row.attempt = 1
    row.parent = -1
    row.first_arrival = arrival


@inlined
def write_chain(rows: Records, i: int, call: Records) -> None:
    """What row `i` says of where the call comes from."""
    row = rows[i]
    row.attempt = call.attempt
    row.parent = call.parent
    row.first_arrival = call.first_arrival


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
def is_stale(slots: Records, agents: Records, deadline: Records) -> bool:
    """Whether a deadline in the heap is of a call that waits (or connects) no more."""
    call, owner = deadline.number >> KIND_BITS, deadline.owner
    if owner >= 0:
        return slots[np.uint64(owner)].number != call
    agent = agents[np.uint64(-1 - owner)]
    return agent.number != call or agent.phase != IN_CONNECTING


@part
def spell_ends(
    world: World, sums: KernelSums, kind: int, agent: int, since: float, now: float
) -> None:
    """An agent's spell of overtime, penalty, break or unanswered ringing is over."""
    frame, group = world.frames[0], world.agents[agent].group
    column = _RINGING
    if kind == _K_OVERTIME:
        column = _OVERTIME
    elif kind == _K_PENALTY:
        column = _PENALTY
    elif kind == _K_BREAK:
        column = _BREAK
    add_spell(
        frame, sums.edges, sums.agents, sums.slot_agents, group, column, since, now, True
    )
    if kind != _K_OVERTIME and world.spells.size > 0:
        spell = world.spells[frame.n_spells]
        spell.kind, spell.agent, spell.since, spell.until = kind, agent, since, now
        frame.n_spells += 1


@part
def end_overtime(world: World, sums: KernelSums, agent: int, now: float) -> None:
    """Work after the end of the shift is over, or another shift has begun."""
    since = world.agents[agent].overtime_since
    world.agents[agent].overtime_since = _NAN
    if now > since:
        spell_ends(world, sums, _K_OVERTIME, agent, since, now)


@part
def end_absence(world: World, sums: KernelSums, agent: int, now: float) -> None:
    """The agent's penalty or break is over."""
    one = world.agents[agent]
    if now > one.absent_since:
        kind = _K_PENALTY if one.phase == IN_PENALTY else _K_BREAK
        spell_ends(world, sums, kind, agent, one.absent_since, now)


@part
def be_absent(world: World, agent: int, phase: int, now: float, length: float) -> None:
    """The agent is in penalty or on a break from now on."""
    one = world.agents[agent]
    one.phase = phase
    one.absent_since = now
    set_time(world.tree, agent, now + length)


@part
def shift_ends_or_break_begins(world: World, sums: KernelSums, now: float) -> None:
    """The next in the list of shifts' ends and breaks' beginnings takes place."""
    frame = world.frames[0]
    event = world.ends[frame.next_end]
    frame.next_end += 1
    agent, length = event.agent, event.length
    one = world.agents[agent]
    if length > 0.0:
        if not one.on_shift:
            return
        if one.phase == IN_PENALTY:
            end_absence(world, sums, agent, now)
        elif not is_available(world.available, agent):
            one.owed_break += length
            return
        reserve(world.available, agent)
        be_absent(world, agent, ON_BREAK, now, length)
        return
    frame.last_change = now
    one.on_shift = 0
    one.owed_break = 0.0
    if is_available(world.available, agent):
        reserve(world.available, agent)
    elif one.phase == IN_PENALTY or one.phase == ON_BREAK:
        end_absence(world, sums, agent, now)
        one.phase = IDLE
        set_time(world.tree, agent, np.inf)
    else:
        one.overtime_since = now


@part
def ring_ends_at(world: World, agent: int, now: float) -> float:
    """Until when the phone rings that an agent's call has been routed to; `now` if not at all."""
    one = world.agents[agent]
    ring, keys = world.rings[one.group], world.plans[one.origin]
    one.answers = 1
    delay = value(world, ring.delay, draw(keys.ring_delay_key, one.place, one.routings))
    u = draw(keys.ring_no_answer_key, one.place, one.routings)
    if u < ring.no_answer or delay > ring.timeout:
        one.answers = 0
        return now + ring.timeout
    return now + delay


@part
def miss_ring(world: World, sums: KernelSums, agent: int, now: float) -> bool:
    """The phone was not answered: off, a break that is owed, or the penalty. Whether there is none
    of these, so that the agent is free once the call has been dealt with."""
    frame, one = world.frames[0], world.agents[agent]
    spell_ends(world, sums, _K_RINGING, agent, one.routed, now)
    add_no_answer(frame, sums, one.queue, one.arrival)
    one.phase = IDLE
    if not one.on_shift or one.owed_break > 0.0:
        return True
    penalty = world.rings[one.group].penalty
    if penalty > 0.0:
        be_absent(world, agent, IN_PENALTY, now, penalty)
        return False
    return True


@part
def tick(world: World, q: int, now: float) -> int:
    """A queue's polling loop looks at its queue. The agent who gets the call chosen, or -1.

    The call's slot is then the queue's newest or oldest.
    """
    frame, queue, loop = world.frames[0], world.queues[q], world.loops[q]
    if queue.length == 0:
        loop.running = 0
        set_time(world.ticks, q, np.inf)
        return -1
    call = world.slots[queue.tail if frame.newest else queue.head]
    key = world.queues[call.origin].routing_key
    agent = choose(world, q, key, call.place, call.routings)
    if agent >= 0:
        loop.failed = 0
        set_time(world.ticks, q, now + frame.next)
        return agent
    if loop.failed == 0:
        loop.first_failed_at = now
    loop.failed += 1
    set_time(world.ticks, q, loop.first_failed_at + loop.failed * frame.retry)
    return -1


@part
def wake(world: World, q: Number, now: float) -> None:
    """A call waits: a loop that is stopped goes on after the start delay."""
    frame, loop = world.frames[0], world.loops[q]
    if not loop.running:
        loop.running = 1
        loop.failed = 0
        set_time(world.ticks, q, now + frame.start_delay)


@part
def can_route(world: World) -> bool:
    """Whether a tick to come finds both a waiting call and an eligible agent as things are."""
    for q in range(world.queues.size):
        if world.queues[q].length > 0:
            for word in range(world.available.size):
                if world.available[word] & world.mask[q, word] != U0:
                    return True
    return False


@part
def wait(world: World, slot: int, now: float, came_back: bool) -> None:
    """A call that has a slot, and is in its queue, waits for an agent until its first deadline."""
    frame, call = world.frames[0], world.slots[slot]
    frame.n_waiting += 1
    if frame.polled:
        wake(world, call.queue, now)
    at, kind = first_deadline(world, call, now, came_back)
    if at < np.inf:
        push(world.late, frame.n_late, at, call.number << KIND_BITS | kind, slot)
        frame.n_late += 1


@part
def leave_unserved(
    world: World, sums: KernelSums, rows: Records, call: Records, agent: int, cause: int, to: int,
    now: float,
) -> None:  # fmt: skip
    """A call (a slot's or, with `agent`, an agent's) is abandoned, or goes to queue `to`."""
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
        expect_retry(world, frame, call, q, now, False)
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
    expect_retry(world, frame, call, q, now, True)
    release_slot(world, slot)


@inlined
def release_slot(world: World, slot: int) -> None:
    """The slot is free for another call."""
    frame = world.frames[0]
    world.slots[slot].number = -1
    world.free[frame.n_free] = slot
    frame.n_free += 1


@part
def take_slot(world: World, first: int, calls: Calls, i: int, now: float) -> int:
    """A slot for call `i` of the workload's block."""
    frame = world.frames[0]
    frame.n_free -= 1
    slot = world.free[frame.n_free]
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
        wait(world, slot, now, False)
        return -1
    reserve(world.available, agent)
    one = world.agents[agent]
    copy_call(one, call)
    one.in_queue = 0
    release_slot(world, slot)
    return agent


@part
def come_back(
    world: World, sums: KernelSums, rows: Records, agent: int, now: float
) -> int:
    """The call of an agent who has not answered the phone waits again, as if it had never stopped.

    The agent it is routed to at once, or -1. The agent who missed it is still its own.
    """
    frame, one = world.frames[0], world.agents[agent]
    q = one.queue
    frame.n_free -= 1
    slot = world.free[frame.n_free]
    call = world.slots[slot]
    copy_call(call, one)
    call.routed = one.routed
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
        wait(world, slot, now, True)
        return -1
    reserve(world.available, other)
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


LEAN, WHOLE, FULL = 0, 1, 2
"""How much of the model a kernel is compiled for."""


@cache
def kernel(level: int) -> Run:
    """The loop, compiled for the full model or without what many scenarios do without.

    `LEAN`: no shifts, no wait flows, no log of calls, nothing by interval. `WHOLE`: all of these,
    but every call is the workload's, and whoever is routed finds an agent who answers. `FULL`:
    also breaks, ringing, overflow, retries, polling, agents' own service times and calls that are
    there at the start. What is not wanted is not compiled, which saves time in both senses.
    """
    whole, full = level >= WHOLE, level >= FULL

    @entry
    def run(
        world: World, sums: KernelSums, rows: Records, first: int, calls: Calls, is_last: bool
    ) -> int:
        """Process events until the block of calls is used up, room is wanted, or all is over."""
        frame, queues, agents, slots = world.frames[0], world.queues, world.agents, world.slots
        tree, due, late = world.tree, world.due, world.late
        horizon = bits_of(frame.horizon)
        n_calls = calls.arrival.size
        while True:
            if whole and rows.size > 0 and frame.n_rows + 2 >= rows.size:
                return WANTS_ROWS
            if full and world.spells.size > 0 and frame.n_spells + 2 >= world.spells.size:
                return WANTS_ROWS
            if frame.n_late + 4 >= late.size:
                return WANTS_LATE
            if full and frame.n_free < 4:
                return WANTS_SLOTS
            if full and frame.n_coming + 2 >= world.coming.size:
                return WANTS_COMING
            i = frame.position
            arrival_t: Any = NEVER
            if i < n_calls:
                arrival_t = bits_of(calls.arrival[np.uint64(i)])
            elif not is_last:
                return WANTS_BLOCK
            if full:
                comes_back = False
                if frame.n_coming > 0:
                    coming_t = bits_of(world.coming[0].t)
                    comes_back = coming_t < arrival_t or (
                        coming_t == arrival_t and world.coming[0].number < first + i
                    )
                    if comes_back:
                        arrival_t = coming_t

            # Rank 3: the first deadline, from both places; ties by call.
            due_t = due[1].t
            from_heap = False
            if frame.n_late > 0:
                while frame.n_late > 0 and is_stale(slots, agents, late[0]):
                    pop(late, frame.n_late)
                    frame.n_late -= 1
                if frame.n_late > 0:
                    late_t = bits_of(late[0].t)
                    from_heap = late_t < due_t or (
                        late_t == due_t and late[0].number >> KIND_BITS < due[1].number
                    )
                    if from_heap:
                        due_t = late_t
            others_t = due_t if due_t < arrival_t else arrival_t
            if whole:
                answer_t = bits_of(world.answers[0].t) if frame.n_answers > 0 else NEVER
                end_t: Any = NEVER
                if frame.next_end < world.ends.size:
                    end_t = bits_of(world.ends[frame.next_end].t)
                others_t = min(others_t, min(answer_t, end_t))
            # Rank 1: an agent's own event, or a shift that starts; ties by agent.
            agent_t, agent = tree[1].t, tree[1].who
            if whole:
                shift_starts = False
                if frame.next_start < world.starts.size:
                    start = world.starts[frame.next_start]
                    start_t = bits_of(start.t)
                    if start_t < agent_t or (start_t == agent_t and start.agent < agent):
                        agent_t, agent, shift_starts = start_t, start.agent, True
            if full:
                tick_t = world.ticks[1].t
                if frame.polled and tick_t < NEVER:
                    if min(agent_t, others_t) == NEVER and tick_t >= horizon:
                        # Ticks alone go on for ever: they matter while they can route a call.
                        if frame.drain and not can_route(world):
                            return FINISHED
                    others_t = min(others_t, tick_t)
            is_agents = agent_t <= others_t
            now_t = agent_t if is_agents else others_t
            if now_t >= horizon and (
                not frame.drain or now_t == NEVER or (frame.present == 0 and i >= n_calls)
            ):
                if not full or not frame.drain or now_t == NEVER or frame.n_coming == 0:
                    return FINISHED
            now = np.int64(now_t).view(np.float64)

            freed, routed, answered = -1, -1, -1
            if full:
                also_routed = -1
            if is_agents:
                one = agents[np.uint64(agent)]
                if whole and shift_starts:
                    frame.next_start += 1
                    one.on_shift = 1
                    if np.isnan(one.overtime_since):
                        freed = agent
                    else:
                        end_overtime(world, sums, agent, now)
                elif one.phase == IN_SERVICE:
                    add_answered(
                        frame, sums, queues[np.uint64(one.queue)], one, now, True, whole, full
                    )
                    if whole and rows.size > 0:
                        write_row(
                            rows, frame.n_rows, one.number, one.queue, one.arrival, one.routed,
                            one.answer, now, _DONE, 0, agent, one.service, one.wrap_up,
                            one.cut != 0,
                        )  # fmt: skip
                        if full:
                            write_chain(rows, frame.n_rows, one)
                        frame.n_rows += 1
                    frame.present -= 1
                    if one.wrap_up > 0.0:
                        frame.last_change = now
                        one.phase = IN_WRAP_UP
                        set_time(tree, agent, now + one.wrap_up)
                    else:
                        freed = agent
                else:
                    if full and one.phase >= IN_PENALTY:
                        end_absence(world, sums, agent, now)
                    freed = agent
            elif whole and answer_t == now_t:
                agent = world.answers[0].owner
                if full and not agents[agent].answers:
                    queue = queues[agents[agent].queue]
                    if queue.pool >= 0 and queue.length + 1 >= world.ranked.shape[1]:
                        return WANTS_RANKS
                pop(world.answers, frame.n_answers)
                frame.n_answers -= 1
                answered = agent
                if full and not agents[agent].answers:
                    answered = -1
                    if miss_ring(world, sums, agent, now):
                        freed = agent
                    also_routed = come_back(world, sums, rows, agent, now)
            elif due_t == now_t:
                slot, cause = -1, _BY_TIMEOUT
                if from_heap:
                    owner = late[0].owner
                    pop(late, frame.n_late)
                    frame.n_late -= 1
                    if owner >= 0:
                        slot, cause = owner, slots[owner].cause
                    else:
                        freed, cause = -1 - owner, _BY_HANGUP
                else:
                    slot = queues[due[1].who].head
                by_flow = cause > _BY_HANGUP
                if slot >= 0:
                    call = slots[slot]
                    leave(world, slot)
                    frame.n_waiting -= 1
                    if whole and by_flow and call.action >= 0:
                        if call.arrival >= frame.counted_from:
                            sums.plays[call.action, 2] += 1
                    if full:
                        leave_unserved(world, sums, rows, call, -1, cause, call.to, now)
                        release_slot(world, slot)
                elif full:
                    leave_unserved(world, sums, rows, agents[freed], freed, cause, -1, now)
                if not full:
                    group, by, routed_at = -1, -1, _NAN
                    if slot >= 0:
                        call = slots[slot]
                        q, arrival, number = call.queue, call.arrival, call.number
                        release_slot(world, slot)
                    else:
                        one = agents[freed]
                        q, arrival, number = one.queue, one.arrival, one.number
                        group, by, routed_at = one.group, freed, one.routed
                    count_in_queue(frame, queues[q], -1, now)
                    if whole and queues[q].flow >= 0 and arrival >= frame.counted_from:
                        add_plays(
                            world.flows, world.steps, sums.plays, queues[q].flow, arrival, now
                        )
                    add_unanswered(
                        frame, sums, queues[q], q, group, arrival, routed_at, now, _ABANDONED,
                        cause, whole,
                    )  # fmt: skip
                    if whole and rows.size > 0:
                        write_row(
                            rows, frame.n_rows, number, q, arrival, routed_at, _NAN, now,
                            _ABANDONED, cause, by, _NAN, _NAN, False,
                        )  # fmt: skip
                        frame.n_rows += 1
                    frame.present -= 1
                    frame.last_change = now
            elif arrival_t == now_t:
                if full:
                    q = np.int64(calls.queue[np.uint64(i)]) if not comes_back else (
                        slots[world.coming[0].owner].queue
                    )
                else:
                    q = np.int64(calls.queue[np.uint64(i)])
                queue = queues[np.uint64(q)]
                if frame.n_free == 0:
                    return WANTS_SLOTS
                if queue.pool >= 0 and world.n_ranked[queue.pool] == world.ranked.shape[1]:
                    if 2 * queue.length > world.ranked.shape[1]:
                        return WANTS_RANKS
                    compact(queues, slots, world.fenwick, world.ranked, world.n_ranked, q)
                if full:
                    if comes_back:
                        slot = world.coming[0].owner
                        number = world.coming[0].number
                        pop(world.coming, frame.n_coming)
                        frame.n_coming -= 1
                        if slots[slot].generation > 0:
                            number = BORN_IN_THE_RUN + frame.n_born
                            frame.n_born += 1
                        slots[slot].number = number
                    else:
                        slot = take_slot(world, first, calls, i, now)
                        frame.position = i + 1
                    routed = arrive(world, sums, rows, slot, now)
                else:
                    place = calls.place[np.uint64(i)]
                    frame.position = i + 1
                    agent = choose(world, q, queue.routing_key, place, 0)
                    if agent >= 0:
                        reserve(world.available, agent)
                        frame.joined += 1
                        frame.present += 1
                        one = agents[np.uint64(agent)]
                        one.number = first + i
                        one.queue = q
                        one.arrival = now
                        one.service = calls.service[np.uint64(i)]
                        one.wrap_up = calls.wrap_up[np.uint64(i)]
                        one.patience_at = now + calls.patience[np.uint64(i)]
                        one.in_queue = 0
                        routed = agent
                    elif queue.length >= queue.max_waiting:
                        add_unanswered(
                            frame, sums, queue, q, -1, now, _NAN, now, _BLOCKED, 0, whole
                        )
                        if whole and rows.size > 0:
                            write_row(
                                rows, frame.n_rows, first + i, q, now, _NAN, _NAN, now, _BLOCKED,
                                0, -1, _NAN, _NAN, False,
                            )  # fmt: skip
                            frame.n_rows += 1
                        frame.last_change = now
                    else:
                        frame.n_free -= 1
                        slot = world.free[np.uint64(frame.n_free)]
                        call = slots[np.uint64(slot)]
                        call.number = first + i
                        call.queue = q
                        call.arrival = now
                        call.service = calls.service[np.uint64(i)]
                        call.wrap_up = calls.wrap_up[np.uint64(i)]
                        call.patience_at = now + calls.patience[np.uint64(i)]
                        call.joined = frame.joined
                        frame.joined += 1
                        frame.present += 1
                        frame.n_waiting += 1
                        join(world, slot)
                        count_in_queue(frame, queue, 1, now)
                        if not queue.in_join_order:
                            at, kind = now + queue.wait_timeout, _TIMEOUT
                            call.cause = _BY_TIMEOUT
                            if call.patience_at <= at:
                                at, kind = call.patience_at, _PATIENCE
                                call.cause = _BY_HANGUP
                            if whole and queue.flow >= 0 and world.flows[queue.flow].can_hang_up:
                                flow_at, flow_cause, action = flow_ends_at(
                                    world.flows, world.steps, queue.flow, queue.announcement_key,
                                    place, 0, now, now, False, at,
                                )  # fmt: skip
                                if flow_at < np.inf:
                                    at, kind = flow_at, _FLOW
                                    call.cause = flow_cause
                                    call.action = action
                            if at < np.inf:
                                push(
                                    late, frame.n_late, at, call.number << KIND_BITS | kind, slot
                                )
                                frame.n_late += 1
            elif full and frame.polled and tick_t == now_t:
                q = world.ticks[1].who
                routed = tick(world, q, now)
                if routed >= 0:
                    slot = queues[q].tail if frame.newest else queues[q].head
                    leave(world, slot)
                    frame.n_waiting -= 1
                    reserve(world.available, routed)
                    copy_call(agents[routed], slots[slot])
                    agents[routed].in_queue = 1
                    release_slot(world, slot)
            elif whole:
                shift_ends_or_break_begins(world, sums, now)

            while True:
                if freed >= 0:
                    # The agent becomes available and takes a waiting call, or leaves, or rests.
                    frame.last_change = now
                    one = agents[np.uint64(freed)]
                    one.phase = IDLE
                    slot = -1
                    rests = False
                    if whole and not one.on_shift:
                        end_overtime(world, sums, freed, now)
                    elif full and one.owed_break > 0.0:
                        rests = True
                        be_absent(world, freed, ON_BREAK, now, one.owed_break)
                        one.owed_break = 0.0
                    else:
                        if frame.n_waiting > 0 and not (full and frame.polled):
                            slot = next_call(world, freed)
                        if slot < 0:
                            set_available(world.available, freed)
                            one.since = now
                    if slot < 0:
                        if not rests:
                            set_time(tree, freed, np.inf)
                    else:
                        call = slots[np.uint64(slot)]
                        leave(world, slot)
                        if full:
                            copy_call(one, call)
                        else:
                            one.number = call.number
                            one.queue = call.queue
                            one.arrival = call.arrival
                            one.service = call.service
                            one.wrap_up = call.wrap_up
                            one.patience_at = call.patience_at
                        one.in_queue = 1
                        call.number = -1
                        world.free[np.uint64(frame.n_free)] = slot
                        frame.n_free += 1
                        frame.n_waiting -= 1
                        routed = freed
                if routed >= 0:
                    # The agent answers; or is on the way while the phone rings or an action is
                    # heard out.
                    one = agents[np.uint64(routed)]
                    one.routed = now
                    answered = routed
                    if whole:
                        queue = queues[one.queue]
                        flow = queue.flow
                        answer_at = now
                        if full:
                            one.answers = 1
                            if world.rings[one.group].rings:
                                answer_at = ring_ends_at(world, routed, now)
                            one.routings += 1
                        if not one.in_queue:
                            # Routed on arrival: in queue only if connecting takes time.
                            heard = flow >= 0 and hears_first(world.flows, world.steps, flow)
                            if heard or answer_at > now:
                                one.in_queue = 1
                                count_in_queue(frame, queue, 1, now)
                        if flow >= 0 and one.in_queue and one.answers:
                            answer_at = heard_out_at(
                                world.flows, world.steps, flow, one.arrival, answer_at
                            )
                        if answer_at > now:
                            answered = -1
                            one.phase = IN_CONNECTING
                            set_time(tree, routed, np.inf)
                            if one.patience_at < answer_at:
                                at = max(one.patience_at, now)
                                number = one.number << KIND_BITS | _PATIENCE
                                push(late, frame.n_late, at, number, -1 - routed)
                                frame.n_late += 1
                            else:
                                push(
                                    world.answers, frame.n_answers, answer_at, one.number, routed
                                )
                                frame.n_answers += 1
                if answered >= 0:
                    # The wait is over, the service begins.
                    one = agents[np.uint64(answered)]
                    queue = queues[np.uint64(one.queue)]
                    if one.in_queue:
                        count_in_queue(frame, queue, -1, now)
                        if whole and queue.flow >= 0 and one.arrival >= frame.counted_from:
                            add_plays(
                                world.flows, world.steps, sums.plays, queue.flow, one.arrival, now
                            )
                    one.answer = now
                    one.answered += 1
                    length = service_s(world, answered) if full else one.service
                    if one.speed != 1.0:
                        length /= one.speed
                    one.cut = queue.service_timeout < length
                    if one.cut:
                        length = queue.service_timeout
                    one.service = length
                    one.phase = IN_SERVICE
                    set_time(tree, answered, now + length)
                if not full or also_routed < 0:
                    break
                freed, routed, answered, also_routed = -1, also_routed, -1, -1

    return run
