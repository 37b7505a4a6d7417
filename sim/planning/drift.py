"""How far the days of certificates lie from those of a search, for numbers of agents alike.

All numbers of agents meet the same callers, so what the search's days are too kind by with one
number they are about as much with its neighbours, in standard deviations: with so many agents that
everybody is served at once, by nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sim.metrics.estimates import Estimate
from sim.planning.aim import deviation


@dataclass(eq=False)
class Drift:
    """How far estimates of a search on `n` days are off, in standard deviations between days.

    What fresh days say is weighted with the search's by their number, as if they were one sample.
    """

    n: int
    _sums: dict[object, tuple[float, int]] = field(default_factory=lambda: defaultdict(_nothing))

    def learn(self, key: object, ours: Estimate, fresh: Estimate, n: int) -> None:
        """Both estimates are of the same numbers; `n` fresh days."""
        if ours.value is None or fresh.value is None:
            return
        spread = max(deviation(ours), deviation(fresh))
        total, days = self._sums[key]
        change = (fresh.value - ours.value) / spread if spread else 0.0
        self._sums[key] = total + n * change, days + n

    def of(self, key: object) -> float:
        """How far the search's values of this kind are off."""
        total, days = self._sums[key]
        return total / (self.n + days)


def _nothing() -> tuple[float, int]:
    return 0.0, 0
