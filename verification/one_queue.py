"""One queue in its stationary state: Erlang's formulas, patience, orders of service."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sim.experiment.result import Result
from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
)
from sim.scenario.model import Discipline
from sim.theory import erlang, families, patience, single_server, timeout
from verification.comparisons import Known, Model, metrics, wait_square
from verification.scenarios import THRESHOLD_S, levels, poisson_queue, read, staffed

# --- one queue, several agents -------------------------------------------------------------


def erlang_b() -> Model:
    rate, service, n = 1 / 10, 60.0, 8
    theory = erlang.erlang_b(n, rate * service)
    busy = rate * service * (1.0 - theory) / n

    def known(result: Result) -> Iterable[Known]:
        yield "blocked_share", theory, metrics(result)["blocked_share"]
        yield "occupancy", busy, result.agent_estimates(0)["occupancy"]

    law = Exponential(scale_s=service)
    scenario = staffed((poisson_queue(rate, law, room=0),), n)
    return Model("M/M/8/8", "Erlang B: 6 erlangs, no room to wait", scenario, rate, 1200.0, known)


def insensitive_loss() -> Model:
    rate, service, n = 1 / 10, 60.0, 8
    theory = erlang.erlang_b(n, rate * service)
    sigma = 1.0
    law = Lognormal(mu=math.log(service) - sigma**2 / 2, sigma=sigma)

    def known(result: Result) -> Iterable[Known]:
        yield "blocked_share", theory, metrics(result)["blocked_share"]

    scenario = staffed((poisson_queue(rate, law, room=0),), n)
    text = "Erlang B does not depend on the law of the service time: lognormal, cv 1.31"
    return Model("M/G/8/8", text, scenario, rate, 2400.0, known)


def erlang_c() -> Model:
    rate, service, n = 1 / 12, 102.0, 10
    theory = erlang.mmn(rate, service, n)
    names = ("delayed", "asa_s", "wait_sd_s", "queue_length_mean", "occupancy")

    def known(result: Result) -> Iterable[Known]:
        yield from read(theory, names, result)
        yield "service_level", theory.answered_within(THRESHOLD_S), metrics(result)["service_level"]
        yield "wait_p90_s", theory.wait_quantile_s(0.9), metrics(result)["wait_p90_s"]
        yield "wait_p99_s", theory.wait_quantile_s(0.99), metrics(result)["wait_p99_s"]

    scenario = staffed((poisson_queue(rate, Exponential(scale_s=service)),), n)
    return Model("M/M/10", "Erlang C: 8.5 erlangs", scenario, rate, 10_000.0, known)


ABANDONING = ("abandonment", "delayed", "asa_s", "wait_mean_s", "wait_sd_s", "abandon_wait_mean_s",
              "queue_length_mean", "occupancy")  # fmt: skip


def erlang_a() -> Model:
    rate, service, n, patience_s = 0.22, 100.0, 20, 60.0
    theory = erlang.erlang_a(rate, service, n, patience_s)

    def known(result: Result) -> Iterable[Known]:
        yield from read(theory, ABANDONING, result)
        yield from levels(theory, result)

    law, leave = Exponential(scale_s=service), Exponential(scale_s=patience_s)
    scenario = staffed((poisson_queue(rate, law, patience_law=leave),), n)
    text = "Erlang A: 22 erlangs, mean patience 60 s"
    return Model("M/M/20+M", text, scenario, rate, 2000.0, known)


def finite_room() -> Model:
    rate, service, n, room, patience_s = 0.06, 100.0, 5, 6, 120.0
    theory = erlang.mmnk_m(rate, service, n, room, patience_s)

    def known(result: Result) -> Iterable[Known]:
        yield from read(theory, ("blocked_share", *ABANDONING), result)

    law, leave = Exponential(scale_s=service), Exponential(scale_s=patience_s)
    scenario = staffed((poisson_queue(rate, law, patience_law=leave, room=room),), n)
    text = "6 erlangs, room for 6 waiting calls, mean patience 120 s"
    return Model("M/M/5/5+6+M", text, scenario, rate, 2000.0, known)


def general_patience() -> Model:
    rate, service, n, mean, shape, timeout = 0.22, 100.0, 20, 60.0, 2.0, 90.0
    law = families.capped(families.gamma(mean, mean / math.sqrt(shape)), timeout)
    theory = patience.mmn_g(rate, service, n, law)

    def known(result: Result) -> Iterable[Known]:
        yield from read(theory, ABANDONING, result)

    leave = Gamma(shape=shape, scale_s=mean / shape)
    queue = poisson_queue(rate, Exponential(scale_s=service), patience_law=leave, timeout_s=timeout)
    text = "22 erlangs, gamma patience of mean 60 s and shape 2, `wait_timeout` 90 s"
    return Model("M/M/20+G", text, staffed((queue,), n), rate, 2000.0, known)


RATE_50, SERVICE_50, TIMEOUT_50 = 9.5 / 60, 300.0, 100.0


def timeout_first_come() -> Model:
    theory = timeout.mmn_d(RATE_50, SERVICE_50, 50, TIMEOUT_50)

    def known(result: Result) -> Iterable[Known]:
        names = ("abandonment", "delayed", "asa_s", "wait_sd_s", "queue_length_mean")
        yield from read(theory, names, result)
        yield "service_level", theory.answered_within(THRESHOLD_S), metrics(result)["service_level"]

    queue = poisson_queue(RATE_50, Exponential(scale_s=SERVICE_50), timeout_s=TIMEOUT_50)
    text = "47.5 erlangs, `wait_timeout` 100 s, first come first served"
    return Model("M/M/50+D fifo", text, staffed((queue,), 50), RATE_50, 12_000.0, known)


def timeout_last_come() -> Model:
    theory = timeout.mmn_d_lifo(RATE_50, SERVICE_50, 50, TIMEOUT_50)

    def known(result: Result) -> Iterable[Known]:
        names = ("abandonment", "delayed", "asa_s", "wait_sd_s", "queue_length_mean")
        yield from read(theory, names, result)

    queue = poisson_queue(
        RATE_50, Exponential(scale_s=SERVICE_50), timeout_s=TIMEOUT_50, discipline=Discipline.LIFO
    )
    text = "the same, last come first served"
    return Model("M/M/50+D lifo", text, staffed((queue,), 50), RATE_50, 12_000.0, known)


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

    scenario = staffed((poisson_queue(rate, service, discipline=discipline),), 1)
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

    queue = poisson_queue(rate, Exponential(scale_s=service), discipline=discipline)
    text = f"2.4 erlangs, discipline `{discipline}`"
    return Model(f"M/M/3 {discipline}", text, staffed((queue,), n), rate, 10_000.0, known)
