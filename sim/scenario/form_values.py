"""The kinds of value that fields of the form take, and what every part of the form shares.

A value arrives as YAML gave it and leaves in seconds, per second or as a share. Each kind says
in the JSON Schema what may be written.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from sim.scenario import units
from sim.scenario.errors import shown_value
from sim.scenario.nodes import OTHER_NAMES, Map

NIL_UUID = "00000000-0000-0000-0000-000000000000"
MAX_WHOLE = 2**63 - 1

_DURATION = {
    "type": "string",
    "description": "a duration with units",
    "examples": ["90s", "5min", "1.5h", "250ms", "1h30min", "2d"],
}
_MILLISECONDS = {
    "anyOf": [
        {"type": "string", "description": "a duration with units", "examples": ["100s"]},
        {"type": "number", "minimum": 0, "description": "milliseconds"},
    ]
}
_SHARE = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": r"^\s*[0-9.]+\s*%\s*$", "examples": ["35%"]},
    ]
}
_FACTOR = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^\s*[0-9.]+\s*%\s*$", "examples": ["80%"]},
    ]
}


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected a name, found {shown_value(value)}{_quote_it(value)}")
    if not value.strip():
        raise ValueError("a name must not be empty")
    if len(value) > 200:
        raise ValueError("a name of more than 200 characters")
    if not all(ch.isprintable() for ch in value):
        raise ValueError(f"a name must be on one line, without control characters: {value!r:.80}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {shown_value(value)}{_quote_it(value)}")
    return value


def _quote_it(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else "; put it in quotes"


def _identity(value: object) -> str | None:
    """An `id`: the nil UUID, nothing and an empty text are none."""
    if value is None or value == NIL_UUID or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _name(value)


def _time_zone(value: object) -> str:
    text = _text(value)
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError):
        raise ValueError(
            f"no time zone `{text[:60]}`: write a name such as `Europe/Berlin` or `UTC`"
        ) from None
    return text


def _positive(value: object) -> float:
    seconds = units.parse_duration(value)
    if seconds <= 0:
        raise ValueError(f"must be longer than 0, found {shown_value(value)}")
    return seconds


def _signed(value: object) -> float:
    return units.parse_duration(value, signed=True)


Name = Annotated[str, PlainValidator(_name), WithJsonSchema({"type": "string", "minLength": 1})]
Text = Annotated[str, PlainValidator(_text), WithJsonSchema({"type": "string"})]
Identity = Annotated[
    str | None, PlainValidator(_identity), WithJsonSchema({"type": ["string", "integer", "null"]})
]
TimeZone = Annotated[
    str,
    PlainValidator(_time_zone),
    WithJsonSchema({"type": "string", "examples": ["Europe/Berlin"]}),
]
Duration = Annotated[float, PlainValidator(units.parse_duration), WithJsonSchema(_DURATION)]
PositiveDuration = Annotated[float, PlainValidator(_positive), WithJsonSchema(_DURATION)]
SignedDuration = Annotated[float, PlainValidator(_signed), WithJsonSchema(_DURATION)]
Timeout = Annotated[float, PlainValidator(units.parse_timeout), WithJsonSchema(_MILLISECONDS)]
Moment = Annotated[
    float | units.ClockTime | datetime,
    PlainValidator(units.parse_moment),
    WithJsonSchema(
        {
            "type": "string",
            "description": "a time of day, a date with a time, or a duration from the start",
            "examples": ["09:00", "2026-11-23 09:00", "90min"],
        }
    ),
]
WallClock = Annotated[
    datetime,
    PlainValidator(units.parse_datetime),
    WithJsonSchema({"type": "string", "examples": ["2026-11-23 09:00"]}),
]
Rate = Annotated[
    float,
    PlainValidator(units.parse_rate),
    WithJsonSchema({"type": "string", "examples": ["9.5/min", "570/h", "120/day", "0.2/s"]}),
]
Share = Annotated[float, PlainValidator(units.parse_share), WithJsonSchema(_SHARE)]
Factor = Annotated[float, PlainValidator(units.parse_factor), WithJsonSchema(_FACTOR)]
Count = Annotated[int, Field(ge=0, le=MAX_WHOLE)]


class Findings(Protocol):
    """Where a form reports keys that it does not have."""

    def unknown_key(self, table: Map, key: str, allowed: list[str]) -> None:
        """`key` is none of `allowed`."""

    def twice(self, table: Map, key: str, other: str) -> None:
        """`key` and `other` name the same field."""


class Form(BaseModel):
    """A mapping of the file: its keys are known, and keys beginning with `x-` are free.

    `ignored` are keys of the real API that mean nothing to a simulation.
    """

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True
    )

    ignored: ClassVar[re.Pattern[str] | None] = None

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any, info: ValidationInfo) -> Any:
        """Leave out what is free or ignored; report unknown keys at their own place."""
        if not isinstance(data, Map):
            return data
        fields = {field.alias or name for name, field in cls.model_fields.items()}
        findings: Findings | None = info.context
        for other, name in OTHER_NAMES.items():
            if other in data and name in fields:
                if name in data and findings is not None:
                    findings.twice(data, other, name)
                data = data.only(set(data) - {name}).renamed(other, name)
        keep = [key for key in data if key in fields]
        for key in data:
            if key in fields or key.startswith("x-"):
                continue
            if cls.ignored is not None and cls.ignored.fullmatch(key):
                continue
            if findings is None:
                return data
            findings.unknown_key(data, key, sorted(f for f in fields if not f.startswith("<")))
        return data.only(keep)
