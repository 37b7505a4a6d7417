"""Laws of patience, as the waiting formulas need them: survival and its integral.

A patience law gives, for an array x of seconds, P(R > x) and H(x), the integral of P(R > u)
over u from 0 to x, which is E min(R, x); and the points where the survival is not smooth.
"""

import math
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from sim.theory.measures import require_positive
from sim.theory.quadrature import Floats, Function, adaptive_grid


class Patience(Protocol):
    """What a patience law must offer; all arrays keep their shape."""

    @property
    def symbol(self) -> str:
        """The letter in Kendall's notation: M, D or G; empty when nobody ever leaves."""

    @property
    def breaks_s(self) -> tuple[float, ...]:
        """Where the survival jumps or bends, in seconds."""

    def survival(self, x: Floats) -> Floats:
        """P(R > x)."""

    def survival_integral(self, x: Floats) -> Floats:
        """H(x) = E min(R, x), in seconds."""


class _Law:
    def __init__(
        self, symbol: str, survival: Function, integral: Function, breaks_s: tuple[float, ...] = ()
    ) -> None:
        self.symbol = symbol
        self.breaks_s = breaks_s
        self._survival = survival
        self._integral = integral

    def survival(self, x: Floats) -> Floats:
        return self._survival(x)

    def survival_integral(self, x: Floats) -> Floats:
        return self._integral(x)


def endless() -> Patience:
    """Nobody ever leaves."""
    return _Law("", np.ones_like, lambda x: np.array(x, dtype=np.float64))


def exponential(mean_s: float) -> Patience:
    """Exponential patience."""
    mean = require_positive("mean_s", mean_s)
    return _Law("M", lambda x: np.exp(-x / mean), lambda x: -mean * np.expm1(-x / mean))


def deterministic(timeout_s: float) -> Patience:
    """Everyone leaves after the same time. A call answered at that instant is answered."""
    return capped(endless(), timeout_s)


def capped(patience: Patience, timeout_s: float) -> Patience:
    """min(patience, timeout): callers hang up, and all are sent away at the timeout."""
    timeout = require_positive("timeout_s", timeout_s)
    return _Law(
        "D" if patience.symbol in ("", "D") else "G",
        lambda x: np.where(x < timeout, patience.survival(x), 0.0),
        lambda x: patience.survival_integral(np.minimum(x, timeout)),
        (*(b for b in patience.breaks_s if b < timeout), timeout),
    )


def gamma(mean_s: float, sd_s: float) -> Patience:
    """Gamma patience with the given mean and standard deviation."""
    from scipy import special

    mean, sd = require_positive("mean_s", mean_s), require_positive("sd_s", sd_s)
    shape, scale = (mean / sd) ** 2, sd * sd / mean
    return _Law(
        "G",
        lambda x: special.gammaincc(shape, x / scale),
        # E[R; R <= x] + x P(R > x)
        lambda x: (
            mean * special.gammainc(shape + 1.0, x / scale)
            + x * special.gammaincc(shape, x / scale)
        ),
    )


def lognormal(mean_s: float, sd_s: float) -> Patience:
    """Lognormal patience with the given mean and standard deviation (of R, not of ln R)."""
    from scipy import special

    mean, sd = require_positive("mean_s", mean_s), require_positive("sd_s", sd_s)
    sigma = math.sqrt(math.log1p((sd / mean) ** 2))
    mu = math.log(mean) - 0.5 * sigma * sigma

    def score(x: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray((np.log(x) - mu) / sigma)

    def integral(x: Floats) -> Floats:
        z = score(x)
        return np.asarray(mean * special.ndtr(z - sigma) + x * special.ndtr(-z))

    return _Law("G", lambda x: special.ndtr(-score(x)), integral)


def weibull(scale_s: float, shape: float) -> Patience:
    """Weibull patience: P(R > x) = exp(-(x/scale)^shape)."""
    from scipy import special

    scale, k = require_positive("scale_s", scale_s), require_positive("shape", shape)
    mean = scale * math.gamma(1.0 + 1.0 / k)
    return _Law(
        "G",
        lambda x: np.exp(-((x / scale) ** k)),
        lambda x: mean * special.gammainc(1.0 / k, (x / scale) ** k),
    )


def uniform(low_s: float, high_s: float) -> Patience:
    """Patience anywhere between two bounds alike; ValueError unless 0 <= low < high."""
    low, high = _bounds(low_s, high_s)
    width = high - low

    def integral(x: Floats) -> Floats:
        left = np.clip(high - x, 0.0, width)
        return np.asarray(np.minimum(x, low + 0.5 * (width - left * left / width)))

    return _Law("G", lambda x: np.clip((high - x) / width, 0.0, 1.0), integral, (low, high))


def triangular(low_s: float, mode_s: float, high_s: float) -> Patience:
    """Triangular patience; ValueError unless 0 <= low <= mode <= high and low < high."""
    low, high = _bounds(low_s, high_s)
    mode, width = float(mode_s), high - low
    if not low <= mode <= high:
        raise ValueError(f"mode_s must lie between the bounds, got {mode_s}")
    rise, fall = width * (mode - low), width * (high - mode)
    mean = (low + mode + high) / 3.0

    def survival(x: Floats) -> Floats:
        up, down = np.maximum(x - low, 0.0), np.maximum(high - x, 0.0)
        return np.where(
            x < mode, 1.0 - up * up / (rise or 1.0), down * down / (fall or 1.0) if fall else 0.0
        )

    def integral(x: Floats) -> Floats:
        up, down = np.maximum(x - low, 0.0), np.maximum(high - x, 0.0)
        after = mean - (down**3 / (3.0 * fall) if fall else 0.0)
        return np.where(x < mode, x - up**3 / (3.0 * (rise or 1.0)), after)

    return _Law("G", survival, integral, (low, mode, high))


def empirical(values_s: Sequence[float]) -> Patience:
    """Each of the values with equal chance; a call answered at that instant is answered."""
    values = np.sort(np.asarray(values_s, dtype=np.float64))
    if not values.size or not values[0] >= 0.0 or not np.isfinite(values[-1]):
        raise ValueError("an empirical patience needs finite values of zero or more")
    below = np.concatenate(([0.0], np.cumsum(values)))

    def gone(x: Floats) -> Floats:
        return np.searchsorted(values, x, side="right").astype(np.float64)

    def integral(x: Floats) -> Floats:
        n = np.searchsorted(values, x, side="right")
        return np.asarray((below[n] + (values.size - n) * x) / values.size)

    return _Law(
        "G", lambda x: 1.0 - gone(x) / values.size, integral, tuple(np.unique(values).tolist())
    )


def shifted(patience: Patience, offset_s: float) -> Patience:
    """Nobody leaves before the offset; from then on by the law. A negative one shortens all."""
    offset = float(offset_s)
    if offset >= 0.0:
        return _Law(
            "G",
            lambda x: np.where(x < offset, 1.0, patience.survival(np.maximum(x - offset, 0.0))),
            lambda x: (
                np.minimum(x, offset) + patience.survival_integral(np.maximum(x - offset, 0.0))
            ),
            (offset, *(offset + b for b in patience.breaks_s)),
        )
    before = float(patience.survival_integral(np.array([-offset]))[0])
    return _Law(
        "G",
        lambda x: patience.survival(x - offset),
        lambda x: patience.survival_integral(x - offset) - before,
        tuple(b + offset for b in patience.breaks_s if b + offset > 0.0),
    )


def _bounds(low_s: float, high_s: float) -> tuple[float, float]:
    low, high = float(low_s), require_positive("high_s", high_s)
    if not 0.0 <= low < high:
        raise ValueError(f"the bounds must be zero or more and rise, got {low_s} and {high_s}")
    return low, high


def mixture(parts: list[tuple[float, Patience]]) -> Patience:
    """One of several laws, by weights that sum to 1."""
    weights = [weight for weight, _ in parts]
    if not parts or min(weights) < 0.0 or abs(sum(weights) - 1.0) > 1e-9:
        raise ValueError("the weights of a mixture must be zero or more and sum to 1")

    def survival(x: Floats) -> Floats:
        return np.asarray(sum(weight * law.survival(x) for weight, law in parts))

    def integral(x: Floats) -> Floats:
        return np.asarray(sum(weight * law.survival_integral(x) for weight, law in parts))

    return _Law("G", survival, integral, tuple(b for _, law in parts for b in law.breaks_s))


def from_survival(
    survival: Callable[[Floats], Floats], horizon_s: float, breaks_s: tuple[float, ...] = ()
) -> Patience:
    """A law given by its survival P(R > x), a vectorised function of seconds.

    Its integral is computed on [0, horizon_s]; beyond the horizon everyone is taken to have
    left at the horizon. ``breaks_s``: where the survival jumps or bends (found without help,
    but slower). ValueError if the survival leaves [0, 1] or rises.
    """
    horizon = require_positive("horizon_s", horizon_s)
    breaks = tuple(sorted(b for b in breaks_s if 0.0 < b < horizon))
    start = np.array([0.0, *breaks, *(horizon * 2.0**-k for k in range(40)), horizon])
    panels = adaptive_grid(lambda x: np.asarray(survival(x))[None], start)
    values = np.asarray(survival(panels.x), dtype=np.float64)
    flat = values.ravel()
    if flat.min() < 0.0 or flat.max() > 1.0 + 1e-12 or np.diff(flat).max() > 1e-12:
        raise ValueError("a survival function must fall from at most 1 to at least 0")
    before = np.concatenate(([0.0], np.cumsum(np.sum(values * panels.w, axis=1))))
    nodes = panels.x[0] / panels.edges[1]  # of the unit interval; the first panel starts at 0
    weights = panels.w[0] / panels.edges[1]

    def integral(x: Floats) -> Floats:
        x = np.minimum(np.asarray(x, dtype=np.float64), horizon)
        panel = np.clip(np.searchsorted(panels.edges, x, side="right") - 1, 0, len(values) - 1)
        left = panels.edges[panel]
        inner = survival(left[..., None] + (x - left)[..., None] * nodes)
        return np.asarray(before[panel] + (x - left) * (inner @ weights))

    return _Law(
        "G", lambda x: np.where(x < horizon, survival(x), 0.0), integral, (*breaks, horizon)
    )


def from_density(
    density: Callable[[Floats], Floats], horizon_s: float, breaks_s: tuple[float, ...] = ()
) -> Patience:
    """A law given by its density per second; whoever is left at the horizon leaves there."""
    horizon = require_positive("horizon_s", horizon_s)
    breaks = tuple(sorted(b for b in breaks_s if 0.0 < b < horizon))
    start = np.array([0.0, *breaks, *(horizon * 2.0**-k for k in range(40)), horizon])
    panels = adaptive_grid(lambda x: np.asarray(density(x))[None], start)
    sums = np.cumsum(np.sum(np.asarray(density(panels.x)) * panels.w, axis=1))
    if sums[-1] > 1.0 + 1e-9:
        raise ValueError(f"a density must integrate to at most 1, got {sums[-1]}")
    before = np.concatenate(([0.0], sums))
    nodes, weights = panels.x[0] / panels.edges[1], panels.w[0] / panels.edges[1]

    def survival(x: Floats) -> Floats:
        x = np.minimum(np.asarray(x, dtype=np.float64), horizon)
        panel = np.clip(np.searchsorted(panels.edges, x, side="right") - 1, 0, len(sums) - 1)
        left = panels.edges[panel]
        inner = density(left[..., None] + (x - left)[..., None] * nodes)
        rest = 1.0 - before[panel] - (x - left) * (inner @ weights)
        return np.asarray(np.clip(rest, 0.0, 1.0))

    return from_survival(survival, horizon, breaks)
