"""More room for what the compiled engine works on, when an array is full."""

from __future__ import annotations

import numpy as np

from sim.engine.kernel import records as r
from sim.engine.kernel.records import World
from sim.engine.plant_records import free_slots
from sim.engine.rules import KIND_BITS


def with_more_slots(world: World) -> World:
    """Twice the room for waiting calls."""
    size = world.slots.size
    slots = np.concatenate((world.slots, free_slots(size)))
    still_free = world.free[: int(world.frames["n_free"][0])]
    free = np.zeros(2 * size, np.int64)
    free[: size + still_free.size] = np.concatenate(
        (np.arange(2 * size - 1, size - 1, -1), still_free)
    )
    world.frames["n_free"] += size
    return world._replace(slots=slots, free=free)


def with_more_coming(world: World) -> World:
    """Twice the room for calls by overflow and retry that are still to come."""
    coming = np.zeros(2 * world.coming.size, r.DEADLINE)
    coming[: world.coming.size] = world.coming
    return world._replace(coming=coming)


def with_room_for_deadlines(world: World) -> World:
    """The heap of deadlines without those that are stale, and grown if that is not enough."""
    late = world.late[: int(world.frames["n_late"][0])]
    call, owner = late["number"] >> KIND_BITS, late["owner"]
    holds = np.zeros(late.size, bool)
    slots, agents = owner >= 0, owner < 0
    holds[slots] = world.slots["number"][owner[slots]] == call[slots]
    those = world.agents[-1 - owner[agents]]
    holds[agents] = (those["number"] == call[agents]) & (those["phase"] == r.IN_CONNECTING)
    kept = late[holds]
    kept = kept[np.lexsort((kept["number"], kept["t"]))]
    grown = np.zeros(world.late.size * (2 if 2 * kept.size > world.late.size else 1), r.DEADLINE)
    grown[: kept.size] = kept
    world.frames["n_late"] = kept.size
    return world._replace(late=grown)


def with_more_ranks(world: World) -> World:
    """Twice the ranks for queues with random order.

    The number of ranks is a power of two, so of the new nodes of a Fenwick tree only the last is
    not 0: it covers them all.
    """
    pools, size = world.ranked.shape
    more = np.zeros((pools, size), np.int64)
    fenwick = np.concatenate((world.fenwick, more), axis=1)
    fenwick[:, 2 * size] = fenwick[:, size]
    return world._replace(ranked=np.concatenate((world.ranked, more), axis=1), fenwick=fenwick)
