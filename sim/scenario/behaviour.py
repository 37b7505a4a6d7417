"""What callers, agents and the platform do beyond the plain queue: frozen, in seconds.

Overflow, retries, busy days, recorded calls, ringing, breaks, polling, a start that is not
empty; and the warning that a scenario can carry. All of it is part of `sim.scenario.model`.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sim.scenario.distributions import Distribution


class PollOrder(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"


class RetryCause(StrEnum):
    ABANDONED = "abandoned"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Polling:
    """One loop per queue that hands out calls at ticks instead of at once.

    `start_delay_s` may be 0; `retry_s` and `next_s` are more than 0.
    """

    start_delay_s: float = 0.1
    retry_s: float = 1.0
    next_s: float = 0.1
    order: PollOrder = PollOrder.NEWEST


@dataclass(frozen=True, slots=True)
class Busyness:
    """Multiplies the rate of each day by a gamma variable of mean 1 and this `cv`, above 0.

    A day is 24 h from the start. `shared`: one draw a day for all queues that say so.
    """

    cv: float
    shared: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RecordedArrivals:
    """Calls as they were, the same in every replication, in order of time.

    Each column is kept as an `array("d")` of float64, one element per call, whatever it was
    made from. `service_s` and `patience_s` are NaN for the calls whose value is drawn from the
    queue's distribution, and None when that is so for all of them. Calls at or after the
    horizon may be among them.

    `file` (absolute) and `columns` say where the calls were read, for writing the scenario
    down; they take no part in a comparison. Two are equal when all floats have the same bits.
    """

    times_s: Sequence[float]
    service_s: Sequence[float] | None = None
    patience_s: Sequence[float] | None = None
    file: str = field(default="", compare=False)
    columns: tuple[tuple[str, str | int], ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for name in ("times_s", "service_s", "patience_s"):
            values = getattr(self, name)
            if values is not None and not isinstance(values, array):
                object.__setattr__(self, name, array("d", values))

    def _bits(self) -> tuple[bytes | None, ...]:
        columns = (self.times_s, self.service_s, self.patience_s)
        return tuple(None if c is None else array("d", c).tobytes() for c in columns)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RecordedArrivals):
            return NotImplemented
        return self._bits() == other._bits()

    def __hash__(self) -> int:
        return hash(self._bits())


@dataclass(frozen=True, slots=True)
class Overflow:
    """A call that has waited `after_s` (0: at the instant of joining) joins the queue `to`."""

    after_s: float
    to: int


@dataclass(frozen=True, slots=True)
class Retry:
    """A caller who left unserved in a way of `on` calls again, `max_attempts` calls at most."""

    probability: float
    delay: Distribution
    max_attempts: int = 3
    on: tuple[RetryCause, ...] = (RetryCause.ABANDONED, RetryCause.BLOCKED)


@dataclass(frozen=True, slots=True)
class Break:
    """A break of every agent of a group, at an instant from the start.

    A group's breaks are sorted and do not overlap.
    """

    at_s: float
    length_s: float


@dataclass(frozen=True, slots=True)
class Ring:
    """How an agent's phone is answered; without it an answer takes no time.

    A share `no_answer` of the calls rings until `timeout_s`, which then is finite. A `delay`
    above `timeout_s` is no answer either.
    """

    delay: Distribution
    no_answer: float = 0.0
    timeout_s: float = float("inf")
    penalty_s: float = 0.0


@dataclass(frozen=True, slots=True)
class InitialWaiting:
    """A call that joined `since_s` before the start and still waits."""

    queue: int
    since_s: float


@dataclass(frozen=True, slots=True)
class InitialBusy:
    """A conversation that began `since_s` before the start.

    `agent` is the group's place, `index` the agent's in the group, each agent at most once.
    """

    agent: int
    index: int
    queue: int
    since_s: float


@dataclass(frozen=True, slots=True)
class Initial:
    """The calls that are there at the start, in the file's order."""

    waiting: tuple[InitialWaiting, ...] = ()
    busy: tuple[InitialBusy, ...] = ()


@dataclass(frozen=True, slots=True)
class LintWarning:
    """A scenario may be valid and still not mean what its writer meant."""

    code: str
    where: str
    message: str
