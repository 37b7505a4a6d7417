"""M_t/M/n_t + M: a day with changing arrivals and shifts, exact from an empty start.

References
----------
Green, Kolesar, Whitt (2007), Coping with time-varying demand when setting staffing requirements
for a service system, Production and Operations Management 16 (the model).
Ingolfsson (2005), Modeling the M(t)/M/s(t) queue with an exhaustive discipline (agents finish
their call when their shift ends).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from sim.theory.measures import require_count, require_positive
from sim.theory.shift_chain import Floats, ShiftChain
from sim.theory.transient import advance

ENOUGH = 1e-10
"""The most calls per day that the cut at the end of an unlimited line may touch."""

_MAX_ROOM = 4096


@dataclass(frozen=True)
class Steps:
    """A piecewise constant function of time: ``values[i]`` from ``starts_s[i]`` on, 0 before."""

    starts_s: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, t_s: float) -> float:
        """The value on the piece that begins at or before ``t_s``."""
        return next(
            (v for s, v in zip(self.starts_s[::-1], self.values[::-1], strict=True) if s <= t_s),
            0.0,
        )


@dataclass(frozen=True, eq=False)
class DaySums:
    """Expected sums of a day, by reporting interval; arrays of shape (I,).

    By the interval in which a call *arrived*, whenever its wait ended: ``offered``, ``blocked``,
    ``delayed`` (joined, not answered at once), ``abandoned``, ``answered``, ``waited_s`` (all
    waits together, answered or not). By the clock: ``queue_s`` (the integral of the number
    waiting), ``busy_s`` (of the busy agents, overtime included), ``overtime_s``, ``on_shift_s``
    (scheduled). ``cut_calls`` bounds the error of a line that is cut: the expected number of
    arrivals of the whole day at a full line (0 where ``max_waiting`` was given).
    """

    edges_s: Floats
    offered: Floats
    blocked: Floats
    delayed: Floats
    abandoned: Floats
    answered: Floats
    waited_s: Floats
    queue_s: Floats
    busy_s: Floats
    overtime_s: Floats
    on_shift_s: Floats
    cut_calls: float

    def measures(self, first: int = 0, last: int | None = None) -> "DayMeasures":
        """Ratios of the sums over the intervals ``first`` to ``last`` - 1 (None: to the end)."""
        part = slice(first, last)
        edges = self.edges_s[first : None if last is None else last + 1]

        def total(values: Floats) -> float:
            return float(values[part].sum())

        joined = total(self.offered) - total(self.blocked)
        return DayMeasures(
            abandonment=total(self.abandoned) / joined,
            blocked_share=total(self.blocked) / total(self.offered),
            delayed=total(self.delayed) / joined,
            wait_mean_s=total(self.waited_s) / joined,
            queue_length_mean=total(self.queue_s) / float(edges[-1] - edges[0]),
            occupancy=total(self.busy_s) / (total(self.on_shift_s) + total(self.overtime_s)),
            overtime_s=total(self.overtime_s),
        )


@dataclass(frozen=True)
class DayMeasures:
    """Measures of a day: each the ratio of two expected sums, as replications are pooled.

    ``abandonment``, ``delayed``, ``wait_mean_s`` over the joined calls, ``blocked_share`` over
    the offered ones; ``queue_length_mean`` and ``occupancy`` (busy / on shift or in overtime) by
    the clock; ``overtime_s`` of all agents together.
    """

    abandonment: float
    blocked_share: float
    delayed: float
    wait_mean_s: float
    queue_length_mean: float
    occupancy: float
    overtime_s: float


def day(
    arrival_rate_per_s: Steps,
    service_mean_s: float,
    agents: Steps,
    horizon_s: float,
    *,
    patience_mean_s: float | None = None,
    max_waiting: int | None = None,
    edges_s: Sequence[float] | None = None,
    routing: Literal["random", "listed"] = "random",
) -> DaySums:
    """Expected sums of M_t/M/n_t (+M), empty at 0, first come first served, drained at the end.

    Calls arrive in [0, horizon) by a Poisson process of the given rate. Agent i is on shift while
    the scheduled count exceeds i. A shift's end takes an idle agent away at once; a busy one
    finishes the call in overtime and takes no other, unless the next shift has begun by then.
    After the horizon nobody arrives and the agents of just before it stay until the
    line is empty. ``edges_s`` are the reporting intervals' edges, 0 and horizon included (None:
    one interval).

    Exact for `random` routing, *not* by counting busy agents: who came on duty last is idle more
    often than the others, and on a falling staff it is they who leave, so that a hypergeometric
    split at the shift's end is exact only while no agent has joined since all were idle. The
    chain therefore counts the busy agents of each *cohort*, agents with the same shifts, who are
    exchangeable (``ShiftChain``). The calls that arrived before an instant fare, first come
    first served, as if none came after it; hence waits by interval of arrival: the waiting
    until the interval's end, and from then on that of an otherwise equal day without arrivals
    (Kolmogorov's backward equation). Abandonments are patience's rate times the waits.

    An unlimited line is cut where it is expected to lose at most 1e-10 calls on that day: until
    the first of them the cut chain is the same as the endless one. ValueError for invalid
    parameters, for calls that nobody would ever answer, and for a line of more than 4096.
    """
    service = require_positive("service_mean_s", service_mean_s)
    horizon = require_positive("horizon_s", horizon_s)
    theta = 0.0
    if patience_mean_s is not None:
        theta = 1.0 / require_positive("patience_mean_s", patience_mean_s)
    _check_steps("arrival_rate_per_s", arrival_rate_per_s)
    _check_steps("agents", agents)
    counts = tuple(require_count("agents", int(v), 0) for v in agents.values)
    if any(n != v for n, v in zip(counts, agents.values, strict=True)):
        raise ValueError("agents must be whole numbers")
    edges = np.array([0.0, horizon] if edges_s is None else edges_s, dtype=np.float64)
    if edges[0] != 0.0 or edges[-1] != horizon or (np.diff(edges) <= 0.0).any():
        raise ValueError("edges_s must rise from 0 to the horizon")
    times = {*arrival_rate_per_s.starts_s, *agents.starts_s, *edges.tolist()}
    pieces = np.array(sorted(t for t in times if 0.0 <= t <= horizon))
    rates = [arrival_rate_per_s.at(t) for t in pieces[:-1]]
    staff = [int(agents.at(t)) for t in pieces[:-1]]
    if theta == 0.0 and staff[-1] == 0:
        raise ValueError("nobody is on shift at the end: calls without patience wait for ever")
    if max_waiting is None:
        room = 32 + int(1.25 * _fluid_line(pieces, rates, staff, service, theta))
    else:
        room = require_count("max_waiting", max_waiting, 0)
    while True:
        if max_waiting is None and room > _MAX_ROOM:
            raise ValueError(f"more than {_MAX_ROOM} calls may wait: too long a line")
        chain = ShiftChain(staff, 1.0 / service, theta, room, routing)
        sums, laws = _forward(chain, pieces, rates, staff, edges)
        if max_waiting is not None or sums["blocked"].sum() <= ENOUGH:
            break
        room *= 2
    cut = 0.0
    if max_waiting is None:
        cut = float(sums["blocked"].sum())
        sums["blocked"][:] = 0.0
    to_come = _backward(chain, pieces, staff, edges)
    left = [float(law @ cost) for law, cost in zip(laws, to_come, strict=True)]
    waited = sums["queue_s"] + np.diff(left)
    abandoned = theta * waited
    return DaySums(
        edges_s=edges,
        abandoned=abandoned,
        answered=sums["offered"] - sums["blocked"] - abandoned,
        waited_s=waited,
        cut_calls=cut,
        **sums,
    )


def _fluid_line(
    pieces: Floats, rates: list[float], staff: list[int], service_s: float, theta: float
) -> float:
    """The longest line if calls were a fluid: where to begin looking for a long enough room."""
    line = longest = 0.0
    for piece, rate, n in zip(pairwise(pieces.tolist()), rates, staff, strict=True):
        length = piece[1] - piece[0]
        excess = rate - n / service_s
        if theta:
            line = excess / theta + (line - excess / theta) * math.exp(-theta * length)
        else:
            line += excess * length
        line = max(line, 0.0)
        longest = max(longest, line)
    return longest


def _forward(
    chain: ShiftChain, pieces: Floats, rates: list[float], staff: list[int], edges: Floats
) -> tuple[dict[str, Floats], list[Floats]]:
    """The sums that follow the clock or the instant of arrival, and the law at every edge."""
    names = (
        "offered", "blocked", "delayed", "queue_s", "busy_s", "overtime_s", "on_shift_s"
    )  # fmt: skip
    sums = {name: np.zeros(len(edges) - 1) for name in names}
    law = chain.empty()
    laws = [law]
    for i, (rate, n) in enumerate(zip(rates, staff, strict=True)):
        length = float(pieces[i + 1] - pieces[i])
        interval = int(np.searchsorted(edges, pieces[i], side="right")) - 1
        law = np.bincount(chain.take_calls(n), law, len(law)).astype(np.float64)
        law, spent = advance(chain.generator(rate, n).T.tocsr(), law, length)
        nobody, full = chain.nobody_idle(n), chain.waiting == chain.room
        values = {
            "offered": rate * length,
            "blocked": rate * float(spent @ (nobody & full)),
            "delayed": rate * float(spent @ (nobody & ~full)),
            "queue_s": float(spent @ chain.waiting),
            "busy_s": float(spent @ chain.busy.sum(axis=1)),
            "overtime_s": float(spent @ chain.overtime(n)),
            "on_shift_s": n * length,
        }
        for name, value in values.items():
            sums[name][interval] += value
        if pieces[i + 1] in edges:
            laws.append(law)
    return sums, laws


def _backward(chain: ShiftChain, pieces: Floats, staff: list[int], edges: Floats) -> list[Floats]:
    """Expected waiting still to come of those who wait at each edge, in seconds, by state."""
    cost = chain.drained(staff[-1])
    costs = [cost]
    waiting = chain.waiting.astype(np.float64)
    for i in range(len(staff) - 1, -1, -1):
        length = float(pieces[i + 1] - pieces[i])
        both = np.column_stack((cost, waiting))
        moved, spent = advance(chain.generator(0.0, staff[i]), both, length)
        cost = (moved[:, 0] + spent[:, 1])[chain.take_calls(staff[i])]
        if pieces[i] in edges:
            costs.append(cost)
    return costs[::-1]


def _check_steps(name: str, steps: Steps) -> None:
    starts, values = steps.starts_s, steps.values
    if not starts or len(starts) != len(values):
        raise ValueError(f"{name} must have as many values as starts, at least one")
    if any(b <= a for a, b in pairwise(starts)):
        raise ValueError(f"the starts of {name} must rise")
    if not all(np.isfinite(v) and v >= 0.0 for v in values):
        raise ValueError(f"the values of {name} must be finite and zero or more")
