"""M/M/n+G: agents with exponential service, callers with any law of patience.

First come first served, by the building blocks of Baccelli and Hebuterne (1981) and Zeltyn
and Mandelbaum (2005), here extended to a finite waiting room; M/M/n+D in closed form, and
M/M/n+D under last come first served.

References
----------
Baccelli, Hebuterne (1981), On queues with impatient customers, Performance '81.
Zeltyn, Mandelbaum (2005), Call centers with impatient customers: many-server asymptotics of
the M/M/n+G queue, Queueing Systems 51, section 3 and its internet supplement.
Brandt, Brandt (1999), On the M(n)/M(n)/s queue with impatient calls, Performance
Evaluation 35 (arrival rates that depend on the state, hence a finite room).
Barrer (1957), Queuing with impatient customers and ordered service, Operations Research 5
(M/M/n+D).
Takacs (1962), Introduction to the Theory of Queues (the busy period of M/M/1).
"""

import math
from collections.abc import Callable

import numpy as np

from sim.theory.erlang import erlang_b, log_erlang_b
from sim.theory.families import Patience
from sim.theory.measures import QueueMeasures, require_count, require_positive
from sim.theory.quadrature import Floats, Function, adaptive_grid, integrate

_DROP = 80.0  # the grid covers all x whose log density is within this of the largest

_EPSILON = 1e-15  # a few units of rounding


def mmn_g(
    arrival_rate_per_s: float,
    service_mean_s: float,
    n_agents: int,
    patience: Patience,
    max_waiting: int | None = None,
) -> QueueMeasures:
    """All measures of M/M/n+G, or of M/M/n/n+K+G with K = ``max_waiting``; fifo.

    With mu the service rate, H(x) = E min(R, x) and g(x) = lambda H(x) - n mu x, the offered
    wait V (of a caller who would never leave) has on x > 0 the density

        v(x) = n mu p_n exp(g(x)),  1/p_n = (n/a) / B(n-1) + n mu J,  J = int exp(g)

    with B Erlang's loss formula and a the offered load [Baccelli and Hebuterne 1981;
    Zeltyn and Mandelbaum 2005, section 3, where E = 1/B(n-1)]. A caller waits
    min(V, R) and abandons when R < V, so that P(delay) = int v, P(abandon) = int G v,
    E W = int H v, E W^2 = int v(x) int_0^x 2 u P(R > u) du dx, P(W > t) = P(R > t) P(V > t),
    E[W; answered] = int x P(R > x) v, E[W; abandoned] = E W less that.

    With a finite room the ages a_1 > ... > a_j of the waiting calls have the joint density
    p_n lambda^j prod P(R > a_i) exp(-n mu a_1) (the balance equations hold level by level,
    so a full room changes only the normalisation; a special case of Brandt and Brandt
    1999). Integrated, this gives for the calls that join v(x) above with exp(lambda H) cut
    after its K-th term, sum_{i<K} (lambda H)^i / i!, and the blocked share
    p_n lambda^K / K! int n mu H^K exp(-n mu x) dx.

    Integrals are by adaptive quadrature, relative error about 1e-11, or 1e-15 times the number
    of calls that would be answered during the longest waits if that is more. ValueError for invalid
    parameters, and when nothing limits the queue (the load of the callers who never leave
    is at or above the agents, and the room is unlimited).
    """
    n, rate, service, load = _checked(arrival_rate_per_s, service_mean_s, n_agents)
    capacity = n / service
    room = None if max_waiting is None else require_count("max_waiting", max_waiting, 0)
    log_b = log_erlang_b(n - 1, load)
    if room == 0:
        return _no_room(n, load, service)
    breaks = np.array(patience.breaks_s, dtype=np.float64)

    def log_density(x: Floats) -> Floats:
        return _log_series(rate * patience.survival_integral(x), room) - capacity * x

    start, end, edges, top = _range(log_density, 1.0 / capacity, breaks)

    def density(x: Floats) -> Floats:  # of V, up to a constant
        return np.exp(log_density(x) - top)

    def integrands(x: Floats) -> Floats:
        weight = density(x)
        alive, waited = patience.survival(x), patience.survival_integral(x)
        return np.stack((weight, x * weight, alive * weight, waited * weight))

    # the exponent is a difference of terms as large as n mu x
    panels = adaptive_grid(integrands, edges, _EPSILON * capacity * end)
    x, weight = panels.x, density(panels.x)
    alive, waited = patience.survival(x), patience.survival_integral(x)
    mass = panels.total(weight)  # J exp(-top)

    # shares of the states, in units of p_n
    log_below = math.log(n / load) - log_b
    log_waiting = math.log(capacity * mass) + top
    blocked = 0.0
    if room is not None:
        log_full = _log_full(patience, rate, capacity, room, breaks)
        unit = _log_sum(log_below, log_waiting, log_full)
        blocked = math.exp(log_full - unit)
    log_joined = _log_sum(log_below, log_waiting)
    delayed = math.exp(log_waiting - log_joined)
    immediate = math.exp(log_below - log_joined)
    unit = delayed / mass  # v = unit * weight

    answered = immediate + unit * panels.total(alive * weight)
    abandonment = unit * panels.total((1.0 - alive) * weight)
    mean = unit * panels.total(waited * weight)
    answered_wait = unit * panels.total(x * alive * weight)
    abandoned_wait = unit * panels.total((waited - x * alive) * weight)
    # int_0^x 2 u P(R > u) du at the nodes
    inside = breaks[(breaks > 0.0) & (breaks < start)]
    moment: Function = lambda u: 2.0 * u * patience.survival(u)  # noqa: E731
    second = 0.0
    if start > 0.0:
        ladder = start * 2.0 ** -np.arange(30.0)
        second = integrate(moment, np.concatenate(([0.0], inside, ladder)))
    second = unit * panels.total((second + panels.running(moment(x))) * weight)

    def tail(t_s: float) -> float:
        if t_s >= end:
            return 0.0
        here = float(patience.survival(np.array([t_s]))[0])
        return here * unit * panels.above(density, weight, t_s)

    def within(t_s: float) -> tuple[float, float]:
        def met(u: Floats) -> Floats:
            return patience.survival(u) * density(u)

        def left(u: Floats) -> Floats:
            return (1.0 - patience.survival(u)) * density(u)

        gone = 1.0 - float(patience.survival(np.array([t_s]))[0])
        quick = unit * panels.below(left, (1.0 - alive) * weight, t_s)
        quick += gone * unit * panels.above(density, weight, t_s)
        return immediate + unit * panels.below(met, alive * weight, t_s), quick

    suffix = "" if room is None else f"/{n + room}"
    symbol = f"+{patience.symbol}" if patience.symbol else ""
    return QueueMeasures(
        model=f"M/M/{n}{suffix}{symbol}",
        offered_load_erlangs=load,
        blocked_share=blocked,
        delayed=delayed,
        abandonment=abandonment,
        asa_s=answered_wait / answered,
        wait_mean_s=mean,
        wait_sd_s=math.sqrt(max(0.0, second - mean * mean)),
        abandon_wait_mean_s=abandoned_wait / abandonment if abandonment > 0.0 else None,
        queue_length_mean=rate * (1.0 - blocked) * mean,
        occupancy=min(1.0, load * (1.0 - blocked) * answered / n),
        _within=within,
        _tail=tail,
    )


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
    n, rate, service, load = _checked(arrival_rate_per_s, service_mean_s, n_agents)
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
    log_joined = _log_sum(log_below, log_waiting)
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
    n, rate, service, load = _checked(arrival_rate_per_s, service_mean_s, n_agents)
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


def _log_sum(*logs: float) -> float:
    top = max(logs)
    return top + math.log(math.fsum(math.exp(value - top) for value in logs))


def _log_series(y: Floats, room: int | None) -> Floats:
    """log of sum_{i<room} y^i/i!; y itself without a limit."""
    if room is None:
        return y
    from scipy import special

    share = special.gammaincc(room, y)
    safe = share > 1e-280
    out = np.where(safe, y + np.log(np.where(safe, share, 1.0)), 0.0)
    if not safe.all():
        far = y[~safe]  # y well above room: the series from its last term down
        term = np.ones_like(far)
        total = np.ones_like(far)
        for i in range(room - 1, 0, -1):
            term *= i / far
            total += term
            if term.max() < 1e-17:
                break
        last = (room - 1) * np.log(far) - math.lgamma(room)
        out[~safe] = last + np.log(total)
    return np.asarray(out)


def _log_full(patience: Patience, rate: float, capacity: float, room: int, breaks: Floats) -> float:
    """log of p(n + room) / p(n) = (lambda^K / K!) int n mu H^K exp(-n mu x) dx."""

    def log_term(x: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            logs = np.log(rate * patience.survival_integral(x))
        return room * logs - math.lgamma(room + 1.0) - capacity * x

    _, end, edges, top = _range(log_term, 1.0 / capacity, breaks)
    function: Function = lambda x: np.exp(log_term(x) - top)  # noqa: E731
    return math.log(capacity * integrate(function, edges, _EPSILON * (capacity * end + room))) + top


def _range(
    log_density: Function, scale: float, breaks: Floats
) -> tuple[float, float, Floats, float]:
    """Where a log-concave function matters: start, end, panel edges, and its largest log.

    Edges lie where the log has moved by 3 more, where it bends, evenly, and ever closer to
    the start (callers with very little patience).
    """
    grid_x = scale * 2.0 ** np.arange(-40.0, 3.0)
    best = -math.inf
    end = scale
    for _ in range(400):
        grid_x = np.array([end, 1.25 * end, 1.5 * end, 1.75 * end, 2.0 * end])
        values = log_density(grid_x)
        best = max(best, float(np.nanmax(values)))
        end *= 2.0
        if float(values[-1]) < best - _DROP:
            break
        if end > 1e18 * scale:
            raise ValueError(
                "the queue grows without bound: the load is at or above the agents and too "
                "few callers ever leave"
            )
    start = 0.0
    for _ in range(60):  # zoom in until the range is not much wider than it need be
        x = np.unique(np.concatenate((np.linspace(start, end, 400), breaks[breaks < end])))
        x = x[x >= start]
        values = log_density(x)
        best = max(best, float(np.nanmax(values)))
        inside = np.flatnonzero(values >= best - _DROP)
        low, high = max(inside[0] - 1, 0), min(inside[-1] + 1, len(x) - 1)
        narrower = float(x[high] - x[low]) < 0.5 * (end - start)
        start, end = float(x[low]), float(x[high])
        if not narrower:
            break
    bends = breaks[(breaks > start) & (breaks < end)]
    x = np.unique(np.concatenate((np.linspace(start, end, 2000), bends)))
    values = log_density(x)
    finite = np.isfinite(values)
    x, values = x[finite], values[finite]
    best = float(values.max())
    travel = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(values)))))
    marks = np.interp(np.arange(3.0, float(travel[-1]), 3.0), travel, x)
    ladder = start + (end - start) * 2.0 ** -np.arange(1.0, 40.0)
    even = np.linspace(start, end, 17)
    return start, end, np.unique(np.concatenate((even, marks, ladder, bends))), best


def _no_room(n: int, load: float, service: float) -> QueueMeasures:
    """M/M/n/n: who is not blocked is answered at once."""
    blocked = erlang_b(n, load)
    return QueueMeasures(
        model=f"M/M/{n}/{n}",
        offered_load_erlangs=load,
        blocked_share=blocked,
        delayed=0.0,
        abandonment=0.0,
        asa_s=0.0,
        wait_mean_s=0.0,
        wait_sd_s=0.0,
        abandon_wait_mean_s=None,
        queue_length_mean=0.0,
        occupancy=load * (1.0 - blocked) / n,
        _within=lambda t_s: (1.0, 0.0),
        _tail=lambda t_s: 0.0,
    )


def _checked(
    arrival_rate_per_s: float, service_mean_s: float, n_agents: int
) -> tuple[int, float, float, float]:
    n = require_count("n_agents", n_agents, 1)
    rate = require_positive("arrival_rate_per_s", arrival_rate_per_s)
    service = require_positive("service_mean_s", service_mean_s)
    return n, rate, service, rate * service
