"""M/M/n + M whose calls are handed out at the ticks of a loop instead of at once.

References
----------
Kemeny, Snell (1960), Finite Markov Chains, ch. 2 (the chain at the ticks).
Ross (1996), Stochastic Processes, 2nd ed., section 3.6 (averages over renewal cycles).
Takagi (1991), Queueing Analysis, vol. 1 (single server with setup: the check of the tests).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.theory.measures import require_positive, require_queue

ENOUGH = 1e-12
"""The largest share of the ticks at which the cut of the line may matter."""

_MAX_STATES = 4000

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PolledMeasures:
    """Stationary measures over all calls; all join.

    ``queue_length_mean``, ``occupancy`` by time; ``wait_mean_s`` answered or not. ``stopped``: the
    share of time in which the loop is stopped. ``cut_share`` as in ``ENOUGH``.
    """

    abandonment: float
    wait_mean_s: float
    queue_length_mean: float
    occupancy: float
    stopped: float
    cut_share: float


def polled(
    arrival_rate_per_s: float,
    service_mean_s: float,
    n_agents: int,
    *,
    start_delay_s: float,
    retry_s: float,
    next_s: float,
    patience_mean_s: float | None = None,
) -> PolledMeasures:
    """One queue under polling, exact for every order in which calls are taken.

    A tick without a waiting call stops the loop; the next call to join sets a tick
    ``start_delay_s`` later. Else, with an agent free, one call is routed and the next tick comes
    ``next_s`` later; without, ``retry_s`` later. Between ticks nothing is routed: each busy agent
    finishes, each waiting call leaves, independently, and calls join by a Poisson process. So
    (busy agents, waiting calls) just before the ticks is a Markov chain, and averages by time
    are ratios of its means of the sums from tick to tick. Which of the waiting calls is taken
    makes no difference to these numbers; the mean wait is Little's.

    The line is cut where at most 1e-12 of the ticks find it full. ValueError for invalid
    parameters, if the line grows without bound, and for more than 4000 states.
    """
    n, rate, service, _ = require_queue(arrival_rate_per_s, service_mean_s, n_agents)
    if not (start_delay_s >= 0.0 and np.isfinite(start_delay_s)):
        raise ValueError(f"start_delay_s must be finite and zero or more, got {start_delay_s}")
    retry = require_positive("retry_s", retry_s)
    after = require_positive("next_s", next_s)
    theta = 0.0
    if patience_mean_s is not None:
        theta = 1.0 / require_positive("patience_mean_s", patience_mean_s)
    mu, room = 1.0 / service, 32
    if theta == 0.0 and rate >= _throughput(mu, n, retry, after):
        raise ValueError("more calls than agents and ticks can serve: the line has no bound")
    while (n + 1) * (room + 1) <= _MAX_STATES:
        found = _solve(rate, mu, n, theta, start_delay_s, retry, after, room)
        if found.cut_share <= ENOUGH:
            return found
        room *= 2
    raise ValueError(f"the chain has more than {_MAX_STATES} states: too long a line")


def _throughput(mu: float, n: int, retry: float, after: float) -> float:
    """Calls served per second while calls wait at every tick: the chain of the busy alone."""
    busy = np.arange(n + 1)
    moves = np.vstack((_survive(n, mu, after)[1:], _survive(n, mu, retry)[n]))
    law = _stationary(moves)
    served = float(law[busy < n].sum())
    return served / (served * after + float(law[n]) * retry)


def _solve(
    rate: float,
    mu: float,
    n: int,
    theta: float,
    start: float,
    retry: float,
    after: float,
    room: int,
) -> PolledMeasures:
    """The measures with room for so many in line, calls beyond it lost."""
    busy, waiting = (a.ravel() for a in np.mgrid[0 : n + 1, 0 : room + 1])
    size = (n + 1) * (room + 1)
    halt, take = waiting == 0, (waiting > 0) & (busy < n)
    wait_on = ~halt & ~take
    moves = np.zeros((size, size))
    length, work, time = np.zeros(size), np.zeros(size), np.zeros(size)
    for where, step, more in ((halt, start, 0), (take, after, 1), (wait_on, retry, 0)):
        here = np.flatnonzero(where)
        agents = _survive(n, mu, step)
        line = _line(rate, theta, step, room)
        b, k = busy[here] + more, waiting[here] - more
        talk_s = -np.expm1(-mu * step) / mu  # of an agent who is busy at the beginning
        if step == start and where is halt:
            found = _at_arrival(n, rate, mu)
            agents = found @ agents
            k = k + 1
            work[here] = b / (rate + mu) + b * rate / (rate + mu) * talk_s
        else:
            work[here] = b * talk_s
        stay_s = -np.expm1(-theta * step) / theta if theta else step
        come_s = (step - stay_s) / theta if theta else step * step / 2.0
        length[here] = k * stay_s + rate * come_s
        time[here] = step + (1.0 / rate if where is halt else 0.0)
        moves[here] = (agents[b][:, :, None] * line[k][:, None, :]).reshape(len(here), size)
    law = _stationary(moves)
    total = float(law @ time)
    queue = float(law @ length) / total
    return PolledMeasures(
        abandonment=theta * queue / rate,
        wait_mean_s=queue / rate,
        queue_length_mean=queue,
        occupancy=float(law @ work) / (total * n),
        stopped=float(law[halt].sum()) / rate / total,
        cut_share=float(law[waiting == room].sum()),
    )


def _stationary(moves: Floats) -> Floats:
    """Stationary law of a chain by its matrix of moves (S, S), which it overwrites.

    One equation gives way to sum 1 and none to p_0 = 1: under overload p_0 may be 1e-200.
    """
    equations = moves.T
    equations[np.diag_indices_from(equations)] -= 1.0
    equations[-1] = 1.0
    total = np.zeros(len(moves))
    total[-1] = 1.0
    return np.asarray(np.maximum(np.linalg.solve(equations, total), 0.0))


def _survive(n: int, leave_rate: float, step: float) -> Floats:
    """P(j of i are still there after ``step``), shape (n + 1, n + 1)."""
    from scipy import stats

    i = np.arange(n + 1)
    return np.asarray(stats.binom.pmf(i[None, :], i[:, None], np.exp(-leave_rate * step)))


def _line(rate: float, theta: float, step: float, room: int) -> Floats:
    """P(l wait after ``step`` | k wait), shape (room + 1, room + 1), what is beyond in the last."""
    from scipy import stats

    mean = rate * (-np.expm1(-theta * step) / theta if theta else step)
    come = stats.poisson.pmf(np.arange(room + 1), mean)
    stay = _survive(room, theta, step)
    line = np.zeros((room + 1, room + 1))
    for k, row in enumerate(stay):
        line[k] = np.convolve(row[: k + 1], come)[: room + 1]
    line[:, -1] += np.maximum(1.0 - line.sum(axis=1), 0.0)
    return np.asarray(line / line.sum(axis=1, keepdims=True))


def _at_arrival(n: int, rate: float, mu: float) -> Floats:
    """P(j of i agents are still busy at the next arrival), shape (n + 1, n + 1)."""
    law = np.zeros((n + 1, n + 1))
    for i in range(n + 1):
        left = 1.0
        for j in range(i, -1, -1):
            law[i, j] = left * rate / (rate + j * mu)
            left *= j * mu / (rate + j * mu)
    return law
