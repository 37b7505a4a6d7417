"""The least agents of one interval after the other, in the order of time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from sim.metrics.estimates import Estimate
from sim.planning.aim import EVEN, Aim, corrected
from sim.planning.day_staffing import DayStaffing, Tested
from sim.planning.drift import Drift
from sim.planning.erlang import NoAnswerError
from sim.scenario.model import Target

MOST_PASSES = 5
LOOK_AHEAD = 1
"""Intervals after the one that is searched which are simulated too."""


class NoRequirementError(NoAnswerError):
    """No number of agents is shown to meet the targets: a sentence that says where and why."""


@dataclass(eq=False)
class InOrder:
    """Evaluates numbers of agents on the search's sample; what was simulated is remembered.

    `aim` is what the sample must show of a number. What certificates found is learnt: `drift` is
    how far their days lie from the sample's, interval by interval, and `failed` the numbers up to
    an interval with which it was not shown, with its estimates then.
    """

    day: DayStaffing
    targets: tuple[Target, ...]
    n: int
    tell: Callable[[], None]
    aim: Aim = EVEN
    failed: dict[tuple[int, ...], tuple[Estimate, ...]] = field(default_factory=dict)
    known: dict[tuple[int, tuple[int, ...]], tuple[bool, tuple[Estimate, ...]]] = field(
        default_factory=dict
    )
    drift: Drift = field(init=False)

    def __post_init__(self) -> None:
        self.drift = Drift(self.n)

    @property
    def n_limits(self) -> int:
        """How many estimates a certificate has to show."""
        return self.day.n_slots * len(self.targets)

    def at(self, slot: int, counts: Sequence[int]) -> tuple[bool, tuple[Estimate, ...]]:
        """Whether everybody of an interval is answered or leaves some time, and the estimates."""
        slots = min(slot + 1 + LOOK_AHEAD, self.day.n_slots)
        key = slot, tuple(counts[:slots])
        if key not in self.known:
            self._simulate(slots, counts)
        return self.known[key]

    def expected(self, slot: int, counts: Sequence[int]) -> tuple[Estimate, ...]:
        """The estimates of fresh days on which that failed, else the search's, corrected."""
        failed = self.failed.get(tuple(counts[: slot + 1]))
        if failed is not None:
            return failed
        return tuple(
            corrected(one, target, self.drift.of((slot, i)))
            for i, (one, target) in enumerate(
                zip(self.at(slot, counts)[1], self.targets, strict=True)
            )
        )

    def _holds(self, slot: int, counts: Sequence[int]) -> bool:
        """Whether the numbers up to an interval are worth a certificate there."""
        if tuple(counts[: slot + 1]) in self.failed:
            return False
        answered, found = self.at(slot, counts)
        return answered and all(
            self.aim.room(one, target, self.drift.of((slot, i))) >= 0.0
            for i, (one, target) in enumerate(zip(found, self.targets, strict=True))
        )

    def _simulate(self, slots: int, counts: Sequence[int]) -> None:
        """One simulation tells of all intervals but those whose future it does not see."""
        result = self.day.simulate(counts, self.n, slots=slots)
        self.tell()
        waiting = self.day.left_waiting(result)
        found = [self.day.estimates(result, target) for target in self.targets]
        last = slots if slots == self.day.n_slots else slots - LOOK_AHEAD
        for i in range(last):
            until = min(i + 1 + LOOK_AHEAD, self.day.n_slots)
            here = not waiting[i], tuple(each[i] for each in found)
            self.known.setdefault((i, tuple(counts[:until])), here)

    def _of_slot(self, slot: int, counts: list[int], most: int) -> int:
        """The least number for an interval, from the one that stands there up or down."""

        def holds(number: int) -> bool:
            return self._holds(slot, [*counts[:slot], number, *counts[slot + 1 :]])

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
                    raise NoRequirementError(self._hopeless(slot, counts, high))
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

    def learn(self, tested: Tested, open_slots: Collection[int]) -> None:
        """Take in what fresh days found; in `open_slots` they did not show the targets."""
        counts = tested.counts
        for slot, found in enumerate(tested.by_slot):
            for i, (fresh, ours) in enumerate(zip(found, self.at(slot, counts)[1], strict=True)):
                self.drift.learn((slot, i), ours, fresh, tested.n)
            if slot in open_slots:
                self.failed[tuple(counts[: slot + 1])] = found

    def _hopeless(self, slot: int, counts: list[int], tried: int) -> str:
        name = self.day.scenario.agents[self.day.group].name
        where = f"the interval that begins {self.day.edges_s[slot] / 60.0:,.6g} minutes after the"
        answered, found = self.at(slot, [*counts[:slot], tried, *counts[slot + 1 :]])
        pairs = zip(found, self.targets, strict=True)
        if answered and all(EVEN.room(one, target) >= 0.0 for one, target in pairs):
            return too_narrow(
                f"With {tried:,} agents of `{name}`", f" in {where} start", self.aim.replications
            )
        return (
            f"No number of agents of `{name}` up to {tried:,} meets the targets in {where} start:"
            " other groups, the flow or the limits of the queue stand in the way."
        )


def too_narrow(who: str, where: str, replications: int) -> str:
    """The sentence for targets that hold, but that so many days are not expected to show."""
    return (
        f"{who} the targets seem to hold{where}, but too narrowly to be shown on"
        f" {replications:,} replications: give more of them, or targets that leave some room."
    )
