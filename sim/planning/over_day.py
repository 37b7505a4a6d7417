"""Targets over the whole day: agents taken from the intervals that can best do without them.

Of all numbers with which targets hold over a day there are many. Agents are added where most
calls suffer until the targets hold, and then taken away one by one, always where the targets keep
most room, until none can be spared anywhere: a local optimum, found on common random numbers.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from sim.metrics.estimates import Estimate
from sim.planning.aim import EVEN, Aim
from sim.planning.day_staffing import DayStaffing, Tested
from sim.planning.drift import Drift
from sim.planning.in_order import NoRequirementError, too_narrow
from sim.scenario.model import Target

NEXT_UP = 1e-9
"""By how much a plan must have more room than one that was not shown."""


@dataclass(eq=False)
class OverDay:
    """Looks for numbers of agents on replications 0 to `n` - 1; `tell` hears of each simulation.

    `aim` is what the sample must show of numbers. Of certificates that failed the search learns
    how far their days lie from its own, and that nothing is shown that has less room.
    """

    day: DayStaffing
    targets: tuple[Target, ...]
    n: int
    tell: Callable[[], None]
    most: int
    aim: Aim = EVEN
    failed: list[tuple[int, ...]] = field(default_factory=list)
    known: dict[tuple[int, ...], tuple[Estimate, ...] | None] = field(default_factory=dict)
    drift: Drift = field(init=False)

    def __post_init__(self) -> None:
        self.drift = Drift(self.n)

    @property
    def n_limits(self) -> int:
        """How many estimates a certificate has to show."""
        return len(self.targets)

    def least(self, counts: list[int]) -> list[int]:
        """Numbers from which no agent can be spared. Raises NoRequirementError."""
        counts = list(counts)
        bar = max(map(self.room, self.failed), default=-math.inf) + NEXT_UP
        bar = max(bar, 0.0)
        for _ in range(self.most):
            if self.room(counts) >= bar:
                break
            counts[self.where_most_suffer(counts)] += 1
        else:
            raise NoRequirementError(self._hopeless(counts))
        # what an agent less leaves of the room can only shrink as others go: look again at the best
        waiting = [(-self.room(self._without(counts, i)), i) for i in self._staffed(counts)]
        heapq.heapify(waiting)
        while waiting:
            _, slot = heapq.heappop(waiting)
            if counts[slot] == 0:
                continue
            room = self.room(self._without(counts, slot))
            if room < bar:
                continue
            if waiting and -room > waiting[0][0]:
                heapq.heappush(waiting, (-room, slot))
                continue
            counts[slot] -= 1
            heapq.heappush(waiting, (-room, slot))
        return counts

    def room(self, counts: Sequence[int]) -> float:
        """How far the nearest target lies beyond the aim; below 0 short of it."""
        found = self._at(counts)
        if found is None:
            return -math.inf
        return min(
            self.aim.room(one, target, self.drift.of(i))
            for i, (one, target) in enumerate(zip(found, self.targets, strict=True))
        )

    def _at(self, counts: Sequence[int]) -> tuple[Estimate, ...] | None:
        """The estimates over the day; None where somebody is never answered and never leaves."""
        key = tuple(counts)
        if key not in self.known:
            result = self.day.simulate(key, self.n)
            self.tell()
            self.known[key] = (
                None
                if any(self.day.left_waiting(result))
                else tuple(self.day.over_day(result, target) for target in self.targets)
            )
        return self.known[key]

    def learn(self, tested: Tested, open_slots: Collection[int]) -> None:
        """Take in what fresh days found; the targets were not shown if any are open."""
        if open_slots:
            self.failed.append(tuple(tested.counts))
        for i, (ours, fresh) in enumerate(
            zip(self._at(tested.counts) or (), tested.over_day, strict=False)
        ):
            self.drift.learn(i, ours, fresh, tested.n)

    def where_most_suffer(self, counts: Sequence[int]) -> int:
        """The interval whose calls spoil the day's worst target the most."""
        result = self.day.simulate(counts, self.n)
        self.tell()
        left = self.day.left_waiting(result)
        if any(left):
            return left.index(True)
        assert result.slot_counts is not None
        calls = result.slot_counts[:, : len(self.day.scenario.queues), :, :2].sum(axis=(0, 1, 3))
        rooms = [
            self.aim.room(self.day.over_day(result, target), target, self.drift.of(i))
            for i, target in enumerate(self.targets)
        ]
        worst = self.targets[rooms.index(min(rooms))]
        perfect = 1.0 if worst.operator == ">=" else 0.0
        spoilt = [
            float(n) * abs(perfect - found.value) if found.value is not None else 0.0
            for n, found in zip(calls, self.day.estimates(result, worst), strict=True)
        ]
        return spoilt.index(max(spoilt))

    def _hopeless(self, counts: Sequence[int]) -> str:
        found = self._at(counts)
        if found is not None and all(
            EVEN.room(one, target) >= 0.0 for one, target in zip(found, self.targets, strict=True)
        ):
            return too_narrow(f"With {self.most:,} agents more", "", self.aim.replications)
        return (
            f"{self.most:,} agents more, wherever most calls suffer, do not meet the targets:"
            " other groups, the flow or the limits of the queue stand in the way."
        )

    def _staffed(self, counts: list[int]) -> list[int]:
        return [i for i, n in enumerate(counts) if n]

    @staticmethod
    def _without(counts: list[int], slot: int) -> list[int]:
        return [*counts[:slot], counts[slot] - 1, *counts[slot + 1 :]]
