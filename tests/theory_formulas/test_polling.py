"""Polling: the chain at the ticks against a server with setup, Erlang A, and balance of flows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.theory.erlang import erlang_a
from sim.theory.polling import polled


@pytest.mark.parametrize(("start", "after"), [(4.0, 7.0), (0.0, 7.0), (30.0, 15.0)])
def test_with_agents_enough_the_loop_is_a_server_with_setup(start, after):
    """The loop serves the line, one call each `next_s`, and is set up for `start_delay_s`.

    M/D/1 with setup D: E W = rate S^2 / (2 (1 - rate S)) + (2 D + rate D^2) / (2 (1 + rate D))
    (Takagi 1991).
    """
    rate = 0.05
    wait = rate * after**2 / (2.0 * (1.0 - rate * after))
    wait += (2.0 * start + rate * start**2) / (2.0 * (1.0 + rate * start))
    polls = polled(rate, 5.0, 15, start_delay_s=start, retry_s=10.0, next_s=after)
    assert polls.wait_mean_s == pytest.approx(wait, rel=1e-9)
    assert polls.occupancy == pytest.approx(rate * 5.0 / 15, rel=1e-12)


@pytest.mark.parametrize("patience", [60.0, 20.0])
def test_ever_finer_ticks_are_immediate_dispatch(patience):
    """Erlang A is the limit, and the error falls with the interval: a tenth makes a tenth."""
    exact = erlang_a(0.1, 60.0, 7, patience)
    errors = []
    for tick in (0.1, 0.01):
        polls = polled(
            0.1, 60.0, 7, start_delay_s=tick, retry_s=tick, next_s=tick, patience_mean_s=patience
        )
        errors.append(polls.wait_mean_s - exact.wait_mean_s)
    assert 0.0 < errors[0] < 0.1
    assert errors[1] == pytest.approx(errors[0] / 10.0, rel=0.02)


def test_overload_with_patience():
    """Sixteen times the work that three agents can do: 1 - 3 / 48 abandon, as every agent is busy.

    Freed agents idle half a tick of 1/100 s on average, of 60 s of work.
    """
    polls = polled(
        0.8, 60.0, 3, start_delay_s=0.01, retry_s=0.01, next_s=0.01, patience_mean_s=60.0
    )
    assert polls.abandonment == pytest.approx(1.0 - 3 / 48, rel=1e-4)
    assert polls.occupancy == pytest.approx(1.0 - 0.005 / 60.0, rel=1e-6)


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 5),
    st.floats(0.0, 5.0),
    st.floats(0.1, 8.0),
    st.floats(0.1, 8.0),
    st.one_of(st.none(), st.floats(5.0, 100.0)),
)
def test_agents_are_busy_with_what_is_answered(n, start, retry, after, patience):
    """Occupancy from the chain is that of the answered calls: rate (1 - abandoned) service / n."""
    rate, service = 0.02, 20.0
    polls = polled(
        rate, service, n,
        start_delay_s=start, retry_s=retry, next_s=after, patience_mean_s=patience,
    )  # fmt: skip
    assert polls.occupancy == pytest.approx(rate * (1 - polls.abandonment) * service / n, rel=1e-9)


@pytest.mark.parametrize(
    "change",
    [
        {"start_delay_s": -1.0}, {"retry_s": 0.0}, {"next_s": 0.0}, {"patience_mean_s": 0.0},
        {"arrival_rate_per_s": 0.2}, {"next_s": 50.0},
    ],
)  # fmt: skip
def test_bad_polling_is_a_value_error(change):
    """Invalid numbers; more work than agents; more calls than ticks."""
    given_ = {
        "arrival_rate_per_s": 0.03, "service_mean_s": 20.0, "n_agents": 1,
        "start_delay_s": 0.0, "retry_s": 1.0, "next_s": 1.0,
    }  # fmt: skip
    with pytest.raises(ValueError):
        polled(**(given_ | change))
