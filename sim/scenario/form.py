"""The file's form: queues and the top level, each field with its type, default and meaning.

This is what a person writes; `sim.scenario.resolve` makes the frozen model of it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from sim.scenario.form_agents import AgentForm
from sim.scenario.form_arrivals import ArrivalsForm
from sim.scenario.form_distributions import DistributionForm
from sim.scenario.form_flows import ActionForm, FlowForm
from sim.scenario.form_values import (
    Count,
    Duration,
    Form,
    Identity,
    Name,
    PositiveDuration,
    Share,
    Text,
    Timeout,
    TimeZone,
    WallClock,
)

TagMatchText = Literal["all", "any"]


class ServiceLevelForm(Form):
    """What the service level counts; fields left out are the top level's."""

    threshold: Duration | None = Field(default=None, description="answered within (20s)")
    short_abandon: Duration | None = Field(default=None, description="an early hang-up (10s)")
    formula: (
        Literal[
            "answered_of_incoming",
            "excluding_quick_abandons",
            "quick_abandons_as_met",
            "answered_of_answered",
            "short_abandons_as_met",
            "excluding_short_abandons",
        ]
        | None
    ) = Field(default=None, description="which calls count (answered_of_incoming)")


class OverflowForm(Form):
    """After some waiting, on to another queue."""

    after: Duration = Field(description="the waiting; 0s: at once unless an agent is free")
    to: Name = Field(description="the other queue's name or id")


class RetryForm(Form):
    """Callers who left unserved call again."""

    probability: Share = Field(description="chance that they do")
    delay: DistributionForm = Field(description="how much later")
    max_attempts: int = Field(default=3, ge=1, le=10**9, description="calls of one caller at most")
    on: list[Literal["abandoned", "blocked"]] = Field(
        default_factory=lambda: list[Literal["abandoned", "blocked"]](("abandoned", "blocked")),
        min_length=1,
        description="after which outcome",
    )


def _flow_kind(value: Any) -> str:
    return "<actions>" if isinstance(value, list) else "<name>"


class QueueForm(Form):
    """A queue: its calls, who may take them, and when they leave."""

    ignored: ClassVar[re.Pattern[str] | None] = re.compile(
        r"customer_id|detail|direct_hash|tm_\w+|total_\w+_count|\w+_queuecall_ids"
    )
    name: Name = Field(description="unique; `total` is reserved")
    id: Identity = Field(default=None, description="usable wherever the name is")
    tags: list[Name] | None = Field(
        default=None, description="what an agent needs (also `tag_ids`); none: every agent will do"
    )
    tag_match: TagMatchText | None = Field(default=None, description="default: the top level's")
    routing_method: Literal["random", "longest_idle", "fewest_calls", "listed"] = Field(
        default="random", description="which of the eligible agents"
    )
    priority: int = Field(
        default=0, ge=-(2**31), le=2**31 - 1, description="higher is served first"
    )
    discipline: Literal["fifo", "lifo", "random"] = Field(
        default="fifo", description="which of the waiting calls"
    )
    wait_flow: (
        Annotated[
            Annotated[Identity, Tag("<name>")] | Annotated[list[ActionForm], Tag("<actions>")],
            Discriminator(_flow_kind),
        ]
        | None
    ) = Field(default=None, description="a flow's name or id, or actions (also `wait_flow_id`)")
    wait_timeout: Timeout = Field(default=0.0, description="0: none; a bare number: milliseconds")
    service_timeout: Timeout = Field(
        default=0.0, description="0: none; a bare number: milliseconds"
    )
    max_waiting: int | None = Field(
        default=None, ge=0, le=10**9, description="more calls are blocked; default: none are"
    )
    arrivals: ArrivalsForm = Field(description="the queue's calls")
    service_time: DistributionForm = Field(description="the length of a conversation")
    patience: DistributionForm | None = Field(
        default=None, description="default: callers never hang up"
    )
    wrap_up: DistributionForm | None = Field(
        default=None, description="the agent's work after a call"
    )
    overflow: OverflowForm | None = Field(default=None, description="on to another queue")
    retry: RetryForm | None = Field(default=None, description="callers call again")
    service_level: ServiceLevelForm = Field(
        default_factory=lambda: ServiceLevelForm(), description="default: the top level's"
    )


class PollingForm(Form):
    """One loop for each queue hands out its calls at ticks."""

    start_delay: Duration = Field(default=0.1, description="from a call to the first tick")
    retry: PositiveDuration = Field(default=1.0, description="after a tick without an agent")
    next: PositiveDuration = Field(default=0.1, description="after a call was handed out")
    order: Literal["newest", "oldest"] = Field(default="newest", description="which waiting call")


class PollingDispatchForm(Form):
    """Dispatch by polling."""

    polling: PollingForm = Field(description="the loop's times")


def _dispatch_kind(value: Any) -> str:
    return "<polling>" if isinstance(value, dict | PollingDispatchForm) else "<name>"


class InitialWaitingForm(Form):
    """A call that waits at the start."""

    queue: Name = Field(description="its queue")
    since: Duration = Field(description="it has waited so long")


class InitialBusyForm(Form):
    """A conversation that is under way at the start."""

    agent: Name = Field(description="the agent, `group[0]` in a group of several")
    queue: Name = Field(description="the call's queue")
    since: Duration = Field(description="it has lasted so long")


class InitialForm(Form):
    """The state at the start."""

    waiting: list[InitialWaitingForm] | None = Field(default=None, description="waiting calls")
    busy: list[InitialBusyForm] | None = Field(default=None, description="conversations under way")


class ScenarioForm(Form):
    """A call-queue scenario."""

    name: Name | None = Field(default=None, description="the title; default: the file's name")
    start: WallClock | None = Field(default=None, description="makes clock times possible")
    time_zone: TimeZone | None = Field(default=None, description="of all clock times")
    horizon: PositiveDuration | None = Field(
        default=None,
        description="arrivals stop here; required unless a queue's arrivals are recorded",
    )
    at_horizon: Literal["drain", "stop"] = Field(default="drain", description="calls still there")
    warmup: Duration = Field(default=0.0, description="left out of the statistics")
    replications: int = Field(default=20, ge=1, le=10**9, description="independent repetitions")
    seed: Count = Field(default=1, description="of all random numbers")
    interval: PositiveDuration = Field(default=1800.0, description="reporting intervals")
    tag_match: TagMatchText | None = Field(
        default=None,
        description="all: an agent needs every tag of the queue; any: one of them (all)",
    )
    dispatch: Annotated[
        Annotated[Literal["immediate", "deployed"], Tag("<name>")]
        | Annotated[PollingDispatchForm, Tag("<polling>")],
        Discriminator(_dispatch_kind),
    ] = Field(default="immediate", description="how calls are handed out")
    flow_action_limit: int | None = Field(
        default=None, ge=1, le=10**9, description="actions after which a call's flow ends"
    )
    words_per_minute: float = Field(default=150.0, gt=0, le=10_000, description="of spoken text")
    service_level: ServiceLevelForm = Field(
        default_factory=lambda: ServiceLevelForm(), description="of queues without their own"
    )
    initial: InitialForm | None = Field(default=None, description="the state at the start")
    queues: list[QueueForm] = Field(min_length=1, description="the queues")
    agents: list[AgentForm] = Field(description="agents and groups of agents")
    flows: list[FlowForm] | None = Field(default=None, description="wait flows")
    tags: dict[str, Text] | None = Field(default=None, description="readable names of tags, by id")
    expect: list[Text] | None = Field(
        default=None,
        max_length=1000,
        description="targets, such as `support.service_level >= 80%`, or of the days"
        " `P(support.service_level >= 80%) >= 90%`",
    )
