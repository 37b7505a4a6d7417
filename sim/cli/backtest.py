"""`callsim backtest`: whether a scenario predicts the days of a real log."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import click

from sim.cli import output
from sim.cli.failures import ANSWER_IS_NO, RefusedError
from sim.cli.log_options import LogAsked, day_asked, log_options, read_history
from sim.cli.settings import Settings, general_options, overrides, scenario_options, settings_of
from sim.cli.simulating import simulation_options, tell_of_compiling

if TYPE_CHECKING:
    from sim.calibration.backtest.days import Choice


@click.command(short_help="Whether a scenario predicts the days of a real log.")
@click.argument("scenario_path", metavar="SCENARIO")
@click.argument("logs", metavar="LOG...", nargs=-1, required=True)
@log_options
@click.option(
    "--days",
    default="all",
    show_default=True,
    metavar="DAYS",
    help="weekdays, weekends, all, names such as mon,wed, a range such as sun..thu.",
)
@click.option(
    "--arrivals",
    type=click.Choice(["as-in-scenario", "as-recorded"]),
    default="as-in-scenario",
    show_default=True,
    help="Whose arrivals are simulated: as-recorded has the log's own, and tests the rest alone.",
)
@click.option(
    "--within",
    metavar="SHARE",
    help="Judge by this tolerance, such as 10%: differences must be shown to lie inside it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@scenario_options
@simulation_options
@general_options
@settings_of
@click.pass_context
def backtest(
    context: click.Context,
    settings: Settings,
    scenario_path: str,
    logs: tuple[str, ...],
    asked: LogAsked,
    days: str,
    arrivals: str,
    within: str | None,
    as_json: bool,
    assignments: tuple[str, ...],
    horizon: str | None,
    seed: int | None,
    replications: int | None,
    engine: str,
    workers: int | None,
) -> None:
    """Simulates days of SCENARIO (- is standard input) and tells whether the days of LOG could be
    among them, metric by metric, and where in the day they differ.

    The log's days are those with calls within the scenario's clock span: its start and its
    horizon. Queues are matched by name or id. --replications are simulated days, with --arrivals
    as-recorded for each day of the log. The exit code is 1 when the log lies outside the
    prediction, or with --within is not shown to lie inside the tolerance.

    \b
    Example:
      callsim new > d.yaml && callsim run d.yaml --seed 2 --out log && callsim backtest d.yaml log
    """
    from sim.cli.reading import read_scenario, warnings_of

    changes = overrides(assignments, seed=seed, horizon=horizon)
    scenario = read_scenario(scenario_path, changes, settings)
    choice, tolerance = _asked(asked, days, within, replications)
    if not settings.quiet:
        output.warn(warnings_of(scenario))

    from sim.calibration.backtest.document import document
    from sim.calibration.backtest.judge import ArrivalsFrom
    from sim.calibration.backtest.judge import backtest as backtested
    from sim.cli.progress import progress_in_lines

    # A day is one of the scenario's, which may end after midnight: `choice` takes the dates.
    clock = asked.time_zone or scenario.time_zone
    history = read_history(logs, replace(asked, first=None, last=None, time_zone=clock), settings)
    tell_of_compiling(engine, settings, [scenario], by_interval=True)
    with progress_in_lines(settings, "Simulated days") as tell:
        found = backtested(
            scenario, history, arrivals=ArrivalsFrom(arrivals), choice=choice,
            replications=replications, within=tolerance, engine=engine, workers=workers,
            progress=tell,
        )  # fmt: skip
    told = document(found)
    if as_json:
        output.write_json(told)
    else:
        from sim.report.backtest import backtest_report

        output.write(
            backtest_report(
                told, width=output.width(), colour=output.colour(),
                ascii_only=output.ascii_only(),
            )
        )  # fmt: skip
    if not found.fits:
        context.exit(ANSWER_IS_NO)


def _asked(
    asked: LogAsked, days: str, within: str | None, replications: int | None
) -> tuple[Choice, float | None]:
    """Which days, and the tolerance; or all that is wrong with them."""
    from sim.calibration.backtest.days import Choice
    from sim.scenario.units import parse_share

    problems: list[str] = []
    first, last = _day(asked.first, "--from", problems), _day(asked.last, "--to", problems)
    choice, tolerance = Choice(), None
    try:
        choice = Choice.of(days, first, last)
    except ValueError as error:
        problems.append(f"--days, --from, --to: {error}")
    if within is not None:
        try:
            tolerance = parse_share(within if within.strip().endswith("%") else _number(within))
            if not tolerance > 0.0:
                raise ValueError("a tolerance is above 0")
        except ValueError as error:
            problems.append(f"--within: {error}")
    if replications is not None and replications < 2:
        problems.append("--replications: at least 2, to see by how much days differ")
    if problems:
        raise RefusedError("\n".join(problems))
    return choice, tolerance


def _number(told: str) -> float | str:
    try:
        return float(told)
    except ValueError:
        return told


def _day(told: str | None, option: str, problems: list[str]) -> date | None:
    try:
        return day_asked(told, option)
    except RefusedError as error:
        problems.append(str(error))
        return None
