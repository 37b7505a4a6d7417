"""Requirements and warm-ups from Python: the commands' documents, tables, HTML."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import sim
from sim.cli.app import main

TEXT = """
name: small <b>&
start: 2026-11-23 08:00
horizon: 30min
interval: 15min
queues:
  - name: help
    arrivals: {profile: {interval: 15min, calls: [6, 12]}}
    service_time: {distribution: exponential, mean: 3min}
    patience: 3min
agents: [{name: team, count: 5, shrinkage: 20%}]
expect: [total.service_level >= 70%]
"""


@pytest.fixture(scope="module")
def found() -> sim.Requirement:
    """What the scenario's own target requires."""
    return sim.requirement(sim.loads(TEXT), replications=60, workers=1)


def test_a_requirement_is_the_commands(
    found: sim.Requirement, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: the same document, with the scenario's `expect` where there is no target."""
    path = tmp_path / "small.yaml"
    path.write_text(TEXT)
    command = ["requirement", str(path), "--replications", "60", "--json", "-q"]
    assert main([*command, "--workers", "1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["targets"] == ["total.service_level >= 70%"] and found.feasible
    for document in (told, own := dict(found.document)):
        del document["elapsed_s"], document["sha256"]
    assert told == own


def test_a_requirement_is_a_table_and_a_schedule(found: sim.Requirement) -> None:
    """Claim: a row per interval; the planned scenario has the scheduled agents on shift."""
    table = found.frame()
    assert table["required"].tolist() == found.required
    assert table["scheduled"].tolist() == found.scheduled > found.required
    planned = found.scenario.model.agents[0]
    assert [period.count for period in planned.schedule or ()] == found.scheduled
    assert found.schedule.startswith("schedule:\n  - {from: 08:00, to: 08:15, count: ")


def test_a_requirement_is_shown(found: sim.Requirement) -> None:
    """Claim: HTML is well-formed whatever the names are; the text says the same."""
    texts = "".join(ET.fromstring(found._repr_html_().replace("<br>", "<br/>")).itertext())
    assert "small <b>&: agents of team by interval" in texts
    assert "small <b>&: agents of team by interval" in str(found)
    assert str(found).endswith(found.schedule.rstrip())
    assert repr(found).endswith(" agent hours>")
    assert len(sim.figures.requirement(found)) == 3


def test_what_a_requirement_refuses() -> None:
    """Claim: all that is wrong at once as a ValueError; no answer is a NoAnswerError."""
    scenario = sim.loads(TEXT)
    with pytest.raises(ValueError, match="no metric") as error:
        sim.requirement(scenario, "help.level >= 80%", over="week", group="taem", replications=3)
    assert [line.split(":")[0] for line in str(error.value).splitlines()] == [
        "--target", "--over", "--group", "--replications",
    ]  # fmt: skip
    team = {"name": "team", "count": 1, "tags": ["a"]}
    others = {"name": "others", "count": 1, "tags": ["b"]}
    apart = scenario.with_values({"queues.help.tags": ["a"], "agents": [team, others]})
    with pytest.raises(sim.NoAnswerError, match="No number of agents of `others`"):
        sim.requirement(apart, group="others", replications=20, workers=1)


def test_a_warmup_is_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Claim: the same document; HTML and text tell the suggestion."""
    path = tmp_path / "small.yaml"
    path.write_text(TEXT)
    assert main(["warmup", str(path), "--json", "-q", "--replications", "5"]) == 0
    told = json.loads(capsys.readouterr().out)
    found = sim.warmup(sim.loads(TEXT), replications=5)
    own = found.document | {"sha256": told["sha256"]}
    assert json.loads(json.dumps(own)) == told
    assert found.warmup_s == told["warmup_s"]
    assert found.warnings == [each["message"] for each in told["warnings"]]
    texts = "".join(ET.fromstring(found._repr_html_().replace("<br>", "<br/>")).itertext())
    assert "small <b>&" in texts and "small <b>&" in str(found)
    assert repr(found).startswith("<Warmup of 'small <b>&'")
