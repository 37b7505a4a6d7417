"""One purpose's durations of all queues, drawn for a block of calls that come queue by queue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.quantiles.arrays import fill
from sim.quantiles.table import CONSTANT, EXPONENTIAL
from sim.scenario.distributions import Deterministic, Distribution
from sim.workload import sampler
from sim.workload.variates import tabulated

Floats = NDArray[np.float64]


class Durations:
    """Constant and exponential ones in one pass, each other kind in a pass of its own, whose code
    is compiled only if a scenario uses it.

    `distributions` are those of the queues; where one is None, it is `absent` seconds. `constant`
    is the duration of all calls if there is but one, else None.
    """

    def __init__(self, distributions: Sequence[Distribution | None], absent: float) -> None:
        brought = [d or Deterministic(value_s=absent) for d in distributions]
        self._table = tabulated(brought)
        made = self._table.distributions[: len(brought)]
        self._lengths = np.zeros(len(brought), sampler.LENGTH)
        self._lengths["number"] = np.arange(len(brought))
        for ours, theirs in (("kind", "kind"), ("scale", "a"), ("offset", "offset")):
            self._lengths[ours] = made[theirs]
        constant = made["kind"] == CONSTANT
        self._lengths["scale"][constant] += made["offset"][constant]
        kinds = set(made["kind"].tolist())
        self._simple = bool(kinds & {CONSTANT, EXPONENTIAL})
        self._others = sorted(kinds - {CONSTANT, EXPONENTIAL})
        self.constant: float | None = None
        if constant.all() and np.unique(self._lengths["scale"]).size == 1:
            self.constant = float(self._lengths["scale"][0])

    def draw(self, streams: sampler.Records, sections: sampler.Records, out: Floats) -> None:
        """The durations in seconds of the calls of `sections`, shape (n,), into `out`.

        `streams` and `sections` have an element for each queue.
        """
        if self._simple:
            sampler.durations(self._lengths, streams, sections, out)
        for kind in self._others:
            number, u = np.empty(out.size, np.int64), np.empty(out.size)
            n = sampler.uniforms_of(self._lengths, kind, streams, sections, number, u)
            if n == out.size:
                fill(self._table, kind, number, u, out)
            else:
                fill(self._table, kind, number[:n], u[:n], u[:n])
                sampler.put(self._lengths, kind, sections, u, out)
