"""Uniforms as functions of names and counts: bounds, bits, and the lack of any relation.

Statistical tests run with fixed seeds; each family's error rate is 1e-4 or less.
"""

from __future__ import annotations

from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.mixing import GOLDEN, MASK, descend, mix64, unit
from sim.workload import sampler
from sim.workload.streams import increment, name_key, uniforms

keys = st.integers(0, MASK)
N = 20_000


def test_a_uniform_is_never_0_nor_1_and_its_complement_is_exact() -> None:
    """Claim: all 64 bits off give 2^-53, all on give 1 - 2^-53, and 1 - u loses nothing."""
    assert unit(0) == 2.0**-53
    assert unit(MASK) == 1.0 - 2.0**-53
    for z in (0, 1 << 12, MASK >> 1, MASK):
        assert 1.0 - (1.0 - unit(z)) == unit(z)


@given(keys, st.integers(0, 1 << 40), st.integers(0, 200))
def test_uniforms_lie_strictly_between_0_and_1(key: int, first: int, count: int) -> None:
    """Claim: any stretch of any stream lies in (0, 1)."""
    u = uniforms(key, first, count)
    assert u.shape == (count,)
    assert ((u > 0.0) & (u < 1.0)).all()


@given(keys, st.integers(0, 1 << 40), st.lists(st.integers(0, 50), max_size=8))
def test_any_partition_of_draws_gives_the_same_bits(key: int, first: int, sizes: list[int]) -> None:
    """Claim: drawn in any blocks, a stream gives the same uniforms."""
    starts = np.cumsum([first, *sizes]).tolist()
    parts = [uniforms(key, a, b - a) for a, b in pairwise(starts)]
    whole = uniforms(key, first, sum(sizes))
    assert np.concatenate([np.empty(0), *parts]).tobytes() == whole.tobytes()


@given(keys, st.integers(0, 1 << 50))
def test_python_and_numpy_do_the_same_arithmetic(key: int, k: int) -> None:
    """Claim: draw k is unit(mix64(key + (k + 1) * increment)), in Python as in numpy."""
    expected = unit(mix64((key + (k + 1) * increment(key)) & MASK))
    assert uniforms(key, k, 1)[0] == expected


@given(keys, st.integers(0, 1 << 40))
def test_descending_is_a_step_of_splitmix(key: int, index: int) -> None:
    """Claim: a child's key is mix64 of its parent's, `index + 1` golden steps on."""
    assert descend(key, index) == mix64((key + (index + 1) * GOLDEN) & MASK)


def test_mix64_is_splitmix64() -> None:
    """Claim: the known first outputs of SplitMix64 from seed 1234567."""
    state, outputs = 1234567, []
    for _ in range(3):
        state = (state + GOLDEN) & MASK
        outputs.append(mix64(state))
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(keys)
def test_an_increment_is_odd_and_well_mixed(key: int) -> None:
    """Claim: odd, with 24 or more bit transitions (Steele, Lea and Flood, figure 16)."""
    gamma = increment(key)
    assert gamma & 1
    assert 0 < gamma <= MASK
    assert ((gamma ^ (gamma >> 1)) & MASK).bit_count() >= 24


def test_compiled_streams_are_those_of_python() -> None:
    """Claim: keys and increments of 20,000 streams, also of those with few bit transitions."""
    names = np.random.default_rng(1).integers(0, 1 << 64, 20_000, dtype=np.uint64)
    for replication in (0, 1, 12_345):
        found = np.empty(names.size, sampler.STREAM)
        sampler.descend_all(names, replication, found)
        expected = [descend(name, replication) for name in names.tolist()]
        assert found["key"].tolist() == expected
        assert found["step"].tolist() == [increment(key) for key in expected]
        plain = np.array([mix64(key ^ GOLDEN) | 1 for key in expected], np.uint64)
        assert 0 < (found["step"] != plain).sum() < 1000  # the few transitions are there


def test_keys_depend_on_seed_purpose_and_name_and_never_run_together() -> None:
    """Claim: 8,000 (seed, purpose, name) triples, made to be confused, have 8,000 keys."""
    seeds = [0, 1, 2, 11, 12, -1, 1 << 70, 3]
    names = ["q", "q1", "1", "", "é", 'q", "1', "a\u0000", "Q", "support", "a" * 500]
    purposes = [f"p{i}" for i in range(99)] + ["p1q"]
    triples = list(product(seeds, purposes, names))
    assert len({name_key(*t) for t in triples}) == len(triples) == 8_000
    assert all(0 <= name_key(*t) <= MASK for t in triples[:100])


def test_a_key_is_the_same_on_every_machine() -> None:
    """Claim: this key is this number; a change would change every result."""
    assert name_key(1, "arrival", "support") == 9680165689090520180
    assert name_key(1, "arrival", "support") != name_key(2, "arrival", "support")


@pytest.mark.parametrize("key", [0, 1, MASK, GOLDEN, name_key(1, "service", "support")])
def test_uniforms_are_uniform(key: int) -> None:
    """Claim: 256 bins are equally full (chi-square) and lag-1 pairs fill 16 x 16 cells evenly.

    Error rate 1e-4 per test, 10 tests.
    """
    u = uniforms(key, 0, 100_000)
    assert stats.chisquare(np.bincount((u * 256).astype(int), minlength=256)).pvalue > 1e-4
    cells = (u[0::2] * 16).astype(int) * 16 + (u[1::2] * 16).astype(int)
    assert stats.chisquare(np.bincount(cells, minlength=256)).pvalue > 1e-4


def test_purposes_queues_and_replications_are_uncorrelated() -> None:
    """Claim: 4 purposes x 3 queues x 4 replications are 48 streams without pair correlations.

    Of 1,128 pairs, at lag 0 and lag 1 (2,256 + 1,128 coefficients), none is outside the band
    that all of them leave with a chance of 1e-4 together (Bonferroni).
    """
    streams = np.array(
        [
            uniforms(descend(name_key(1, purpose, queue), replication), 0, N)
            for purpose in ("arrival", "service", "patience", "wrap_up")
            for queue in ("support", "support2", "sales")
            for replication in range(4)
        ]
    )
    z = (streams - 0.5) * np.sqrt(12.0)
    pairs = list(combinations(range(len(z)), 2))
    at_once = (z @ z.T) / N
    shifted = (z[:, 1:] @ z[:, :-1].T) / (N - 1)
    found = [at_once[i, j] for i, j in pairs]
    found += [shifted[i, j] for i, j in pairs] + [shifted[j, i] for i, j in pairs]
    limit = stats.norm.ppf(1 - 0.5 * 1e-4 / len(found)) / np.sqrt(N - 1)
    assert np.max(np.abs(found)) < limit


def test_draws_keyed_by_call_are_uniform_over_calls_and_draws() -> None:
    """Claim: draws keyed (call, how many-th) are uniform over calls, over draws and jointly.

    Chi-square on 64 bins for each of 3 ways through the table; error rate 1e-4 each.
    """
    from sim.engine.choices import draw, pick

    key = descend(name_key(1, "routing", "support"), 0)
    table = np.array([[draw(key, call, which) for which in range(40)] for call in range(500)])
    assert ((table > 0) & (table < 1)).all()
    for values in (table.ravel(), table[:, :4].ravel(), table[:100].ravel()):
        counts = np.bincount((values * 64).astype(int), minlength=64)
        assert stats.chisquare(counts).pvalue > 1e-4
    assert np.abs(np.corrcoef(table[:, :20].T) - np.eye(20)).max() < 5.0 / np.sqrt(500)
    assert {pick(u, 7) for u in table.ravel()} == set(range(7))
    assert pick(1.0 - 2.0**-53, 1 << 20) == (1 << 20) - 1


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.text(max_size=20), st.text(max_size=20))
def test_two_names_give_two_streams(seed: int, name: str, other: str) -> None:
    """Claim: streams of different names share no draw among their first 50."""
    if name != other:
        a = uniforms(name_key(seed, "service", name), 0, 50)
        b = uniforms(name_key(seed, "service", other), 0, 50)
        assert not set(a.tolist()) & set(b.tolist())
