"""Tag systems against theory, against themselves and against a simulation."""

import math
import random

import numpy as np
import pytest
from scipy import stats

from sim.theory.erlang import mmnk_m
from sim.theory.tag_systems import TagPool, TagQueue, tag_system, two_queue_tag_system

ORDERS = ["fifo", "lifo", "random", "priority"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("patience", [None, 40.0])
def test_one_queue_is_mmnk(order, patience):
    """One queue, agents in two like groups: M/M/n/n+K+M, whatever the order."""
    system = tag_system(
        [TagQueue(0.3, 12.0, 5, patience)], [TagPool(1, (0,)), TagPool(2, (0,))], order
    )
    exact = mmnk_m(0.3, 12.0, 3, 5, patience)
    queue = system.queues[0]
    assert queue.blocked_share == pytest.approx(exact.blocked_share, rel=1e-10)
    assert queue.delayed == pytest.approx(exact.delayed, rel=1e-10)
    assert queue.abandonment == pytest.approx(exact.abandonment, rel=1e-10)
    assert queue.queue_length_mean == pytest.approx(exact.queue_length_mean, rel=1e-10)
    assert queue.wait_mean_s == pytest.approx(exact.wait_mean_s, rel=1e-10)
    mixed = (system.occupancy[0] + 2.0 * system.occupancy[1]) / 3.0
    assert mixed == pytest.approx(exact.occupancy, rel=1e-10)


@pytest.mark.parametrize("order", ORDERS)
def test_separate_groups_are_separate_queues(order):
    """Without agents for both, A and B are two independent M/M/n/n+K+M queues."""
    a, b = TagQueue(0.1, 15.0, 3, 30.0), TagQueue(0.2, 9.0, 4)
    system = two_queue_tag_system(a, b, 2, 1, 0, order)
    for queue, spec, n in ((system.queues[0], a, 2), (system.queues[1], b, 1)):
        exact = mmnk_m(
            spec.arrival_rate_per_s, spec.service_mean_s, n, spec.max_waiting, spec.patience_mean_s
        )
        assert queue.blocked_share == pytest.approx(exact.blocked_share, rel=1e-9)
        assert queue.wait_mean_s == pytest.approx(exact.wait_mean_s, rel=1e-9)
    assert system.occupancy[2] == 0.0


@pytest.mark.parametrize(("order", "room"), [("fifo", 5), ("lifo", 5), ("random", 40)])
def test_like_queues_in_one_pool_share_one_line(order, room):
    """V design, like calls, ample room: every queue waits as the pooled M/M/n does.

    What a room of 5 cuts off is of the order of the load (0.09) to the fifth.
    """
    queues = [TagQueue(0.01, 12.0, room), TagQueue(0.02, 12.0, room)]
    system = tag_system(queues, [TagPool(4, (0, 1))], order)
    exact = mmnk_m(0.03, 12.0, 4, 400, None)
    tolerance = 0.09**5 * 10.0 if room == 5 else 1e-9
    for queue in system.queues:
        assert queue.wait_mean_s == pytest.approx(exact.wait_mean_s, rel=tolerance)
        assert queue.delayed == pytest.approx(exact.delayed, rel=tolerance)


@pytest.mark.parametrize("order", ORDERS)
def test_flows_balance_and_names_do_not_matter(order):
    """Answered flow = busy agents per queue; swapping A and B swaps the results."""
    a, b = TagQueue(0.05, 30.0, 4, 60.0), TagQueue(0.07, 20.0, 3, 25.0)
    system = two_queue_tag_system(a, b, 1, 1, 1, order)
    n = (1, 1, 1)
    busy = sum(o * k for o, k in zip(system.occupancy, n, strict=True))
    flow = sum(
        q.arrival_rate_per_s * q.service_mean_s * (1.0 - m.blocked_share) * (1.0 - m.abandonment)
        for q, m in zip((a, b), system.queues, strict=True)
    )
    assert flow == pytest.approx(busy, rel=1e-10)
    for q, m in zip((a, b), system.queues, strict=True):
        assert m.abandonment == pytest.approx(m.wait_mean_s / q.patience_mean_s, rel=1e-12)
        assert sum(m.served_by) == pytest.approx(1.0)
    if order != "priority":
        other = two_queue_tag_system(b, a, 1, 1, 1, order)
        for one, two in zip(system.queues, reversed(other.queues), strict=True):
            assert one.wait_mean_s == pytest.approx(two.wait_mean_s, rel=1e-10)
            assert one.blocked_share == pytest.approx(two.blocked_share, rel=1e-10)


def simulate(queues, pools, order, calls, seed):
    """Blocked share and mean wait of joined calls per queue; occupancy per pool.

    Agents one by one and calls one by one, jumps drawn by total rate: shares nothing with
    the chain but the rules.
    """
    draw = random.Random(seed)
    agents = [(p, pool.queues) for p, pool in enumerate(pools) for _ in range(pool.n_agents)]
    serving = [None] * len(agents)
    waiting = []  # (queue, joined at), in order of joining
    now, area, busy_area = 0.0, [0.0] * len(queues), [0.0] * len(pools)
    offered, blocked = [0] * len(queues), [0] * len(queues)
    arrivals = [q.arrival_rate_per_s for q in queues]
    for _ in range(calls):
        ends = [
            0.0
            if s is None
            else 1.0 / dict(pools[p].service_means_s).get(s, queues[s].service_mean_s)
            for s, (p, _) in zip(serving, agents, strict=True)
        ]
        leave = [1.0 / queues[q].patience_mean_s for q, _ in waiting]
        total = sum(arrivals) + sum(ends) + sum(leave)
        step = draw.expovariate(total)
        now += step
        for q, _ in waiting:
            area[q] += step
        for i, s in enumerate(serving):
            busy_area[agents[i][0]] += step if s is not None else 0.0
        pick = draw.choices(range(len(arrivals) + len(ends) + len(leave)), arrivals + ends + leave)
        event = pick[0]
        if event < len(queues):
            offered[event] += 1
            free = [i for i, s in enumerate(serving) if s is None and event in agents[i][1]]
            if free:
                serving[draw.choice(free)] = event
            elif sum(q == event for q, _ in waiting) < queues[event].max_waiting:
                waiting.append((event, now))
            else:
                blocked[event] += 1
        elif event < len(queues) + len(ends):
            agent = event - len(queues)
            serving[agent] = None
            mine = [call for call in waiting if call[0] in agents[agent][1]]
            if mine:
                if order == "fifo":
                    call = min(mine, key=lambda c: c[1])
                elif order == "lifo":
                    call = max(mine, key=lambda c: c[1])
                elif order == "random":
                    call = draw.choice(mine)
                else:
                    call = min(mine)
                waiting.remove(call)
                serving[agent] = call[0]
        else:
            del waiting[event - len(queues) - len(ends)]
    shares = [b / o for b, o in zip(blocked, offered, strict=True)]
    waits = [x / (o - b) for x, o, b in zip(area, offered, blocked, strict=True)]
    occupancy = [x / now / p.n_agents for x, p in zip(busy_area, pools, strict=True)]
    return shares + waits + occupancy


@pytest.mark.parametrize("order", ORDERS)
def test_tag_system_by_simulation(order):
    """Seven measures of an A/B/both system lie in the 99.9 % intervals of 12 runs (t, 11 df).

    About 3 false alarms in 100 for the 28 comparisons by chance alone; the seeds are fixed.
    """
    queues = (TagQueue(1 / 20, 30.0, 3, 60.0), TagQueue(1 / 15, 24.0, 2, 40.0))
    pools = (TagPool(1, (0,)), TagPool(1, (1,)), TagPool(2, (0, 1)))
    runs = np.array([simulate(queues, pools, order, 30_000, seed) for seed in range(12)])
    exact = two_queue_tag_system(*queues, 1, 1, 2, order)
    values = [
        *(q.blocked_share for q in exact.queues),
        *(q.wait_mean_s for q in exact.queues),
        *exact.occupancy,
    ]
    half = stats.t.ppf(0.9995, 11) * runs.std(axis=0, ddof=1) / math.sqrt(12.0)
    for value, mean, width in zip(values, runs.mean(axis=0), half, strict=True):
        assert abs(value - mean) < width
        assert width < 0.25 * value


def test_w_design_with_own_service_times_by_simulation():
    """Three queues, two groups, one of them faster at the queue that both serve.

    Eight measures in the 99.9 % intervals of 12 runs (t, 11 df): about 1 false alarm in 100
    by chance alone; the seeds are fixed.
    """
    queues = (
        TagQueue(1 / 30, 30.0, 2, 60.0),
        TagQueue(1 / 25, 40.0, 3, 50.0),
        TagQueue(1 / 40, 35.0, 2, 90.0),
    )
    pools = (TagPool(1, (0, 1)), TagPool(1, (1, 2), ((1, 20.0),)))
    runs = np.array([simulate(queues, pools, "fifo", 10_000, seed) for seed in range(12)])
    exact = tag_system(queues, pools, "fifo")
    values = [
        *(q.blocked_share for q in exact.queues),
        *(q.wait_mean_s for q in exact.queues),
        *exact.occupancy,
    ]
    half = stats.t.ppf(0.9995, 11) * runs.std(axis=0, ddof=1) / math.sqrt(12.0)
    for value, mean, width in zip(values, runs.mean(axis=0), half, strict=True):
        assert abs(value - mean) < width
        assert width < 0.25 * value


@pytest.mark.parametrize("order", ORDERS)
def test_own_service_times_count_as_the_queues(order):
    """Means given by group or by queue are the same system; separate groups stay separate."""
    queues = [TagQueue(0.05, 30.0, 4, 60.0), TagQueue(0.07, 20.0, 3, 25.0)]
    pools = [TagPool(1, (0,)), TagPool(2, (0, 1))]
    plain = tag_system(queues, pools, order)
    others = [TagQueue(0.05, 99.0, 4, 60.0), TagQueue(0.07, 99.0, 3, 25.0)]
    own = [TagPool(1, (0,), ((0, 30.0),)), TagPool(2, (0, 1), ((1, 20.0), (0, 30.0)))]
    assert tag_system(others, own, order) == plain
    slow = tag_system(
        queues, [TagPool(1, (0,), ((0, 45.0),)), TagPool(1, (1,), ((1, 45.0),))], order
    )
    for queue, measures in zip(queues, slow.queues, strict=True):
        exact = mmnk_m(queue.arrival_rate_per_s, 45.0, 1, queue.max_waiting, queue.patience_mean_s)
        assert measures.abandonment == pytest.approx(exact.abandonment, rel=1e-9)


def test_number_of_states():
    """Two rooms of 5 allow C(12, 6) - 1 = 923 orders of the waiting calls, none included."""
    queues = [TagQueue(1.0, 1.0, 5), TagQueue(1.0, 1.0, 5)]
    system = tag_system(queues, [TagPool(1, (0, 1))], "fifo")
    # idle, and for each of the two calls in service every order of the waiting
    assert system.n_states == 1 + 2 * (math.comb(12, 6) - 1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: tag_system([TagQueue(1.0, 1.0, 2)], [TagPool(1, (1,))]),
        lambda: tag_system([TagQueue(1.0, 1.0, 2)], [TagPool(0, (0,))]),
        lambda: tag_system([TagQueue(1.0, 1.0, -1)], [TagPool(1, (0,))]),
        lambda: tag_system([TagQueue(1.0, 1.0, 1)], [TagPool(1, (0,))], "best"),
        lambda: tag_system([], []),
        lambda: tag_system([TagQueue(1.0, 1.0, 2)], [TagPool(1, (0,), ((0, 0.0),))]),
        lambda: tag_system([TagQueue(1.0, 1.0, 2)] * 2, [TagPool(1, (0,), ((1, 1.0),))] * 2),
    ],
)  # fmt: skip
def test_bad_tag_systems_are_value_errors(call):
    """What is no tag system is a ValueError."""
    with pytest.raises(ValueError):
        call()
