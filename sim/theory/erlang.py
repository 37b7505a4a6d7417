"""Erlang B, C and A: loss, delay and impatience with exponential times.

Every function takes the arrival rate in calls per second and means in seconds, and is good
to 10,000 agents and beyond: recursions run on ratios, long products in logarithms.

References
----------
Koole (2013), Call Center Optimization, MG Books.
Gans, Koole, Mandelbaum (2003), Telephone call centers, M&SOM 5(2).
Mandelbaum, Zeltyn (2007), Service engineering in action: the Palm/Erlang-A queue.
Cooper (1981), Introduction to Queueing Theory, 2nd ed.
Jagerman (1974), Some properties of the Erlang loss function, BSTJ 53(3).
Riordan (1962), Stochastic Service Systems (the law of the wait in M/M/n+M).
"""

import math
from typing import Any

import numpy as np

from sim.theory.measures import QueueMeasures, require_count, require_positive, require_queue

_MAX_STATES = 5_000_000
_NEGLIGIBLE_LOG = -46.0  # exp(-46) is 1e-20


def erlang_b(n_agents: int, offered_load_erlangs: float) -> float:
    """Blocking probability of M/M/n/n (M/G/n/n): Erlang's loss formula.

    B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)) [Cooper 1981, ch. 3; Koole 2013, ch. 5].
    No overflow; a value below about 1e-308 is returned as 0 (see ``log_erlang_b``).
    ValueError for a negative or non-whole number of agents or a load not above zero.
    """
    n = require_count("n_agents", n_agents, 0)
    load = require_positive("offered_load_erlangs", offered_load_erlangs)
    blocked = 1.0
    for k in range(1, n + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def log_erlang_b(n_agents: int, offered_load_erlangs: float) -> float:
    """Natural logarithm of ``erlang_b``, also where the value itself underflows.

    There the sum of the loss formula is e^a to double precision, so that
    ln B = n ln a - a - ln n!. Errors as for ``erlang_b``.
    """
    blocked = erlang_b(n_agents, offered_load_erlangs)
    if blocked > 1e-290:
        return math.log(blocked)
    load = float(offered_load_erlangs)
    return n_agents * math.log(load) - load - math.lgamma(n_agents + 1.0)


def log_sum(*logs: float) -> float:
    """Natural logarithm of the sum of the numbers whose logarithms are given."""
    top = max(logs)
    return top + math.log(math.fsum(math.exp(value - top) for value in logs))


def erlang_c(n_agents: int, offered_load_erlangs: float) -> float:
    """Probability of delay in M/M/n: C = n B / (n - a (1 - B)).

    [Cooper 1981, ch. 3; Koole 2013, ch. 5.] ValueError at or above full load (a >= n):
    the queue then grows without bound and no stationary delay probability exists.
    """
    n = require_count("n_agents", n_agents, 1)
    load = require_positive("offered_load_erlangs", offered_load_erlangs)
    _require_stable(n, load)
    blocked = erlang_b(n - 1, load)
    # the same with B(n-1): a B / (n - a + a B); no difference of nearly equal numbers
    return load * blocked / (n - load + load * blocked)


def mmn(arrival_rate_per_s: float, service_mean_s: float, n_agents: int) -> QueueMeasures:
    """All measures of M/M/n, first come first served (Erlang C).

    P(W > t) = C exp(-(n mu - lambda) t), hence E W = C / (n mu - lambda) and
    E W^2 = 2 C / (n mu - lambda)^2 [Cooper 1981, ch. 3; Gans, Koole and
    Mandelbaum 2003, section 3.1]. The service level is 1 - P(W > threshold).
    ValueError at or above full load.
    """
    n, rate, service, load = require_queue(arrival_rate_per_s, service_mean_s, n_agents)
    delayed = erlang_c(n, load)
    spare = (n - load) / service

    def tail(t_s: float) -> float:
        return delayed * math.exp(-spare * t_s)

    mean = delayed / spare
    return QueueMeasures(
        model=f"M/M/{n}",
        offered_load_erlangs=load,
        blocked_share=0.0,
        delayed=delayed,
        abandonment=0.0,
        asa_s=mean,
        wait_mean_s=mean,
        wait_sd_s=math.sqrt(delayed * (2.0 - delayed)) / spare,
        abandon_wait_mean_s=None,
        queue_length_mean=rate * mean,
        occupancy=load / n,
        _within=lambda t_s: (1.0 - tail(t_s), 0.0),
        _tail=tail,
    )


def erlang_a(
    arrival_rate_per_s: float, service_mean_s: float, n_agents: int, patience_mean_s: float
) -> QueueMeasures:
    """All measures of M/M/n+M, first come first served (Palm / Erlang A).

    See ``mmnk_m``, without a limit to the room. Stationary at any load. Lengths, abandonment
    and the mean wait of all calls hold for any order of service that does not look at
    patience; the laws of the wait are those of first come first served.
    ValueError if more than 5 million states would be needed (an overloaded queue with
    patience of many days): use ``sim.theory.patience.mmn_g``, which has no such limit.
    """
    return mmnk_m(arrival_rate_per_s, service_mean_s, n_agents, None, patience_mean_s)


def mmnk_m(
    arrival_rate_per_s: float,
    service_mean_s: float,
    n_agents: int,
    max_waiting: int | None,
    patience_mean_s: float | None,
) -> QueueMeasures:
    """All measures of M/M/n/n+K+M, first come first served, K = ``max_waiting``.

    ``max_waiting`` None is an unlimited room, ``patience_mean_s`` None endless patience
    (not both: that is ``mmn``). With mu, theta the rates of service and of abandonment:

    - p(n+j) = p(n) prod_{i=1..j} lambda / (n mu + i theta), j <= K
      [Mandelbaum and Zeltyn 2007, section 3; Koole 2013, ch. 6];
    - a call that finds j waiting, r_i = n mu + (i+1) theta: E W = (j+1)/r_j,
      E W^2 = (2/r_j) sum_{i<=j} (i+1)/r_i, E[W; answered] = (n mu/r_j) sum_{i<=j} 1/r_i
      (first-step analysis of the calls ahead, all terms positive), E[W; abandoned] =
      theta E W^2 / 2;
    - its offered wait V is a sum of exponentials of rates n mu + i theta, i = 0..j, so that
      exp(-theta V) ~ Beta(n mu/theta, j+1) [Renyi's representation; Riordan 1962]; hence
      P(answered within t) = (n mu/r_j) I_{1-exp(-theta t)}(j+1, n mu/theta + 1), where I is
      the regularised incomplete beta function.

    Arrivals see time averages; joined calls those of the states below n+K.
    """
    n, rate, service, load = require_queue(arrival_rate_per_s, service_mean_s, n_agents)
    theta = 0.0
    if patience_mean_s is not None:
        theta = 1.0 / require_positive("patience_mean_s", patience_mean_s)
    capacity = n / service  # n mu
    if max_waiting is None:
        if theta == 0.0:
            _require_stable(n, load)
            return mmn(rate, service, n)
        room, endless = _states_needed(rate, capacity, theta), True
    else:
        room, endless = require_count("max_waiting", max_waiting, 0), False
        if room > _MAX_STATES:
            raise ValueError(f"max_waiting above {_MAX_STATES} is not supported, got {room}")

    # log p(n+j) - log p(n), j = 0..room
    log_ratio = np.zeros(room + 1)
    if room:
        steps = np.arange(1, room + 1, dtype=np.float64)
        log_ratio[1:] = np.cumsum(np.log(rate / (capacity + theta * steps)))
    # log of sum_{i<n} p(i) / p(n) = (n/a) / B(n-1)
    log_below = math.log(n / load) - log_erlang_b(n - 1, load)
    top = max(log_below, float(log_ratio.max()))
    weight = np.exp(log_ratio - top)
    total = math.exp(log_below - top) + float(weight.sum())
    busy = weight / total  # p(n+j)
    blocked = 0.0 if endless else float(busy[-1])
    found = busy[:-1] / (1.0 - blocked)  # j waiting, as seen by a call that joins
    immediate = math.exp(log_below - top) / total / (1.0 - blocked)
    delayed = min(1.0, float(found.sum()))

    ranks = np.arange(1, room + 1, dtype=np.float64)  # j + 1
    rates = capacity + theta * ranks
    mean = float(found @ (ranks / rates))
    second = float(found @ (2.0 * np.cumsum(ranks / rates) / rates))
    answered_sum = float(found @ (capacity * np.cumsum(1.0 / rates) / rates))
    abandonment = theta * mean
    answered = immediate + float(found @ (capacity / rates))

    heavy = np.flatnonzero(found > 1e-22)
    heavy_found, heavy_ranks = found[heavy], ranks[heavy]
    heavy_share = capacity / rates[heavy]

    def tail(t_s: float) -> float:
        if theta * t_s > 700.0:
            return 0.0
        return math.exp(-theta * t_s) * float(
            heavy_found @ _offered_tail(t_s, heavy_ranks, capacity, theta)
        )

    def within(t_s: float) -> tuple[float, float]:
        served = _offered_within(t_s, heavy_ranks, capacity, theta)
        met = immediate + float((heavy_found * heavy_share) @ served)
        return min(met, 1.0), max(0.0, 1.0 - tail(t_s) - met) if theta else 0.0

    joined = rate * (1.0 - blocked)
    suffix = "" if endless else f"/{n + room}"
    return QueueMeasures(
        model=f"M/M/{n}{suffix}" + ("+M" if theta else ""),
        offered_load_erlangs=load,
        blocked_share=blocked,
        delayed=delayed,
        abandonment=abandonment,
        asa_s=answered_sum / answered,
        wait_mean_s=mean,
        wait_sd_s=math.sqrt(max(0.0, second - mean * mean)),
        abandon_wait_mean_s=0.5 * second / mean if theta and mean > 0.0 else None,
        queue_length_mean=joined * mean,
        occupancy=min(1.0, load * (1.0 - blocked) * answered / n),
        _within=within,
        _tail=tail,
    )


def _offered_tail(t_s: float, ranks: Any, capacity: float, theta: float) -> Any:
    """P(V > t) for the call at place j+1 = rank of the queue."""
    from scipy import special

    if theta == 0.0:
        return special.gammaincc(ranks, capacity * t_s)
    gone = -math.expm1(-theta * t_s)
    return special.betaincc(ranks, capacity / theta, gone)


def _offered_within(t_s: float, ranks: Any, capacity: float, theta: float) -> Any:
    """P(V <= t | answered) for the call at place j+1 = rank of the queue."""
    from scipy import special

    if theta == 0.0:
        return special.gammainc(ranks, capacity * t_s)
    gone = -math.expm1(-theta * t_s)
    return special.betainc(ranks, capacity / theta + 1.0, gone)


def _states_needed(rate: float, capacity: float, theta: float) -> int:
    """Number waiting beyond which the probability is below 1e-20 of its largest value."""

    def log_weight(j: float) -> float:
        # log of prod_{i=1..j} rate / (capacity + i theta), by the gamma function
        a = capacity / theta
        if a > 1e8 and j < 1e-4 * a:  # lgamma would cancel; Euler-Maclaurin is exact enough
            return j * math.log(rate / capacity) - 0.5 * j * (j + 1.0) / a
        return j * math.log(rate / theta) - math.lgamma(a + 1.0 + j) + math.lgamma(a + 1.0)

    peak = max(0.0, (rate - capacity) / theta)
    floor = log_weight(peak) + _NEGLIGIBLE_LOG
    step = 64.0
    while log_weight(peak + step) > floor:
        step *= 1.5
        if peak + step > _MAX_STATES:
            break
    if peak + step > _MAX_STATES:
        raise ValueError(
            f"about {peak:.3g} calls would wait: too many states for Erlang A; "
            "use sim.theory.patience.mmn_g with exponential patience"
        )
    return int(peak + step) + 1


def _require_stable(n: int, load: float) -> None:
    if load >= n:
        raise ValueError(
            f"offered load {load:g} erlangs is at or above the {n} agents and nothing ends "
            "the waiting: the queue grows without bound (Erlang C has no answer)"
        )
