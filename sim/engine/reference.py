"""The SimPy engine: the readable definition of what happens to a call.

A caller is a process that joins its queue, runs its wait flow, is interrupted by its answer,
and leaves at its deadline. An agent is a number: who is available is in the `Crew`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import simpy

from sim.engine import choices
from sim.engine.call import NEVER, Call, Descendant, Leaving
from sim.engine.clock import Clock, Moment, Process
from sim.engine.crew import Crew
from sim.engine.descent import Descent, Draws
from sim.engine.ledger import Emit, Ledger
from sim.engine.line import Lines
from sim.engine.listening import WaitFlows
from sim.engine.lower import Plant, QueuePlan, RingPlan
from sim.engine.polling import PollingLoops
from sim.engine.rules import BORN_IN_THE_RUN, Deadline, Rank, order_key
from sim.logs import NOBODY, AgentState, Cause, Outcome, SpellKind
from sim.workload.calls import CallBlock
from sim.workload.initial import InitialCalls

DONE = Outcome.DONE.value
IMPATIENT, TIMED_OUT = Leaving(Cause.HANGUP), Leaving(Cause.TIMEOUT)


@dataclass(frozen=True, slots=True)
class Run:
    """What is left when a replication is over, beside what was handed over on the way."""

    queue_peak: list[int]
    """the most calls waiting or connecting at once from the warm-up on, per queue and in all"""
    plays: list[list[int]]
    """per action of all flows: started, completed, hang-ups"""
    agent_log: list[tuple[int, AgentState, float, float]] | None
    """agent, state, from, to; by agent and time"""


class Simulation:
    """One replication. `run` hands over calls in the order in which they leave."""

    def __init__(
        self, plant: Plant, replication: int, emit: Emit, *, keep_agent_log: bool = False
    ) -> None:
        self.plant = plant
        self.clock = Clock()
        self.ledger = Ledger(plant, self.clock, emit)
        self.crew = Crew(
            plant, replication, self.clock, self.ledger, self.serve_next, keep_agent_log
        )
        self.lines = Lines(plant, replication)
        self.flows = WaitFlows(plant, replication, self.clock)
        self.draws = Draws(plant, replication)
        self.descent = Descent(plant, self.draws)
        self.loops: PollingLoops | None = None
        if plant.polling is not None:
            self.loops = PollingLoops(
                plant, plant.polling, self.clock, self.crew, self.lines, self.hand_out
            )
        self._speed: list[float] = plant.speed.tolist()
        groups: list[int] = plant.group_of.tolist()
        self._ring = [plant.rings[group] for group in groups]
        self._service_times = [plant.service_times[group] for group in groups]
        self._present: dict[int, Call] = {}
        self._joined = count()
        self._expected = 0
        self._coming_back: Call | None = None

    def run(self, blocks: Iterable[CallBlock], initial: InitialCalls | None = None) -> Run:
        """Run to the end: the horizon under `stop`; else until nothing can change any more.

        `initial` are the calls that are there at the start; the numbers of `blocks` follow theirs.
        """
        clock, horizon = self.clock, self.plant.horizon_s
        self.crew.start()
        if initial is not None:
            for call, agent in zip(
                self.calls([initial.calls]), initial.agent.tolist(), strict=True
            ):
                self.expect_initial(call, agent)
        self._workload = self.calls(blocks)
        self.expect_next_caller()
        clock.run_before(horizon)
        while self.plant.drain and not (clock.settled and self._over()):
            clock.step()
        self._close()
        return Run(self.ledger.peak, self.flows.plays, self.crew.log)

    def _over(self) -> bool:
        """Whether every call has left, or nothing to come can change any call's fate."""
        if self._arriving or self._expected:
            return False
        if not self._present:
            return True
        return self.clock.n_pending == 0 and not (self.loops and self.loops.can_route)

    def _close(self) -> None:
        """Write down the calls that are still there, and the agents' last spells."""
        horizon = self.plant.horizon_s
        for number in sorted(self._present):
            call = self._present[number]
            if call.state is not Outcome.SERVICE:
                self.flows.count(call, horizon, still_listening=False)
            self.ledger.still_there(call)
        self.crew.close(max(horizon, self.ledger.last_change) if self.plant.drain else horizon)
        self.ledger.hand_over()

    # --- 1. arrival ------------------------------------------------------------------------

    def expect_next_caller(self) -> None:
        """The next call of the workload will arrive at its instant."""
        call = next(self._workload, None)
        self._arriving = call is not None
        if call is not None:
            key = order_key(Rank.ARRIVE, call.number)
            call.process = self.clock.process_at(call.arrival, key, self.caller(call))

    def expect(self, call: Call, at: float, number: int) -> None:
        """A call that is none of the workload's will arrive."""
        self._expected += 1
        key = order_key(Rank.ARRIVE, number)
        call.process = self.clock.process_at(at, key, self.caller(call))

    def expect_initial(self, call: Call, agent: int) -> None:
        """A call that is there at the start: in service, or as if it arrived at 0.

        What should have ended its wait before the start does so at the start.
        """
        if agent == NOBODY:
            call.patience_at = max(call.patience_at, 0.0)
            call.timeout_at = max(call.timeout_at, 0.0)
            call.overflow_at = max(call.overflow_at, 0.0)
            self.expect(call, 0.0, call.number)
            return
        self._present[call.number] = call
        if self.crew.on_shift[agent]:
            self.crew.reserve(agent)
        else:
            self.crew.overtime_since[agent] = 0.0
        call.agent, call.routed = agent, call.arrival
        call.process = self.clock.process_now(self.service(call, call.arrival))

    def calls(self, blocks: Iterable[CallBlock]) -> Iterator[Call]:
        """The calls of the workload in the order of their numbers."""
        limits = [(queue.wait_timeout_s, queue.overflow_after_s) for queue in self.plant.queues]
        for block in blocks:
            columns = (
                block.queue, block.place, block.arrival_s, block.service_s, block.patience_s,
                block.wrap_up_s,
            )  # fmt: skip
            rows = zip(*(c.tolist() for c in columns), strict=True)
            for number, (q, *brings) in enumerate(rows, block.first):
                yield Call(number, q, limits[q], *brings)

    def caller(self, call: Call) -> Process:
        """A caller's life from calling to leaving, and the wrap-up that the call leaves behind."""
        if call.generation == 0 and call.place >= 0:
            self.expect_next_caller()
        else:
            self._expected -= 1
            if call.generation > 0:
                call.number = self.descent.next_number()
        queue = self.plant.queues[call.queue]
        eligible = self.eligible(queue)
        if not eligible:
            line = self.lines.of[call.queue]
            if len(line) >= queue.max_waiting and call.arrival >= 0.0:
                self.finish(call, Outcome.BLOCKED)
                self.call_again(call, blocked=True)
                return
        call.joined_as = next(self._joined)
        self._present[call.number] = call
        if eligible:
            self.give(call, self.crew.assign(call, eligible))
            if self.listens(call, queue):
                self.enter_queue(call)
        else:
            line.join(call)
            self.enter_queue(call)
            found = yield from self.waiting(call, queue)
            if not found:
                return
        if call.begun or call.ring is not None:
            answered = yield from self.connecting(call, queue)
            if not answered:
                return
        self.crew.calls_answered[call.agent] += 1
        yield from self.service(call, self.clock.now)

    def listens(self, call: Call, queue: QueuePlan) -> bool:
        """Whether a call that is routed on arrival hears anything before its answer."""
        if call.ring is not None or call.arrival < 0.0:
            return True
        return queue.flow is not None and self.plant.flows[queue.flow].heard_out_s > 0.0

    def waiting(self, call: Call, queue: QueuePlan) -> Any:
        """Wait for an agent. Returns whether one has been found; else the call has left, at the
        end of its patience, at a deadline of its queue, or by its wait flow."""
        if self.loops is not None:
            self.loops.wake(call.queue)
        at, kind, leaving = call.timeout_at, Deadline.TIMEOUT, TIMED_OUT
        if call.patience_at <= at:
            at, kind, leaving = call.patience_at, Deadline.PATIENCE, IMPATIENT
        if call.overflow_at < at:
            at, kind = call.overflow_at, Deadline.OVERFLOW
            leaving = Leaving(Cause.NONE, to=queue.overflow_to)
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
            if interrupt.cause is None:
                return True
            leaving = interrupt.cause
        self.lines.of[call.queue].leave(call)
        self.leave_unserved(call, leaving)
        return False

    # --- 3. routing ------------------------------------------------------------------------

    def eligible(self, queue: QueuePlan) -> int:
        """The agents whom a call may get as it arrives or comes back: under polling, nobody."""
        return self.crew.available & queue.agents if self.loops is None else 0

    def give(self, call: Call, agent: int) -> None:
        """The call gets this agent, whose phone may have to ring."""
        call.agent = agent
        call.routed = self.clock.now
        call.state = Outcome.CONNECTING
        ring = self._ring[agent]
        call.ring = None if ring is None else self.ring(call, ring)
        call.routings += 1

    def serve_next(self, agent: int) -> bool:
        """The agent is free: gives them a waiting call, if there is one; not under polling."""
        if self.loops is not None or not self.ledger.in_queue[-1]:
            return False
        call = self.lines.next_call(agent)
        if call is None:
            return False
        self.take(call, agent)
        return True

    def hand_out(self, call: Call, eligible: int) -> None:
        """A polling tick: a waiting call gets one of the eligible agents."""
        self.take(call, self.crew.assign(call, eligible))

    def take(self, call: Call, agent: int) -> None:
        """A waiting call's wait is over: it gets this agent."""
        self.lines.of[call.queue].leave(call)
        self.give(call, agent)
        if call is not self._coming_back:
            call.process.interrupt()

    # --- 4. connecting ---------------------------------------------------------------------

    def ring(self, call: Call, ring: RingPlan) -> tuple[float, bool] | None:
        """Until when the phone rings for this routing, and whether it is answered then."""
        now = self.clock.now
        delay = self.plant.seconds(
            ring.delay, self.draws.of(call, choices.RING_DELAY, call.routings)
        )
        u = self.draws.of(call, choices.RING_NO_ANSWER, call.routings)
        if u < ring.no_answer or delay > ring.timeout_s:
            return now + ring.timeout_s, False
        return (now + delay, True) if now + delay > now else None

    def connecting(self, call: Call, queue: QueuePlan) -> Any:
        """The phone rings, and an action that must not be interrupted is heard out.

        Returns whether the call is answered, perhaps after coming back to the queue and getting
        another agent; else it has left.
        """
        while call.ring is not None:
            until, answers = call.ring
            there = yield from self.reserved(call, until)
            if not there:
                return False
            call.ring = None
            if not answers:
                found = yield from self.come_back(call, queue)
                if not found:
                    return False
        answer_at = self.flows.heard_out_at(call)
        if answer_at > self.clock.now:
            return (yield from self.reserved(call, answer_at))
        return True

    def reserved(self, call: Call, until: float) -> Any:
        """An agent is on the way until then. Returns whether the caller has stayed so long."""
        self.crew.note(call.agent, AgentState.CONNECTING, self.clock.now)
        if call.patience_at < until:
            at = max(call.patience_at, self.clock.now)
            yield self.clock.at(at, order_key(Rank.LEAVE, call.number, Deadline.PATIENCE))
            self.leave_unserved(call, IMPATIENT)
            return False
        if until < NEVER:
            yield self.clock.at(until, order_key(Rank.ANSWER, call.number))
        else:
            yield self.clock.event()
        return True

    def come_back(self, call: Call, queue: QueuePlan) -> Any:
        """The ring was not answered: the call waits again, as if it had never stopped.

        Returns whether an agent has been found; else the call has left. An agent without a
        penalty is free again only when the call has been dealt with.
        """
        now, agent = self.clock.now, call.agent
        ring = self._ring[agent]
        assert ring is not None
        self.ledger.spell(SpellKind.RINGING, agent, call.routed, now, call)
        call.agent, call.state = NOBODY, Outcome.WAITING
        free = self.crew.misses_ring(agent, ring.penalty_s)
        leaving = None
        if call.timeout_at < now:
            leaving = TIMED_OUT
        elif call.overflow_at < now:
            leaving = Leaving(Cause.NONE, to=queue.overflow_to)
        elif eligible := self.eligible(queue):
            self.give(call, self.crew.assign(call, eligible))
        else:
            self.lines.of[call.queue].come_back(call)
        if leaving is not None:
            self.leave_unserved(call, leaving)
        if free:
            self._coming_back = call
            self.crew.release(agent)
            self._coming_back = None
        if call.state is Outcome.WAITING and leaving is None:
            return (yield from self.waiting(call, queue))
        return leaving is None

    # --- 5. service and wrap-up ------------------------------------------------------------

    def service(self, call: Call, answer: float) -> Process:
        """The answer, the talk, cut at `service_timeout`, and the agent's wrap-up.

        Only a call that is there at the start was answered before now.
        """
        clock, crew, agent = self.clock, self.crew, call.agent
        queue = self.plant.queues[call.queue]
        now = clock.now
        if call.in_queue:
            self.leave_queue(call)
        call.state = Outcome.SERVICE
        call.answer = answer
        crew.note(agent, AgentState.SERVICE, now)
        service_s = call.service_s
        own = self._service_times[agent]
        if own and call.queue in own and answer >= 0.0:
            service_s = self.plant.seconds(own[call.queue], self.draws.service_u(call))
        length = service_s / self._speed[agent]
        cut = queue.service_timeout_s < length
        if cut:
            length = queue.service_timeout_s
        ends = answer + length
        if ends < now:
            ends, length = now, now - answer
        yield clock.at(ends, crew.free_key[agent])
        del self._present[call.number]
        self.ledger.leaves(call, DONE, 0, length, call.wrap_up_s, cut)
        if call.wrap_up_s > 0.0:
            crew.note(agent, AgentState.WRAP_UP, clock.now)
            yield clock.at(clock.now + call.wrap_up_s, crew.free_key[agent])
        crew.release(agent)

    # --- 6. leaving unserved ---------------------------------------------------------------

    def leave_unserved(self, call: Call, leaving: Leaving) -> None:
        """The call is abandoned or goes to another queue; an agent on the way to it is free."""
        self.leave_queue(call)
        if leaving.to == NOBODY:
            self.finish(call, Outcome.ABANDONED, leaving.cause)
            self.call_again(call, blocked=False)
        else:
            self.finish(call, Outcome.OVERFLOWED)
            self.expect_descendant(self.descent.overflow(call, leaving.to, self.clock.now))
        if call.agent != NOBODY:
            self.crew.release(call.agent)

    def finish(self, call: Call, outcome: Outcome, cause: Cause = Cause.NONE) -> None:
        """The call leaves now, unserved."""
        self._present.pop(call.number, None)
        self.ledger.leaves(call, outcome.value, cause.value)

    def call_again(self, call: Call, *, blocked: bool) -> None:
        """The caller was not served, and may call again."""
        if self.plant.queues[call.queue].retry is not None:
            child = self.descent.retry(call, self.clock.now, blocked=blocked)
            if child is not None:
                self.expect_descendant(child)

    def expect_descendant(self, child: Descendant) -> None:
        """Calls born in the run arrive after those of the workload, by the parent's number."""
        self.expect(child, child.arrival, BORN_IN_THE_RUN + child.parent)

    # --- in the queue and out of it --------------------------------------------------------

    def enter_queue(self, call: Call) -> None:
        """The call is waiting or connecting, and its wait flow begins."""
        call.in_queue = True
        self.ledger.count_in_queue(call.queue, +1)
        flow = self.plant.queues[call.queue].flow
        if flow is not None:
            self.flows.start(call, self.plant.flows[flow])

    def leave_queue(self, call: Call) -> None:
        """The call is answered or leaves, and listens no more."""
        self.ledger.count_in_queue(call.queue, -1)
        if call.flow is not None:
            self.flows.stop(call, call.flow)
