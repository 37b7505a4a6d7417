"""The forecast: how often what it says comes true."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtr

from sim.planning.surrogate import LINEAR, Surrogate


def test_a_plane_is_forecast_exactly() -> None:
    """Claim: scores that are linear in the numbers of agents are continued as they are."""
    rng = np.random.default_rng(1)
    points = rng.integers(0, 9, (12, 2)).astype(np.float64)
    slopes = np.array([[0.3, -0.1], [0.0, 0.2]])
    surrogate = Surrogate(points, points @ slopes + 1.0, np.full((12, 2), 1e-3), np.ones(2))
    there = np.array([[10.0, 3.0], [2.0, 12.0]])
    assert surrogate.mean(there) == pytest.approx(there @ slopes + 1.0, abs=0.02)


def test_surprises_are_as_frequent_as_the_forecast_says() -> None:
    """Claim: from 8 points of a random process on a slope, the true score lies outside the central
    90 % of the forecast one time in ten. 800 draws: at an error rate of 1e-3 chance alone stays
    within 3.29 sqrt(0.1 x 0.9 / 800) = 0.035; the length is estimated too, which is allowed 0.02.
    By the normal law, the scale taken for known, it is one time in six."""
    rng = np.random.default_rng(2)
    grid = np.stack([x.ravel() for x in np.meshgrid(*[np.arange(7.0)] * 2, indexing="ij")], axis=1)
    tail = float(stdtr(8 - 2 - 1, -1.645))  # what the normal law would take for 5 %
    outside = normal = 0
    for draw in range(800):
        chosen = grid[rng.choice(len(grid), 9, replace=False)]
        covariance = Surrogate._kernel(chosen, chosen, (2.0, 5.0)[draw % 2])
        covariance += 1e-4 * np.eye(9) - LINEAR * (1.0 + chosen @ chosen.T)
        scores = np.linalg.cholesky(covariance) @ rng.normal(size=9) + chosen @ (0.5, -0.3)
        noise = np.full((8, 1), 0.01)
        surrogate = Surrogate(chosen[:8], scores[:8, None], noise, np.ones(2))
        chance = float(surrogate.chances(chosen[8:], scores[8:], np.zeros(1))[0])
        outside += not 0.05 <= chance <= 0.95
        normal += not tail <= chance <= 1.0 - tail
    assert abs(outside / 800 - 0.1) < 0.055
    assert normal / 800 > outside / 800 + 0.02


def test_all_limits_have_to_hold() -> None:
    """Claim: what is hopeless for one limit is hopeless; more uncertainty draws a chance to the
    middle."""
    rng = np.random.default_rng(3)
    points = rng.integers(0, 9, (12, 1)).astype(np.float64)
    scores = np.hstack([points, -points])
    surrogate = Surrogate(points, scores, np.full((12, 2), 0.01), np.ones(1))
    there, free = np.array([[6.0]]), np.zeros(2)
    chances = [
        float(surrogate.chances(there, np.array(bounds), free)[0])
        for bounds in ([5.0, -7.0], [7.0, -7.0], [5.0, -5.0])
    ]
    assert chances[0] > 0.99 and max(chances[1:]) < 0.01
    off = float(surrogate.chances(there, np.array([5.0, -100.0]), np.full(2, 2.0))[0])
    assert off == pytest.approx(0.69, abs=0.01)
