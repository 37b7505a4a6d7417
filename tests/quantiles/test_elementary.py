"""Our own logarithm and exponential beside the C library's."""

from __future__ import annotations

import math
from collections.abc import Callable

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.quantiles.elementary import exp, log
from sim.quantiles.table import LEAST, MOST
from sim.workload.streams import name_key, uniforms


@numba.njit
def logs(x: np.ndarray, out: np.ndarray) -> None:
    for i in range(x.size):
        out[i] = log(x[i])


@numba.njit
def exps(x: np.ndarray, out: np.ndarray) -> None:
    for i in range(x.size):
        out[i] = exp(x[i])


def of(compiled: Callable[[np.ndarray, np.ndarray], None], x: np.ndarray) -> np.ndarray:
    out = np.empty(x.size)
    compiled(x, out)
    return out


def ulps(ours: np.ndarray, theirs: list[float]) -> float:
    """The greatest distance in units in the last place."""
    exact = np.array(theirs)
    return float(np.max(np.abs(ours - exact) / np.spacing(np.abs(exact))))


@pytest.mark.parametrize(
    "region", ["uniforms", "near_one", "powers", "range", "around_sqrt_half", "extremes"]
)
def test_log_is_within_one_unit_in_the_last_place(region: str) -> None:
    """Claim: |log(x) - math.log(x)| <= 1 ulp for positive normal x."""
    rng = np.random.default_rng(7)
    near = np.concatenate([1 + k * np.arange(1, 60) * 2.0**-52 for k in (1, -0.5)])
    x = {
        "uniforms": 1.0 - uniforms(name_key(1, "log", "x"), 0, 100_000),
        "near_one": np.concatenate((near, 1 + rng.uniform(-1e-3, 1e-3, 50_000))),
        "powers": 2.0 ** np.arange(-1022.0, 1024.0),
        "range": 2.0 ** rng.uniform(-1021, 1023, 100_000),
        "around_sqrt_half": math.sqrt(0.5) * (1 + rng.uniform(-1e-9, 1e-9, 20_000)),
        "extremes": np.array([LEAST, 2.0**-52, MOST, 2.2250738585072014e-308, 1.7e308, 1.0]),
    }[region]
    x = x[x != 1.0]
    assert ulps(of(logs, x), [math.log(v) for v in x.tolist()]) <= 1.0
    assert of(logs, np.array([1.0]))[0] == 0.0


@given(st.floats(min_value=2.2250738585072014e-308, allow_infinity=False))
@settings(max_examples=500, deadline=None)
def test_log_of_any_normal_number(x: float) -> None:
    """Claim: the same for numbers that hypothesis picks to fail it."""
    if x != 1.0:
        assert ulps(of(logs, np.array([x])), [math.log(x)]) <= 1.0


@pytest.mark.parametrize("reach", [1e-300, 1e-9, 0.4, 5.0, 40.0, 708.0])
def test_exp_is_within_one_unit_in_the_last_place(reach: float) -> None:
    """Claim: |exp(x) - math.exp(x)| <= 1 ulp where the result is a normal number."""
    x = np.random.default_rng(8).uniform(-reach, reach, 100_000)
    assert ulps(of(exps, x), [math.exp(v) for v in x.tolist()]) <= 1.0


@given(st.floats(min_value=-745.0, max_value=709.7))
@settings(max_examples=500, deadline=None)
def test_exp_of_any_number(x: float) -> None:
    """Claim: the same for numbers that hypothesis picks to fail it, subnormal results too."""
    assert ulps(of(exps, np.array([x])), [math.exp(x)]) <= 1.0


def test_exp_beyond_its_range() -> None:
    """Claim: 1 at 0, 0 below the least number, infinite above the greatest."""
    x = np.array([0.0, -0.0, -746.0, -1e308, -np.inf, 709.8, 1e308, np.inf])
    assert of(exps, x).tolist() == [1.0, 1.0, 0.0, 0.0, 0.0, np.inf, np.inf, np.inf]
