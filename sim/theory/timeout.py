"""M/M/n+D: every caller leaves after the same wait; first or last come first served.

References
----------
Barrer (1957), Queuing with impatient customers and ordered service, Operations Research 5.
Zeltyn, Mandelbaum (2005), Call centers with impatient customers: many-server asymptotics of
the M/M/n+G queue, Queueing Systems 51, section 3.
Takacs (1962), Introduction to the Theory of Queues (the busy period of M/M/1).
Cooper (1981), Introduction to Queueing Theory, 2nd ed.
"""

import math
from collections.abc import Callable

import numpy as np

from sim.theory.erlang import erlang_b, log_erlang_b, log_sum
from sim.theory.measures import QueueMeasures, require_positive, require_queue
from sim.theory.quadrature import Floats, integrate


def mmn_d(
    arrival_rate_per_s: float, service_mean_s: float, n_agents: int, timeout_s: float
) -> QueueMeasures:
    """All measures of M/M/n+D in closed form, first come first served.

    Every call leaves after the same wait; one whose turn comes at that very instant is
    answered. With d = n mu - lambda the offered wait has the density proportional to
    exp(-d x) up to the timeout s and exp(-d s - n mu (x - s)) after it, so that
    J = (1 - exp(-d s))/d + exp(-d s)/(n mu), and P(abandon | delayed) = exp(-d s)/(n mu J)
    [Barrer 1957; Zeltyn and Mandelbaum 2005, section 3]. Works through d = 0.
    """
    n, rate, service, load = require_queue(arrival_rate_per_s, service_mean_s, n_agents)
    timeout = require_positive("timeout_s", timeout_s)
    capacity = n / service
    z = (n - load) / service * timeout
    # all in units of exp(shift), which keeps an overloaded queue from overflowing
    shift = max(0.0, -z)
    waits = timeout * _moment(0, z, shift)  # int_0^s exp(-d x)
    late = math.exp(-z - shift) / capacity
    mass = waits + late
    log_below = -math.log(rate) - log_erlang_b(n - 1, load)
    log_waiting = math.log(mass) + shift
    log_joined = log_sum(log_below, log_waiting)
    delayed = math.exp(log_waiting - log_joined)
    immediate = math.exp(log_below - log_joined)
    unit = delayed / mass
    abandonment = unit * late
    answered = immediate + unit * waits
    answered_wait = unit * timeout**2 * _moment(1, z, shift)
    answered_square = unit * timeout**3 * _moment(2, z, shift)
    mean = answered_wait + abandonment * timeout

    def within(t_s: float) -> tuple[float, float]:
        if t_s >= timeout:
            return answered, abandonment
        part = t_s * _moment(0, z * t_s / timeout, shift)
        return immediate + unit * part, 0.0

    def tail(t_s: float) -> float:
        if t_s >= timeout:
            return 0.0
        # int_t^s exp(-d x) dx, and those who leave at s
        rest = z * (1.0 - t_s / timeout)
        start = z * t_s / timeout
        return unit * ((timeout - t_s) * _moment(0, rest, shift + start) + late)

    return _deterministic(
        f"M/M/{n}+D", load, service, n, timeout, delayed, abandonment, answered,
        answered_wait, mean, answered_square, within, tail,
    )  # fmt: skip


def mmn_d_lifo(
    arrival_rate_per_s: float, service_mean_s: float, n_agents: int, timeout_s: float
) -> QueueMeasures:
    """All measures of M/M/n+D under last come first served (non-preemptive), exact.

    Three steps, no approximation.

    1. A call that has to wait sees only the calls that come after it: those before it are
       behind it in the stack. While it waits all agents are busy, so agents become free in
       a Poisson process of rate n mu. Later calls arrive at rate lambda, and **none of them
       can leave unserved before the tagged call does**: a call that came u later times out
       u later. So up to the timeout s the tagged call's wait is exactly the busy period Y
       of M/M/1 with rates lambda and n mu (the time to the first freed agent that finds no
       later call), and P(abandon | delayed) = P(Y > s).
    2. Y has the density sqrt(n mu/lambda)/t exp(-(lambda + n mu) t) I_1(2 t sqrt(lambda n mu))
       [Takacs 1962, ch. 1; Cooper 1981, ch. 5], defective when lambda > n mu.
    3. P(delay) follows from the flow through the agents: arrivals answered per second,
       lambda (1 - q P(delay)), with q = P(abandon | delayed), equal mu times the mean number
       of busy agents, which is n with probability P(delay) (arrivals see time averages) and
       otherwise Poisson(a) cut at n-1, with mean a (1 - B(n-1)). Hence
       P(delay) = lambda B / (lambda B + n mu - lambda (1 - q)), B = B(n-1): also true of any
       other order and patience, with its own q.
    """
    n, rate, service, load = require_queue(arrival_rate_per_s, service_mean_s, n_agents)
    timeout = require_positive("timeout_s", timeout_s)
    capacity = n / service

    def moments(t_s: float) -> tuple[float, float]:
        return _busy_period(rate, capacity, t_s)

    served, late = moments(timeout)
    loss = erlang_b(n - 1, load)
    # n mu - lambda (1 - q): from q or from 1 - q, whichever is the smaller
    spare = capacity - rate + rate * late if late < 0.5 else capacity - rate * served
    delayed = rate * loss / (rate * loss + spare)
    immediate = spare / (rate * loss + spare)
    first = _busy_moment(rate, capacity, timeout, 1)
    second = _busy_moment(rate, capacity, timeout, 2)
    abandonment = delayed * late
    answered = immediate + delayed * served
    answered_wait = delayed * first

    def within(t_s: float) -> tuple[float, float]:
        if t_s >= timeout:
            return answered, abandonment
        return immediate + delayed * moments(t_s)[0], 0.0

    def tail(t_s: float) -> float:
        return 0.0 if t_s >= timeout else delayed * moments(t_s)[1]

    return _deterministic(
        f"M/M/{n}+D lifo", load, service, n, timeout, delayed, abandonment, answered,
        answered_wait, answered_wait + abandonment * timeout, delayed * second, within, tail,
    )  # fmt: skip


def _busy_density(rate: float, capacity: float, t: Floats) -> Floats:
    """Density of the M/M/1 busy period, per second; t > 0."""
    from scipy import special

    root = math.sqrt(rate * capacity)
    fall = (math.sqrt(capacity) - math.sqrt(rate)) ** 2
    z = 2.0 * root * t
    # far out by the asymptotic expansion (Abramowitz and Stegun 9.7.1)
    bessel = np.where(
        z < 1e6, special.ive(1, np.minimum(z, 1e6)), (1.0 - 0.375 / z) / np.sqrt(2.0 * math.pi * z)
    )
    scaled = bessel / t
    return np.asarray(math.sqrt(capacity / rate) * scaled * np.exp(-fall * t))


def _busy_moment(rate: float, capacity: float, t_s: float, power: int) -> float:
    """E[Y^power; Y <= t_s] of the M/M/1 busy period Y."""
    edges = np.concatenate(([0.0], t_s * 2.0 ** -np.arange(60.0)))
    edges = edges[(edges == 0.0) | (edges > 1e-3 / (rate + capacity)) | (edges == t_s)]
    return integrate(lambda t: t**power * _busy_density(rate, capacity, t), edges)


def _busy_period(rate: float, capacity: float, t_s: float) -> tuple[float, float]:
    """P(Y <= t_s) and P(Y > t_s) of the M/M/1 busy period Y, both relatively precise."""
    if t_s == 0.0:
        return 0.0, 1.0
    served = _busy_moment(rate, capacity, t_s, 0)
    if served < 0.5:
        return served, 1.0 - served

    # the rest by t = t_s / u^2, smooth also at full load where the density falls as t^-1.5
    def rest(u: Floats) -> Floats:
        t = t_s / (u * u)
        return 2.0 * t / u * _busy_density(rate, capacity, t)

    edges = np.concatenate(([1e-12], np.linspace(1e-3, 1.0, 33)))
    late = integrate(rest, edges) + max(0.0, 1.0 - capacity / rate)
    return served, late


def _deterministic(
    model: str,
    load: float,
    service: float,
    n: int,
    timeout: float,
    delayed: float,
    abandonment: float,
    answered: float,
    answered_wait: float,
    mean: float,
    answered_square: float,
    within: Callable[[float], tuple[float, float]],
    tail: Callable[[float], float],
) -> QueueMeasures:
    second = answered_square + abandonment * timeout**2
    return QueueMeasures(
        model=model,
        offered_load_erlangs=load,
        blocked_share=0.0,
        delayed=delayed,
        abandonment=abandonment,
        asa_s=answered_wait / answered,
        wait_mean_s=mean,
        wait_sd_s=math.sqrt(max(0.0, second - mean * mean)),
        abandon_wait_mean_s=timeout if abandonment > 0.0 else None,
        queue_length_mean=load / service * mean,
        occupancy=min(1.0, load * answered / n),
        _within=within,
        _tail=tail,
    )


def _moment(k: int, z: float, shift: float) -> float:
    """exp(-shift) int_0^1 u^k exp(-z u) du for k = 0, 1, 2 and any z."""
    if abs(z) < 1.0:
        term, total = 1.0, 0.0
        for i in range(40):
            total += term / (k + 1 + i)
            term *= -z / (i + 1)
            if abs(term) < 1e-19:
                break
        return total * math.exp(-shift)
    scale, fallen = math.exp(-shift), math.exp(-z - shift)
    value = (scale - fallen) / z
    for i in range(1, k + 1):
        value = (i * value - fallen) / z
    return value
