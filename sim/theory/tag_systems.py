"""Tag systems: several queues, agent groups with different tags, solved exactly as chains.

References
----------
Gans, Koole, Mandelbaum (2003), Telephone call centers, M&SOM 5(2), section 5 (skills-based
routing: the V, N, W and M designs).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.theory.chains import explore, stationary
from sim.theory.measures import require_count, require_positive

Order = Literal["fifo", "lifo", "random", "priority"]


@dataclass(frozen=True)
class TagQueue:
    """One queue of a tag system.

    Arrivals are Poisson, service and patience exponential (None: endless patience); a call
    is blocked when ``max_waiting`` calls of the queue wait already and nobody is idle for it.
    """

    arrival_rate_per_s: float
    service_mean_s: float
    max_waiting: int
    patience_mean_s: float | None = None


@dataclass(frozen=True)
class TagPool:
    """A group of like agents, and the numbers of the queues that they serve.

    ``service_means_s`` are (queue, mean) where the group serves a queue faster or slower than
    the queue's own mean says.
    """

    n_agents: int
    queues: tuple[int, ...]
    service_means_s: tuple[tuple[int, float], ...] = ()

    def service_mean_s(self, queue: int, of_queue_s: float) -> float:
        """The mean service of a queue by this group, ``of_queue_s`` being the queue's own."""
        return dict(self.service_means_s).get(queue, of_queue_s)


@dataclass(frozen=True)
class TagQueueMeasures:
    """Per queue: shares and means of one tag system.

    ``blocked_share``: blocked / offered. Of the joined calls: ``delayed`` (not answered at
    once), ``abandonment``, ``wait_mean_s`` (answered or not). ``queue_length_mean``: number
    waiting, by time. ``served_by``: share of the answered calls taken by each pool.
    """

    blocked_share: float
    delayed: float
    abandonment: float
    queue_length_mean: float
    wait_mean_s: float
    served_by: tuple[float, ...]


@dataclass(frozen=True)
class TagSystemMeasures:
    """All queues and the occupancy of each pool (busy share of its agents' time)."""

    queues: tuple[TagQueueMeasures, ...]
    occupancy: tuple[float, ...]
    n_states: int


# busy agents by pool and queue, then what waits: a tuple of queue numbers in order of
# arrival (fifo, lifo), or of counts by queue (random, priority)
_State = tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]


def two_queue_tag_system(
    queue_a: TagQueue,
    queue_b: TagQueue,
    n_a_only: int,
    n_b_only: int,
    n_both: int,
    order: Order = "fifo",
) -> TagSystemMeasures:
    """Two queues and three groups: agents for A only, for B only, and for both.

    Pools are reported in this order; see ``tag_system``. A group may be empty (its
    occupancy is 0); with n_b_only = 0 this is the N design, with both others empty the V.
    """
    pools = (TagPool(n_a_only, (0,)), TagPool(n_b_only, (1,)), TagPool(n_both, (0, 1)))
    return tag_system((queue_a, queue_b), pools, order)


def tag_system(
    queues: Sequence[TagQueue],
    pools: Sequence[TagPool],
    order: Order = "fifo",
    max_states: int = 200_000,
) -> TagSystemMeasures:
    """Exact stationary measures of queues served by agent groups with different tags.

    Poisson arrivals, exponential services (their mean by queue, or by queue and group) and
    patience. A call goes at once to one of the
    idle agents who serve its queue, each with equal chance; with none it waits, or is
    blocked if its queue already holds ``max_waiting``. An agent who becomes free takes at
    once one of the waiting calls that they serve, by ``order``, across queues: ``fifo`` the
    one that joined first, ``lifo`` last, ``random`` any with equal chance, ``priority`` that
    of the first queue in the list (first come first served or any other order within it:
    the means are the same).

    The chain is exact, not truncated: its states are the busy agents by group and queue and
    the waiting calls (in order of joining for fifo and lifo: their number grows with the
    binomials of the rooms, 923 orders for two rooms of 5). Waits by Little's law, shares by
    PASTA. ValueError for invalid parameters, a queue that nobody serves, unknown
    queue numbers, and above ``max_states`` states.
    """
    _check_system(queues, pools, order)
    n_queues, n_pools = len(queues), len(pools)
    in_order = order in ("fifo", "lifo")
    serves = [[q in pool.queues for q in range(n_queues)] for pool in pools]
    service = [
        [pool.service_mean_s(q, queue.service_mean_s) for q, queue in enumerate(queues)]
        for pool in pools
    ]
    theta = [1.0 / q.patience_mean_s if q.patience_mean_s is not None else 0.0 for q in queues]

    def idle(busy: tuple[tuple[int, ...], ...], q: int) -> list[tuple[int, int]]:
        free = [(p, pools[p].n_agents - sum(busy[p])) for p in range(n_pools) if serves[p][q]]
        return [(p, count) for p, count in free if count > 0]

    def counts(waiting: tuple[int, ...]) -> list[int]:
        if in_order:
            return [waiting.count(q) for q in range(n_queues)]
        return list(waiting)

    def joined(waiting: tuple[int, ...], q: int) -> tuple[int, ...]:
        return (*waiting, q) if in_order else _bump(waiting, q, 1)

    def choices(waiting: tuple[int, ...], p: int) -> list[tuple[int, float, tuple[int, ...]]]:
        """What a freed agent of pool p takes: (queue, probability, who waits then)."""
        if in_order:
            places = [i for i, q in enumerate(waiting) if serves[p][q]]
            if not places:
                return []
            i = places[0] if order == "fifo" else places[-1]
            return [(waiting[i], 1.0, waiting[:i] + waiting[i + 1 :])]
        here = [q for q in range(n_queues) if serves[p][q] and waiting[q]]
        if not here:
            return []
        if order == "priority":
            return [(here[0], 1.0, _bump(waiting, here[0], -1))]
        total = sum(waiting[q] for q in here)
        return [(q, waiting[q] / total, _bump(waiting, q, -1)) for q in here]

    def moves(state: _State) -> Iterable[tuple[_State, float]]:
        busy, waiting = state
        number = counts(waiting)
        for q, queue in enumerate(queues):
            free = idle(busy, q)
            if free:
                total = sum(count for _, count in free)
                for p, count in free:
                    rate = queue.arrival_rate_per_s * count / total
                    yield (_set(busy, p, q, 1), waiting), rate
            elif number[q] < queue.max_waiting:
                yield (busy, joined(waiting, q)), queue.arrival_rate_per_s
        for p in range(n_pools):
            for q in range(n_queues):
                if busy[p][q] == 0:
                    continue
                rate = busy[p][q] / service[p][q]
                after = _set(busy, p, q, -1)
                taken = choices(waiting, p)
                if not taken:
                    yield (after, waiting), rate
                for other, chance, rest in taken:
                    yield (_set(after, p, other, 1), rest), rate * chance
        if in_order:
            for i, q in enumerate(waiting):
                yield (busy, waiting[:i] + waiting[i + 1 :]), theta[q]
        else:
            for q in range(n_queues):
                if waiting[q]:
                    yield (busy, _bump(waiting, q, -1)), theta[q] * waiting[q]

    empty = tuple((0,) * n_queues for _ in pools)
    start: _State = (empty, () if in_order else (0,) * n_queues)
    states, generator = explore(start, moves, max_states)
    law = stationary(generator)

    blocked, delayed, length = np.zeros((3, n_queues))
    served = np.zeros((n_pools, n_queues))
    for probability, (busy, waiting) in zip(law.tolist(), states, strict=True):
        number = counts(waiting)
        served += probability * np.array(busy)
        for q, queue in enumerate(queues):
            length[q] += probability * number[q]
            if not idle(busy, q):
                (blocked if number[q] >= queue.max_waiting else delayed)[q] += probability
    results = []
    for q, queue in enumerate(queues):
        accepted = 1.0 - blocked[q]
        wait = length[q] / (queue.arrival_rate_per_s * accepted)
        flows = served[:, q] / np.array(service)[:, q]
        by_pool = flows / flows.sum()
        results.append(
            TagQueueMeasures(
                blocked_share=float(blocked[q]),
                delayed=float(delayed[q] / accepted),
                abandonment=float(theta[q] * wait),
                queue_length_mean=float(length[q]),
                wait_mean_s=float(wait),
                served_by=tuple(by_pool.tolist()),
            )
        )
    occupancy = tuple(
        float(served[p].sum() / pool.n_agents) if pool.n_agents else 0.0
        for p, pool in enumerate(pools)
    )
    return TagSystemMeasures(tuple(results), occupancy, len(states))


def _bump(numbers: tuple[int, ...], at: int, by: int) -> tuple[int, ...]:
    return (*numbers[:at], numbers[at] + by, *numbers[at + 1 :])


def _set(
    busy: tuple[tuple[int, ...], ...], pool: int, queue: int, by: int
) -> tuple[tuple[int, ...], ...]:
    return (*busy[:pool], _bump(busy[pool], queue, by), *busy[pool + 1 :])


def _check_system(queues: Sequence[TagQueue], pools: Sequence[TagPool], order: str) -> None:
    if order not in ("fifo", "lifo", "random", "priority"):
        raise ValueError(f"unknown order {order!r}: fifo, lifo, random or priority")
    for i, queue in enumerate(queues):
        require_positive(f"queue {i}: arrival_rate_per_s", queue.arrival_rate_per_s)
        require_positive(f"queue {i}: service_mean_s", queue.service_mean_s)
        require_count(f"queue {i}: max_waiting", queue.max_waiting, 0)
        if queue.patience_mean_s is not None:
            require_positive(f"queue {i}: patience_mean_s", queue.patience_mean_s)
        if not any(i in pool.queues and pool.n_agents for pool in pools):
            raise ValueError(f"no agent serves queue {i}")
    for i, pool in enumerate(pools):
        require_count(f"pool {i}: n_agents", pool.n_agents, 0)
        if not all(0 <= q < len(queues) for q in pool.queues):
            raise ValueError(f"pool {i} names a queue that is not there")
        for q, mean in pool.service_means_s:
            require_positive(f"pool {i}: mean service of queue {q}", mean)
            if q not in pool.queues:
                raise ValueError(f"pool {i} has a service time for a queue it does not serve")
    if not queues or not math.isfinite(sum(q.arrival_rate_per_s for q in queues)):
        raise ValueError("a tag system needs a queue")
