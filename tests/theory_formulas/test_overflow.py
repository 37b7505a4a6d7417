"""Overflow at once: the chain against Erlang, Kosten and Riordan, and single calls by explore."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.theory.chains import explore, stationary
from sim.theory.erlang import erlang_b, mmnk_m
from sim.theory.overflow import overflow, overflow_mean_variance


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 8), st.integers(1, 6), st.floats(0.01, 0.2))
def test_two_like_pools_without_a_line_are_one(n_first, n_second, rate):
    """With equal services and no line, both pools together are one loss system."""
    measures = overflow(rate, 50.0, n_first, 0.0, 50.0, n_second, max_waiting=0)
    lost = measures.overflowed_share * measures.blocked_share
    assert measures.overflowed_share == pytest.approx(erlang_b(n_first, 50.0 * rate), rel=1e-9)
    assert lost == pytest.approx(erlang_b(n_first + n_second, 50.0 * rate), rel=1e-9)


@pytest.mark.parametrize("n_first", [0, 3, 8])
def test_overflow_traffic_is_kostens(n_first):
    """In an ample second pool the number busy has the mean and variance of Kosten and Riordan."""
    measures = overflow(0.1, 50.0, n_first, 0.0, 50.0, 40, max_waiting=0)
    k = np.arange(41)
    law = np.array(measures.busy_law)
    mean, variance = overflow_mean_variance(n_first, 5.0)
    assert law @ k == pytest.approx(mean, rel=1e-9)
    assert law @ (k - mean) ** 2 == pytest.approx(variance, rel=1e-9)
    if n_first:
        assert variance > mean  # rougher than Poisson


@pytest.mark.parametrize(("room", "patience"), [(None, 40.0), (None, None), (3, 60.0)])
def test_without_a_first_pool_all_join_the_second(room, patience):
    """No agents in the first pool: M/M/n/n+K+M with both streams."""
    measures = overflow(0.03, 50.0, 0, 0.02, 50.0, 4, patience_mean_s=patience, max_waiting=room)
    exact = mmnk_m(0.05, 50.0, 4, room, patience)
    for name in ("blocked_share", "delayed", "abandonment", "wait_mean_s", "queue_length_mean"):
        assert getattr(measures, name) == pytest.approx(getattr(exact, name), rel=1e-9), name
    assert measures.occupancy[1] == pytest.approx(exact.occupancy, rel=1e-9)
    assert measures.cut_share <= 1e-12


def test_against_a_chain_made_call_by_call():
    """Unequal services, own calls, patience and a room of 4: states found by their moves."""
    rate_1, s_1, n_1, rate_2, s_2, n_2, patience, room = 0.06, 50.0, 2, 0.02, 80.0, 2, 45.0, 4

    def second(state):
        busy, talking, line = state
        if talking < n_2:
            return busy, talking + 1, line
        return (busy, talking, line + 1) if line < room else state

    def moves(state):
        busy, talking, line = state
        yield ((busy + 1, talking, line) if busy < n_1 else second(state)), rate_1
        yield second(state), rate_2
        if busy:
            yield (busy - 1, talking, line), busy / s_1
        if talking:
            yield (busy, talking - (not line), line - (line > 0)), talking / s_2
        if line:
            yield (busy, talking, line - 1), line / patience

    states, generator = explore((0, 0, 0), moves)
    law = stationary(generator)
    busy, talking, line = np.array(states).T
    flow = law * (rate_2 + rate_1 * (busy == n_1))
    taken = flow[line < room].sum()
    measures = overflow(
        rate_1, s_1, n_1, rate_2, s_2, n_2, patience_mean_s=patience, max_waiting=room
    )
    assert measures.blocked_share == pytest.approx(flow[line == room].sum() / flow.sum(), rel=1e-10)
    late = flow[(talking == n_2) & (line < room)].sum()
    assert measures.delayed == pytest.approx(late / taken, rel=1e-10)
    assert measures.wait_mean_s == pytest.approx(law @ line / taken, rel=1e-10)
    assert measures.abandonment == pytest.approx(law @ line / patience / taken, rel=1e-10)
    answered = taken * (1.0 - measures.abandonment)
    assert measures.occupancy[1] == pytest.approx(answered * s_2 / n_2, rel=1e-10)
    assert measures.occupancy[0] == pytest.approx(
        rate_1 * s_1 * (1.0 - measures.overflowed_share) / n_1, rel=1e-10
    )
    every = rate_1 + rate_2 - flow[line == room].sum()
    assert measures.total_abandonment == pytest.approx(law @ line / patience / every, rel=1e-10)


@pytest.mark.parametrize(
    "change",
    [
        {"n_first": -1}, {"n_second": 0}, {"second_rate_per_s": -0.1}, {"max_waiting": -1},
        {"patience_mean_s": 0.0}, {"second_rate_per_s": 0.1}, {"n_first": 10**6},
    ],
)  # fmt: skip
def test_bad_overflow_is_a_value_error(change):
    """Invalid numbers, a line without bound, a chain too large."""
    given_ = {
        "first_rate_per_s": 0.05, "first_service_s": 50.0, "n_first": 2,
        "second_rate_per_s": 0.01, "second_service_s": 50.0, "n_second": 2,
    }  # fmt: skip
    with pytest.raises(ValueError):
        overflow(**(given_ | change))
