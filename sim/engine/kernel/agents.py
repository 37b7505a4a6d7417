"""Agents: which of the eligible ones gets a call, and who is available."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.kernel.bits import U0, U1, draw, lowest_bit, nth_bit, popcount
from sim.engine.kernel.records import Number, Records, Words, World
from sim.engine.rules import Method
from sim.jit import inlined, part

_RANDOM, _LISTED = int(Method.RANDOM), int(Method.LISTED)
_LONGEST_IDLE = int(Method.LONGEST_IDLE)
_M6 = np.uint64(63)


@inlined
def set_available(available: Words, agent: int) -> None:
    """Set the agent's bit."""
    available[np.uint64(agent >> 6)] |= U1 << (np.uint64(agent) & _M6)


@inlined
def reserve(available: Words, agent: int) -> None:
    """Clear the agent's bit."""
    available[np.uint64(agent >> 6)] &= ~(U1 << (np.uint64(agent) & _M6))


@inlined
def is_available(available: Words, agent: int) -> bool:
    """Whether the agent's bit is set."""
    return (available[np.uint64(agent >> 6)] >> (np.uint64(agent) & _M6)) & U1 != U0


@inlined
def choose(world: World, q: Number, key: np.uint64, place: int, routing: int) -> Any:
    """The eligible agent who gets a call, or -1. O(agents / 64).

    `key`, `place` and `routing` (how many-th of the call) are those of the call's own draw.

    `longest_idle` and `fewest_calls` look at every eligible agent.
    """
    available, mask = world.available, world.mask
    m = U0
    words = np.uint64(available.size)
    w = U0
    while w < words:
        m += popcount(available[w] & mask[np.uint64(q), w])
        w += U1
    if m == U0:
        return -1
    n = 0
    if m > U1:
        queue = world.queues[np.uint64(q)]
        method = queue.method
        if method == _RANDOM:
            n = int(draw(key, place, routing) * np.float64(m))
        elif method != _LISTED:
            return _by_rank(world.agents, available, mask, q, method == _LONGEST_IDLE)
    w = U0
    while w < words:
        word = available[w] & mask[np.uint64(q), w]
        here = int(popcount(word))
        if n < here:
            return 64 * np.int64(w) + nth_bit(word, n)
        n -= here
        w += U1
    return -1


@part
def _by_rank(agents: Records, available: Words, mask: Words, q: Number, longest_idle: bool) -> int:
    """The eligible agent available for longest, or with the fewest calls; the first of several."""
    best = -1
    for w in range(available.size):
        word = available[w] & mask[q, w]
        while word != U0:
            agent = 64 * w + int(lowest_bit(word))
            word &= word - U1
            if best < 0:
                best = agent
            elif longest_idle:
                if agents[agent].since < agents[best].since:
                    best = agent
            elif agents[agent].answered < agents[best].answered:
                best = agent
    return best
