"""Which of several variants is best, with a stated chance of being wrong.

The best is chosen by looking at all, so all pairs of variants are compared, each with an interval
at the level 1 - 0.05 / pairs (Bonferroni): with at least 95 % confidence all of them hold at once,
whichever comes out first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.experiment.result import Result
from sim.experiment.subjects import estimates_of
from sim.metrics.differences import excludes_zero, paired_difference
from sim.metrics.estimates import CONFIDENCE, UNKNOWN, Estimate
from sim.scenario.targets import Metric, UnitKind

MORE_IS_BETTER = ("service_level",)
LESS_IS_BETTER = (
    "abandonment",
    "asa_s",
    "wait_mean_s",
    "wait_sd_s",
    "wait_p50_s",
    "wait_p90_s",
    "wait_p95_s",
    "wait_p99_s",
    "delayed",
    "queue_length_mean",
    "blocked_share",
    "retry_share",
    "first_attempt_abandonment",
    "overtime_s",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A variant, its own estimate, and the best variant less it, at the joint level."""

    variant: str
    estimate: Estimate
    best_less_it: Estimate

    @property
    def is_behind(self) -> bool:
        """Whether the best is shown to be better."""
        return excludes_zero(self.best_less_it)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Variants from best to worst by one metric; those without a value last."""

    subject: str
    is_group: bool
    metric: str
    comparisons: int
    places: list[Place]

    def document(self) -> dict[str, Any]:
        """As the comparison document has it."""
        return {
            "agents" if self.is_group else "queue": self.subject,
            "metric": self.metric,
            "error_rate": round(1.0 - CONFIDENCE, 12),
            "comparisons": self.comparisons,
            "method": "bonferroni",
            "order": [
                {
                    "variant": place.variant,
                    "estimate": place.estimate.document(),
                    "best_less_it": place.best_less_it.document(),
                    "is_behind": place.is_behind,
                }
                for place in self.places
            ],
        }


def check_rankable(metric: Metric) -> None:
    """Raises ValueError for a metric of which neither more nor less is better."""
    rankable = (*MORE_IS_BETTER, *LESS_IS_BETTER)
    if metric.name not in rankable:
        raise ValueError(
            f"`{metric.name}` has no better side, or no interval: rank by one of "
            f"{', '.join(rankable)}"
        )


def ranking(results: Mapping[str, Result], subject: str, metric: Metric, is_group: bool) -> Ranking:
    """The variants by `metric` of `subject`, which all must have. Raises ValueError."""
    check_rankable(metric)
    found = {
        name: estimates_of(result, subject, is_group=is_group)[metric.name]
        for name, result in results.items()
    }
    sign = -1.0 if metric.name in MORE_IS_BETTER else 1.0
    known = [name for name, each in found.items() if each.value is not None]
    order = sorted(known, key=lambda name: sign * (found[name].value or 0.0))
    n = len(results)
    comparisons = n * (n - 1) // 2
    level = 1.0 - (1.0 - CONFIDENCE) / comparisons
    share = metric.unit is UnitKind.SHARE
    places = []
    for name in [*order, *(name for name in found if name not in known)]:
        best = found[order[0]] if order else UNKNOWN
        less = paired_difference(found[name], best, share=share, confidence=level)
        places.append(Place(name, found[name], less))
    return Ranking(subject, is_group, metric.name, comparisons, places)
