"""A window of M/M/n + M: against the stationary formulas, the day, and its own laws."""

import numpy as np
import pytest

from sim.theory.erlang import erlang_a, mmn
from sim.theory.single_server import mmc_wait_second_moment
from sim.theory.time_varying import Steps, day
from sim.theory.window import Window

SYSTEM = (0.1, 90.0, 8)
PATIENCE_S = 60.0
NAMES = ("abandonment", "delayed", "wait_mean_s", "queue_length_mean", "occupancy")


def test_first_come_from_the_stationary_law_is_erlang_a():
    """Claim: a window that begins in the stationary state has the stationary measures."""
    found = Window(*SYSTEM, 1800.0, patience_mean_s=PATIENCE_S, start=None)
    known = erlang_a(*SYSTEM, PATIENCE_S)
    for name in (*NAMES, "asa_s"):
        assert getattr(found, name) == pytest.approx(getattr(known, name), rel=1e-8)
    assert found.answered_within(20.0) == pytest.approx(known.answered_within(20.0), rel=1e-8)
    assert found.wait_quantile_s(0.9) == pytest.approx(known.wait_quantile_s(0.9), rel=1e-6)


@pytest.mark.parametrize("discipline", ["fifo", "lifo", "random"])
def test_from_empty_it_is_the_day(discipline):
    """Claim: what does not depend on the order of service is that of `time_varying.day`."""
    found = Window(*SYSTEM, 1800.0, patience_mean_s=PATIENCE_S, discipline=discipline)
    rate, agents = Steps((0.0,), (SYSTEM[0],)), Steps((0.0,), (float(SYSTEM[2]),))
    known = day(rate, SYSTEM[1], agents, 1800.0, patience_mean_s=PATIENCE_S).measures()
    for name in NAMES:
        assert getattr(found, name) == pytest.approx(getattr(known, name), rel=1e-8)


@pytest.mark.parametrize("discipline", ["fifo", "lifo", "random"])
def test_the_mean_wait_is_the_integral_of_the_tail(discipline):
    """Claim: the two routes to the wait, one by value functions and one by time, agree."""
    found = Window(
        *SYSTEM, 1800.0, patience_mean_s=PATIENCE_S, discipline=discipline, warmup_s=600.0
    )
    x, w = np.polynomial.legendre.leggauss(6)
    edges = np.array([0.0, 15.0, 45.0, 120.0, 300.0, 700.0])
    t = (edges[:-1, None] + np.diff(edges)[:, None] * (x + 1.0) / 2.0).ravel()
    weights = (np.diff(edges)[:, None] * w / 2.0).ravel()
    mean = sum(b * found.wait_tail(a) for a, b in zip(t.tolist(), weights.tolist(), strict=True))
    assert mean == pytest.approx(found.wait_mean_s, rel=1e-5)


@pytest.mark.parametrize("discipline", ["lifo", "random"])
def test_a_longer_window_adds_stationary_calls(discipline):
    """Claim: from the stationary law, what a longer window has more is stationary: E W and E W^2
    of M/M/c, by order of service. (What the horizon does to the last calls is in both.)"""
    rate, service, n = 0.03, 60.0, 3
    short, long = (
        Window(rate, service, n, length, discipline=discipline, start=None)
        for length in (6000.0, 8000.0)
    )
    assert short.abandonment == 0.0 and short.asa_s == short.wait_mean_s
    mean = 4.0 * long.wait_mean_s - 3.0 * short.wait_mean_s
    assert mean == pytest.approx(mmn(rate, service, n).wait_mean_s, rel=1e-6)
    x, w = np.polynomial.legendre.leggauss(6)
    edges = np.array([0.0, 60.0, 300.0, 1000.0, 2500.0, 5000.0])
    t = (edges[:-1, None] + np.diff(edges)[:, None] * (x + 1.0) / 2.0).ravel()
    weights = (np.diff(edges)[:, None] * w / 2.0).ravel()
    square = sum(
        2.0 * a * b * (4.0 * long.wait_tail(a) - 3.0 * short.wait_tail(a))
        for a, b in zip(t.tolist(), weights.tolist(), strict=True)
    )
    known = mmc_wait_second_moment(rate, service, n, discipline)
    assert square == pytest.approx(known, rel=1e-3)


def test_the_order_of_service_moves_waits_only():
    """Claim: last come first served answers more at once and keeps others longer."""
    first, last = (
        Window(*SYSTEM, 3600.0, patience_mean_s=PATIENCE_S, discipline=d) for d in ("fifo", "lifo")
    )
    assert last.answered_within(20.0) > first.answered_within(20.0)
    assert last.asa_s < first.asa_s


def test_a_busy_start_and_its_end():
    """Claim: all agents busy at the start delay more calls, a long warm-up forgets it."""
    empty, busy = (Window(*SYSTEM, 900.0, patience_mean_s=PATIENCE_S, start=k) for k in (0, 8))
    assert busy.delayed > empty.delayed
    late = [
        Window(*SYSTEM, 9000.0, patience_mean_s=PATIENCE_S, start=k, warmup_s=7200.0).delayed
        for k in (0, 8, None)
    ]
    assert late == pytest.approx([late[2]] * 3, rel=1e-9)


def test_a_quantile_among_calls_answered_at_once_is_zero():
    """Claim: with almost nobody delayed half of the calls wait 0 s."""
    assert Window(0.01, 60.0, 8, 3600.0).wait_quantile_s(0.5) == 0.0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"discipline": "sjf"}, "unknown discipline"),
        ({"warmup_s": 3600.0}, "warm-up must lie"),
        ({"start": 9}, "at most all 8 agents"),
        ({"start": None, "patience_mean_s": None, "arrival_rate_per_s": 0.2}, "no stationary law"),
        ({"patience_mean_s": None, "arrival_rate_per_s": 2.0}, "too long a line"),
    ],
)
def test_what_cannot_be(change, told):
    """Claim: each impossible request says why."""
    given = {
        "arrival_rate_per_s": 0.1, "service_mean_s": 90.0, "n_agents": 8, "horizon_s": 3600.0,
        "patience_mean_s": 60.0,
    }  # fmt: skip
    with pytest.raises(ValueError, match=told):
        Window(**(given | change))


def test_a_quantile_needs_a_level_below_one():
    """Claim: the quantile of everything is refused."""
    with pytest.raises(ValueError, match=r"\[0, 1\)"):
        Window(*SYSTEM, 900.0).wait_quantile_s(1.0)
