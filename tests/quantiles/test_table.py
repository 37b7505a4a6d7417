"""Durations out of a table: all kinds, by all ways, the same bits; mixtures and offsets by hand."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.quantiles.arrays import ANY, fill
from sim.quantiles.gamma import SIZE
from sim.quantiles.table import LEAST, MOST, Table
from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
    Triangular,
    Uniform,
    Weibull,
)
from sim.workload.variates import quantile, tabulated
from tests.workload.laws import CONTINUOUS, DISCRETE

ROOT = Path(__file__).parents[2]
EVERY: list[Distribution] = [law.distribution for law in CONTINUOUS.values()]
EVERY += [distribution for distribution, _ in DISCRETE.values()]
EVERY += [
    Gamma(shape=1e6, scale_s=1e-4),
    Gamma(shape=0.01, scale_s=9.0),
    Gamma(shape=9.0, scale_s=1.0),
]
UNIFORMS = np.concatenate(
    ([LEAST, 2.0**-52, 1e-9, 0.5, 1 - 1e-9, MOST], np.random.default_rng(5).random(194))
)


def drawn(made: Table, kind: int, number: int) -> np.ndarray:
    out = np.empty(UNIFORMS.size)
    fill(made, kind, np.full(UNIFORMS.size, number), UNIFORMS, out)
    return out


def digest(made: Table) -> str:
    """Of the table, and of what all its distributions give."""
    hashed = hashlib.blake2b(made.values.tobytes(), digest_size=16)
    for number in range(len(EVERY)):
        hashed.update(drawn(made, ANY, number).tobytes())
    return hashed.hexdigest()


def test_the_same_bits_without_the_compiler() -> None:
    """Claim: Python, reading the same code line by line, makes the same table and durations."""
    script = (
        "import numpy as np\n"
        "from sim.quantiles.table import Table\n"
        "from tests.quantiles.test_table import EVERY, digest, tabulated\n"
        "made = tabulated(EVERY)\n"
        "records = [made.distributions.view(np.recarray), made.parts.view(np.recarray)]\n"
        "with np.errstate(all='ignore'):\n"
        "    print(digest(Table(*records, made.values)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == digest(tabulated(EVERY))


def test_the_same_bits_one_by_one_and_by_kind() -> None:
    """Claim: the loops over one kind give what `seconds` gives."""
    made = tabulated(EVERY)
    for number in range(len(EVERY)):
        kind = int(made.distributions["kind"][number])
        np.testing.assert_array_equal(drawn(made, kind, number), drawn(made, ANY, number))


@pytest.mark.parametrize("distribution", [d for d in EVERY if not isinstance(d, Mixture)], ids=repr)
def test_durations_rise_with_the_uniform(distribution: Distribution) -> None:
    """Claim: a larger uniform never gives a shorter duration (mixtures apart)."""
    u = np.sort(np.concatenate((UNIFORMS, np.random.default_rng(6).random(20_000))))
    assert (np.diff(quantile(distribution, u)) >= 0.0).all()


def test_a_nested_mixture_by_hand() -> None:
    """Claim: each weight's place is its part's own uniform; offsets add from the inside out."""
    inner = Mixture(
        weights=(0.5, 0.0, 0.5),
        parts=(
            Uniform(low_s=0.0, high_s=8.0, offset_s=1.0),
            Deterministic(value_s=1e9),
            Empirical(values_s=(2.0, 4.0, 6.0, 7.0)),
        ),
        offset_s=100.0,
    )
    outer = Mixture(
        weights=(0.25, 0.5, 0.25),
        parts=(Deterministic(value_s=3.0), inner, Triangular(low_s=0.0, mode_s=0.0, high_s=1.0)),
        offset_s=1000.0,
    )
    u = np.array([0.0625, 0.25, 0.375, 0.5, 0.5625, 0.625, 0.6875, 0.75, 0.9375])
    by_hand = [1003.0, 1101.0, 1105.0, 1102.0, 1104.0, 1106.0, 1107.0, 1000.0, 1000.5]
    np.testing.assert_allclose(quantile(outer, u), by_hand, rtol=1e-12)


def test_a_part_without_weight_is_never_drawn() -> None:
    """Claim: not even where the weights' rounded sum stays below 1."""
    weights = (0.1,) * 10 + (0.0,)
    assert sum(weights) < 1.0
    parts = (Deterministic(value_s=1.0),) * 10 + (Deterministic(value_s=9.0),)
    assert quantile(Mixture(weights=weights, parts=parts), np.array([MOST])).tolist() == [1.0]


def test_closed_forms_by_hand() -> None:
    """Claim: at u = 1 - 1/e and u = 1/2 the formulas are those of the textbooks."""
    u = np.array([1.0 - np.exp(-1.0), 0.5])
    expected: list[tuple[Distribution, list[float]]] = [
        (Exponential(scale_s=7.0, offset_s=1.0), [8.0, 1.0 + 7.0 * np.log(2.0)]),
        (Weibull(shape=0.25, scale_s=3.0), [3.0, 3.0 * np.log(2.0) ** 4]),
        (Lognormal(mu=2.0, sigma=3.0), [np.exp(2 + 3 * 0.33747496376420233), np.exp(2.0)]),
    ]
    for distribution, values in expected:
        np.testing.assert_allclose(quantile(distribution, u), values, rtol=2e-15)


def test_the_extremes_count_for_what_lies_beyond() -> None:
    """Claim: uniforms that no stream gives are finite too."""
    for distribution in EVERY:
        beyond = quantile(distribution, np.array([0.0, 1e-300, 1.0]))
        ends = quantile(distribution, np.array([LEAST, LEAST, MOST]))
        np.testing.assert_array_equal(beyond, ends)


def test_a_gamma_too_skew_to_be_seen_is_its_offset() -> None:
    """Claim: below a shape of 1e-14 every draw is 0, plus the offset."""
    never = Gamma(shape=1e-15, scale_s=1e15, offset_s=2.0)
    assert quantile(never, UNIFORMS).tolist() == [2.0] * UNIFORMS.size
    assert quantile(Mixture(weights=(1.0,), parts=(never,)), np.array([MOST])).tolist() == [2.0]


def test_one_table_of_polynomials_for_a_shape() -> None:
    """Claim: distributions of one shape share it, so memory follows the shapes in use."""
    shapes = [Gamma(shape=2.5, scale_s=float(scale)) for scale in range(1, 9)]
    assert tabulated([*shapes, Gamma(shape=3.5, scale_s=1.0)]).values.size == 2 * SIZE
