"""M/M/n+D under last come first served: the exact law against a chain and a simulation."""

import heapq
import math
import random

import numpy as np
import pytest
from scipy import sparse, stats
from scipy.sparse.linalg import expm_multiply

from sim.theory.erlang import erlang_b, mmn
from sim.theory.single_server import mmc_wait_second_moment
from sim.theory.timeout import mmn_d, mmn_d_lifo

REFERENCE = (9.5 / 60.0, 300.0, 50, 100.0)


def test_reference_lifo():
    """9.5 calls/min, 5 min, 50 agents, 100 s, newest first: 0.0406 abandon."""
    assert mmn_d_lifo(*REFERENCE).abandonment == pytest.approx(0.0406, abs=5e-5)


def simulate(rate, service, n, timeout, calls, seed):
    """Abandonment, delay and mean wait of answered calls, newest first, by plain events."""
    draw = random.Random(seed)
    arrival, warm = 0.0, calls // 10
    ends, stack = [], []
    lost = late = answered = 0
    waits = 0.0
    for i in range(calls):
        arrival += draw.expovariate(rate)
        while ends and ends[0] <= arrival:
            at = heapq.heappop(ends)
            while stack:
                joined, number = stack.pop()
                if joined + timeout >= at:
                    heapq.heappush(ends, at + draw.expovariate(1.0 / service))
                    if number >= warm:
                        answered += 1
                        waits += at - joined
                    break
                lost += number >= warm
        if len(ends) < n:
            heapq.heappush(ends, arrival + draw.expovariate(1.0 / service))
            answered += i >= warm
        else:
            stack.append((arrival, i))
            late += i >= warm
    still = sum(number >= warm for _, number in stack)
    return lost / (lost + answered), late / (lost + answered + still), waits / answered


@pytest.mark.parametrize(
    "args", [REFERENCE, (1.0, 10.0, 5, 8.0), (0.5, 8.0, 5, 6.0)], ids=["50", "overload", "5"]
)
def test_lifo_by_simulation(args):
    """The exact values lie within the 99.9 % interval of 16 independent runs (t, 15 df).

    Half-width for the reference about 3 % of the abandonment; chance of a false alarm about
    one in 100 for all nine comparisons, but the seeds are fixed.
    """
    runs = np.array([simulate(*args, 25_000, seed) for seed in range(16)])
    exact = mmn_d_lifo(*args)
    half = stats.t.ppf(0.9995, 15) * runs.std(axis=0, ddof=1) / 4.0
    for value, mean, width in zip(
        (exact.abandonment, exact.delayed, exact.asa_s), runs.mean(axis=0), half, strict=True
    ):
        assert abs(value - mean) < width
        assert width < 0.1 * value


@pytest.mark.parametrize("rho", [0.3, 0.95, 1.0, 1.4])
def test_lifo_law_by_first_passage(rho):
    """The tagged call's wait is a first passage of a birth-death chain (matrix exponential).

    State: the later calls waiting; freed agents at rate n mu, arrivals at rate lambda.
    """
    n, service, timeout = 5, 20.0, 25.0
    capacity = n / service
    rate = rho * capacity
    levels = 120
    up, down = np.full(levels - 1, rate), np.full(levels - 1, capacity)
    chain = sparse.diags([up, down], [1, -1], format="lil")
    chain.setdiag(-(rate + capacity))
    start = np.zeros(levels)
    start[0] = 1.0
    measures = mmn_d_lifo(rate, service, n, timeout)
    transposed = sparse.csc_matrix(chain.T)
    for t in (1.0, 10.0, 24.999):
        alive = expm_multiply(transposed * t, start).sum()
        assert measures.wait_tail(t) / measures.delayed == pytest.approx(alive, rel=1e-8)
    alive = expm_multiply(transposed * timeout, start).sum()
    lost = measures.abandonment
    assert lost / measures.delayed == pytest.approx(alive, rel=1e-8)
    # delay by the flow through the agents, from the truncated Poisson law in full
    load = rate * service
    weights = [load**k / math.factorial(k) for k in range(n)]
    below = sum(k * w for k, w in enumerate(weights)) / sum(weights)
    busy = (1.0 - measures.delayed) * below + measures.delayed * n
    assert load * (1.0 - lost) == pytest.approx(busy, rel=1e-10)


def test_lifo_limits():
    """No patience: Erlang B. Long patience: Erlang C, with the second moment of LIFO."""
    rate, service, n = 0.2, 30.0, 8
    none = mmn_d_lifo(rate, service, n, 1e-9)
    assert none.abandonment == pytest.approx(erlang_b(n, 6.0), rel=1e-7)
    long, c = mmn_d_lifo(rate, service, n, 1e4), mmn(rate, service, n)
    assert long.delayed == pytest.approx(c.delayed, rel=1e-8)
    assert long.asa_s == pytest.approx(c.wait_mean_s, rel=1e-8)
    second = long.wait_sd_s**2 + long.wait_mean_s**2
    expected = mmc_wait_second_moment(rate, service, n, "lifo")
    assert second == pytest.approx(expected, rel=1e-7)
    # overload for ever: the busy period never ends with probability 1 - n mu/lambda
    over = mmn_d_lifo(1.0, 30.0, 8, 1e6)
    assert over.abandonment / over.delayed == pytest.approx(1.0 - 8.0 / 30.0, rel=1e-9)


@pytest.mark.parametrize("n", [44, 47, 48, 50, 60, 90])
def test_lifo_against_fifo(n):
    """Newest first loses more calls than oldest first, and delays fewer (here, by number)."""
    newest, oldest = (f(9.5 / 60.0, 300.0, n, 100.0) for f in (mmn_d_lifo, mmn_d))
    assert newest.abandonment >= oldest.abandonment * (1.0 - 1e-9)
    assert newest.delayed <= oldest.delayed * (1.0 + 1e-9)
    for t in (0.0, 10.0, 60.0, 100.0):
        total = newest.answered_within(t) + newest.abandoned_within(t) + newest.wait_tail(t)
        assert total == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("rate", [16.0, 33.3, 100 / 3, 40.0])
def test_lifo_at_ten_thousand_agents(rate):
    """10,000 agents: shares in range, answered flow equal to the fluid's when overloaded."""
    measures = mmn_d_lifo(rate, 300.0, 10_000, 100.0)
    assert 0.0 <= measures.abandonment < 0.2
    assert measures.occupancy <= 1.0
    if rate == 40.0:
        assert measures.abandonment == pytest.approx(1.0 / 6.0, rel=1e-6)
