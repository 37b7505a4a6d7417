"""Choosing among laws by Akaike's criterion, and how the chosen one looks beside the data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.fit.families import DETERMINISTIC, EXPONENTIAL, Family
from sim.calibration.fit.likelihood import Beside, Fit, Law, fit
from sim.calibration.fit.spans import Spans
from sim.metrics.estimates import UNKNOWN, Estimate

Floats = NDArray[np.float64]

FEW = 30
"""With fewer durations than this only the exponential is fitted: its mean is all they tell."""
MOST_CV, MOST_MEAN_S = 30.0, 1e8
"""Beyond these a fit is only an extrapolation of a few short durations."""
SAME = 0.01
"""Durations whose cv is below this are all the same."""
CLEARLY = 10.0
"""By how much AIC must be less for a second part beside the family: at the bound of its range AIC
is no fair judge of it (Self and Liang, JASA 82, 1987)."""


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """The fits that were tried, the chosen one first. Estimates are of the chosen law."""

    fits: tuple[Fit, ...]
    n: int
    n_ended: int
    mean: Estimate
    cv: Estimate
    share: Estimate

    @property
    def fit(self) -> Fit:
        return self.fits[0]

    @property
    def law(self) -> Law:
        return self.fits[0].law

    @property
    def runner_up(self) -> str | None:
        """The next family."""
        return None if self._next is None else self._next.law.family.name

    @property
    def lead(self) -> float | None:
        """By how much the AIC of the next family is larger."""
        return None if self._next is None else max(self._next.aic - self.fit.aic, 0.0)

    @property
    def _next(self) -> Fit | None:
        others = (f for f in self.fits[1:] if f.law.family is not self.law.family)
        return min(others, key=lambda each: each.aic, default=None)


def choose(
    s: Spans,
    families: Sequence[Family],
    beside: Beside,
    mean_s: float,
    cv: float,
    *,
    may_have_part: bool,
) -> Chosen:
    """The law that Akaike's criterion chooses; a second part only where it is clearly better.

    `mean_s` and `cv` are where the search begins. `s` must hold a duration that ended.
    """
    few = s.n_ended < FEW
    fits: list[Fit] = []
    for family in families if not few or len(families) == 1 else (EXPONENTIAL,):
        plain = fit(family, Beside.NOTHING, s, mean_s, cv)
        if may_have_part and not few:
            mixed = fit(family, beside, s, mean_s, cv)
            if mixed.covariance is not None and mixed.aic < plain.aic - CLEARLY:
                fits.append(mixed)
        fits.append(plain)
    fits = [each for each in fits if _sensible(each.law)] or fits
    fits.sort(key=lambda each: each.aic)
    if fits[0].law.beside is not Beside.NOTHING:
        plainest = min(
            (f for f in fits if f.law.beside is Beside.NOTHING), key=lambda each: each.aic
        )
        if plainest.aic <= fits[0].aic + CLEARLY:
            fits.remove(plainest)
            fits.insert(0, plainest)
    best = fits[0]
    share = best.of(lambda law: law.share) if best.law.share else UNKNOWN
    return Chosen(
        tuple(fits), s.n, s.n_ended, best.of(lambda law: law.distribution.mean_s),
        best.of(lambda law: law.main.cv), share,
    )  # fmt: skip


def _sensible(law: Law) -> bool:
    """Whether a law's mean and spread are numbers that a scenario takes and a reader believes."""
    main = law.main
    try:
        return 0.0 < main.mean_s < MOST_MEAN_S and main.cv <= MOST_CV
    except OverflowError:
        return False


def constant(value_s: float, s: Spans) -> Chosen:
    """The law of durations that are all the same."""
    law = Law(DETERMINISTIC, Beside.NOTHING, DETERMINISTIC.start(value_s, 0.0))
    only = Fit(law, 0.0, None, np.zeros((s.by_day.shape[0], 1)))
    return Chosen((only,), s.n, s.n_ended, Estimate(value_s), Estimate(0.0), UNKNOWN)


def quantile(above: Callable[[Floats], Floats], u: float, start_s: float) -> float:
    """Where P(X <= x) first reaches u, by halving, to a millionth of it."""
    low, high = 0.0, max(start_s, 1e-6)
    while above(np.array([high]))[0] > 1.0 - u and high < 1e12:
        low, high = high, 2.0 * high
    for _ in range(60):
        middle = 0.5 * (low + high)
        if above(np.array([middle]))[0] > 1.0 - u:
            low = middle
        else:
            high = middle
    return high
