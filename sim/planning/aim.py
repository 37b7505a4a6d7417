"""What the search's days must show of a number of agents before it is tried on fresh ones.

A certificate of n days shows a target where its whole interval lies on the right side. A number
that only just holds can't be expected to be shown, the less the fewer days there are. So the
search aims further: at the half-width that the certificate will have, and some standard errors
for its luck. With few days that costs agents; what is claimed in the end needs no trust in it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from sim.metrics.differences import does_not_vary
from sim.metrics.estimates import Estimate, t_quantile
from sim.scenario.model import Target
from sim.scenario.targets import METRICS, UnitKind

FAILS = 0.25
"""The chance, at most, that the certificate fails though all numbers are exactly at their aims."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Standard errors of `replications` days by which a target must lie on the right side."""

    replications: int
    deviations: float

    @classmethod
    def of(cls, confidence: float, replications: int, n_limits: int) -> Aim:
        """For a certificate of this two-sided `confidence`, in which `n_limits` are all shown.

        Each fails with probability FAILS / n_limits at most (Bonferroni), if the search is right.
        """
        shown = t_quantile(replications - 1, confidence)
        return cls(replications, shown - float(ndtri(FAILS / max(n_limits, 1))))

    def room(self, found: Estimate, target: Target, drift: float = 0.0) -> float:
        """How far beyond the aim an estimate lies, below 0 short of it, in units of `slack`.

        `drift` is how far the value is off, in standard deviations (`Drift`). Where nothing
        varies the value itself decides: more agents can't show more.
        """
        if found.value is None:
            return 0.0
        margin = self.deviations * deviation(found) / math.sqrt(self.replications)
        return slack(found.value + drift * deviation(found), target) - margin / _unit(target)


EVEN = Aim(1, 0.0)
"""No further than the target itself."""


def deviation(found: Estimate) -> float:
    """The standard deviation between days of what each adds to an estimate, 0 if none does."""
    if found.influence is None or does_not_vary(found):
        return 0.0
    known = found.influence[np.isfinite(found.influence)]
    return math.sqrt(float(np.dot(known, known)) / max(known.size - 1, 1))


def corrected(found: Estimate, target: Target, drift: float) -> Estimate:
    """The estimate moved by `drift` standard deviations (`Drift`), its half-width as it was."""
    if found.value is None:
        return found
    most = 1.0 if METRICS[target.metric].unit is UnitKind.SHARE else math.inf
    by = drift * deviation(found)

    def moved(x: float | None) -> float | None:
        return None if x is None else min(max(x + by, 0.0), most)

    return replace(found, value=moved(found.value), low=moved(found.low), high=moved(found.high))


def slack(value: float | None, target: Target) -> float:
    """How far a value lies on the right side: shares as they are, others by their bound."""
    if value is None:
        return 0.0
    distance = (value - target.value) / _unit(target)
    return distance if target.operator == ">=" else -distance


def is_stuck(found: Estimate, target: Target) -> bool:
    """Whether a target holds on all days alike: only more days can show more of it."""
    return found.value is not None and not deviation(found) and slack(found.value, target) >= 0.0


def days_to_show(found: Estimate, target: Target, confidence: float) -> int | None:
    """The days, all like those of a stuck estimate, that show its target to hold.

    From the exact bound of `judged_share`: log(1 - confidence) / log(bound / value), both read as
    shares of what is good. None for what is no share, or lies on its bound: no number does.
    """
    if found.value is None or METRICS[target.metric].unit is not UnitKind.SHARE:
        return None
    value, bound = found.value, target.value
    if target.operator == "<=":
        value, bound = 1.0 - value, 1.0 - bound
    if not value > bound > 0.0:
        return None
    return math.ceil(math.log(1.0 - confidence) / math.log(bound / value))


def _unit(target: Target) -> float:
    return 1.0 if METRICS[target.metric].unit is UnitKind.SHARE else max(target.value, 1e-9)
