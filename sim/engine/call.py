"""A call: what its caller brings, and what has happened to it so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.logs import NOBODY, Cause, Outcome

if TYPE_CHECKING:
    import simpy

    from sim.engine.clock import Life
    from sim.engine.timeline import Step

NEVER = float("inf")
UNKNOWN = float("nan")


class Call:
    """A call of the workload, or one that is there at the start (its arrival is below 0)."""

    __slots__ = (
        "agent", "answer", "arrival", "begun", "flow", "in_queue", "joined_as", "number",
        "overflow_at", "patience_at", "place", "process", "queue", "ring", "routed", "routings",
        "service_s", "state", "timeout_at", "wrap_up_s",
    )  # fmt: skip

    process: Life
    joined_as: int

    generation: int = 0
    """How many overflows and retries lie between the workload's call and this one."""
    attempt: int = 1
    parent: int = NOBODY
    drawn: int = 0
    """The generation in which the uniforms of service and wrap-up were drawn."""

    def __init__(
        self, number: int, queue: int, limits_s: tuple[float, float], place: int, arrival: float,
        service_s: float, patience_s: float, wrap_up_s: float,
    ) -> None:  # fmt: skip
        self.number = number
        self.queue = queue
        self.place = place
        self.arrival = arrival
        self.service_s = service_s
        self.wrap_up_s = wrap_up_s
        self.patience_at = arrival + patience_s
        timeout_s, overflow_s = limits_s
        self.timeout_at = arrival + timeout_s
        self.overflow_at = arrival + overflow_s
        self.state = Outcome.WAITING
        self.routed = self.answer = UNKNOWN
        self.agent = NOBODY
        self.routings = 0
        self.ring: tuple[float, bool] | None = None
        """While the agent's phone rings: until when, and whether it is answered then."""
        self.flow: simpy.Process | None = None
        self.in_queue = False
        self.begun: list[tuple[int, Step, float, float]] = []
        """Actions begun and not yet counted: which play of the flow, its step, begin and end."""

    @property
    def origin(self) -> int:
        """The queue of the first call of the chain: with `place` the key of all draws."""
        return self.queue

    @property
    def first_arrival(self) -> float:
        """When the caller joined the first queue in this attempt."""
        return self.arrival


class Descendant(Call):
    """A call by overflow or retry. Its number is given when it arrives."""

    __slots__ = ("attempt", "drawn", "first_arrival", "generation", "origin", "parent")

    origin: int
    first_arrival: float


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a call leaves unserved: abandoned for a cause, or to another queue."""

    cause: Cause
    to: int = NOBODY
