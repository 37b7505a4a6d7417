"""The longest wait of each interval, which only the calls themselves tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.report.saved import Saved

_COLUMNS = ("replication", "call", "queue", "arrival", "answer", "leave", "outcome", "parent")
_TOTAL = "total"

Longest = Mapping[str, Sequence[float | None]]


def longest_waits(saved: Saved, starts_s: Sequence[float], end_s: float) -> Longest:
    """For each queue and `total`, the longest wait of the calls that joined in each interval.

    `starts_s` are the intervals' beginnings, `end_s` the end of the last. As in the result, of
    answered and abandoned calls that joined from the warm-up on, in any replication; the wait of
    a call that has overflowed counts for `total` from its first joining (docs/metrics.md). None
    where there was no such call; empty if the result has no calls.
    """
    if not saved.has_calls:
        return {}
    calls = saved.calls(_COLUMNS)
    joined, answer, leave = calls["arrival"], calls["answer"], calls["leave"]
    abandoned = calls["outcome"] == "abandoned"
    ended = np.where(abandoned, leave, answer)
    slots = np.searchsorted(np.asarray(starts_s), joined, side="right") - 1
    counted = np.isfinite(ended) & (slots >= 0) & (joined < end_s)
    counted &= joined >= float(saved.document["warmup_s"])
    places = {row["name"]: place for place, row in enumerate(saved.document["queues"])}
    queues = np.fromiter(map(places.__getitem__, calls["queue"].tolist()), np.int64, joined.size)
    n = len(starts_s)
    cells = (queues * n + slots)[counted]
    most = _most(cells, (ended - joined)[counted], n * len(places))
    found = {name: most[place * n : (place + 1) * n] for name, place in places.items()}
    since = _first_joining(calls)
    return found | {_TOTAL: _most(slots[counted], (ended - since)[counted], n)}


def _first_joining(calls: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """When each call, or the call of which it is the overflow, joined its first queue."""
    since: NDArray[np.float64] = np.array(calls["arrival"], np.float64)
    parent = np.nan_to_num(np.asarray(calls["parent"], np.float64), nan=-1.0).astype(np.int64)
    first_row = np.searchsorted(calls["replication"], calls["replication"], side="left")
    origin = np.where(parent >= 0, first_row + parent, -1)
    overflowed = calls["outcome"] == "overflowed"
    at = np.flatnonzero((origin >= 0) & overflowed[np.maximum(origin, 0)])
    reached = origin[at]
    while at.size:
        since[at] = calls["arrival"][reached]
        further = (origin[reached] >= 0) & overflowed[np.maximum(origin[reached], 0)]
        at, reached = at[further], origin[reached[further]]
    return since


def _most(cells: NDArray[np.int64], waits: NDArray[np.float64], n: int) -> list[float | None]:
    """The greatest of the waits in each of n cells."""
    most = np.full(n, -np.inf)
    np.maximum.at(most, cells, waits)
    return [float(wait) if np.isfinite(wait) else None for wait in most]
