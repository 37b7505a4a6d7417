"""Callers who go on: retrials, and overflow to another queue at once."""

from __future__ import annotations

from collections.abc import Iterable

from sim.experiment.result import Result
from sim.metrics.estimates import share
from sim.scenario.model import (
    Action,
    ActionType,
    AgentGroup,
    Discipline,
    Flow,
    Overflow,
    Retry,
)
from sim.sums import Count
from sim.theory import overflow as overflow_theory
from sim.theory.retrials import retrials
from verification.comparisons import Known, Model, metrics, sample
from verification.scenarios import exponential, poisson_queue, read, read_occupancy, staffed

ORBIT_WARMUP_S = 5000.0
ATTEMPTS = ("abandonment", "first_attempt_abandonment", "retry_share", "delayed", "wait_mean_s",
            "queue_length_mean", "occupancy")  # fmt: skip


def retrials_in_random_order() -> Model:
    rate, service_s, n, patience_s, room = 0.1, 50.0, 5, 40.0, 4
    theory = retrials(
        rate, service_s, n, retry_probability=0.5, retry_delay_mean_s=120.0, max_attempts=2,
        patience_mean_s=patience_s, max_waiting=room, order="random",
    )  # fmt: skip

    def known(result: Result) -> Iterable[Known]:
        yield from read(theory, ("blocked_share", *ATTEMPTS), result)

    queue = poisson_queue(
        rate,
        exponential(service_s),
        patience_law=exponential(patience_s),
        room=room,
        discipline=Discipline.RANDOM,
        retry=Retry(0.5, exponential(120.0), max_attempts=2),
    )
    text = "5 erlangs, 5 agents, room for 4, half of the lost call once more; discipline `random`"
    scenario = staffed((queue,), n)
    return Model("retrials, random", text, scenario, rate, ORBIT_WARMUP_S, known)


def endless_retrials() -> Model:
    rate, service_s, n, patience_s = 0.1, 50.0, 5, 40.0
    theory = retrials(
        rate, service_s, n, retry_probability=0.5, retry_delay_mean_s=120.0,
        patience_mean_s=patience_s,
    )  # fmt: skip

    def known(result: Result) -> Iterable[Known]:
        yield from read(theory, (*ATTEMPTS, "asa_s"), result)

    queue = poisson_queue(
        rate,
        exponential(service_s),
        patience_law=exponential(patience_s),
        retry=Retry(0.5, exponential(120.0), max_attempts=1000),
    )
    text = "the same without limits on room or attempts, first come first served"
    return Model("retrials, fifo", text, staffed((queue,), n), rate, ORBIT_WARMUP_S, known)


def retrials_of_the_blocked() -> Model:
    rate, service_s, n = 0.1, 60.0, 8
    theory = retrials(
        rate, service_s, n,
        retry_probability=0.7, retry_delay_mean_s=60.0, max_attempts=3, max_waiting=0,
    )  # fmt: skip

    def known(result: Result) -> Iterable[Known]:
        yield from read(theory, ("blocked_share", "retry_share", "occupancy"), result)

    queue = poisson_queue(
        rate, exponential(service_s), room=0, retry=Retry(0.7, exponential(60.0), max_attempts=3)
    )
    text = "6 erlangs, 8 agents, no room; 0.7 of the blocked call again, three calls at most"
    return Model("retrials, loss", text, staffed((queue,), n), rate, ORBIT_WARMUP_S, known)


def overflow_at_once(by_flow: bool) -> Model:
    """By the overflow rule, or by a wait flow that does nothing but join the other queue."""
    rates, services, n, patience_s = (0.1, 0.02), (60.0, 80.0), (5, 3), 60.0
    theory = overflow_theory.overflow(
        rates[0], services[0], n[0], rates[1], services[1], n[1], patience_mean_s=patience_s
    )
    flow = Flow("move", (Action(ActionType.QUEUE_JOIN, queue=1),))
    first = poisson_queue(
        rates[0],
        exponential(services[0]),
        name="A",
        patience_law=exponential(patience_s),
        tags=("a",),
        overflow=None if by_flow else Overflow(0.0, 1),
        wait_flow=0 if by_flow else None,
    )
    second = poisson_queue(
        rates[1],
        exponential(services[1]),
        name="B",
        patience_law=exponential(patience_s),
        tags=("b",),
    )
    groups = (AgentGroup("a", n[0], ("a",)), AgentGroup("b", n[1], ("b",)))

    def known(result: Result) -> Iterable[Known]:
        of_a = sample(result, 0)
        moved = share(of_a.count(Count.OVERFLOWED), of_a.count(Count.INCOMING))
        yield "overflowed of incoming, A", theory.overflowed_share, moved
        of_b = metrics(result, 1)
        for name in ("abandonment", "delayed", "wait_mean_s", "queue_length_mean"):
            yield f"{name}, B", getattr(theory, name), of_b[name]
        together = result.estimates(slice(0, 3), 2)["abandonment"]
        yield "abandonment, total", theory.total_abandonment, together
        yield from read_occupancy(theory.occupancy, result)

    how = "a wait flow of one `queue_join`" if by_flow else "`overflow: {after: 0s}`"
    text = f"A: 6 erlangs, 5 agents; B: 1.6 erlangs, 3 agents, and A's overflow, by {how}"
    scenario = staffed((first, second), groups, flows=(flow,) if by_flow else ())
    name = "overflow by flow" if by_flow else "overflow"
    return Model(name, text, scenario, sum(rates), 3000.0, known)
