"""The certificate: a plan simulated on days that the search has not seen, and judged.

What the search thinks of the plan it chose is too good: of many plans it took one that looked
well. So a plan is simulated anew, on replications of its own, and each target is *met* only if
its whole confidence interval lies on the right side.

Should a plan fail, another is tried on other replications, and so more than once a false "met" may
come out. The error is split for that: with confidence C, attempt number k uses intervals of
confidence 1 - (1 - C) / 2^(k-1). Each is two-sided, so that a target that does not hold is called
met by attempt k with probability (1 - C) / 2^k at most (up to the normal approximation of the
intervals, which for `P(...)` are exact), and by any attempt with at most 1 - C. All targets
together need no further correction: that all of them hold is claimed only where each of them is
shown to, and one that does not hold is enough to make that as rare (the intersection-union
principle: Berger, "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24,
1982).
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.metrics.estimates import UNKNOWN, Estimate
from sim.metrics.verdicts import Verdict, judged_share, verdict
from sim.planning.goals import Limit
from sim.planning.measured import Measured
from sim.planning.problem import Point
from sim.planning.reading import Reading, reading


@dataclass(frozen=True, slots=True)
class Judged:
    """A limit, what was shown of it, and the estimate by which that was decided."""

    limit: Limit
    outcome: Verdict
    estimate: Estimate


@dataclass(frozen=True, eq=False)
class Certificate:
    """What `replications` fresh ones show of a plan, at this confidence."""

    point: Point
    judged: list[Judged]
    replications: int
    confidence: float
    readings: list[Reading]

    @property
    def all_met(self) -> bool:
        """Whether every limit is shown to hold."""
        return all(each.outcome is Verdict.MET for each in self.judged)

    @property
    def any_missed(self) -> bool:
        """Whether a limit is shown to be broken."""
        return any(each.outcome is Verdict.MISSED for each in self.judged)


def confidence_of(attempt: int, confidence: float) -> float:
    """The confidence of the intervals of attempt number `attempt`, from 1."""
    return 1.0 - (1.0 - confidence) / 2.0 ** (attempt - 1)


def certificate(
    point: Point, measured: Measured, limits: tuple[Limit, ...], confidence: float
) -> Certificate:
    """Judge fresh replications of a plan."""
    judged = [judge(limit, measured, confidence) for limit in limits]
    readings = [reading(limit, measured) for limit in limits]
    return Certificate(point, judged, measured.n, confidence, readings)


def judge(limit: Limit, measured: Measured, confidence: float) -> Judged:
    """One limit: a limit that nothing is there to break is met."""
    found = measured.estimate(limit, confidence=confidence)
    if found.value is None:
        outcome = Verdict.MET if measured.is_vacuous(limit) else Verdict.NOT_SHOWN
        return Judged(limit, outcome, UNKNOWN)
    if limit.is_share and limit.target.of_days is None:
        found = judged_share(found, confidence)
    return Judged(limit, verdict(found, limit.operator, limit.bound), found)


def goal_outcome(judged: list[Judged]) -> Verdict:
    """What the limits of one goal show together."""
    outcomes = {each.outcome for each in judged}
    if Verdict.MISSED in outcomes:
        return Verdict.MISSED
    return Verdict.NOT_SHOWN if Verdict.NOT_SHOWN in outcomes else Verdict.MET


def worst(judged: list[Judged]) -> Judged:
    """The limit that is nearest to being broken, or broken most."""

    def room(each: Judged) -> float:
        found = each.estimate
        if found.value is None:
            return float("inf")
        half = found.half_width or 0.0
        return each.limit.slack(found.value) - half

    order = (Verdict.MISSED, Verdict.NOT_SHOWN, Verdict.MET)
    return min(judged, key=lambda each: (order.index(each.outcome), room(each)))
