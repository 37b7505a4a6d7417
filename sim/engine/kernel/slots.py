"""The places of calls that no agent has: taken by a call that arrives or is born, given back by one
that leaves or that an agent takes."""

from __future__ import annotations

from sim.engine.kernel.records import World
from sim.jit import inlined


@inlined
def claim_slot(world: World) -> int:
    """A free slot; there must be one."""
    frame = world.frames[0]
    frame.n_free -= 1
    return int(world.free[frame.n_free])


@inlined
def release_slot(world: World, slot: int) -> None:
    """The slot is free for another call."""
    frame = world.frames[0]
    world.slots[slot].number = -1
    world.free[frame.n_free] = slot
    frame.n_free += 1
