"""M/M/n + M in a window of time, from any start, for three orders of service: exact.

What an estimator over replications estimates is a ratio of two expected sums over the calls that
arrive in the window, [warm-up, horizon). The number in the system is a Markov chain whatever the
order of service, so where an arrival finds it follows by uniformisation; from there on one call is
followed among the others that matter to it. After the horizon nobody arrives and the line is served
until it is empty.

References
----------
Riordan (1953), Delay curves for calls served at random, Bell System Technical Journal 32 (a call
followed through the others, first and last come first served and at random).
Jensen (1953), see ``transient``. Whitt (2005), Engineering solution of a basic call-center model,
Management Science 51 (M/M/n + M: a call followed through those ahead of it).
"""

import math
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.theory.measures import require_count, require_positive
from sim.theory.transient import advance

Floats = NDArray[np.float64]
Discipline = Literal["fifo", "lifo", "random"]

_CUT = 1e-10  # the share of time at a full line that is small enough
_LEAST_ROOM, _MAX_ROOM = 24, 600
_NODES = 8  # of the Gauss-Legendre rule on each panel
_PANEL_JUMPS = 4.0  # a panel is as long as so many jumps out of the fastest state take


class Window:
    """The measures of a window; see the module.

    ``start`` is how many calls are in service at time 0 (none of them counts), None for the
    stationary law at time 0. Without ``patience_mean_s`` nobody leaves. The line is cut where the
    chain spends less than 1e-10 of the window. ValueError for invalid parameters, a start above
    the number of agents, a stationary start at or above full load without patience, and a line
    of more than 600.
    """

    def __init__(
        self,
        arrival_rate_per_s: float,
        service_mean_s: float,
        n_agents: int,
        horizon_s: float,
        *,
        patience_mean_s: float | None = None,
        discipline: Discipline = "fifo",
        warmup_s: float = 0.0,
        start: int | None = 0,
    ) -> None:
        self._rate = require_positive("arrival_rate_per_s", arrival_rate_per_s)
        self._mu = 1.0 / require_positive("service_mean_s", service_mean_s)
        self._n = require_count("n_agents", n_agents, 1)
        self._horizon = require_positive("horizon_s", horizon_s)
        self._theta = 0.0
        if patience_mean_s is not None:
            self._theta = 1.0 / require_positive("patience_mean_s", patience_mean_s)
        if discipline not in ("fifo", "lifo", "random"):
            raise ValueError(f"unknown discipline {discipline!r}")
        if not 0.0 <= warmup_s < horizon_s:
            raise ValueError(f"the warm-up must lie in [0, horizon), got {warmup_s}")
        if start is None and not self._theta and self._rate >= self._n * self._mu:
            raise ValueError("at full load without patience there is no stationary law")
        if start is not None and start > self._n:
            raise ValueError(f"at most all {self._n} agents can be busy at the start")
        self._discipline, self._warmup = discipline, float(warmup_s)
        self._room = _LEAST_ROOM
        while True:
            self._law, self._spent = self._course(start)
            if self._spent[-1] <= _CUT * self._spent.sum():
                break
            if self._room >= _MAX_ROOM:
                raise ValueError(f"more than {_MAX_ROOM} calls may wait: too long a line")
            self._room = min(_MAX_ROOM, self._room + self._room // 2)

    # --- the number in the system ----------------------------------------------------------

    def _chain(self) -> Floats:
        """The generator of the number in the system, 0 to n + room."""
        k = np.arange(self._n + self._room + 1.0)
        deaths = self._mu * np.minimum(k, self._n) + self._theta * np.maximum(k - self._n, 0.0)
        moves = np.diag(np.full(k.size - 1, self._rate), 1) + np.diag(deaths[1:], -1)
        return np.asarray(moves - np.diag(moves.sum(axis=1)))

    def _course(self, start: int | None) -> tuple[Floats, Floats]:
        """The law at the warm-up's end, and the seconds spent in each state from then on."""
        from scipy import sparse

        from sim.theory.chains import stationary

        chain = self._chain()
        if start is None:
            law = stationary(chain)
        else:
            law = np.zeros(len(chain))
            law[start] = 1.0
        forward = sparse.csr_matrix(chain.T)
        law, _ = advance(forward, law, self._warmup)
        return law, advance(forward, law, self._horizon - self._warmup)[1]

    @property
    def _length(self) -> float:
        return self._horizon - self._warmup

    @property
    def delayed(self) -> float:
        """The share of the calls that find all agents busy."""
        return float(self._spent[self._n :].sum()) / self._length

    @property
    def queue_length_mean(self) -> float:
        """The mean number waiting in the window, by time."""
        return float(self._spent[self._n :] @ np.arange(self._room + 1.0)) / self._length

    @property
    def occupancy(self) -> float:
        """The share of the agents' time in the window that is spent in service."""
        k = np.arange(self._n + self._room + 1.0)
        return float(self._spent @ np.minimum(k, self._n)) / (self._n * self._length)

    # --- one call among the others ---------------------------------------------------------

    def _tagged(self, arrivals: bool) -> tuple[Floats, Floats]:
        """The moves of a waiting call by the number of others that matter, and its answers' rate.

        Others are those ahead of it (fifo), those that came after it (lifo), or all who wait
        (random). The rows of the matrix sum to minus the rate at which the call stops waiting.
        """
        m = np.arange(self._room + 1.0)
        free = self._n * self._mu
        if self._discipline == "random":
            answered, others_go = free / (m + 1.0), free * m / (m + 1.0)
        else:
            answered, others_go = np.where(m == 0.0, free, 0.0), np.where(m > 0.0, free, 0.0)
        joins = self._rate if arrivals and self._discipline != "fifo" else 0.0
        moves = np.diag((others_go + self._theta * m)[1:], -1) + np.diag(
            np.full(self._room, joins), 1
        )
        return moves - np.diag(moves.sum(axis=1) + answered + self._theta), answered

    def _found(self, laws: Floats) -> Floats:
        """Those who arrive and wait, by the others that matter, from the number's law (..., S)."""
        waiting = laws[..., self._n :]
        if self._discipline != "lifo":
            return np.asarray(waiting)
        found = np.zeros_like(waiting)
        found[..., 0] = waiting.sum(axis=-1)
        return found

    def _panels(self, length: float) -> tuple[int, Floats, Floats]:
        """How many panels, and the nodes and weights of one, for a part of so many seconds."""
        fastest = self._rate + self._n * self._mu + self._theta * math.sqrt(self._room)
        n = max(1, math.ceil(length * fastest / _PANEL_JUMPS))
        x, w = np.polynomial.legendre.leggauss(_NODES)
        return n, (x + 1.0) / 2.0 * (length / n), w / 2.0 * (length / n)

    def _sums(self, matrix: Floats, at_end: Floats) -> float:
        """int p(u) f(H - u) du over the window: f follows ``matrix`` from ``at_end``, shape (Z,),
        of which the first (room + 1) belong to the waiting call."""
        from scipy.linalg import expm

        n, nodes, weights = self._panels(self._length)
        chain = self._chain()
        to_node = [expm(chain * x) for x in nodes]
        from_node = [expm(matrix * x)[: self._room + 1] for x in nodes[::-1]]
        width = self._length / n
        whole = expm(chain * width), expm(matrix * width)
        ends = [at_end]  # f at the end of each panel, the last one first
        for _ in range(n - 1):
            ends.append(whole[1] @ ends[-1])
        law, total = self._law, 0.0
        for f in ends[::-1]:
            for i in range(_NODES):
                total += weights[i] * float(self._found(law @ to_node[i]) @ (from_node[i] @ f))
            law = law @ whole[0]
        return total

    # --- waits ------------------------------------------------------------------------------

    @cached_property
    def _waited(self) -> tuple[float, float]:
        """E wait and E (wait; answered), over all calls of the window, in seconds.

        With V the mean wait, A the chance of an answer and B the mean wait of the answered, by
        time left to the horizon: V' = Q V + 1, A' = Q A + answered, B' = Q B + A.
        """
        size = self._room + 1
        after, answered = self._tagged(arrivals=False)
        mean_at_end = np.linalg.solve(after, -np.ones(size))
        chance_at_end = np.linalg.solve(after, -answered)
        answered_at_end = np.linalg.solve(after, -chance_at_end)
        before, answered = self._tagged(arrivals=True)
        one, nil, here = np.ones((size, 1)), np.zeros((size, size)), np.eye(size)
        of_all = np.block([[before, one], [np.zeros((1, size + 1))]])
        of_answered = np.block(
            [
                [before, here, 0.0 * one],
                [nil, before, answered[:, None]],
                [np.zeros((1, 2 * size + 1))],
            ]
        )
        waits = self._sums(of_all, np.append(mean_at_end, 1.0))
        if not self._theta:
            return waits / self._length, waits / self._length
        until_answer = self._sums(
            of_answered, np.concatenate((answered_at_end, chance_at_end, [1.0]))
        )
        return waits / self._length, until_answer / self._length

    @property
    def wait_mean_s(self) -> float:
        """The mean wait of all calls that arrive in the window."""
        return self._waited[0]

    @property
    def abandonment(self) -> float:
        """The share of these calls that leave: the rate of leaving times the mean wait."""
        return self._theta * self.wait_mean_s

    @property
    def asa_s(self) -> float:
        """The mean wait of the answered."""
        return self._waited[1] / (1.0 - self.abandonment)

    def answered_within(self, t_s: float) -> float:
        """The share of the calls that are answered within ``t_s``."""
        after, answered = self._tagged(arrivals=False)
        before, _ = self._tagged(arrivals=True)
        return 1.0 - self.delayed + self._within(t_s, before, after, answered, 0.0)

    def wait_tail(self, t_s: float) -> float:
        """The share of the calls that wait longer than ``t_s``."""
        after, answered = self._tagged(arrivals=False)
        before, _ = self._tagged(arrivals=True)
        return self._within(t_s, before, after, 0.0 * answered, 1.0)

    def _within(
        self, t: float, before: Floats, after: Floats, gain: Floats, at_end: float
    ) -> float:
        """The mean over the window of what is gained in ``t`` seconds of waiting, and at ``t``."""
        from scipy import sparse
        from scipy.linalg import expm

        def extended(moves: Floats) -> Floats:
            zero = np.zeros((1, len(moves) + 1))
            return np.asarray(np.block([[moves, gain[:, None]], [zero]]))

        first, then = extended(before), extended(after)
        end = np.append(np.full(self._room + 1, at_end), 1.0)
        late = 0.0 if self._discipline == "fifo" else min(t, self._length)
        chain = self._chain()
        law, early = advance(sparse.csr_matrix(chain.T), self._law, self._length - late)
        total = float(self._found(early) @ (expm(first * t) @ end)[:-1])
        if late > 0.0:
            total += self._late(chain, law, first, then, expm(then * (t - late)) @ end, late)
        return total / self._length

    def _late(
        self, chain: Floats, law: Floats, first: Floats, then: Floats, f: Floats, late: float
    ) -> float:
        """The same of those who come in the last ``late`` seconds: first others come, then none.

        ``f`` is the value of the end of a wait of which ``late`` seconds are still to come.
        """
        from scipy.linalg import expm

        n, nodes, weights = self._panels(late)
        width = late / n
        moved = [expm(chain * x) for x in nodes]
        alone = [expm(then * x) for x in nodes]
        others = [expm(first * x) for x in nodes[::-1]]  # to the panel's end
        whole = expm(chain * width), expm(first * width), expm(then * width)
        total = 0.0
        for panel in range(n):
            parts = np.column_stack([others[i] @ (alone[i] @ f) for i in range(_NODES)])
            for _ in range(n - 1 - panel):
                parts = whole[1] @ parts
            for i in range(_NODES):
                total += weights[i] * float(self._found(law @ moved[i]) @ parts[:-1, i])
            law, f = law @ whole[0], whole[2] @ f
        return total

    def wait_quantile_s(self, p: float) -> float:
        """The least t with a share of at least ``p`` waiting at most t, to 1e-8 of itself."""
        from scipy.optimize import brentq

        if not 0.0 <= p < 1.0:
            raise ValueError(f"a quantile's level must be in [0, 1), got {p}")
        if self.delayed <= 1.0 - p:
            return 0.0
        high = max(self.wait_mean_s, 1e-9)
        while self.wait_tail(high) > 1.0 - p:
            high *= 2.0
        return float(brentq(lambda t: self.wait_tail(t) - (1.0 - p), 0.0, high, rtol=1e-8))
