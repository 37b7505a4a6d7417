"""Markov chains: solvers against each other, exact fractions and product forms."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from sim.theory import chains
from sim.theory.chains import birth_death, explore, mmnk_m_states, stationary


def test_birth_death_in_fractions():
    """M/M/2/5+M by exact fractions."""
    law = [Fraction(1)]
    for k in range(1, 6):
        death = Fraction(min(k, 2), 4) + Fraction(max(k - 2, 0), 8)
        law.append(law[-1] * Fraction(1, 2) / death)
    expected = [float(p / sum(law)) for p in law]
    assert mmnk_m_states(0.5, 4.0, 2, 3, 8.0) == pytest.approx(expected, rel=1e-13)
    assert birth_death([2.0], [6.0]) == pytest.approx([0.75, 0.25])


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(0, 2**32 - 1))
def test_stationary_of_random_chains(size, seed):
    """Elimination and sparse LU give one law, and it balances: p Q = 0."""
    rng = np.random.default_rng(seed)
    rates = rng.exponential(size=(size, size)) * 10.0 ** rng.uniform(-4, 4, size=(size, size))
    np.fill_diagonal(rates, 0.0)
    q = rates - np.diag(rates.sum(axis=1))
    law = stationary(sparse.csc_matrix(q))
    assert law.sum() == pytest.approx(1.0)
    assert np.abs(law @ q).max() <= 1e-11 * (law @ np.abs(q)).max()
    dense, chains._DENSE = chains._DENSE, 1
    try:
        assert stationary(q) == pytest.approx(law, rel=1e-8)
    finally:
        chains._DENSE = dense


def test_stationary_of_a_large_birth_death_chain():
    """Sparse LU on 3,000 states equals the product form."""

    def moves(k):
        if k < 2999:
            yield k + 1, 9.0
        if k:
            yield k - 1, 0.1 * min(k, 100) + 0.01 * max(k - 100, 0)

    states, generator = explore(0, moves)
    expected = mmnk_m_states(9.0, 10.0, 100, 2899, 100.0)
    assert states == list(range(3000))
    assert stationary(generator) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize(
    "call",
    [
        lambda: birth_death([1.0], [1.0, 2.0]), lambda: birth_death([0.0], [1.0]),
        lambda: birth_death([1.0], [math.inf]),
        lambda: stationary(np.array([[1.0, 0.0], [0.0, 1.0]])),
        lambda: stationary(np.zeros((2, 2))),
        lambda: explore(0, lambda k: [(k + 1, 1.0)], 100),
    ],
)  # fmt: skip
def test_bad_chains_are_value_errors(call):
    """What is no chain is a ValueError."""
    with pytest.raises(ValueError):
        call()
