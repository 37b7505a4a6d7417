"""Agents: which of the eligible ones gets a call, and who is available."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.kernel.bits import U0, U1, draw, nth_bit, popcount
from sim.engine.kernel.records import Number, Words, World
from sim.engine.kernel.trees import NEVER, set_time
from sim.engine.rules import Method
from sim.jit import inlined, part

_RANDOM, _LISTED = int(Method.RANDOM), int(Method.LISTED)
_LONGEST_IDLE = int(Method.LONGEST_IDLE)
_M6 = np.uint64(63)


LONGEST, FEWEST = 0, 1
"""Which tournament of idle agents: by how long they have been available, by calls answered."""


@inlined
def set_available(world: World, agent: Number, now: float) -> None:
    """The agent waits for a call from `now` on."""
    world.agents[np.uint64(agent)].since = now
    world.available[np.uint64(agent >> 6)] |= U1 << (np.uint64(agent) & _M6)
    if world.frames[0].ranks_idle:
        rank_idle(world, agent, True)


@inlined
def reserve(world: World, agent: Number) -> None:
    """The agent is no longer available."""
    world.available[np.uint64(agent >> 6)] &= ~(U1 << (np.uint64(agent) & _M6))
    if world.frames[0].ranks_idle:
        rank_idle(world, agent, False)


@part
def rank_idle(world: World, agent: Number, available: bool) -> None:
    """Put an agent into the tournaments of the crew's idle agents, or take them out.

    Only kept where a queue routes by `longest_idle` or `fewest_calls`. O(log agents).
    """
    one = world.agents[agent]
    crew = world.crews[one.crew]
    for by in range(2):
        rank = one.since if by == LONGEST else np.float64(one.answered)
        nodes = world.idle[by, crew.first_node : crew.last_node]
        set_time(nodes, one.place_in_crew, rank if available else np.inf)


@inlined
def is_available(available: Words, agent: Number) -> bool:
    """Whether the agent's bit is set."""
    return (available[np.uint64(agent >> 6)] >> (np.uint64(agent) & _M6)) & U1 != U0


@inlined
def choose(world: World, q: Number, key: np.uint64, place: int, routing: int) -> Any:
    """The eligible agent who gets a call, or -1. O(agents / 64).

    `key`, `place` and `routing` (how many-th of the call) are those of the call's own draw.
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
            return _by_rank(world, q, LONGEST if method == _LONGEST_IDLE else FEWEST)
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
def _by_rank(world: World, q: Number, by: int) -> int:
    """The eligible agent available for longest, or with the fewest calls; the first of several.

    Looks at the first of each crew that matches the queue. O(crews).
    """
    best, least = -1, NEVER
    for c in range(world.crews.size):
        if (world.crew_queues[c, q >> 6] >> (np.uint64(q) & _M6)) & U1 == U0:
            continue
        first = world.idle[by, world.crews[c].first_node + 1]
        if first.t < least or (first.t == least and best >= 0 and first.who < best):
            best, least = first.who, first.t
    return best
