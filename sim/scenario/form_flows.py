"""How the file writes a wait flow: actions in a short, a flat, or the real API's form."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

from sim.scenario.errors import did_you_mean, list_names, shown_value
from sim.scenario.form_values import Count, Form, Identity, Name, Share, Text, Timeout
from sim.scenario.nodes import PRIMARY_KEYS, Map

TYPES = ("talk", "sleep", "play", "beep", "goto", "hangup", "queue_join")
_PRIMARY = {kind: key for key, kind in PRIMARY_KEYS.items()} | {"play": "duration"}


class _Action(Form):
    ignored: ClassVar[re.Pattern[str] | None] = re.compile(r"tm_\w+|next_id|option")

    id: Identity = Field(default=None, description="what a `goto` can name")
    interruptible: bool = Field(
        default=True, description="false: a routed call hears the action to its end first"
    )
    hangup_probability: Share = Field(
        default=0.0, description="share of the waiting callers who hang up at the end of the action"
    )


class TalkForm(_Action):
    """Text to speech."""

    ignored: ClassVar[re.Pattern[str] | None] = re.compile(
        r"tm_\w+|next_id|option|gender|provider|voice_id"
    )
    type: Literal["talk"]
    text: Text | None = Field(default=None, description="what is said")
    language: Text | None = Field(default=None, description="BCP 47, such as `en-US`")
    duration: Timeout | None = Field(
        default=None,
        description="its length; else estimated from the text; a bare number: milliseconds",
    )
    async_: bool = Field(
        default=False, alias="async", description="true: the flow does not wait for it"
    )


class SleepForm(_Action):
    """Silence."""

    type: Literal["sleep"]
    duration: Timeout = Field(description="its length; a bare number: milliseconds")


class PlayForm(_Action):
    """Audio files."""

    ignored: ClassVar[re.Pattern[str] | None] = re.compile(r"tm_\w+|next_id|option|stream_urls")
    type: Literal["play"]
    duration: Timeout = Field(
        description="its length, which the URLs do not tell; a bare number: milliseconds"
    )


class BeepForm(_Action):
    """A tone of 500 ms."""

    type: Literal["beep"]


class GotoForm(_Action):
    """A jump within the flow."""

    type: Literal["goto"]
    target_id: Identity = Field(description="the `id` of the action to go to")
    loop_count: Count = Field(description="how often to jump in each pass of the flow")


class HangupForm(_Action):
    """The call leaves."""

    ignored: ClassVar[re.Pattern[str] | None] = re.compile(r"tm_\w+|next_id|option|reason\w*")
    type: Literal["hangup"]


class QueueJoinForm(_Action):
    """The call joins another queue."""

    type: Literal["queue_join"]
    queue: Name = Field(description="the queue's name or id")


def _flat(value: Any) -> Any:
    """Any accepted shape of an action as a flat mapping with `type`."""
    if isinstance(value, str) and value in ("beep", "hangup"):
        return {"type": value}
    if isinstance(value, str) and value in TYPES:
        raise ValueError(f"`{value}` needs a value: write it as `{value}: ...`")
    if not isinstance(value, Map):
        raise ValueError(
            f"expected an action such as `sleep: 15s`, found {shown_value(value)}; "
            f"the types are {list_names(TYPES)}"
        )
    if "type" in value:
        kind = value["type"]
        if kind not in TYPES:
            near = did_you_mean(kind, TYPES) if isinstance(kind, str) else ""
            raise PydanticCustomError(
                "at",
                "{text}",
                {
                    "text": f"an action of type {shown_value(kind)} can't be simulated: the "
                    f"types are {list_names(TYPES)}{near}",
                    "at": "type",
                },
            )
        return _without_option(value)
    kinds = [key for key in value if key in TYPES]
    if len(kinds) != 1:
        near = did_you_mean(next(iter(value), ""), TYPES) if not kinds else ""
        raise ValueError(
            f"an action has one type of {list_names(TYPES)}, found "
            f"{list_names(value) or 'none'}{near}"
        )
    return _from_short(value, kinds[0])


def _from_short(value: Map, kind: str) -> Map:
    main = value[kind]
    flat = value.only(set(value) - {kind})
    if isinstance(main, Map):
        for key in main:
            flat.place(key, main[key], main.key_marks[key], main.value_marks[key])
    elif kind in _PRIMARY:
        flat.place(_PRIMARY[kind], main, value.key_marks[kind], value.value_marks[kind])
    elif main is not None and main is not True:
        raise ValueError(f"`{kind}` takes no value, found {shown_value(main)}")
    flat.place("type", kind, value.key_marks[kind], value.key_marks[kind])
    return flat


def _without_option(value: Map) -> Map:
    option = value.get("option")
    if option is None:
        return value
    if not isinstance(option, Map):
        raise ValueError(f"`option` holds the action's values, found {shown_value(option)}")
    flat = value.only(set(value) - {"option"})
    for key in option:
        if key in flat:
            raise ValueError(f"`{key}` stands both beside `option` and in it")
        flat.place(key, option[key], option.key_marks[key], option.value_marks[key])
    return flat


def _kind(value: Any) -> str:
    kind = value["type"] if isinstance(value, dict) else value.type
    return f"<{kind}>"


ActionForm = Annotated[
    Annotated[TalkForm, Tag("<talk>")]
    | Annotated[SleepForm, Tag("<sleep>")]
    | Annotated[PlayForm, Tag("<play>")]
    | Annotated[BeepForm, Tag("<beep>")]
    | Annotated[GotoForm, Tag("<goto>")]
    | Annotated[HangupForm, Tag("<hangup>")]
    | Annotated[QueueJoinForm, Tag("<queue_join>")],
    Discriminator(_kind),
    BeforeValidator(_flat),
]


class FlowForm(Form):
    """A named wait flow, played from the top again and again while a call waits."""

    ignored: ClassVar[re.Pattern[str] | None] = re.compile(
        r"customer_id|detail|type|persist|on_complete_flow_id|direct_hash|tm_\w+"
    )
    name: Name = Field(description="unique")
    id: Identity = Field(default=None, description="usable wherever the name is")
    actions: list[ActionForm] = Field(min_length=1, description="what the caller hears")
