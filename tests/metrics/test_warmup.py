"""MSER-5: against plain loops, on series with a known start, and on those that are too short."""

import numpy as np
import pytest

from sim.metrics.warmup import moving_average, mser


def plain(series: np.ndarray) -> int:
    """The cut in observations, from the definition."""
    k = len(series) // 5
    means = [float(np.mean(series[5 * i : 5 * i + 5])) for i in range(k)]
    best, at = float("inf"), 0
    for d in range(k // 2 + 1):
        rest = np.array(means[d:])
        statistic = float(((rest - rest.mean()) ** 2).sum()) / len(rest) ** 2
        if statistic < best:
            best, at = statistic, d
    return 5 * at


@pytest.mark.parametrize("seed", range(6))
def test_against_plain_loops(seed):
    """Claim: the cut is that of the definition, for series with a start of any length."""
    draw = np.random.default_rng(seed)
    n = int(draw.integers(100, 400))
    series = 1e3 + draw.normal(size=n) - 8.0 * np.exp(-np.arange(n) / draw.uniform(1.0, 80.0))
    assert mser(series).observations == plain(series)


def test_a_step_is_cut_where_it_is():
    """Claim: a start at another level for 60 observations is cut off, with a few more at most; a
    series without any is left alone."""
    noise = np.random.default_rng(3).normal(size=400) * 0.1
    assert 60 <= mser(noise + np.where(np.arange(400) < 60, 0.0, 5.0)).observations <= 75
    assert mser(np.full(400, 2.0)).observations == 0


def test_a_series_that_never_settles_is_told():
    """Claim: of a straight rise the statistic falls to the middle: too short to tell."""
    assert mser(np.arange(500.0)).is_late


def test_too_few_observations():
    """Claim: fewer than 100 observations are refused."""
    with pytest.raises(ValueError, match="at least 100 observations, not 99"):
        mser(np.zeros(99))


def test_the_moving_average_shrinks_at_the_ends():
    """Claim: each value is averaged with up to 2 neighbours on either side, if there are both."""
    found = moving_average(np.array([1.0, 2.0, 6.0, 3.0, 8.0, 4.0]), 2)
    assert found == pytest.approx([1.0, 3.0, 4.0, 23.0 / 5.0, 5.0, 4.0])
