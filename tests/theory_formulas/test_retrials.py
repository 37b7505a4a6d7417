"""Retrials against Erlang, the M/M/1/1 retrial queue, and a chain made caller by caller."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.theory.chains import explore, stationary
from sim.theory.erlang import mmnk_m
from sim.theory.retrials import retrials

NAMES = (
    "blocked_share", "abandonment", "delayed", "wait_mean_s", "queue_length_mean", "occupancy"
)  # fmt: skip


@pytest.mark.parametrize("order", ["fifo", "random"])
@pytest.mark.parametrize(
    ("room", "patience", "change"),
    [
        (None, 40.0, {"retry_probability": 0.0}),
        (3, 40.0, {"retry_probability": 1.0, "max_attempts": 1}),
        (0, None, {"retry_probability": 0.0, "max_attempts": 3}),
    ],
)
def test_who_never_calls_again_makes_an_erlang_queue(order, room, patience, change):
    """No chance to call again, or no attempt left: M/M/n/n+K+M."""
    measures = retrials(
        0.1, 50.0, 5, retry_delay_mean_s=60.0, patience_mean_s=patience, max_waiting=room,
        order=order, **change,
    )  # fmt: skip
    exact = mmnk_m(0.1, 50.0, 5, room, patience)
    for name in NAMES:
        assert getattr(measures, name) == pytest.approx(getattr(exact, name), rel=1e-9), name
    assert measures.retry_share == measures.orbit_mean == 0.0
    assert measures.first_attempt_abandonment == pytest.approx(exact.abandonment, rel=1e-9)
    if order == "fifo":
        assert measures.asa_s == pytest.approx(exact.asa_s, rel=1e-9)


@pytest.mark.parametrize(("load", "delay"), [(0.3, 100.0), (0.6, 20.0)])
def test_one_agent_without_a_line(load, delay):
    """M/M/1/1 with everybody calling again: E orbit = (rho^2 + lambda rho delay) / (1 - rho).

    [Falin and Templeton 1997, ch. 1.] The agent is busy a share rho of the time, and every
    caller is served in the end, so that the blocked are as many as the retries.
    """
    rate = load / 50.0
    measures = retrials(
        rate, 50.0, 1, retry_probability=1.0, retry_delay_mean_s=delay, max_waiting=0
    )
    orbit = (load**2 + rate * load * delay) / (1.0 - load)
    assert measures.orbit_mean == pytest.approx(orbit, rel=1e-7)
    assert measures.occupancy == pytest.approx(load, rel=1e-9)
    retries = orbit / delay
    assert measures.blocked_share == pytest.approx(retries / (rate + retries), rel=1e-7)
    assert measures.lost_share == pytest.approx(0.0, abs=1e-9)


def caller_by_caller(order, max_attempts, room, patience, p):
    """Abandonment, of first attempts too, retry share and orbit: callers as lists of attempts."""
    rate, service, n, delay, most = 0.012, 40.0, 2, 15.0, 8

    def again(orbit, attempt):
        if attempt == max_attempts or len(orbit) == most:
            return [(orbit, 1.0)]
        then = attempt + 1 if max_attempts else 2
        return [(tuple(sorted((*orbit, then))), p), (orbit, 1.0 - p)]

    def call(busy, line, orbit, attempt, by):
        if busy < n:
            return [((busy + 1, line, orbit), by)]
        if len(line) < room:
            return [((busy, (*line, attempt), orbit), by)]
        return [((busy, line, o), by * c) for o, c in again(orbit, attempt)]

    def without(items, i):
        return items[:i] + items[i + 1 :]

    def moves(state):
        busy, line, orbit = state
        yield from call(busy, line, orbit, 1, rate)
        for i, attempt in enumerate(orbit):
            yield from call(busy, line, without(orbit, i), attempt, 1.0 / delay)
        if not line:
            yield (max(busy - 1, 0), line, orbit), busy / service
        elif order == "fifo":
            yield (busy, line[1:], orbit), busy / service
        else:
            for i in range(len(line)):
                yield (busy, without(line, i), orbit), busy / service / len(line)
        for i, attempt in enumerate(line):
            for o, c in again(orbit, attempt):
                yield (busy, without(line, i), o), c / patience

    states, generator = explore((0, (), ()), moves)
    law = stationary(generator)
    open_ = np.array([busy < n or len(line) < room for busy, line, _ in states])
    orbit = np.array([len(o) for _, _, o in states])
    waiting = law @ [len(line) for _, line, _ in states]
    first = law @ [line.count(1) for _, line, _ in states]
    joined = (law * (rate + orbit / delay))[open_].sum()
    return {
        "abandonment": waiting / patience / joined,
        "first_attempt_abandonment": first / patience / (rate * law[open_].sum()),
        "retry_share": (law * orbit / delay)[open_].sum() / joined,
        "blocked_share": 1.0 - joined / (law @ (rate + orbit / delay)),
        "wait_mean_s": waiting / joined,
        "orbit_mean": law @ orbit,
    }


@pytest.mark.parametrize("order", ["fifo", "random"])
@pytest.mark.parametrize("max_attempts", [None, 2, 3])
def test_against_callers_one_by_one(order, max_attempts):
    """All orders and limits, a room of 2; without a limit fifo by what Poisson arrivals see."""
    exact = caller_by_caller(order, max_attempts, 2, 30.0, 0.5)
    measures = retrials(
        0.012, 40.0, 2, retry_probability=0.5, retry_delay_mean_s=15.0, patience_mean_s=30.0,
        max_attempts=max_attempts, max_waiting=2, order=order,
    )  # fmt: skip
    for name, value in exact.items():
        # the chain of callers keeps 8 of them in orbit, where with 5 it would be 2e-8 off
        assert getattr(measures, name) == pytest.approx(value, rel=1e-8), name


def test_order_matters_when_attempts_are_limited():
    """Who abandons decides who calls again: fifo and random differ, if by little."""
    args = {
        "retry_probability": 0.8, "retry_delay_mean_s": 20.0, "patience_mean_s": 40.0,
        "max_attempts": 2, "max_waiting": 4,
    }  # fmt: skip
    fifo, random = (retrials(0.1, 50.0, 4, order=order, **args) for order in ("fifo", "random"))
    assert abs(fifo.abandonment - random.abandonment) > 1e-5
    unlimited = args | {"max_attempts": None}
    fifo, random = (
        retrials(0.1, 50.0, 4, order=order, **unlimited) for order in ("fifo", "random")
    )
    for name in NAMES:
        assert getattr(fifo, name) == pytest.approx(getattr(random, name), rel=1e-8), name


@settings(deadline=None, max_examples=25)
@given(
    st.floats(0.01, 0.12), st.integers(1, 4), st.floats(0.0, 1.0), st.sampled_from([5.0, 60.0]),
    st.sampled_from([1, 2, 3, None]), st.sampled_from([0, 2]),
)  # fmt: skip
def test_callers_are_served_or_lost(rate, n, p, delay, most, room):
    """Callers balance: by agents, by attempts, and by those who come back."""
    if most is None and p > 0.9:
        p = 0.9
    measures = retrials(
        rate, 40.0, n, retry_probability=p, retry_delay_mean_s=delay, max_attempts=most,
        patience_mean_s=25.0, max_waiting=room,
    )  # fmt: skip
    retries = measures.orbit_mean / delay
    joined = (rate + retries) * (1.0 - measures.blocked_share)
    answered = joined * (1.0 - measures.abandonment)
    assert answered * 40.0 / n == pytest.approx(measures.occupancy, rel=1e-8)
    assert 1.0 - measures.lost_share == pytest.approx(answered / rate, rel=1e-8)
    if most is None:
        assert retries == pytest.approx(p * (rate + retries - answered), rel=1e-7, abs=1e-12)
    assert measures.cut_share <= 1e-10


@pytest.mark.parametrize(
    "change",
    [
        {"retry_probability": 1.1}, {"retry_delay_mean_s": 0.0}, {"max_attempts": 0},
        {"max_waiting": -1}, {"order": "lifo"}, {"patience_mean_s": -1.0},
        {"max_waiting": None, "service_mean_s": 300.0},
        {"retry_probability": 1.0, "service_mean_s": 300.0},
    ],
)  # fmt: skip
def test_bad_retrials_are_value_errors(change):
    """Invalid numbers, and callers who never give up at full load."""
    given_ = {
        "arrival_rate_per_s": 0.01, "service_mean_s": 50.0, "n_agents": 2,
        "retry_probability": 0.5, "retry_delay_mean_s": 60.0, "max_waiting": 0,
    }  # fmt: skip
    with pytest.raises(ValueError):
        retrials(**(given_ | change))
