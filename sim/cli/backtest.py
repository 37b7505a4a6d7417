"""`callsim backtest`: whether a scenario predicts the days of a real log."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from sim.cli import output
from sim.cli.failures import ANSWER_IS_NO, RefusedError
from sim.cli.settings import Settings, general_options, overrides, scenario_options, settings_of
from sim.cli.simulating import simulation_options, tell_of_compiling

if TYPE_CHECKING:
    from datetime import tzinfo

    from sim.calibration.backtest.days import Choice
    from sim.scenario.model import Scenario


@click.command(short_help="Whether a scenario predicts the days of a real log.")
@click.argument("scenario_path", metavar="SCENARIO")
@click.argument("logs", metavar="LOG...", nargs=-1, required=True)
@click.option("--format", "format_", metavar="NAME", help="The log's format. [found out]")
@click.option(
    "--time-zone", metavar="ZONE", help="The clock of the log, such as Europe/Berlin.  [the log's,"
    " else the scenario's]",
)
@click.option("--queue", metavar="NAME", help="The queue of calls of which the log tells none.")
@click.option(
    "--days", default="all", show_default=True, metavar="DAYS",
    help="weekdays, weekend, all, or names such as mon,wed.",
)
@click.option("--from", "first", metavar="DATE", help="The first day, such as 2026-03-02.")
@click.option("--to", "last", metavar="DATE", help="The last day.")
@click.option(
    "--arrivals", type=click.Choice(["as-in-scenario", "as-recorded"]), default="as-in-scenario",
    show_default=True, help="Whose arrivals are simulated: as-recorded has the log's own, and"
    " tests the rest alone.",
)
@click.option(
    "--within", metavar="SHARE",
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
    format_: str | None,
    time_zone: str | None,
    queue: str | None,
    days: str,
    first: str | None,
    last: str | None,
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
      callsim run scenarios/day.yaml --replications 5 --seed 7 --out week
      callsim backtest scenarios/day.yaml week
    """
    from sim.cli.reading import read_scenario, warnings_of

    changes = overrides(assignments, seed=seed, horizon=horizon)
    scenario = read_scenario(scenario_path, changes, settings)
    choice, tolerance, zone = _asked(scenario, days, first, last, within, time_zone, replications)
    if not settings.quiet:
        output.warn(warnings_of(scenario))

    from sim.calibration.backtest.document import document
    from sim.calibration.backtest.judge import ArrivalsFrom
    from sim.calibration.backtest.judge import backtest as backtested
    from sim.calibration.formats.files import Asked
    from sim.calibration.read import read_log
    from sim.cli.progress import progress_in_lines

    history = read_log(list(logs), format=format_, asked=Asked(zone=zone, queue=queue))
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
    scenario: Scenario,
    days: str,
    first: str | None,
    last: str | None,
    within: str | None,
    time_zone: str | None,
    replications: int | None,
) -> tuple[Choice, float | None, tzinfo | None]:
    """Which days, the tolerance and the log's clock; or all that is wrong with them."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from sim.calibration.backtest.days import Choice
    from sim.scenario.units import parse_share

    problems: list[str] = []
    dates = [_date(name, each, problems) for name, each in (("--from", first), ("--to", last))]
    choice, tolerance, zone = Choice(), None, None
    try:
        choice = Choice.of(days, *dates)
    except ValueError as error:
        problems.append(f"--days: {error}")
    if within is not None:
        try:
            tolerance = parse_share(within)
            if not tolerance > 0.0:
                raise ValueError("a tolerance is above 0")
        except ValueError as error:
            problems.append(f"--within: {error}")
    name = time_zone if time_zone is not None else scenario.time_zone
    if name is not None:
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            problems.append(f"--time-zone: there is no time zone {name[:60]!r}")
    if replications is not None and replications < 2:
        problems.append("--replications: at least 2, to see by how much days differ")
    if problems:
        raise RefusedError("\n".join(problems))
    return choice, tolerance, zone


def _date(name: str, told: str | None, problems: list[str]) -> date | None:
    if told is None:
        return None
    try:
        return date.fromisoformat(told)
    except ValueError:
        problems.append(f"{name}: a date such as 2026-03-02, found {told[:40]!r}")
        return None
