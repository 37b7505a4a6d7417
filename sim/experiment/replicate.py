"""One replication: workload, engine and sums put together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.engine.lower import Plant, lower
from sim.engine.reference import Simulation
from sim.engine.spells import agent_log
from sim.logs import AgentLog, CallLog
from sim.scenario.model import Scenario
from sim.sums import Frame, Sums, Tally
from sim.workload.calls import CallBlock, Workload

if TYPE_CHECKING:
    from sim.engine.compiled import CompiledEngine


@dataclass(frozen=True, slots=True)
class Replication:
    """What a replication gives: its sums, and its logs if they were asked for."""

    index: int
    sums: Sums
    calls: CallLog | None
    agents: AgentLog | None

    def without_waits(self) -> Replication:
        """The same without the histogram of waits, which is much larger than all else."""
        return replace(self, sums=replace(self.sums, waits=self.sums.waits[:0]))


class Replicator:
    """Runs any replication of a scenario on one engine, with what they all share prepared once.

    `engine` is `simpy` or `compiled`; what comes out is the same to the last bit.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        engine: str = "simpy",
        intervals: bool = False,
        keep_calls: bool = False,
        keep_agents: bool = False,
    ) -> None:
        self.plant = lower(scenario)
        self.workload = Workload(scenario)
        self.frame = frame_of(scenario, self.plant, intervals=intervals)
        self._keep_calls = keep_calls
        self._keep_agents = keep_agents
        self._compiled: CompiledEngine | None = None
        if engine == "compiled":
            from sim.engine.compiled import CompiledEngine

            self._compiled = CompiledEngine(self.plant, self.frame)

    def run(self, index: int) -> Replication:
        """Replication `index`, from 0."""
        calls = self.workload.blocks(index)
        if self._compiled is not None:
            return self._run_compiled(self._compiled, index, calls)
        tally = Tally(self.frame)
        kept: list[CallLog] = []

        def emit(rows: CallLog) -> None:
            tally.add(rows)
            if self._keep_calls:
                kept.append(rows)

        simulation = Simulation(self.plant, index, emit, keep_agent_log=self._keep_agents)
        run = simulation.run(calls)
        tally.add_overtime(run.overtime)
        tally.sums.queue_peak[:] = run.queue_peak
        if run.plays:
            tally.sums.plays[:] = run.plays
        agents = None if run.agent_log is None else AgentLog.of_rows(run.agent_log)
        return Replication(index, tally.sums, self._in_order(kept), agents)

    def _run_compiled(
        self, engine: CompiledEngine, index: int, calls: Iterator[CallBlock]
    ) -> Replication:
        kept: list[CallLog] = []
        logs = self._keep_calls or self._keep_agents
        sums, overtime, end = engine.run(index, calls, kept.append if logs else None)
        Tally(self.frame, sums).add_overtime(overtime)
        agents = None
        if self._keep_agents:
            agents = agent_log(self.plant, CallLog.joined(kept), end)
        return Replication(index, sums, self._in_order(kept), agents)

    def _in_order(self, kept: list[CallLog]) -> CallLog | None:
        return CallLog.joined(kept).by_call() if self._keep_calls else None


def frame_of(scenario: Scenario, plant: Plant, *, intervals: bool) -> Frame:
    """The window, the slots and the thresholds of a scenario's sums."""
    levels = [queue.service_level for queue in scenario.queues]
    return Frame(
        n_queues=len(scenario.queues),
        n_groups=len(scenario.agents),
        n_actions=plant.n_actions,
        warmup_s=scenario.warmup_s,
        horizon_s=scenario.horizon_s,
        interval_s=scenario.interval_s if intervals else None,
        group_of=plant.group_of,
        threshold_s=np.array([level.threshold_s for level in levels]),
        short_abandon_s=np.array([level.short_abandon_s for level in levels]),
    )
