"""When the callers of all queues call, in one replication after another."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model import Busyness, PoissonArrivals, ProfileArrivals, Scenario
from sim.workload import sampler
from sim.workload.arrivals import ArrivalStream, Streamed
from sim.workload.busyness import Factors, Stretches, stretches

Floats = NDArray[np.float64]


class Callers:
    """The arrivals of a scenario's queues, with what replications share prepared once."""

    def __init__(self, scenario: Scenario) -> None:
        self._records = np.zeros(len(scenario.queues), sampler.CALLER)
        self._given: list[tuple[int, Streamed]] = []
        self._slots = [np.zeros(0, sampler.SLOT)]
        self._n_slots = 0
        busy: list[tuple[int, Busyness, Stretches]] = []
        for q, queue in enumerate(scenario.queues):
            record, arrivals = self._records[q], queue.arrivals
            if not isinstance(arrivals, PoissonArrivals | ProfileArrivals):
                record["kind"] = sampler.GIVEN
                self._given.append((q, arrivals))
            elif arrivals.busyness is not None:
                cut = stretches(arrivals, scenario.horizon_s)
                busy.append((q, arrivals.busyness, cut))
                self._add(record, cut)
            elif isinstance(arrivals, ProfileArrivals):
                n = len(arrivals.calls)
                edges = [arrivals.interval_s * i for i in range(n + 1)]
                self._add(record, Stretches(edges, list(arrivals.calls)), arrivals.interval_s)
            elif arrivals.rate_per_s > 0.0:
                record["kind"], record["rate"] = sampler.POISSON, arrivals.rate_per_s
            else:
                self._add(record, Stretches([0.0], []))
        self.slots: sampler.Records = np.concatenate(self._slots)
        self._busy = _Busy(scenario, self._records, self.slots, busy) if busy else None

    def _add(self, record: sampler.Records, rate: Stretches, length_s: float | None = None) -> None:
        """Give a queue these stretches, each `length_s` long if they are all of one length."""
        made = np.zeros(len(rate.edges_s), sampler.SLOT)
        made["edge"] = rate.edges_s
        made["total"][1:] = np.cumsum(rate.calls)
        lengths = np.diff(rate.edges_s) if length_s is None else length_s
        with np.errstate(
            divide="ignore", over="ignore"
        ):  # where nobody calls, which no arrival looks up
            made["pace"][:-1] = lengths / np.array(rate.calls)
        record["kind"], record["first_slot"] = sampler.SLOTS, self._n_slots
        record["last_slot"] = self._n_slots + len(rate.calls)
        self._slots.append(made)
        self._n_slots += made.size

    def start(self, replication: int, streams: sampler.Records) -> CallersOfOne:
        """Those of a replication; `streams` are the queues' streams of arrivals in it."""
        slots = self.slots if self._busy is None else self._busy.slots(replication)
        given = {q: ArrivalStream(each, int(streams[q]["key"])) for q, each in self._given}
        return CallersOfOne(self._records, streams, slots, given)


class CallersOfOne:
    """The arrivals of one replication. `sections` says where in a block each queue's are."""

    def __init__(
        self, records: sampler.Records, streams: sampler.Records, slots: sampler.Records,
        given: dict[int, ArrivalStream],
    ) -> None:  # fmt: skip
        self._records, self._streams, self._slots, self._given = records, streams, slots, given
        self._n_given = np.zeros(records.size, np.int64)
        self._progress: sampler.Records = np.zeros(records.size, sampler.PROGRESS)
        self._ahead = np.empty((records.size, sampler.CHUNK))
        self.sections: sampler.Records = np.zeros(records.size, sampler.SECTION)

    def before(self, until: float, expected: float) -> Floats:
        """The arrivals before `until`, queue by queue, those handed out before left out.

        `expected` is about how many there will be; in seconds, shape (n,).
        """
        given = _NONE
        if self._given:
            parts = [stream.until(until) for stream in self._given.values()]
            self._n_given[list(self._given)] = [part.size for part in parts]
            given = np.concatenate(parts)
        size = int(expected + 4.0 * math.sqrt(expected)) + sampler.CHUNK * (self._records.size + 1)
        at, stopped = np.empty(size), -1
        while True:
            n = sampler.arrivals_before(
                self._records, self._streams, self._slots, self._progress, self.sections,
                self._ahead, until, given, self._n_given, stopped, at,
            )  # fmt: skip
            if n >= 0:
                return at[:n]
            stopped = -1 - n
            at = np.concatenate((at, np.empty(at.size + given.size)))


_NONE = np.empty(0)


class _Busy:
    """The cumulative rates of a replication in which days are busier or quieter."""

    def __init__(
        self, scenario: Scenario, records: sampler.Records, slots: sampler.Records,
        busy: list[tuple[int, Busyness, Stretches]],
    ) -> None:  # fmt: skip
        n_days = 1 + max((day for _, _, cut in busy for day in cut.days), default=0)
        self._slots = slots
        self._factors = Factors(
            scenario.seed, [(scenario.queues[q].name, busyness) for q, busyness, _ in busy], n_days
        )
        self._spans = np.array(
            [[records[q]["first_slot"], records[q]["last_slot"]] for q, _, _ in busy]
        )
        self._calls = np.zeros(slots.size)
        self._day = np.zeros(slots.size, np.int64)
        for i, (first, last) in enumerate(self._spans):
            self._calls[first:last] = busy[i][2].calls
            self._day[first:last] = n_days * i + np.array(busy[i][2].days, np.int64)

    def slots(self, replication: int) -> sampler.Records:
        """The slots of all queues, those of busy and quiet days with the days' factors."""
        slots = self._slots.copy()
        factors = self._factors.of(replication)
        sampler.scale_slots(slots, self._spans, self._calls, self._day, factors)
        return slots
