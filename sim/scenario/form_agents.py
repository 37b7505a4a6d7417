"""How the file writes agents and groups of agents."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from sim.scenario.form_distributions import DistributionForm
from sim.scenario.form_values import (
    Duration,
    Form,
    Identity,
    Moment,
    Name,
    PositiveDuration,
    Share,
    Text,
)

MAX_COUNT = 10**15


class PeriodForm(Form):
    """So many agents of the group from one time to another."""

    from_: Moment = Field(alias="from", description="the beginning")
    to: Moment = Field(description="the end")
    count: int = Field(ge=0, le=MAX_COUNT, description="agents on shift")


class ShiftsForm(Form):
    """A schedule from a file."""

    shifts: Text = Field(description="a CSV file (from, to, count, group), beside the scenario")


class BreakForm(Form):
    """A break of every agent of the group."""

    at: Moment = Field(description="when it begins; a time of day: on every day")
    length: PositiveDuration = Field(description="how long it is")


class RingForm(Form):
    """How an agent's phone is answered."""

    delay: DistributionForm = Field(default=0.0, description="from ringing to the answer")
    no_answer: Share = Field(default=0.0, description="share of calls that are not answered at all")
    timeout: PositiveDuration | None = Field(
        default=None, description="the phone stops ringing; default: it rings until it is answered"
    )
    penalty: Duration = Field(default=0.0, description="unavailable after not answering")


def _schedule_kind(value: Any) -> str:
    return "<shifts>" if isinstance(value, dict | ShiftsForm) else "<periods>"


ScheduleForm = Annotated[
    Annotated[list[PeriodForm], Tag("<periods>")] | Annotated[ShiftsForm, Tag("<shifts>")],
    Discriminator(_schedule_kind),
]


class AgentForm(Form):
    """An agent, or a group of agents who are alike."""

    ignored: ClassVar[re.Pattern[str] | None] = re.compile(
        r"customer_id|username|detail|ring_method|permission|addresses|direct_hash|tm_\w+"
    )
    name: Name = Field(description="unique among agents")
    id: Identity = Field(default=None, description="usable wherever the name is")
    count: int | None = Field(
        default=None, ge=0, le=MAX_COUNT, description="agents; default 1, or the schedule's largest"
    )
    tags: list[Name] | None = Field(
        default=None, description="what the agents can do (also `tag_ids`)"
    )
    schedule: ScheduleForm | None = Field(default=None, description="else always on shift")
    shifts: Text | None = Field(default=None, description="a schedule from a CSV file")
    shrinkage: Share = Field(default=0.0, description="chance that an agent is absent for a day")
    breaks: list[BreakForm] | None = Field(default=None, description="breaks of every agent")
    speed: float = Field(default=1.0, gt=0, le=1e6, description="divides the service times")
    service_time: dict[str, DistributionForm] | None = Field(
        default=None, description="the group's own service time, by queue"
    )
    ring: RingForm | None = Field(default=None, description="how the phone is answered")
    cost: float | None = Field(
        default=None, ge=0, le=1e12, description="per agent and hour on shift"
    )
    status: Literal["available", "ringing", "busy", "away", "offline", ""] | None = Field(
        default=None, description="`offline` or `away`: never on shift"
    )
