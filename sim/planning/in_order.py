"""The least agents of one interval after the other, in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sim.metrics.estimates import CONFIDENCE, Estimate
from sim.metrics.verdicts import Verdict
from sim.planning.day_staffing import DayStaffing, is_on_the_right_side, judge
from sim.scenario.model import Target

MOST_PASSES = 5
LOOK_AHEAD = 1
"""Intervals after the one that is searched which are simulated too."""


class NoRequirementError(Exception):
    """No number of agents meets the targets: a sentence that says where and why."""


@dataclass(eq=False)
class InOrder:
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

    def shows(self, slot: int, counts: Sequence[int]) -> bool:
        """Whether the targets hold in an interval beyond doubt, with their whole intervals."""
        holds, found = self.at(slot, counts)
        return holds and all(
            judge(one, target, CONFIDENCE)[0] is Verdict.MET
            for one, target in zip(found, self.targets, strict=True)
        )

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

    def _of_slot(self, slot: int, counts: list[int], most: int) -> int:
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

    def least(self, counts: list[int]) -> list[int]:
        """From these numbers, passes in the order of time until nothing changes."""
        counts = list(counts)
        most = [10 * n + 200 for n in counts]
        for _ in range(MOST_PASSES):
            before = list(counts)
            for i in range(len(counts)):
                counts[i] = self._of_slot(i, counts, most[i])
            if counts == before:
                break
        return counts


def _hopeless(day: DayStaffing, slot: int, tried: int) -> str:
    name = day.scenario.agents[day.group].name
    start = day.edges_s[slot] / 60.0
    return (
        f"No number of agents of `{name}` up to {tried:,} meets the targets in the interval that"
        f" begins {start:,.6g} minutes after the start: other groups, the flow or the limits of"
        " the queue stand in the way."
    )
