"""Agents: which of the eligible ones gets a call, and who is available."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernel.bits import U0, U1, draw, lowest_bit, nth_bit, popcount
from sim.engine.rules import Method
from sim.jit import inlined, part

Records = Any
Words = NDArray[np.uint64]
_RANDOM, _LISTED = int(Method.RANDOM), int(Method.LISTED)
_LONGEST_IDLE = int(Method.LONGEST_IDLE)
_M6 = np.uint64(63)


@inlined
def set_available(available: Words, agent: int) -> None:
    """Set the agent's bit."""
    available[agent >> 6] |= U1 << (np.uint64(agent) & _M6)


@inlined
def reserve(available: Words, agent: int) -> None:
    """Clear the agent's bit."""
    available[agent >> 6] &= ~(U1 << (np.uint64(agent) & _M6))


@inlined
def is_available(available: Words, agent: int) -> bool:
    """Whether the agent's bit is set."""
    return (available[agent >> 6] >> (np.uint64(agent) & _M6)) & U1 != U0


@inlined
def choose(
    queues: Records, agents: Records, available: Words, mask: Words, q: int, place: int
) -> int:
    """The eligible agent who gets a call on arrival, or -1. O(agents / 64).

    `longest_idle` and `fewest_calls` look at every eligible agent.
    """
    m = U0
    words = available.size
    for w in range(words):
        m += popcount(available[w] & mask[q, w])
    if m == U0:
        return -1
    n = 0
    if m > U1:
        method = queues[q].method
        if method == _RANDOM:
            n = int(draw(queues[q].routing_key, place, 0) * np.float64(m))
        elif method != _LISTED:
            return _by_rank(agents, available, mask, q, method == _LONGEST_IDLE)
    for w in range(words):
        word = available[w] & mask[q, w]
        here = int(popcount(word))
        if n < here:
            return 64 * w + nth_bit(word, n)
        n -= here
    return -1


@part
def _by_rank(agents: Records, available: Words, mask: Words, q: int, longest_idle: bool) -> int:
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
