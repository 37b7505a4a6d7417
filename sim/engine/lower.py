"""The scenario as an engine wants it: numbers for names, arrays and bit masks for tags."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from sim.engine import choices
from sim.engine.rosters import Shifts, before_horizon
from sim.engine.timeline import Timeline, unroll
from sim.scenario.behaviour import Polling, Retry, RetryCause, Ring
from sim.scenario.distributions import Distribution
from sim.scenario.model import AtHorizon, Discipline, Queue, RoutingMethod, Scenario
from sim.workload.calls import PURPOSES
from sim.workload.initial import INITIAL_SERVICE, INITIAL_WRAP_UP
from sim.workload.streams import name_key
from sim.workload.variates import quantile

NONE = -1
"""No distribution, no queue."""

CALL_PURPOSES = (
    choices.ROUTING, choices.ANNOUNCEMENT, choices.OFFER, choices.RING_DELAY,
    choices.RING_NO_ANSWER, choices.RETRY, choices.RETRY_DELAY, choices.RETRY_SERVICE,
    choices.RETRY_PATIENCE, choices.RETRY_WRAP_UP, INITIAL_SERVICE, INITIAL_WRAP_UP, *PURPOSES,
)  # fmt: skip
"""What draws are made for under a queue's name."""


@dataclass(frozen=True, slots=True)
class RetryPlan:
    """Who calls again. `delay` is a distribution's number."""

    probability: float
    delay: int
    max_attempts: int
    on_abandoned: bool
    on_blocked: bool


@dataclass(frozen=True, slots=True)
class RingPlan:
    """How the phones of a group are answered. `delay` is a distribution's number."""

    delay: int
    no_answer: float
    timeout_s: float
    penalty_s: float


@dataclass(frozen=True, slots=True)
class QueuePlan:
    """What an engine needs of a queue. `agents` is the mask of matching agents, bit i agent i.

    `service`, `wrap_up` and `patience` are distributions' numbers (`NONE` for none),
    `overflow_to` a queue's; `overflow_after_s` is infinite without overflow. `keys` holds the key
    of each purpose in `CALL_PURPOSES`.
    """

    name: str
    agents: int
    method: RoutingMethod
    discipline: Discipline
    priority: int
    wait_timeout_s: float
    service_timeout_s: float
    max_waiting: float
    flow: int | None
    service: int
    wrap_up: int
    patience: int
    overflow_after_s: float
    overflow_to: int
    retry: RetryPlan | None
    has_patience: bool
    """Whether any of its callers may hang up: also where only recorded calls bring patience."""
    keys: dict[str, int]

    @property
    def routing_key(self) -> int:
        return self.keys[choices.ROUTING]

    @property
    def announcement_key(self) -> int:
        return self.keys[choices.ANNOUNCEMENT]

    @property
    def offer_key(self) -> int:
        return self.keys[choices.OFFER]


@dataclass(frozen=True, slots=True)
class Plant:
    """A scenario lowered: queues and agents by number, in the file's order.

    `group_of`, `index_in_group` and `speed` have an element per agent. `scheduled` and `shifts`
    hold only the agents who are not always on shift: as scheduled, and as far as that happens
    before the horizon; `rosters.shifts_of` gives those of a replication. `breaks` (begin, length),
    `rings`, `shrinkage` and `service_times` (by queue, a distribution's number) have an element per
    group. `first_action[f]` is where flow f's actions start among the actions of all flows.
    """

    queues: tuple[QueuePlan, ...]
    flows: tuple[Timeline, ...]
    first_action: tuple[int, ...]
    n_actions: int
    distributions: tuple[Distribution, ...]
    group_of: NDArray[np.int32]
    index_in_group: NDArray[np.int64]
    speed: NDArray[np.float64]
    scheduled: dict[int, Shifts]
    shifts: dict[int, Shifts]
    breaks: tuple[tuple[tuple[float, float], ...], ...]
    rings: tuple[RingPlan | None, ...]
    shrinkage: tuple[float, ...]
    shrinkage_key: tuple[int, ...]
    service_times: tuple[dict[int, int], ...]
    queues_of_group: tuple[tuple[int, ...], ...]
    discipline_key: tuple[int, ...]
    polling: Polling | None
    starts_empty: bool
    horizon_s: float
    warmup_s: float
    drain: bool

    @property
    def n_agents(self) -> int:
        return self.group_of.size

    @property
    def is_full(self) -> bool:
        """Whether there is more to it than queues, wait flows and shifts: breaks, shrinkage,
        ringing, overflow, retries, polling, own service times or calls there at the start."""
        return (
            self.polling is not None
            or not self.starts_empty
            or any(self.shrinkage)
            or any(self.breaks)
            or any(self.service_times)
            or any(ring is not None for ring in self.rings)
            or any(q.retry is not None or q.overflow_to != NONE for q in self.queues)
            or any(f.ending is not None and f.ending.queue != NONE for f in self.flows)
        )

    def seconds(self, distribution: int, u: float) -> float:
        """The value of distribution number `distribution` at the uniform `u`, in seconds."""
        return float(quantile(self.distributions[distribution], np.array([u]))[0])


class _Distributions:
    """Gives numbers to distributions, in the order in which they are met."""

    def __init__(self) -> None:
        self.met: dict[Distribution, int] = {}

    def number(self, distribution: Distribution | None) -> int:
        if distribution is None:
            return NONE
        return self.met.setdefault(distribution, len(self.met))


def lower(scenario: Scenario) -> Plant:
    """Lower a scenario: every name resolved to a number, every random choice given its key."""
    counts = [group.count for group in scenario.agents]
    first = [0, *accumulate(counts)]
    everyone = [((1 << n) - 1) << start for n, start in zip(counts, first, strict=False)]
    seed = scenario.seed
    drawn = _Distributions()
    queues = tuple(_queue(scenario, queue, everyone, drawn) for queue in scenario.queues)
    n_actions = [len(flow.actions) for flow in scenario.flows]
    scheduled = {
        start + index: group.shifts(index)
        for group, start in zip(scenario.agents, first, strict=False)
        if not group.present or group.schedule is not None
        for index in range(group.count)
    }
    horizon = scenario.horizon_s
    rings = tuple(_ring(group.ring, drawn) for group in scenario.agents)
    service_times = tuple(
        {q: drawn.number(own) for q, own in group.service_times} for group in scenario.agents
    )
    return Plant(
        queues=queues,
        flows=tuple(unroll(flow, scenario.flow_action_limit) for flow in scenario.flows),
        first_action=tuple([0, *accumulate(n_actions)][:-1]),
        n_actions=sum(n_actions),
        distributions=tuple(drawn.met),
        group_of=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        index_in_group=np.concatenate([np.arange(n) for n in counts] or [np.empty(0, int)]),
        speed=np.repeat([group.speed for group in scenario.agents], counts).astype(np.float64),
        scheduled=scheduled,
        shifts={agent: before_horizon(own, horizon) for agent, own in scheduled.items()},
        breaks=tuple(
            tuple((b.at_s, b.length_s) for b in group.breaks if b.at_s < horizon)
            for group in scenario.agents
        ),
        rings=rings,
        shrinkage=tuple(group.shrinkage for group in scenario.agents),
        shrinkage_key=tuple(name_key(seed, choices.SHRINKAGE, g.name) for g in scenario.agents),
        service_times=service_times,
        queues_of_group=tuple(
            tuple(i for i, queue in enumerate(scenario.queues) if queue.matches(group.tags))
            for group in scenario.agents
        ),
        discipline_key=tuple(name_key(seed, choices.DISCIPLINE, g.name) for g in scenario.agents),
        polling=scenario.dispatch,
        starts_empty=scenario.initial is None,
        horizon_s=horizon,
        warmup_s=scenario.warmup_s,
        drain=scenario.at_horizon is AtHorizon.DRAIN,
    )


def _queue(
    scenario: Scenario, queue: Queue, everyone: list[int], drawn: _Distributions
) -> QueuePlan:
    """One queue; `everyone` holds the mask of each group's agents."""
    return QueuePlan(
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
        flow=queue.wait_flow,
        service=drawn.number(queue.service_time),
        wrap_up=drawn.number(queue.wrap_up),
        patience=drawn.number(queue.patience),
        overflow_after_s=np.inf if queue.overflow is None else queue.overflow.after_s,
        overflow_to=NONE if queue.overflow is None else queue.overflow.to,
        retry=_retry(queue.retry, drawn),
        has_patience=queue.patience is not None
        or getattr(queue.arrivals, "patience_s", None) is not None,
        keys={p: name_key(scenario.seed, p, queue.name) for p in CALL_PURPOSES},
    )


def _retry(retry: Retry | None, drawn: _Distributions) -> RetryPlan | None:
    if retry is None:
        return None
    return RetryPlan(
        retry.probability,
        drawn.number(retry.delay),
        retry.max_attempts,
        RetryCause.ABANDONED in retry.on,
        RetryCause.BLOCKED in retry.on,
    )


def _ring(ring: Ring | None, drawn: _Distributions) -> RingPlan | None:
    if ring is None:
        return None
    return RingPlan(drawn.number(ring.delay), ring.no_answer, ring.timeout_s, ring.penalty_s)
