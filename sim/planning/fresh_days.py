"""Numbers of agents shown on days that the search has not seen.

A target is *met* where its whole confidence interval lies on the right side. Where one is not, the
search takes in what the days said, aims at the next attempt's wider intervals, and its numbers are
tried on other days. Attempt k uses the confidence 1 - (1 - C) / 2^(k-1), so that a target that
does not hold is called met with probability 1 - C at most, whatever the number of attempts. The
first fresh days are no attempt: they only teach the search, which chose by fewer.

What failed is not tried again: in an interval the same numbers up to it, over the day any that
have no more room in the search. Elsewhere agents who have become superfluous are taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.experiment.result import Result
from sim.metrics.estimates import CONFIDENCE, Estimate
from sim.metrics.verdicts import Verdict
from sim.planning.aim import Aim, is_stuck
from sim.planning.certify import confidence_of
from sim.planning.day_staffing import DayStaffing, Tested, judge
from sim.planning.in_order import InOrder, NoRequirementError
from sim.planning.over_day import OverDay
from sim.scenario.model import Target

MOST_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """What the certificate shows of a target, in an interval or over the day."""

    target: Target
    outcome: Verdict
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Certificate:
    """The numbers in the end, and what replications `first` and following show of them.

    `attempts` were made until all was shown. Not all is shown only where a target holds on all
    days alike, so that more agents could not show more.
    """

    counts: list[int]
    shown: list[tuple[Shown, ...]]
    over_day: tuple[Shown, ...]
    first: int
    confidence: float
    attempts: int


def certified(
    day: DayStaffing,
    targets: tuple[Target, ...],
    search: InOrder | OverDay,
    counts: list[int],
    n: int,
    tell: Callable[[], None],
) -> Certificate:
    """From these numbers on, samples of `n` fresh replications until all is shown.

    By intervals with an `InOrder`, over the day with an `OverDay`; its days come first, then
    those of the certificates. Raises NoRequirementError.
    """
    first = search.n

    def test(counts: list[int]) -> tuple[Tested, list[bool]]:
        result = day.simulate(counts, n, first=first)
        tell()
        return _tested(day, targets, counts, n, result), day.left_waiting(result)

    search.aim = Aim.of(CONFIDENCE, n, search.n_limits)
    counts = search.least(counts)
    search.learn(test(counts)[0], [])
    for attempt in range(1, MOST_ATTEMPTS + 1):
        first += n
        confidence = confidence_of(attempt, CONFIDENCE)
        search.aim = Aim.of(confidence, n, search.n_limits)
        counts = search.least(counts)
        tested, waiting = test(counts)
        by_slot = [_judged(targets, found, confidence) for found in tested.by_slot]
        whole = _judged(targets, tested.over_day, confidence)
        if isinstance(search, OverDay):
            is_open = [any(waiting) or any(map(_wants_agents, whole))]
        else:
            pairs = zip(by_slot, waiting, strict=True)
            is_open = [there or any(map(_wants_agents, shown)) for shown, there in pairs]
        if not any(is_open):
            return Certificate(counts, by_slot, whole, first, confidence, attempt)
        search.learn(tested, [i for i, wants in enumerate(is_open) if wants])
    raise NoRequirementError(
        f"In {MOST_ATTEMPTS} attempts, each with more agents, no numbers were shown to meet the"
        f" targets on {n:,} replications: give more of them, or targets that leave some room."
    )


def _tested(
    day: DayStaffing, targets: tuple[Target, ...], counts: list[int], n: int, result: Result
) -> Tested:
    found = [day.estimates(result, target) for target in targets]
    by_slot = [tuple(each[i] for each in found) for i in range(day.n_slots)]
    return Tested(counts, n, by_slot, tuple(day.over_day(result, target) for target in targets))


def _judged(
    targets: tuple[Target, ...], found: tuple[Estimate, ...], confidence: float
) -> tuple[Shown, ...]:
    return tuple(
        Shown(target, *judge(one, target, confidence))
        for one, target in zip(found, targets, strict=True)
    )


def _wants_agents(shown: Shown) -> bool:
    """Whether a target is not shown, and more agents may help."""
    return shown.outcome is not Verdict.MET and not is_stuck(shown.estimate, shown.target)
