"""How the file writes a distribution: a duration, or a mapping with `distribution:`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from sim.scenario.errors import did_you_mean, list_names, shown_value
from sim.scenario.form_values import (
    Duration,
    Factor,
    Form,
    Share,
    SignedDuration,
    Text,
)
from sim.scenario.nodes import Map


class _Shape(Form):
    offset: SignedDuration = Field(default=0.0, description="added to every draw")


class DeterministicForm(_Shape):
    """Always the same."""

    distribution: Literal["deterministic"]
    value: Duration = Field(description="the duration")


class ExponentialForm(_Shape):
    """Exponential."""

    distribution: Literal["exponential"]
    mean: Duration = Field(description="mean before the offset")


class GammaForm(_Shape):
    """Gamma, by `mean` and `cv` or by `shape` and `scale`."""

    distribution: Literal["gamma"]
    mean: Duration | None = Field(default=None, description="mean before the offset")
    cv: Factor | None = Field(default=None, description="standard deviation over mean")
    shape: float | None = Field(default=None, gt=0, description="shape parameter")
    scale: Duration | None = Field(default=None, description="scale parameter: mean / shape")


class LognormalForm(_Shape):
    """Lognormal, by `mean` and `cv` or by `mu` and `sigma` of the logarithm of the seconds."""

    distribution: Literal["lognormal"]
    mean: Duration | None = Field(default=None, description="mean before the offset")
    cv: Factor | None = Field(default=None, description="standard deviation over mean")
    mu: float | None = Field(default=None, ge=-100, le=25, description="mean of ln(seconds)")
    sigma: float | None = Field(default=None, ge=0, le=20, description="sd of ln(seconds)")


class WeibullForm(_Shape):
    """Weibull, by `mean` and `cv` or by `shape` and `scale`."""

    distribution: Literal["weibull"]
    mean: Duration | None = Field(default=None, description="mean before the offset")
    cv: Factor | None = Field(default=None, description="standard deviation over mean")
    shape: float | None = Field(default=None, gt=0, description="shape parameter")
    scale: Duration | None = Field(default=None, description="scale parameter: the 63rd percentile")


class ErlangForm(_Shape):
    """Erlang: the sum of `shape` exponential stages."""

    distribution: Literal["erlang"]
    mean: Duration = Field(description="mean before the offset")
    shape: int = Field(ge=1, le=1_000_000, description="number of stages")


class UniformForm(_Shape):
    """Uniform between two durations."""

    distribution: Literal["uniform"]
    low: Duration = Field(description="the least")
    high: Duration = Field(description="the greatest")


class TriangularForm(_Shape):
    """Triangular."""

    distribution: Literal["triangular"]
    low: Duration = Field(description="the least")
    mode: Duration = Field(description="the most likely")
    high: Duration = Field(description="the greatest")


class HyperexponentialForm(_Shape):
    """One of several exponentials; by `mean` and `cv`: two with balanced means."""

    distribution: Literal["hyperexponential"]
    means: list[Duration] | None = Field(default=None, min_length=1, description="the means")
    probabilities: list[Share] | None = Field(
        default=None, min_length=1, description="the chance of each; they sum to 1"
    )
    mean: Duration | None = Field(default=None, description="mean before the offset")
    cv: Factor | None = Field(default=None, description="standard deviation over mean, at least 1")


class PartForm(Form):
    """A part of a mixture: a distribution with a `weight`."""

    weight: float = Field(ge=0, le=1e12, description="in proportion to the other weights")
    part: DistributionForm = Field(alias="<part>", description="the distribution")

    @model_validator(mode="before")
    @classmethod
    def _weight_apart(cls, data: Any) -> Any:
        if not isinstance(data, Map) or "<part>" in data:
            return data
        apart = data.only({"weight"})
        apart.place("<part>", data.only(set(data) - {"weight"}), data.mark, data.mark)
        return apart


class MixtureForm(_Shape):
    """One of several distributions."""

    distribution: Literal["mixture"]
    of: list[PartForm] = Field(min_length=1, description="the parts with their weights")


class EmpiricalForm(_Shape):
    """Each of the values with equal chance; from `values`, or a `column` of a CSV `file`."""

    distribution: Literal["empirical"]
    values: list[Duration] | None = Field(default=None, min_length=1, description="the values")
    file: Text | None = Field(default=None, description="a CSV file, relative to the scenario")
    column: Text | int | None = Field(
        default=None, description="the column: its header, or its number from 1"
    )
    unit: Literal["ms", "s", "min", "h"] | None = Field(
        default=None, description="the unit of bare numbers in the file (default s)"
    )


_FORMS = (
    DeterministicForm,
    ExponentialForm,
    GammaForm,
    LognormalForm,
    WeibullForm,
    ErlangForm,
    UniformForm,
    TriangularForm,
    HyperexponentialForm,
    MixtureForm,
    EmpiricalForm,
)
NAMES = tuple(form.__name__.removesuffix("Form").lower() for form in _FORMS)


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return f"<{value['distribution']}>"
    if isinstance(value, Form):
        return f"<{type(value).__name__.removesuffix('Form').lower()}>"
    return "<duration>"


def _named(value: Any) -> Any:
    """Refuse a mapping whose `distribution` is missing or unknown."""
    what = "expected a duration or a mapping with `distribution:`"
    if value is None or isinstance(value, bool | list):
        raise ValueError(f"{what}, found {shown_value(value)}")
    if isinstance(value, dict):
        name = value.get("distribution")
        if name is None:
            raise ValueError(f"`distribution` is missing: one of {list_names(NAMES)}")
        if name not in NAMES:
            near = did_you_mean(name, NAMES) if isinstance(name, str) else ""
            raise PydanticCustomError(
                "at",
                "{text}",
                {
                    "text": f"no distribution {shown_value(name)}: one of {list_names(NAMES)}"
                    f"{near}",
                    "at": "distribution",
                },
            )
    return value


DistributionForm = Annotated[
    Annotated[Duration, Tag("<duration>")]
    | Annotated[DeterministicForm, Tag("<deterministic>")]
    | Annotated[ExponentialForm, Tag("<exponential>")]
    | Annotated[GammaForm, Tag("<gamma>")]
    | Annotated[LognormalForm, Tag("<lognormal>")]
    | Annotated[WeibullForm, Tag("<weibull>")]
    | Annotated[ErlangForm, Tag("<erlang>")]
    | Annotated[UniformForm, Tag("<uniform>")]
    | Annotated[TriangularForm, Tag("<triangular>")]
    | Annotated[HyperexponentialForm, Tag("<hyperexponential>")]
    | Annotated[MixtureForm, Tag("<mixture>")]
    | Annotated[EmpiricalForm, Tag("<empirical>")],
    Discriminator(_kind),
    BeforeValidator(_named),
]
