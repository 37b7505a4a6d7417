"""Kept cases: a scenario as a file, with what differed, or why it is kept, in its first lines."""

from __future__ import annotations

from pathlib import Path

from sim.scenario.dump import dump_scenario
from sim.scenario.model import Scenario

FOLDER = Path(__file__).parents[1] / "tests" / "parity" / "cases"


def case_text(scenario: Scenario, why: list[str]) -> str:
    """The file of a case."""
    lines = [f"# {' '.join(line.split())}"[:200] for line in why]
    return "\n".join([*lines, dump_scenario(scenario)])


def write_case(scenario: Scenario, why: list[str], name: str, folder: Path = FOLDER) -> Path:
    """Write a case as `name`.yaml; a file of that name is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(case_text(scenario, why), encoding="utf-8")
    return path
