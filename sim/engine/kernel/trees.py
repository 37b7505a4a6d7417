"""Who is next: a tournament over fixed places, and a heap for what comes and goes.

The tournament holds a time for each place (an agent, a queue) in a complete binary tree whose
inner nodes repeat the earlier of their two children. Setting a place walks once to the root,
whatever the order of times, without a branch that could be mispredicted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.kernel.records import Number, Records
from sim.jit import inlined, part

_U1 = np.uint64(1)
NEVER = np.float64(np.inf).view(np.int64)
"""Infinity as a time's bits."""


def leaves_for(places: int) -> int:
    """The number of leaves of a tournament of so many places: a power of two."""
    return 1 << max(places - 1, 0).bit_length()


@inlined
def bits_of(at: float) -> Any:
    """A time as an integer that sorts as times do: its bits, which do so from 0 on."""
    return np.float64(at).view(np.int64)


@inlined
def set_time(tree: Records, place: Number, at: float) -> None:
    """Set the time of `place`; ties go to the lower place. O(log places).

    The other of a pair wins if it is earlier, or as early and on the left: with whole numbers
    one comparison, and no branch.
    """
    node = np.uint64(tree.size >> 1) + np.uint64(place)
    t, w = bits_of(at), tree[node].who
    tree[node].t = t
    while node > _U1:
        other = tree[node ^ _U1]
        o_t, o_w = other.t, other.who
        # The sign of the difference, all ones where the other wins.
        mask = (o_t - t - np.int64(node & _U1)) >> 63
        t ^= (t ^ o_t) & mask
        w ^= (w ^ o_w) & mask
        node >>= _U1
        up = tree[node]
        up.t, up.who = t, w


@inlined
def set_due(tree: Records, place: Number, at: float, number: int) -> None:
    """The same over queues, where ties go to the lower number of the call. O(log queues)."""
    node = np.uint64(tree.size >> 1) + np.uint64(place)
    t, n, w = bits_of(at), np.int64(number), np.int64(place)
    tree[node].t = t
    tree[node].number = n
    while node > _U1:
        other = tree[node ^ _U1]
        o_t, o_n, o_w = other.t, other.number, other.who
        same = ((o_t ^ t) - 1) >> 63
        mask = ((o_t - t) >> 63) | (same & ((o_n - n) >> 63))
        t ^= (t ^ o_t) & mask
        n ^= (n ^ o_n) & mask
        w ^= (w ^ o_w) & mask
        node >>= _U1
        up = tree[node]
        up.t, up.number, up.who = t, n, w


@inlined
def due_at(tree: Records, place: Number) -> Any:
    """The time's bits of `place` in a tournament of calls that are due."""
    return tree[np.uint64(tree.size >> 1) + np.uint64(place)].t


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
