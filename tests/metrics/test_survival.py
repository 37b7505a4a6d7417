"""The product-limit estimate and its interval over replications."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.metrics.estimates import t_quantile
from sim.metrics.survival import product_limit


def by_hand(wait, gone, weight, at):  # type: ignore[no-untyped-def]
    """S(at), call by call: one factor for each instant at which somebody gave up."""
    s = 1.0
    for t in sorted({float(w) for w, g in zip(wait, gone, strict=True) if g and w <= at}):
        n = sum(x for w, x in zip(wait, weight, strict=True) if w >= t)
        d = sum(x for w, g, x in zip(wait, gone, weight, strict=True) if g and w == t)
        s *= 1.0 - d / n
    return s


def sample(seed: int, n: int = 60, replications: int = 4):  # type: ignore[no-untyped-def]
    """Waits on a coarse grid, so that many end together."""
    generator = np.random.default_rng(seed)
    wait = generator.integers(0, 12, n).astype(float)
    return wait, generator.random(n) < 0.4, generator.integers(0, replications, n)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_product_of_its_factors(seed: int) -> None:
    """At, between and beyond the instants, with ties."""
    wait, gone, who = sample(seed)
    at = np.array([-1.0, 0.0, 0.5, 3.0, 7.9, 8.0, 20.0])
    found = product_limit(wait, gone, who, 4, at)
    expected = [by_hand(wait, gone, np.ones(wait.size), t) for t in at]
    np.testing.assert_allclose(found.value, expected, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_its_interval_is_the_delta_methods(seed: int) -> None:
    """The influence of a replication is how S changes with the weight of its calls.

    Central differences with a step of 1e-5 are exact to about 1e-9 of it.
    """
    wait, gone, who = sample(seed)
    at = np.array([0.0, 2.5, 6.0, 10.0])
    found = product_limit(wait, gone, who, 4, at)
    for place, t in enumerate(at):
        slopes = []
        for r in range(4):
            up, down = (np.where(who == r, 1.0 + step, 1.0) for step in (1e-5, -1e-5))
            slopes.append((by_hand(wait, gone, up, t) - by_hand(wait, gone, down, t)) / 2e-5)
        influence = 4 * np.array(slopes)
        assert influence.sum() == pytest.approx(0.0, abs=1e-6)
        half = t_quantile(3) * math.sqrt(float((influence**2).sum()) / (4 * 3))
        value = found.value[place]
        assert found.high[place] == pytest.approx(min(1.0, value + half), rel=1e-6)
        assert found.low[place] == pytest.approx(max(0.0, value - half), rel=1e-6, abs=1e-9)


def test_without_anyone_or_with_one_replication_there_is_no_interval() -> None:
    """All stay when nobody has called; a single replication gives a value alone."""
    at = np.array([0.0, 5.0])
    none = product_limit(np.empty(0), np.empty(0, bool), np.empty(0, np.int64), 3, at)
    assert none.value.tolist() == [1.0, 1.0] and np.isnan(none.low).all()
    wait, gone, who = sample(1, replications=1)
    assert np.isnan(product_limit(wait, gone, who, 1, at).high).all()


def test_when_the_last_caller_gives_up_nobody_is_left() -> None:
    """S is 0 from there on, with no error left in it."""
    wait, gone = np.array([1.0, 2.0, 3.0]), np.array([True, False, True])
    found = product_limit(wait, gone, np.array([0, 1, 1]), 2, np.array([2.0, 3.0, 4.0]))
    np.testing.assert_allclose(found.value, [2 / 3, 0.0, 0.0])
    assert found.high[1:].tolist() == [0.0, 0.0]


def test_the_interval_covers() -> None:
    """Exponential patience of mean 60 s seen through exponential answers of mean 30 s.

    400 samples of 20 replications of 30 calls; the true share at 40 s lies in the interval in
    95 % of them. Binomial with that many: within 4 standard errors, 0.95 ± 0.044.
    """
    generator = np.random.default_rng(20261125)
    hits = 0
    for _ in range(400):
        patience, answer = generator.exponential(60.0, 600), generator.exponential(30.0, 600)
        who = np.repeat(np.arange(20), 30)
        found = product_limit(
            np.minimum(patience, answer), patience < answer, who, 20, np.array([40.0])
        )
        hits += bool(found.low[0] <= math.exp(-40 / 60) <= found.high[0])
    assert abs(hits / 400 - 0.95) <= 0.044
