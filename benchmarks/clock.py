"""Processor time of the engines."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.models import Model
from sim.experiment.result import Result
from sim.experiment.run import run
from sim.scenario.model import Scenario
from sim.sums import Count

TINY_CALLS = 10
"""A run of so few calls costs what any run costs: preparing, and making the result."""

LEFT_WAITING = (
    Count.ABANDONED_TIMEOUT,
    Count.ABANDONED_HANGUP,
    Count.ABANDONED_ANNOUNCEMENT,
    Count.ABANDONED_FLOW,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """Processor seconds of a run, and what became of its calls."""

    seconds: float
    calls: int
    abandoned: int

    @property
    def per_call_s(self) -> float:
        """Processor seconds per call."""
        return self.seconds / self.calls


def timed(
    scenario: Scenario, engine: str, run: Callable[..., Result] = run
) -> tuple[float, Result]:
    """Processor seconds of `run`, and what it returned."""
    began = time.process_time()
    result = run(scenario, engine=engine)
    return time.process_time() - began, result


def sample(engine: str, model: Model, calls: int, seed: int) -> Sample:
    """The run of about `calls` calls, less a tiny run of the same model."""
    tiny_s, tiny = timed(model.scenario(TINY_CALLS, seed), engine)
    long_s, long = timed(model.scenario(calls, seed), engine)
    incoming = (int(r.counts[0, :, Count.INCOMING].sum()) for r in (long, tiny))
    return Sample(
        seconds=long_s - tiny_s,
        calls=next(incoming) - next(incoming),
        abandoned=int(long.counts[0][:, LEFT_WAITING].sum()),
    )
