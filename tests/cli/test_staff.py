"""`callsim staff` as it is called: what it prints, writes and exits with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli.app import main
from sim.scenario.load import load_scenario

Captured = pytest.CaptureFixture[str]

SCENARIO = """
name: a pool
horizon: 2h
queues:
  - name: help
    arrivals: {rate: 2/min}
    service_time: {distribution: exponential, mean: 3min}
    patience: {distribution: exponential, mean: 3min}
agents: [{name: tier1, count: 4}]
"""
TARGET = ["--target", "help.service_level >= 80%"]


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool.yaml").write_text(SCENARIO, encoding="utf-8")
    return "pool.yaml"


def test_json_is_the_plan_document(scenario: str, capsys: Captured) -> None:
    """The documented fields with their types; exit code 0."""
    assert main(["staff", scenario, *TARGET, "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["format"] == "callsim.plan/1" and plan["feasible"] is True
    assert list(plan["agents"]) == ["tier1"] and 6 < plan["agents"]["tier1"] < 11
    assert plan["cost"] == float(plan["agents"]["tier1"])
    (target,) = plan["targets"]
    assert target["target"] == "help.service_level >= 80%" and target["outcome"] == "met"
    assert target["estimate"]["low"] >= 0.8
    assert plan["replications"] > 100 and plan["elapsed_s"] > 0.0


def test_replications_are_the_most_of_a_plan(scenario: str, capsys: Captured) -> None:
    """As for every command that simulates there is `--replications`: here it means the same as
    `--max-replications`."""
    told = []
    for option in ("--replications", "--max-replications"):
        assert main(["staff", scenario, *TARGET, option, "150", "--json"]) == 0
        plan = json.loads(capsys.readouterr().out)
        told.append({k: v for k, v in plan.items() if k not in ("elapsed_s", "cpu_s")})
    assert told[0] == told[1]


def test_no_plan_within_the_bounds_is_exit_code_1(scenario: str, capsys: Captured) -> None:
    """The report says so in its first sentence."""
    bounds = ["--bounds", "agents.tier1=1..4"]
    assert main(["staff", scenario, *TARGET, *bounds]) == 1
    assert "No plan within the bounds (tier1 1 to 4)" in capsys.readouterr().out


def test_the_folder_holds_the_plan_and_the_planned_scenario(
    scenario: str, tmp_path: Path, capsys: Captured
) -> None:
    """plan.json is what --json prints; the scenario has the plan; it is not written over."""
    assert main(["staff", scenario, *TARGET, "--json", "--out", "found"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert json.loads((tmp_path / "found" / "plan.json").read_text()) == printed
    planned = load_scenario(tmp_path / "found" / "scenario.yaml")
    assert planned.agents[0].count == printed["agents"]["tier1"]
    assert [target.text for target in planned.expect] == ["help.service_level >= 80%"]
    assert main(["staff", scenario, *TARGET, "--out", "found"]) == 2
    assert "another" in capsys.readouterr().err


def test_bad_usage_says_all_that_is_wrong(scenario: str, capsys: Captured) -> None:
    """Exit code 2, each problem on a line, no traceback."""
    options = ["--target", "help.levl >= 80%", "--bounds", "agents.tier9=1..4"]
    assert main(["staff", scenario, *options]) == 2
    shown = capsys.readouterr().err
    assert "levl" in shown and "tier9" in shown and "Traceback" not in shown
    assert main(["staff", scenario]) == 2
    assert "nothing to plan for" in capsys.readouterr().err
    assert main(["staff", scenario, *TARGET, "--confidence", "20%"]) == 2


def test_the_report_begins_with_the_answer(scenario: str, capsys: Captured) -> None:
    """Then the plan, the targets, one agent fewer, and the work it took."""
    assert main(["staff", scenario, *TARGET, "--seed", "3"]) == 0
    blocks = [" ".join(block.split()) for block in capsys.readouterr().out.split("\n\n")]
    first, shown = blocks[1], "\n".join(blocks)
    assert "agents in tier1 at a cost of" in first and "cheapest plan found" in first
    assert (
        "One agent fewer" in shown and "The search stopped:" in shown and shown.endswith("Seed 3.")
    )
