"""The same numbers of observed and simulated days: numerators and denominators, day by day.

Every metric that is compared is a ratio of sums over days: of sums of calls or seconds as
`sim.metrics.measures` has them, of calls over the number of days, or of the days' percentiles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.calibration.history import Floats
from sim.experiment.result import Result, formula_of
from sim.metrics.measures import QueueSample, Terms, agent_terms, queue_terms
from sim.sums import Count

INCOMING = "incoming"
RATIOS = ("abandonment", "service_level", "asa_s", "wait_mean_s")
PERCENTILE = "wait_p90_s"
QUEUE_METRICS = (INCOMING, *RATIOS, PERCENTILE, "service_mean_s", "blocked_share")
BY_INTERVAL = (INCOMING, "abandonment", "service_level", "wait_mean_s")
AGENTS = "occupancy"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured: a queue or `total` by the rows of the sums, or all agents together."""

    name: str
    first: int = 0
    stop: int = 0
    place: int = -1
    """Where its percentiles stand."""
    is_agents: bool = False

    @property
    def queues(self) -> slice:
        """Its rows of the sums."""
        return slice(self.first, self.stop)


@dataclass(frozen=True, slots=True)
class Column:
    """One metric of one subject, of the whole day or of the interval number `slot`."""

    subject: Subject
    metric: str
    slot: int = -1


@dataclass(frozen=True, eq=False)
class Days:
    """Numerators and denominators of all columns, shape (..., days, columns)."""

    numerator: Floats
    denominator: Floats

    def ratios(self) -> Floats:
        """Each day by itself; NaN where there is nothing."""
        return divided(self.numerator, self.denominator)


def divided(numerator: Floats, denominator: Floats) -> Floats:
    """The ratios, NaN where the denominator is 0."""
    found = np.full(np.shape(numerator), np.nan)
    np.divide(numerator, denominator, out=found, where=denominator > 0.0)
    return found


def subjects_of(result: Result, silent: Sequence[int], *, agents: bool) -> list[Subject]:
    """The queues that the log has, `total` if it has all of several, the agents if asked for."""
    names = [queue.name for queue in result.scenario.queues]
    found = [Subject(name, q, q + 1, q) for q, name in enumerate(names) if q not in silent]
    if len(names) > 1 and not silent:
        found.append(Subject("total", 0, len(names) + 1, len(names)))
    return [*found, Subject("all", is_agents=True)] if agents else found


def whole_day(result: Result, columns: Sequence[Column]) -> Days:
    """The columns of the whole day, for each replication of a result."""
    terms = {subject: dict(_terms(result, subject)) for subject in {c.subject for c in columns}}
    return _stacked([terms[c.subject][c.metric] for c in columns])


def by_interval(result: Result, columns: Sequence[Column]) -> Days:
    """The columns of single intervals, for each replication of a result with intervals."""
    assert result.slot_counts is not None and result.slot_totals is not None
    found: dict[tuple[Subject, int], dict[str, Terms]] = {}
    for column in columns:
        key = column.subject, column.slot
        if key not in found:
            queues = column.subject.queues
            sample = QueueSample(
                result.slot_counts[:, queues, column.slot].sum(axis=1),
                result.slot_totals[:, queues, column.slot].sum(axis=1),
                1.0,
            )
            found[key] = dict(_queue_terms(sample, result, queues))
    return _stacked([found[c.subject, c.slot][c.metric] for c in columns])


def _terms(result: Result, subject: Subject) -> Iterator[tuple[str, Terms]]:
    if subject.is_agents:
        sums = result.agents.sum(axis=1)
        yield AGENTS, agent_terms(sums, np.zeros(len(sums)), 1)[AGENTS]
        return
    queues = subject.queues
    sample = QueueSample(
        result.counts[:, queues].sum(axis=1), result.totals[:, queues].sum(axis=1), 1.0
    )
    yield from _queue_terms(sample, result, queues)
    percentile = result.sections[subject.place][PERCENTILE]
    known = np.isfinite(percentile)
    yield PERCENTILE, (np.where(known, percentile, 0.0), known.astype(np.float64))


def _queue_terms(sample: QueueSample, result: Result, queues: slice) -> Iterator[tuple[str, Terms]]:
    yield from queue_terms(sample, formula_of(result.scenario, queues)).items()
    incoming = sample.count(Count.INCOMING)
    yield INCOMING, (incoming, np.ones(incoming.size))


def _stacked(terms: Sequence[Terms]) -> Days:
    return Days(
        np.stack([numerator for numerator, _ in terms], axis=1),
        np.stack([denominator for _, denominator in terms], axis=1),
    )
