"""How long callers would wait: from waits that mostly end otherwise.

A caller who gives up after w had a patience of w; one who is answered, timed out or lost at w only
more than w. Waits of those who gave up alone are far too short (Brown, Gans, Mandelbaum, Sakov,
Shen, Zeltyn and Zhao, Statistical analysis of a telephone call center, JASA 100, 2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.fit import families
from sim.calibration.fit.choice import Chosen, choose
from sim.calibration.fit.likelihood import Beside
from sim.calibration.fit.sample import Sample
from sim.calibration.fit.spans import spans
from sim.calibration.history import Outcome
from sim.metrics.estimates import Estimate, ratio
from sim.metrics.survival import Survival, product_limit

Floats = NDArray[np.float64]

POINTS_S = (5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1800.0)
POINTS = 121
FEW = 10
"""With fewer who gave up than this there is no law worth writing, only a bound of the mean."""
SEEN = 0.98
"""Waits beyond this share of all are too few to tell anything of patience there."""


@dataclass(frozen=True, slots=True, eq=False)
class Patience:
    """What is known of the patience of a queue's callers.

    `waited_s` is how long all calls waited together, `waits` how many waited at all. `chosen` is
    None where too few gave up; then `at_least_s` is what the mean exceeds at 95 %, if patience
    is exponential. `seen` is the product-limit estimate, `fitted` the law at the same points, both
    at a few round waits and, in `curve`, at many;
    beyond `known_to_s` hardly a wait reaches. `abandon_wait` is the naive mean, of those who gave
    up.
    """

    waits: int
    waited_s: float
    gave_up: int
    chosen: Chosen | None
    at_least_s: float | None
    seen: Survival
    fitted: Floats | None
    known_to_s: float
    abandonment: Estimate
    abandon_wait: Estimate
    curve: tuple[Survival, Floats | None]


def patience(sample: Sample, mine: NDArray[np.bool_]) -> Patience | None:
    """The patience of the visits `mine`; None if no call waited at all."""
    history = sample.history
    joined = mine & (history.outcome != Outcome.BLOCKED) & np.isfinite(history.wait_s)
    gone = joined & (history.outcome == Outcome.ABANDONED)
    wait = np.maximum(history.wait_s, 0.0)
    delayed = joined & ((wait > 0.0) | gone)
    if not delayed.any():
        return None
    day, n_days = sample.day, sample.n_days
    waited = float(wait[joined].sum())
    n_gone = int(gone.sum())
    known_to = float(np.quantile(wait[delayed], SEEN))
    at = np.array([t for t in POINTS_S if t <= known_to] or [POINTS_S[0]])
    seen = product_limit(wait[delayed], gone[delayed], day[delayed], n_days, at)
    chosen, at_least = None, None
    if n_gone >= FEW:
        known = spans(wait[delayed], ~gone[delayed], day[delayed], n_days, history.resolution_s)
        chosen = choose(
            known, families.PATIENCE, Beside.ZERO, max(waited, 1.0) / n_gone, 1.2,
            may_have_part=bool((wait[gone] <= history.resolution_s).any()),
        )  # fmt: skip
    elif waited > 0.0:
        at_least = waited / _most_events(n_gone)
    many = np.linspace(0.0, 1.25 * max(known_to, 1.0), POINTS)
    curve = product_limit(wait[delayed], gone[delayed], day[delayed], n_days, many)
    return Patience(
        int(delayed.sum()), waited, n_gone, chosen, at_least, seen,
        None if chosen is None else chosen.law.above(at), known_to,
        ratio(sample.per_day(gone), sample.per_day(joined), most=1.0),
        ratio(sample.per_day(gone, wait), sample.per_day(gone)),
        (curve, None if chosen is None else chosen.law.above(many)),
    )  # fmt: skip


def _most_events(seen: int) -> float:
    """The 95 % upper bound of a Poisson mean of which so many events were seen."""
    from scipy.special import gammaincinv

    return float(gammaincinv(seen + 1, 0.95))
