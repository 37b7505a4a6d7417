"""`callsim validate`: errors and lint, without simulating."""

from __future__ import annotations

import click

from sim.cli import output
from sim.cli.failures import BAD_INPUT
from sim.cli.settings import Settings, general_options, overrides, scenario_options, settings_of


@click.command(short_help="Check scenarios without running them.")
@click.argument("paths", metavar="SCENARIO...", nargs=-1, required=True)
@scenario_options
@general_options
@settings_of
@click.pass_context
def validate(
    context: click.Context,
    settings: Settings,
    paths: tuple[str, ...],
    assignments: tuple[str, ...],
    horizon: str | None,
    seed: int | None,
) -> None:
    """Checks each SCENARIO (- is standard input): errors and warnings, no simulation.

    Every error of every file is shown; the exit code is then 2. Warnings don't change it.

    \b
    Example:
      callsim new | callsim validate -
    """
    if paths.count("-") > 1:
        raise click.UsageError("standard input can be read only once")

    from sim.cli.reading import read_scenario, warnings_of
    from sim.scenario.errors import ScenarioError

    valid = True
    for path in paths:
        shown = "<stdin>" if path == "-" else path
        try:
            scenario = read_scenario(
                path, overrides(assignments, seed=seed, horizon=horizon), settings
            )
        except ScenarioError as error:
            output.note(error.render())
            valid = False
            continue
        if not settings.quiet:
            output.warn(f"{shown}: {warning}" for warning in warnings_of(scenario))
        output.write(f"{shown}: valid\n")
    if not valid:
        context.exit(BAD_INPUT)
