"""A wanted precision such as `support.abandonment=0.2%`: a metric and its half-width."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from sim.scenario.targets import parse_metric_value, parse_subject

WITHOUT_INTERVAL = ("wait_max_s", "queue_length_max")


@dataclass(frozen=True, slots=True)
class Precision:
    """`half_width` is in the metric's own unit: a share as 0..1, seconds, a number."""

    text: str
    subject: str
    metric: str
    half_width: float
    subject_is_group: bool = False


def parse_precision(text: str, queues: Collection[str], groups: Collection[str]) -> Precision:
    """`SUBJECT.METRIC=VALUE`. Raises ValueError with what is wrong."""
    left, equals, right = text.rpartition("=")
    if not equals or not left.strip() or not right.strip():
        raise ValueError(
            "a precision is `SUBJECT.METRIC=HALF-WIDTH`, such as `support.abandonment=0.2%`, "
            f"found `{text[:80]}`"
        )
    subject, metric, is_group = parse_subject(left, queues, groups)
    if metric.name in WITHOUT_INTERVAL:
        raise ValueError(
            f"`{metric.name}` grows with the number of replications and has no confidence interval"
        )
    half = parse_metric_value(metric, right.strip())
    if not 0.0 < half < math.inf:
        raise ValueError(f"`{text[:80]}`: the half-width must be more than 0")
    return Precision(text.strip(), subject, metric.name, half, is_group)
