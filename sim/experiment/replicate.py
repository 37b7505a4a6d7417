"""One replication: workload, engine and sums put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.engine.lower import Plant, lower
from sim.engine.reference import Simulation
from sim.engine.rosters import ALWAYS, shifts_of
from sim.engine.rules import BORN_IN_THE_RUN
from sim.engine.spells import agent_log
from sim.logs import AgentLog, CallLog, SpellLog
from sim.scenario.model import Scenario
from sim.sums import AgentTotal, Frame, Sums, Tally
from sim.workload.calls import CallBlock, Workload
from sim.workload.initial import NONE as NO_CALLS
from sim.workload.initial import initial_calls

if TYPE_CHECKING:
    from sim.engine.compiled import CompiledEngine


Listener = Callable[[CallLog, SpellLog], None]
"""Hears of calls in the order of leaving, and of spells in the order in which they ended."""


@dataclass(frozen=True, slots=True)
class Replication:
    """What a replication gives: its sums, and its logs if they were asked for."""

    index: int
    sums: Sums
    calls: CallLog | None
    agents: AgentLog | None
    spells: SpellLog | None
    """what the agent log does not tell: for which call a phone rang, and overtime"""


class Replicator:
    """Runs any replication of a scenario on one engine, with what they all share prepared once.

    `engine` is `simpy` or `compiled`; what comes out is the same to the last bit. A `listener`
    hears of all calls and spells as they end, whether they are kept or not.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        engine: str = "simpy",
        intervals: bool = False,
        keep_calls: bool = False,
        keep_agents: bool = False,
        listener: Listener | None = None,
    ) -> None:
        self._scenario = scenario
        self.plant = lower(scenario)
        self.workload = Workload(scenario)
        self.frame = frame_of(scenario, self.plant, intervals=intervals)
        self._keep_calls = keep_calls
        self._keep_agents = keep_agents
        self._listener = listener
        self._on_shift: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
        self._compiled: CompiledEngine | None = None
        if engine == "compiled":
            from sim.engine.compiled import CompiledEngine

            self._compiled = CompiledEngine(self.plant, self.frame)

    @property
    def is_compiled(self) -> bool:
        """Whether the engine can start at once."""
        return self._compiled is None or self._compiled.is_ready(log=self._wants_logs)

    def compile(self) -> None:
        """Compile the engine, by a day without calls."""
        if self._compiled is not None:
            self._compiled.run(0, (), NO_CALLS, _to_nobody if self._wants_logs else None)

    @property
    def _wants_logs(self) -> bool:
        return self._keep_calls or self._keep_agents or self._listener is not None

    def run(self, index: int) -> Replication:
        """Replication `index`, from 0."""
        calls = self.workload.blocks(index)
        if self._compiled is not None:
            return self._run_compiled(self._compiled, index, calls)
        tally = Tally(self.frame)
        kept: list[CallLog] = []
        spells: list[SpellLog] = []

        def emit(rows: CallLog, ended: SpellLog) -> None:
            tally.add(rows)
            tally.add_spells(ended)
            if self._listener is not None:
                self._listener(rows, ended)
            if self._keep_calls:
                kept.append(rows)
            if self._keep_agents:
                spells.append(ended)

        initial = initial_calls(self._scenario, index)
        simulation = Simulation(self.plant, index, emit, keep_agent_log=self._keep_agents)
        run = simulation.run(numbered_from(calls, len(initial)), initial)
        self._add_shifts(tally, index)
        tally.sums.queue_peak[:] = run.queue_peak
        if run.plays:
            tally.sums.plays[:] = run.plays
        agents = None if run.agent_log is None else AgentLog.of_rows(run.agent_log)
        return self._replication(index, tally.sums, kept, agents, spells)

    def _replication(
        self,
        index: int,
        sums: Sums,
        kept: list[CallLog],
        agents: AgentLog | None,
        spells: list[SpellLog],
    ) -> Replication:
        told = SpellLog.joined(spells) if self._keep_agents else None
        return Replication(index, sums, self._in_order(kept), agents, told)

    def _add_shifts(self, tally: Tally, index: int) -> None:
        """Add the agents' time on shift: the same in all replications but for shrinkage."""
        sums = tally.sums
        if self._on_shift is None or any(self.plant.shrinkage):
            add_shifts(tally, self.plant, index)
            column = AgentTotal.ON_SHIFT
            self._on_shift = sums.agents[:, column].copy(), sums.slot_agents[..., column].copy()
        sums.agents[:, AgentTotal.ON_SHIFT] = self._on_shift[0]
        sums.slot_agents[:, :, AgentTotal.ON_SHIFT] = self._on_shift[1]

    def _run_compiled(
        self, engine: CompiledEngine, index: int, calls: Iterator[CallBlock]
    ) -> Replication:
        kept: list[CallLog] = []
        spells: list[SpellLog] = []

        def emit(rows: CallLog, ended: SpellLog) -> None:
            if self._listener is not None:
                self._listener(rows, ended)
            if self._keep_calls or self._keep_agents:
                kept.append(rows)
                spells.append(ended)

        initial = initial_calls(self._scenario, index)
        blocks = numbered_from(calls, len(initial))
        sums, going_on, end = engine.run(index, blocks, initial, emit if self._wants_logs else None)
        if self._listener is not None:
            self._listener(CallLog.of_rows([]), going_on)
        tally = Tally(self.frame, sums)
        tally.add_spells(going_on)
        self._add_shifts(tally, index)
        spells.append(going_on)
        agents = None
        if self._keep_agents:
            agents = agent_log(
                self.plant, shifts_of(self.plant, index), CallLog.joined(kept),
                SpellLog.joined(spells), end,
            )  # fmt: skip
        return self._replication(index, sums, kept, agents, spells)

    def _in_order(self, kept: list[CallLog]) -> CallLog | None:
        """The call log by call; calls born in the run are numbered after the workload's."""
        if not self._keep_calls:
            return None
        log = CallLog.joined(kept).by_call()
        size = int(np.searchsorted(log.call, BORN_IN_THE_RUN))
        for numbers in (log.call, log.parent):
            numbers[numbers >= BORN_IN_THE_RUN] += size - BORN_IN_THE_RUN
        return log


def _to_nobody(rows: CallLog, ended: SpellLog) -> None:
    """Take logs that nobody asked for."""


def add_shifts(tally: Tally, plant: Plant, index: int) -> None:
    """Add the time on shift of all agents in replication `index`."""
    tally.add_shifts(*shift_columns(plant, index))


def shift_columns(
    plant: Plant, index: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """The shifts of replication `index`: agent, from, to (infinite without a schedule)."""
    shifts = shifts_of(plant, index)
    spells = [
        (agent, start, end)
        for agent in range(plant.n_agents)
        for start, end in shifts.get(agent, ALWAYS)
    ]
    return (
        np.array([agent for agent, _, _ in spells], np.int64),
        np.array([start for _, start, _ in spells], np.float64),
        np.array([end for _, _, end in spells], np.float64),
    )


def numbered_from(blocks: Iterator[CallBlock], first: int) -> Iterator[CallBlock]:
    """The same calls with numbers from `first` on."""
    return (replace(block, first=block.first + first) for block in blocks) if first else blocks


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
