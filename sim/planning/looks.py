"""How many days a certificate takes, look by look, and whether more of them will show a plan."""

from __future__ import annotations

import math

from scipy.special import ndtr, ndtri

from sim.planning.reading import Reading

POWER = 1.28
"""Normal quantile of the chance, 90 %, with which the replications of a certificate show a plan."""


def replications_needed(readings: list[Reading], z: float) -> float:
    """Replications that show all limits to hold, `z` standard errors away, as a rule.

    Each limit with a chance of `POWER`, by `Reading.chance`; infinite where none suffices, what is
    known of the plan being too little or too bad.
    """
    return max((_needed(each, z) for each in readings), default=2.0)


def _needed(reading: Reading, z: float) -> float:
    slack, spread = reading.slack, POWER * reading.error
    if slack < 0.0 or (slack <= spread and reading.replication_error > 0.0):
        return math.inf
    # slack - z s = POWER hypot(error, s) for the certificate's standard error s
    a = z * z - POWER * POWER
    root = math.sqrt(max((z * slack) ** 2 - a * (slack**2 - spread**2), 0.0))
    s = (slack**2 - spread**2) / (z * slack + root)
    return max(reading.least, (reading.replication_error / s) ** 2 if s > 0.0 else 0.0)


def looks(first: int, most: int) -> list[int]:
    """Days of a certificate, look by look: twice as many each time, if the next are not all.

    A look that has most of the days would spend error that the last one has better use for.
    """
    found = [first]
    while 2 * found[-1] <= most:
        found.append(2 * found[-1])
    return [*found[:-1], most]


def shown_later(before: Reading, now: Reading, n: int, most: int, z: float) -> float:
    """The chance that a limit left open after `n` fresh days is shown after `most`, more than `n`.

    `before` is what the search knows of it, `now` what the fresh days show; the days to come are
    predicted by both together. `z` is the standard errors that it takes.
    """
    if before.error > 0.0 and now.error > 0.0:
        weights = before.error**-2, now.error**-2
        error = (weights[0] + weights[1]) ** -0.5
        slack = (weights[0] * before.slack + weights[1] * now.slack) * error**2
    else:
        slack, error = now.slack, now.error
    spread = now.replication_error
    share = (most - n) / most
    mean = (1.0 - share) * now.slack + share * slack
    off = share * math.hypot(error, spread / math.sqrt(most - n))
    if off == 0.0:
        return float(mean >= 0.0)
    return float(ndtr((mean - z * spread / math.sqrt(most)) / off))


def normal_quantile(confidence: float) -> float:
    """Standard errors to either side of a two-sided interval."""
    return -float(ndtri((1.0 - confidence) / 2.0))
