"""Models whose stationary behaviour `sim.theory` knows, as scenarios and as formulas."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

from sim.experiment.result import Result
from sim.metrics.measures import service_levels
from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
)
from sim.scenario.model import (
    AgentGroup,
    Discipline,
    PoissonArrivals,
    Queue,
    Scenario,
    ServiceLevel,
    ServiceLevelFormula,
)
from sim.theory import erlang, families, patience, single_server, tag_systems, timeout
from sim.theory.measures import QueueMeasures
from verification.comparisons import Known, Model, metrics, sample, served_share, wait_square

NEVER = math.inf
THRESHOLD_S = 20.0
SHORT_S = 10.0


def models() -> list[Model]:
    """All models, the shortest formulas first."""
    return [
        erlang_b(),
        insensitive_loss(),
        erlang_c(),
        erlang_a(),
        finite_room(),
        general_patience(),
        timeout_first_come(),
        timeout_last_come(),
        *(deterministic_service(discipline) for discipline in Discipline),
        hyperexponential_service(),
        several_servers(Discipline.LIFO),
        several_servers(Discipline.RANDOM),
        two_priorities(),
        unequal_priorities(),
        tag_chain("fifo"),
        tag_chain("random"),
        tag_chain("priority"),
    ]


def _queue(
    rate_per_s: float,
    service: Distribution,
    *,
    name: str = "calls",
    patience_law: Distribution | None = None,
    timeout_s: float = NEVER,
    room: int | None = None,
    discipline: Discipline = Discipline.FIFO,
    priority: int = 0,
    tags: tuple[str, ...] = (),
) -> Queue:
    return Queue(
        name=name,
        arrivals=PoissonArrivals(rate_per_s),
        service_time=service,
        patience=patience_law,
        wait_timeout_s=timeout_s,
        max_waiting=room,
        discipline=discipline,
        priority=priority,
        tags=tags,
        service_level=ServiceLevel(THRESHOLD_S, SHORT_S),
    )


def _scenario(queues: tuple[Queue, ...], agents: int | tuple[AgentGroup, ...]) -> Scenario:
    groups = (AgentGroup("agents", agents),) if isinstance(agents, int) else agents
    return Scenario(name="", horizon_s=1.0, queues=queues, agents=groups)


def _read(theory: QueueMeasures, names: Iterable[str], result: Result) -> Iterable[Known]:
    """The metrics that theory gives under the same name."""
    simulated = metrics(result) | {"occupancy": result.agent_estimates(0)["occupancy"]}
    for name in names:
        yield name, getattr(theory, name), simulated[name]


def _levels(theory: QueueMeasures, result: Result) -> Iterable[Known]:
    """The service level by every formula."""
    simulated = service_levels(sample(result))
    for formula in ServiceLevelFormula:
        value = theory.service_level(THRESHOLD_S, formula.value, SHORT_S)
        assert value is not None
        yield f"service_level, {formula}", value, simulated[str(formula)]


# --- one queue, several agents -------------------------------------------------------------


def erlang_b() -> Model:
    rate, service, n = 1 / 10, 60.0, 8
    theory = erlang.erlang_b(n, rate * service)
    busy = rate * service * (1.0 - theory) / n

    def known(result: Result) -> Iterable[Known]:
        yield "blocked_share", theory, metrics(result)["blocked_share"]
        yield "occupancy", busy, result.agent_estimates(0)["occupancy"]

    law = Exponential(scale_s=service)
    scenario = _scenario((_queue(rate, law, room=0),), n)
    return Model("M/M/8/8", "Erlang B: 6 erlangs, no room to wait", scenario, rate, 1200.0, known)


def insensitive_loss() -> Model:
    rate, service, n = 1 / 10, 60.0, 8
    theory = erlang.erlang_b(n, rate * service)
    sigma = 1.0
    law = Lognormal(mu=math.log(service) - sigma**2 / 2, sigma=sigma)

    def known(result: Result) -> Iterable[Known]:
        yield "blocked_share", theory, metrics(result)["blocked_share"]

    scenario = _scenario((_queue(rate, law, room=0),), n)
    text = "Erlang B does not depend on the law of the service time: lognormal, cv 1.31"
    return Model("M/G/8/8", text, scenario, rate, 2400.0, known)


def erlang_c() -> Model:
    rate, service, n = 1 / 12, 102.0, 10
    theory = erlang.mmn(rate, service, n)
    names = ("delayed", "asa_s", "wait_sd_s", "queue_length_mean", "occupancy")

    def known(result: Result) -> Iterable[Known]:
        yield from _read(theory, names, result)
        yield "service_level", theory.answered_within(THRESHOLD_S), metrics(result)["service_level"]
        yield "wait_p90_s", theory.wait_quantile_s(0.9), metrics(result)["wait_p90_s"]
        yield "wait_p99_s", theory.wait_quantile_s(0.99), metrics(result)["wait_p99_s"]

    scenario = _scenario((_queue(rate, Exponential(scale_s=service)),), n)
    return Model("M/M/10", "Erlang C: 8.5 erlangs", scenario, rate, 10_000.0, known)


ABANDONING = ("abandonment", "delayed", "asa_s", "wait_mean_s", "wait_sd_s", "abandon_wait_mean_s",
              "queue_length_mean", "occupancy")  # fmt: skip


def erlang_a() -> Model:
    rate, service, n, patience_s = 0.22, 100.0, 20, 60.0
    theory = erlang.erlang_a(rate, service, n, patience_s)

    def known(result: Result) -> Iterable[Known]:
        yield from _read(theory, ABANDONING, result)
        yield from _levels(theory, result)

    law, leave = Exponential(scale_s=service), Exponential(scale_s=patience_s)
    scenario = _scenario((_queue(rate, law, patience_law=leave),), n)
    text = "Erlang A: 22 erlangs, mean patience 60 s"
    return Model("M/M/20+M", text, scenario, rate, 2000.0, known)


def finite_room() -> Model:
    rate, service, n, room, patience_s = 0.06, 100.0, 5, 6, 120.0
    theory = erlang.mmnk_m(rate, service, n, room, patience_s)

    def known(result: Result) -> Iterable[Known]:
        yield from _read(theory, ("blocked_share", *ABANDONING), result)

    law, leave = Exponential(scale_s=service), Exponential(scale_s=patience_s)
    scenario = _scenario((_queue(rate, law, patience_law=leave, room=room),), n)
    text = "6 erlangs, room for 6 waiting calls, mean patience 120 s"
    return Model("M/M/5/5+6+M", text, scenario, rate, 2000.0, known)


def general_patience() -> Model:
    rate, service, n, mean, shape, timeout = 0.22, 100.0, 20, 60.0, 2.0, 90.0
    law = families.capped(families.gamma(mean, mean / math.sqrt(shape)), timeout)
    theory = patience.mmn_g(rate, service, n, law)

    def known(result: Result) -> Iterable[Known]:
        yield from _read(theory, ABANDONING, result)

    leave = Gamma(shape=shape, scale_s=mean / shape)
    queue = _queue(rate, Exponential(scale_s=service), patience_law=leave, timeout_s=timeout)
    text = "22 erlangs, gamma patience of mean 60 s and shape 2, `wait_timeout` 90 s"
    return Model("M/M/20+G", text, _scenario((queue,), n), rate, 2000.0, known)


RATE_50, SERVICE_50, TIMEOUT_50 = 9.5 / 60, 300.0, 100.0


def timeout_first_come() -> Model:
    theory = timeout.mmn_d(RATE_50, SERVICE_50, 50, TIMEOUT_50)

    def known(result: Result) -> Iterable[Known]:
        names = ("abandonment", "delayed", "asa_s", "wait_sd_s", "queue_length_mean")
        yield from _read(theory, names, result)
        yield "service_level", theory.answered_within(THRESHOLD_S), metrics(result)["service_level"]

    queue = _queue(RATE_50, Exponential(scale_s=SERVICE_50), timeout_s=TIMEOUT_50)
    text = "47.5 erlangs, `wait_timeout` 100 s, first come first served"
    return Model("M/M/50+D fifo", text, _scenario((queue,), 50), RATE_50, 12_000.0, known)


def timeout_last_come() -> Model:
    theory = timeout.mmn_d_lifo(RATE_50, SERVICE_50, 50, TIMEOUT_50)

    def known(result: Result) -> Iterable[Known]:
        names = ("abandonment", "delayed", "asa_s", "wait_sd_s", "queue_length_mean")
        yield from _read(theory, names, result)

    queue = _queue(
        RATE_50, Exponential(scale_s=SERVICE_50), timeout_s=TIMEOUT_50, discipline=Discipline.LIFO
    )
    text = "the same, last come first served"
    return Model("M/M/50+D lifo", text, _scenario((queue,), 50), RATE_50, 12_000.0, known)


# --- orders of service ---------------------------------------------------------------------


def one_server(name: str, text: str, service: Distribution, third: float, rho: float,
               discipline: Discipline, warmup_s: float) -> Model:  # fmt: skip
    """M/G/1: the mean wait is the same for every discipline, the second moment is not."""
    mean, second = service.mean_s, service.variance_s2 + service.mean_s**2
    rate = rho / mean
    wait = single_server.mg1_wait_mean(rate, mean, second)
    square = single_server.mg1_wait_second_moment(rate, mean, second, third, discipline.value)

    def known(result: Result) -> Iterable[Known]:
        yield "wait_mean_s", wait, metrics(result)["wait_mean_s"]
        yield "mean square of the wait", square, wait_square(result)

    scenario = _scenario((_queue(rate, service, discipline=discipline),), 1)
    return Model(name, text, scenario, rate, warmup_s, known)


def deterministic_service(discipline: Discipline) -> Model:
    text = f"one agent, load 0.75, every service 60 s, discipline `{discipline}`"
    return one_server(
        f"M/D/1 {discipline}", text, Deterministic(value_s=60.0), 60.0**3, 0.75, discipline, 10_000
    )


def hyperexponential_service() -> Model:
    weights, means = (0.9, 0.1), (20.0, 180.0)
    law = Mixture(weights=weights, parts=tuple(Exponential(scale_s=mean) for mean in means))
    third = 6.0 * math.fsum(w * m**3 for w, m in zip(weights, means, strict=True))
    text = "one agent, load 0.6, hyperexponential service of mean 36 s, cv 2.16"
    return one_server("M/H2/1 fifo", text, law, third, 0.6, Discipline.FIFO, 30_000.0)


def several_servers(discipline: Discipline) -> Model:
    rate, service, n = 0.04, 60.0, 3
    wait = erlang.mmn(rate, service, n).wait_mean_s
    square = single_server.mmc_wait_second_moment(rate, service, n, discipline.value)

    def known(result: Result) -> Iterable[Known]:
        yield "wait_mean_s", wait, metrics(result)["wait_mean_s"]
        yield "mean square of the wait", square, wait_square(result)

    queue = _queue(rate, Exponential(scale_s=service), discipline=discipline)
    text = f"2.4 erlangs, discipline `{discipline}`"
    return Model(f"M/M/3 {discipline}", text, _scenario((queue,), n), rate, 10_000.0, known)


# --- several queues ------------------------------------------------------------------------


def two_priorities() -> Model:
    rates, service, n = (0.02, 0.025), 80.0, 4
    means = single_server.mmc_priority_wait_means(rates, service, n)
    law = Exponential(scale_s=service)
    queues = (
        _queue(rates[1], law, name="low"),
        _queue(rates[0], law, name="high", priority=1),
    )

    def known(result: Result) -> Iterable[Known]:
        yield "wait_mean_s, high", means[0], metrics(result, 1)["wait_mean_s"]
        yield "wait_mean_s, low", means[1], metrics(result, 0)["wait_mean_s"]

    text = "3.6 erlangs in two queues, non-preemptive priority"
    return Model("M/M/4, 2 priorities", text, _scenario(queues, n), sum(rates), 20_000.0, known)


def unequal_priorities() -> Model:
    rates = (0.006, 0.004)
    laws = (Deterministic(value_s=50.0), Gamma(shape=2.0, scale_s=55.0))
    moments = [law.variance_s2 + law.mean_s**2 for law in laws]
    means = single_server.mg1_priority_wait_means(rates, [law.mean_s for law in laws], moments)
    queues = (
        _queue(rates[1], laws[1], name="low"),
        _queue(rates[0], laws[0], name="high", priority=1),
    )

    def known(result: Result) -> Iterable[Known]:
        yield "wait_mean_s, high", means[0], metrics(result, 1)["wait_mean_s"]
        yield "wait_mean_s, low", means[1], metrics(result, 0)["wait_mean_s"]

    text = "one agent, services of 50 s (high) and gamma of mean 110 s (low), load 0.74"
    return Model("M/G/1, 2 priorities", text, _scenario(queues, 1), sum(rates), 20_000.0, known)


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
        _queue(
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
    return Model(f"tags, {order}", text, _scenario(queues, groups), rate, 3000.0, known)
