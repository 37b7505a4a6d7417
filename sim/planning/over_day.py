"""Targets over the whole day: agents taken from the intervals that can best do without them.

Of all numbers with which targets hold over a day there are many. Agents are added where most is
amiss until the targets hold, and then taken away one by one, always where the targets keep most
room, until none can be spared anywhere: a local optimum, found on common random numbers.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

from sim.metrics.estimates import Estimate
from sim.planning.day_staffing import DayStaffing
from sim.scenario.model import Target
from sim.scenario.targets import METRICS, UnitKind


@dataclass(eq=False)
class OverDay:
    """Looks for numbers of agents on replications 0 to `n` - 1; `tell` hears of each simulation."""

    day: DayStaffing
    targets: tuple[Target, ...]
    n: int
    tell: Callable[[], None]
    most: int
    known: dict[tuple[int, ...], float] = field(default_factory=dict)

    def least(self, counts: list[int]) -> list[int] | None:
        """Numbers from which no agent can be spared; None if even `most` more do not suffice."""
        counts = list(counts)
        for _ in range(self.most):
            if self.room(counts) >= 0.0:
                break
            counts[self.where_most_is_amiss(counts)] += 1
        else:
            return None
        # what an agent less leaves of the room can only shrink as others go: look again at the best
        waiting = [(-self.room(self._without(counts, i)), i) for i in self._staffed(counts)]
        heapq.heapify(waiting)
        while waiting:
            _, slot = heapq.heappop(waiting)
            if counts[slot] == 0:
                continue
            room = self.room(self._without(counts, slot))
            if room < 0.0:
                continue
            if waiting and -room > waiting[0][0]:
                heapq.heappush(waiting, (-room, slot))
                continue
            counts[slot] -= 1
            heapq.heappush(waiting, (-room, slot))
        return counts

    def room(self, counts: list[int]) -> float:
        """How far the nearest target lies on the right side; below 0 on the wrong one."""
        key = tuple(counts)
        if key not in self.known:
            result = self.day.simulate(counts, self.n)
            self.tell()
            if any(self.day.left_waiting(result)):
                self.known[key] = -float("inf")
            else:
                self.known[key] = min(
                    slack(self.day.over_day(result, target), target) for target in self.targets
                )
        return self.known[key]

    def where_most_is_amiss(self, counts: list[int]) -> int:
        """The interval that lies furthest on the wrong side, by its calls."""
        result = self.day.simulate(counts, self.n)
        self.tell()
        left = self.day.left_waiting(result)
        if any(left):
            return left.index(True)
        assert result.slot_counts is not None
        calls = result.slot_counts[:, : len(self.day.scenario.queues), :, :2].sum(axis=(0, 1, 3))
        amiss = [0.0] * self.day.n_slots
        for target in self.targets:
            for i, found in enumerate(self.day.estimates(result, target)):
                amiss[i] = min(amiss[i], float(calls[i]) * slack(found, target))
        return amiss.index(min(amiss))

    def _staffed(self, counts: list[int]) -> list[int]:
        return [i for i, n in enumerate(counts) if n]

    @staticmethod
    def _without(counts: list[int], slot: int) -> list[int]:
        return [*counts[:slot], counts[slot] - 1, *counts[slot + 1 :]]


def slack(found: Estimate, target: Target) -> float:
    """How far an estimate lies on the right side: shares as they are, others by their bound."""
    if found.value is None:
        return 0.0
    unit = 1.0 if METRICS[target.metric].unit is UnitKind.SHARE else max(target.value, 1e-9)
    distance = (found.value - target.value) / unit
    return distance if target.operator == ">=" else -distance
