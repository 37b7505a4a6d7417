"""Which call meets which agent, and how the phone rings."""

from __future__ import annotations

from sim.engine import choices
from sim.engine.call import Call
from sim.engine.clock import Clock
from sim.engine.crew import Crew
from sim.engine.descent import Draws
from sim.engine.ledger import Ledger
from sim.engine.line import Lines
from sim.engine.lower import Plant, QueuePlan, RingPlan
from sim.engine.polling import PollingLoops
from sim.logs import Outcome


class Routing:
    """Gives calls to agents: as calls arrive or come back, as agents become free, or at ticks."""

    def __init__(
        self,
        plant: Plant,
        replication: int,
        clock: Clock,
        ledger: Ledger,
        draws: Draws,
        *,
        keep_agent_log: bool,
    ) -> None:
        self._plant = plant
        self._clock = clock
        self._ledger = ledger
        self._draws = draws
        self._rings = [plant.rings[group] for group in plant.group_of.tolist()]
        self._coming_back: Call | None = None
        self.crew = Crew(plant, replication, clock, ledger, self.serve_next, keep_agent_log)
        self.lines = Lines(plant, replication)
        self.loops: PollingLoops | None = None
        if plant.polling is not None:
            self.loops = PollingLoops(
                plant, plant.polling, clock, self.crew, self.lines, self.hand_out
            )

    def eligible(self, queue: QueuePlan) -> int:
        """The agents whom a call may get as it arrives or comes back: under polling, nobody."""
        return self.crew.available & queue.agents if self.loops is None else 0

    @property
    def may_still_route(self) -> bool:
        """Whether a tick to come will find a waiting call and an agent, as things are."""
        return self.loops is not None and self.loops.can_route

    def give(self, call: Call, agent: int) -> None:
        """The call gets this agent, whose phone may have to ring."""
        call.agent = agent
        call.routed = self._clock.now
        call.state = Outcome.CONNECTING
        ring = self._rings[agent]
        call.ring = None if ring is None else self._ring(call, ring)
        call.routings += 1

    def _ring(self, call: Call, ring: RingPlan) -> tuple[float, bool] | None:
        """Until when the phone rings for this routing, and whether it is answered then."""
        now = self._clock.now
        u = self._draws.of(call, choices.RING_DELAY, call.routings)
        delay = self._plant.seconds(ring.delay, u)
        u = self._draws.of(call, choices.RING_NO_ANSWER, call.routings)
        if u < ring.no_answer or delay > ring.timeout_s:
            return now + ring.timeout_s, False
        return (now + delay, True) if now + delay > now else None

    def serve_next(self, agent: int) -> bool:
        """The agent is free: gives them a waiting call, if there is one; not under polling."""
        if self.loops is not None or not self._ledger.in_queue[-1]:
            return False
        call = self.lines.next_call(agent)
        if call is None:
            return False
        self._take(call, agent)
        return True

    def hand_out(self, call: Call, eligible: int) -> None:
        """A polling tick: a waiting call gets one of the eligible agents."""
        self._take(call, self.crew.assign(call, eligible))

    def _take(self, call: Call, agent: int) -> None:
        """A waiting call's wait is over: it gets this agent."""
        self.lines.of[call.queue].leave(call)
        self.give(call, agent)
        if call is not self._coming_back:
            call.process.interrupt()

    def free_after(self, call: Call, agent: int) -> None:
        """The agent who missed this call's ring is free, now that the call has been dealt with:
        and may get the very same call, whose process is the one that runs."""
        self._coming_back = call
        self.crew.release(agent)
        self._coming_back = None

    def penalty_s(self, agent: int) -> float:
        """How long an agent is unavailable who has missed a ring."""
        ring = self._rings[agent]
        return 0.0 if ring is None else ring.penalty_s
