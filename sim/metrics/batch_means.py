"""Batch means: whether the batches of one long run look independent.

Von Neumann's ratio of the mean square of successive differences to the variance tells of
correlation between neighbours. With batches x_1 ... x_n of mean m

    C = 1 - sum (x_{i+1} - x_i)^2 / (2 sum (x_i - m)^2)

is about the correlation of neighbours; of independent normal batches it has the mean 0 and the
variance (n - 2) / (n^2 - 1), and is close to normal from n = 8 on. (Von Neumann, "Distribution of
the ratio of the mean square successive difference to the variance", Annals of Mathematical
Statistics 12, 1941; Young 1941, the same volume; Fishman, "Grouping observations in digital
simulation", Management Science 24, 1978, who uses it for the size of batches, as does Skart:
Tafazzoli, Wilson, Lada and Steiger, INFORMS Journal on Computing 23, 2011.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from sim.metrics.estimates import Estimate, Floats

ERROR_RATE = 0.05
"""One-sided probability that independent batches are called correlated by any metric."""
LEAST_BATCHES = 8
"""With fewer batches nothing can be seen."""


def von_neumann(batches: Floats) -> tuple[float, float] | None:
    """C of the batches, shape (n,), and C in standard deviations.

    None for fewer than 8 batches, and for batches without variation.
    """
    n = batches.size
    deviations = batches - float(np.mean(batches))
    squares = float(np.dot(deviations, deviations))
    if n < LEAST_BATCHES or not squares > 0.0:
        return None
    steps = np.diff(batches)
    c = 1.0 - float(np.dot(steps, steps)) / (2.0 * squares)
    return c, c / math.sqrt((n - 2.0) / (n * n - 1.0))


def most_correlated(estimates: Mapping[str, Estimate]) -> tuple[str, float] | None:
    """The estimate whose batches are the most correlated, and its C; None if none is shown to be.

    All of them together are wrongly suspected with a probability of at most 5 % (Bonferroni).
    """
    from scipy.special import ndtri

    seen = {
        name: found
        for name, each in estimates.items()
        if each.influence is not None
        and np.isfinite(each.influence).all()
        and (found := von_neumann(each.influence)) is not None
    }
    if not seen:
        return None
    limit = float(ndtri(1.0 - ERROR_RATE / len(seen)))
    name = max(seen, key=lambda each: seen[each][1])
    c, deviations = seen[name]
    return (name, c) if deviations > limit else None
