"""`run --precision`: replications are added until half-widths are small enough.

The stopping rule. After the first n replications (the scenario's own number, at least 10) every
half-width is looked at; if one is too wide the run goes on to

    n' = n (half-width / wanted)^2,  but at least 1.2 n and at most 2 n

replications, and looks again. As a wide interval goes on and one that came out narrow by
chance stops, the interval at the end covers a little less often than it says (Chow and Robbins,
"On the asymptotic theory of fixed-width sequential confidence intervals for the mean", Annals of
Mathematical Statistics 36, 1965: the nominal level in the limit of small widths; Law, *Simulation
Modeling and Analysis*, section 9.4.1). Few looks, in steps that grow, keep that small.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.experiment.controls import Controls
from sim.experiment.gathered import Gathered
from sim.experiment.result import Result
from sim.experiment.run import Progress, engine_called, replications
from sim.experiment.subjects import estimates_of
from sim.experiment.work import OneScenario
from sim.metrics.differences import does_not_vary
from sim.metrics.estimates import Estimate
from sim.scenario.model import Scenario
from sim.scenario.precision import Precision

LEAST_REPLICATIONS = 10
MAX_REPLICATIONS = 10_000
LEAST_STEP, LARGEST_STEP = 1.2, 2.0


@dataclass(frozen=True, slots=True)
class Reached:
    """How precise an estimate is in the end. `varied` False: every replication gave the same."""

    wanted: Precision
    estimate: Estimate
    varied: bool

    @property
    def is_reached(self) -> bool:
        half = self.estimate.half_width
        return half is not None and half <= self.wanted.half_width

    def document(self) -> dict[str, Any]:
        """As the result document has it, under `precision`."""
        return {
            "target": self.wanted.text,
            "wanted": self.wanted.half_width,
            "half_width": self.estimate.half_width,
            "reached": self.is_reached,
        }


def run_to_precision(
    scenario: Scenario,
    wanted: Sequence[Precision],
    *,
    max_replications: int = MAX_REPLICATIONS,
    engine: str = "auto",
    workers: int | None = 1,
    intervals: bool = False,
    log: bool = False,
    control_variates: bool = False,
    progress: Progress | None = None,
) -> tuple[Result, list[Reached]]:
    """Simulate until every half-width is as wanted, or `max_replications` are done.

    The result is that of a plain run with as many replications as it took. With
    `control_variates` the half-widths are those with control variates, where a metric has them,
    and the result holds these estimates too. Raises ValueError if `max_replications` is below 10.
    """
    if max_replications < LEAST_REPLICATIONS:
        raise ValueError(f"a precision takes at least {LEAST_REPLICATIONS} replications")
    started = time.perf_counter()
    job = OneScenario(scenario, engine_called(engine), intervals, log)
    gathered = Gathered(scenario, intervals=intervals)
    done, n = 0, first_look(scenario, max_replications)
    while True:
        more = dataclasses.replace(job, only=dataclasses.replace(scenario, replications=n))
        gathered.absorb(replications(more, done, workers=workers, progress=progress))
        done = n
        result = dataclasses.replace(
            gathered.result(engine=job.engine, elapsed_s=time.perf_counter() - started),
            scenario=more.only,
        )
        controls = Controls(result) if control_variates else None
        reached = [_reached(result, controls, each) for each in wanted]
        if done >= max_replications or all(each.is_reached for each in reached):
            told = [each.document() for each in reached]
            corrected = None if controls is None else controls.document()
            return dataclasses.replace(result, precision=told, controlled=corrected), reached
        n = min(next_look(done, reached), max_replications)


def first_look(scenario: Scenario, max_replications: int) -> int:
    """After how many replications the half-widths are looked at first."""
    return min(max(scenario.replications, LEAST_REPLICATIONS), max_replications)


def _reached(result: Result, controls: Controls | None, wanted: Precision) -> Reached:
    of: dict[str, Any] = {"subject": wanted.subject, "is_group": wanted.subject_is_group}
    found = estimates_of(result, **of)[wanted.metric]
    varied = not does_not_vary(found)
    if controls is not None:
        found = controls.estimates(**of).get(wanted.metric, found)
    return Reached(wanted, found, varied)


def next_look(n: int, reached: Sequence[Reached]) -> int:
    """How many replications to look at next. What has no half-width yet asks for the most."""
    factors = [
        LARGEST_STEP
        if each.estimate.half_width is None
        else (each.estimate.half_width / each.wanted.half_width) ** 2
        for each in reached
        if not each.is_reached
    ]
    return math.ceil(n * min(max(*factors, LEAST_STEP), LARGEST_STEP))
