"""Busy and quiet days: the rate of a day times a gamma variable of mean 1.

A day is 24 h from the start. Its factor is the gamma quantile at one uniform, the day's in a stream
of the queue's, or of all queues that share theirs: so two queues that share it and have the same cv
have the same days, and another cv makes a busy day busier and a quiet one quieter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.scenario.distributions import Gamma
from sim.scenario.model import Busyness, PoissonArrivals, ProfileArrivals
from sim.workload import sampler
from sim.workload.durations import Durations
from sim.workload.streams import name_key

DAY_S = 86400.0
PURPOSE = "busyness"
SHARED = ""
"""The name of the factors that are shared: no queue's, as those are not empty."""
MOST_SHAPE = 1e30
"""A gamma variable of this shape is constant, in double precision."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of constant rate, one after the other, none over a day's end.

    `edges_s` has one element more than `calls`, the calls expected in each without busyness.
    """

    edges_s: list[float]
    calls: list[float]

    @property
    def days(self) -> list[int]:
        """The day of each, from 0."""
        return [int(edge // DAY_S) for edge in self.edges_s[:-1]]


def stretches(arrivals: PoissonArrivals | ProfileArrivals, horizon_s: float) -> Stretches:
    """The rate of `arrivals`, cut where a day ends; a constant one until the horizon's day ends."""
    if isinstance(arrivals, PoissonArrivals):
        days = max(math.ceil(horizon_s / DAY_S), 1)
        edges = [DAY_S * day for day in range(days + 1)]
        return Stretches(edges, [arrivals.rate_per_s * DAY_S] * days)
    edges, calls = [0.0], []
    for i, expected in enumerate(arrivals.calls):
        since, until = arrivals.interval_s * i, arrivals.interval_s * (i + 1)
        inside = range(int(since // DAY_S) + 1, int(-(-until // DAY_S)))
        cuts = [since, *(DAY_S * day for day in inside), until]
        for a, b in pairwise(cuts):
            calls.append(expected if len(cuts) == 2 else expected * ((b - a) / (until - since)))
            edges.append(b)
    return Stretches(edges, calls)


def factor_law(cv: float) -> Gamma:
    """The law of a day's factor: mean 1, coefficient of variation `cv` > 0."""
    shape = min(1.0 / cv / cv, MOST_SHAPE)
    return Gamma(shape=shape, scale_s=1.0 / shape)


def factor_key(seed: int, queue: str, busyness: Busyness) -> int:
    """The key of the stream, before the replication, of which uniform d is that of day d."""
    return name_key(seed, PURPOSE, SHARED if busyness.shared else queue)


class Factors:
    """The factors of the days of several queues, in any replication."""

    def __init__(self, seed: int, queues: list[tuple[str, Busyness]], n_days: int) -> None:
        n = len(queues)
        self._keys = np.array([factor_key(seed, *queue) for queue in queues], np.uint64)
        self._laws = Durations([factor_law(busyness.cv) for _, busyness in queues], 0.0)
        self._days = np.zeros(n, sampler.SECTION)
        self._days["start"], self._days["n"] = n_days * np.arange(n), n_days

    def of(self, replication: int) -> NDArray[np.float64]:
        """Shape (queues * days,): all days of the first queue, then those of the next."""
        streams = np.empty(self._keys.size, sampler.STREAM)
        sampler.descend_all(self._keys, replication, streams)
        out = np.empty(int(self._days["n"].sum()))
        self._laws.draw(streams, self._days, out)
        return out
