"""The scenario as an engine wants it: numbers for names, arrays and bit masks for tags."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from sim.engine.choices import ANNOUNCEMENT, DISCIPLINE, OFFER, ROUTING
from sim.engine.timeline import Timeline, unroll
from sim.scenario.model import AtHorizon, Discipline, RoutingMethod, Scenario
from sim.workload.streams import name_key


@dataclass(frozen=True, slots=True)
class QueuePlan:
    """What an engine needs of a queue. `agents` is the mask of matching agents, bit i agent i."""

    name: str
    agents: int
    method: RoutingMethod
    discipline: Discipline
    priority: int
    wait_timeout_s: float
    service_timeout_s: float
    max_waiting: float
    has_patience: bool
    flow: int | None
    routing_key: int
    announcement_key: int
    offer_key: int


@dataclass(frozen=True, slots=True)
class Plant:
    """A scenario lowered: queues and agents by number, in the file's order.

    `group_of`, `index_in_group` and `speed` have an element per agent; `shifts` holds only the
    agents who are not always on shift. `first_action[f]` is where flow f's actions start among
    the actions of all flows.
    """

    queues: tuple[QueuePlan, ...]
    flows: tuple[Timeline, ...]
    first_action: tuple[int, ...]
    n_actions: int
    group_of: NDArray[np.int32]
    index_in_group: NDArray[np.int64]
    speed: NDArray[np.float64]
    shifts: dict[int, tuple[tuple[float, float], ...]]
    queues_of_group: tuple[tuple[int, ...], ...]
    discipline_key: tuple[int, ...]
    horizon_s: float
    warmup_s: float
    drain: bool

    @property
    def n_agents(self) -> int:
        return self.group_of.size


def lower(scenario: Scenario) -> Plant:
    """Lower a scenario: every name resolved to a number, every random choice given its key."""
    counts = [group.count for group in scenario.agents]
    first = [0, *accumulate(counts)]
    everyone = [((1 << n) - 1) << start for n, start in zip(counts, first, strict=False)]
    seed = scenario.seed
    queues = tuple(
        QueuePlan(
            name=queue.name,
            agents=sum(
                mask
                for mask, group in zip(everyone, scenario.agents, strict=True)
                if queue.matches(group.tags)
            ),
            method=queue.routing_method,
            discipline=queue.discipline,
            priority=queue.priority,
            wait_timeout_s=queue.wait_timeout_s,
            service_timeout_s=queue.service_timeout_s,
            max_waiting=np.inf if queue.max_waiting is None else queue.max_waiting,
            has_patience=queue.patience is not None,
            flow=queue.wait_flow,
            routing_key=name_key(seed, ROUTING, queue.name),
            announcement_key=name_key(seed, ANNOUNCEMENT, queue.name),
            offer_key=name_key(seed, OFFER, queue.name),
        )
        for queue in scenario.queues
    )
    n_actions = [len(flow.actions) for flow in scenario.flows]
    return Plant(
        queues=queues,
        flows=tuple(unroll(flow) for flow in scenario.flows),
        first_action=tuple([0, *accumulate(n_actions)][:-1]),
        n_actions=sum(n_actions),
        group_of=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        index_in_group=np.concatenate([np.arange(n) for n in counts] or [np.empty(0, int)]),
        speed=np.repeat([group.speed for group in scenario.agents], counts).astype(np.float64),
        shifts=_shifts(scenario, first),
        queues_of_group=tuple(
            tuple(i for i, queue in enumerate(scenario.queues) if queue.matches(group.tags))
            for group in scenario.agents
        ),
        discipline_key=tuple(name_key(seed, DISCIPLINE, g.name) for g in scenario.agents),
        horizon_s=scenario.horizon_s,
        warmup_s=scenario.warmup_s,
        drain=scenario.at_horizon is AtHorizon.DRAIN,
    )


def _shifts(scenario: Scenario, first: list[int]) -> dict[int, tuple[tuple[float, float], ...]]:
    """The shifts of those agents who have any bounds, as far as they happen.

    The crew of just before the horizon stays until the last call has left: no shift starts or
    ends from the horizon on.
    """
    shifts: dict[int, tuple[tuple[float, float], ...]] = {}
    horizon = scenario.horizon_s
    for group, start in zip(scenario.agents, first, strict=False):
        if group.present and group.schedule is None:
            continue
        for index in range(group.count):
            shifts[start + index] = tuple(
                (a, b if b < horizon else np.inf) for a, b in group.shifts(index) if a < horizon
            )
    return shifts
