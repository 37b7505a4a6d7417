"""What is written down while a replication runs: calls as they leave, agents' spells, peaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.engine.call import UNKNOWN, Call
from sim.engine.clock import Clock
from sim.engine.lower import Plant
from sim.logs import NOBODY, CallLog, SpellKind, SpellLog

Emit = Callable[[CallLog, SpellLog], None]
"""Takes calls in the order in which they left, and spells in the order in which they ended."""

ROWS_PER_BLOCK = 4096


class Ledger:
    """Hands over rows in blocks, so that memory follows the calls present."""

    def __init__(self, plant: Plant, clock: Clock, emit: Emit) -> None:
        self._clock = clock
        self._emit = emit
        self._warmup, self._horizon = plant.warmup_s, plant.horizon_s
        self._rows: list[tuple[Any, ...]] = []
        self._spells: list[tuple[int, int, float, float, int, float]] = []
        self.in_queue = [0] * (len(plant.queues) + 1)
        """How many are waiting or connecting, per queue and in all."""
        self.peak = [0] * (len(plant.queues) + 1)
        """The most of these at once, from the warm-up to the horizon."""
        self.last_change = 0.0
        """When a call left, an agent became free or a shift ended for the last time."""

    def leaves(
        self,
        call: Call,
        outcome: int,
        cause: int = 0,
        service_s: float = UNKNOWN,
        wrap_up_s: float = UNKNOWN,
        cut: bool = False,
    ) -> None:
        """The call leaves now: its row is written, `outcome` and `cause` as the log's codes."""
        self.last_change = now = self._clock.now
        rows = self._rows
        rows.append(
            (
                call.number, call.queue, call.arrival, call.routed, call.answer, now,
                outcome, cause, call.agent, service_s, wrap_up_s, cut, call.attempt, call.parent,
                call.first_arrival if call.generation else call.arrival,
            )
        )  # fmt: skip
        if len(rows) >= ROWS_PER_BLOCK:
            self.hand_over()

    def still_there(self, call: Call) -> None:
        """The row of a call that has not left at the end."""
        self._rows.append(
            (
                call.number, call.queue, call.arrival, call.routed, call.answer, UNKNOWN,
                call.state.value, 0, call.agent, UNKNOWN, UNKNOWN, False,
                call.attempt, call.parent, call.first_arrival,
            )
        )  # fmt: skip

    def spell(
        self, kind: SpellKind, agent: int, since: float, until: float, call: Call | None = None
    ) -> None:
        """An agent's spell is over; `call` is the one whose ring was not answered."""
        queue, arrival = (NOBODY, UNKNOWN) if call is None else (call.queue, call.arrival)
        self._spells.append((kind.value, agent, since, until, queue, arrival))
        if len(self._spells) >= ROWS_PER_BLOCK:
            self.hand_over()

    def hand_over(self) -> None:
        """What has been written since the last time goes to whoever counts it."""
        self._emit(CallLog.of_rows(self._rows), SpellLog.of_rows(self._spells))
        self._rows, self._spells = [], []

    def count_in_queue(self, q: int, change: int) -> None:
        """One more or one less is waiting or connecting in queue `q`."""
        self.in_queue[q] = here = self.in_queue[q] + change
        self.in_queue[-1] = everywhere = self.in_queue[-1] + change
        now = self._clock.now
        if now < self._warmup:
            self.peak[q], self.peak[-1] = here, everywhere
        elif change > 0 and now < self._horizon:
            self.peak[q] = max(self.peak[q], here)
            self.peak[-1] = max(self.peak[-1], everywhere)
