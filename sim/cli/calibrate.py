"""`callsim calibrate`: from a real log to a scenario, with the uncertainty of every number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli import output
from sim.cli.failures import RefusedError
from sim.cli.log_options import LogAsked, log_options, read_history
from sim.cli.new_file import new_file
from sim.cli.settings import Settings, general_options, settings_of

if TYPE_CHECKING:
    from sim.calibration.fit.asked import Asked

SCENARIOS = (".yaml", ".yml")
OTHERWISE = "a scenario is a .yaml file"
STEM = "calibrated"


@click.command(short_help="Fit a scenario to a real telephone log.")
@click.argument("logs", metavar="LOG...", nargs=-1, required=True)
@log_options
@click.option(
    "--days",
    metavar="KIND",
    default="all",
    show_default=True,
    help="Which days are alike: weekdays, weekends, mon, a list mon,wed or a range sun..thu.",
)
@click.option(
    "--hours", metavar="FROM..TO", help="Such as 08:00..18:00. [default: when calls came]"
)
@click.option(
    "--interval", metavar="DURATION", default="30min", show_default=True, help="Of the profile."
)
@click.option("--only", metavar="QUEUE", multiple=True, help="Calibrate this queue. Repeatable.")
@click.option(
    "--service",
    metavar="FAMILY",
    default="best",
    show_default=True,
    help="Of conversations: best (by AIC), exponential, lognormal, gamma, weibull, or empirical: as"
    " they were, in files beside --out.",
)
@click.option(
    "--wrap-up",
    metavar="DURATION",
    help="Of all queues, such as 30s or a distribution. [default: the log's, or estimated]",
)
@click.option(
    "--agents",
    metavar="GROUP=NUMBER",
    multiple=True,
    help="So many agents all day, such as team=12. Repeatable. [default: as the log shows]",
)
@click.option("--name", metavar="TEXT", help="Of the scenario. [default: the log's]")
@click.option("--json", "as_json", is_flag=True, help="Print all estimates as one JSON document.")
@click.option("--out", metavar="FILE.yaml", help="Write the scenario there.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
@general_options
@settings_of
def calibrate(
    settings: Settings,
    logs: tuple[str, ...],
    asked: LogAsked,
    days: str,
    hours: str | None,
    interval: str,
    only: tuple[str, ...],
    service: str,
    wrap_up: str | None,
    agents: tuple[str, ...],
    name: str | None,
    as_json: bool,
    out: str | None,
    force: bool,
) -> None:
    """Fits a scenario of one day to a log of real calls and prints it, a comment beside each number
    on where it comes from and how uncertain it is; a report goes to standard error.

    LOG is as for `callsim convert`. Days are the sample: the intervals are at 95 % over days.
    Patience is estimated with those who were answered counted as known to have stayed so long.

    \b
    Example:
      callsim new | callsim run - --replications 10 --out real && callsim calibrate real
    """
    wanted = _asked(asked, days, hours, interval, only, service, wrap_up, agents)
    file = None if out is None else new_file(out, SCENARIOS, OTHERWISE, force=force)
    if service == "empirical" and file is None:
        raise RefusedError("--service empirical needs --out: the values are written beside it")
    history = read_history(logs, asked, settings)

    from sim.calibration.fit.calibrate import calibrate as fitted
    from sim.calibration.fit.document import document
    from sim.calibration.fit.scenario_text import scenario_text, value_files

    found = fitted(history, wanted)
    stem = STEM if file is None else file.stem
    text = scenario_text(found, name or "", stem)
    told = document(found, text)
    if not settings.quiet:
        from sim.report.calibration import calibration_report

        output.note(
            calibration_report(
                told, width=output.width(), ascii_only=output.ascii_only()
            ).rstrip()
        )  # fmt: skip
    if file is not None:
        from sim.experiment.store import whole_file

        contents = {name: text for name, text in value_files(found, stem).items()}
        for path in [*(file.with_name(each) for each in contents), file]:
            with whole_file(path) as target:
                target.write(contents.get(path.name, text).encode("utf-8"))
    if as_json:
        output.write_json(told)
    elif file is not None:
        output.write(f"{file}\n")
    else:
        output.write(text)


def _asked(
    log: LogAsked,
    days: str,
    hours: str | None,
    interval: str,
    only: tuple[str, ...],
    service: str,
    wrap_up: str | None,
    agents: tuple[str, ...],
) -> Asked:
    from sim.calibration.fit.asked import asked

    try:
        return asked(
            days=days, first=log.first, last=log.last, interval=interval, hours=hours,
            queues=only, service=service, wrap_up=wrap_up, agents=agents,
        )  # fmt: skip
    except ValueError as error:
        raise RefusedError(str(error)) from None
