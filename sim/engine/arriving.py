"""Who is about to call: the workload's next caller, and those who come by another way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sim.engine.call import Call, Descendant
from sim.engine.clock import Clock, Process
from sim.engine.lower import Plant
from sim.engine.rules import BORN_IN_THE_RUN, Rank, order_key
from sim.workload.calls import CallBlock


class Arrivals:
    """Schedules the arrivals of calls, whose `life` begins then."""

    def __init__(self, plant: Plant, clock: Clock, life: Callable[[Call], Process]) -> None:
        self._clock = clock
        self._life = life
        self._limits = [(queue.wait_timeout_s, queue.overflow_after_s) for queue in plant.queues]
        self._workload: Iterator[Call] = iter(())
        self._workload_goes_on = False
        self.expected = 0
        """Calls to come that are none of the workload's."""

    @property
    def to_come(self) -> bool:
        """Whether any call is still to arrive."""
        return self._workload_goes_on or self.expected > 0

    def start(self, blocks: Iterable[CallBlock]) -> None:
        """The workload's first caller will call."""
        self._workload = self.calls(blocks)
        self.expect_next()

    def calls(self, blocks: Iterable[CallBlock]) -> Iterator[Call]:
        """The calls of blocks, in the order of their numbers."""
        for block in blocks:
            columns = (
                block.queue, block.place, block.arrival_s, block.service_s, block.patience_s,
                block.wrap_up_s,
            )  # fmt: skip
            rows = zip(*(c.tolist() for c in columns), strict=True)
            for number, (q, *brings) in enumerate(rows, block.first):
                yield Call(number, q, self._limits[q], *brings)

    def expect_next(self) -> None:
        """The next call of the workload will arrive at its instant."""
        call = next(self._workload, None)
        self._workload_goes_on = call is not None
        if call is not None:
            key = order_key(Rank.ARRIVE, call.number)
            call.process = self._clock.process_at(call.arrival, key, self._life(call))

    def expect_initial(self, call: Call) -> None:
        """A call that waits at the start is as if it arrived at 0.

        What should have ended its wait before the start does so at the start.
        """
        call.patience_at = max(call.patience_at, 0.0)
        call.timeout_at = max(call.timeout_at, 0.0)
        call.overflow_at = max(call.overflow_at, 0.0)
        self._expect(call, 0.0, call.number)

    def expect_descendant(self, child: Descendant) -> None:
        """Calls born in the run arrive after those of the workload, by the parent's number."""
        self._expect(child, child.arrival, BORN_IN_THE_RUN + child.parent)

    def _expect(self, call: Call, at: float, number: int) -> None:
        self.expected += 1
        key = order_key(Rank.ARRIVE, number)
        call.process = self._clock.process_at(at, key, self._life(call))
