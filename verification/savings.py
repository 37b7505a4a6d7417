"""How many runs ways of lowering the variance save, and how often intervals hold: measured by
many experiments.

A factor of 2 means that half of the replications give the same precision.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.experiment.controls import CONTROLLED, Controls
from sim.experiment.gathered import Gathered
from sim.experiment.replicate import Replicator
from sim.experiment.result import Result
from sim.experiment.run import replications as replications_of
from sim.experiment.subjects import TOTAL, estimates_of
from sim.experiment.work import OneScenario
from sim.metrics.estimates import Estimate
from sim.scenario.model import Scenario
from verification.draws import Drawing, Draws

Floats = NDArray[np.float64]

FIRST_SEED = 1000
RESAMPLES = 2000
LEAST_VARIATION = 1e-9
"""Values that vary by less, of themselves, are the same in all experiments."""


@dataclass(frozen=True, slots=True)
class Factor:
    """A ratio of two variances and its 95 % confidence interval by the bootstrap."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Saved:
    """What is saved for a metric, and how often the intervals without and with controls hold."""

    metric: str
    controls: Factor
    antithetic: Factor
    latin: Factor
    plain_holds: float
    controlled_holds: float


def savings(
    scenario: Scenario, experiments: int, replications: int, *, engine: str = "compiled"
) -> list[Saved]:
    """The factors for all queues together and for the first agent group.

    Each experiment has `replications` replications and a seed of its own. The value that an
    interval is to hold is that of all experiments pooled.
    """
    scenario = dataclasses.replace(scenario, replications=replications)
    seeds = range(FIRST_SEED, FIRST_SEED + experiments)
    plain, other, every = [], [], Gathered(scenario, intervals=False)
    for seed in seeds:
        job = OneScenario(dataclasses.replace(scenario, seed=seed), engine, False, False)
        gathered = replications_of(job)
        result = gathered.result(engine=engine, elapsed_s=0.0)
        controls = Controls(result)
        plain.append(dict(_named(result)))
        other.append({name: controls.estimates(s, is_group=g).get(m)
                      for name, s, g, m in _wanted(scenario)})  # fmt: skip
        every.absorb(gathered)
    truth = _values([dict(_named(every.result(engine=engine, elapsed_s=0.0)))])
    drawn = {
        drawing: _values(list(_drawn(scenario, seeds, drawing, engine)))
        for drawing in (Drawing.ANTITHETIC, Drawing.LATIN)
    }
    found, rng = [], np.random.default_rng(1)
    values = _values(plain)
    for name, *_ in _wanted(scenario):
        with_controls = [each[name] or plain[i][name] for i, each in enumerate(other)]
        controlled = np.array([e.value for e in with_controls], np.float64)
        base = values[name]
        if not np.isfinite(base).all() or _is_still(base) or _is_still(controlled):
            continue
        found.append(
            Saved(
                name,
                paired_factor(base, controlled, rng),
                independent_factor(base, drawn[Drawing.ANTITHETIC][name], rng),
                independent_factor(base, drawn[Drawing.LATIN][name], rng),
                _holds([each[name] for each in plain], float(truth[name][0])),
                _holds(with_controls, float(truth[name][0])),
            )
        )
    return found


def paired_factor(plain: Floats, other: Floats, rng: np.random.Generator) -> Factor:
    """The variance of `plain` over that of `other`, from the same experiments, shape (n,)."""
    chosen = rng.integers(plain.size, size=(RESAMPLES, plain.size))
    return _factor(plain, other, chosen, chosen)


def independent_factor(plain: Floats, other: Floats, rng: np.random.Generator) -> Factor:
    """The same from two independent sets of experiments."""
    ours = rng.integers(plain.size, size=(RESAMPLES, plain.size))
    theirs = rng.integers(other.size, size=(RESAMPLES, other.size))
    return _factor(plain, other, ours, theirs)


def _factor(plain: Floats, other: Floats, ours: Floats, theirs: Floats) -> Factor:
    ratios = plain[ours].var(axis=1) / other[theirs].var(axis=1)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return Factor(float(plain.var() / other.var()), float(low), float(high))


def _wanted(scenario: Scenario) -> Iterator[tuple[str, str, bool, str]]:
    """What is looked at: how it is called, subject, whether that is a group, and the metric."""
    for metric in CONTROLLED:
        if metric not in ("occupancy", "utilisation"):
            yield metric, TOTAL, False, metric
    yield "occupancy", scenario.agents[0].name, True, "occupancy"


def _named(result: Result) -> Iterator[tuple[str, Estimate]]:
    total = estimates_of(result, TOTAL, is_group=False)
    for name, _, is_group, metric in _wanted(result.scenario):
        yield name, (result.agent_estimates(0) if is_group else total)[metric]


def _drawn(
    scenario: Scenario, seeds: range, drawing: Drawing, engine: str
) -> Iterator[dict[str, Estimate]]:
    for seed in seeds:
        seeded = dataclasses.replace(scenario, seed=seed)
        replicator = Replicator(seeded, engine=engine)
        replicator.workload = Draws(seeded, drawing, scenario.replications)  # type: ignore[assignment]
        gathered = Gathered(seeded, intervals=False)
        for index in range(scenario.replications):
            gathered.add(replicator.run(index))
        yield dict(_named(gathered.result(engine=engine, elapsed_s=0.0)))


def _values(estimates: list[dict[str, Estimate]]) -> dict[str, Floats]:
    """The values by name, shape (experiments,); NaN where there is none."""
    names = estimates[0]
    return {n: np.array([each[n].value for each in estimates], np.float64) for n in names}


def _is_still(values: Floats) -> bool:
    return bool(np.ptp(values) <= LEAST_VARIATION * np.max(np.abs(values)))


def _holds(estimates: list[Estimate], truth: float) -> float:
    held = [
        e.low is not None and e.high is not None and e.low <= truth <= e.high for e in estimates
    ]
    return float(np.mean(held))
