"""How the file writes a queue's arrivals: exactly one of seven ways."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag

from sim.scenario.errors import did_you_mean, list_names, shown_value
from sim.scenario.form_distributions import DistributionForm
from sim.scenario.form_values import (
    Duration,
    Factor,
    Form,
    Moment,
    PositiveDuration,
    Rate,
    Text,
)

WAYS = ("rate", "interarrival", "every", "at", "profile", "forecast", "recorded")


class BusynessForm(Form):
    """Days are busy or quiet: the day's rate times a gamma variable of mean 1."""

    cv: Factor = Field(description="standard deviation of the factor")
    shared: bool = Field(default=False, description="one factor for all queues that say so")


class RateForm(Form):
    """Poisson arrivals at a constant rate."""

    rate: Rate = Field(description="calls per time")
    busyness: BusynessForm | None = Field(default=None, description="busy and quiet days")


class InterarrivalForm(Form):
    """Independent times between calls."""

    interarrival: DistributionForm = Field(description="the time from call to call")


class EveryForm(Form):
    """Calls at a fixed distance, the first after one such distance."""

    every: PositiveDuration = Field(description="the distance")


class AtForm(Form):
    """Exactly these calls, in every replication."""

    at: list[Moment] = Field(description="the instants")


class ProfileForm(Form):
    """Expected calls per interval, from the start."""

    interval: PositiveDuration = Field(description="the length of each interval")
    calls: list[Annotated[float, Field(ge=0, le=1e12)]] = Field(
        min_length=1, description="expected calls of each interval; none after the last"
    )
    service_scale: list[Annotated[float, Field(ge=0, le=1e6)]] | None = Field(
        default=None, description="multiplies the service times of each interval's calls"
    )


class ProfileArrivalsForm(Form):
    """Poisson arrivals whose rate changes from interval to interval."""

    profile: ProfileForm = Field(description="the expected calls")
    busyness: BusynessForm | None = Field(default=None, description="busy and quiet days")


class ColumnsForm(Form):
    """Which column of a forecast is which: its header, or its number from 1."""

    time: Text | int | None = Field(default=None, description="the start of the interval")
    calls: Text | int | None = Field(default=None, description="the expected calls")
    queue: Text | int | None = Field(default=None, description="the queue's name")
    handle_time: Text | int | None = Field(
        default=None, description="the mean handle time: seconds, or a duration with a unit"
    )


class ForecastForm(Form):
    """A profile from a CSV file."""

    forecast: Text = Field(description="a CSV file, relative to the scenario")
    columns: ColumnsForm = Field(
        default_factory=lambda: ColumnsForm(), description="which column is which"
    )
    busyness: BusynessForm | None = Field(default=None, description="busy and quiet days")


class RecordedColumnsForm(Form):
    """Which column of a recording is which: its header, or its number from 1."""

    time: Text | int | None = Field(default=None, description="when the call came")
    queue: Text | int | None = Field(default=None, description="the queue's name or id")
    service: Text | int | None = Field(default=None, description="the length of the conversation")
    patience: Text | int | None = Field(default=None, description="the caller's patience")


class CallForm(Form):
    """A recorded call; what is left out is drawn from the queue's distribution."""

    time: Moment = Field(description="when the call came")
    service: Duration | None = Field(default=None, description="the length of the conversation")
    patience: Duration | None = Field(default=None, description="the caller's patience")


def _recorded_kind(value: Any) -> str:
    return "<calls>" if isinstance(value, list) else "<file>"


class RecordedForm(Form):
    """Calls as they were."""

    recorded: Annotated[
        Annotated[Text, Tag("<file>")] | Annotated[list[CallForm], Tag("<calls>")],
        Discriminator(_recorded_kind),
    ] = Field(description="a CSV or parquet file, relative to the scenario; or the calls")
    columns: RecordedColumnsForm = Field(
        default_factory=lambda: RecordedColumnsForm(), description="which column is which"
    )


def _way(value: Any) -> str:
    if isinstance(value, dict):
        return f"<{next(key for key in value if key in WAYS)}>"
    for way in WAYS:
        if hasattr(value, way):
            return f"<{way}>"
    return "<rate>"


def _one_way(value: Any) -> Any:
    if isinstance(value, Form):
        return value
    if not isinstance(value, dict):
        hint = ""
        if isinstance(value, str):
            hint = f"; write `{{rate: {value[:20]}}}`" if "/" in value else ""
        raise ValueError(
            f"expected a mapping with one of {list_names(WAYS)}, found {shown_value(value)}{hint}"
        )
    ways = [key for key in value if key in WAYS]
    if not ways:
        near = next((hint for key in value if (hint := did_you_mean(key, WAYS))), "")
        raise ValueError(
            f"one of {list_names(WAYS)} is required, found {list_names(value) or 'none'}{near}"
        )
    if len(ways) > 1:
        raise ValueError(f"write one of {list_names(ways)}, not {len(ways)} of them")
    return value


ArrivalsForm = Annotated[
    Annotated[RateForm, Tag("<rate>")]
    | Annotated[InterarrivalForm, Tag("<interarrival>")]
    | Annotated[EveryForm, Tag("<every>")]
    | Annotated[AtForm, Tag("<at>")]
    | Annotated[ProfileArrivalsForm, Tag("<profile>")]
    | Annotated[ForecastForm, Tag("<forecast>")]
    | Annotated[RecordedForm, Tag("<recorded>")],
    Discriminator(_way),
    BeforeValidator(_one_way),
]
