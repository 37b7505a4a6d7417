"""The compiled part of the workload: arrivals, their merge, the simplest durations, uniforms.

The same values as `sim.workload.arrivals` and `sim.workload.streams` give, to the last bit: the
arithmetic is the same, call by call, and made only of operations that are rounded exactly.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import mixing
from sim.jit import entry, inlined
from sim.quantiles.elementary import log
from sim.quantiles.table import CONSTANT, EXPONENTIAL

Records = Any
Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

CALLER = np.dtype(
    [(name, "f8") for name in ("rate", "interval", "level", "next_at")]
    + [(name, "i8") for name in ("kind", "slot", "first_slot", "last_slot", "place", "drawn")]
    + [(name, "u8") for name in ("key", "step")]
)
"""A queue's arrivals. `level`: the sum of unit exponentials so far; `next_at`: the next arrival,
already drawn; slots are those of its profile among the slots of all queues."""

LENGTH = np.dtype(
    [(name, "i8") for name in ("kind", "number")]
    + [(name, "f8") for name in ("scale", "offset")]
    + [(name, "u8") for name in ("key", "step")]
)
"""A duration that a queue's callers bring; `kind` as in `sim.quantiles.table`. A constant or an
exponential one is drawn from what stands here, another from number `number` of a table."""

# Kinds of arrivals.
GIVEN = 0
POISSON = 1
PROFILE = 2

_MIX_1, _MIX_2 = np.uint64(mixing.MIX_1), np.uint64(mixing.MIX_2)
_S30, _S27, _S31, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_UNIT = mixing.UNIT


@inlined
def uniform(key: np.uint64, step: np.uint64, k: int) -> float:
    """Draw k of a stream: `streams.uniforms`."""
    z = np.uint64(k + 1) * step + key
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    z ^= z >> _S31
    return (np.float64(z >> _S12) + 0.5) * _UNIT


@inlined
def unit_exponential(key: np.uint64, step: np.uint64, k: int) -> float:
    """Draw k of a stream as an exponential of mean 1."""
    return -log(1.0 - uniform(key, step, k))


@entry
def arrivals_before(
    callers: Records, totals: Floats, calls: Floats, until: float, given: Floats,
    n_given: Longs, at: Floats, who: NDArray[np.int32], place: Longs,
) -> int:  # fmt: skip
    """The arrivals before `until` of all queues, queue by queue; how many, -1 if too many.

    `totals` and `calls` are the cumulative and single expected calls of the profiles' slots;
    `given` holds the arrivals, queue by queue, of queues whose arrivals are drawn elsewhere.
    """
    n = 0
    taken = 0
    for q in range(callers.size):
        caller = callers[q]
        if caller.kind == GIVEN:
            if n + n_given[q] > at.size:
                return -1
            for i in range(n_given[q]):
                at[n] = given[taken]
                who[n] = q
                place[n] = caller.place + i
                taken += 1
                n += 1
            caller.place += n_given[q]
            continue
        now, level, drawn, slot = caller.next_at, caller.level, caller.drawn, caller.slot
        while drawn == 0 or now < until:
            if drawn > 0:
                if n >= at.size:
                    return -1
                at[n] = now
                who[n] = q
                place[n] = drawn - 1
                n += 1
            level += unit_exponential(caller.key, caller.step, drawn)
            drawn += 1
            if caller.kind == POISSON:
                now = level / caller.rate
            else:
                while slot < caller.last_slot and totals[slot + 1] <= level:
                    slot += 1
                if slot == caller.last_slot:
                    now = np.inf
                else:
                    i = slot - caller.first_slot
                    inside = (level - totals[slot]) * (caller.interval / calls[slot])
                    now = min(caller.interval * i + inside, caller.interval * (i + 1))
        caller.next_at, caller.level, caller.drawn, caller.slot = now, level, drawn, slot
    return n


@entry
def merge(
    at: Floats, who: NDArray[np.int32], place: Longs, since: float, until: float, room: Longs,
    m_at: Floats, m_who: NDArray[np.int32], m_place: Longs,
) -> None:  # fmt: skip
    """Sort calls by (arrival, queue, place); they come queue by queue, each in order.

    Into as many buckets of time as there are calls, then by insertion within each: O(calls) for
    arrivals that are spread out, whatever the number of queues. `room` has calls + 1 elements.
    """
    n = at.size
    per_second = n / (until - since) if until > since else 0.0
    room[:] = 0
    for i in range(n):
        bucket = min(max(int((at[i] - since) * per_second), 0), n - 1)
        room[bucket + 1] += 1
    for b in range(n):
        room[b + 1] += room[b]
    for i in range(n):
        bucket = min(max(int((at[i] - since) * per_second), 0), n - 1)
        j = room[bucket]
        room[bucket] += 1
        m_at[j], m_who[j], m_place[j] = at[i], who[i], place[i]
    for i in range(1, n):
        t, w, p = m_at[i], m_who[i], m_place[i]
        j = i
        while j > 0 and m_at[j - 1] > t:
            m_at[j], m_who[j], m_place[j] = m_at[j - 1], m_who[j - 1], m_place[j - 1]
            j -= 1
        if j < i:
            m_at[j], m_who[j], m_place[j] = t, w, p


@entry
def fill(lengths: Records, who: NDArray[np.int32], place: Longs, out: Floats) -> None:
    """The durations of calls whose queues bring constant or exponential ones."""
    for i in range(who.size):
        length = lengths[who[i]]
        if length.kind == EXPONENTIAL:
            drawn = length.scale * unit_exponential(length.key, length.step, place[i])
            out[i] = max(drawn + length.offset, 0.0)
        elif length.kind == CONSTANT:
            out[i] = length.scale


@entry
def pick(
    lengths: Records, kind: int, who: NDArray[np.int32], place: Longs,
    call: Longs, number: Longs, u: Floats,
) -> int:  # fmt: skip
    """The calls whose queues bring durations of this kind: how many.

    `call` gets their places in the block, `number` their distributions, `u` their uniforms.
    """
    n = 0
    for i in range(who.size):
        length = lengths[who[i]]
        if length.kind == kind:
            call[n] = i
            number[n] = length.number
            u[n] = uniform(length.key, length.step, place[i])
            n += 1
    return n


@entry
def rescale(
    callers: Records, factors: Floats, who: NDArray[np.int32], at: Floats, service: Floats
) -> None:
    """Multiply service times by the factor of the profile slot in which the call arrives."""
    for i in range(who.size):
        caller = callers[who[i]]
        if caller.kind == PROFILE:
            last = caller.last_slot - caller.first_slot - 1
            service[i] *= factors[caller.first_slot + min(int(at[i] / caller.interval), last)]
