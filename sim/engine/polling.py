"""Calls handed out at ticks: one loop per queue, as the platform has it."""

from __future__ import annotations

from collections.abc import Callable

from sim.engine.call import Call
from sim.engine.clock import Clock, Process
from sim.engine.crew import Crew
from sim.engine.line import Lines
from sim.engine.lower import Plant
from sim.engine.rules import Rank, order_key
from sim.scenario.behaviour import Polling, PollOrder
from sim.scenario.model import Discipline


class PollingLoops:
    """One loop per queue: stopped, or with a tick to come. Nothing is routed outside ticks."""

    def __init__(
        self,
        plant: Plant,
        polling: Polling,
        clock: Clock,
        crew: Crew,
        lines: Lines,
        hand_over: Callable[[Call, int], None],
    ) -> None:
        self._queues = plant.queues
        self._polling = polling
        self._clock = clock
        self._crew = crew
        self._lines = lines
        self._hand_over = hand_over
        newest = polling.order is PollOrder.NEWEST
        self._end = Discipline.LIFO if newest else Discipline.FIFO
        self._running = [False] * len(plant.queues)

    def wake(self, q: int) -> None:
        """A call waits in queue `q`: a loop that is stopped goes on after the start delay."""
        if not self._running[q]:
            self._running[q] = True
            self._clock.process_now(self._loop(q))

    def _loop(self, q: int) -> Process:
        clock, line, queue = self._clock, self._lines.of[q], self._queues[q]
        key = order_key(Rank.TICK, q)
        failed, first_failed_at = 0, 0.0
        tick_at = clock.now + self._polling.start_delay_s
        while True:
            yield clock.at(tick_at, key, matters=False)
            if not line.calls:
                break
            eligible = self._crew.eligible(queue)
            if eligible:
                failed = 0
                call = line.next(self._end)
                self._hand_over(call, eligible)
                tick_at = clock.now + self._polling.next_s
            else:
                if failed == 0:
                    first_failed_at = clock.now
                failed += 1
                tick_at = first_failed_at + failed * self._polling.retry_s
        self._running[q] = False

    @property
    def can_route(self) -> bool:
        """Whether a tick to come finds both a waiting call and an eligible agent as things are."""
        return any(
            line.calls and self._crew.eligible(queue)
            for line, queue in zip(self._lines.of, self._queues, strict=True)
        )
