"""Several queues: priorities, agents with different tags and with service times of their own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from sim.experiment.result import Result
from sim.scenario.distributions import Deterministic, Exponential, Gamma
from sim.scenario.model import AgentGroup, Discipline
from sim.theory import n_design, single_server, tag_systems
from verification.comparisons import Known, Model, metrics, served_share
from verification.scenarios import (
    NEVER,
    exponential,
    poisson_queue,
    read_occupancy,
    read_queues,
    staffed,
)

# --- several queues ------------------------------------------------------------------------


def two_priorities() -> Model:
    rates, service, n = (0.02, 0.025), 80.0, 4
    means = single_server.mmc_priority_wait_means(rates, service, n)
    law = Exponential(scale_s=service)
    queues = (
        poisson_queue(rates[1], law, name="low"),
        poisson_queue(rates[0], law, name="high", priority=1),
    )

    def known(result: Result) -> Iterable[Known]:
        yield "wait_mean_s, high", means[0], metrics(result, 1)["wait_mean_s"]
        yield "wait_mean_s, low", means[1], metrics(result, 0)["wait_mean_s"]

    text = "3.6 erlangs in two queues, non-preemptive priority"
    return Model("M/M/4, 2 priorities", text, staffed(queues, n), sum(rates), 20_000.0, known)


def unequal_priorities() -> Model:
    rates = (0.006, 0.004)
    laws = (Deterministic(value_s=50.0), Gamma(shape=2.0, scale_s=55.0))
    moments = [law.variance_s2 + law.mean_s**2 for law in laws]
    means = single_server.mg1_priority_wait_means(rates, [law.mean_s for law in laws], moments)
    queues = (
        poisson_queue(rates[1], laws[1], name="low"),
        poisson_queue(rates[0], laws[0], name="high", priority=1),
    )

    def known(result: Result) -> Iterable[Known]:
        yield "wait_mean_s, high", means[0], metrics(result, 1)["wait_mean_s"]
        yield "wait_mean_s, low", means[1], metrics(result, 0)["wait_mean_s"]

    text = "one agent, services of 50 s (high) and gamma of mean 110 s (low), load 0.74"
    return Model("M/G/1, 2 priorities", text, staffed(queues, 1), sum(rates), 20_000.0, known)


def tag_chain(order: Literal["fifo", "lifo", "random", "priority"]) -> Model:
    """Two queues and three groups: for one queue, for the other, for both."""
    first = tag_systems.TagQueue(0.045, 60.0, 5, 90.0)
    second = tag_systems.TagQueue(0.035, 90.0, 4, 150.0)
    groups = (
        AgentGroup("one", 2, ("one",)),
        AgentGroup("two", 2, ("two",)),
        AgentGroup("both", 2, ("one", "two")),
    )
    theory = tag_systems.two_queue_tag_system(first, second, 2, 2, 2, order)
    discipline = Discipline.FIFO if order == "priority" else Discipline(order)
    queues = tuple(
        poisson_queue(
            queue.arrival_rate_per_s,
            Exponential(scale_s=queue.service_mean_s),
            name=name,
            patience_law=Exponential(scale_s=queue.patience_mean_s or NEVER),
            room=queue.max_waiting,
            discipline=discipline,
            priority=int(order == "priority" and name == "one"),
            tags=(name,),
        )
        for name, queue in (("one", first), ("two", second))
    )

    def known(result: Result) -> Iterable[Known]:
        for q, (queue, measures) in enumerate(zip(queues, theory.queues, strict=True)):
            simulated = metrics(result, q)
            for name in ("blocked_share", "abandonment", "wait_mean_s"):
                yield f"{name}, {queue.name}", getattr(measures, name), simulated[name]
            shared = measures.served_by[2]
            yield f"answered by `both`, {queue.name}", shared, served_share(result, q, 2)
        for g, group in enumerate(groups):
            busy = result.agent_estimates(g)["occupancy"]
            yield f"occupancy, {group.name}", theory.occupancy[g], busy

    text = f"two queues, groups for the one, the other and both; order `{order}`"
    rate = first.arrival_rate_per_s + second.arrival_rate_per_s
    return Model(f"tags, {order}", text, staffed(queues, groups), rate, 3000.0, known)


def own_service_times() -> Model:
    """The W design: the second of two groups is faster at the queue that both serve."""
    queues = {
        "a": tag_systems.TagQueue(1 / 30, 30.0, 2, 60.0),
        "b": tag_systems.TagQueue(1 / 25, 40.0, 3, 50.0),
        "c": tag_systems.TagQueue(1 / 40, 35.0, 2, 90.0),
    }
    pools = (tag_systems.TagPool(1, (0, 1)), tag_systems.TagPool(1, (1, 2), ((1, 20.0),)))
    theory = tag_systems.tag_system(tuple(queues.values()), pools, "fifo")
    groups = (
        AgentGroup("left", 1, ("a", "b")),
        AgentGroup("right", 1, ("b", "c"), service_times=((1, exponential(20.0)),)),
    )

    def known(result: Result) -> Iterable[Known]:
        names = ("blocked_share", "abandonment", "delayed", "wait_mean_s", "queue_length_mean")
        yield from read_queues(theory.queues, names, result)
        shared = theory.queues[1].served_by[1]
        yield "answered by `right`, b", shared, served_share(result, 1, 1)
        yield from read_occupancy(theory.occupancy, result)

    scenario = staffed(
        tuple(
            poisson_queue(
                queue.arrival_rate_per_s,
                exponential(queue.service_mean_s),
                name=name,
                patience_law=exponential(queue.patience_mean_s or NEVER),
                room=queue.max_waiting,
                tags=(name,),
            )
            for name, queue in queues.items()
        ),
        groups,
    )
    text = "three queues, an agent for a and b, one for b and c: twice as fast at b"
    rate = sum(queue.arrival_rate_per_s for queue in queues.values())
    return Model("W design", text, scenario, rate, 3000.0, known)


def specialists_and_generalists() -> Model:
    """The N design, oldest call first, no limit on the line."""
    rates, patience_s = (0.1, 0.05), 120.0
    theory = n_design.n_design(rates, 6, 4, (60.0, 75.0, 90.0), patience_s)
    groups = (
        AgentGroup("a", 6, ("a",)),
        AgentGroup("ab", 4, ("a", "b"), service_times=((0, exponential(75.0)),)),
    )
    queues = tuple(
        poisson_queue(
            rate,
            exponential(service_s),
            name=name,
            patience_law=exponential(patience_s),
            tags=(name,),
        )
        for name, rate, service_s in (("a", rates[0], 60.0), ("b", rates[1], 90.0))
    )

    def known(result: Result) -> Iterable[Known]:
        names = ("abandonment", "delayed", "wait_mean_s", "queue_length_mean")
        yield from read_queues(theory.queues, names, result)
        shared = theory.queues[0].served_by[1]
        yield "answered by `ab`, a", shared, served_share(result, 0, 1)
        yield from read_occupancy(theory.occupancy, result)

    text = "10.5 erlangs, 6 agents for a, 4 for a (slower) and b, mean patience 120 s"
    return Model("N design", text, staffed(queues, groups), sum(rates), 3000.0, known)
