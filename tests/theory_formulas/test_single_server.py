"""Moments of the wait by order of service, and priority, by Markov chains."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.linalg import spsolve

from sim.theory.chains import explore, stationary
from sim.theory.erlang import mmn
from sim.theory.single_server import (
    mg1_priority_wait_means,
    mg1_wait_mean,
    mg1_wait_second_moment,
    mmc_priority_wait_means,
    mmc_wait_second_moment,
)
from sim.theory.tag_systems import TagPool, TagQueue, tag_system


def erlang_moments(mean, k):
    """E S, E S^2, E S^3 of k exponential phases with this total mean."""
    unit = mean / k
    return mean, k * (k + 1) * unit**2, k * (k + 1) * (k + 2) * unit**3


def wait_moments_by_chain(rate, mean, k, discipline, levels=220):
    """E W and E W^2 in M/E_k/1: the stationary chain, and the tagged call's own chain.

    The tagged call's chain has states (others waiting that count, phase of the call in
    service); its moments solve two linear systems.
    """
    fast = k / mean

    def moves(state):
        number, phase = state
        if number < levels:
            yield ((number + 1, phase if number else 1), rate)
        if number:
            if phase < k:
                yield ((number, phase + 1), fast)
            else:
                yield ((number - 1, 1 if number > 1 else 0), fast)

    states, generator = explore((0, 0), moves)
    law = dict(zip(states, stationary(generator), strict=True))
    # tagged: others j = 0..levels-1 that may be served before it, phases 1..k
    size = levels * k
    rows, columns, rates = [], [], []

    def move(source, target, value):
        rows.append(source)
        columns.append(source)
        rates.append(-value)
        if target is not None:
            rows.append(source)
            columns.append(target)
            rates.append(value)

    for j in range(levels):
        for phase in range(1, k + 1):
            here = j * k + phase - 1
            if discipline != "fifo" and j + 1 < levels:
                move(here, here + k, rate)
            if phase < k:
                move(here, here + 1, fast)
            elif discipline == "random":
                move(here, None, fast / (j + 1))
                if j:
                    move(here, (j - 1) * k, fast * j / (j + 1))
            else:
                move(here, (j - 1) * k if j else None, fast)
    chain = sparse.csc_matrix((rates, (rows, columns)), shape=(size, size))
    first = spsolve(chain, -np.ones(size))
    second = spsolve(chain, -2.0 * first)
    mean_wait = square = 0.0
    for (number, phase), p in law.items():
        if number and number < levels:
            ahead = 0 if discipline == "lifo" else number - 1
            mean_wait += p * first[ahead * k + phase - 1]
            square += p * second[ahead * k + phase - 1]
    return mean_wait, square


@pytest.mark.parametrize("discipline", ["fifo", "lifo", "random"])
@pytest.mark.parametrize(("rho", "k"), [(0.3, 1), (0.7, 1), (0.6, 2), (0.7, 4)])
def test_second_moments_by_order_of_service(discipline, rho, k):
    """E W and E W^2 in M/E_k/1, first, last or random, equal an exact Markov chain's."""
    service = 3.0
    rate = rho / service
    mean, square = wait_moments_by_chain(rate, service, k, discipline)
    moments = erlang_moments(service, k)
    assert mg1_wait_mean(rate, *moments[:2]) == pytest.approx(mean, rel=1e-8)
    assert mg1_wait_second_moment(rate, *moments, discipline) == pytest.approx(square, rel=1e-7)


@given(st.floats(0.05, 0.95), st.floats(0.1, 10.0), st.floats(0.0, 3.0))
def test_second_moments_by_composition(rho, service, cv2):
    """fifo as a geometric sum of residual services, lifo as a delay busy period.

    A gamma service law. fifo: W = Y_1 + ... + Y_N, P(N >= n) = rho^n (Beneš). lifo: 0 with
    probability 1 - rho, else the busy period started by a residual service Y, with
    E B^2 = E Y^2/(1-rho)^2 + lambda E S^2 E Y/(1-rho)^3.
    """
    rate = rho / service
    s2 = service**2 * (1.0 + cv2)
    s3 = service**3 * (1.0 + cv2) * (1.0 + 2.0 * cv2)
    y1, y2 = s2 / (2.0 * service), s3 / (3.0 * service)
    n1 = rho / (1.0 - rho)
    n2 = rho / (1.0 - rho) ** 2  # variance of N
    fifo = n1 * (y2 - y1 * y1) + n2 * y1 * y1 + (n1 * y1) ** 2
    value = mg1_wait_second_moment(rate, service, s2, s3)
    assert value == pytest.approx(fifo, rel=1e-9)
    lifo = rho * (y2 / (1.0 - rho) ** 2 + rate * s2 * y1 / (1.0 - rho) ** 3)
    assert mg1_wait_second_moment(rate, service, s2, s3, "lifo") == pytest.approx(lifo, rel=1e-8)
    assert mg1_wait_mean(rate, service, s2) == pytest.approx(n1 * y1, rel=1e-9)


@pytest.mark.parametrize("discipline", ["fifo", "lifo", "random"])
@pytest.mark.parametrize("rho", [0.4, 0.8])
def test_many_agents_second_moments(discipline, rho):
    """M/M/c: delay probability times the second moment of M/M/1 at rate c mu, given a wait."""
    n, service = 6, 12.0
    rate = rho * n / service
    _, square = wait_moments_by_chain(rate, service / n, 1, discipline)
    expected = mmn(rate, service, n).delayed * square / rho  # P(delay) of M/M/1 is rho
    value = mmc_wait_second_moment(rate, service, n, discipline)
    assert value == pytest.approx(expected, rel=1e-6)
    if discipline == "fifo":
        c = mmn(rate, service, n)
        assert value == pytest.approx(c.wait_sd_s**2 + c.wait_mean_s**2, rel=1e-10)


def test_simple_cases():
    """M/M/1 is M/G/1; one class is no priority; M/D/1 waits half as long as M/M/1."""
    assert mg1_wait_mean(0.1, 6.0, 72.0) == pytest.approx(mmn(0.1, 6.0, 1).wait_mean_s)
    assert mg1_wait_mean(0.1, 6.0, 36.0) == pytest.approx(mmn(0.1, 6.0, 1).wait_mean_s / 2.0)
    assert mmc_priority_wait_means([0.5], 6.0, 4) == pytest.approx([mmn(0.5, 6.0, 4).wait_mean_s])
    assert mg1_priority_wait_means([0.1], [6.0], [50.0]) == pytest.approx(
        [mg1_wait_mean(0.1, 6.0, 50.0)]
    )


@pytest.mark.parametrize("n", [1, 3])
def test_priority_by_chain(n):
    """Two classes in M/M/c with non-preemptive priority equal the tag system's chain."""
    rates, service, room = [0.05, 0.06], 5.0 * n, 60
    queues = [TagQueue(rate, service, room) for rate in rates]
    system = tag_system(queues, [TagPool(n, (0, 1))], "priority")
    waits = mmc_priority_wait_means(rates, service, n)
    for queue, wait in zip(system.queues, waits, strict=True):
        assert queue.blocked_share < 1e-8
        assert queue.wait_mean_s == pytest.approx(wait, rel=1e-5)


def test_priority_with_different_services_by_chain():
    """M/G/1 with two classes of different exponential services equals the chain (Cobham)."""
    rates, means = [0.05, 0.03], [4.0, 12.0]
    queues = [TagQueue(r, s, 70) for r, s in zip(rates, means, strict=True)]
    system = tag_system(queues, [TagPool(1, (0, 1))], "priority")
    waits = mg1_priority_wait_means(rates, means, [2.0 * s * s for s in means])
    for queue, wait in zip(system.queues, waits, strict=True):
        assert queue.wait_mean_s == pytest.approx(wait, rel=1e-6)


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=5), st.floats(1.1, 3.0))
def test_conservation_over_classes(rates, slack):
    """Kleinrock's conservation law: the load-weighted mean wait does not depend on priority."""
    service, n = 7.0, 4
    scale = n / service / (slack * math.fsum(rates))
    rates = [scale * rate for rate in rates]
    waits = mmc_priority_wait_means(rates, service, n)
    total = math.fsum(rates)
    mixed = math.fsum(r * w for r, w in zip(rates, waits, strict=True)) / total
    assert mixed == pytest.approx(mmn(total, service, n).wait_mean_s, rel=1e-9)
    assert all(a < b for a, b in pairwise(waits))


@pytest.mark.parametrize(
    "call",
    [
        lambda: mg1_wait_mean(1.0, 1.0, 2.0), lambda: mg1_wait_mean(0.5, 1.0, 0.5),
        lambda: mg1_wait_second_moment(0.5, 1.0, 2.0, 1.0),
        lambda: mmc_wait_second_moment(2.0, 1.0, 2),
        lambda: mmc_wait_second_moment(1.0, 1.0, 2, "sideways"),
        lambda: mmc_priority_wait_means([0.5, 1.5], 1.0, 2),
        lambda: mg1_priority_wait_means([0.5, 0.6], [1.0, 1.0], [2.0, 2.0]),
        lambda: mg1_priority_wait_means([0.5], [1.0, 1.0], [2.0, 2.0]),
    ],
)  # fmt: skip
def test_full_load_and_bad_input_are_value_errors(call):
    """At or above full load, and for impossible moments, ValueError."""
    with pytest.raises(ValueError):
        call()
