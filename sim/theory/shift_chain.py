"""The chain of calls and agents whose shifts begin and end: busy agents by cohort, and a line.

A *cohort* are the agents of a group who have the same shifts: those numbered between one
scheduled count and the next. Its members are exchangeable (they come and go together, and
neither routing nor the calls tell them apart), so the number of busy ones says all. The counts
of all cohorts and the number waiting are a Markov chain for any schedule.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_MAX_STATES = 500_000


class ShiftChain:
    """States and moves of M/M/n_t + M for the staffing levels of a day.

    ``busy`` (S, C) are the busy agents by cohort, lowest numbers first, on shift and in overtime
    alike; ``waiting`` (S,) the calls in line. A line is possible only while every cohort on shift
    is busy; states that belong to another staffing level have no moves. ``room`` is the longest
    line. ValueError for another routing, or too many states.
    """

    def __init__(
        self,
        staff: Sequence[int],
        service_rate_per_s: float,
        abandonment_rate_per_s: float,
        room: int,
        routing: Literal["random", "listed"],
    ) -> None:
        if routing not in ("random", "listed"):
            raise ValueError(f"the chain of cohorts is exact for random or listed, not {routing!r}")
        self.room = room
        self._mu, self._theta = service_rate_per_s, abandonment_rate_per_s
        self._listed = routing == "listed"
        self._levels = np.array(sorted({n for n in staff if n > 0}), dtype=np.int64)
        self._sizes = np.diff(self._levels, prepend=0)
        self._radix = np.cumprod([1, *(self._sizes + 1)])
        if self._radix[-1] * (room + 1) > _MAX_STATES * 20:
            raise ValueError("the shifts make too many cohorts of agents for an exact chain")
        digits = np.arange(self._radix[-1])[:, None] // self._radix[:-1]
        busy = digits % (self._sizes + 1)
        codes = [np.arange(self._radix[-1])]
        for n in {*staff}:
            lined = np.flatnonzero(self._idle(busy, n).sum(axis=1) == 0)
            line = np.arange(1, room + 1) * self._radix[-1]
            codes.append((lined[:, None] + line).ravel())
        self._codes = np.unique(np.concatenate(codes))
        if len(self._codes) > _MAX_STATES:
            raise ValueError(f"the chain has more than {_MAX_STATES} states")
        self.waiting: Whole = self._codes // self._radix[-1]
        self.busy: Whole = busy[self._codes % self._radix[-1]]

    def _on_shift(self, n: int) -> NDArray[np.bool_]:
        return np.asarray(self._levels <= n)

    def _idle(self, busy: Whole, n: int) -> Whole:
        return np.asarray((self._sizes - busy) * self._on_shift(n))

    def _places(self, busy: Whole, waiting: Whole) -> Whole:
        codes = busy @ self._radix[:-1] + waiting * self._radix[-1]
        return np.asarray(np.searchsorted(self._codes, codes), dtype=np.int64)

    def empty(self) -> Floats:
        """The law of an empty system."""
        law = np.zeros(len(self._codes))
        law[0] = 1.0
        return law

    def nobody_idle(self, n: int) -> NDArray[np.bool_]:
        """Where a call finds no agent, with ``n`` agents scheduled."""
        return np.asarray(self._idle(self.busy, n).sum(axis=1) == 0)

    def overtime(self, n: int) -> Floats:
        """How many agents are busy though off shift."""
        return np.asarray(self.busy @ (~self._on_shift(n)), dtype=np.float64)

    def take_calls(self, n: int) -> Whole:
        """Where each state goes as ``n`` agents come on shift: the idle take calls, in order.

        When shifts end nothing moves: idle agents go, busy ones are in overtime from then on.
        """
        busy, waiting = self.busy.copy(), self.waiting.copy()
        idle = self._idle(busy, n)
        for cohort in range(len(self._sizes)):
            taken = np.minimum(idle[:, cohort], waiting)
            busy[:, cohort] += taken
            waiting -= taken
        return self._places(busy, waiting)

    def generator(self, arrival_rate_per_s: float, n: int) -> Any:
        """The generator (S, S), scipy CSR, while ``n`` agents are scheduled."""
        from scipy import sparse

        idle = self._idle(self.busy, n)
        free = idle.sum(axis=1)
        valid = (free == 0) | (self.waiting == 0)
        on_shift = self._on_shift(n)
        sources, targets, rates = [], [], []

        def move(where: NDArray[np.bool_], change: Whole, line: int, rate: Any) -> None:
            here = np.flatnonzero(where & valid & (rate > 0.0))
            sources.append(here)
            targets.append(self._places(self.busy[here] + change, self.waiting[here] + line))
            rates.append(rate[here])

        nobody = np.zeros(len(self._sizes), dtype=np.int64)
        ones = np.ones(len(self._codes))
        for c in range(len(self._sizes)):
            one = np.eye(len(self._sizes), dtype=np.int64)[c]
            if self._listed:
                chance = 1.0 * ((idle[:, c] > 0) & (idle[:, :c].sum(axis=1) == 0))
            else:
                chance = idle[:, c] / np.maximum(free, 1)
            move(free > 0, one, 0, arrival_rate_per_s * chance)
            ends = self._mu * self.busy[:, c]
            next_call = (self.waiting > 0) & on_shift[c]
            move(next_call, nobody, -1, ends)
            move(~next_call, -one, 0, ends)
        move((free == 0) & (self.waiting < self.room), nobody, 1, arrival_rate_per_s * ones)
        move(self.waiting > 0, nobody, -1, self._theta * self.waiting)
        source, target = np.concatenate(sources), np.concatenate(targets)
        rate = np.concatenate(rates)
        size = len(self._codes)
        leaving = np.bincount(source, weights=rate, minlength=size)
        moves = sparse.coo_matrix((rate, (source, target)), shape=(size, size))
        return (moves - sparse.diags(leaving)).tocsr()

    def drained(self, n: int) -> Floats:
        """Expected waiting of those in line when nobody else comes and ``n`` agents stay.

        In seconds, by state; 0 for states that belong to another staffing level.
        """
        from scipy.sparse.linalg import spsolve

        here = np.flatnonzero((self.waiting > 0) & self.nobody_idle(n))
        cost = np.zeros(len(self._codes))
        if len(here):
            moves = self.generator(0.0, n)[here][:, here].tocsc()
            cost[here] = spsolve(moves, -self.waiting[here].astype(np.float64))
        return cost
