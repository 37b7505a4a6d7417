"""The calls that wait in a queue, in the order in which they joined it."""

from __future__ import annotations

from collections import OrderedDict
from itertools import islice
from typing import TYPE_CHECKING

from sim.scenario.model import Discipline

if TYPE_CHECKING:
    from sim.engine.reference import Call


class Line:
    """One queue's waiting calls. Joining, leaving and both ends cost the same at any length."""

    def __init__(self) -> None:
        self.calls: OrderedDict[int, Call] = OrderedDict()
        """By place in the order of joining, over all queues."""

    def __len__(self) -> int:
        return len(self.calls)

    def join(self, call: Call) -> None:
        self.calls[call.joined_as] = call

    def leave(self, call: Call) -> None:
        del self.calls[call.joined_as]

    def next(self, discipline: Discipline) -> Call:
        """The call that joined first (`fifo`) or last (`lifo`)."""
        last = discipline is Discipline.LIFO
        return next(reversed(self.calls.values())) if last else next(iter(self.calls.values()))

    def at(self, place: int) -> Call:
        """The call at `place` by joining, from 0."""
        return next(islice(self.calls.values(), place, None))
