"""What callers, agents and the platform do beyond the plain queue: frozen, in seconds.

Overflow, retries, busy days, recorded calls, ringing, breaks, polling, a start that is not
empty; and the warning that a scenario can carry. All of it is part of `sim.scenario.model`.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """One loop per queue that hands out calls at ticks instead of at once."""

    start_delay_s: float = 0.1
    retry_s: float = 1.0
    next_s: float = 0.1
    order: PollOrder = PollOrder.NEWEST


@dataclass(frozen=True, slots=True)
class Busyness:
    """Multiplies the rate of each day by a gamma variable of mean 1 and this `cv`."""

    cv: float
    shared: bool = False


@dataclass(frozen=True, slots=True)
class RecordedArrivals:
    """Calls as they were. It joins `model.Arrivals` when the engines can play it."""

    times_s: tuple[float, ...]
    service_s: tuple[float, ...] | None = None
    patience_s: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Overflow:
    """A call that has waited `after_s` joins the queue at place `to`."""

    after_s: float
    to: int


@dataclass(frozen=True, slots=True)
class Retry:
    probability: float
    delay: Distribution
    max_attempts: int = 3
    on: tuple[RetryCause, ...] = (RetryCause.ABANDONED, RetryCause.BLOCKED)


@dataclass(frozen=True, slots=True)
class Break:
    at_s: float
    length_s: float


@dataclass(frozen=True, slots=True)
class Ring:
    """How an agent's phone is answered; without it an answer takes no time."""

    delay: Distribution
    no_answer: float = 0.0
    timeout_s: float = float("inf")
    penalty_s: float = 0.0


@dataclass(frozen=True, slots=True)
class InitialWaiting:
    queue: int
    since_s: float


@dataclass(frozen=True, slots=True)
class InitialBusy:
    """`agent` is the group's place, `index` the agent's in the group."""

    agent: int
    index: int
    queue: int
    since_s: float


@dataclass(frozen=True, slots=True)
class Initial:
    waiting: tuple[InitialWaiting, ...] = ()
    busy: tuple[InitialBusy, ...] = ()


@dataclass(frozen=True, slots=True)
class LintWarning:
    """A scenario may be valid and still not mean what its writer meant."""

    code: str
    where: str
    message: str
