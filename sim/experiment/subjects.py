"""The estimates of a result by what they are of: a queue, `total`, or an agent group."""

from __future__ import annotations

from collections.abc import Mapping

from sim.experiment.result import Result
from sim.metrics.estimates import Estimate, Floats

TOTAL = "total"


def subject_names(result: Result) -> tuple[list[str], list[str]]:
    """The queues and `total`; the agent groups; both in the file's order."""
    scenario = result.scenario
    return [*(q.name for q in scenario.queues), TOTAL], [g.name for g in scenario.agents]


def estimates_of(result: Result, subject: str, *, is_group: bool) -> Mapping[str, Estimate]:
    """All metrics of a queue, of `total` or of an agent group, by name.

    Raises ValueError for a name that the scenario does not have.
    """
    if is_group:
        return result.agent_estimates(_group(result, subject))
    return result.estimates(*_rows(result, subject))


def days_of(result: Result, subject: str, *, is_group: bool) -> Mapping[str, Floats]:
    """All metrics of the same in each replication by itself, shape (replications,), by name.

    NaN where a replication has nothing to measure. Raises ValueError for an unknown name.
    """
    if is_group:
        return result.agent_days(_group(result, subject))
    return result.days(*_rows(result, subject))


def _group(result: Result, subject: str) -> int:
    return subject_names(result)[1].index(subject)


def _rows(result: Result, subject: str) -> tuple[slice, int]:
    """The rows of the sums that a queue or `total` has, and its place among the percentiles."""
    queues, _ = subject_names(result)
    place = queues.index(subject)
    return (slice(0, len(queues)) if subject == TOTAL else slice(place, place + 1)), place
