"""Days with shifts: the chain of cohorts against a chain of single agents and single callers."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
from scipy import integrate, linalg, sparse

from sim.theory.erlang import erlang_a, mmnk_m
from sim.theory.time_varying import Steps, day
from sim.theory.transient import advance

RATES = Steps((0.0, 300.0, 500.0), (0.03, 0.05, 0.02))
AGENTS = Steps((0.0, 200.0, 450.0, 620.0), (1, 3, 1, 2))
SERVICE_S, PATIENCE_S, HORIZON_S = 60.0, 45.0, 800.0


def single_agents(edge_s, room, routing, patience_s=PATIENCE_S):
    """The day with every agent a bit and every caller marked: arrived before ``edge_s`` or later.

    Returns expected waiting of the early callers (s), busy seconds, overtime seconds within the
    horizon, delayed and blocked calls. Nothing is lumped, waits are read off the early callers in
    line, the law moves by dense matrix exponentials: a route of its own.
    """
    n, end = 3, HORIZON_S + 2400.0
    lines = [(e, late) for e in range(room + 1) for late in range(room + 1 - e)]
    states = list(product(list(product((0, 1), repeat=n)), lines))
    index = {state: i for i, state in enumerate(states)}
    times = {*RATES.starts_s, *AGENTS.starts_s, edge_s, HORIZON_S, end}
    law = np.zeros(len(states))
    law[index[(0,) * n, (0, 0)]] = 1.0
    waited = busy_s = overtime_s = delayed = blocked = 0.0
    pieces = sorted(times)
    for start, stop in pairwise(pieces):
        last = min(start, math.nextafter(HORIZON_S, 0.0))
        rate = RATES.at(start) if start < HORIZON_S else 0.0
        on = [i < AGENTS.at(last) for i in range(n)]
        q = np.zeros((len(states), len(states)))
        moved = np.zeros(len(states))
        alone = np.zeros(len(states))
        full = np.zeros(len(states))
        for i, (busy, (early, late)) in enumerate(states):
            agents, line = list(busy), [early, late]
            for a in range(n):  # who comes on shift, lowest number first, takes the oldest call
                if on[a] and not agents[a] and sum(line):
                    agents[a] = 1
                    line[0 if line[0] else 1] -= 1
            moved_to = index[tuple(agents), tuple(line)]
            moved[moved_to] += law[i]
            idle = [a for a in range(n) if on[a] and not busy[a]]
            if idle and early + late:
                continue  # no such state after the move above

            def go(to, by, i=i, q=q):
                q[i, index[to]] += by
                q[i, i] -= by

            def turned(a, value, busy=busy):
                return (*busy[:a], value, *busy[a + 1 :])

            mine = 0 if start < edge_s else 1
            if idle:
                for a in idle if routing == "random" else idle[:1]:
                    by = rate / (len(idle) if routing == "random" else 1)
                    go((turned(a, 1), (early, late)), by)
            elif early + late < room:
                alone[i] = 1.0
                go((busy, (early + (mine == 0), late + (mine == 1))), rate)
            else:
                full[i] = 1.0
            rest = (early - 1, late) if early else (early, late - 1)
            for a in range(n):
                if busy[a] and on[a] and early + late:
                    go((busy, rest), 1.0 / SERVICE_S)
                elif busy[a]:
                    go((turned(a, 0), (early, late)), 1.0 / SERVICE_S)
            if patience_s and early:
                go((busy, (early - 1, late)), early / patience_s)
            if patience_s and late:
                go((busy, (early, late - 1)), late / patience_s)
        size = len(states)
        double = np.block([[q, np.eye(size)], [np.zeros((size, 2 * size))]])
        step = linalg.expm(double * (stop - start))
        law, spent = moved @ step[:size, :size], moved @ step[:size, size:]
        waited += spent @ [early for _, (early, _) in states]
        if stop <= HORIZON_S:
            busy_s += spent @ [sum(busy) for busy, _ in states]
            overtime_s += spent @ [
                sum(b for b, here in zip(busy, on, strict=True) if not here) for busy, _ in states
            ]
            delayed += rate * spent @ alone
            blocked += rate * spent @ full
    return waited, busy_s, overtime_s, delayed, blocked


@pytest.mark.parametrize("routing", ["random", "listed"])
def test_cohorts_against_single_agents(routing):
    """Growing and falling staff: cohorts and backward equations give what single agents give."""
    edges = (0.0, 250.0, 500.0, 800.0)
    room = 2
    sums = day(
        RATES, SERVICE_S, AGENTS, HORIZON_S,
        patience_mean_s=PATIENCE_S, max_waiting=room, edges_s=edges, routing=routing,
    )  # fmt: skip
    upto = [single_agents(edge, room, routing) for edge in edges[1:]]
    waited, busy_s, overtime_s, delayed, blocked = np.array(upto).T
    assert np.cumsum(sums.waited_s) == pytest.approx(waited, rel=1e-9)
    assert sums.busy_s.sum() == pytest.approx(busy_s, rel=1e-9)
    assert sums.overtime_s.sum() == pytest.approx(overtime_s, rel=1e-9)
    assert sums.delayed.sum() == pytest.approx(delayed, rel=1e-9)
    assert sums.blocked.sum() == pytest.approx(blocked, rel=1e-9)
    assert sums.abandoned == pytest.approx(sums.waited_s / PATIENCE_S, rel=1e-14)
    assert sums.measures(1, 3).wait_mean_s == pytest.approx(
        (waited[2] - waited[0]) / (sums.offered - sums.blocked)[1:].sum(), rel=1e-9
    )


def test_without_patience_the_line_is_served_after_the_horizon():
    """Nobody abandons; the waits of the drain are counted, from the sparse solution."""
    sums = day(RATES, SERVICE_S, AGENTS, HORIZON_S, max_waiting=2)
    waited = single_agents(HORIZON_S, 2, "random", patience_s=None)[0]
    assert sums.waited_s.sum() == pytest.approx(waited, rel=1e-9)
    assert sums.waited_s.sum() > sums.queue_s.sum()
    assert sums.abandoned.sum() == 0.0


def test_routing_tells_the_cohorts_apart():
    """Who came last leaves first, so who is busy matters, and counting alone is not exact."""
    agents = Steps((0.0, 300.0, 330.0), (2, 4, 2))
    random, listed = (
        day(RATES, SERVICE_S, agents, HORIZON_S, patience_mean_s=PATIENCE_S, routing=routing)
        for routing in ("random", "listed")
    )
    assert random.overtime_s.sum() > 1.1 * listed.overtime_s.sum()


def test_growing_staff_needs_no_cohorts():
    """While nobody leaves, counting all busy agents is exact: the two-line forward equation."""
    agents, room, theta = {0.0: 2, 300.0: 4}, 40, 1.0 / PATIENCE_S
    k = np.arange(4 + room + 1)

    def slope(t, y):
        n = 2 if t < 300.0 else 4
        births = np.where(k < n + room, RATES.at(t), 0.0)
        deaths = np.minimum(k, n) / SERVICE_S + theta * np.maximum(k - n, 0)
        p = y[: len(k)]
        flow = -(births + deaths) * p
        flow[1:] += births[:-1] * p[:-1]
        flow[:-1] += deaths[1:] * p[1:]
        return np.concatenate((flow, [p @ np.maximum(k - n, 0), p @ np.minimum(k, n)]))

    y = np.zeros(len(k) + 2)
    y[0] = 1.0
    for start, stop in ((0.0, 300.0), (300.0, 500.0), (500.0, 800.0)):
        y = integrate.solve_ivp(
            slope, (start, np.nextafter(stop, 0.0)), y, "DOP853", rtol=1e-11, atol=1e-14
        ).y[:, -1]
    steps = Steps(tuple(agents), tuple(agents.values()))
    sums = day(RATES, SERVICE_S, steps, HORIZON_S, patience_mean_s=PATIENCE_S)
    assert sums.queue_s.sum() == pytest.approx(y[-2], rel=1e-8)
    assert sums.busy_s.sum() == pytest.approx(y[-1], rel=1e-8)
    assert sums.cut_calls < 1e-10


@pytest.mark.parametrize("room", [None, 6])
def test_long_after_the_start_it_is_erlang_a(room):
    """The limit for constant rates is the stationary M/M/n/n+K+M."""
    flat = Steps((0.0,), (0.08,)), SERVICE_S, Steps((0.0,), (4,))
    sums = day(*flat, 6000.0, patience_mean_s=90.0, max_waiting=room, edges_s=(0.0, 5000.0, 6000.0))
    exact = mmnk_m(0.08, SERVICE_S, 4, room, 90.0)
    late = sums.measures(1)
    for name in (
        "abandonment", "delayed", "blocked_share", "wait_mean_s", "queue_length_mean", "occupancy"
    ):  # fmt: skip
        assert getattr(late, name) == pytest.approx(getattr(exact, name), rel=1e-9), name


def test_ample_staff_is_an_infinite_server():
    """With an agent for everybody the number busy solves m' = lambda - mu m."""
    sums = day(RATES, SERVICE_S, Steps((0.0,), (40,)), HORIZON_S)
    busy, total = 0.0, 0.0
    for start, stop in ((0.0, 300.0), (300.0, 500.0), (500.0, 800.0)):
        level = RATES.at(start) * SERVICE_S
        fall = math.exp(-(stop - start) / SERVICE_S)
        total += level * (stop - start) + (busy - level) * SERVICE_S * (1.0 - fall)
        busy = level + (busy - level) * fall
    assert sums.busy_s.sum() == pytest.approx(total, rel=1e-10)
    assert sums.offered.sum() == pytest.approx(0.03 * 300 + 0.05 * 200 + 0.02 * 300)


def test_two_shifts_at_full_size():
    """20 to 30 agents and back: flows balance, and the quiet end is Erlang A again."""
    sums = day(
        Steps((0.0, 3600.0, 7200.0), (0.2, 0.32, 0.2)), 100.0,
        Steps((0.0, 3600.0, 7200.0), (20, 30, 20)), 10_800.0,
        patience_mean_s=120.0, edges_s=(0.0, 3600.0, 7200.0, 10_000.0, 10_800.0),
    )  # fmt: skip
    # seconds in service: of all who are answered, less those still talking at the horizon
    served_s = sums.answered.sum() * 100.0
    assert sums.busy_s.sum() == pytest.approx(served_s - 100.0 * 20, rel=0.01)
    exact = erlang_a(0.2, 100.0, 20, 120.0)
    assert sums.measures(3).abandonment == pytest.approx(exact.abandonment, rel=1e-3)
    assert 0.0 < sums.overtime_s.sum() < 10 * 100.0


def test_uniformisation_against_matrix_exponentials():
    """Law, occupation and cost of a random chain over many and few jumps."""
    rng = np.random.default_rng(7)
    rates = rng.exponential(size=(8, 8))
    np.fill_diagonal(rates, 0.0)
    q = rates - np.diag(rates.sum(axis=1))
    law = np.eye(8)[2]
    for time_s in (0.0, 1e-3, 0.7, 300.0):
        step = linalg.expm(np.block([[q, np.eye(8)], [np.zeros((8, 16))]]) * time_s)
        moved, spent = advance(sparse.csr_matrix(q.T), law, time_s)
        assert moved == pytest.approx(law @ step[:8, :8], rel=1e-11)
        assert spent == pytest.approx(law @ step[:8, 8:], rel=1e-11)
        cost, total = advance(sparse.csr_matrix(q), rates[:, :2], time_s)
        assert cost == pytest.approx(step[:8, :8] @ rates[:, :2], rel=1e-11)
        assert total == pytest.approx(step[:8, 8:] @ rates[:, :2], rel=1e-11)


@pytest.mark.parametrize(
    "change",
    [
        {"edges_s": (0.0, 700.0)}, {"edges_s": (0.0, 500.0, 400.0, 800.0)},
        {"agents": Steps((0.0, 10.0), (2, 0))}, {"agents": Steps((0.0,), (1.5,))},
        {"agents": Steps((0.0, 0.0), (1, 2))}, {"arrival_rate_per_s": Steps((0.0,), (-1.0,))},
        {"arrival_rate_per_s": Steps((), ())}, {"routing": "longest_idle"}, {"max_waiting": -1},
        {"arrival_rate_per_s": Steps((0.0,), (100.0,))},
    ],
)  # fmt: skip
def test_bad_days_are_value_errors(change):
    """What is no day, or not exact, or too long a line, is a ValueError."""
    given = {
        "arrival_rate_per_s": RATES, "service_mean_s": SERVICE_S, "agents": AGENTS,
        "horizon_s": HORIZON_S,
    }  # fmt: skip
    with pytest.raises(ValueError):
        day(**(given | change))


def test_a_negative_time_is_refused():
    """Chains do not run backwards."""
    with pytest.raises(ValueError):
        advance(sparse.csr_matrix((1, 1)), np.ones(1), -1.0)
