"""Replications brought together, in one process or from several, into a result."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiment.replicate import Replication
from sim.experiment.result import Result, percentiles_of
from sim.logs import CallLog
from sim.metrics.waits import PERCENTILES
from sim.scenario.model import Scenario
from sim.sums import WAIT_BINS, Sums

_SECTIONS = "sections"
"""The percentiles of each replication by itself, in the order of `PERCENTILES`."""


class Gathered:
    """Collects replications, in their order, into a result. Wait histograms are pooled.

    What each replication gives is stacked, an array for each sum, whenever it is moved: to
    another process, or to the rest. So many short replications cost no more to bring together
    than a few long ones.
    """

    def __init__(self, scenario: Scenario, *, intervals: bool) -> None:
        self._scenario = scenario
        self._intervals = intervals
        self._waits = np.zeros((len(scenario.queues) + 1, WAIT_BINS), np.int64)
        self._rows: list[dict[str, NDArray[Any]]] = []
        self._stacks: list[dict[str, NDArray[Any]]] = []
        self._calls: list[CallLog] = []

    def add(self, replication: Replication) -> None:
        """The next replication: reduce what is large, keep the rest."""
        sums = replication.sums
        self._waits += sums.waits
        sections = [
            percentiles_of(sums.waits, sums.counts, sums.wait_max, q) for q in self._subjects()
        ]
        kept = {name: getattr(sums, name) for name in self._kept()}
        self._rows.append(kept | {_SECTIONS: np.array([list(each.values()) for each in sections])})
        if replication.calls is not None:
            self._calls.append(replication.calls)

    def absorb(self, following: Gathered) -> None:
        """Add the replications of another one, which follow those that are here."""
        self._waits += following._waits
        self._stack()
        following._stack()
        self._stacks += following._stacks
        self._calls += following._calls

    def __getstate__(self) -> dict[str, Any]:
        self._stack()
        return self.__dict__

    def _stack(self) -> None:
        rows = self._rows
        if rows:
            self._stacks.append({name: np.stack([row[name] for row in rows]) for name in rows[0]})
            self._rows = []

    def _kept(self) -> list[str]:
        """The sums that are kept of each replication."""
        names = [field.name for field in fields(Sums) if field.name != "waits"]
        return [name for name in names if self._intervals or not name.startswith("slot_")]

    def _subjects(self) -> list[slice]:
        """Each queue, then all of them, as a slice of the rows of the sums."""
        n = len(self._scenario.queues)
        return [slice(q, q + 1) for q in range(n)] + [slice(0, n + 1)]

    def result(self, *, engine: str, elapsed_s: float) -> Result:
        """The result of all that was added."""
        self._stack()
        sums = {
            name: np.concatenate([stack[name] for stack in self._stacks])
            for name in self._stacks[0]
        }
        sections = sums.pop(_SECTIONS)
        return Result(
            scenario=self._scenario,
            engine=engine,
            elapsed_s=elapsed_s,
            counts=sums["counts"],
            totals=sums["totals"],
            wait_max=sums["wait_max"],
            queue_peak=sums["queue_peak"],
            served=sums["served"],
            agents=sums["agents"],
            plays=sums["plays"].sum(axis=0),
            slot_counts=sums.get("slot_counts"),
            slot_totals=sums.get("slot_totals"),
            slot_agents=sums.get("slot_agents"),
            waits=self._waits,
            sections=[
                {name: sections[:, i, k] for k, name in enumerate(PERCENTILES)}
                for i in range(len(self._scenario.queues) + 1)
            ],
            logs=self._calls or None,
        )
