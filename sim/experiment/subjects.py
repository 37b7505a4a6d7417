"""The estimates of a result by what they are of: a queue, `total`, or an agent group."""

from __future__ import annotations

from collections.abc import Mapping

from sim.experiment.result import Result
from sim.metrics.estimates import Estimate

TOTAL = "total"


def subject_names(result: Result) -> tuple[list[str], list[str]]:
    """The queues and `total`; the agent groups; both in the file's order."""
    scenario = result.scenario
    return [*(q.name for q in scenario.queues), TOTAL], [g.name for g in scenario.agents]


def estimates_of(result: Result, subject: str, *, is_group: bool) -> Mapping[str, Estimate]:
    """All metrics of a queue, of `total` or of an agent group, by name.

    Raises ValueError for a name that the scenario does not have.
    """
    queues, groups = subject_names(result)
    if is_group:
        return result.agent_estimates(groups.index(subject))
    place = queues.index(subject)
    rows = slice(0, len(queues)) if subject == TOTAL else slice(place, place + 1)
    return result.estimates(rows, place)
