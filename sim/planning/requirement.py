"""The agents that each interval needs: searched in the order of time, shown on fresh days.

The number of an interval is the least with which all targets hold for the calls that arrive in it,
given the numbers of the intervals before it. So a backlog is carried over: who waits at the end of
an interval is there in the next. Later numbers matter only to those who still wait, so one pass in
the order of time nearly suffices; it is repeated until nothing changes. In the search
all numbers meet the same callers, and a target holds if the estimate itself does.

What the search found was chosen for looking well, so it is simulated anew. A target is *met* where
its whole confidence interval lies on the right side; where it is not, the interval gets one agent
more, and other days are drawn. Attempt k uses the confidence 1 - (1 - C) / 2^(k-1), so that a
target that does not hold is called met with probability 1 - C at most, whatever the number of
attempts.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sim.experiment.result import Result
from sim.metrics.estimates import CONFIDENCE, Estimate
from sim.metrics.verdicts import Verdict
from sim.planning.day_staffing import DayStaffing, is_on_the_right_side, judge
from sim.planning.erlang_by_interval import Demand, demand
from sim.scenario.model import Scenario, Target

SEARCH_CALLS, SEARCH_LEAST, SEARCH_MOST = 400_000, 100, 800
CERTIFY_CALLS, CERTIFY_LEAST, CERTIFY_MOST = 4_000_000, 400, 8_000
"""Calls that a sample should have, and between how many replications."""
MOST_PASSES = 5
MOST_ATTEMPTS = 20
LOOK_AHEAD = 1
"""Intervals after the one that is searched which are simulated too."""


class NoRequirementError(Exception):
    """No number of agents meets the targets in an interval: a sentence that says which and why."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the certificate shows of a target in an interval."""

    target: Target
    outcome: Verdict
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Slot:
    """An interval: its demand, the agents required and scheduled, and what was shown of them.

    `one_fewer` are the search's estimates with one agent fewer here, None where it tried none;
    `with_erlang_c` and `with_erlang_a` the certificate's for a day staffed by those numbers.
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
    slots: list[Slot]
    shrinkage: float
    search_replications: int
    replications: int
    confidence: float
    elapsed_s: float

    @property
    def all_met(self) -> bool:
        """Whether every target is shown in every interval."""
        return all(each.outcome is Verdict.MET for slot in self.slots for each in slot.shown)


@dataclass(eq=False)
class _Search:
    """Evaluates numbers of agents on the search's sample; what was simulated is remembered."""

    day: DayStaffing
    targets: tuple[Target, ...]
    n: int
    tell: Callable[[], None]
    known: dict[tuple[int, tuple[int, ...]], tuple[bool, tuple[Estimate, ...]]] = field(
        default_factory=dict
    )

    def at(self, slot: int, counts: Sequence[int]) -> tuple[bool, tuple[Estimate, ...]]:
        """Whether the targets hold in an interval, and the estimates."""
        slots = min(slot + 1 + LOOK_AHEAD, self.day.n_slots)
        key = slot, tuple(counts[:slots])
        if key not in self.known:
            self._simulate(slots, counts)
        return self.known[key]

    def _simulate(self, slots: int, counts: Sequence[int]) -> None:
        """One simulation tells of all intervals but those whose future it does not see."""
        result = self.day.simulate(counts, self.n, slots=slots)
        self.tell()
        waiting = self.day.left_waiting(result)
        found = [self.day.estimates(result, target) for target in self.targets]
        last = slots if slots == self.day.n_slots else slots - LOOK_AHEAD
        for i in range(last):
            here = tuple(each[i] for each in found)
            holds = not waiting[i] and all(
                is_on_the_right_side(one, target)
                for one, target in zip(here, self.targets, strict=True)
            )
            until = min(i + 1 + LOOK_AHEAD, self.day.n_slots)
            self.known.setdefault((i, tuple(counts[:until])), (holds, here))

    def least(self, slot: int, counts: list[int], most: int) -> int:
        """The least number for an interval, from the one that stands there up or down."""

        def holds(number: int) -> bool:
            return self.at(slot, [*counts[:slot], number, *counts[slot + 1 :]])[0]

        low, high, step = -1, counts[slot], 1
        if holds(high):
            while high > 0:
                low = max(-1, high - step)
                if low < 0 or not holds(low):
                    break
                high, step = low, 2 * step
        else:
            low, high = high, high + 1
            while not holds(high):
                if high > most:
                    raise NoRequirementError(_hopeless(self.day, slot, high))
                step *= 2
                low, high = high, high + step
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if holds(middle) else (middle, high)
        return high


def requirement(
    scenario: Scenario,
    targets: Sequence[Target],
    group: int,
    *,
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
    told (simulations done, about how many). Raises NoRequirementError.
    """
    started = time.perf_counter()
    day = DayStaffing.of(
        scenario, group, interval_s or scenario.interval_s, engine=engine, workers=workers
    )
    wanted = tuple(targets)
    loads = demand(day.scenario, group, day.edges_s.tolist(), wanted)
    calls = sum(each.calls for each in loads)
    n = search_replications or _size(calls, SEARCH_CALLS, SEARCH_LEAST, SEARCH_MOST)
    fresh = replications or _size(calls, CERTIFY_CALLS, CERTIFY_LEAST, CERTIFY_MOST)
    done = 0

    def tell() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, max(done, 6 * day.n_slots))

    search = _Search(day, wanted, n, tell)
    counts = _searched(search, [_guess(each) for each in loads])
    counts, shown, last, confidence = _certified(day, wanted, counts, n, fresh, tell)
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
            shown=shown[i],
            one_fewer=_one_fewer(search, i, counts),
            with_erlang_c=None if beside[0] is None else beside[0][i],
            with_erlang_a=None if beside[1] is None else beside[1][i],
        )
        for i in range(day.n_slots)
    ]
    return Requirement(
        day, wanted, slots, shrinkage, n, fresh, confidence, time.perf_counter() - started
    )


def scheduled(required: int, shrinkage: float) -> int:
    """The agents to schedule so that, on average, so many are there: shrinkage applied once."""
    return math.ceil(required / (1.0 - shrinkage) - 1e-9)


def _size(calls: float, wanted: int, least: int, most: int) -> int:
    return int(min(most, max(least, wanted / max(calls, 1.0))))


def _guess(each: Demand) -> int:
    known = [n for n in (each.erlang_a, each.erlang_c) if n is not None]
    return known[0] if known else math.ceil(each.offered_load_erlangs)


def _searched(search: _Search, counts: list[int]) -> list[int]:
    """Passes in the order of time until nothing changes."""
    most = [10 * n + 200 for n in counts]
    for _ in range(MOST_PASSES):
        before = list(counts)
        for i in range(len(counts)):
            counts[i] = search.least(i, counts, most[i])
        if counts == before:
            break
    return counts


def _certified(
    day: DayStaffing,
    targets: tuple[Target, ...],
    counts: list[int],
    first: int,
    n: int,
    tell: Callable[[], None],
) -> tuple[list[int], list[tuple[Shown, ...]], int, float]:
    """Fresh days until every target is shown in every interval, an agent more where it is not.

    The numbers, what was shown, the first replication of the last sample and its confidence.
    """
    for attempt in range(1, MOST_ATTEMPTS + 1):
        confidence = 1.0 - (1.0 - CONFIDENCE) / 2.0 ** (attempt - 1)
        result = day.simulate(counts, n, first=first)
        tell()
        shown = _shown(day, targets, result, confidence)
        waiting = day.left_waiting(result)
        short = [
            waiting[i] or any(each.outcome is not Verdict.MET for each in shown[i])
            for i in range(day.n_slots)
        ]
        if not any(short) or attempt == MOST_ATTEMPTS:
            break
        for i, wants in enumerate(short):
            # what the interval before is short of may be all that this one suffers from
            if wants and not (i and short[i - 1]):
                counts[i] += 1
        first += n
    return counts, shown, first, confidence


def _shown(
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


def _one_fewer(search: _Search, slot: int, counts: list[int]) -> tuple[Estimate, ...] | None:
    if counts[slot] == 0:
        return None
    return search.at(slot, [*counts[:slot], counts[slot] - 1, *counts[slot + 1 :]])[1]


def _hopeless(day: DayStaffing, slot: int, tried: int) -> str:
    name = day.scenario.agents[day.group].name
    start = day.edges_s[slot] / 60.0
    return (
        f"No number of agents of `{name}` up to {tried:,} meets the targets in the interval that"
        f" begins {start:,.6g} minutes after the start: other groups, the flow or the limits of"
        " the queue stand in the way."
    )
