"""The compiled engine: the SimPy engine's results to the last bit, in arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from sim.engine.kernel import records as r
from sim.engine.kernel.close import still_there, write_down
from sim.engine.kernel.loop import kernel
from sim.engine.kernel.records import Calls, World
from sim.engine.kernel.tally import KernelSums, complete
from sim.engine.lower import Plant
from sim.engine.world import (
    empty_world,
    for_replication,
    with_more_ranks,
    with_more_slots,
    with_room_for_deadlines,
)
from sim.logs import COLUMN_TYPES, CallLog
from sim.sums import Frame, Sums
from sim.workload.calls import CallBlock

ROWS = 8192
"""Rows of the call log that are handed over at once."""

Emit = Callable[[CallLog], None]


class CompiledEngine:
    """Runs replications of one plant; sums are kept in the kernel, with or without a log."""

    def __init__(self, plant: Plant, frame: Frame) -> None:
        self._plant = plant
        self._frame = frame
        self._empty = empty_world(plant, frame)
        flows = any(queue.flow is not None for queue in plant.queues)
        self._whole = bool(plant.shifts) or flows or frame.interval_s is not None

    def run(
        self, replication: int, blocks: Iterable[CallBlock], emit: Emit | None = None
    ) -> tuple[Sums, list[tuple[int, float, float]], float]:
        """One replication: its sums, overtime spells (agent, from, to), and when it ended.

        `emit` takes the call log in the order of leaving, in blocks.
        """
        world = for_replication(self._empty, self._plant, replication)
        frame = world.frames[0]
        sums = Sums.zero(self._frame)
        kernel_sums = KernelSums._make(
            [getattr(sums, name) for name in KernelSums._fields[:-1]] + [self._frame.slot_edges()]
        )
        rows = np.zeros(ROWS if emit else 0, r.ROW)
        coming = iter(blocks)
        block = next(coming, None)
        following = next(coming, None)
        first, calls = _columns(CallBlock.empty() if block is None else block)
        run_kernel = kernel(self._whole or emit is not None)
        while True:
            wants = run_kernel(world, kernel_sums, rows, first, calls, following is None)
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
            else:
                _hand_over(world, rows, emit)
        owners = still_there(world.slots, world.agents)
        if emit is not None:
            _hand_over(world, rows, emit)
            rows = np.zeros(max(1, owners.size), r.ROW)
        write_down(
            world.frames, world.queues, world.agents, world.slots, world.flows, world.steps,
            kernel_sums, rows, owners,
        )  # fmt: skip
        _hand_over(world, rows, emit)
        complete(sums.counts)
        if sums.slot_counts.size:
            complete(sums.slot_counts)
        sums.queue_peak[:] = np.append(world.queues["peak"], frame["peak"])
        end = max(float(frame["horizon"]), float(frame["last_change"]))
        if not self._plant.drain:
            end = self._plant.horizon_s
        return sums, _overtime(world, end), end


def _columns(block: CallBlock) -> tuple[int, Calls]:
    return block.first, Calls(
        block.queue, block.place, block.arrival_s, block.service_s, block.patience_s,
        block.wrap_up_s,
    )  # fmt: skip


def _hand_over(world: World, rows: Any, emit: Emit | None) -> None:
    n = int(world.frames["n_rows"][0])
    if emit is not None and n:
        columns = {name: rows[name][:n].copy() for name in COLUMN_TYPES}
        columns["first_arrival"] = columns["arrival"].copy()
        emit(CallLog(**columns))
    world.frames["n_rows"] = 0


def _overtime(world: World, end: float) -> list[tuple[int, float, float]]:
    """The spells of work after a shift's end, those that go on until the end last."""
    spells = world.overtime[: int(world.frames["n_overtime"][0])]
    since = world.agents["overtime_since"]
    return [(int(s["agent"]), float(s["since"]), float(s["until"])) for s in spells] + [
        (int(agent), float(since[agent]), end) for agent in np.flatnonzero(since < end)
    ]
