"""One replication: workload, engine and sums put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sim.engine.lower import Plant, lower
from sim.engine.reference import Simulation
from sim.logs import AgentLog, CallLog
from sim.scenario.model import Scenario
from sim.sums import Frame, Sums, Tally
from sim.workload.calls import Workload


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
    """Runs any replication of a scenario, with what they all share prepared once."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        intervals: bool = False,
        keep_calls: bool = False,
        keep_agents: bool = False,
    ) -> None:
        self.plant = lower(scenario)
        self.workload = Workload(scenario)
        self.frame = frame_of(scenario, self.plant, intervals=intervals)
        self._keep_calls = keep_calls
        self._keep_agents = keep_agents

    def run(self, index: int) -> Replication:
        """Replication `index`, from 0."""
        tally = Tally(self.frame)
        blocks: list[CallLog] = []
        emit: Callable[[CallLog], None] = tally.add
        if self._keep_calls:

            def emit(rows: CallLog) -> None:
                blocks.append(rows)
                tally.add(rows)

        simulation = Simulation(self.plant, index, emit, keep_agent_log=self._keep_agents)
        run = simulation.run(self.workload.blocks(index))
        for agent, from_s, to_s in run.overtime:
            tally.add_overtime(agent, from_s, to_s)
        tally.sums.queue_peak[:] = run.queue_peak
        if run.plays:
            tally.sums.plays[:] = run.plays
        return Replication(
            index,
            tally.sums,
            CallLog.joined(blocks).by_call() if self._keep_calls else None,
            None if run.agent_log is None else AgentLog.of_rows(run.agent_log),
        )


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
