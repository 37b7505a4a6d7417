"""SimPy's environment with events at absolute instants, in the total order of `rules`.

SimPy schedules by delay, and `now + (t - now)` is not always `t` in float64. Here an event is
put into SimPy's own queue at its instant, its rank and number in place of SimPy's priority.
SimPy's own events (a process begins or ends, an interrupt) have priorities 0 and 1, so they are
delivered before the next event of the model.
"""

from __future__ import annotations

from collections.abc import Generator
from heapq import heappop, heappush
from typing import Any

import simpy

Process = Generator[simpy.Event, Any, None]

_SIMPYS_OWN = 1


class Moment(simpy.Event):
    """An instant to wait for. `pending` tells whether it still can change a call's fate."""

    def __init__(self, clock: Clock, pending: bool) -> None:
        self.env = clock
        self.callbacks: list[Any] = []
        self._ok = True
        self._value = None
        self.pending = pending


class Life(simpy.Process):
    """A process that starts at an instant to come or now, and whose end nobody waits for.

    SimPy's own process in all else; it spares SimPy the events of a start, of an end and of an
    interrupt, which is delivered at once: who becomes available routes before the next event.
    """

    def __init__(self, clock: Clock, start: simpy.Event, generator: Process) -> None:
        self.env = clock
        self.callbacks: list[Any] = []
        self._generator = generator
        self._target = start
        start.callbacks.append(self._resume)

    def interrupt(self, cause: Any = None) -> None:
        """Interrupt the process now, whatever it waits for."""
        self._target.callbacks.remove(self._resume)
        try:
            target = self._generator.throw(simpy.Interrupt(cause))
        except StopIteration:
            self._ok, self._value = True, None
            return
        target.callbacks.append(self._resume)
        self._target = target

    def _resume(self, event: simpy.Event) -> None:
        try:
            target = self._generator.send(event._value)
        except StopIteration:
            self._ok, self._value = True, None
            return
        target.callbacks.append(self._resume)
        self._target = target


class Clock(simpy.Environment):
    """Time, and the events of the model that are still to come."""

    def __init__(self) -> None:
        super().__init__()
        self.n_pending = 0
        """How many events to come can change any call's fate."""

    def at(self, instant: float, key: int, *, matters: bool = True) -> Moment:
        """The event with the `order_key` `key` at `instant`, which must not lie in the past."""
        moment = Moment(self, matters)
        heappush(self._queue, (instant, key, next(self._eid), moment))  # type: ignore[misc]
        self.n_pending += matters
        return moment

    def process_at(self, instant: float, key: int, generator: Process) -> Life:
        """A process that starts as the event with the `order_key` `key` at `instant`."""
        return Life(self, self.at(instant, key), generator)

    def process_now(self, generator: Process) -> Life:
        """A process that does its first step at once. It must wait for something then."""
        return Life(self, next(generator), generator)

    def cancel(self, moment: Moment) -> None:
        """Nobody waits for this moment any more."""
        if moment.pending:
            moment.pending = False
            self.n_pending -= 1

    def run_before(self, instant: float) -> None:
        """Process all events before `instant`, and what they bring about."""
        queue, step = self._queue, self.step
        while queue and queue[0][0] < instant:
            step()

    @property
    def settled(self) -> bool:
        """Whether SimPy has delivered all it had to at this instant."""
        return not self._queue or self._queue[0][1] > _SIMPYS_OWN

    def step(self) -> None:
        """Process the next event."""
        self._now, _, _, event = heappop(self._queue)
        callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
        if type(event) is Moment and event.pending:
            event.pending = False
            self.n_pending -= 1
        for callback in callbacks:
            callback(event)
        if not event._ok and not hasattr(event, "_defused"):
            raise event._value
