"""The SimPy engine: the readable definition of what happens to a call.

A caller is a process that joins its queue, runs its wait flow, is interrupted by its answer,
and leaves at its deadline. An agent is a number: who is available is in the `Crew`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import simpy

from sim.engine.choices import draw, pick
from sim.engine.clock import Clock, Moment, Process
from sim.engine.crew import Crew
from sim.engine.line import Line
from sim.engine.lower import Plant, QueuePlan
from sim.engine.rules import Deadline, Rank, order_key
from sim.engine.timeline import Step, Timeline
from sim.logs import NOBODY, AgentState, CallLog, Cause, Outcome
from sim.mixing import descend
from sim.scenario.model import Discipline
from sim.workload.calls import CallBlock

NEVER = float("inf")
UNKNOWN = float("nan")
ROWS_PER_BLOCK = 4096


class Call:
    """A call, with all that its caller brings, and what has happened to it so far."""

    __slots__ = (
        "agent", "answer", "arrival", "begun", "flow", "in_queue", "joined_as", "number",
        "patience_at", "place", "process", "queue", "routed", "service_s", "state", "timeout_at",
        "wrap_up_s",
    )  # fmt: skip

    process: simpy.Process
    joined_as: int

    def __init__(
        self, number: int, queue: int, timeout_s: float, place: int, arrival: float,
        service_s: float, patience_s: float, wrap_up_s: float,
    ) -> None:  # fmt: skip
        self.number = number
        self.queue = queue
        self.place = place
        self.arrival = arrival
        self.service_s = service_s
        self.wrap_up_s = wrap_up_s
        self.patience_at = arrival + patience_s
        self.timeout_at = arrival + timeout_s
        self.state = Outcome.WAITING
        self.routed = self.answer = UNKNOWN
        self.agent = NOBODY
        self.flow: simpy.Process | None = None
        self.in_queue = False
        self.begun: list[tuple[int, Step, float, float]] = []
        """Actions begun and not yet counted: which play of the flow, its step, begin and end."""


@dataclass(frozen=True, slots=True)
class Hangup:
    """What the wait flow interrupts its caller with: the caller leaves."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class Run:
    """What is left when a replication is over, beside the calls handed over on the way."""

    queue_peak: list[int]
    """the most calls waiting or connecting at once from the warm-up on, per queue and in all"""
    plays: list[list[int]]
    """per action of all flows: started, completed, hang-ups"""
    overtime: list[tuple[int, float, float]]
    """agent, from, to"""
    agent_log: list[tuple[int, AgentState, float, float]] | None
    """agent, state, from, to; by agent and time"""


class Simulation:
    """One replication. `run` hands over calls in the order in which they leave."""

    def __init__(
        self,
        plant: Plant,
        replication: int,
        emit: Callable[[CallLog], None],
        *,
        keep_agent_log: bool = False,
    ) -> None:
        self.plant = plant
        self.clock = Clock()
        self.crew = Crew(plant, replication, keep_agent_log)
        self.lines = [Line() for _ in plant.queues]
        self.plays = [[0, 0, 0] for _ in range(plant.n_actions)]
        self._speed: list[float] = plant.speed.tolist()
        self._group_of: list[int] = plant.group_of.tolist()
        self._index_in_group: list[int] = plant.index_in_group.tolist()
        self._agent_free = [order_key(Rank.AGENT_FREE, a) for a in range(plant.n_agents)]
        self._emit = emit
        self._rows: list[tuple[Any, ...]] = []
        self._present: dict[int, Call] = {}
        self._joined = count()
        self._offers = [0] * len(plant.queues)
        self._announcement_keys = [descend(q.announcement_key, replication) for q in plant.queues]
        self._offer_keys = [descend(q.offer_key, replication) for q in plant.queues]
        self._discipline_keys = [descend(key, replication) for key in plant.discipline_key]
        self._in_queue = [0] * (len(plant.queues) + 1)
        self._peak = [0] * (len(plant.queues) + 1)
        self._last_change = 0.0

    def run(self, blocks: Iterable[CallBlock]) -> Run:
        """Run to the end: the horizon under `stop`; else until nothing can change any more."""
        clock, horizon = self.clock, self.plant.horizon_s
        for agent, shifts in self.plant.shifts.items():
            clock.process(self.shifts(agent, shifts))
        self._workload = self.calls(blocks)
        self.expect_next_caller()
        clock.run_before(horizon)
        while self.plant.drain and not (clock.settled and self._over()):
            clock.step()
        self._close()
        return Run(self._peak, self.plays, self.crew.overtime, self.crew.log)

    def _over(self) -> bool:
        """Whether every call has left, or nothing to come can change any call's fate."""
        return not self._arriving and (not self._present or self.clock.n_pending == 0)

    # --- 1. arrival ------------------------------------------------------------------------

    def expect_next_caller(self) -> None:
        """The next call of the workload will arrive at its instant."""
        call = next(self._workload, None)
        self._arriving = call is not None
        if call is not None:
            key = order_key(Rank.ARRIVE, call.number)
            call.process = self.clock.process_at(call.arrival, key, self.caller(call))

    def calls(self, blocks: Iterable[CallBlock]) -> Iterator[Call]:
        """The calls of the workload in the order of their numbers."""
        timeouts = [queue.wait_timeout_s for queue in self.plant.queues]
        for block in blocks:
            columns = (
                block.queue, block.place, block.arrival_s, block.service_s, block.patience_s,
                block.wrap_up_s,
            )  # fmt: skip
            rows = zip(*(c.tolist() for c in columns), strict=True)
            for number, (q, *brings) in enumerate(rows, block.first):
                yield Call(number, q, timeouts[q], *brings)

    def caller(self, call: Call) -> Process:
        """A caller's life from calling to leaving, and the wrap-up that the call leaves behind."""
        self.expect_next_caller()
        queue = self.plant.queues[call.queue]
        eligible = self.crew.eligible(queue)
        if not eligible and len(self.lines[call.queue]) >= queue.max_waiting:
            self.finish(call, Outcome.BLOCKED)
            return
        call.joined_as = next(self._joined)
        self._present[call.number] = call
        if eligible:
            agent = self.crew.choose(call.queue, eligible, call.place, 0)
            self.crew.reserve(agent)
            self.route(call, agent)
            if queue.flow is not None and self.plant.flows[queue.flow].heard_out_s > 0.0:
                self.enter_queue(call)
        else:
            self.lines[call.queue].join(call)
            self.enter_queue(call)
            left_because = yield from self.waiting(call)
            if left_because is not None:
                self.leave_unserved(call, left_because)
                return
        answer_at = self.heard_out_at(call) if call.begun else 0.0
        if answer_at > self.clock.now:
            answered = yield from self.connecting(call, answer_at)
            if not answered:
                self.leave_unserved(call, Cause.HANGUP)
                self.release(call.agent)
                return
        yield from self.service(call, queue)
        self.release(call.agent)

    def waiting(self, call: Call) -> Any:
        """Wait for an agent, until patience or `wait_timeout` ends or the flow hangs up.

        Returns why the caller left, or None when an agent has been found.
        """
        if call.patience_at <= call.timeout_at:
            at, kind, cause = call.patience_at, Deadline.PATIENCE, Cause.HANGUP
        else:
            at, kind, cause = call.timeout_at, Deadline.TIMEOUT, Cause.TIMEOUT
        deadline: simpy.Event
        if at < NEVER:
            deadline = self.clock.at(at, order_key(Rank.LEAVE, call.number, kind))
        else:
            deadline = self.clock.event()
        try:
            yield deadline
        except simpy.Interrupt as interrupt:
            if isinstance(deadline, Moment):
                self.clock.cancel(deadline)
            if not isinstance(interrupt.cause, Hangup):
                return None
            cause = interrupt.cause.cause
        self.lines[call.queue].leave(call)
        return cause

    # --- 2. wait flow ----------------------------------------------------------------------

    def start_flow(self, call: Call, flow: Timeline) -> None:
        first = flow.steps[0]
        call.begun.append((0, first, call.arrival, flow.instant(call.arrival, 0, first.end_s)))
        call.flow = self.clock.process(self.wait_flow(call, flow))

    def wait_flow(self, call: Call, flow: Timeline) -> Process:
        """Action after action, and again from the top, until the call is answered or leaves."""
        clock = self.clock
        play = 0
        for n in count():
            for step in flow.steps:
                if play > 0:
                    end = flow.instant(call.arrival, n, step.end_s)
                    end = end if step.end_s > step.begin_s else clock.now
                    call.begun.append((play, step, clock.now, end))
                end = call.begun[-1][3]
                if step.hangs_up:
                    self.hang_up(call, step, Cause.FLOW)
                    return
                if end > clock.now:
                    key = order_key(Rank.LEAVE, call.number, Deadline.FLOW)
                    action_ends = clock.at(end, key, matters=flow.holds_hangup)
                    try:
                        yield action_ends
                    except simpy.Interrupt:
                        clock.cancel(action_ends)
                        return
                    self.count_plays(call, end, still_listening=True)
                if step.hangup_probability > 0.0:
                    u = draw(self._announcement_keys[call.queue], call.place, play)
                    if u < step.hangup_probability and call.state is Outcome.WAITING:
                        self.hang_up(call, step, Cause.ANNOUNCEMENT)
                        return
                play += 1

    def hang_up(self, call: Call, step: Step, cause: Cause) -> None:
        """The flow ends the call's waiting; while an agent is on the way it changes nothing."""
        if call.state is Outcome.WAITING:
            self._play_counts(call, step)[2] += call.arrival >= self.plant.warmup_s
            call.process.interrupt(Hangup(cause))

    def stop_listening(self, call: Call, flow: simpy.Process, until: float) -> None:
        """The call's wait flow ends, and what was heard is counted."""
        if flow.is_alive and flow is not self.clock.active_process:
            flow.interrupt()
        self.count_plays(call, until, still_listening=False)

    def count_plays(self, call: Call, until: float, *, still_listening: bool) -> None:
        """Count the actions that began strictly before `until`, as completed if they ended by then.

        While the call is still listening, an action is only counted once it has ended, and none
        after the horizon: a call that waits for ever is counted up to there.
        """
        if still_listening and until > self.plant.horizon_s:
            return
        later = []
        for begun in call.begun:
            _, step, begin, end = begun
            if still_listening and (begin >= until or end > until):
                later.append(begun)
            elif begin < until and call.arrival >= self.plant.warmup_s:
                counts = self._play_counts(call, step)
                counts[0] += 1
                counts[1] += end <= until
        call.begun = later

    def _play_counts(self, call: Call, step: Step) -> list[int]:
        flow = self.plant.queues[call.queue].flow
        assert flow is not None
        return self.plays[self.plant.first_action[flow] + step.action]

    # --- 3. routing ------------------------------------------------------------------------

    def route(self, call: Call, agent: int) -> None:
        """The call is this agent's now."""
        call.agent = agent
        call.routed = self.clock.now
        call.state = Outcome.CONNECTING

    def release(self, agent: int) -> None:
        """The agent becomes available and takes a waiting call, or leaves after the shift's end."""
        self._last_change = now = self.clock.now
        if not self.crew.on_shift[agent]:
            self.crew.end_overtime(agent, now)
            self.crew.note(agent, AgentState.OFF, now)
            return
        call = self.next_call(agent) if self._in_queue[-1] else None
        if call is None:
            self.crew.set_available(agent, now)
            return
        self.lines[call.queue].leave(call)
        self.route(call, agent)
        call.process.interrupt()

    def next_call(self, agent: int) -> Call | None:
        """The waiting call that an agent takes: priority first, then the queues' discipline."""
        plant = self.plant
        matched = plant.queues_of_group[self._group_of[agent]]
        waiting = [q for q in matched if self.lines[q].calls]
        if not waiting:
            return None
        if len(waiting) == 1:
            discipline = plant.queues[waiting[0]].discipline
            if discipline is not Discipline.RANDOM:
                return self.lines[waiting[0]].next(discipline)
        top = max(plant.queues[q].priority for q in waiting)
        queues = [q for q in waiting if plant.queues[q].priority == top]
        disciplines = {plant.queues[q].discipline for q in queues}
        if len(disciplines) > 1:
            return min((self.offer(q) for q in queues), key=lambda call: call.joined_as)
        (discipline,) = disciplines
        if discipline is Discipline.RANDOM:
            return self.any_of(queues, agent)
        calls = (self.lines[q].next(discipline) for q in queues)
        if discipline is Discipline.LIFO:
            return max(calls, key=lambda call: call.joined_as)
        return min(calls, key=lambda call: call.joined_as)

    def offer(self, q: int) -> Call:
        """The call that queue `q` offers by its own discipline, beside queues of others."""
        discipline = self.plant.queues[q].discipline
        if discipline is not Discipline.RANDOM:
            return self.lines[q].next(discipline)
        u = draw(self._offer_keys[q], self._offers[q], 0)
        self._offers[q] += 1
        return self.lines[q].at(pick(u, len(self.lines[q])))

    def any_of(self, queues: list[int], agent: int) -> Call:
        """Any call of these queues with equal chance, counted queue by queue, by joining."""
        key = self._discipline_keys[self._group_of[agent]]
        who = self._index_in_group[agent]
        u = draw(key, who, self.crew.random_picks[agent])
        self.crew.random_picks[agent] += 1
        place = pick(u, sum(len(self.lines[q]) for q in queues))
        for q in queues:
            if place < len(self.lines[q]):
                return self.lines[q].at(place)
            place -= len(self.lines[q])
        raise AssertionError("the place lies within the pool")

    # --- 4. connecting ---------------------------------------------------------------------

    def connecting(self, call: Call, answer_at: float) -> Any:
        """Hear out an action that must not be interrupted. Returns whether the call is answered:
        the caller may hang up before."""
        self.crew.note(call.agent, AgentState.CONNECTING, self.clock.now)
        if call.patience_at < answer_at:
            at = max(call.patience_at, self.clock.now)
            yield self.clock.at(at, order_key(Rank.LEAVE, call.number, Deadline.PATIENCE))
            return False
        yield self.clock.at(answer_at, order_key(Rank.ANSWER, call.number))
        return True

    def heard_out_at(self, call: Call) -> float:
        """When the service can start: now, or at the end of an action that must be heard out.

        An action that begins or ends at this instant delays nothing, but for a call's first,
        which began with the call.
        """
        now = self.clock.now
        for play, step, begin, end in call.begun:
            if not step.interruptible and end > now and (begin < now or play == 0):
                return end
        return now

    # --- 5. service and wrap-up ------------------------------------------------------------

    def service(self, call: Call, queue: QueuePlan) -> Process:
        """The answer, the talk, cut at `service_timeout`, and the agent's wrap-up."""
        clock, crew, agent = self.clock, self.crew, call.agent
        now = clock.now
        if call.in_queue:
            self.leave_queue(call)
        call.state = Outcome.SERVICE
        call.answer = now
        crew.calls_answered[agent] += 1
        crew.note(agent, AgentState.SERVICE, now)
        length = call.service_s / self._speed[agent]
        cut = queue.service_timeout_s < length
        if cut:
            length = queue.service_timeout_s
        yield clock.at(now + length, self._agent_free[agent])
        self.finish(call, Outcome.DONE, service_s=length, wrap_up_s=call.wrap_up_s, cut=cut)
        if call.wrap_up_s > 0.0:
            crew.note(agent, AgentState.WRAP_UP, clock.now)
            yield clock.at(clock.now + call.wrap_up_s, self._agent_free[agent])

    def shifts(self, agent: int, shifts: tuple[tuple[float, float], ...]) -> Process:
        """An agent's shifts. The end of a shift never cuts a call or its wrap-up."""
        clock, crew = self.clock, self.crew
        for start, end in shifts:
            yield clock.at(start, self._agent_free[agent])
            crew.on_shift[agent] = True
            if agent in crew.overtime_since:
                crew.end_overtime(agent, start)
            else:
                self.release(agent)
            if end == NEVER:
                return
            yield clock.at(end, order_key(Rank.AGENT_GONE, agent))
            self._last_change = end
            crew.on_shift[agent] = False
            if crew.available >> agent & 1:
                crew.reserve(agent)
                crew.note(agent, AgentState.OFF, end)
            else:
                crew.overtime_since[agent] = end

    # --- 6. leaving, and the end -----------------------------------------------------------

    def leave_unserved(self, call: Call, cause: Cause) -> None:
        self.leave_queue(call)
        self.finish(call, Outcome.ABANDONED, cause)

    def finish(
        self,
        call: Call,
        outcome: Outcome,
        cause: Cause = Cause.NONE,
        *,
        service_s: float = UNKNOWN,
        wrap_up_s: float = UNKNOWN,
        cut: bool = False,
    ) -> None:
        """The call leaves now: its row is written."""
        self._last_change = now = self.clock.now
        self._present.pop(call.number, None)
        self._write(call, outcome.value, cause.value, now, service_s, wrap_up_s, cut)
        if len(self._rows) >= ROWS_PER_BLOCK:
            self._hand_over()

    def _write(
        self,
        call: Call,
        outcome: int,
        cause: int = Cause.NONE.value,
        leave: float = UNKNOWN,
        service_s: float = UNKNOWN,
        wrap_up_s: float = UNKNOWN,
        cut: bool = False,
    ) -> None:
        self._rows.append(
            (
                call.number, call.queue, call.arrival, call.routed, call.answer, leave, outcome,
                cause, call.agent, service_s, wrap_up_s, cut, 1, NOBODY,
            )
        )  # fmt: skip

    def _hand_over(self) -> None:
        self._emit(CallLog.of_rows(self._rows))
        self._rows = []

    def _close(self) -> None:
        """Write down the calls that are still there, and the agents' last spells."""
        horizon = self.plant.horizon_s
        for number in sorted(self._present):
            call = self._present[number]
            if call.state is not Outcome.SERVICE:
                self.count_plays(call, horizon, still_listening=False)
            self._write(call, call.state.value)
        self._hand_over()
        end = max(horizon, self._last_change) if self.plant.drain else horizon
        self.crew.close(end)

    # --- how many are in the queue ---------------------------------------------------------

    def enter_queue(self, call: Call) -> None:
        """The call is waiting or connecting, and its wait flow begins."""
        call.in_queue = True
        self._count_in_queue(call.queue, +1)
        flow = self.plant.queues[call.queue].flow
        if flow is not None:
            self.start_flow(call, self.plant.flows[flow])

    def leave_queue(self, call: Call) -> None:
        """The call is answered or leaves, and listens no more."""
        self._count_in_queue(call.queue, -1)
        if call.flow is not None:
            self.stop_listening(call, call.flow, self.clock.now)

    def _count_in_queue(self, q: int, change: int) -> None:
        self._in_queue[q] = here = self._in_queue[q] + change
        self._in_queue[-1] = everywhere = self._in_queue[-1] + change
        if self.clock.now < self.plant.warmup_s:
            self._peak[q], self._peak[-1] = here, everywhere
        elif change > 0 and self.clock.now < self.plant.horizon_s:
            self._peak[q] = max(self._peak[q], here)
            self._peak[-1] = max(self._peak[-1], everywhere)
