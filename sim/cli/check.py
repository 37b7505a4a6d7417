"""`callsim check`: whether scenarios meet what they expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli import output
from sim.cli.failures import ANSWER_IS_NO
from sim.cli.settings import Settings, general_options, overrides, scenario_options, settings_of
from sim.cli.simulating import simulation_options, tell_of_compiling

if TYPE_CHECKING:
    from sim.scenario.model import Scenario


@click.command(short_help="Test the targets that scenarios expect.")
@click.argument("paths", metavar="SCENARIO...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--junit", metavar="FILE", help="Also write a JUnit XML report to FILE.")
@scenario_options
@simulation_options
@general_options
@settings_of
@click.pass_context
def check(
    context: click.Context,
    settings: Settings,
    paths: tuple[str, ...],
    as_json: bool,
    junit: str | None,
    assignments: tuple[str, ...],
    horizon: str | None,
    seed: int | None,
    replications: int | None,
    engine: str,
    workers: int | None,
) -> None:
    """Simulates each SCENARIO (- is standard input) and tests the targets of its `expect`.

    A target is met or missed when its whole confidence interval lies on one side, else it is not
    shown: more replications may show it. The exit code is 1 unless all are met. A scenario
    without targets is warned of, and passes.

    \b
    Example:
      callsim new | callsim check - --replications 100 --junit report.xml
    """
    if paths.count("-") > 1:
        raise click.UsageError("standard input can be read only once")

    from sim.cli.reading import warnings_of
    from sim.cli.variants import distinct_names

    changes = overrides(assignments, seed=seed, replications=replications, horizon=horizon)
    scenarios = _read(paths, changes, settings)
    names = distinct_names(paths, scenarios)
    if not settings.quiet:
        for name, scenario in zip(names, scenarios, strict=True):
            output.warn(f"{name}: {warning}" for warning in warnings_of(scenario))
            if not scenario.expect:
                output.warn([f"{name}: nothing to check, the scenario has no `expect`"])
    tell_of_compiling(engine, settings, scenarios)

    from sim.cli.progress import progress
    from sim.experiment.check import FORMAT
    from sim.experiment.check import check as checked

    found = []
    with progress(settings) as on_progress:
        for scenario in scenarios:
            found.append(checked(scenario, engine=engine, workers=workers, progress=on_progress))
    failure = _write_junit(junit, names, found)
    if as_json:
        rows = [row for name, each in zip(names, found, strict=True) for row in each.rows(name)]
        output.write_json({"format": FORMAT, "results": rows})
    else:
        _print(names, found)
    if failure is not None:
        raise failure
    if not all(each.all_met for each in found):
        context.exit(ANSWER_IS_NO)


def _read(paths: tuple[str, ...], changes: list[str], settings: Settings) -> list[Scenario]:
    """All scenarios, or the problems of all of them."""
    from sim.cli.reading import read_scenario
    from sim.scenario.errors import ScenarioError

    scenarios, problems = [], ScenarioError(())
    for path in paths:
        try:
            scenarios.append(read_scenario(path, changes, settings))
        except ScenarioError as error:
            problems = ScenarioError((*problems.problems, *error.problems))
    if problems.problems:
        raise problems
    return scenarios


def _write_junit(path: str | None, names: list[str], found: list[Any]) -> OSError | None:
    """Write the report; a failure to do so is kept until the results have been printed."""
    if path is None:
        return None
    from sim.report.junit import Suite, write_junit

    suites = [
        Suite(
            name,
            each.rows(name),
            each.result.scenario.replications,
            each.result.scenario.seed,
            each.result.elapsed_s,
        )
        for name, each in zip(names, found, strict=True)
    ]
    try:
        write_junit(path, suites)
    except OSError as error:
        return error
    return None


def _print(names: list[str], found: list[Any]) -> None:
    from sim.report.checked import check_report

    reports = [
        check_report(
            name,
            each.rows(name),
            replications=each.result.scenario.replications,
            seed=each.result.scenario.seed,
            width=output.width(),
            colour=output.colour(),
            ascii_only=output.ascii_only(),
        )
        for name, each in zip(names, found, strict=True)
    ]
    output.write("\n".join(reports))
