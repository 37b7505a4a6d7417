"""Metrics of single days, and the share of days on which something holds.

A day is a replication. What holds of a metric's expectation need not hold on most days: the mean
can be fine where every fifth day is not.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.metrics.estimates import CONFIDENCE, UNKNOWN, Estimate, Floats
from sim.metrics.measures import QueueSample, Terms, queue_terms
from sim.scenario.model import ServiceLevelFormula
from sim.sums import Total


def ratios_of_days(terms: Terms) -> Floats:
    """A ratio in each replication by itself, shape (replications,); NaN where there is none."""
    numerator, denominator = terms
    found = np.full(numerator.size, np.nan)
    np.divide(numerator, denominator, out=found, where=denominator > 0.0)
    return found


def queue_days(sample: QueueSample, formula: ServiceLevelFormula) -> dict[str, Floats]:
    """What `queue_measures` gives of each replication by itself, by name; NaN for nothing."""
    terms = queue_terms(sample, formula)
    found = {name: ratios_of_days(each) for name, each in terms.items()}
    span, offered = terms["queue_length_mean"][1], terms["blocked_share"][1]
    found["offered_load_erlangs"] = offered / span * found["handle_time_mean_s"]
    ended = terms["wait_mean_s"][1]
    squares = ratios_of_days((sample.total(Total.WAIT_SQUARED), ended))
    means = found["wait_mean_s"]
    variances = squares - means * means
    still = variances <= 1e-14 * means * means
    found["wait_sd_s"] = np.sqrt(np.where(still, 0.0, variances))
    return found


def holds(values: Floats, operator: str, bound: float) -> Floats:
    """1 for each replication whose value is `<=` or `>=` the bound, else 0; NaN stays NaN."""
    held: NDArray[np.bool_] = values <= bound if operator == "<=" else values >= bound
    return np.where(np.isfinite(values), held.astype(np.float64), np.nan)


def share_of_days(held: Floats, confidence: float = CONFIDENCE) -> Estimate:
    """The share of days that `hold`, with the exact interval of Clopper and Pearson (1934).

    Of n days k held. The interval is all p that neither k or more nor k or fewer days in n speak
    against, each at half of the error rate: beta quantiles (Brown, Cai and DasGupta, "Interval
    estimation for a binomial proportion", Statistical Science 16, 2001, section 4.2.1). It holds
    p at least as often as it says whatever p is, which Wilson's does only on average over p; a
    target is judged by it, near 0 or 1 as a rule, so that is what counts. Days on which there is
    nothing to judge (NaN) are left out. With one day there is no interval.
    """
    known = held[np.isfinite(held)]
    n, k = known.size, int(np.count_nonzero(known))
    if n == 0:
        return UNKNOWN
    value = k / n
    if n == 1:
        return Estimate(value)
    from scipy.special import betaincinv

    error = (1.0 - confidence) / 2.0
    low = float(betaincinv(k, n - k + 1, error)) if k > 0 else 0.0
    high = float(betaincinv(k + 1, n - k, 1.0 - error)) if k < n else 1.0
    return Estimate(value, low, high, max(value - low, high - value), held - value)
