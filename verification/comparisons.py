"""What a verification model is, and how a simulated value is held against a theoretical one."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import stdtr, stdtrit

from sim.experiment.result import Result
from sim.experiment.run import run
from sim.metrics.estimates import Estimate, ratio, t_quantile
from sim.metrics.measures import ABANDONED, QueueSample
from sim.scenario.model import Scenario
from sim.sums import Count, Total

FAMILY_ERROR = 0.01
"""Two-sided probability that any comparison of a run lies outside its band by chance alone."""

Known = tuple[str, float, Estimate]
"""A metric, its theoretical value, and what was simulated."""


@dataclass(frozen=True, slots=True)
class Model:
    """A scenario whose behaviour is known: in its stationary state, or over whole days.

    `calls_per_s`, first attempts only, sizes the run. Of a stationary model every replication is
    made as long as need be, and `warmup_s` must outlast the influence of the empty start. With
    `whole_days` each replication is the scenario's own horizon, from the empty start on, and the
    number of replications follows. `known` reads the comparisons off a result.
    """

    name: str
    text: str
    scenario: Scenario
    calls_per_s: float
    warmup_s: float
    known: Callable[[Result], Iterable[Known]]
    whole_days: bool = False

    def sized(self, calls: int, replications: int, seed: int) -> Scenario:
        """The scenario with about `calls` counted calls in all replications together.

        Whole days are at least `replications`, and more if it takes more to have the calls.
        """
        if self.whole_days:
            days = math.ceil(calls / (self.scenario.horizon_s * self.calls_per_s))
            return replace(
                self.scenario, name=self.name, replications=max(replications, days), seed=seed
            )
        counted_s = calls / (replications * self.calls_per_s)
        return replace(
            self.scenario,
            name=self.name,
            warmup_s=self.warmup_s,
            horizon_s=self.warmup_s + counted_s,
            replications=replications,
            seed=seed,
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row of the table."""

    model: str
    metric: str
    theory: float
    simulated: float
    half_width: float
    replications: int
    calls: int

    @property
    def z(self) -> float:
        """The deviation in standard errors: Student's t with `replications` - 1 degrees."""
        error = self.half_width / t_quantile(self.replications - 1)
        deviation = self.simulated - self.theory
        if error == 0.0:
            return 0.0 if deviation == 0.0 else float("inf")
        return deviation / error

    @property
    def p_value(self) -> float:
        """Two-sided probability of a deviation at least as large if theory holds."""
        return float(2.0 * stdtr(self.replications - 1, -abs(self.z)))


def compare(
    models: Iterable[Model], *, calls: int, replications: int, seed: int, engine: str = "auto"
) -> Iterable[list[Comparison]]:
    """The comparisons of each model in turn; each has a seed of its own, from `seed` on."""
    for model_seed, model in enumerate(models, seed):
        scenario = model.sized(calls, replications, model_seed)
        result = run(scenario, engine=engine, intervals=model.whole_days)
        yield [_comparison(model, result, known) for known in model.known(result)]


def _comparison(model: Model, result: Result, known: Known) -> Comparison:
    metric, theory, estimate = known
    if estimate.value is None or estimate.half_width is None:
        raise ValueError(f"{model.name}: {metric} was not measured")
    return Comparison(
        model.name,
        metric,
        theory,
        estimate.value,
        estimate.half_width,
        result.scenario.replications,
        int(result.counts[:, :, Count.INCOMING].sum() + result.counts[:, :, Count.BLOCKED].sum()),
    )


def critical_z(comparisons: int, replications: int) -> float:
    """The largest |z| that all comparisons together may show, by Bonferroni's inequality."""
    return float(stdtrit(replications - 1, 1.0 - FAMILY_ERROR / (2.0 * comparisons)))


def metrics(result: Result, queue: int = 0) -> dict[str, Estimate]:
    """The metrics of one queue."""
    return result.estimates(slice(queue, queue + 1), queue)


def sample(result: Result, queue: int = 0) -> QueueSample:
    """The counts and totals of one queue, a row for each replication."""
    span_s = result.scenario.horizon_s - result.scenario.warmup_s
    return QueueSample(result.counts[:, queue], result.totals[:, queue], span_s)


def wait_square(result: Result, queue: int = 0) -> Estimate:
    """The mean of the square of the wait of all calls of a queue, in seconds squared."""
    calls = sample(result, queue)
    return ratio(calls.total(Total.WAIT_SQUARED), calls.count(Count.SERVICED, *ABANDONED))


def served_share(result: Result, queue: int, group: int) -> Estimate:
    """The share of a queue's answered calls that went to an agent group."""
    served = result.served[:, queue].astype(np.float64)
    return ratio(served[:, group], served.sum(axis=1))
