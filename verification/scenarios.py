"""How the scenarios of the models are built, and how results are read under theory's names."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sim.experiment.result import Result
from sim.metrics.estimates import Estimate
from sim.metrics.measures import service_levels
from sim.scenario.distributions import Distribution, Exponential
from sim.scenario.model import (
    AgentGroup,
    Arrivals,
    Discipline,
    Flow,
    Overflow,
    PoissonArrivals,
    Polling,
    Queue,
    Retry,
    Scenario,
    ServiceLevel,
    ServiceLevelFormula,
)
from sim.theory.measures import QueueMeasures
from verification.comparisons import Known, metrics, sample

NEVER = math.inf
THRESHOLD_S = 20.0
SHORT_S = 10.0


def poisson_queue(
    rate_per_s: float | Arrivals,
    service: Distribution,
    *,
    name: str = "calls",
    patience_law: Distribution | None = None,
    timeout_s: float = NEVER,
    room: int | None = None,
    discipline: Discipline = Discipline.FIFO,
    priority: int = 0,
    tags: tuple[str, ...] = (),
    wrap_up: Distribution | None = None,
    retry: Retry | None = None,
    overflow: Overflow | None = None,
    wait_flow: int | None = None,
) -> Queue:
    """A queue with Poisson arrivals; a number is their constant rate."""
    arrivals = PoissonArrivals(rate_per_s) if isinstance(rate_per_s, float) else rate_per_s
    return Queue(
        name=name,
        arrivals=arrivals,
        service_time=service,
        patience=patience_law,
        wait_timeout_s=timeout_s,
        max_waiting=room,
        discipline=discipline,
        priority=priority,
        tags=tags,
        service_level=ServiceLevel(THRESHOLD_S, SHORT_S),
        wrap_up=wrap_up,
        retry=retry,
        overflow=overflow,
        wait_flow=wait_flow,
    )


def staffed(
    queues: tuple[Queue, ...],
    agents: int | tuple[AgentGroup, ...],
    *,
    flows: tuple[Flow, ...] = (),
    dispatch: Polling | None = None,
) -> Scenario:
    """The scenario of these queues; a number of agents is one group that serves them all."""
    groups = (AgentGroup("agents", agents),) if isinstance(agents, int) else agents
    return Scenario(
        name="", horizon_s=1.0, queues=queues, agents=groups, flows=flows, dispatch=dispatch
    )


def exponential(mean_s: float) -> Exponential:
    """The exponential distribution of this mean."""
    return Exponential(scale_s=mean_s)


def read(theory: object, names: Iterable[str], result: Result) -> Iterable[Known]:
    """The metrics of the first queue and the first group that theory gives under the same name."""
    simulated = metrics(result) | result.agent_estimates(0)
    for name in names:
        yield name, getattr(theory, name), simulated[name]


def read_queues(theory: Iterable[object], names: Iterable[str], result: Result) -> Iterable[Known]:
    """These metrics of all queues, ``theory`` in their order; the queue's name is appended."""
    wanted = tuple(names)
    for q, (queue, measures) in enumerate(zip(result.scenario.queues, theory, strict=True)):
        simulated = metrics(result, q)
        for name in wanted:
            yield f"{name}, {queue.name}", getattr(measures, name), simulated[name]


def read_occupancy(theory: Iterable[float], result: Result) -> Iterable[Known]:
    """The occupancy of all groups, ``theory`` in their order."""
    for g, (group, busy) in enumerate(zip(result.scenario.agents, theory, strict=True)):
        yield f"occupancy, {group.name}", busy, occupancy(result, g)


def occupancy(result: Result, group: int = 0) -> Estimate:
    """The occupancy of one group."""
    return result.agent_estimates(group)["occupancy"]


def levels(theory: QueueMeasures, result: Result) -> Iterable[Known]:
    """The service level by every formula."""
    simulated = service_levels(sample(result))
    for formula in ServiceLevelFormula:
        value = theory.service_level(THRESHOLD_S, formula.value, SHORT_S)
        assert value is not None
        yield f"service_level, {formula}", value, simulated[str(formula)]
