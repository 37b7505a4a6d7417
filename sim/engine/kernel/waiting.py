"""Waiting calls: a list per queue in the order of joining, and who is taken from it.

Joining, leaving and both ends of a queue cost the same at any length. Queues with random order
also keep a Fenwick tree over the order of joining, to find the k-th call in O(log calls).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernel.bits import U0, U1, draw, lowest_bit
from sim.engine.kernel.trees import set_due
from sim.engine.rules import Order
from sim.jit import inlined, part

Records = Any
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]
_LIFO, _RANDOM = int(Order.LIFO), int(Order.RANDOM)
_S6 = np.uint64(6)
_M6 = np.uint64(63)


@inlined
def join(
    queues: Records, slots: Records, nonempty: Words, due: Records, fenwick: Longs, ranked: Longs,
    n_ranked: Longs, slot: int,
) -> None:  # fmt: skip
    """Put a call at the end of its queue."""
    call = slots[slot]
    q = call.queue
    queue = queues[q]
    last = queue.tail
    call.before = last
    call.next = -1
    queue.tail = slot
    queue.last_joined = call.joined
    queue.length += 1
    if last >= 0:
        slots[last].next = slot
    else:
        queue.head = slot
        queue.first_joined = call.joined
        nonempty[q >> 6] |= U1 << (np.uint64(q) & _M6)
        if queue.in_join_order:
            queue.first_number = call.number
            set_due(due, queues, q, call.arrival + queue.wait_timeout)
    if queue.pool >= 0:
        rank = n_ranked[queue.pool]
        ranked[queue.pool, rank] = slot
        call.rank = rank
        n_ranked[queue.pool] = rank + 1
        _add(fenwick, queue.pool, rank, 1)


@inlined
def leave(
    queues: Records, slots: Records, nonempty: Words, due: Records, fenwick: Longs, slot: int
) -> None:
    """Take a call out of its queue, wherever it stands."""
    call = slots[slot]
    q, before, after = call.queue, call.before, call.next
    queue = queues[q]
    queue.length -= 1
    if after >= 0:
        slots[after].before = before
    else:
        queue.tail = before
        if before >= 0:
            queue.last_joined = slots[before].joined
    if before >= 0:
        slots[before].next = after
    else:
        queue.head = after
        if after < 0:
            nonempty[q >> 6] &= ~(U1 << (np.uint64(q) & _M6))
        else:
            queue.first_joined = slots[after].joined
        if queue.in_join_order:
            if after < 0:
                set_due(due, queues, q, np.inf)
            else:
                queue.first_number = slots[after].number
                set_due(due, queues, q, slots[after].arrival + queue.wait_timeout)
    if queue.pool >= 0:
        _add(fenwick, queue.pool, call.rank, -1)


@part
def _add(fenwick: Longs, pool: int, rank: int, change: int) -> None:
    """Change the number of calls at a rank of a pool's Fenwick tree."""
    i = rank + 1
    while i < fenwick.shape[1]:
        fenwick[pool, i] += change
        i += i & -i


@part
def at_place(fenwick: Longs, ranked: Longs, pool: int, place: int) -> int:
    """The slot of the call at `place` by joining, from 0."""
    size = fenwick.shape[1] - 1
    rank = 0
    step = size
    left = place
    while step > 0:
        if rank + step <= size and fenwick[pool, rank + step] <= left:
            rank += step
            left -= fenwick[pool, rank]
        step >>= 1
    return ranked[pool, rank]


@part
def compact(
    queues: Records, slots: Records, fenwick: Longs, ranked: Longs, n_ranked: Longs, q: int
) -> None:
    """Renumber the ranks of a pool from 0; the calls that have left give theirs up."""
    pool = queues[q].pool
    slot, rank = queues[q].head, 0
    while slot >= 0:
        ranked[pool, rank] = slot
        slots[slot].rank = rank
        rank += 1
        slot = slots[slot].next
    for i in range(1, fenwick.shape[1]):
        fenwick[pool, i] = min(i, rank) - min(i & (i - 1), rank)
    n_ranked[pool] = rank


@inlined
def next_call(
    queues: Records, agents: Records, slots: Records, nonempty: Words, group_queues: Words,
    group_keys: Words, fenwick: Longs, ranked: Longs, agent: int,
) -> int:  # fmt: skip
    """The slot of the call that an agent takes who becomes available, or -1.

    Looks at the matched queues that have waiting calls, by the bits of both. O(those queues).
    """
    group = agents[agent].group
    best, best_joined, n_queues, total = -1, 0, 0, 0
    top, discipline, mixed = 0, 0, False
    for word in range(nonempty.size):
        bits = nonempty[word] & group_queues[group, word]
        while bits != U0:
            queue = queues[np.int64((np.uint64(word) << _S6) + lowest_bit(bits))]
            bits &= bits - U1
            priority = queue.priority
            if n_queues and priority < top:
                continue
            if n_queues == 0 or priority > top:
                top, discipline, mixed = priority, queue.discipline, False
                n_queues, total, best = 0, 0, -1
            n_queues += 1
            total += queue.length
            mixed |= queue.discipline != discipline
            if discipline == _LIFO:
                if best < 0 or queue.last_joined > best_joined:
                    best, best_joined = queue.tail, queue.last_joined
            elif best < 0 or queue.first_joined < best_joined:
                best, best_joined = queue.head, queue.first_joined
    if n_queues == 0 or (discipline != _RANDOM and not mixed):
        return best
    place = -1
    if not mixed:
        u = draw(group_keys[group], agents[agent].index, agents[agent].picks)
        agents[agent].picks += 1
        place = int(u * total)
    return _by_offer_or_place(
        queues, slots, nonempty, group_queues, fenwick, ranked, group, top, place
    )


@part
def _by_offer_or_place(
    queues: Records, slots: Records, nonempty: Words, group_queues: Words, fenwick: Longs,
    ranked: Longs, group: int, top: int, place: int,
) -> int:  # fmt: skip
    """With a `place`, the call there, counted queue by queue, by joining.

    Without one, among queues of different disciplines: of what each offers by its own, the call
    that joined first.
    """
    best = -1
    for word in range(nonempty.size):
        bits = nonempty[word] & group_queues[group, word]
        while bits != U0:
            queue = queues[np.int64((np.uint64(word) << _S6) + lowest_bit(bits))]
            bits &= bits - U1
            if queue.priority != top:
                continue
            if place >= 0:
                if place < queue.length:
                    return at_place(fenwick, ranked, queue.pool, place)
                place -= queue.length
                continue
            slot = queue.head
            if queue.discipline == _LIFO:
                slot = queue.tail
            elif queue.discipline == _RANDOM:
                u = draw(queue.offer_key, queue.offers, 0)
                queue.offers += 1
                slot = at_place(fenwick, ranked, queue.pool, int(u * queue.length))
            if best < 0 or slots[slot].joined < slots[best].joined:
                best = slot
    return best
