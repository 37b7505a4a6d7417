"""The compiled engine: the SimPy engine's results to the last bit, in arrays."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sim.engine.growth import (
    with_more_coming,
    with_more_ranks,
    with_more_slots,
    with_room_for_deadlines,
)
from sim.engine.kernel import records as r
from sim.engine.kernel.close import still_there, write_down
from sim.engine.kernel.loop import FULL, LEAN, NAMES, WHOLE, kernel
from sim.engine.kernel.records import Calls, Records, World
from sim.engine.kernel.tally import KernelSums, complete
from sim.engine.ledger import Emit
from sim.engine.lower import Plant
from sim.engine.rules import EndlessRingingError
from sim.engine.world import empty_world, for_replication
from sim.jit import is_compiled
from sim.logs import COLUMN_TYPES, NOBODY, CallLog, SpellKind, SpellLog
from sim.sums import Frame, Sums
from sim.workload.calls import CallBlock
from sim.workload.initial import InitialCalls

ROWS = 8192
"""Rows of the logs that are handed over at once."""


NO_SPELLS = SpellLog.of_rows([])

SECONDS = {LEAN: 8, WHOLE: 10, FULL: 20}
"""About how long each variant of the kernel takes to be compiled, with all that it calls."""


def variant(plant: Plant, *, by_interval: bool, log: bool) -> int:
    """The least variant of the kernel that has all that a run needs."""
    if plant.is_full:
        return FULL
    flows = any(queue.flow is not None for queue in plant.queues)
    return WHOLE if plant.shifts or flows or by_interval or log else LEAN


def seconds_to_compile(plant: Plant, *, by_interval: bool, log: bool) -> int:
    """About how long the first such run spends on compiling; 0 if that was done before."""
    level = variant(plant, by_interval=by_interval, log=log)
    return 0 if is_compiled("loop", NAMES[level]) else SECONDS[level]


class CompiledEngine:
    """Runs replications of one plant; sums are kept in the kernel, with or without a log."""

    def __init__(self, plant: Plant, frame: Frame) -> None:
        self._plant = plant
        self._frame = frame
        self._empty = empty_world(plant, frame)

    def is_ready(self, *, log: bool) -> bool:
        """Whether the kernel that `run` takes, with a log or without, was compiled before."""
        by_interval = self._frame.interval_s is not None
        return seconds_to_compile(self._plant, by_interval=by_interval, log=log) == 0

    def run(
        self,
        replication: int,
        blocks: Iterable[CallBlock],
        initial: InitialCalls,
        emit: Emit | None = None,
    ) -> tuple[Sums, SpellLog, float]:
        """One replication: its sums, the spells still going on at the end, and when it ended.

        `emit` takes calls in the order of leaving, and penalties, breaks and unanswered rings in
        the order in which they ended. The spells returned are not yet in the sums.
        """
        by_interval = self._frame.interval_s is not None
        level = variant(self._plant, by_interval=by_interval, log=emit is not None)
        full = level == FULL
        world = for_replication(self._empty, self._plant, replication, initial, full=full)
        sums = Sums.zero(self._frame)
        kernel_sums = KernelSums._make(
            [getattr(sums, name) for name in KernelSums._fields[:-1]] + [self._frame.slot_edges()]
        )
        rows = np.zeros(ROWS if emit else 0, r.ROW)
        if full and emit:
            world = world._replace(spells=np.zeros(ROWS, r.SPELL))
        coming = iter(blocks)
        block = next(coming, None)
        following = next(coming, None)
        first, calls = _columns(CallBlock.empty() if block is None else block)
        run = kernel(level)
        while True:
            wants = run(world, kernel_sums, rows, first, calls, following is None)
            if wants == r.FINISHED:
                break
            if wants == r.WANTS_BLOCK:
                assert following is not None
                first, calls = _columns(following)
                following = next(coming, None)
                world.frames["position"] = 0
            elif wants == r.WANTS_SLOTS:
                world = with_more_slots(world)
            elif wants == r.WANTS_LATE:
                world = with_room_for_deadlines(world)
            elif wants == r.WANTS_RANKS:
                world = with_more_ranks(world)
            elif wants == r.NEVER_ANSWERED:
                agent = int(world.answers[0]["owner"])
                queue = self._plant.queues[int(world.agents[agent]["queue"])]
                raise EndlessRingingError(queue.name)
            elif wants == r.WANTS_COMING:
                world = with_more_coming(world)
            else:
                _hand_over(world, rows, emit)
        owners = still_there(world.slots, world.agents)
        if emit is not None:
            _hand_over(world, rows, emit)
            rows = np.zeros(max(1, owners.size), r.ROW)
        if owners.size:
            write_down(world, kernel_sums, rows, owners, full)
            _hand_over(world, rows, emit)
        complete(sums.counts, first_attempts=not full)
        if sums.slot_counts.size:
            complete(sums.slot_counts, first_attempts=not full)
        frame = world.frames[0]
        sums.queue_peak[:] = np.append(world.queues["peak"], frame["peak"])
        end = max(float(frame["horizon"]), float(frame["last_change"]))
        if not self._plant.drain:
            end = self._plant.horizon_s
        going_on = NO_SPELLS if level == LEAN else _going_on(world, end)
        return sums, going_on, end


def _columns(block: CallBlock) -> tuple[int, Calls]:
    return block.first, Calls(
        block.queue, block.place, block.arrival_s, block.service_s, block.patience_s,
        block.wrap_up_s,
    )  # fmt: skip


def _hand_over(world: World, rows: Records, emit: Emit | None) -> None:
    n, n_spells = int(world.frames["n_rows"][0]), int(world.frames["n_spells"][0])
    if emit is not None and n + n_spells:
        spells = world.spells[:n_spells]
        emit(
            CallLog(*(rows[name][:n].copy() for name in COLUMN_TYPES)),
            SpellLog.of_rows(
                [
                    (int(s["kind"]), int(s["agent"]), float(s["since"]), float(s["until"]),
                     NOBODY, np.nan)
                    for s in spells
                ]
            ),
        )  # fmt: skip
    world.frames["n_rows"] = 0
    world.frames["n_spells"] = 0


def _going_on(world: World, end: float) -> SpellLog:
    """Absences that are not over, then overtime, by agent."""
    agents = world.agents
    kinds = {r.IN_PENALTY: SpellKind.PENALTY, r.ON_BREAK: SpellKind.BREAK}
    spells = [
        (kinds[int(agents["phase"][a])].value, int(a), float(agents["absent_since"][a]), end)
        for a in np.flatnonzero((agents["phase"] >= r.IN_PENALTY) & (agents["absent_since"] < end))
    ]
    spells += [
        (SpellKind.OVERTIME.value, int(a), float(agents["overtime_since"][a]), end)
        for a in np.flatnonzero(agents["overtime_since"] < end)
    ]
    return SpellLog.of_rows([(*spell, NOBODY, np.nan) for spell in spells])
