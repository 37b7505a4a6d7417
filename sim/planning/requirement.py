"""The agents that each interval needs: searched in the order of time, shown on fresh days.

The number of an interval is the least with which all targets hold for the calls that arrive in it,
given the numbers of the intervals before it. So a backlog is carried over: who waits at the end of
an interval is there in the next. Later numbers matter only to those who still wait, so one pass in
the order of time nearly suffices; it is repeated until nothing changes. In the search
all numbers meet the same callers, and a target holds if the estimate itself does.

What the search found was chosen for looking well, so it is shown anew (`fresh_days`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.metrics.estimates import Estimate
from sim.metrics.verdicts import Verdict
from sim.planning.aim import days_to_show
from sim.planning.day_staffing import DayStaffing, refusal
from sim.planning.erlang_by_interval import Demand, demand
from sim.planning.fresh_days import Shown, certified
from sim.planning.in_order import InOrder
from sim.planning.over_day import OverDay
from sim.planning.required import DAY, INTERVAL
from sim.scenario.model import Scenario, Target

SEARCH_CALLS, SEARCH_LEAST, SEARCH_MOST = 400_000, 100, 800
CERTIFY_CALLS, CERTIFY_LEAST, CERTIFY_MOST = 4_000_000, 400, 8_000
"""Calls that a sample should have, and between how many replications."""
NEARBY, FEWEST_NEARBY = 8, 25
"""The first numbers come from a part of the search's sample, but from so many replications."""
MOST_ADDED = 2000


@dataclass(frozen=True, slots=True)
class Slot:
    """An interval: its demand, the agents required and scheduled, and what was shown of them.

    `one_fewer` are the estimates with one agent fewer here, the search's, corrected by what fresh
    days told, or those of fresh days on which that failed; None where nobody is required.
    `with_erlang_c` and `with_erlang_a` are the certificate's for a day staffed by those numbers.
    """

    start_s: float
    end_s: float
    demand: Demand
    required: int
    scheduled: int
    shown: tuple[Shown, ...]
    one_fewer: tuple[Estimate, ...] | None
    with_erlang_c: tuple[Estimate, ...] | None
    with_erlang_a: tuple[Estimate, ...] | None


@dataclass(frozen=True, eq=False)
class Requirement:
    """The requirement of a day, and how it was found. `shrinkage` is the group's, applied once."""

    day: DayStaffing
    targets: tuple[Target, ...]
    over: str
    slots: list[Slot]
    over_day: tuple[Shown, ...]
    shrinkage: float
    search_replications: int
    replications: int
    confidence: float
    elapsed_s: float

    @property
    def all_met(self) -> bool:
        """Whether every target is shown: in every interval, or over the day if that was asked."""
        return not self._open()

    @property
    def advice(self) -> str | None:
        """Why not everything is shown and what to do; None if it is.

        What is open holds on all replications alike: where more agents could help, they are there.
        """
        left = self._open()
        if not left:
            return None
        days = [days_to_show(each.estimate, each.target, self.confidence) for each in left]
        known = [n for n in days if n is not None]
        more = f"{max(known):,} or more" if len(known) == len(days) else "more of them"
        return (
            "Not all of it is shown, though it holds on every one of the"
            f" {self.replications:,} replications: give {more}."
        )

    def _open(self) -> list[Shown]:
        judged = [each for slot in self.slots for each in slot.shown]
        if self.over == DAY:
            judged = list(self.over_day)
        return [each for each in judged if each.outcome is not Verdict.MET]


def requirement(
    scenario: Scenario,
    targets: Sequence[Target],
    group: int,
    *,
    over: str = INTERVAL,
    interval_s: float | None = None,
    search_replications: int | None = None,
    replications: int | None = None,
    engine: str = "auto",
    workers: int | None = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Requirement:
    """The agents of group number `group` that each interval needs for the targets.

    `interval_s` None takes the scenario's intervals; the other groups stay as they are. The
    numbers of replications follow from the calls of a day unless they are given. `progress` is
    told (simulations done, about how many). Raises NoRequirementError, and ValueError with all
    that is wrong with the targets (see `refusal`).
    """
    refused = [why for target in targets if (why := refusal(target)) is not None]
    if refused:
        raise ValueError("\n".join(refused))
    started = time.perf_counter()
    day = DayStaffing.of(
        scenario, group, interval_s or scenario.interval_s, engine=engine, workers=workers
    )
    wanted = tuple(targets)
    loads = demand(day.scenario, group, day.edges_s.tolist(), wanted)
    calls = sum(each.calls for each in loads)
    fresh = replications or _size(calls, CERTIFY_CALLS, CERTIFY_LEAST, CERTIFY_MOST)
    n = _size(calls, SEARCH_CALLS, SEARCH_LEAST, SEARCH_MOST)
    n = search_replications or min(n, fresh)
    done = 0

    def tell() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, max(done, 10 * day.n_slots))

    counts = [_guess(each) for each in loads]

    def searching(days: int) -> InOrder | OverDay:
        if over == DAY:
            return OverDay(day, wanted, days, tell, MOST_ADDED)
        return InOrder(day, wanted, days, tell)

    search = searching(n)
    counts = searching(max(n // NEARBY, FEWEST_NEARBY)).least(counts)
    certificate = certified(day, wanted, search, counts, fresh, tell)
    counts, last = certificate.counts, certificate.first
    shrinkage = scenario.agents[group].shrinkage
    beside = [
        _beside(day, wanted, [getattr(each, name) for each in loads], last, fresh)
        for name in ("erlang_c", "erlang_a")
    ]
    slots = [
        Slot(
            start_s=float(day.edges_s[i]),
            end_s=float(day.edges_s[i + 1]),
            demand=loads[i],
            required=counts[i],
            scheduled=scheduled(counts[i], shrinkage),
            shown=certificate.shown[i],
            one_fewer=None if isinstance(search, OverDay) else _one_fewer(search, i, counts),
            with_erlang_c=None if beside[0] is None else beside[0][i],
            with_erlang_a=None if beside[1] is None else beside[1][i],
        )
        for i in range(day.n_slots)
    ]
    return Requirement(
        day, wanted, over, slots, certificate.over_day, shrinkage, n, fresh,
        certificate.confidence, time.perf_counter() - started,
    )  # fmt: skip


def scheduled(required: int, shrinkage: float) -> int:
    """The agents to schedule so that, on average, so many are there: shrinkage applied once."""
    return math.ceil(required / (1.0 - shrinkage) - 1e-9)


def _size(calls: float, wanted: int, least: int, most: int) -> int:
    return int(min(most, max(least, wanted / max(calls, 1.0))))


def _guess(each: Demand) -> int:
    known = [n for n in (each.erlang_a, each.erlang_c) if n is not None]
    return known[0] if known else math.ceil(each.offered_load_erlangs)


def _beside(
    day: DayStaffing,
    targets: tuple[Target, ...],
    numbers: list[int | None],
    first: int,
    n: int,
) -> list[tuple[Estimate, ...]] | None:
    """What becomes of the targets with other numbers, on the certificate's sample."""
    counts = [number for number in numbers if number is not None]
    if len(counts) < len(numbers):
        return None
    result = day.simulate(counts, n, first=first)
    found = [day.estimates(result, target) for target in targets]
    return [tuple(each[i] for each in found) for i in range(day.n_slots)]


def _one_fewer(search: InOrder, slot: int, counts: list[int]) -> tuple[Estimate, ...] | None:
    if counts[slot] == 0:
        return None
    return search.expected(slot, [*counts[:slot], counts[slot] - 1, *counts[slot + 1 :]])
