"""Simulated days beside those of a log: of the scenario as it is, or with the log's own calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.calibration.backtest.days import LogDays, moves_calls
from sim.calibration.backtest.observed import counted
from sim.engine.lower import lower
from sim.experiment.gathered import Gathered
from sim.experiment.pieces import Pieces
from sim.experiment.replicate import Replication, frame_of
from sim.experiment.result import Result
from sim.experiment.run import Progress, engine_called
from sim.experiment.share import shared
from sim.scenario.model import ProfileArrivals, RecordedArrivals, Scenario
from sim.workload.streams import name_key

Recorded = tuple[RecordedArrivals, ...]
"""The calls of a day, by the place of their queue."""


class ClockedDays(Gathered):
    """Replications counted as a clock of whole ticks shows their calls."""

    def __init__(self, scenario: Scenario, tick_s: float) -> None:
        super().__init__(scenario, intervals=True)
        self._frame = frame_of(scenario, lower(scenario), intervals=True)
        self._tick_s = tick_s

    def add(self, replication: Replication) -> None:
        """The next replication."""
        super().add(counted(replication, self._frame, self._tick_s))


@dataclass(frozen=True)
class Prediction:
    """The job of the workers: replications of a scenario, or of each day's calls in it.

    Points are the days; without `recorded` there is one point, the scenario as it is.
    """

    base: Scenario
    engine: str
    tick_s: float
    recorded: tuple[Recorded, ...] = ()
    seeds: tuple[int, ...] = ()
    intervals: bool = True

    @property
    def log(self) -> bool:
        """Whether calls are kept for counting anew."""
        return self.tick_s > 0.0

    def scenario(self, changes: tuple[str, ...]) -> Scenario:
        """The scenario of a point."""
        if not changes:
            return self.base
        day = int(changes[0])
        queues = tuple(
            replace(queue, arrivals=arrivals, retry=None)
            for queue, arrivals in zip(self.base.queues, self.recorded[day], strict=True)
        )
        return replace(self.base, queues=queues, seed=self.seeds[day])

    def gathering(self, scenario: Scenario) -> Gathered:
        """Everything is kept but the calls."""
        if self.tick_s > 0.0:
            return ClockedDays(scenario, self.tick_s)
        return Gathered(scenario, intervals=True)

    def whole(self, gathered: Gathered, scenario: Scenario) -> Any:
        """All of it."""
        return gathered


def predicted(
    scenario: Scenario,
    days: LogDays,
    replications: int,
    *,
    engine: str = "auto",
    workers: int | None = 1,
    progress: Progress | None = None,
) -> Result:
    """So many simulated days of the scenario, its own arrivals among what is simulated.

    They are other days than those of a run with the same seed. With a log of whole seconds
    the simulated calls are counted as its clock would have shown them.
    """
    base = replace(
        scenario, replications=replications, seed=name_key(scenario.seed, "backtest", "")
    )
    job = Prediction(base, engine_called(engine), days.tick_s)
    ((_, result),) = _carried_out(job, 1, workers, progress)
    return result


def replayed(
    scenario: Scenario,
    days: LogDays,
    replications: int,
    *,
    engine: str = "auto",
    workers: int | None = 1,
    progress: Progress | None = None,
) -> Iterator[tuple[int, Result]]:
    """Each day of the log with its own calls, so many times, as the days are finished.

    Days are independent of each other: each has a seed of its own. Callers do not call again,
    since the log has all calls that were made. Raises ValueError as `why_not_replayed` says.
    """
    why = why_not_replayed(scenario)
    if why is not None:
        raise ValueError(why)
    base = replace(scenario, replications=replications)
    seeds = tuple(name_key(scenario.seed, "backtest", str(date)) for date in days.dates)
    recorded = tuple(_recorded(days, day, scenario) for day in range(len(days)))
    job = Prediction(base, engine_called(engine), days.tick_s, recorded, seeds)
    yield from _carried_out(job, len(days), workers, progress)


def why_not_replayed(scenario: Scenario) -> str | None:
    """Why the arrivals of a log cannot take the place of the scenario's; None if they can."""
    for queue in scenario.queues:
        arrivals = queue.arrivals
        if isinstance(arrivals, ProfileArrivals) and arrivals.service_scale is not None:
            return (
                f"the forecast of queue {queue.name!r} scales service times by the interval, which"
                " recorded arrivals can't: write its `service_time` without handle times"
            )
    return None


def _recorded(days: LogDays, day: int, scenario: Scenario) -> Recorded:
    """The calls of a day as arrivals, without those that the scenario itself moves on."""
    part = days.of_day(day)
    at, queue = days.at_s[part], days.queue[part]
    own = np.ones(at.size, np.bool_)
    if moves_calls(scenario):
        own = days.first_s[part] >= at
    return tuple(
        RecordedArrivals(at[own & (queue == place)].tolist())
        for place in range(len(scenario.queues))
    )


def _carried_out(
    job: Prediction, points: int, workers: int | None, progress: Progress | None
) -> Iterator[tuple[int, Result]]:
    each = job.base.replications

    def changes(point: int) -> tuple[str, ...]:
        return (str(point),) if job.recorded else ()

    pieces = Pieces(iter(range(points)), points, changes, each)
    workers = None if workers is None else min(workers, points * each)
    for done in shared(pieces, job, workers=workers):
        if progress is not None:
            progress(pieces.n_replications, points * each)
        if done is not None:
            yield done.piece.point, done.result.result(engine=job.engine, elapsed_s=0.0)
