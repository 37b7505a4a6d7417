"""The scenario as the rest of the program sees it: resolved, validated, frozen.

Every default is filled in, every alias and name is resolved, every duration is in seconds
and every rate per second. Nothing here reads a file or reports an error; that is done
before one of these objects exists. Infinity stands for "none" where a duration may be absent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sim.scenario.behaviour import (
    Break,
    Busyness,
    Initial,
    InitialBusy,
    InitialWaiting,
    LintWarning,
    Overflow,
    Polling,
    PollOrder,
    RecordedArrivals,
    Retry,
    RetryCause,
    Ring,
)
from sim.scenario.distributions import Distribution

__all__ = [
    "Action",
    "ActionType",
    "AgentGroup",
    "Arrivals",
    "AtHorizon",
    "Break",
    "Busyness",
    "Discipline",
    "Flow",
    "Initial",
    "InitialBusy",
    "InitialWaiting",
    "LintWarning",
    "ListedArrivals",
    "Overflow",
    "Period",
    "PoissonArrivals",
    "PollOrder",
    "Polling",
    "ProfileArrivals",
    "Queue",
    "RecordedArrivals",
    "RegularArrivals",
    "RenewalArrivals",
    "Retry",
    "RetryCause",
    "Ring",
    "RoutingMethod",
    "Scenario",
    "ServiceLevel",
    "ServiceLevelFormula",
    "ShareOfDays",
    "TagMatch",
    "Target",
]


class TagMatch(StrEnum):
    ALL = "all"
    ANY = "any"


class RoutingMethod(StrEnum):
    RANDOM = "random"
    LONGEST_IDLE = "longest_idle"
    FEWEST_CALLS = "fewest_calls"
    LISTED = "listed"


class Discipline(StrEnum):
    FIFO = "fifo"
    LIFO = "lifo"
    RANDOM = "random"


class AtHorizon(StrEnum):
    DRAIN = "drain"
    STOP = "stop"


class ServiceLevelFormula(StrEnum):
    ANSWERED_OF_INCOMING = "answered_of_incoming"
    EXCLUDING_QUICK_ABANDONS = "excluding_quick_abandons"
    QUICK_ABANDONS_AS_MET = "quick_abandons_as_met"
    ANSWERED_OF_ANSWERED = "answered_of_answered"
    SHORT_ABANDONS_AS_MET = "short_abandons_as_met"
    EXCLUDING_SHORT_ABANDONS = "excluding_short_abandons"


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    threshold_s: float = 20.0
    short_abandon_s: float = 10.0
    formula: ServiceLevelFormula = ServiceLevelFormula.ANSWERED_OF_INCOMING


# --- arrivals: one of these for each queue -------------------------------------------------


@dataclass(frozen=True, slots=True)
class PoissonArrivals:
    rate_per_s: float
    busyness: Busyness | None = None


@dataclass(frozen=True, slots=True)
class RenewalArrivals:
    interarrival: Distribution


@dataclass(frozen=True, slots=True)
class RegularArrivals:
    """`every`: the k-th call (from 1) at k * period_s."""

    period_s: float


@dataclass(frozen=True, slots=True)
class ListedArrivals:
    """`at`: exactly these instants (sorted), in every replication."""

    times_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ProfileArrivals:
    """Poisson at a constant rate within each interval, from time 0; none after the last.

    `calls` are the expected calls of each interval. `service_scale`, where a forecast gives
    handle times, multiplies the service times of the calls that arrive in each interval.
    """

    interval_s: float
    calls: tuple[float, ...]
    service_scale: tuple[float, ...] | None = None
    busyness: Busyness | None = None


Arrivals = (
    PoissonArrivals
    | RenewalArrivals
    | RegularArrivals
    | ListedArrivals
    | ProfileArrivals
    | RecordedArrivals
)


# --- wait flows ----------------------------------------------------------------------------


class ActionType(StrEnum):
    TALK = "talk"
    SLEEP = "sleep"
    PLAY = "play"
    BEEP = "beep"
    GOTO = "goto"
    HANGUP = "hangup"
    QUEUE_JOIN = "queue_join"


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a wait flow.

    `duration_s` is 0 for `goto`, `hangup`, an asynchronous `talk`. `target` (for `goto`) is
    the place of the action jumped to, `loop_count` how often it jumps in a pass of the flow;
    `queue` (for `queue_join`) is the place of the queue joined.
    """

    type: ActionType
    duration_s: float = 0.0
    interruptible: bool = True
    hangup_probability: float = 0.0
    target: int | None = None
    loop_count: int = 0
    id: str | None = None
    text: str | None = None
    queue: int | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    name: str
    actions: tuple[Action, ...]
    id: str | None = None


# --- queues and agents ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Queue:
    """`wait_flow` is the flow's place in `Scenario.flows`; inf in a timeout means none."""

    name: str
    arrivals: Arrivals
    service_time: Distribution
    tags: tuple[str, ...] = ()
    tag_match: TagMatch = TagMatch.ALL
    routing_method: RoutingMethod = RoutingMethod.RANDOM
    priority: int = 0
    discipline: Discipline = Discipline.FIFO
    wait_flow: int | None = None
    wait_timeout_s: float = float("inf")
    service_timeout_s: float = float("inf")
    max_waiting: int | None = None
    patience: Distribution | None = None
    wrap_up: Distribution | None = None
    service_level: ServiceLevel = ServiceLevel()
    id: str | None = None
    overflow: Overflow | None = None
    retry: Retry | None = None

    def matches(self, agent_tags: tuple[str, ...]) -> bool:
        """Whether an agent with these tags may take this queue's calls."""
        if not self.tags:
            return True
        wanted = set(self.tags)
        have = set(agent_tags)
        return wanted <= have if self.tag_match is TagMatch.ALL else bool(wanted & have)


@dataclass(frozen=True, slots=True)
class Period:
    """`count` agents of the group are on shift in [from_s, to_s)."""

    from_s: float
    to_s: float
    count: int


@dataclass(frozen=True, slots=True)
class AgentGroup:
    """`count` agents alike; `schedule` None means always on shift.

    `present` is False for agents of the real API whose status is `offline` or `away`: they are
    never on shift. `shrinkage` is the chance that an agent is absent for a whole day.
    `service_times` are the group's own, by the queue's place, in its order.
    """

    name: str
    count: int = 1
    tags: tuple[str, ...] = ()
    schedule: tuple[Period, ...] | None = None
    speed: float = 1.0
    cost: float | None = None
    present: bool = True
    id: str | None = None
    shrinkage: float = 0.0
    breaks: tuple[Break, ...] = ()
    ring: Ring | None = None
    service_times: tuple[tuple[int, Distribution], ...] = ()

    def agent_name(self, index: int) -> str:
        """`tier1[0]` for an agent of a group of several, the bare name for a single one."""
        return self.name if self.count == 1 else f"{self.name}[{index}]"

    def on_shift_s(self, from_s: float, to_s: float) -> float:
        """Scheduled seconds of all agents of the group together within [from_s, to_s)."""
        if not self.present:
            return 0.0
        if self.schedule is None:
            return self.count * (to_s - from_s)
        return sum(
            period.count * max(0.0, min(period.to_s, to_s) - max(period.from_s, from_s))
            for period in self.schedule
        )

    def shifts(self, index: int) -> tuple[tuple[float, float], ...]:
        """The shifts of agent `index`, (start_s, end_s) in order, adjoining periods as one.

        The agent is on shift while the scheduled count exceeds `index`.
        """
        if not self.present:
            return ()
        if self.schedule is None:
            return ((0.0, float("inf")),)
        spells: list[tuple[float, float]] = []
        for period in self.schedule:
            if period.count <= index or period.to_s <= period.from_s:
                continue
            if spells and spells[-1][1] == period.from_s:
                spells[-1] = (spells[-1][0], period.to_s)
            else:
                spells.append((period.from_s, period.to_s))
        return tuple(spells)


# --- the whole -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShareOfDays:
    """How many of all days (replications) must satisfy a target: `>=` or `<=`, a share 0..1."""

    operator: str
    value: float


@dataclass(frozen=True, slots=True)
class Target:
    """`SUBJECT.METRIC OP VALUE`, the value in the metric's own unit (a share as 0..1, seconds).

    `subject` is a queue's name, `total`, or a group's name with `subject_is_group`. With `of_days`
    it is `P(SUBJECT.METRIC OP VALUE) OP SHARE`: the inner target is one on single days.
    """

    text: str
    subject: str
    metric: str
    operator: str
    value: float
    subject_is_group: bool = False
    of_days: ShareOfDays | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole scenario. Queues, agents and flows stand in the file's order.

    Agents are numbered group by group, queues from 0. `sha256` covers the resolved scenario
    with the content of every file that it refers to; `notes` are warnings that only the file's
    own wording shows. Neither takes part in a comparison. Schedules are sorted by time and do not
    overlap. `dispatch` None means immediate. Overflow and `queue_join` lead from queue to queue
    without a cycle.
    """

    name: str
    horizon_s: float
    queues: tuple[Queue, ...]
    agents: tuple[AgentGroup, ...]
    flows: tuple[Flow, ...] = ()
    start: datetime | None = None
    time_zone: str | None = None
    at_horizon: AtHorizon = AtHorizon.DRAIN
    warmup_s: float = 0.0
    replications: int = 20
    seed: int = 1
    interval_s: float = 1800.0
    tags: tuple[tuple[str, str], ...] = ()
    expect: tuple[Target, ...] = ()
    dispatch: Polling | None = None
    flow_action_limit: int | None = None
    words_per_minute: float = 150.0
    initial: Initial | None = None
    sha256: str = field(default="", compare=False)
    notes: tuple[LintWarning, ...] = field(default=(), compare=False)

    @property
    def n_agents(self) -> int:
        """Agents of all groups together."""
        return sum(group.count for group in self.agents)
