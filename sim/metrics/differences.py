"""Differences between two runs on common random numbers, paired by replication.

Replication r of either run meets the same callers, so what r adds to the error of one estimate is
much like what it adds to the other's, and most of it cancels in the difference. With u_r and v_r
the influences of replication r on the estimates of a and b (`estimates`), the difference b - a has
the influence v_r - u_r: the delta method on both ratios at once, their covariance with it (Law,
*Simulation Modeling and Analysis*, sections 10.2.1 and 11.2; Asmussen and Glynn, *Stochastic
Simulation*, V.6).
"""

from __future__ import annotations

import math

import numpy as np

from sim.metrics.estimates import CONFIDENCE, UNKNOWN, Estimate, Floats, estimate

STILL = 1e-12
"""Influences below this share of the value are rounding: there was no variation."""


def paired_difference(
    a: Estimate, b: Estimate, *, share: bool = False, confidence: float = CONFIDENCE
) -> Estimate:
    """The estimate of b - a from the same replications of either.

    The difference of two estimates of a `share` lies between -1 and 1. Without an interval where
    one of the two has none. Replications that have no part in one of the two are left out.
    Raises ValueError if the two are not over equally many replications.
    """
    if a.value is None or b.value is None:
        return UNKNOWN
    value = b.value - a.value
    known = _paired(a, b)
    if known is None:
        return Estimate(value)
    change = known[1] - known[0]
    bound = 1.0 if share else math.inf
    return estimate(
        value, change - float(np.mean(change)), least=-bound, most=bound, confidence=confidence
    )


def variance_ratio(a: Estimate, b: Estimate) -> float | None:
    """How many times larger the difference's variance were on independent random numbers.

    (var u + var v) / var(v - u). None without intervals or where the difference does not vary.
    """
    known = None if a.value is None or b.value is None else _paired(a, b)
    if known is None:
        return None
    u, v = (part - float(np.mean(part)) for part in known)
    together = float(np.dot(v - u, v - u))
    return (float(np.dot(u, u)) + float(np.dot(v, v))) / together if together > 0.0 else None


def does_not_vary(found: Estimate) -> bool:
    """Whether the estimate was the same in every replication, but for rounding."""
    if found.value is None or found.influence is None:
        return False
    return bool(np.nanmax(np.abs(found.influence)) <= STILL * abs(found.value))


def excludes_zero(found: Estimate) -> bool:
    """Whether a difference is shown: its whole interval lies on one side of 0."""
    return found.low is not None and found.high is not None and (found.low > 0 or found.high < 0)


def _paired(a: Estimate, b: Estimate) -> tuple[Floats, Floats] | None:
    """The influences of the replications that take part in both; None if fewer than two do."""
    u, v = a.influence, b.influence
    if u is None or v is None:
        return None
    if u.size != v.size:
        raise ValueError(f"{u.size} replications cannot be paired with {v.size}")
    both = np.isfinite(u) & np.isfinite(v)
    return (u[both], v[both]) if np.count_nonzero(both) > 1 else None
