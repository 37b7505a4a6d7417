"""The JSON Schema: complete, described, and plain JSON."""

from __future__ import annotations

import json
from typing import Any

from sim.scenario.schema import json_schema


def test_every_field_is_described() -> None:
    """Each property of each form says what it is."""
    schema = json_schema()
    forms: dict[str, Any] = {"ScenarioForm": schema, **schema["$defs"]}
    assert len(json.dumps(schema)) > 10_000
    for name, form in forms.items():
        for key, field in form.get("properties", {}).items():
            if key not in ("type", "distribution"):
                assert "description" in field, (name, key)
    assert {"queues", "agents"} <= set(schema["required"])
    assert {"required": ["horizon"]} in schema["anyOf"]
    assert schema["additionalProperties"] is False
    assert "tag_ids" in schema["$defs"]["QueueForm"]["properties"]


def test_references_exist() -> None:
    """Every reference leads to a definition."""
    text = json.dumps(json_schema())
    definitions = json_schema()["$defs"]
    for part in text.split('"#/$defs/')[1:]:
        assert part.split('"')[0] in definitions
