"""Waiting calls: a list per queue in the order of joining, and who is taken from it.

Joining, leaving and both ends of a queue cost the same at any length. Queues with random order
also keep a Fenwick tree over the order of joining, to find the k-th call in O(log calls).
What a queue offers by `fifo` or `lifo` is one number in `offered`, the less the sooner taken.
"""

from __future__ import annotations

import numpy as np

from sim.engine.kernel.bits import U0, U1, draw, lowest_bit
from sim.engine.kernel.records import Longs, Number, Records, World
from sim.engine.kernel.trees import NEVER, due_at, set_due
from sim.engine.rules import Order
from sim.jit import inlined, part

_LIFO, _RANDOM = int(Order.LIFO), int(Order.RANDOM)
_S6 = np.uint64(6)
_M6 = np.uint64(63)
QUEUE_BITS = 20
"""Of an offer: which queue's it is. Above them: where its call stands in the order of joining."""
_QUEUE = (1 << QUEUE_BITS) - 1
NOTHING = np.iinfo(np.int64).max
_LAST = 1 << 42


@inlined
def _offer(world: World, q: int) -> None:
    """Write down what the queue offers now: the place of the first or last call that joined."""
    queue = world.queues[np.uint64(q)]
    if queue.length == 0:
        world.offered[np.uint64(q)] = NOTHING
    elif queue.discipline == _LIFO:
        joined = world.slots[np.uint64(queue.tail)].joined
        world.offered[np.uint64(q)] = (_LAST - joined) << QUEUE_BITS | q
    else:
        joined = world.slots[np.uint64(queue.head)].joined
        world.offered[np.uint64(q)] = joined << QUEUE_BITS | q


@inlined
def join(world: World, slot: int) -> None:
    """Put a call at the end of its queue."""
    slots, call = world.slots, world.slots[np.uint64(slot)]
    q = call.queue
    queue = world.queues[np.uint64(q)]
    last = queue.tail
    call.before = last
    call.next = -1
    queue.tail = slot
    queue.length += 1
    if last >= 0:
        slots[np.uint64(last)].next = slot
    else:
        queue.head = slot
        world.nonempty[q >> 6] |= U1 << (np.uint64(q) & _M6)
        if queue.in_join_order and due_at(world.due, q) == NEVER:
            set_due(world.due, q, call.arrival + queue.wait_timeout, call.number)
    if last < 0 or queue.discipline == _LIFO:
        _offer(world, q)
    if queue.pool >= 0:
        rank = world.n_ranked[queue.pool]
        world.ranked[queue.pool, rank] = slot
        call.rank = rank
        world.n_ranked[queue.pool] = rank + 1
        _add(world.fenwick, queue.pool, rank, 1)


@part
def join_again(world: World, slot: int) -> None:
    """Put a call into its queue before all that joined it later. O(calls between it and an end);
    O(calls) where the order is random."""
    slots, call = world.slots, world.slots[slot]
    queue = world.queues[call.queue]
    before, after = queue.tail, queue.head
    while True:
        if before < 0 or slots[before].joined < call.joined:
            after = slots[before].next if before >= 0 else queue.head
            break
        if after < 0 or slots[after].joined > call.joined:
            before = slots[after].before if after >= 0 else queue.tail
            break
        before, after = slots[before].before, slots[after].next
    call.before, call.next = before, after
    if after >= 0:
        slots[after].before = slot
    else:
        queue.tail = slot
    if before >= 0:
        slots[before].next = slot
    else:
        queue.head = slot
    world.nonempty[call.queue >> 6] |= U1 << (np.uint64(call.queue) & _M6)
    queue.length += 1
    _offer(world, call.queue)
    if queue.pool >= 0:
        compact(world.queues, slots, world.fenwick, world.ranked, world.n_ranked, call.queue)


@inlined
def leave(world: World, slot: int) -> None:
    """Take a call out of its queue, wherever it stands."""
    slots, call = world.slots, world.slots[np.uint64(slot)]
    q, before, after = call.queue, call.before, call.next
    queue = world.queues[np.uint64(q)]
    queue.length -= 1
    if after >= 0:
        slots[np.uint64(after)].before = before
    else:
        queue.tail = before
    if before >= 0:
        slots[np.uint64(before)].next = after
    else:
        queue.head = after
        if after < 0:
            world.nonempty[q >> 6] &= ~(U1 << (np.uint64(q) & _M6))
    _offer(world, q)
    if queue.pool >= 0:
        _add(world.fenwick, queue.pool, call.rank, -1)


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
    queues: Records, slots: Records, fenwick: Longs, ranked: Longs, n_ranked: Longs, q: Number
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
def renew_due(world: World, q: Number) -> bool:
    """Whether the first call of queue `q` is the one that the tournament has for it. If that has
    left, the first one takes its place.

    A call that is answered stays in the tournament until it would be due: then the queue's first
    call is put there, and all those that have come and gone in between never were.
    """
    queue = world.queues[np.uint64(q)]
    leaf = world.due[np.uint64((world.due.size >> 1) + q)]
    if queue.head < 0:
        set_due(world.due, q, np.inf, 0)
        return False
    first = world.slots[np.uint64(queue.head)]
    if first.number == leaf.number:
        return True
    set_due(world.due, q, first.arrival + queue.wait_timeout, first.number)
    return False


@inlined
def next_call(world: World, agent: int) -> int:
    """The slot of the call that an agent takes who becomes available, or -1.

    Looks at what each matched queue offers, without a branch. O(matched queues), with a small
    constant.
    """
    crew = world.crews[np.uint64(world.agents[np.uint64(agent)].crew)]
    if not crew.plain:
        return _by_discipline(world, agent)
    best = NOTHING
    for q in range(crew.least, crew.most):
        offer = world.offered[np.uint64(q)]
        best ^= (best ^ offer) & ((offer - best) >> 63)
    for i in range(crew.first, crew.last):
        offer = world.offered[np.uint64(world.members[np.uint64(i)])]
        best ^= (best ^ offer) & ((offer - best) >> 63)
    if best == NOTHING:
        return -1
    queue = world.queues[np.uint64(best & _QUEUE)]
    return queue.tail if queue.discipline == _LIFO else queue.head


@part
def _by_discipline(world: World, agent: int) -> int:
    """The same where priorities or disciplines differ, or the order is random.

    Looks at the matched queues that have waiting calls, by the bits of both. O(those queues).
    """
    crew, group = world.agents[agent].crew, world.agents[agent].group
    n_queues, total = 0, 0
    top, discipline, mixed = 0, 0, False
    best = NOTHING
    for word in range(world.nonempty.size):
        bits = world.nonempty[word] & world.crew_queues[crew, word]
        while bits != U0:
            q = np.int64((np.uint64(word) << _S6) + lowest_bit(bits))
            queue = world.queues[q]
            bits &= bits - U1
            priority = queue.priority
            if n_queues and priority < top:
                continue
            if n_queues == 0 or priority > top:
                top, discipline, mixed = priority, queue.discipline, False
                n_queues, total, best = 0, 0, NOTHING
            n_queues += 1
            total += queue.length
            mixed |= queue.discipline != discipline
            best = min(best, world.offered[q])
    if n_queues == 0:
        return -1
    if mixed:
        return _of_those_offered(world, crew, top)
    if discipline == _RANDOM:
        one = world.agents[agent]
        u = draw(world.group_keys[group], one.index, one.picks)
        one.picks += 1
        return _at_place(world, crew, top, int(u * total))
    queue = world.queues[best & _QUEUE]
    return queue.tail if discipline == _LIFO else queue.head


@part
def _at_place(world: World, crew: int, top: int, place: int) -> int:
    """The call at a place, counted queue by queue, by joining, among those of priority `top`."""
    for word in range(world.nonempty.size):
        bits = world.nonempty[word] & world.crew_queues[crew, word]
        while bits != U0:
            queue = world.queues[np.int64((np.uint64(word) << _S6) + lowest_bit(bits))]
            bits &= bits - U1
            if queue.priority != top:
                continue
            if place < queue.length:
                return at_place(world.fenwick, world.ranked, queue.pool, place)
            place -= queue.length
    return -1


@part
def _of_those_offered(world: World, crew: int, top: int) -> int:
    """Of what each queue offers by its own discipline, the call that joined first."""
    best = -1
    for word in range(world.nonempty.size):
        bits = world.nonempty[word] & world.crew_queues[crew, word]
        while bits != U0:
            queue = world.queues[np.int64((np.uint64(word) << _S6) + lowest_bit(bits))]
            bits &= bits - U1
            if queue.priority != top:
                continue
            slot = queue.head
            if queue.discipline == _LIFO:
                slot = queue.tail
            elif queue.discipline == _RANDOM:
                u = draw(queue.offer_key, queue.offers, 0)
                queue.offers += 1
                place = int(u * queue.length)
                slot = at_place(world.fenwick, world.ranked, queue.pool, place)
            if best < 0 or world.slots[slot].joined < world.slots[best].joined:
                best = slot
    return best
