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

from sim.scenario.model import ProfileArrivals, Queue, RecordedArrivals, Scenario
from sim.workload import sampler
from sim.workload.arrivals import expected_calls
from sim.workload.callers import Callers
from sim.workload.durations import Durations
from sim.workload.order import merge
from sim.workload.streams import name_key

Floats = NDArray[np.float64]

BLOCK_CALLS = 8192
"""Calls expected in a block: small enough to stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class CallBlock:
    """Calls `first` .. `first + len - 1` of a replication, one array element each.

    `queue` is the queue's number, `place` the call's place in it; the rest are seconds:
    `arrival_s` since the start, `patience_s` infinite where there is none. Not to be written to:
    blocks share the columns that are the same for all calls.
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


PURPOSES = ("arrival", "service", "patience", "wrap_up")
SERVICE, PATIENCE = 1, 2
_DURATIONS = (("service_time", 0.0), ("patience", np.inf), ("wrap_up", 0.0))
"""What a queue calls the purposes after the first, and how long they are where it has none."""


class Workload:
    """Draws the calls of any replication of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._horizon = scenario.horizon_s
        keys = [[name_key(scenario.seed, p, q.name) for q in scenario.queues] for p in PURPOSES]
        self._keys = np.array(keys, np.uint64).reshape(-1)
        self._only_queue = _Same(np.int32(0)) if len(scenario.queues) == 1 else None
        self._expected = [expected_calls(q.arrivals) for q in scenario.queues]
        self._callers = Callers(scenario)
        self._recorded = _Recorded(scenario.queues)
        self._scale = _ServiceScale(scenario.queues)
        self._columns: list[_Same | int] = []
        """Service, patience and wrap-up: the same for all calls, or a row of what is drawn."""
        self._drawn: list[tuple[int, Durations]] = []
        """Purpose and durations of those that are not the same for all calls."""
        for p, (field, absent) in enumerate(_DURATIONS, start=1):
            durations = Durations([getattr(q, field) for q in scenario.queues], absent)
            varies = self._recorded.any(p) or (p == SERVICE and self._scale.any)
            if durations.constant is None or varies:
                self._columns.append(len(self._drawn))
                self._drawn.append((p, durations))
            else:
                self._columns.append(_Same(durations.constant))

    def blocks(self, replication: int) -> Iterator[CallBlock]:
        """The calls of replication `replication` (from 0) that arrive before the horizon."""
        flat = np.empty(self._keys.size, sampler.STREAM)
        sampler.descend_all(self._keys, replication, flat)
        streams = flat.reshape(len(PURPOSES), -1)
        callers = self._callers.start(replication, streams[0])
        now, width, number = 0.0, self._horizon, 0
        while now < self._horizon:
            until = min(now + width, self._horizon)
            while (expected := self._calls_between(now, until)) > BLOCK_CALLS:
                if until - now <= 1e-6:
                    break
                until = now + (until - now) / 2
            width = 2 * (until - now)
            at = callers.before(until, expected)
            if at.size:
                drawn = self._brought(streams, callers.sections, at)
                yield self._merged(number, at, drawn, callers.sections, now, until)
            number += at.size
            now = until

    def _calls_between(self, from_s: float, to_s: float) -> float:
        return sum([expected(from_s, to_s) for expected in self._expected])

    def _brought(self, streams: sampler.Records, sections: sampler.Records, at: Floats) -> Floats:
        """The durations that are not the same for all calls, in rows; calls queue by queue."""
        drawn = np.empty((len(self._drawn), at.size))
        for row, (p, durations) in zip(drawn, self._drawn, strict=True):
            durations.draw(streams[p], sections, row)
            if p == SERVICE and self._scale.any:
                sampler.rescale(self._scale.records, self._scale.factors, sections, at, row)
            self._recorded.put(p, sections, row)
        return drawn

    def _merged(
        self, number: int, at: Floats, drawn: Floats, sections: sampler.Records,
        since: float, until: float,
    ) -> CallBlock:  # fmt: skip
        """A block of these calls, which come queue by queue, in the order of their arrival."""
        n = at.size
        if self._only_queue is not None:
            queue = self._only_queue.first(n)
            first = int(sections[0]["place"])
            place = np.arange(first, first + n)
        else:
            from_queues, came = at, drawn
            at, queue, place = np.empty(n), np.empty(n, np.int32), np.empty(n, np.int64)
            drawn = np.empty(drawn.shape)
            bucket, order = np.empty(n, np.int32), np.empty(n, np.int32)
            begins = np.empty(2 * n + 1, np.int32)
            merge(
                sections, from_queues, came, since, until, bucket, begins, order,
                at, queue, place, drawn,
            )  # fmt: skip
        durations = [drawn[c] if isinstance(c, int) else c.first(n) for c in self._columns]
        return CallBlock(number, queue, place, at, *durations)


class _Same:
    """A column of one value, kept for blocks of any length."""

    def __init__(self, value: float | np.int32) -> None:
        self._column = np.full(1024, value)

    def first(self, n: int) -> NDArray[Any]:
        """`n` elements of it."""
        if n > self._column.size:
            self._column = np.full(2 * n, self._column[0])
        return self._column[:n]


class _Recorded:
    """The services and patiences that stand in recordings, NaN where they are drawn."""

    def __init__(self, queues: tuple[Queue, ...]) -> None:
        self._of: dict[int, list[tuple[int, Floats]]] = {SERVICE: [], PATIENCE: []}
        for q, queue in enumerate(queues):
            if isinstance(queue.arrivals, RecordedArrivals):
                columns = (queue.arrivals.service_s, queue.arrivals.patience_s)
                for p, column in zip((SERVICE, PATIENCE), columns, strict=True):
                    if column is not None:
                        self._of[p].append((q, np.asarray(column, np.float64)))

    def any(self, purpose: int) -> bool:
        """Whether there is a column of this purpose."""
        return bool(self._of.get(purpose))

    def put(self, purpose: int, sections: sampler.Records, drawn: Floats) -> None:
        """Put what is recorded of these calls in the place of what was drawn for them."""
        for q, column in self._of.get(purpose, ()):
            start, n, place = sections[q].tolist()
            recorded = column[place : place + n]
            np.copyto(drawn[start : start + n], recorded, where=~np.isnan(recorded))


class _ServiceScale:
    """The factors by which forecasts multiply the service times of the calls of an interval."""

    def __init__(self, queues: tuple[Queue, ...]) -> None:
        self.records: sampler.Records = np.zeros(len(queues), sampler.SCALE)
        factors: list[float] = []
        for record, queue in zip(self.records, queues, strict=True):
            arrivals = queue.arrivals
            if isinstance(arrivals, ProfileArrivals) and arrivals.service_scale is not None:
                record["interval"], record["first"] = arrivals.interval_s, len(factors)
                factors += arrivals.service_scale
                record["last"] = len(factors) - 1
        self.factors = np.array(factors)
        self.any = bool(np.any(self.factors != 1.0))
