"""Whether one that was picked by looking differs from the whole by more than chance explains."""

from __future__ import annotations

from sim.metrics.estimates import t_quantile
from sim.report.book.parts import Document, with_half_width


def stands_out(
    estimate: Document | None, whole: float | None, picked_of: int, document: Document
) -> bool:
    """Whether `whole` lies outside the interval of `estimate`, one picked of `picked_of`.

    The interval is that of the estimate at the level 1 - 0.05 / picked_of (Bonferroni), so that on
    a day without any pattern something is said of it on at most one day in twenty. False without
    an interval.
    """
    if estimate is None or estimate.get("value") is None or whole is None:
        return False
    half = with_half_width(estimate)["half_width"]
    sample = int(document.get("batches") or document["replications"])
    if half is None or sample < 2:
        return False
    level = float(document["confidence"])
    joint = 1.0 - (1.0 - level) / max(1, picked_of)
    wider = t_quantile(sample - 1, joint) / t_quantile(sample - 1, level)
    return bool(abs(float(estimate["value"]) - whole) > wider * half)
