"""The calls of a replication, all queues merged, in blocks of a bounded size.

A call is numbered by (arrival, queue, place in its queue), from 0. What it brings is drawn
here; what happens to it is the engine's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.model import ProfileArrivals, Queue, Scenario
from sim.workload.arrivals import ArrivalStream, expected_calls
from sim.workload.streams import descend, name_key, uniforms
from sim.workload.variates import quantile

BLOCK_CALLS = 4096
"""Calls expected in a block: small enough to stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class CallBlock:
    """Calls `first` .. `first + len - 1` of a replication, one array element each.

    `queue` is the queue's number, `place` the call's place in it; the rest are seconds:
    `arrival_s` since the start, `patience_s` infinite where there is none.
    """

    first: int
    queue: NDArray[np.int32]
    place: NDArray[np.int64]
    arrival_s: NDArray[np.float64]
    service_s: NDArray[np.float64]
    patience_s: NDArray[np.float64]
    wrap_up_s: NDArray[np.float64]

    def __len__(self) -> int:
        return self.arrival_s.size

    @classmethod
    def empty(cls) -> CallBlock:
        """No calls at all."""
        none = np.empty(0)
        return cls(0, np.empty(0, np.int32), np.empty(0, np.int64), none, none, none, none)


class Workload:
    """Draws the calls of any replication of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._queues = scenario.queues
        self._horizon = scenario.horizon_s
        self._keys = [
            {p: name_key(scenario.seed, p, q.name) for p in PURPOSES} for q in scenario.queues
        ]
        self._expected = [expected_calls(q.arrivals) for q in scenario.queues]

    def blocks(self, replication: int) -> Iterator[CallBlock]:
        """The calls of replication `replication` (from 0) that arrive before the horizon."""
        callers = [
            _QueueCallers(queue, {p: descend(k, replication) for p, k in keys.items()})
            for queue, keys in zip(self._queues, self._keys, strict=True)
        ]
        now, width, number = 0.0, self._horizon, 0
        while now < self._horizon:
            until = min(now + width, self._horizon)
            while self._calls_between(now, until) > BLOCK_CALLS and until - now > 1e-6:
                until = now + (until - now) / 2
            width = 2 * (until - now)
            block = _merge([c.until(until) for c in callers], number)
            number += len(block)
            now = until
            if len(block):
                yield block

    def _calls_between(self, from_s: float, to_s: float) -> float:
        return sum(expected(from_s, to_s) for expected in self._expected)


PURPOSES = ("arrival", "service", "patience", "wrap_up")


class _QueueCallers:
    """The callers of one queue in one replication, in the order of their arrival."""

    def __init__(self, queue: Queue, keys: dict[str, int]) -> None:
        self._queue = queue
        self._keys = keys
        self._arrivals = ArrivalStream(queue.arrivals, keys["arrival"])
        self._place = 0

    def until(self, t: float) -> dict[str, NDArray[Any]]:
        arrival = self._arrivals.until(t)
        first, count = self._place, arrival.size
        self._place += count
        service = self._draw("service", self._queue.service_time, first, count, 0.0)
        profile = self._queue.arrivals
        if isinstance(profile, ProfileArrivals) and profile.service_scale is not None:
            scale = np.asarray(profile.service_scale)
            slot = (arrival / profile.interval_s).astype(np.int64)
            service = service * scale[np.minimum(slot, scale.size - 1)]
        return {
            "place": np.arange(first, first + count, dtype=np.int64),
            "arrival": arrival,
            "service": service,
            "patience": self._draw("patience", self._queue.patience, first, count, np.inf),
            "wrap_up": self._draw("wrap_up", self._queue.wrap_up, first, count, 0.0),
        }

    def _draw(
        self, purpose: str, what: Distribution | None, first: int, count: int, absent: float
    ) -> NDArray[np.float64]:
        if what is None:
            return np.full(count, absent)
        if isinstance(what, Deterministic):
            return np.full(count, what.mean_s)
        return quantile(what, uniforms(self._keys[purpose], first, count))


def _merge(parts: list[dict[str, NDArray[Any]]], first: int) -> CallBlock:
    """One block of several queues' calls; a stable sort keeps (arrival, queue, place)."""
    columns = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    sizes = [p["arrival"].size for p in parts]
    queue = np.repeat(np.arange(len(parts), dtype=np.int32), sizes)
    if len(parts) > 1:
        order = np.argsort(columns["arrival"], kind="stable")
        queue = queue[order]
        columns = {name: values[order] for name, values in columns.items()}
    return CallBlock(
        first,
        queue,
        columns["place"],
        columns["arrival"],
        columns["service"],
        columns["patience"],
        columns["wrap_up"],
    )
