"""The JSON Schema of the scenario file, for editors."""

from __future__ import annotations

from typing import Any

from sim.scenario import form, form_agents, form_distributions, form_flows
from sim.scenario.form_values import Form
from sim.scenario.nodes import OTHER_NAMES

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """The schema as a JSON document; it allows what the loader allows in shape."""
    schema = form.ScenarioForm.model_json_schema(mode="validation", by_alias=True)
    recorded = {"required": ["arrivals"], "properties": {"arrivals": {"required": ["recorded"]}}}
    schema["anyOf"] = [
        {"required": ["horizon"]},
        {"properties": {"queues": {"contains": recorded}}},
    ]
    definitions = schema["$defs"]
    _free_keys(schema, form.ScenarioForm)
    for each in _forms(Form):
        if each.__name__ in definitions:
            _free_keys(definitions[each.__name__], each)
    _short_actions(definitions)
    _mixture_parts(definitions)
    return {"$schema": DIALECT, **schema}


def _forms(base: type[Form]) -> list[type[Form]]:
    found: list[type[Form]] = []
    for each in base.__subclasses__():
        found += [each, *_forms(each)]
    return found


def _free_keys(schema: dict[str, Any], each: type[Form]) -> None:
    """`x-` keys, what the real API calls a field, and its keys that mean nothing here."""
    schema.setdefault("patternProperties", {})["^x-"] = {}
    if each.ignored is not None:
        schema["patternProperties"][f"^(?:{each.ignored.pattern})$"] = {}
    properties = schema.get("properties", {})
    for other, name in OTHER_NAMES.items():
        if name in properties and issubclass(
            each, form.QueueForm | form_agents.AgentForm | form_flows.QueueJoinForm
        ):
            properties[other] = properties[name]
            if name in schema.get("required", []):
                schema["required"].remove(name)


def _short_actions(definitions: dict[str, Any]) -> None:
    """An action may also be `sleep: 15s`, hold its values in `option`, or be a bare word."""
    for kind in form_flows.TYPES:
        name = "".join(part.title() for part in kind.split("_")) + "Form"
        body = definitions.get(name)
        if body is None:
            continue
        body["properties"]["option"] = {"type": "object", "description": "the API's shape"}
        body["properties"][kind] = {"description": "the short form"}
        body["required"] = []
        body["anyOf"] = [{"required": ["type"]}, {"required": [kind]}]
    for flow in (
        definitions["FlowForm"]["properties"]["actions"],
        *_lists(definitions["QueueForm"]["properties"]["wait_flow"]),
    ):
        items = flow["items"]
        flow["items"] = {"anyOf": [{"enum": ["beep", "hangup"]}, *items["oneOf"]]}


def _lists(schema: dict[str, Any]) -> list[dict[str, Any]]:
    found = [schema] if schema.get("type") == "array" else []
    for key in ("anyOf", "oneOf"):
        for each in schema.get(key, []):
            found += _lists(each)
    return found


def _mixture_parts(definitions: dict[str, Any]) -> None:
    """A part of a mixture is a distribution with a `weight` beside its other keys."""
    part = definitions.get("PartForm")
    if part is None:
        return
    weight = part["properties"]["weight"]
    names = [
        name
        for name in definitions
        if name.removesuffix("Form").lower() in form_distributions.NAMES and name.endswith("Form")
    ]
    for name in names:
        definitions[name]["properties"]["weight"] = {**weight, "description": "in a mixture"}
    definitions["PartForm"] = {
        "type": "object",
        "required": ["weight"],
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in names],
    }
