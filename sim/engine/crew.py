"""The agents of the SimPy engine: who is on shift, who is available, whom a call gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import simpy

from sim.engine.call import NEVER, Call
from sim.engine.choices import draw, pick
from sim.engine.clock import Clock, Life, Process
from sim.engine.ledger import Ledger
from sim.engine.lower import Plant, QueuePlan
from sim.engine.rosters import Shifts, shifts_of
from sim.engine.rules import Rank, order_key
from sim.engine.spells import Spell, joined
from sim.logs import AgentState, SpellKind
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


@dataclass(frozen=True, slots=True)
class Absence:
    """A penalty or a break under way, which `life` waits to be over."""

    life: Life
    kind: SpellKind
    since: float


STATE = {SpellKind.PENALTY: AgentState.PENALTY, SpellKind.BREAK: AgentState.BREAK}


class Crew:
    """All agents. Bit i of `available` is set while agent i waits for a call.

    `serve` is asked to give a waiting call to an agent who is free, and tells whether it did.
    """

    def __init__(
        self,
        plant: Plant,
        replication: int,
        clock: Clock,
        ledger: Ledger,
        serve: Callable[[int], bool],
        keep_log: bool,
    ) -> None:
        n = plant.n_agents
        self._plant = plant
        self._clock = clock
        self._ledger = ledger
        self._serve = serve
        self._routing_keys = [descend(q.routing_key, replication) for q in plant.queues]
        self._shifts = shifts_of(plant, replication)
        self.free_key = [order_key(Rank.AGENT_FREE, agent) for agent in range(n)]
        """The `order_key` of the end of what each agent does."""
        self.available = (1 << n) - 1
        self.on_shift = [True] * n
        self.overtime_since: dict[int, float] = {}
        self.owed_break_s = [0.0] * n
        self.absent: dict[int, Absence] = {}
        self.available_since = [0.0] * n
        self.calls_answered = [0] * n
        self.log: list[Spell] | None = [] if keep_log else None
        self._state = [(AgentState.AVAILABLE, 0.0)] * n if keep_log else []
        for agent in self._shifts:
            self.on_shift[agent] = False
            self.reserve(agent)
            if keep_log:
                self._state[agent] = (AgentState.OFF, 0.0)

    # --- whom a call gets ------------------------------------------------------------------

    def eligible(self, queue: QueuePlan) -> int:
        """The mask of agents who are on shift, available and match the queue."""
        return self.available & queue.agents

    def assign(self, call: Call, eligible: int) -> int:
        """Choose the agent who gets a call; that agent is no longer available."""
        agent = self.choose(call, eligible)
        self.available &= ~(1 << agent)
        return agent

    def choose(self, call: Call, eligible: int) -> int:
        """The agent who gets a call: by the queue's routing method among the `eligible`.

        Under `random` of m eligible agents the floor(u * m)-th in file order, u being the
        call's own draw for this routing. Ties of the other methods: lowest number.
        """
        method = self._plant.queues[call.queue].method
        if method is RoutingMethod.LISTED:
            return (eligible & -eligible).bit_length() - 1
        m = eligible.bit_count()
        if m == 1:
            return eligible.bit_length() - 1
        if method is RoutingMethod.RANDOM:
            u = draw(self._routing_keys[call.origin], call.place, call.routings)
            return nth_bit(eligible, pick(u, m))
        rank = self.available_since if method is RoutingMethod.LONGEST_IDLE else self.calls_answered
        return min((nth_bit(eligible, i) for i in range(m)), key=lambda agent: rank[agent])

    def reserve(self, agent: int) -> None:
        """The agent is no longer available."""
        self.available &= ~(1 << agent)

    def release(self, agent: int) -> None:
        """The agent is free: off after the shift's end, else a break if one is owed, else takes a
        waiting call or becomes available."""
        self._ledger.last_change = now = self._clock.now
        if not self.on_shift[agent]:
            self.end_overtime(agent, now)
            self.note(agent, AgentState.OFF, now)
        elif self.owed_break_s[agent] > 0.0:
            length, self.owed_break_s[agent] = self.owed_break_s[agent], 0.0
            self._be_absent(agent, SpellKind.BREAK, length)
        elif not self._serve(agent):
            self.set_available(agent, now)

    def set_available(self, agent: int, now: float) -> None:
        """The agent waits for a call from `now` on."""
        self.available |= 1 << agent
        self.available_since[agent] = now
        self.note(agent, AgentState.AVAILABLE, now)

    # --- shifts, breaks and penalties ------------------------------------------------------

    def start(self) -> None:
        """Shifts and breaks begin to take their course."""
        for agent, shifts in self._shifts.items():
            self._clock.process(self._work_shifts(agent, shifts))
        for agent, group in enumerate(self._plant.group_of.tolist()):
            if self._plant.breaks[group]:
                self._clock.process(self._take_breaks(agent, self._plant.breaks[group]))

    def _work_shifts(self, agent: int, shifts: Shifts) -> Process:
        """An agent's shifts. The end of a shift never cuts a call or its wrap-up."""
        clock = self._clock
        starts, ends = order_key(Rank.AGENT_FREE, agent, 1), order_key(Rank.AGENT_GONE, agent)
        for start, end in shifts:
            yield clock.at(start, starts)
            self.on_shift[agent] = True
            if agent in self.overtime_since:
                self.end_overtime(agent, start)
            else:
                self.release(agent)
            if end == NEVER:
                return
            yield clock.at(end, ends)
            self._ledger.last_change = end
            self.on_shift[agent] = False
            self.owed_break_s[agent] = 0.0
            if self._stop_idling(agent):
                self.note(agent, AgentState.OFF, end)
            else:
                self.overtime_since[agent] = end

    def _take_breaks(self, agent: int, breaks: tuple[tuple[float, float], ...]) -> Process:
        """An agent's breaks. One that begins in a call, or in another break, is owed."""
        key = order_key(Rank.AGENT_GONE, agent, 1)
        for at, length in breaks:
            yield self._clock.at(at, key)
            on_break = agent in self.absent and self.absent[agent].kind is SpellKind.BREAK
            if self.on_shift[agent] and not on_break and self._stop_idling(agent):
                self._be_absent(agent, SpellKind.BREAK, length)
            elif self.on_shift[agent]:
                self.owed_break_s[agent] += length

    def _stop_idling(self, agent: int) -> bool:
        """End the agent's being available, in penalty or on a break; False: the agent works."""
        if self.available >> agent & 1:
            self.reserve(agent)
            return True
        if agent in self.absent:
            self.absent[agent].life.interrupt()
            return True
        return False

    def misses_ring(self, agent: int, penalty_s: float) -> bool:
        """A ring was not answered: off, a break that is owed, or the penalty. Without any of these
        the agent is to be released once the call has been dealt with: True."""
        if not self.on_shift[agent] or self.owed_break_s[agent] > 0.0:
            self.release(agent)
            return False
        if penalty_s > 0.0:
            self._be_absent(agent, SpellKind.PENALTY, penalty_s)
            return False
        return True

    def _be_absent(self, agent: int, kind: SpellKind, length: float) -> None:
        now = self._clock.now
        self.note(agent, STATE[kind], now)
        life = self._clock.process_now(self._absence(agent, kind, now, now + length))
        self.absent[agent] = Absence(life, kind, now)

    def _absence(self, agent: int, kind: SpellKind, since: float, until: float) -> Process:
        """A penalty or a break, to its end or until the shift or another break ends it."""
        over = self._clock.at(until, self.free_key[agent])
        cut_short = False
        try:
            yield over
        except simpy.Interrupt:
            self._clock.cancel(over)
            cut_short = True
        del self.absent[agent]
        if self._clock.now > since:
            self._ledger.spell(kind, agent, since, self._clock.now)
        if not cut_short:
            self.release(agent)

    def end_overtime(self, agent: int, now: float) -> None:
        """Work after the end of the shift is over, or another shift has begun."""
        since = self.overtime_since.pop(agent, now)
        if now > since:
            self._ledger.spell(SpellKind.OVERTIME, agent, since, now)

    # --- the agent log ---------------------------------------------------------------------

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
        """End what is still open: absences and overtime, and the spells of the log."""
        for agent, absence in sorted(self.absent.items()):
            if end > absence.since:
                self._ledger.spell(absence.kind, agent, absence.since, end)
        for agent in sorted(self.overtime_since):
            self.end_overtime(agent, end)
        if self.log is not None:
            for agent, (state, since) in enumerate(self._state):
                if end > since:
                    self.log.append((agent, state, since, end))
            self.log.sort(key=lambda spell: (spell[0], spell[2]))
            self.log = joined(self.log)
