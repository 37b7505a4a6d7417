"""Reading a scenario for a command."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sim.cli import output
from sim.cli.failures import RefusedError
from sim.cli.settings import Settings
from sim.scenario.load import load_scenario
from sim.scenario.model import Scenario
from sim.scenario.nodes import Source
from sim.scenario.source import read_source


def read_scenario(path: str, changes: Sequence[str], settings: Settings) -> Scenario:
    """The checked scenario; `-` is standard input."""
    _look_at(path, settings)
    scenario = load_scenario(path, changes)
    if settings.verbose:
        output.note(
            f"{path}: {len(scenario.queues)} queues, {scenario.n_agents} agents,"
            f" sha256 {scenario.sha256[:12]}"
        )
    return scenario


def read_text(path: str, settings: Settings) -> Source:
    """The text of a scenario that is to be checked later; `-` is standard input."""
    _look_at(path, settings)
    return read_source(path)


def _look_at(path: str, settings: Settings) -> None:
    """Say that standard input is read, if it is and somebody may be waiting."""
    if path == "-":
        if sys.stdin is None:
            raise RefusedError("standard input is closed")
        if output.is_terminal(sys.stdin) and not settings.quiet:
            output.note("Reading the scenario from standard input (end it with Ctrl-D).")


def warnings_of(scenario: Scenario, *, batches: bool = False) -> list[str]:
    """What lint has to say, a line each; with `batches` of a run in search of a steady state."""
    from sim.report.text import warning_line
    from sim.scenario.lint import lint
    from sim.scenario.lint_steady import lint_batches

    return [
        warning_line({"code": item.code, "where": item.where, "message": item.message})
        for item in (lint_batches(scenario) if batches else lint(scenario))
    ]
