"""The normal and the gamma quantile beside scipy's functions and values of 50 digits.

A quantile's relative error is that of its distribution function over x f(x):
log x moves by (F(x) - u) / (x f(x)). So scipy's distribution functions, which are more exact than
its inverses, measure it.
"""

from __future__ import annotations

import numba
import numpy as np
import pytest
from scipy import special, stats

from sim.quantiles.gamma import standard_gamma, tabulate
from sim.quantiles.normal import standard_normal
from sim.quantiles.table import LEAST, MOST

SHAPES = [0.01, 0.03, 0.1, 0.229, 0.231, 0.5, 0.99, 1.0, 1.01, 1.5, 2.0, 3.7, 7.99, 8.0, 8.01]
SHAPES += [20.0, 64.0, 300.0, 1e3, 1e4, 1e5, 1e6]

EXACT = [
    (1e-4, 0.9999, 0.26474035345977765905),
    (0.01, 0.0078125, 1.0761581550384741259e-211),
    (0.01, MOST, 28.778516948644556766),
    (0.1, 2.0**-30, 2.981316203033393982e-91),
    (0.3, 0.25, 0.0068998025690554634069),
    (0.75, LEAST, 4.7680454321481906818e-22),
    (2.5, 0.625, 2.6735643812027161651),
    (2.5, 1 - 2.0**-40, 32.718605696040558307),
    (7.5, LEAST, 0.02673290929275232916),
    (64.0, 0.03125, 49.943319872698538038),
    (1e3, MOST, 1282.1590384247145706),
    (1e6, LEAST, 991812.58221929980837),
    (1e6, 2.0**-18, 995531.01280890015601),
    (1e6, 1 - 2.0**-20, 1004770.231833839785),
    (1e7, LEAST, 9974061.2950315848113),
    (1e7, 2.0**-18, 9985854.1112432959935),
    (1e7, MOST, 10025982.969287487629),
]
"""Shape, u and quantile, by bisection and Newton's method in 50 digits."""


@numba.njit
def normals(u: np.ndarray, out: np.ndarray) -> None:
    for i in range(u.size):
        out[i] = standard_normal(u[i])


@numba.njit
def gammas(table: np.ndarray, u: np.ndarray, out: np.ndarray) -> None:
    for i in range(u.size):
        out[i] = standard_gamma(table, 0, u[i])


def normal(u: np.ndarray) -> np.ndarray:
    out = np.empty(u.size)
    normals(u, out)
    return out


def quantiles(shape: float, u: np.ndarray) -> np.ndarray:
    """Of the gamma distribution of this shape and scale 1."""
    out = np.empty(u.size)
    gammas(tabulate(shape), u, out)
    return out * max(shape, 1.0)


def small(n: int) -> np.ndarray:
    """Uniforms of 0 .. 1/2 of all magnitudes, the least first, that 1 - u turns over exactly."""
    spread = 2.0 ** np.random.default_rng(3).uniform(-53, -1, n)
    lattice = np.floor(spread * 2.0**53) * 2.0**-53
    ends = 2.0 ** np.arange(-53.0, 0.0)  # where the octaves of the gamma tables begin
    return np.unique(np.concatenate(([LEAST, 3 * LEAST], lattice, ends, ends[2:] * (1 - 2**-50.0))))


def test_the_normal_quantile_is_scipys() -> None:
    """Claim: within 1e-15 of scipy's, relatively, or of 1e-16 near 0; odd about 1/2."""
    u = small(20_000)
    u = u[1.0 - (1.0 - u) == u]
    low, high = normal(u), normal(1.0 - u)
    np.testing.assert_allclose(low, special.ndtri(u), rtol=1e-15, atol=1e-16)
    np.testing.assert_array_equal(high[u < 0.5], -low[u < 0.5])


@pytest.mark.parametrize(("shape", "u", "exact"), EXACT)
def test_gamma_quantiles_of_fifty_digits(shape: float, u: float, exact: float) -> None:
    """Claim: the relative error is below 1e-12 at the ends, and below 1e-13 above 1e-60."""
    ours = float(quantiles(shape, np.array([u]))[0])
    assert ours == pytest.approx(exact, rel=1e-13 if exact > 1e-60 else 1e-12, abs=0)


@pytest.mark.parametrize("shape", [s for s in SHAPES if s <= 1e5])
def test_the_gamma_quantile_inverts_scipys_distribution_function(shape: float) -> None:
    """Claim: the relative error is below 1e-12, over all uniforms, where it is above 1e-300.

    Up to the shape where scipy's functions become coarse; beyond, see Cornish and Fisher.
    """
    u = small(4_000)
    for tail, x in (
        (special.gammainc, quantiles(shape, u)),
        (special.gammaincc, quantiles(shape, 1.0 - u)),
    ):
        seen = x > 1e-300
        density = x[seen] * stats.gamma.pdf(x[seen], shape)
        assert np.max(np.abs(tail(shape, x[seen]) - u[seen]) / density) < 1e-12
        np.testing.assert_array_less(x[~seen], 1e-300)


@pytest.mark.parametrize("shape", [s for s in SHAPES if s <= 1e5])
def test_the_gamma_quantile_is_scipys(shape: float) -> None:
    """Claim: within 1e-12 of scipy's inverse, an iteration of its own, over all uniforms."""
    u = small(4_000)
    for ours, theirs in (
        (quantiles(shape, u), special.gammaincinv(shape, u)),
        (quantiles(shape, 1.0 - u), special.gammainccinv(shape, u)),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("shape", [1e-14, 1e-9, 1e-4, *SHAPES, 1e8, 1e9, 1.1e9, 1e12, 1e30, 1e200])
def test_the_two_halves_of_a_table_meet(shape: float) -> None:
    """Claim: walked from opposite ends, both halves give the same median, and nothing is broken.

    To 1e-13 of itself; the logarithm of a tiny one to 1e-15 of itself.
    """
    below, above = quantiles(shape, np.array([np.nextafter(0.5, 0.0), 0.5]))
    allowed = 1e-13 + 1e-15 * abs(np.log(below)) if below > 0 else 0.0
    assert above == pytest.approx(below, rel=allowed, abs=1e-300)
    assert np.isfinite(quantiles(shape, np.array([LEAST, MOST]))).all()


@pytest.mark.parametrize("shape", [1e6, 1e7, 1e8, 1e9, 1.1e9, 1e12, 1e30])
def test_gamma_of_a_large_shape_is_fishers_and_cornishs(shape: float) -> None:
    """Claim: within 1e-12 of the Cornish-Fisher expansion to the power -2 of the shape.

    Abramowitz and Stegun 26.2.49 with the gamma distribution's cumulants. What is left out is of
    the order of 12 / shape^2.5 at the ends.
    """
    u = np.concatenate((small(1_000), 1.0 - small(1_000)))
    z = special.ndtri(u)
    root = np.sqrt(shape)
    exact = 1 + (
        z / root + (z**2 - 1) / 3 / shape + (z**3 - 7 * z) / 36 / root**3
        - (3 * z**4 + 7 * z**2 - 16) / 810 / shape**2
    )  # fmt: skip
    np.testing.assert_allclose(quantiles(shape, u) / shape, exact, rtol=1e-12)


@pytest.mark.parametrize("shape", [0.01, 0.5, 3.0, 100.0, 1e6])
def test_the_gamma_quantile_rises(shape: float) -> None:
    """Claim: over 100,000 random uniforms it never falls; next to joints by rounding alone.

    Random uniforms lie much further apart than the quantile's rounding. The joints of the table
    are approached to 2^-50 of themselves; there log x may fall by a few units in its last place.
    """
    u = np.sort(np.random.default_rng(4).random(100_000))
    assert (np.diff(quantiles(shape, u)) >= 0.0).all()
    joints = small(10_000)
    for x in (quantiles(shape, joints), -quantiles(shape, 1.0 - joints)):
        x = x[np.abs(x) > 1e-300]
        rounding = 1e-15 * (1.0 + np.abs(np.log(np.abs(x[1:]))))
        assert (np.diff(x) >= -rounding * np.abs(x[1:])).all()
