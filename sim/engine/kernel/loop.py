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

from sim.engine.kernel.absences import (
    be_absent,
    end_absence,
    end_overtime,
    shift_ends,
    shift_ends_or_break_begins,
)
from sim.engine.kernel.agents import choose, reserve, set_available
from sim.engine.kernel.born import copy_call
from sim.engine.kernel.callers import (
    arrive,
    come_back,
    count_in_queue,
    give_back,
    leave_unserved,
    note_waiting,
    service_s,
    take_slot,
)
from sim.engine.kernel.flows import add_plays, flow_ends_at, heard_out_at, hears_first
from sim.engine.kernel.polling import can_route, tick
from sim.engine.kernel.records import (
    FINISHED,
    IDLE,
    IN_CONNECTING,
    IN_PENALTY,
    IN_SERVICE,
    IN_WRAP_UP,
    NEVER_ANSWERED,
    ON_BREAK,
    WANTS_BLOCK,
    WANTS_COMING,
    WANTS_LATE,
    WANTS_RANKS,
    WANTS_ROWS,
    WANTS_SLOTS,
    Calls,
    Records,
    World,
)
from sim.engine.kernel.references import referred
from sim.engine.kernel.ringing import miss_ring, ring_ends_at
from sim.engine.kernel.rows import write_chain, write_row
from sim.engine.kernel.slots import release_slot
from sim.engine.kernel.tally import (
    KernelSums,
    add_answered,
    add_answered_longer,
    add_unanswered,
)
from sim.engine.kernel.trees import NEVER, bits_of, pop, push, set_time
from sim.engine.kernel.waiting import compact, join, leave, next_call, renew_due
from sim.engine.rules import BORN_IN_THE_RUN, KIND_BITS, MOST_ROUTINGS, Deadline
from sim.jit import entry, inlined
from sim.logs import Cause, Outcome

_PATIENCE, _TIMEOUT, _FLOW = int(Deadline.PATIENCE), int(Deadline.TIMEOUT), int(Deadline.FLOW)
_BY_TIMEOUT, _BY_HANGUP = int(Cause.TIMEOUT), int(Cause.HANGUP)
_DONE, _ABANDONED, _BLOCKED = int(Outcome.DONE), int(Outcome.ABANDONED), int(Outcome.BLOCKED)
_NAN = np.nan

Run = Callable[[World, KernelSums, Records, int, Calls, bool], int]


@inlined
def is_stale(slots: Records, agents: Records, deadline: Records) -> bool:
    """Whether a deadline in the heap is of a call that waits (or connects) no more."""
    call, owner = deadline.number >> KIND_BITS, deadline.owner
    if owner >= 0:
        return slots[np.uint64(owner)].number != call
    agent = agents[np.uint64(-1 - owner)]
    return agent.number != call or agent.phase != IN_CONNECTING


LEAN, WHOLE, FULL = 0, 1, 2
"""How much of the model a kernel is compiled for."""

NAMES = ("lean", "whole", "full")


@cache
def kernel(level: int) -> Run:
    """The loop, compiled for the full model or without what many scenarios do without.

    `LEAN`: no shifts, no wait flows, no log of calls, nothing by interval. `WHOLE`: all of these,
    but every call is the workload's, and whoever is routed finds an agent who answers. `FULL`:
    also breaks, ringing, overflow, retries, polling, agents' own service times and calls that are
    there at the start. What is not wanted is not compiled, which saves time in both senses.
    """
    whole, full = level >= WHOLE, level >= FULL

    def run(
        given: World, given_sums: KernelSums, rows: Records, first: int, given_calls: Calls,
        is_last: bool,
    ) -> int:  # fmt: skip
        """Process events until the block of calls is used up, room is wanted, or all is over."""
        world, sums, calls = referred(given), referred(given_sums), referred(given_calls)
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
                    # Ticks alone go on for ever: they matter while they can route a call.
                    alone = min(agent_t, others_t) == NEVER and tick_t >= horizon
                    if alone and frame.drain and not can_route(world):
                        return FINISHED
                    others_t = min(others_t, tick_t)
            is_agents = agent_t <= others_t
            now_t = agent_t if is_agents else others_t
            if now_t >= horizon:
                nobody = frame.present == 0 and i >= n_calls
                if full:
                    nobody &= frame.n_coming == 0
                if nobody or now_t == NEVER or not frame.drain:
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
                    if full:
                        add_answered_longer(frame, sums, queues[one.queue], one)
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
                    if agents[agent].routings >= MOST_ROUTINGS:
                        return NEVER_ANSWERED
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
                    q = due[1].who
                    if not renew_due(world, q):
                        continue
                    slot = queues[q].head
                by_flow = cause > _BY_HANGUP
                if slot >= 0:
                    call = slots[slot]
                    leave(world, slot)
                    if not full and not from_heap:
                        renew_due(world, call.queue)
                    frame.n_waiting -= 1
                    counts = call.arrival >= frame.counted_from
                    if whole and by_flow and call.action >= 0 and counts:
                        sums.plays[call.action, 2] += 1
                    if full:
                        leave_unserved(world, sums, rows, call, -1, cause, call.to, now)
                        release_slot(world, slot)
                elif full:
                    slot = give_back(world, agents[freed])
                    leave_unserved(world, sums, rows, slots[slot], freed, cause, -1, now)
                    release_slot(world, slot)
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
                    if whole:
                        count_in_queue(frame, queues[q], -1, now)
                    elif now < frame.warmup:
                        note_waiting(frame, queues[q], now)
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
                    q = (
                        np.int64(calls.queue[np.uint64(i)])
                        if not comes_back
                        else (slots[world.coming[0].owner].queue)
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
                        reserve(world, agent)
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
                        if whole:
                            count_in_queue(frame, queue, 1, now)
                        else:
                            note_waiting(frame, queue, now)
                        if not queue.in_join_order:
                            at, kind = now + queue.wait_timeout, _TIMEOUT
                            call.cause = _BY_TIMEOUT
                            if call.patience_at <= at:
                                at, kind = call.patience_at, _PATIENCE
                                call.cause = _BY_HANGUP
                            if whole and queue.flow >= 0 and world.flows[queue.flow].can_hang_up:
                                flow_at, flow_cause, action = flow_ends_at(
                                    world.flows, world.steps, queue.flow, queue.announcement_key,
                                    place, 0, now, now, -np.inf, at,
                                )  # fmt: skip
                                if flow_at < np.inf:
                                    at, kind = flow_at, _FLOW
                                    call.cause = flow_cause
                                    call.action = action
                            if at < np.inf:
                                push(late, frame.n_late, at, call.number << KIND_BITS | kind, slot)
                                frame.n_late += 1
            elif full and frame.polled and tick_t == now_t:
                q = world.ticks[1].who
                routed = tick(world, q, now)
                if routed >= 0:
                    slot = queues[q].tail if frame.newest else queues[q].head
                    leave(world, slot)
                    frame.n_waiting -= 1
                    reserve(world, routed)
                    copy_call(agents[routed], slots[slot])
                    agents[routed].in_queue = 1
                    release_slot(world, slot)
            elif full:
                shift_ends_or_break_begins(world, sums, now)
            elif whole:
                shift_ends(world, world.ends[frame.next_end].agent, now)
                frame.next_end += 1

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
                            set_available(world, freed, now)
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
                        release_slot(world, slot)
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
                        answer_at: Any = now
                        if full:
                            one.answers = 1
                            if world.rings[one.group].rings:
                                answer_at = ring_ends_at(world, routed, now)
                            one.routings += 1
                        if not one.in_queue:
                            # Routed on arrival: in queue only if connecting takes time, or if it
                            # was there at the start.
                            heard = flow >= 0 and hears_first(world.flows, world.steps, flow)
                            if full:
                                heard |= one.arrival < 0.0 or not one.answers
                            if heard or answer_at > now:
                                one.in_queue = 1
                                count_in_queue(frame, queue, 1, now)
                        if flow >= 0 and one.in_queue and one.answers:
                            answer_at = heard_out_at(
                                world.flows, world.steps, flow, one.arrival, answer_at
                            )
                        if answer_at > now or (full and not one.answers):
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
                    if not whole and now < frame.warmup:
                        note_waiting(frame, queue, now)
                    if whole and one.in_queue:
                        count_in_queue(frame, queue, -1, now)
                        if queue.flow >= 0 and one.arrival >= frame.counted_from:
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

    # The name under which the compiled code is kept.
    run.__qualname__ = NAMES[level]
    return entry(run)
