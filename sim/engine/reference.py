"""The SimPy engine: the readable definition of what happens to a call.

A caller is a process that joins its queue, runs its wait flow, is interrupted by its answer,
and leaves at its deadline. An agent is a number: who is available is in the `Crew`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

import simpy

from sim.engine.arriving import Arrivals
from sim.engine.call import NEVER, Call, Leaving
from sim.engine.clock import Clock, Moment, Process
from sim.engine.descent import Descent, Draws
from sim.engine.ledger import Emit, Ledger
from sim.engine.listening import WaitFlows
from sim.engine.lower import Plant, QueuePlan
from sim.engine.routing import Routing
from sim.engine.rules import (
    MOST_ROUTINGS,
    Deadline,
    EndlessRingingError,
    Rank,
    order_key,
)
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
        self.draws = Draws(plant, replication)
        self.descent = Descent(plant, self.draws)
        self.flows = WaitFlows(plant, replication, self.clock)
        self.routing = Routing(
            plant, replication, self.clock, self.ledger, self.draws, keep_agent_log=keep_agent_log
        )
        self.crew, self.lines = self.routing.crew, self.routing.lines.of
        self.arrivals = Arrivals(plant, self.clock, self.caller)
        self._speed: list[float] = plant.speed.tolist()
        self._service_times = [plant.service_times[group] for group in plant.group_of.tolist()]
        self._present: dict[int, Call] = {}
        self._joined = count()

    def run(self, blocks: Iterable[CallBlock], initial: InitialCalls | None = None) -> Run:
        """Run to the end: the horizon under `stop`; else until nothing can change any more.

        `initial` are the calls that are there at the start; the numbers of `blocks` follow theirs.
        """
        clock, horizon = self.clock, self.plant.horizon_s
        self.crew.start()
        if initial is not None:
            calls = self.arrivals.calls([initial.calls])
            for call, agent in zip(calls, initial.agent.tolist(), strict=True):
                if agent == NOBODY:
                    self.arrivals.expect_initial(call)
                else:
                    self.talk_already(call, agent)
        self.arrivals.start(blocks)
        clock.run_before(horizon)
        while self.plant.drain and not (clock.settled and self._over()):
            clock.step()
        self._close()
        return Run(self.ledger.peak, self.flows.plays, self.crew.log)

    def _over(self) -> bool:
        """Whether every call has left, or nothing to come can change any call's fate."""
        if self.arrivals.to_come:
            return False
        if not self._present:
            return True
        return self.clock.n_pending == 0 and not self.routing.may_still_route

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

    def caller(self, call: Call) -> Process:
        """A caller's life from calling to leaving, and the wrap-up that the call leaves behind."""
        if call.generation == 0 and call.place >= 0:
            self.arrivals.expect_next()
        else:
            self.arrivals.expected -= 1
            if call.generation > 0:
                call.number = self.descent.next_number()
        queue = self.plant.queues[call.queue]
        eligible = self.routing.eligible(queue)
        if not eligible:
            line = self.lines[call.queue]
            if len(line) >= queue.max_waiting and call.arrival >= 0.0:
                self.finish(call, Outcome.BLOCKED)
                self.call_again(call, blocked=True)
                return
        call.joined_as = next(self._joined)
        self._present[call.number] = call
        if eligible:
            self.routing.give(call, self.crew.assign(call, eligible))
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
        if self.routing.loops is not None:
            self.routing.loops.wake(call.queue)
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
        self.lines[call.queue].leave(call)
        self.leave_unserved(call, leaving)
        return False

    # --- 4. connecting ---------------------------------------------------------------------

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
        if call.routings >= MOST_ROUTINGS:
            raise EndlessRingingError(queue.name)
        now, agent = self.clock.now, call.agent
        self.ledger.spell(SpellKind.RINGING, agent, call.routed, now, call)
        call.agent, call.state = NOBODY, Outcome.WAITING
        free = self.crew.misses_ring(agent, self.routing.penalty_s(agent))
        leaving = None
        if call.timeout_at < now:
            leaving = TIMED_OUT
        elif call.overflow_at < now:
            leaving = Leaving(Cause.NONE, to=queue.overflow_to)
        elif eligible := self.routing.eligible(queue):
            self.routing.give(call, self.crew.assign(call, eligible))
        else:
            self.lines[call.queue].come_back(call)
        if leaving is not None:
            self.leave_unserved(call, leaving)
        if free:
            self.routing.free_after(call, agent)
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

    def talk_already(self, call: Call, agent: int) -> None:
        """The agent is in service from the start, off shift in overtime."""
        self._present[call.number] = call
        self.crew.begin_busy(agent)
        call.agent, call.routed = agent, call.arrival
        call.process = self.clock.process_now(self.service(call, call.arrival))

    # --- 6. leaving unserved ---------------------------------------------------------------

    def leave_unserved(self, call: Call, leaving: Leaving) -> None:
        """The call is abandoned or goes to another queue; an agent on the way to it is free."""
        self.leave_queue(call)
        if leaving.to == NOBODY:
            self.finish(call, Outcome.ABANDONED, leaving.cause)
            self.call_again(call, blocked=False)
        else:
            self.finish(call, Outcome.OVERFLOWED)
            self.arrivals.expect_descendant(self.descent.overflow(call, leaving.to, self.clock.now))
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
                self.arrivals.expect_descendant(child)

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
