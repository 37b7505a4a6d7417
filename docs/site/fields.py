"""The page of every field of a scenario, made of the form that reads it and its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.scenario import form_arrivals, form_distributions, form_flows
from sim.scenario.form_values import Form
from sim.scenario.nodes import OTHER_NAMES
from sim.scenario.schema import json_schema
from sim.scenario.units import format_duration

Schema = dict[str, Any]

INTRODUCTION = """\
# Every field of a scenario

Made of the form with which files are read (`callsim schema` prints it for editors). What the fields
mean together, with examples, is in [the scenario file](scenario.md). Keys that begin with `x-` are
yours, on every level; fields of the real API without meaning here are accepted and ignored.
"""

KINDS = {
    "distributions": (
        "a distribution",
        tuple(f"{n.title()}Form" for n in form_distributions.NAMES),
    ),
    "actions": (
        "an action",
        tuple("".join(w.title() for w in n.split("_")) + "Form" for n in form_flows.TYPES),
    ),
}
"""Alternatives that occur in many places, by the anchor of their section."""

SECTIONS = (
    ("Top level", "", ["ScenarioForm", "ServiceLevelForm"]),
    ("Dispatch", "", ["PollingDispatchForm", "PollingForm"]),
    ("The state at the start", "", ["InitialForm", "InitialWaitingForm", "InitialBusyForm"]),
    ("Queues", "", ["QueueForm", "OverflowForm", "RetryForm"]),
    (
        "Arrivals",
        f"Exactly one of `{'`, `'.join(form_arrivals.WAYS)}`.",
        [
            "RateForm", "InterarrivalForm", "EveryForm", "AtForm", "ProfileArrivalsForm",
            "ProfileForm", "ForecastForm", "ColumnsForm", "RecordedForm", "CallForm",
            "RecordedColumnsForm", "BusynessForm",
        ],
    ),
    (
        "Distributions",
        "A duration alone (`5min`) is always the same; else a mapping with `distribution:`. In a "
        "mixture each part has a `weight` beside its other keys.",
        list(KINDS["distributions"][1]),
    ),
    ("Agents", "", ["AgentForm", "PeriodForm", "ShiftsForm", "BreakForm", "RingForm"]),
    ("Flows", "", ["FlowForm"]),
    (
        "Actions",
        "Written short (`sleep: 15s`, `beep`), with `type:`, or in the API's shape with `option:`.",
        list(KINDS["actions"][1]),
    ),
)  # fmt: skip
"""Title, first words and forms of each section, in the order of the page."""


def page() -> str:
    """The Markdown of the page. LookupError for a form that no section has."""
    schema = json_schema()
    forms = {each.__name__: each for each in _forms(Form)}
    bodies = {"ScenarioForm": schema, **schema["$defs"]}
    shown = [name for _, _, names in SECTIONS for name in names]
    if missing := sorted(set(bodies) - set(shown) - {"PartForm"}):
        raise LookupError(f"no section of docs/site/fields.py has {', '.join(missing)}")
    parts = [INTRODUCTION]
    for title, words, names in SECTIONS:
        parts.append(f"\n## {title}\n")
        if words:
            parts.append(f"{words}\n")
        for name in names:
            parts.append(_section(forms[name], bodies[name]))
    return "\n".join(parts)


def _section(form: type[Form], body: Schema) -> str:
    lines = [f"### {_title(form.__name__).capitalize()} {{ #{_anchor(form.__name__)} }}\n"]
    lines += [(form.__doc__ or "").strip() + "\n", "| field | may be | default | is |"]
    lines.append("| --- | --- | --- | --- |")
    properties = body.get("properties", {})
    for name, field in form.model_fields.items():
        key = field.alias or name
        inside = properties[key]
        default = "required" if field.is_required() else _default(inside)
        also = f", `{other}`" if (other := _other_name(key, properties)) else ""
        what = field.description or inside.get("description", "")
        lines.append(f"| `{key}`{also} | {_values(inside)} | {default} | {what} |")
    return "\n".join(lines) + "\n"


def _forms(base: type[Form]) -> Iterable[type[Form]]:
    for each in base.__subclasses__():
        yield each
        yield from _forms(each)


def _other_name(key: str, properties: Schema) -> str | None:
    return next((o for o, name in OTHER_NAMES.items() if name == key and o in properties), None)


def _title(form: str) -> str:
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in form.removesuffix("Form"))
    return words.strip()


def _anchor(form: str) -> str:
    return "f-" + _title(form).replace(" ", "-")


def _default(inside: Schema) -> str:
    value = inside.get("default")
    if value is None or value in ({}, []):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    if isinstance(value, float) and "90s" in inside.get("examples", ()):
        return f"`{format_duration(value)}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _values(inside: Schema) -> str:
    """What may be written, in words."""
    choices = [each for key in ("anyOf", "oneOf") for each in inside.get(key, [])]
    if choices:
        return _choice(choices)
    if "$ref" in inside:
        name = inside["$ref"].rpartition("/")[2]
        if name == "PartForm":
            return "[a distribution](#distributions) with its `weight`"
        return f"[{_title(name)}](#{_anchor(name)})"
    if "const" in inside:
        return f"`{inside['const']}`"
    if "enum" in inside:
        return ", ".join(f"`{each}`" if each else "nothing" for each in inside["enum"])
    kinds = inside.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return " or ".join(_kind(kind, inside) for kind in kinds if kind != "null")


def _choice(choices: list[Schema]) -> str:
    flat: list[Schema] = []
    for each in choices:
        inner = [*each.get("anyOf", []), *each.get("oneOf", [])]
        flat += inner or [each]
    refs = [each["$ref"].rpartition("/")[2] for each in flat if "$ref" in each]
    for anchor, (word, forms) in KINDS.items():
        if set(forms) <= set(refs):
            return f"[{word}](#{anchor})"
    texts = [text for each in flat if (text := _values(each))]
    return " or ".join(dict.fromkeys(texts))


def _kind(kind: str, inside: Schema) -> str:
    if kind == "array":
        return f"list of {_values(inside.get('items', {}))}"
    if kind == "object":
        return f"names, each with {_values(inside['additionalProperties'])}"
    if kind == "boolean":
        return "`true`, `false`"
    if kind == "string":
        if "examples" in inside:
            return ", ".join([*(f"`{each}`" for each in inside["examples"][:3]), "..."])
        return "text"
    if inside.get("description") == "milliseconds":
        return "milliseconds"
    return {"integer": "whole number", "number": "number"}[kind] + _bounds(inside)


def _bounds(inside: Schema) -> str:
    """The bounds, but for those that are only there to keep numbers finite."""
    signs = (("exclusiveMinimum", "above"), ("minimum", "from"), ("maximum", "to"))
    texts = [
        f"{word} {bound:g}"
        for key, word in signs
        if (bound := inside.get(key)) is not None and abs(bound) < 1e6
    ]
    return ", " + " ".join(texts) if texts else ""
