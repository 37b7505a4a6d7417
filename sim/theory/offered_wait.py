"""M/M/n with endless, exponential or fixed patience, and a limited room, in plain Python.

The same queues as in ``erlang``, ``timeout`` and ``patience``, by one other route and without
numpy, for whoever wants a number in milliseconds: Erlang's loss formula by a sum outwards from
its largest term, and the law of the offered wait by Gauss-Legendre quadrature between the points
where its logarithm has moved by a few units.

References
----------
Baccelli, Hebuterne (1981), On queues with impatient customers, Performance '81.
Zeltyn, Mandelbaum (2005), Call centers with impatient customers: many-server asymptotics of
the M/M/n+G queue, Queueing Systems 51, section 3.
Brandt, Brandt (1999), On the M(n)/M(n)/s queue with impatient calls, Performance Evaluation 35.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sim.theory.measures import QueueMeasures, require_count, require_queue
from sim.theory.panels import Panels, Real, mode

_DROP = 46.0  # exp(-46) is 1e-20


@dataclass(frozen=True)
class Leaving:
    """When callers leave: patience of this mean (None: endless), at the latest at the timeout.

    Both in seconds. ``symbol`` is Kendall's: empty, ``M``, ``D``, or ``M,D`` for the two together.
    """

    patience_mean_s: float | None = None
    timeout_s: float = math.inf

    @property
    def symbol(self) -> str:
        """The letters in Kendall's notation; empty when nobody ever leaves."""
        marks = [] if self.patience_mean_s is None else ["M"]
        return ",".join(marks + ([] if math.isinf(self.timeout_s) else ["D"]))

    def survival(self, x: float) -> float:
        """P(R > x)."""
        if x >= self.timeout_s:
            return 0.0
        return 1.0 if self.patience_mean_s is None else math.exp(-x / self.patience_mean_s)

    def survival_integral(self, x: float) -> float:
        """H(x) = E min(R, x), in seconds."""
        x, mean = min(x, self.timeout_s), self.patience_mean_s
        return x if mean is None else -mean * math.expm1(-x / mean)

    def square_integral(self, x: float) -> float:
        """E min(R, x)^2, the integral of 2 u P(R > u) up to x, in seconds squared."""
        x, mean = min(x, self.timeout_s), self.patience_mean_s
        if mean is None:
            return x * x
        z = x / mean
        if z > 0.5:
            return 2.0 * mean * mean * (-math.expm1(-z) - z * math.exp(-z))
        term, total = z * z / 2.0, 0.0  # sum of (-1)^k z^k (k-1)/k!: the difference would cancel
        for k in range(2, 30):
            total += term * (k - 1.0)
            term *= -z / (k + 1.0)
        return 2.0 * mean * mean * total


def log_erlang_b(n_agents: int, offered_load_erlangs: float) -> float:
    """Natural logarithm of Erlang's loss formula B(n, a), for any n and a.

    1/B = sum_{j=0..n} n!/(n-j)! a^-j [Cooper 1981, ch. 3], summed both ways from its largest term,
    at j = n - a, until nothing is added: of the order of sqrt(n) terms, none of which overflows.
    """
    n, load = n_agents, offered_load_erlangs
    top = max(0, min(n, int(n - load)))
    first = 0.0
    if top:
        first = math.lgamma(n + 1.0) - math.lgamma(n - top + 1.0) - top * math.log(load)
    total = term = 1.0
    for k in range(n - top, 0, -1):
        term *= k / load
        total += term
        if term < 1e-18 * total:
            break
    term = 1.0
    for k in range(n - top + 1, n + 1):
        term *= load / k
        total += term
        if term < 1e-18 * total:
            break
    return -first - math.log(total)


def log_exponential_sum(terms: int, y: float) -> float:
    """log of sum_{i < terms} y^i / i!, for y >= 0 and at least one term."""
    if y <= 0.0 or terms == 1:
        return 0.0
    if terms > y + 12.0 * math.sqrt(y) + 60.0:
        return y  # what is missing is below 1e-20 of it
    top = min(terms - 1, int(y))
    total = term = 1.0
    for i in range(top, 0, -1):
        term *= i / y
        total += term
        if term < 1e-18 * total:
            break
    term = 1.0
    for i in range(top + 1, terms):
        term *= y / i
        total += term
        if term < 1e-18 * total:
            break
    return top * math.log(y) - math.lgamma(top + 1.0) + math.log(total)


def waiting(
    arrival_rate_per_s: float,
    service_mean_s: float,
    n_agents: int,
    leaving: Leaving,
    max_waiting: int | None = None,
) -> QueueMeasures:
    """All measures of M/M/n+G or M/M/n/n+K+G, K = ``max_waiting``; first come first served.

    With H(x) = E min(R, x), the offered wait V of the calls that join has, up to one constant, the
    mass 1/(lambda B(n-1, a)) at 0 and on x > 0 the density S_K(lambda H(x)) exp(-n mu x), where
    S_K is the exponential series of K terms (all of them without a limit) [Baccelli and Hebuterne
    1981; Zeltyn and Mandelbaum 2005; with a limit a special case of Brandt and Brandt 1999; see
    ``patience.mmn_g``]. A call waits min(V, R) and is answered when V <= R. The blocked calls have
    in the same units the mass of lambda^K / K! H(x)^K exp(-n mu x).

    Beyond a timeout H no longer grows: that part is integrated in closed form. Relative error
    about 1e-10. ValueError for invalid parameters, and at or above full load when neither
    patience nor a timeout nor the room ends the waiting.
    """
    n, rate, service, load = require_queue(arrival_rate_per_s, service_mean_s, n_agents)
    room = None if max_waiting is None else require_count("max_waiting", max_waiting, 0)
    if room is None and not leaving.symbol and load >= n:
        raise ValueError(
            f"offered load {load:g} erlangs is at or above the {n} agents and nothing ends "
            "the waiting: the queue grows without bound (Erlang C has no answer)"
        )
    capacity = n / service
    log_atom = -math.log(rate) - log_erlang_b(n - 1, load)
    hold = leaving.survival_integral
    last = leaving.timeout_s
    endless = room is None and not leaving.symbol
    spare = (n - load) / service  # lambda and n mu by themselves would cancel near full load

    def log_density(x: float) -> float:
        if endless:
            return -spare * x
        y = rate * hold(x)
        return (y if room is None else log_exponential_sum(room, y)) - capacity * x

    def log_full(x: float) -> float:
        if room == 0:
            return -capacity * x
        y = rate * hold(x)
        if y <= 0.0:
            return -math.inf
        assert room is not None
        return room * math.log(y) - math.lgamma(room + 1.0) - capacity * x

    density = _Density(log_density, leaving, capacity) if room != 0 else None
    # all masses in units of exp(unit)
    unit = log_atom if density is None else max(log_atom, density.top)
    atom = math.exp(log_atom - unit)
    scale = 0.0 if density is None else math.exp(density.top - unit)
    joined = atom + scale * (0.0 if density is None else density.of(lambda x: 1.0, 0.0, math.inf))
    blocked = 0.0
    if room is not None:
        full = _Density(log_full, leaving, capacity)
        mass = full.of(lambda x: 1.0, 0.0, math.inf) * math.exp(min(full.top - unit, 700.0))
        blocked = mass / (mass + joined)

    def mean_of(function: Real, low: float = 0.0, high: float = math.inf) -> float:
        """E f(V) over low < V < high, of the calls that join."""
        return 0.0 if density is None else scale * density.of(function, low, high) / joined

    immediate = atom / joined
    delayed = mean_of(lambda x: 1.0)
    answered = immediate + mean_of(leaving.survival)
    abandonment = mean_of(lambda x: 1.0 - leaving.survival(x)) if leaving.symbol else 0.0
    answered_wait = mean_of(lambda x: x * leaving.survival(x))
    mean = mean_of(hold)
    second = mean_of(leaving.square_integral)

    def within(t_s: float) -> tuple[float, float]:
        met = immediate + mean_of(leaving.survival, 0.0, t_s)
        if not leaving.symbol:
            return min(met, 1.0), 0.0
        gone = 1.0 - leaving.survival(t_s)
        quick = mean_of(lambda x: 1.0 - leaving.survival(x), 0.0, t_s)
        return min(met, 1.0), quick + gone * mean_of(lambda x: 1.0, t_s, math.inf)

    def tail(t_s: float) -> float:
        return leaving.survival(t_s) * mean_of(lambda x: 1.0, t_s, math.inf)

    suffix = "" if room is None else f"/{n + room}"
    left = mean - answered_wait
    if math.isfinite(last) and leaving.patience_mean_s is None:
        left = abandonment * last
    return QueueMeasures(
        model=f"M/M/{n}{suffix}" + (f"+{leaving.symbol}" if leaving.symbol else ""),
        offered_load_erlangs=load,
        blocked_share=blocked,
        delayed=delayed,
        abandonment=abandonment,
        asa_s=answered_wait / answered,
        wait_mean_s=mean,
        wait_sd_s=math.sqrt(max(0.0, second - mean * mean)),
        abandon_wait_mean_s=max(0.0, left) / abandonment if abandonment > 0.0 else None,
        queue_length_mean=rate * (1.0 - blocked) * mean,
        occupancy=min(1.0, load * (1.0 - blocked) * answered / n),
        _within=within,
        _tail=tail,
    )


class _Density:
    """A log-concave density of the offered wait, in units of exp(top), and integrals with it."""

    def __init__(self, log: Callable[[float], float], leaving: Leaving, capacity: float) -> None:
        self._log = log
        self._last = leaving.timeout_s
        self._capacity = capacity
        start, peak, end = mode(log, 1.0 / capacity, self._last, _DROP)
        self.top = log(peak)
        mean = leaving.patience_mean_s or math.inf
        self._panels = Panels(log, self.top, [start, peak, end], 4.0 * mean, _DROP * mean)

    def of(self, function: Real, low: float, high: float) -> float:
        """The integral of function times density from low to high, over exp(top)."""
        total = self._panels.integral(function, low, high)
        begin = max(low, self._last)
        if begin < high:  # beyond the timeout the density falls like exp(-n mu x)
            beyond = math.exp(self._log(self._last) - self.top) / self._capacity
            fall = math.exp(-self._capacity * (begin - self._last))
            rest = math.exp(-self._capacity * (high - self._last)) if high < math.inf else 0.0
            total += function(self._last) * beyond * (fall - rest)
        return total
