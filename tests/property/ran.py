"""A replication of a random scenario as the laws want it: plain calls and agents' spells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from sim.engine.choices import ANNOUNCEMENT, draw
from sim.experiment.replicate import Replication, Replicator
from sim.logs import AgentState
from sim.mixing import descend
from sim.scenario.model import ActionType, AtHorizon, Queue, Scenario
from sim.workload.calls import Workload
from sim.workload.streams import name_key
from tests.metrics.plain import PlainCall, Play, plain_calls, plays, shifts

NEVER = math.inf


@dataclass(frozen=True)
class Spell:
    agent: int
    state: AgentState
    from_s: float
    to_s: float


@dataclass(frozen=True)
class Brought:
    """What a caller brings."""

    place: int
    service_s: float
    patience_s: float
    wrap_up_s: float


class Ran:
    """One replication, simulated, with its log in plain Python."""

    def __init__(self, scenario: Scenario, index: int = 0) -> None:
        self.scenario = scenario
        self.index = index
        self.replication: Replication = Replicator(scenario, keep_calls=True, keep_agents=True).run(
            index
        )
        assert self.replication.calls is not None
        self.calls = plain_calls(self.replication.calls)
        self.drain = scenario.at_horizon is AtHorizon.DRAIN

    @cached_property
    def brought(self) -> list[Brought]:
        """What each caller brings, in call order."""
        return [
            Brought(*row)
            for block in Workload(self.scenario).blocks(self.index)
            for row in zip(
                *(
                    getattr(block, name).tolist()
                    for name in ("place", "service_s", "patience_s", "wrap_up_s")
                ),
                strict=True,
            )
        ]

    @cached_property
    def spells(self) -> list[list[Spell]]:
        """Each agent's spells in time."""
        log = self.replication.agents
        assert log is not None
        of: list[list[Spell]] = [[] for _ in range(self.scenario.n_agents)]
        for agent, state, a, b in zip(
            log.agent.tolist(), log.state.tolist(), log.from_s.tolist(), log.to_s.tolist(),
            strict=True,
        ):  # fmt: skip
            of[agent].append(Spell(agent, AgentState(state), a, b))
        return of

    @cached_property
    def matching(self) -> list[list[int]]:
        """The agents who match each queue, by the rule for tags, spelt out once more."""
        tags = [group.tags for group in self.scenario.agents for _ in range(group.count)]
        return [[a for a, have in enumerate(tags) if matches(q, have)] for q in self.queues]

    @property
    def queues(self) -> tuple[Queue, ...]:
        return self.scenario.queues

    @cached_property
    def shifts(self) -> list[list[tuple[float, float]]]:
        """Each agent's shifts as they happen, adjoining ones joined: who was there just before
        the horizon stays."""
        horizon = self.scenario.horizon_s
        happen: list[list[tuple[float, float]]] = []
        for _, spells in shifts(self.scenario):
            own: list[tuple[float, float]] = []
            for a, b in spells:
                if a >= horizon:
                    continue
                b = NEVER if b >= horizon else b
                if own and own[-1][1] == a:
                    own[-1] = (own[-1][0], b)
                else:
                    own.append((a, b))
            happen.append(own)
        return happen

    @cached_property
    def end(self) -> float:
        """The end of the agent log."""
        return max((own[-1].to_s for own in self.spells if own), default=0.0)

    def patience_at(self, call: PlainCall) -> float:
        return call.arrival + self.brought[call.number].patience_s

    def timeout_at(self, call: PlainCall) -> float:
        return call.arrival + self.queues[call.queue].wait_timeout_s

    def driven_away_by(self, call: PlainCall, until: float) -> Play | None:
        """The play at whose end the flow would end the call's waiting, if by `until`."""
        queue = self.queues[call.queue]
        if queue.wait_flow is None:
            return None
        flow = self.scenario.flows[queue.wait_flow]
        key = descend(name_key(self.scenario.seed, ANNOUNCEMENT, queue.name), self.index)
        place = self.brought[call.number].place
        for play in plays(flow, call.arrival, until):
            action = flow.actions[play.action]
            if play.begin > until or play.end > until:
                return None
            if action.type is ActionType.HANGUP:
                return play
            if draw(key, place, play.number) < action.hangup_probability:
                return play
        return None


def matches(queue: Queue, have: tuple[str, ...]) -> bool:
    if not queue.tags:
        return True
    shared = [tag for tag in queue.tags if tag in have]
    return len(shared) == len(queue.tags) if queue.tag_match == "all" else len(shared) > 0
