"""Numbers of agents shown on days that the search has not seen, an agent more where they fail.

A target is *met* where its whole confidence interval lies on the right side; where it is not, the
interval gets one agent more, and other days are drawn. Attempt k uses the confidence
1 - (1 - C) / 2^(k-1), so that a target that does not hold is called met with probability 1 - C at
most, whatever the number of attempts.

An agent more in one interval may make one after it superfluous. So before other days are drawn,
agents are taken back wherever the search's days show that the targets hold without them, in the
order of time, unless the same numbers have failed here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.experiment.result import Result
from sim.metrics.estimates import CONFIDENCE, Estimate
from sim.metrics.verdicts import Verdict
from sim.planning.day_staffing import DayStaffing, judge
from sim.planning.in_order import InOrder
from sim.planning.over_day import slack
from sim.scenario.model import Target

MOST_ATTEMPTS = 20


Failed = dict[tuple[int, ...], tuple[Estimate, ...]]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the certificate shows of a target, in an interval or over the day."""

    target: Target
    outcome: Verdict
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Certificate:
    """The numbers in the end, and what replications `first` and following show of them.

    `failed` are the numbers up to an interval with which it was not shown, and its estimates then.
    """

    counts: list[int]
    shown: list[tuple[Shown, ...]]
    over_day: tuple[Shown, ...]
    first: int
    confidence: float
    failed: Failed


def certified(
    day: DayStaffing,
    targets: tuple[Target, ...],
    counts: list[int],
    first: int,
    n: int,
    tell: Callable[[], None],
    *,
    search: InOrder | None,
) -> Certificate:
    """Samples of `n` fresh replications until all is shown: in every interval, or over the day.

    `search` has the days on which agents are taken back; None is for targets over the day.
    """
    counts = list(counts)
    failed: Failed = {}
    for attempt in range(1, MOST_ATTEMPTS + 1):
        confidence = 1.0 - (1.0 - CONFIDENCE) / 2.0 ** (attempt - 1)
        result = day.simulate(counts, n, first=first)
        tell()
        shown = _by_slot(day, targets, result, confidence)
        whole = tuple(
            Shown(target, *judge(day.over_day(result, target), target, confidence))
            for target in targets
        )
        waiting = day.left_waiting(result)
        short = _worst(shown, whole, waiting) if search is None else _short(shown, waiting)
        if not any(short) or attempt == MOST_ATTEMPTS:
            break
        for i, wants in enumerate(short):
            if wants:
                failed[tuple(counts[: i + 1])] = tuple(each.estimate for each in shown[i])
        counts = [count + more for count, more in zip(counts, short, strict=True)]
        if search is not None:
            counts = _without_spare(search, counts, failed)
        first += n
    return Certificate(counts, shown, whole, first, confidence, failed)


def _without_spare(search: InOrder, counts: list[int], failed: Failed) -> list[int]:
    """The numbers without the agents whom the search's days show to be superfluous."""
    counts = list(counts)
    for i in range(len(counts)):
        while counts[i] > 0:
            fewer = [*counts[:i], counts[i] - 1, *counts[i + 1 :]]
            if tuple(fewer[: i + 1]) in failed or not search.shows(i, fewer):
                break
            counts = fewer
    return counts


def _by_slot(
    day: DayStaffing, targets: tuple[Target, ...], result: Result, confidence: float
) -> list[tuple[Shown, ...]]:
    found = [day.estimates(result, target) for target in targets]
    return [
        tuple(
            Shown(target, *judge(each[i], target, confidence))
            for each, target in zip(found, targets, strict=True)
        )
        for i in range(day.n_slots)
    ]


def _short(shown: list[tuple[Shown, ...]], waiting: list[bool]) -> list[bool]:
    """The intervals that get an agent more.

    What the interval before is short of may be all that one suffers from: that one comes first.
    """
    short = [
        there or any(each.outcome is not Verdict.MET for each in slot)
        for slot, there in zip(shown, waiting, strict=True)
    ]
    return [wants and not (i and short[i - 1]) for i, wants in enumerate(short)]


def _worst(
    shown: list[tuple[Shown, ...]], whole: tuple[Shown, ...], waiting: list[bool]
) -> list[bool]:
    """Where the day as a whole is not shown, the interval that lies furthest on the wrong side."""
    if any(waiting):
        return waiting
    if all(each.outcome is Verdict.MET for each in whole):
        return [False] * len(shown)
    worst = [min(slack(each.estimate, each.target) for each in slot) for slot in shown]
    return [i == worst.index(min(worst)) for i in range(len(shown))]
