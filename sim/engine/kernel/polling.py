"""Calls handed out at ticks: one loop per queue.

See `sim.engine.polling`, of which this is the compiled twin.
"""

from __future__ import annotations

import numpy as np

from sim.engine.kernel.agents import choose
from sim.engine.kernel.bits import U0
from sim.engine.kernel.records import Number, World
from sim.engine.kernel.trees import set_time
from sim.jit import part


@part
def tick(world: World, q: int, now: float) -> int:
    """A queue's polling loop looks at its queue. The agent who gets the call chosen, or -1.

    The call's slot is then the queue's newest or oldest.
    """
    frame, queue, loop = world.frames[0], world.queues[q], world.loops[q]
    if queue.length == 0:
        loop.running = 0
        set_time(world.ticks, q, np.inf)
        return -1
    call = world.slots[queue.tail if frame.newest else queue.head]
    key = world.queues[call.origin].routing_key
    agent = choose(world, q, key, call.place, call.routings)
    if agent >= 0:
        loop.failed = 0
        set_time(world.ticks, q, now + frame.next)
        return agent
    if loop.failed == 0:
        loop.first_failed_at = now
    loop.failed += 1
    set_time(world.ticks, q, loop.first_failed_at + loop.failed * frame.retry)
    return -1


@part
def wake(world: World, q: Number, now: float) -> None:
    """A call waits: a loop that is stopped goes on after the start delay."""
    frame, loop = world.frames[0], world.loops[q]
    if not loop.running:
        loop.running = 1
        loop.failed = 0
        set_time(world.ticks, q, now + frame.start_delay)


@part
def can_route(world: World) -> bool:
    """Whether a tick to come finds both a waiting call and an eligible agent as things are."""
    for q in range(world.queues.size):
        if world.queues[q].length > 0:
            for word in range(world.available.size):
                if world.available[word] & world.mask[q, word] != U0:
                    return True
    return False
