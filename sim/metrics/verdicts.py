"""Whether a target is met, missed, or not shown either way by the replications at hand."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from sim.metrics.differences import does_not_vary
from sim.metrics.estimates import CONFIDENCE, Estimate

MAXIMA = ("wait_max_s", "queue_length_max")
"""Metrics without an interval: the greatest value of all replications."""


class Verdict(StrEnum):
    MET = "met"
    MISSED = "missed"
    NOT_SHOWN = "not_shown"


def judged_share(found: Estimate, confidence: float = CONFIDENCE) -> Estimate:
    """A share's estimate with an exact interval where its replications are all alike.

    If all of n days have the share c, then at 95 % `confidence` at most q = 1 - 0.05^(1/n) of all
    days have another (Clopper and Pearson 1934; q is about 3/n, the rule of three), and those
    have a share between 0 and 1: the mean lies from c (1 - q) to c + q (1 - c). Days count
    equally; no law of the shares is assumed.
    """
    if found.value is None or found.influence is None or not does_not_vary(found):
        return found
    n = int(np.count_nonzero(np.isfinite(found.influence)))
    others = 1.0 - (1.0 - confidence) ** (1.0 / n)
    low, high = found.value * (1.0 - others), found.value + others * (1.0 - found.value)
    half = max(found.value - low, high - found.value)
    return Estimate(found.value, low, high, half, found.influence)


def verdict(found: Estimate, operator: str, bound: float, *, metric: str = "") -> Verdict:
    """What `found` shows of `<= bound` or `>= bound`.

    The whole interval must lie on one side; the bound itself meets. A `metric` of `MAXIMA` has no
    interval, but can only grow: what has been seen is shown. An estimate without variation
    shows nothing (shares: after `judged_share`, which gives them an exact interval).
    """
    at_most = operator == "<="
    if metric in MAXIMA and found.value is not None:
        if found.value > bound or (not at_most and found.value == bound):
            return Verdict.MISSED if at_most else Verdict.MET
        return Verdict.NOT_SHOWN
    if found.low is None or found.high is None or _interval_is_a_point(found):
        return Verdict.NOT_SHOWN
    if found.high <= bound if at_most else found.low >= bound:
        return Verdict.MET
    if found.low > bound if at_most else found.high < bound:
        return Verdict.MISSED
    return Verdict.NOT_SHOWN


def _interval_is_a_point(found: Estimate) -> bool:
    """No variation, and no exact interval in its place."""
    return found.half_width is not None and found.half_width <= 1e-12 * abs(found.value or 0.0)
