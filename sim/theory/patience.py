"""M/M/n+G: agents with exponential service, callers with any law of patience.

First come first served, by the building blocks of Baccelli and Hebuterne (1981) and Zeltyn
and Mandelbaum (2005), here extended to a finite waiting room.

References
----------
Baccelli, Hebuterne (1981), On queues with impatient customers, Performance '81.
Zeltyn, Mandelbaum (2005), Call centers with impatient customers: many-server asymptotics of
the M/M/n+G queue, Queueing Systems 51, section 3 and its internet supplement.
Brandt, Brandt (1999), On the M(n)/M(n)/s queue with impatient calls, Performance
Evaluation 35 (arrival rates that depend on the state, hence a finite room).
"""

import math

import numpy as np

from sim.theory.erlang import erlang_b, log_erlang_b, log_sum
from sim.theory.families import Patience
from sim.theory.measures import QueueMeasures, require_count, require_queue
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
    n, rate, service, load = require_queue(arrival_rate_per_s, service_mean_s, n_agents)
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
        unit = log_sum(log_below, log_waiting, log_full)
        blocked = math.exp(log_full - unit)
    log_joined = log_sum(log_below, log_waiting)
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
