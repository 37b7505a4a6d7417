"""Reading a scenario for a command."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sim.cli import output
from sim.cli.failures import RefusedError
from sim.cli.settings import Settings
from sim.scenario.load import load_scenario
from sim.scenario.model import Scenario


def read_scenario(path: str, changes: Sequence[str], settings: Settings) -> Scenario:
    """The checked scenario; `-` is standard input."""
    if path == "-":
        if sys.stdin is None:
            raise RefusedError("standard input is closed")
        if output.is_terminal(sys.stdin) and not settings.quiet:
            output.note("Reading the scenario from standard input (end it with Ctrl-D).")
    scenario = load_scenario(path, changes)
    if settings.verbose:
        output.note(
            f"{path}: {len(scenario.queues)} queues, {scenario.n_agents} agents,"
            f" sha256 {scenario.sha256[:12]}"
        )
    return scenario


def warnings_of(scenario: Scenario) -> list[str]:
    """What lint has to say, a line each."""
    from sim.report.text import warning_line
    from sim.scenario.lint import lint

    return [
        warning_line({"code": item.code, "where": item.where, "message": item.message})
        for item in lint(scenario)
    ]
