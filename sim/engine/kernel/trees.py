"""Who is next: a tournament over fixed places, and a heap for what comes and goes.

The tournament holds a time for each place (an agent, a queue) in a complete binary tree whose
inner nodes repeat the earlier of their two children. Setting a place walks once to the root,
whatever the order of times, without a branch that could be mispredicted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.jit import inlined, part

Records = Any


def leaves_for(places: int) -> int:
    """The number of leaves of a tournament of so many places: a power of two."""
    return 1 << max(places - 1, 0).bit_length()


@inlined
def set_time(tree: Records, place: int, at: float) -> None:
    """Set the time of `place`; ties go to the lower place. O(log places)."""
    node = (tree.size >> 1) + place
    t, w = at, np.int64(place)
    tree[node].t = t
    while node > 1:
        other = tree[node ^ 1]
        o_t, o_w = other.t, other.who
        wins = (o_t < t) | ((o_t == t) & (o_w < w))
        t = o_t if wins else t
        w = o_w if wins else w
        node >>= 1
        tree[node].t = t
        tree[node].who = w


@inlined
def set_due(tree: Records, queues: Records, place: int, at: float) -> None:
    """The same over queues, where ties go to the lower number of the first call. O(log queues)."""
    node = (tree.size >> 1) + place
    t, w = at, np.int64(place)
    tree[node].t = t
    while node > 1:
        o_t, o_w = tree[node ^ 1].t, tree[node ^ 1].who
        if o_t < t or (
            o_t == t and o_t < np.inf and queues[o_w].first_number < queues[w].first_number
        ):
            t, w = o_t, o_w
        node >>= 1
        tree[node].t = t
        tree[node].who = w


@part
def push(heap: Records, size: int, t: float, number: int, owner: int) -> None:
    """Add an entry to a heap of `size` entries by (t, number). O(log size)."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if heap[up].t < t or (heap[up].t == t and heap[up].number <= number):
            break
        heap[i].t, heap[i].number, heap[i].owner = heap[up].t, heap[up].number, heap[up].owner
        i = up
    heap[i].t, heap[i].number, heap[i].owner = t, number, owner


@part
def pop(heap: Records, size: int) -> None:
    """Remove the first of `size` entries. O(log size)."""
    last = size - 1
    t, number, owner = heap[last].t, heap[last].number, heap[last].owner
    i = 0
    while True:
        child = 2 * i + 1
        if child >= last:
            break
        c, d = heap[child], heap[child + 1]
        if child + 1 < last and (d.t < c.t or (d.t == c.t and d.number < c.number)):
            child += 1
            c = d
        if t < c.t or (t == c.t and number <= c.number):
            break
        heap[i].t, heap[i].number, heap[i].owner = c.t, c.number, c.owner
        i = child
    heap[i].t, heap[i].number, heap[i].owner = t, number, owner
