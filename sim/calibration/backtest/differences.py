"""How far a log lies from its prediction: estimates of the difference, and what of it matters.

With many days every model is found to be wrong; how wrong it is is another question.
"""

from __future__ import annotations

import math

from sim.calibration.backtest.exchange import ByDay, Together
from sim.calibration.backtest.terms import Days
from sim.metrics.estimates import UNKNOWN, Estimate, estimate, ratio
from sim.metrics.measures import SHARES
from sim.metrics.verdicts import judged_share

WITHIN, OUTSIDE, NOT_SHOWN = "within", "outside", "not_shown"


def estimated(days: Days, place: int, metric: str) -> Estimate:
    """The metric in column `place` over all days, which are its sample."""
    found = ratio(
        days.numerator[:, place], days.denominator[:, place],
        most=1.0 if metric in SHARES else math.inf,
    )  # fmt: skip
    return judged_share(found) if metric in SHARES else found


def difference(data: Together | ByDay, place: int, log: Estimate, predicted: Estimate) -> Estimate:
    """Log less prediction, with its 95 % interval; none with a single day.

    Days with simulated ones of their own are paired with the mean of these. Otherwise log and
    prediction are independent, and the interval has their sides by squares: Zou and Donner,
    "Construction of confidence limits about effect measures", Statistics in Medicine 27 (2008),
    section 2. It keeps the asymmetry of intervals that end at 0 or 1.
    """
    if log.value is None or predicted.value is None:
        return UNKNOWN
    value = log.value - predicted.value
    if log.half_width is None or predicted.half_width is None:
        return Estimate(value)
    if isinstance(data, ByDay):
        return _paired(data, place, value, log.value, predicted)
    assert log.low is not None and log.high is not None
    assert predicted.low is not None and predicted.high is not None
    low = value - math.hypot(log.value - log.low, predicted.high - predicted.value)
    high = value + math.hypot(log.high - log.value, predicted.value - predicted.low)
    return Estimate(value, low, high, (high - low) / 2.0)


def _paired(
    data: ByDay, place: int, value: float, log_value: float, predicted: Estimate
) -> Estimate:
    """The paired difference, the prediction's own error added to what days differ by."""
    assert predicted.value is not None and predicted.half_width is not None
    top, bottom = data.log.numerator[:, place], data.log.denominator[:, place]
    means = Days(data.simulated.numerator.mean(axis=1), data.simulated.denominator.mean(axis=1))
    top_p, bottom_p = means.numerator[:, place], means.denominator[:, place]
    influence = (top - log_value * bottom) / bottom.mean()
    influence = influence - (top_p - predicted.value * bottom_p) / bottom_p.mean()
    found = estimate(value, influence - influence.mean())
    if found.half_width is None:
        return found
    half = math.hypot(found.half_width, predicted.half_width)
    return Estimate(value, value - half, value + half, half)


def relative(found: Estimate, predicted: Estimate) -> Estimate:
    """A difference as a share of the predicted value; unknown where that is 0."""
    if found.value is None or not predicted.value:
        return UNKNOWN
    return found.times(1.0 / predicted.value)


def tolerated(found: Estimate, share: Estimate, within: float) -> str:
    """Whether a difference lies within a share of the predicted value, by its whole interval.

    `found` is the difference and `share` the same relative to the prediction. `within` is 0.1 for
    10 %. Nothing is shown without an interval; where 0 is predicted, no other value is tolerated.
    """
    if found.low is None or found.high is None:
        return NOT_SHOWN
    if share.low is None or share.high is None:
        low, high = found.low, found.high
        return WITHIN if low == high == 0.0 else OUTSIDE if low > 0.0 else NOT_SHOWN
    if -within <= share.low and share.high <= within:
        return WITHIN
    return OUTSIDE if share.low > within or share.high < -within else NOT_SHOWN
