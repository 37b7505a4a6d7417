"""`run --control-variates`: which controls which estimate takes, and what came of it.

Controls are the work that callers bring, of a queue and of all, and the time that agents are there
where days of absence make it random: both known exactly in expectation, whatever happens then.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.engine.lower import lower
from sim.experiment.replicate import add_shifts, frame_of
from sim.experiment.result import Result
from sim.experiment.subjects import TOTAL, estimates_of, subject_names
from sim.metrics.controlled import controlled
from sim.metrics.estimates import Estimate, Floats
from sim.scenario.model import Scenario
from sim.scenario.targets import METRICS, UnitKind
from sim.sums import AgentTotal, Tally
from sim.workload.controls import WORK, caller_controls

CONTROLLED = (
    "abandonment",
    "service_level",
    "asa_s",
    "wait_mean_s",
    "wait_sd_s",
    "delayed",
    "queue_length_mean",
    "first_attempt_abandonment",
    "occupancy",
    "utilisation",
)
"""Metrics that go with load and staff, and are smooth functions of means. Percentiles are not: a
percentile that sits at a time limit does not move when the load does."""

ROUNDING_S = 1e-6


class Controls:
    """The controls of a result's replications, and its estimates with them.

    Draws the callers of all replications anew, which takes a part of the time that simulating
    them does.
    """

    def __init__(self, result: Result) -> None:
        self._result = result
        scenario = result.scenario
        work = caller_controls(scenario)[:, :, WORK]
        # Work that is the same in all replications differs from what is expected by rounding.
        self._work = np.where(np.ptp(work, axis=0) < ROUNDING_S, 0.0, work)
        self._staff = staff_controls(result)
        self._known: dict[tuple[str, bool], dict[str, Estimate]] = {}

    def of(self, subject: str, *, is_group: bool) -> Floats:
        """The controls for a queue, `total` or an agent group, shape (replications, q).

        The work of the queue, or of those that the group may serve; that of all queues; the time
        that the group's agents are there, and that of all.
        """
        scenario = self._result.scenario
        every = self._work.sum(axis=1), self._staff.sum(axis=1)
        if is_group:
            group = subject_names(self._result)[1].index(subject)
            tags = scenario.agents[group].tags
            serves = [queue.matches(tags) for queue in scenario.queues]
            own = self._work[:, serves].sum(axis=1), self._staff[:, group]
            return np.stack((*own, *every), axis=1)
        if subject == TOTAL:
            return np.stack(every, axis=1)
        place = subject_names(self._result)[0].index(subject)
        return np.stack((self._work[:, place], *every), axis=1)

    def estimates(self, subject: str, *, is_group: bool) -> Mapping[str, Estimate]:
        """The controlled estimates of those metrics that have one, by name."""
        key = subject, is_group
        if key not in self._known:
            controls = self.of(subject, is_group=is_group)
            plain = estimates_of(self._result, subject, is_group=is_group)
            made = {}
            for name in CONTROLLED:
                if name in plain:
                    most = 1.0 if METRICS[name].unit is UnitKind.SHARE else math.inf
                    found = controlled(plain[name], controls, least=0.0, most=most)
                    if found is not None:
                        made[name] = found
            self._known[key] = made
        return self._known[key]

    def document(self) -> dict[str, Any]:
        """As the result document has it, under `controlled`."""
        queues, groups = subject_names(self._result)
        *named, total = (self._rows(name, False) for name in queues)
        del total["name"]
        return {
            "queues": named,
            "total": total,
            "agents": [self._rows(name, True) for name in groups],
        }

    def _rows(self, subject: str, is_group: bool) -> dict[str, Any]:
        plain = estimates_of(self._result, subject, is_group=is_group)
        made = self.estimates(subject, is_group=is_group)
        return {
            "name": subject,
            "metrics": {
                name: {**found.document(), "runs_saved": _runs_saved(plain[name], found)}
                for name, found in made.items()
            },
        }


def with_controls(result: Result) -> Result:
    """The result with its controlled estimates in the document."""
    return dataclasses.replace(result, controlled=Controls(result).document())


def _runs_saved(plain: Estimate, found: Estimate) -> float | None:
    """How many times as many replications the plain interval takes to be as narrow."""
    if not plain.half_width or not found.half_width:
        return None
    return (plain.half_width / found.half_width) ** 2


def staff_controls(result: Result) -> Floats:
    """Time on shift less its expectation, in seconds, shape (replications, groups).

    An agent who is absent on a day with probability p is there for 1 - p of the time planned.
    """
    scenario = result.scenario
    shares = np.array([group.shrinkage for group in scenario.agents])
    expected = (1.0 - shares) * time_planned(scenario)
    realised: Floats = result.agents[:, :, AgentTotal.ON_SHIFT] - expected
    return np.where(shares > 0.0, realised, 0.0)


def time_planned(scenario: Scenario) -> Floats:
    """Time on shift of each group if nobody is absent, in seconds, shape (groups,)."""
    present = dataclasses.replace(
        scenario,
        agents=tuple(dataclasses.replace(group, shrinkage=0.0) for group in scenario.agents),
    )
    plant = lower(present)
    tally = Tally(frame_of(present, plant, intervals=False))
    add_shifts(tally, plant, 0)
    return np.asarray(tally.sums.agents[:, AgentTotal.ON_SHIFT], np.float64)
