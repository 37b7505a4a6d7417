"""The variants of a comparison: scenario files, their settings, or both."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from sim.cli import output
from sim.cli.failures import RefusedError
from sim.cli.settings import Settings
from sim.experiment.variants import SHARED, name_of, settings_of_variants
from sim.scenario.errors import ScenarioError
from sim.scenario.load import loads_scenario
from sim.scenario.model import Scenario
from sim.scenario.nodes import Source
from sim.scenario.source import read_source


def read_variants(
    paths: Sequence[str], assignments: Sequence[str], changes: Sequence[str], settings: Settings
) -> dict[str, Scenario]:
    """The variants by name: each file with each combination of the settings.

    `changes` win over `assignments`. All take the first one's seed and replications. Raises
    RefusedError when there are fewer than two, ScenarioError with the problems of all of them.
    """
    try:
        fixed, combinations = settings_of_variants(assignments)
    except ValueError as error:
        raise RefusedError(f"--set: {error}") from error
    if len(paths) * len(combinations) < 2:
        raise RefusedError(
            "one variant leaves nothing to compare: give another SCENARIO, or"
            " --set PATH=V1,V2 with two values or more"
        )
    if "-" in paths and sys.stdin is None:
        raise RefusedError("standard input is closed")
    common, problems = list(changes), ScenarioError(())
    scenarios: list[list[Scenario]] = []
    for path in paths:
        found: list[Scenario] = []
        try:
            source = read_source(path)
            for chosen in combinations:
                scenario = _loaded(path, source, [*fixed, *chosen, *common])
                if not scenarios and not found:
                    common += [f"{field}={getattr(scenario, field)}" for field in SHARED]
                found.append(scenario)
        except ScenarioError as error:
            problems = ScenarioError((*problems.problems, *error.problems))
        scenarios.append(found)
    if problems.problems:
        raise problems
    if settings.verbose:
        first = scenarios[0][0]
        output.note(
            f"{len(paths) * len(combinations)} variants, all with seed {first.seed} and"
            f" {first.replications} replications"
        )
    files = distinct_names(paths, [found[0] for found in scenarios])
    return {
        name_of((*([file] if len(paths) > 1 else []), *chosen)): scenario
        for file, found in zip(files, scenarios, strict=True)
        for chosen, scenario in zip(combinations, found, strict=True)
    }


def distinct_names(paths: Sequence[str], scenarios: Sequence[Scenario]) -> list[str]:
    """The scenarios' own names, or where two are the same their files', numbered if need be."""
    names = [scenario.name for scenario in scenarios]
    if len(set(names)) == len(names):
        return names
    shown = ["<stdin>" if path == "-" else path for path in paths]
    return [
        name if shown.count(name) == 1 else f"{name} ({shown[: place + 1].count(name)})"
        for place, name in enumerate(shown)
    ]


def _loaded(path: str, source: Source, changes: Sequence[str]) -> Scenario:
    folder = Path() if path == "-" else Path(path).parent
    return loads_scenario(source.text, source.name, changes, folder)
