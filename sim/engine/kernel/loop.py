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
from sim.engine.kernel.flows import add_plays, flow_ends_at, heard_out_at
from sim.engine.kernel.records import (
    FINISHED,
    IDLE,
    IN_CONNECTING,
    IN_SERVICE,
    IN_WRAP_UP,
    WANTS_BLOCK,
    WANTS_LATE,
    WANTS_RANKS,
    WANTS_ROWS,
    WANTS_SLOTS,
    Calls,
    Number,
    Records,
    World,
)
from sim.engine.kernel.tally import KernelSums, add_answered, add_unanswered
from sim.engine.kernel.trees import NEVER, bits_of, pop, push, set_time
from sim.engine.kernel.waiting import compact, join, leave, next_call
from sim.engine.rules import KIND_BITS, Deadline
from sim.jit import entry, inlined, part
from sim.logs import Cause, Outcome

_PATIENCE, _TIMEOUT, _FLOW = int(Deadline.PATIENCE), int(Deadline.TIMEOUT), int(Deadline.FLOW)
_BY_TIMEOUT, _BY_HANGUP = int(Cause.TIMEOUT), int(Cause.HANGUP)
_DONE, _ABANDONED, _BLOCKED = int(Outcome.DONE), int(Outcome.ABANDONED), int(Outcome.BLOCKED)
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
def end_overtime(
    frame: Records, overtime: Records, agents: Records, agent: int, now: float
) -> None:
    """Work after the end of the shift is over, or another shift has begun."""
    since = agents[agent].overtime_since
    agents[agent].overtime_since = _NAN
    if now > since:
        spell = overtime[frame.n_overtime]
        spell.agent, spell.since, spell.until = agent, since, now
        frame.n_overtime += 1


@cache
def kernel(whole: bool) -> Run:
    """The loop, compiled for the whole model or without what many scenarios do without.

    Without `whole` there are no shifts, no wait flows, no log of calls and nothing by interval:
    what is only for them is not compiled, which saves time in both senses.
    """

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
            if frame.n_late + 2 >= late.size:
                return WANTS_LATE
            i = frame.position
            arrival_t: Any = NEVER
            if i < n_calls:
                arrival_t = bits_of(calls.arrival[np.uint64(i)])
            elif not is_last:
                return WANTS_BLOCK

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
            is_agents = agent_t <= others_t
            now_t = agent_t if is_agents else others_t
            if now_t >= horizon and (
                not frame.drain or now_t == NEVER or (frame.present == 0 and i >= n_calls)
            ):
                return FINISHED
            now = np.int64(now_t).view(np.float64)

            freed, routed, answered = -1, -1, -1
            if is_agents:
                one = agents[np.uint64(agent)]
                if whole and shift_starts:
                    frame.next_start += 1
                    one.on_shift = 1
                    if np.isnan(one.overtime_since):
                        freed = agent
                    else:
                        end_overtime(frame, world.overtime, agents, agent, now)
                elif one.phase == IN_SERVICE:
                    add_answered(frame, sums, queues[np.uint64(one.queue)], one, now, True, whole)
                    if whole and rows.size > 0:
                        write_row(
                            rows, frame.n_rows, one.number, one.queue, one.arrival, one.routed,
                            one.answer, now, _DONE, 0, agent, one.service, one.wrap_up,
                            one.cut != 0,
                        )  # fmt: skip
                        frame.n_rows += 1
                    frame.present -= 1
                    if one.wrap_up > 0.0:
                        frame.last_change = now
                        one.phase = IN_WRAP_UP
                        set_time(tree, agent, now + one.wrap_up)
                    else:
                        freed = agent
                else:
                    freed = agent
            elif whole and answer_t == now_t:
                answered = world.answers[0].owner
                pop(world.answers, frame.n_answers)
                frame.n_answers -= 1
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
                group, by, routed_at = -1, -1, _NAN
                if slot >= 0:
                    call = slots[slot]
                    q, arrival, number = call.queue, call.arrival, call.number
                    leave(world, slot)
                    by_flow = cause != _BY_TIMEOUT and cause != _BY_HANGUP
                    if whole and by_flow and arrival >= frame.warmup:
                        sums.plays[call.action, 2] += 1
                    call.number = -1
                    world.free[frame.n_free] = slot
                    frame.n_free += 1
                    frame.n_waiting -= 1
                else:
                    one = agents[freed]
                    q, arrival, number = one.queue, one.arrival, one.number
                    group, by, routed_at = one.group, freed, one.routed
                count_in_queue(frame, queues[q], -1, now)
                if whole and queues[q].flow >= 0 and arrival >= frame.warmup:
                    add_plays(world.flows, world.steps, sums.plays, queues[q].flow, arrival, now)
                add_unanswered(
                    frame, sums, queues[q], q, group, arrival, routed_at, now, _ABANDONED, cause,
                    whole,
                )  # fmt: skip
                if whole and rows.size > 0:
                    write_row(
                        rows, frame.n_rows, number, q, arrival, routed_at, _NAN, now, _ABANDONED,
                        cause, by, _NAN, _NAN, False,
                    )  # fmt: skip
                    frame.n_rows += 1
                frame.present -= 1
                frame.last_change = now
            elif arrival_t == now_t:
                q = np.int64(calls.queue[np.uint64(i)])
                queue = queues[np.uint64(q)]
                place = calls.place[np.uint64(i)]
                if frame.n_free == 0:
                    return WANTS_SLOTS
                if queue.pool >= 0 and world.n_ranked[queue.pool] == world.ranked.shape[1]:
                    if 2 * queue.length > world.ranked.shape[1]:
                        return WANTS_RANKS
                    compact(queues, slots, world.fenwick, world.ranked, world.n_ranked, q)
                frame.position = i + 1
                agent = choose(world, q, place)
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
                    if whole and queue.flow >= 0:
                        step = world.steps[world.flows[queue.flow].first]
                        if step.heard_out and step.end > 0.0:
                            one.in_queue = 1
                            count_in_queue(frame, queue, 1, now)
                    routed = agent
                elif queue.length >= queue.max_waiting:
                    add_unanswered(frame, sums, queue, q, -1, now, _NAN, now, _BLOCKED, 0, whole)
                    if whole and rows.size > 0:
                        write_row(
                            rows, frame.n_rows, first + i, q, now, _NAN, _NAN, now, _BLOCKED, 0,
                            -1, _NAN, _NAN, False,
                        )  # fmt: skip
                        frame.n_rows += 1
                    frame.last_change = now
                else:
                    frame.n_free -= 1
                    slot = world.free[np.uint64(frame.n_free)]
                    call = slots[np.uint64(slot)]
                    call.number = first + i
                    call.place = place
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
                                place, now, at,
                            )  # fmt: skip
                            if flow_at <= at and flow_cause > 0:
                                at, kind = flow_at, _FLOW
                                call.cause = flow_cause
                                call.action = action
                        if at < np.inf:
                            push(late, frame.n_late, at, call.number << KIND_BITS | kind, slot)
                            frame.n_late += 1
            elif whole:
                agent = world.ends[frame.next_end].agent
                frame.next_end += 1
                frame.last_change = now
                agents[agent].on_shift = 0
                if is_available(world.available, agent):
                    reserve(world.available, agent)
                else:
                    agents[agent].overtime_since = now

            if freed >= 0:
                # The agent becomes available and takes a waiting call, or leaves after the shift.
                frame.last_change = now
                one = agents[np.uint64(freed)]
                one.phase = IDLE
                slot = -1
                if whole and not one.on_shift:
                    end_overtime(frame, world.overtime, agents, freed, now)
                else:
                    if frame.n_waiting > 0:
                        slot = next_call(world, freed)
                    if slot < 0:
                        set_available(world.available, freed)
                        one.since = now
                if slot < 0:
                    set_time(tree, freed, np.inf)
                else:
                    call = slots[np.uint64(slot)]
                    leave(world, slot)
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
                # The agent answers, or is reserved until an action has been heard out.
                one = agents[np.uint64(routed)]
                one.routed = now
                answered = routed
                if whole:
                    flow = queues[one.queue].flow
                    if flow >= 0 and one.in_queue:
                        answer_at = heard_out_at(world.flows, world.steps, flow, one.arrival, now)
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
                                push(world.answers, frame.n_answers, answer_at, one.number, routed)
                                frame.n_answers += 1
            if answered >= 0:
                # The wait is over, the service begins.
                one = agents[np.uint64(answered)]
                queue = queues[np.uint64(one.queue)]
                if one.in_queue:
                    count_in_queue(frame, queue, -1, now)
                    if whole and queue.flow >= 0 and one.arrival >= frame.warmup:
                        add_plays(
                            world.flows, world.steps, sums.plays, queue.flow, one.arrival, now
                        )
                one.answer = now
                one.answered += 1
                length = one.service
                if one.speed != 1.0:
                    length /= one.speed
                one.cut = queue.service_timeout < length
                if one.cut:
                    length = queue.service_timeout
                one.service = length
                one.phase = IN_SERVICE
                set_time(tree, answered, now + length)

    return run
