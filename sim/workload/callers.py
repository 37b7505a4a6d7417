"""When the callers of all queues call, in one replication after another."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model import PoissonArrivals, ProfileArrivals, Scenario
from sim.workload import sampler
from sim.workload.arrivals import ArrivalStream, Streamed

Floats = NDArray[np.float64]


class Callers:
    """The arrivals of a scenario's queues, with what replications share prepared once."""

    def __init__(self, scenario: Scenario) -> None:
        self._records = np.zeros(len(scenario.queues), sampler.CALLER)
        self._records["used"] = sampler.CHUNK
        self._given: list[tuple[int, Streamed]] = []
        self._slots = [np.zeros(0, sampler.SLOT)]
        self._n_slots = 0
        for q, queue in enumerate(scenario.queues):
            record, arrivals = self._records[q], queue.arrivals
            if not isinstance(arrivals, PoissonArrivals | ProfileArrivals):
                record["kind"] = sampler.GIVEN
                self._given.append((q, arrivals))
            elif isinstance(arrivals, ProfileArrivals):
                self._add(record, arrivals.interval_s, arrivals.calls)
            elif arrivals.rate_per_s > 0.0:
                record["kind"], record["rate"] = sampler.POISSON, arrivals.rate_per_s
            else:
                self._add(record, 0.0, ())
        self._all_slots: sampler.Records = np.concatenate(self._slots)

    def _add(self, record: sampler.Records, interval_s: float, calls: tuple[float, ...]) -> None:
        """Give a queue the cumulative rate of these expected calls."""
        made = np.zeros(len(calls) + 1, sampler.SLOT)
        made["edge"] = interval_s * np.arange(len(calls) + 1)
        made["total"][1:] = np.cumsum(calls)
        with np.errstate(divide="ignore"):  # where nobody calls, which no arrival looks up
            made["pace"][:-1] = interval_s / np.array(calls)
        record["kind"], record["slot"] = sampler.SLOTS, self._n_slots
        record["last_slot"] = self._n_slots + len(calls)
        self._slots.append(made)
        self._n_slots += made.size

    def start(self, streams: sampler.Records) -> CallersOfOne:
        """Those of the replication in which `streams` are the queues' streams of arrivals."""
        given = {q: ArrivalStream(each, int(streams[q]["key"])) for q, each in self._given}
        return CallersOfOne(self._records.copy(), streams, self._all_slots, given)


class CallersOfOne:
    """The arrivals of one replication. `sections` says where in a block each queue's are."""

    def __init__(
        self, records: sampler.Records, streams: sampler.Records, slots: sampler.Records,
        given: dict[int, ArrivalStream],
    ) -> None:  # fmt: skip
        self._records, self._streams, self._slots, self._given = records, streams, slots, given
        self._n_given = np.zeros(records.size, np.int64)
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
                self._records, self._streams, self._slots, self.sections, self._ahead,
                until, given, self._n_given, stopped, at,
            )  # fmt: skip
            if n >= 0:
                return at[:n]
            stopped = -1 - n
            at = np.concatenate((at, np.empty(at.size + given.size)))


_NONE = np.empty(0)
