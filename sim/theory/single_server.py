"""M/G/1 and M/M/c: moments of the wait by order of service, and non-preemptive priority.

Waits are times in queue, over all calls, nobody leaves, stationary.

References
----------
Cooper (1981), Introduction to Queueing Theory, ch. 5 (Pollaczek-Khinchine).
Takacs (1963), Delay distributions for one line with Poisson input, general holding times,
and various orders of service, BSTJ 42.
Kingman (1962), On queues in which customers are served in random order, Proc. Camb. Phil. Soc.
Fuhrmann (1985), Second moment relationships for waiting times in queueing systems with
Poisson input, Queueing Systems 1.
Cobham (1954), Priority assignment in waiting line problems, Operations Research 2.
Davis (1966), Waiting-time distribution of a multi-server, priority queueing system, OR 14.
Kella, Yechiali (1985), Waiting times in the non-preemptive priority M/M/c queue, Comm. Stat.
Stochastic Models 1.
Gross, Harris (1985), Fundamentals of Queueing Theory, 2nd ed., section 3.5.
"""

import math
from collections.abc import Sequence
from typing import Literal

from sim.theory.erlang import erlang_c
from sim.theory.measures import require_count, require_positive

Discipline = Literal["fifo", "lifo", "random"]


def mg1_wait_mean(
    arrival_rate_per_s: float, service_mean_s: float, service_second_moment_s2: float
) -> float:
    """Mean wait in M/G/1, in seconds: lambda E S^2 / (2 (1 - rho)) (Pollaczek-Khinchine).

    The same for every non-preemptive order that does not look at service times
    [Cooper 1981, ch. 5]. ValueError at or above full load, or if the second moment is
    below the square of the mean.
    """
    rho = _load(arrival_rate_per_s, service_mean_s)
    _second(service_mean_s, service_second_moment_s2)
    return arrival_rate_per_s * service_second_moment_s2 / (2.0 * (1.0 - rho))


def mg1_wait_second_moment(
    arrival_rate_per_s: float,
    service_mean_s: float,
    service_second_moment_s2: float,
    service_third_moment_s3: float,
    discipline: Discipline = "fifo",
) -> float:
    """E W^2 in M/G/1, in seconds squared, by order of service (non-preemptive).

    fifo: 2 (E W)^2 + lambda E S^3 / (3 (1 - rho)) [Takacs 1963; Cooper 1981, ch. 5];
    lifo: that divided by 1 - rho; random: that times 2 / (2 - rho) [Takacs 1963, Kingman
    1962, Fuhrmann 1985]. ValueError at or above full load or for impossible moments.
    """
    rate = float(arrival_rate_per_s)
    rho = _load(rate, service_mean_s)
    mean = mg1_wait_mean(rate, service_mean_s, service_second_moment_s2)
    if service_third_moment_s3 * service_mean_s < service_second_moment_s2**2 * (1.0 - 1e-12):
        raise ValueError("no law has these moments: E S^3 E S must be at least (E S^2)^2")
    first_come = 2.0 * mean * mean + rate * service_third_moment_s3 / (3.0 * (1.0 - rho))
    return first_come * _order_factor(rho, discipline)


def mmc_wait_second_moment(
    arrival_rate_per_s: float,
    service_mean_s: float,
    n_agents: int,
    discipline: Discipline = "fifo",
) -> float:
    """E W^2 in M/M/c, in seconds squared, by order of service.

    fifo: 2 C / (c mu - lambda)^2. While anyone waits, the queue is that of M/M/1 with
    service rate c mu, so the factors of M/G/1 hold with rho = lambda / (c mu): lifo
    1 / (1 - rho), random 2 / (2 - rho). ValueError at or above full load.
    """
    rate = require_positive("arrival_rate_per_s", arrival_rate_per_s)
    service = require_positive("service_mean_s", service_mean_s)
    n = require_count("n_agents", n_agents, 1)
    load = rate * service
    delayed = erlang_c(n, load)
    spare = (n - load) / service
    return 2.0 * delayed / spare**2 * _order_factor(load / n, discipline)


def mg1_priority_wait_means(
    arrival_rates_per_s: Sequence[float],
    service_means_s: Sequence[float],
    service_second_moments_s2: Sequence[float],
) -> list[float]:
    """Mean wait of each class in M/G/1 with non-preemptive priority, in seconds.

    Classes from the highest priority down, first come first served within a class:
    W_k = W_0 / ((1 - s_{k-1}) (1 - s_k)), W_0 = sum lambda_i E S_i^2 / 2, s_k the load of
    classes 1..k [Cobham 1954; Gross and Harris 1985, section 3.5]. ValueError for sequences of
    unequal length, or at or above full load in total.
    """
    triples = list(
        zip(arrival_rates_per_s, service_means_s, service_second_moments_s2, strict=True)
    )
    residual = 0.0
    for rate, mean, second in triples:
        require_positive("arrival_rate_per_s", rate)
        _second(require_positive("service_mean_s", mean), second)
        residual += 0.5 * rate * second
    return _cobham(residual, [rate * mean for rate, mean, _ in triples])


def mmc_priority_wait_means(
    arrival_rates_per_s: Sequence[float], service_mean_s: float, n_agents: int
) -> list[float]:
    """Mean wait of each class in M/M/c with non-preemptive priority, in seconds.

    One service law for all classes, from the highest priority down:
    W_k = (C / (c mu)) / ((1 - s_{k-1}) (1 - s_k)), s_k = (lambda_1 + ... + lambda_k)/(c mu),
    C Erlang's delay probability of the whole [Cobham 1954; Davis 1966; Kella and Yechiali
    1985]. ValueError at or above full load in total.
    """
    n = require_count("n_agents", n_agents, 1)
    service = require_positive("service_mean_s", service_mean_s)
    rates = [require_positive("arrival_rate_per_s", rate) for rate in arrival_rates_per_s]
    delayed = erlang_c(n, math.fsum(rates) * service)
    return _cobham(delayed * service / n, [rate * service / n for rate in rates])


def _cobham(residual: float, loads: list[float]) -> list[float]:
    waits = []
    above = 0.0
    for load in loads:
        upto = above + load
        if upto >= 1.0:
            raise ValueError(f"offered load {upto:g} per agent is at or above full load")
        waits.append(residual / ((1.0 - above) * (1.0 - upto)))
        above = upto
    return waits


def _order_factor(rho: float, discipline: Discipline) -> float:
    if discipline == "fifo":
        return 1.0
    if discipline == "lifo":
        return 1.0 / (1.0 - rho)
    if discipline == "random":
        return 2.0 / (2.0 - rho)
    raise ValueError(f"unknown discipline {discipline!r}: fifo, lifo or random")


def _load(rate: float, mean: float) -> float:
    rho = require_positive("arrival_rate_per_s", rate) * require_positive("service_mean_s", mean)
    if rho >= 1.0:
        raise ValueError(f"offered load {rho:g} is at or above full load: waits grow for ever")
    return rho


def _second(mean: float, second: float) -> None:
    if second < mean * mean * (1.0 - 1e-12):
        raise ValueError("no law has these moments: E S^2 must be at least (E S)^2")
