"""The compiled part of the workload: streams, arrivals, the simplest durations.

Calls are drawn queue by queue, so that a queue's draws are consecutive ones of its streams: short
loops without branches, which the compiler turns into vector instructions. The arithmetic is that
of `sim.workload.streams`, call by call, and made only of operations that are rounded exactly.
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

STREAM = np.dtype([(name, "u8") for name in ("key", "step")])
"""A stream of uniforms: its key and the increment by which it steps."""

SECTION = np.dtype([(name, "i8") for name in ("start", "n", "place")])
"""A queue's calls among those of a block before they are merged: `n` from `start` on, the first
of them being number `place` of the queue."""

CALLER = np.dtype([(name, "i8") for name in ("kind", "first_slot", "last_slot")] + [("rate", "f8")])
"""A queue's arrivals; slots are those of its cumulative rate."""

PROGRESS = np.dtype([(name, "i8") for name in ("drawn", "left", "slot")] + [("level", "f8")])
"""How far a queue's arrivals are drawn, all 0 at first. `level`: the sum of unit exponentials,
`drawn` of them; `left`: how many of the CHUNK arrivals drawn last were not handed out; `slot`: how
many slots are over."""

SLOT = np.dtype([(name, "f8") for name in ("edge", "total", "pace")])
"""A stretch of constant rate: where it begins, the calls expected before it, and seconds per
expected call. One slot more marks the end of the last."""

LENGTH = np.dtype(
    [(name, "i8") for name in ("kind", "number")] + [("scale", "f8"), ("offset", "f8")]
)
"""A duration that a queue's callers bring; `kind` as in `sim.quantiles.table`. A constant or an
exponential one is drawn from what stands here, another from number `number` of a table."""

SCALE = np.dtype([("interval", "f8"), ("first", "i8"), ("last", "i8")])
"""Where the factors of a queue's service times by interval are; an interval of 0 if it has none."""

# Kinds of arrivals.
GIVEN = 0
POISSON = 1
SLOTS = 2

CHUNK = 32
"""Arrivals drawn at once: long enough for vectors, and few are left over on a short day."""

_GOLDEN, _MIX_1, _MIX_2 = (np.uint64(n) for n in (mixing.GOLDEN, mixing.MIX_1, mixing.MIX_2))
_S30, _S27, _S31, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_S1, _S2, _S4, _S56 = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(56)
_FIVES, _THREES, _NIBBLES, _BYTES, _TENS = (
    np.uint64(n * ((1 << 64) // 255)) for n in (0x55, 0x33, 0x0F, 0x01, 0xAA)
)
_ONE = np.uint64(0x3FF0000000000000)


@inlined
def _mix64(z: np.uint64) -> np.uint64:
    """`sim.mixing.mix64`."""
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return z ^ (z >> _S31)


@inlined
def _transitions(z: np.uint64) -> np.uint64:
    """How many neighbouring bits differ (Warren, *Hacker's Delight*, section 5-1)."""
    z ^= z >> _S1
    z -= (z >> _S1) & _FIVES
    z = (z & _THREES) + ((z >> _S2) & _THREES)
    z = (z + (z >> _S4)) & _NIBBLES
    return (z * _BYTES) >> _S56


@entry
def descend_all(keys: NDArray[np.uint64], replication: int, streams: Records) -> None:
    """The streams of a replication from the keys of names: `descend` and `increment`."""
    for i in range(keys.size):
        key = _mix64(keys[i] + _GOLDEN * np.uint64(replication + 1))
        step = _mix64(key ^ _GOLDEN) | _S1
        if _transitions(step) < np.uint64(24):
            step ^= _TENS
        streams[i].key, streams[i].step = key, step


@inlined
def _one_to_two(z: np.uint64) -> float:
    """1 + j 2^-52, with j the upper 52 bits of the scrambled `z`."""
    return np.uint64((_mix64(z) >> _S12) | _ONE).view(np.float64)


@inlined
def _unit_exponential(z: np.uint64) -> float:
    """-log(1 - u) with u = (j + 1/2) 2^-52: `streams.uniforms`. Both differences are exact."""
    return -log((2.0 - _one_to_two(z)) - 2.0**-53)


@entry
def arrivals_before(
    callers: Records, streams: Records, slots: Records, progress: Records, sections: Records,
    ahead: Floats, until: float, given: Floats, n_given: Longs, resumed: int, at: Floats,
) -> int:  # fmt: skip
    """The arrivals before `until` of all queues, queue by queue, into `at`: how many.

    If there is no room for those of queue q, -1 - q; to be called again with `resumed` = q (-1 at
    first), `at` larger, and what is in it kept. `sections` gets where each queue's are. `given`
    holds the arrivals, queue by queue, of queues whose arrivals are drawn elsewhere, `n_given` of
    each. `ahead` has a row of CHUNK for each queue: the last that were drawn.
    """
    n = 0
    taken = 0
    for q in range(callers.size):
        caller, section = callers[q], sections[q]
        if q < resumed:
            taken += n_given[q]
            continue
        if q == resumed:
            n = section.start + section.n
        else:
            section.place += section.n
            section.start, section.n = n, 0
        if caller.kind == GIVEN:
            if n + n_given[q] > at.size:
                return -1 - q
            for i in range(n_given[q]):
                at[n + i] = given[taken + i]
            taken += n_given[q]
            n += n_given[q]
            section.n = n_given[q]
            continue
        own = progress[q]
        while True:
            if own.left == 0:
                if n + CHUNK > at.size:
                    section.n = n - section.start
                    return -1 - q
                _draw(caller, streams[q], slots, own, at, n)
                if at[n + CHUNK - 1] < until:
                    n += CHUNK
                    continue
                for i in range(CHUNK):
                    ahead[q, i] = at[n + i]
                own.left = CHUNK
            while own.left > 0 and ahead[q, CHUNK - own.left] < until:
                if n == at.size:
                    section.n = n - section.start
                    return -1 - q
                at[n] = ahead[q, CHUNK - own.left]
                own.left -= 1
                n += 1
            if own.left > 0:
                break
        section.n = n - section.start
    return n


@inlined
def _draw(
    caller: Records, stream: Records, slots: Records, progress: Records, at: Floats, n: int
) -> None:
    """The next CHUNK arrivals of a queue into `at` from `n` on.

    At a changing rate those of a unit-rate process read off the inverse of the cumulative rate:
    Lewis and Shedler's time-scale transformation (Law, *Simulation Modeling and Analysis*,
    section 8.6.2), exact at the edges.
    """
    step = stream.step
    z = stream.key + np.uint64(progress.drawn) * step
    for i in range(CHUNK):
        z += step
        at[n + i] = _unit_exponential(z)
    progress.drawn += CHUNK
    level = progress.level
    for i in range(CHUNK):
        level += at[n + i]
        at[n + i] = level
    progress.level = level
    if caller.kind == POISSON:
        for i in range(CHUNK):
            at[n + i] /= caller.rate
        return
    slot, last = caller.first_slot + progress.slot, caller.last_slot
    for i in range(CHUNK):
        level = at[n + i]
        while slot < last and slots[slot + 1].total <= level:
            slot += 1
        if slot == last:
            at[n + i] = np.inf
        else:
            own = slots[slot]
            at[n + i] = min(own.edge + (level - own.total) * own.pace, slots[slot + 1].edge)
    progress.slot = slot - caller.first_slot


@entry
def scale_slots(slots: Records, spans: Longs, calls: Floats, day: Longs, factors: Floats) -> None:
    """Multiply the calls of the slots of each span, (first, end), by their days' factors."""
    for span in range(spans.shape[0]):
        first, last = spans[span, 0], spans[span, 1]
        total = 0.0
        for s in range(first, last):
            expected = calls[s] * factors[day[s]]
            slots[s].total = total
            slots[s].pace = (slots[s + 1].edge - slots[s].edge) / expected
            total += expected
        slots[last].total = total


@entry
def durations(lengths: Records, streams: Records, sections: Records, out: Floats) -> None:
    """The durations of calls, queue by queue, where they are constant or exponential."""
    for q in range(lengths.size):
        length, section = lengths[q], sections[q]
        begin, end, scale, offset = (
            section.start,
            section.start + section.n,
            length.scale,
            length.offset,
        )
        if length.kind == EXPONENTIAL:
            step = streams[q].step
            z = streams[q].key + np.uint64(section.place) * step
            for i in range(begin, end):
                z += step
                out[i] = max(scale * _unit_exponential(z) + offset, 0.0)
        elif length.kind == CONSTANT:
            for i in range(begin, end):
                out[i] = scale


@entry
def uniforms_of(
    lengths: Records, kind: int, streams: Records, sections: Records, number: Longs, u: Floats
) -> int:  # fmt: skip
    """The uniforms of calls whose durations are of this kind, queue by queue: how many.

    `number` gets their distributions, `u` their uniforms.
    """
    n = 0
    for q in range(lengths.size):
        if lengths[q].kind == kind:
            step = streams[q].step
            z = streams[q].key + np.uint64(sections[q].place) * step
            for i in range(n, n + sections[q].n):
                z += step
                u[i] = (_one_to_two(z) - 1.0) + 2.0**-53
                number[i] = lengths[q].number
            n += sections[q].n
    return n


@entry
def put(lengths: Records, kind: int, sections: Records, drawn: Floats, out: Floats) -> None:
    """Durations of this kind, drawn queue by queue, to where their calls are."""
    n = 0
    for q in range(lengths.size):
        if lengths[q].kind == kind:
            for i in range(sections[q].n):
                out[sections[q].start + i] = drawn[n + i]
            n += sections[q].n


@entry
def rescale(
    scales: Records, factors: Floats, sections: Records, at: Floats, service: Floats
) -> None:
    """Multiply service times by the factor of the interval in which the call arrives."""
    for q in range(scales.size):
        scale, section = scales[q], sections[q]
        if scale.interval > 0.0:
            for i in range(section.start, section.start + section.n):
                slot = scale.first + np.int64(at[i] / scale.interval)
                service[i] *= factors[min(slot, scale.last)]
