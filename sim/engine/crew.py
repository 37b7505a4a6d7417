"""The agents of the SimPy engine: who is on shift, who is available, whom a call gets."""

from __future__ import annotations

from sim.engine.choices import draw, pick
from sim.engine.lower import Plant, QueuePlan
from sim.engine.spells import Spell, joined
from sim.logs import AgentState
from sim.mixing import descend
from sim.scenario.model import RoutingMethod


def nth_bit(mask: int, n: int) -> int:
    """The place of the n-th (from 0) set bit of `mask`, by halving."""
    place, width = 0, mask.bit_length()
    while width > 1:
        half = width // 2
        low = mask & ((1 << half) - 1)
        below = low.bit_count()
        if n < below:
            mask, width = low, half
        else:
            mask, n, place, width = mask >> half, n - below, place + half, width - half
    return place


class Crew:
    """All agents. Bit i of `available` is set while agent i waits for a call."""

    def __init__(self, plant: Plant, replication: int, keep_log: bool) -> None:
        n = plant.n_agents
        self._plant = plant
        self._routing_keys = [descend(q.routing_key, replication) for q in plant.queues]
        self.available = (1 << n) - 1
        self.on_shift = [True] * n
        self.overtime_since: dict[int, float] = {}
        self.available_since = [0.0] * n
        self.calls_answered = [0] * n
        self.random_picks = [0] * n
        self.overtime: list[tuple[int, float, float]] = []
        self.log: list[Spell] | None = [] if keep_log else None
        self._state = [(AgentState.AVAILABLE, 0.0)] * n if keep_log else []
        for agent in plant.shifts:
            self.on_shift[agent] = False
            self.reserve(agent)
            if keep_log:
                self._state[agent] = (AgentState.OFF, 0.0)

    def eligible(self, queue: QueuePlan) -> int:
        """The mask of agents who are on shift, available and match the queue."""
        return self.available & queue.agents

    def choose(self, q: int, eligible: int, place: int, routing: int) -> int:
        """The agent who gets a call: by the queue's routing method among the `eligible`.

        Under `random` of m eligible agents the floor(u * m)-th in file order, u being the
        call's own draw for its `routing`-th routing. Ties of the other methods: lowest number.
        """
        method = self._plant.queues[q].method
        if method is RoutingMethod.LISTED:
            return (eligible & -eligible).bit_length() - 1
        m = eligible.bit_count()
        if m == 1:
            return eligible.bit_length() - 1
        if method is RoutingMethod.RANDOM:
            return nth_bit(eligible, pick(draw(self._routing_keys[q], place, routing), m))
        rank = self.available_since if method is RoutingMethod.LONGEST_IDLE else self.calls_answered
        return min((nth_bit(eligible, i) for i in range(m)), key=lambda agent: rank[agent])

    def reserve(self, agent: int) -> None:
        """The agent is no longer available."""
        self.available &= ~(1 << agent)

    def set_available(self, agent: int, now: float) -> None:
        """The agent waits for a call from `now` on."""
        self.available |= 1 << agent
        self.available_since[agent] = now
        self.note(agent, AgentState.AVAILABLE, now)

    def end_overtime(self, agent: int, now: float) -> None:
        """Work after the end of the shift is over, or another shift has begun."""
        since = self.overtime_since.pop(agent, now)
        if now > since:
            self.overtime.append((agent, since, now))

    def note(self, agent: int, state: AgentState, now: float) -> None:
        """Write the spell that ends now into the agent log, if one is kept."""
        if self.log is None:
            return
        before, since = self._state[agent]
        if state is before:
            return
        if now > since:
            self.log.append((agent, before, since, now))
        self._state[agent] = (state, now)

    def close(self, end: float) -> None:
        """End what is still open: overtime, and the spells of the log."""
        for agent in sorted(self.overtime_since):
            self.end_overtime(agent, end)
        if self.log is not None:
            for agent, (state, since) in enumerate(self._state):
                if end > since:
                    self.log.append((agent, state, since, end))
            self.log.sort(key=lambda spell: (spell[0], spell[2]))
            self.log = joined(self.log)
