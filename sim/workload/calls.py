"""The calls of a replication, all queues merged, in blocks of a bounded size.

A call is numbered by (arrival, queue, place in its queue), from 0. What it brings is drawn
here; what happens to it is the engine's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.mixing import descend
from sim.quantiles.arrays import fill
from sim.quantiles.table import CONSTANT, EXPONENTIAL
from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.model import PoissonArrivals, ProfileArrivals, Queue, Scenario
from sim.workload import sampler
from sim.workload.arrivals import ArrivalStream, expected_calls
from sim.workload.streams import increment, name_key
from sim.workload.variates import tabulated

BLOCK_CALLS = 8192
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


PURPOSES = ("arrival", "service", "patience", "wrap_up")

Drawn = tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.int64]]
"""Arrivals in seconds, queues and places in them, of equal length."""


class Workload:
    """Draws the calls of any replication of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._queues = scenario.queues
        self._horizon = scenario.horizon_s
        self._keys = {
            p: [name_key(scenario.seed, p, q.name) for q in scenario.queues] for p in PURPOSES
        }
        self._expected = [expected_calls(q.arrivals) for q in scenario.queues]
        self._profiles = _Profiles(self._queues)
        self._durations = {
            p: _Durations([getattr(q, field) for q in scenario.queues], absent)
            for p, field, absent in (
                ("service", "service_time", 0.0),
                ("patience", "patience", np.inf),
                ("wrap_up", "wrap_up", 0.0),
            )
        }

    def blocks(self, replication: int) -> Iterator[CallBlock]:
        """The calls of replication `replication` (from 0) that arrive before the horizon."""
        keys = {p: [descend(key, replication) for key in each] for p, each in self._keys.items()}
        callers = _Callers(self._queues, keys["arrival"], self._profiles)
        streams = {p: each.streams(keys[p]) for p, each in self._durations.items()}
        now, width, number = 0.0, self._horizon, 0
        while now < self._horizon:
            until = min(now + width, self._horizon)
            while self._calls_between(now, until) > BLOCK_CALLS and until - now > 1e-6:
                until = now + (until - now) / 2
            width = 2 * (until - now)
            at, queue, place = callers.between(now, until)
            service, patience, wrap_up = (
                self._durations[p].of(streams[p], queue, place)
                for p in ("service", "patience", "wrap_up")
            )
            if self._profiles.rescales:
                sampler.rescale(callers.records, self._profiles.factors, queue, at, service)
            if at.size:
                yield CallBlock(number, queue, place, at, service, patience, wrap_up)
            number += at.size
            now = until

    def _calls_between(self, from_s: float, to_s: float) -> float:
        return sum(expected(from_s, to_s) for expected in self._expected)


class _Profiles:
    """The slots of all queues' profiles, one after the other."""

    def __init__(self, queues: tuple[Queue, ...]) -> None:
        self.first: list[int] = []
        totals, calls, factors = [np.zeros(0)], [np.zeros(0)], [np.zeros(0)]
        n = 0
        for queue in queues:
            self.first.append(n)
            profile = queue.arrivals
            if isinstance(profile, ProfileArrivals):
                size = len(profile.calls)
                totals.append(np.concatenate(([0.0], np.cumsum(profile.calls))))
                calls.append(np.append(profile.calls, 0.0))
                factors.append(np.append(profile.service_scale or np.ones(size), 1.0))
                n += size + 1
        self.totals, self.calls = np.concatenate(totals), np.concatenate(calls)
        self.factors = np.concatenate(factors)
        self.rescales = bool(np.any(self.factors != 1.0))


class _Callers:
    """When the callers of all queues call, in one replication."""

    def __init__(self, queues: tuple[Queue, ...], keys: list[int], profiles: _Profiles) -> None:
        self._profiles = profiles
        self._given: dict[int, ArrivalStream] = {}
        self._room = _room_for(2 * BLOCK_CALLS)
        self.records = np.zeros(len(queues), sampler.CALLER)
        for q, (queue, key, first) in enumerate(zip(queues, keys, profiles.first, strict=True)):
            record, arrivals = self.records[q], queue.arrivals
            record["key"], record["step"] = key, increment(key)
            record["first_slot"] = record["slot"] = first
            if isinstance(arrivals, PoissonArrivals) and arrivals.rate_per_s > 0.0:
                record["kind"], record["rate"] = sampler.POISSON, arrivals.rate_per_s
            elif isinstance(arrivals, ProfileArrivals):
                record["kind"], record["interval"] = sampler.PROFILE, arrivals.interval_s
                record["last_slot"] = first + len(arrivals.calls)
            else:
                record["kind"] = sampler.GIVEN
                self._given[q] = ArrivalStream(arrivals, key)

    def between(self, since: float, until: float) -> Drawn:
        """The calls that arrive in [since, until), those before `since` having been taken."""
        n_given = np.zeros(self.records.size, np.int64)
        parts = []
        for q, stream in self._given.items():
            parts.append(stream.until(until))
            n_given[q] = parts[-1].size
        given = np.concatenate(parts) if parts else np.empty(0)
        while True:
            before = self.records.copy()
            n = sampler.arrivals_before(
                self.records, self._profiles.totals, self._profiles.calls, until, given, n_given,
                *self._room,
            )  # fmt: skip
            if n >= 0:
                break
            self.records[:] = before
            self._room = _room_for(2 * self._room[0].size)
        at, who, place = self._room[0][:n], self._room[1][:n], self._room[2][:n]
        if self.records.size == 1:
            return at.copy(), who.copy(), place.copy()
        merged = _room_for(n)
        sampler.merge(
            at, who, place, since, until, np.empty(n + 1, np.int64), merged[0], merged[1], merged[2]
        )
        return merged


def _room_for(n: int) -> Drawn:
    return np.empty(n), np.empty(n, np.int32), np.empty(n, np.int64)


class _Durations:
    """One purpose's durations of all queues: constant and exponential ones in one pass, each
    other kind in a pass of its own, whose code is compiled only if a scenario uses it."""

    def __init__(self, distributions: list[Distribution | None], absent: float) -> None:
        brought = [d or Deterministic(value_s=absent) for d in distributions]
        self._table = tabulated(brought)
        made = self._table.distributions[: len(brought)]
        self._lengths = np.zeros(len(brought), sampler.LENGTH)
        self._lengths["number"] = np.arange(len(brought))
        for ours, theirs in (("kind", "kind"), ("scale", "a"), ("offset", "offset")):
            self._lengths[ours] = made[theirs]
        constant = made["kind"] == CONSTANT
        self._lengths["scale"][constant] += made["offset"][constant]
        self._others = sorted(set(made["kind"].tolist()) - {CONSTANT, EXPONENTIAL})
        self._constant: float | None = None
        if constant.all() and np.unique(self._lengths["scale"]).size == 1:
            self._constant = float(self._lengths["scale"][0])

    def streams(self, keys: list[int]) -> sampler.Records:
        """Where the queues' durations come from in the replication that has these keys."""
        lengths = self._lengths.copy()
        lengths["key"] = np.array(keys, np.uint64)
        lengths["step"] = np.array([increment(key) for key in keys], np.uint64)
        return lengths

    def of(
        self, streams: sampler.Records, queue: NDArray[np.int32], place: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """The durations of these calls, in seconds."""
        if self._constant is not None:
            return np.full(queue.size, self._constant)
        out = np.empty(queue.size)
        sampler.fill(streams, queue, place, out)
        for kind in self._others:
            call, number = np.empty(queue.size, np.int64), np.empty(queue.size, np.int64)
            u = np.empty(queue.size)
            n = sampler.pick(streams, kind, queue, place, call, number, u)
            drawn = np.empty(n)
            fill(self._table, kind, number[:n], u[:n], drawn)
            out[call[:n]] = drawn
        return out
