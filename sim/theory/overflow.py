"""Overflow at once: calls that find no agent of their own pool go on to another queue.

References
----------
Cooper (1981), Introduction to Queueing Theory, 2nd ed., ch. 4 (overflow traffic, equivalent
random method).
Kosten (1937), Ueber Sperrungswahrscheinlichkeiten bei Staffelschaltungen, Elektrische
Nachrichtentechnik 14; Riordan's appendix to Wilkinson (1956), Theories for toll traffic
engineering in the USA, BSTJ 35 (mean and variance of overflow).
"""

from dataclasses import dataclass

import numpy as np

from sim.theory.chains import stationary
from sim.theory.erlang import erlang_b
from sim.theory.measures import require_count, require_positive

ENOUGH = 1e-12
"""The largest share of the second queue's calls that the cut of an unlimited line may lose."""

_MAX_STATES = 200_000


@dataclass(frozen=True)
class OverflowMeasures:
    """Stationary measures of two pools, the first without a line, the second with one.

    ``overflowed_share`` of the first queue's calls. Of the second queue, its own calls and those
    that overflow together: ``blocked_share`` of the offered; ``delayed``, ``abandonment``,
    ``wait_mean_s`` of the joined; ``queue_length_mean``. ``total_abandonment``: abandoned of all
    callers who were not blocked. ``occupancy`` of the two pools. ``busy_law``: the law of the
    number in the second system, shape (n_second + room + 1,). ``cut_share`` as in ``ENOUGH``.
    """

    overflowed_share: float
    blocked_share: float
    delayed: float
    abandonment: float
    wait_mean_s: float
    queue_length_mean: float
    total_abandonment: float
    occupancy: tuple[float, float]
    busy_law: tuple[float, ...]
    cut_share: float


def overflow_mean_variance(n_agents: int, offered_load_erlangs: float) -> tuple[float, float]:
    """Mean m and variance v of the busy agents in an endless group that gets the overflow.

    m = a B(n, a), v = m (1 - m + a / (n + 1 + m - a)), a the load offered to n agents with equal
    exponential service [Kosten 1937; Riordan in Wilkinson 1956; Cooper 1981, ch. 4].
    """
    mean = offered_load_erlangs * erlang_b(n_agents, offered_load_erlangs)
    spare = n_agents + 1.0 + mean - offered_load_erlangs
    return mean, mean * (1.0 - mean + offered_load_erlangs / spare)


def overflow(
    first_rate_per_s: float,
    first_service_s: float,
    n_first: int,
    second_rate_per_s: float,
    second_service_s: float,
    n_second: int,
    *,
    patience_mean_s: float | None = None,
    max_waiting: int | None = None,
) -> OverflowMeasures:
    """Two pools: what finds the first busy joins the second queue at the same instant.

    Poisson arrivals to both queues (``second_rate_per_s`` may be 0), exponential services of the
    queue that answers, one exponential patience for all; the second queue is first come first
    served. (Busy in the first, number in the second) is a Markov chain. The first pool alone
    is Erlang's loss system; overflow is not Poisson, so the second queue's shares are ratios of
    flows, not of time. A call that overflows to a full second queue is blocked there.

    An unlimited line is cut where it loses at most 1e-12 of the second queue's calls. ValueError
    for invalid parameters, and if the line would grow without bound.
    """
    rate_1 = require_positive("first_rate_per_s", first_rate_per_s)
    mu_1 = 1.0 / require_positive("first_service_s", first_service_s)
    mu_2 = 1.0 / require_positive("second_service_s", second_service_s)
    n_1, n_2 = require_count("n_first", n_first, 0), require_count("n_second", n_second, 1)
    rate_2 = float(second_rate_per_s)
    if not (rate_2 >= 0.0 and np.isfinite(rate_2)):
        raise ValueError(f"second_rate_per_s must be finite and zero or more, got {rate_2}")
    theta = 0.0
    if patience_mean_s is not None:
        theta = 1.0 / require_positive("patience_mean_s", patience_mean_s)
    spilled = rate_1 * erlang_b(n_1, rate_1 / mu_1)
    if max_waiting is None and theta == 0.0 and spilled + rate_2 >= n_2 * mu_2:
        raise ValueError("the second queue grows without bound: its load is at or above its agents")
    room = 32 if max_waiting is None else require_count("max_waiting", max_waiting, 0)
    while True:
        law = _law(rate_1, mu_1, n_1, rate_2, mu_2, n_2, theta, room)
        joining = np.zeros_like(law) + rate_2
        joining[n_1] += rate_1
        flow = joining * law  # calls offered to the second queue per second, by what they find
        offered = float(flow.sum())
        lost = float(flow[:, -1].sum()) / offered
        if max_waiting is not None or lost <= ENOUGH:
            break
        room *= 2
    second = law.sum(axis=0)
    k = np.arange(n_2 + room + 1)
    joined = offered * (1.0 - lost)
    length = float(second @ np.maximum(k - n_2, 0))
    blocked = lost if max_waiting is not None else 0.0
    overflowed = float(law[n_1].sum())
    unblocked = rate_1 + rate_2 - offered * lost
    return OverflowMeasures(
        overflowed_share=overflowed,
        blocked_share=blocked,
        delayed=float(flow[:, n_2:-1].sum()) / joined,
        abandonment=theta * length / joined,
        wait_mean_s=length / joined,
        queue_length_mean=length,
        total_abandonment=theta * length / unblocked,
        occupancy=(
            float(law.sum(axis=1) @ np.arange(n_1 + 1)) / n_1 if n_1 else 0.0,
            float(second @ np.minimum(k, n_2)) / n_2,
        ),
        busy_law=tuple(second.tolist()),
        cut_share=0.0 if max_waiting is not None else lost,
    )


def _law(
    rate_1: float, mu_1: float, n_1: int, rate_2: float, mu_2: float, n_2: int,
    theta: float, room: int,
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:  # fmt: skip
    """The law of (busy in the first pool, number in the second system), by Kronecker sums."""
    from scipy import sparse

    size_1, size_2 = n_1 + 1, n_2 + room + 1
    if size_1 * size_2 > _MAX_STATES:
        raise ValueError(f"the chain has more than {_MAX_STATES} states")
    k = np.arange(1.0, size_2)
    up = sparse.diags(np.ones(size_2 - 1), 1)
    down = sparse.diags(np.minimum(k, n_2) * mu_2 + theta * np.maximum(k - n_2, 0.0), -1)
    pool = sparse.diags(np.full(n_1, rate_1), 1) + sparse.diags(np.arange(1.0, size_1) * mu_1, -1)
    last = sparse.diags((np.arange(size_1) == n_1).astype(np.float64))
    one, two = sparse.identity(size_1), sparse.identity(size_2)
    moves = (
        sparse.kron(pool, two)
        + sparse.kron(one, rate_2 * up + down)
        + sparse.kron(last, rate_1 * up)
    ).tocsr()
    leaving = np.asarray(moves.sum(axis=1)).ravel()
    return stationary(moves - sparse.diags(leaving)).reshape(size_1, size_2)
