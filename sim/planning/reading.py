"""What some replications show of a limit at a point, as the search reads it.

The search reads estimates corrected by what the callers of its days brought (`brought`), which are
sharper than the plain ones. A certificate is judged by plain ones, so a reading tells besides how
much these vary.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from sim.experiment.controls import CONTROLLED
from sim.metrics.differences import paired_difference
from sim.metrics.estimates import Estimate
from sim.planning.brought import Brought
from sim.planning.goals import Limit
from sim.planning.measured import Measured

UNSERVED = -6.0
"""The score of a point at which a metric can't be had though calls came: nobody was answered."""
UNVARYING = 0.02
"""The error rate at which a share that did not vary is to be shown to hold."""
IDLE = 8.0
"""The score of a limit that nothing is there to break."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A limit at a point: its slack (>= 0 holds) with a standard error, and both as scores."""

    slack: float
    error: float
    score: float
    score_error: float
    replication_error: float
    """the standard deviation that one replication adds to the plain estimate"""
    score_slope: float = 0.0
    least: float = 2.0
    """replications that it takes to show anything of a share that did not vary"""

    @property
    def z(self) -> float:
        """The slack in standard errors; infinite without any variation."""
        if self.error > 0.0:
            return self.slack / self.error
        return math.inf if self.slack >= 0.0 else -math.inf

    def chance(self, replications: int, z: float) -> float:
        """The chance that so many other replications show the limit to hold.

        Their plain estimate has to lie `z` of its standard errors within the bound. By the normal
        law, with what this reading may be off by and what that estimate may be.
        """
        theirs = self.replication_error / math.sqrt(replications)
        spread = math.hypot(self.error, theirs)
        if spread == 0.0:
            return float(self.slack >= 0.0 and self.least <= replications)
        return float(ndtr((self.slack - z * theirs) / spread))


def reading(
    limit: Limit, measured: Measured, n: int | None = None, brought: Brought | None = None
) -> Reading:
    """What the first `n` replications (default: all) show of a limit.

    With `brought` corrected for what these days brought: they must be those from number 0 on.
    """
    found = measured.estimate(limit, n)
    if found.value is None:
        if measured.is_vacuous(limit):
            return Reading(1.0, 0.0, IDLE, 0.0, 0.0)
        return Reading(-1.0, 0.0, UNSERVED, 0.0, 0.0)
    count = measured.n if n is None else min(n, measured.n)
    better = found if brought is None else _corrected(limit, found, count, brought)
    assert better.value is not None
    return _reading(limit, better.value, _error(better), _error(found) * math.sqrt(count))


def helped_reading(
    limit: Limit, plain: Reading, mine: Measured, known: Measured, brought: Brought
) -> Reading:
    """A reading with the help of another point, `known`, that has more replications.

    The estimate is corrected by what the further replications of the other say of the days that
    both have met: a control variate under common random numbers (Asmussen and Glynn, *Stochastic
    Simulation*, V.2 and V.6). Where that does not sharpen it, the same as before.
    """

    def estimate(measured: Measured, n: int) -> Estimate:
        return _corrected(limit, measured.estimate(limit, n), n, brought)

    own, there, longer = estimate(mine, mine.n), estimate(known, mine.n), estimate(known, known.n)
    if own.value is None or there.value is None or longer.value is None:
        return plain
    difference = paired_difference(there, own)
    value = own.value + longer.value - there.value
    if difference.influence is None or not math.isfinite(value):
        return plain
    error = math.hypot(_error(difference), _error(longer))
    if error >= plain.error > 0.0:
        return plain
    if limit.is_share:
        value = min(max(value, 0.0), 1.0)
    return _reading(limit, value, error, plain.replication_error)


def _corrected(limit: Limit, found: Estimate, n: int, brought: Brought) -> Estimate:
    """The estimate by the first `n` days, corrected for what they brought where that can be."""
    if limit.target.of_days is not None or limit.target.metric not in CONTROLLED:
        return found
    most = 1.0 if limit.is_share else math.inf
    return brought.first(n).corrected(found, least=0.0, most=most) or found


def _reading(limit: Limit, value: float, error: float, replication_error: float) -> Reading:
    score = min(max(limit.score(value), UNSERVED), IDLE)
    slope = limit.score_slope(value)
    least = 2.0 if replication_error > 0.0 else _least(limit, value)
    return Reading(limit.slack(value), error, score, error * slope, replication_error, slope, least)


def _least(limit: Limit, value: float) -> float:
    """Replications, all with this share, that show the limit to hold (`judged_share`)."""
    if not limit.is_share or limit.slack(value) <= 0.0:
        return 2.0
    good, needed = (value, limit.bound) if limit.sign > 0.0 else (1.0 - value, 1.0 - limit.bound)
    if needed <= 0.0:
        return 2.0
    return math.log(UNVARYING) / math.log(min(needed / good, 1.0 - 1e-9))


def _error(found: Estimate) -> float:
    """The standard error of an estimate; 0 where it has none."""
    if found.influence is None:
        return 0.0
    known = found.influence[np.isfinite(found.influence)]
    return math.sqrt(float(np.dot(known, known)) / (known.size * (known.size - 1)))
