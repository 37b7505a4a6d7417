"""Other ways of drawing what callers bring: antithetic, and as a Latin hypercube.

Each gives every replication by itself the law that it has in the program, and ties replications
of a group to each other so that what one has too much of, others lack. For Poisson arrivals, at
constant or changing rates and on busy days, and any durations; what is drawn in the course of the
run (rings, retries, days of absence) is drawn as always.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sim.mixing import descend
from sim.scenario.model import PoissonArrivals, ProfileArrivals, Queue, Scenario
from sim.workload.busyness import PURPOSE, SHARED, factor_law, stretches
from sim.workload.calls import CallBlock
from sim.workload.streams import name_key, uniforms
from sim.workload.variates import quantile

Floats = NDArray[np.float64]


class Drawing(StrEnum):
    """How the uniforms of a group of replications go together."""

    INDEPENDENT = "independent"
    ANTITHETIC = "antithetic"
    LATIN = "latin"


class Draws:
    """Takes the place of `Workload`: the calls of any replication, as one block.

    Antithetic, replication 2k + 1 has 1 - u where 2k has u (Hammersley and Morton 1956). As a Latin
    hypercube, the k-th uniform of a stream falls into each of `group` equal parts of (0, 1) in just
    one of the group's replications (McKay, Beckman and Conover, Technometrics 21, 1979).
    """

    def __init__(self, scenario: Scenario, drawing: Drawing, group: int) -> None:
        self._scenario = scenario
        self._drawing = drawing
        self._group = group
        self._orders: dict[tuple[str, str], tuple[int, Floats]] = {}

    def blocks(self, replication: int) -> Iterator[CallBlock]:
        """The calls of replication `replication` in the order of their arrival."""
        parts = [self._calls(replication, q) for q in range(len(self._scenario.queues))]
        queue = np.repeat(np.arange(len(parts), dtype=np.int32), [len(at) for at, *_ in parts])
        place = np.concatenate([np.arange(len(at)) for at, *_ in parts])
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        order = np.lexsort((place, queue, columns[0]))
        if order.size:
            yield CallBlock(0, queue[order], place[order], *(column[order] for column in columns))

    def _calls(self, replication: int, q: int) -> tuple[Floats, Floats, Floats, Floats]:
        """Arrivals, services, patiences and wrap-ups of a queue's calls."""
        queue = self._scenario.queues[q]
        at = self._arrivals(replication, queue)
        brought = []
        for purpose, law, absent in (
            ("service", queue.service_time, 0.0),
            ("patience", queue.patience, np.inf),
            ("wrap_up", queue.wrap_up, 0.0),
        ):
            if law is None:
                brought.append(np.full(at.size, absent))
            else:
                u = self._uniforms(replication, purpose, queue.name, at.size)
                brought.append(quantile(law, u))
        return at, brought[0], brought[1], brought[2]

    def _arrivals(self, replication: int, queue: Queue) -> Floats:
        """A unit-rate process read off the inverse of the cumulative rate."""
        arrivals, horizon = queue.arrivals, self._scenario.horizon_s
        if not isinstance(arrivals, PoissonArrivals | ProfileArrivals):
            raise TypeError(f"{queue.name}: the arrivals are no Poisson process")
        cut = stretches(arrivals, horizon)
        calls = np.array(cut.calls)
        if arrivals.busyness is not None:
            name = SHARED if arrivals.busyness.shared else queue.name
            days = np.array(cut.days)
            u = self._uniforms(replication, PURPOSE, name, int(days.max()) + 1)
            calls *= quantile(factor_law(arrivals.busyness.cv), u)[days]
        totals = np.concatenate(([0.0], np.cumsum(calls)))
        until = float(np.interp(horizon, cut.edges_s, totals))
        n = 64
        while True:
            u = self._uniforms(replication, "arrival", queue.name, n)
            levels = np.cumsum(-np.log1p(-u))
            if levels[-1] >= until:
                return np.interp(levels[levels < until], totals, cut.edges_s)
            n *= 2

    def _uniforms(self, replication: int, purpose: str, name: str, n: int) -> Floats:
        """The first `n` uniforms of a stream; more of them leave these as they are."""
        key = name_key(self._scenario.seed, purpose, name)
        if self._drawing is Drawing.ANTITHETIC:
            u = uniforms(descend(key, replication - replication % 2), 0, n)
            return 1.0 - u if replication % 2 else u
        u = uniforms(descend(key, replication), 0, n)
        if self._drawing is Drawing.INDEPENDENT:
            return u
        return (self._parts(replication, purpose, name, n) + u) / self._group

    def _parts(self, replication: int, purpose: str, name: str, n: int) -> Floats:
        """In which of the equal parts of (0, 1) the replication's uniforms fall: random orders of
        the group, a row for each of its replications, kept for the next one."""
        place = replication % self._group
        first, orders = self._orders.get((purpose, name), (-1, np.empty((0, 0))))
        if first != replication - place or orders.shape[1] < n:
            first, size = replication - place, max(n + n // 4 + 64, orders.shape[1])
            key = name_key(self._scenario.seed, f"part of {purpose}", name)
            ranked = [uniforms(descend(key, first + i), 0, size) for i in range(self._group)]
            orders = np.argsort(np.argsort(ranked, axis=0), axis=0).astype(np.float64)
            self._orders[purpose, name] = first, orders
        return orders[place, :n]
