"""`callsim run`: simulate a scenario and print the report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from sim.cli import output
from sim.cli.settings import Settings, general_options, overrides, scenario_options, settings_of

if TYPE_CHECKING:
    from sim.scenario.model import Scenario


@click.command(short_help="Simulate a scenario and print the report.")
@click.argument("scenario_path", metavar="SCENARIO")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON document.")
@click.option("--voipbin-json", is_flag=True, help="Print the queues as VoIPBin's API lists them.")
@click.option("--intervals", is_flag=True, help="Add the results of every interval of the day.")
@click.option("--out", metavar="DIR", help="Also write the results and all calls to this folder.")
@click.option("--force", is_flag=True, help="Overwrite another run's files in DIR.")
@scenario_options
@click.option("--replications", type=click.INT, help="How many independent repetitions.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "compiled", "simpy"]),
    default="auto",
    help="What simulates; all give the same results.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="How many processes share the replications; the results are the same."
    " [default: all cores when that is faster]",
)
@click.option("--dry-run", is_flag=True, help="Only say what the run would take.")
@general_options
@settings_of
def run(
    settings: Settings,
    scenario_path: str,
    as_json: bool,
    voipbin_json: bool,
    intervals: bool,
    out: str | None,
    force: bool,
    assignments: tuple[str, ...],
    horizon: str | None,
    seed: int | None,
    replications: int | None,
    engine: str,
    workers: int | None,
    dry_run: bool,
) -> None:
    """Simulates SCENARIO, a YAML file (- is standard input), and prints the report.

    The result goes to standard output, warnings and progress to standard error.

    \b
    Examples:
      callsim new | callsim run -
      callsim new | callsim run - --replications 5 --set horizon=2h --json
    """
    if as_json and voipbin_json:
        raise click.UsageError("--json and --voipbin-json exclude each other")

    from sim.cli.reading import read_scenario, warnings_of

    changes = overrides(assignments, seed=seed, replications=replications, horizon=horizon)
    scenario = read_scenario(scenario_path, changes, settings)
    warnings = warnings_of(scenario)
    if not settings.quiet:
        output.warn(warnings)
    if out is not None:
        from sim.report.folder import check_folder

        check_folder(out, force=force)
    if dry_run:
        _dry_run(scenario, engine=engine, as_json=as_json, writes=out is not None)
        return

    from sim.cli.progress import progress
    from sim.experiment.run import run as simulate

    if engine != "simpy" and not settings.quiet:
        _tell_of_compiling()
    with progress(settings) as on_progress:
        result = simulate(
            scenario,
            engine=engine,
            workers=workers,
            intervals=intervals or out is not None,
            log=out is not None,
            progress=on_progress,
        )
    document = result.document(with_intervals=intervals)
    if not settings.quiet:
        output.warn(_found_by_running(document, warnings))
    if settings.verbose:
        output.note(f"simulated with {document['engine']} in {document['elapsed_s']:.3g} s")
    failure = _write_folder(result, out, force, intervals, settings)
    if voipbin_json:
        from sim.report.voipbin import queues_json

        output.write_json(queues_json(result))
    elif as_json:
        output.write_json(document)
    else:
        _print_report(document, scenario, intervals, settings)
    if failure is not None:
        raise failure


def _tell_of_compiling() -> None:
    """The first run after an installation takes longer: say why."""
    from sim.jit import is_compiled

    if not is_compiled():
        output.note("compiling the engine: about fifteen seconds, only this once ...")


def _found_by_running(document: Any, known: list[str]) -> list[str]:
    """The result's warnings that were not shown before the run."""
    from sim.report.text import warning_line

    lines = [warning_line(warning) for warning in document["warnings"]]
    return [line for line in lines if line not in known]


def _write_folder(
    result: Any, out: str | None, force: bool, intervals: bool, settings: Settings
) -> OSError | None:
    """Write the folder; a failure to do so is kept until the result has been printed."""
    if out is None:
        return None
    from sim.report.folder import write_folder

    try:
        write_folder(result, out, force=force, with_intervals=intervals)
    except OSError as error:
        return error
    if settings.verbose:
        output.note(f"wrote {out}")
    return None


def _print_report(document: Any, scenario: Scenario, intervals: bool, settings: Settings) -> None:
    """The report; without the warnings where the same eyes have just seen them."""
    from sim.report.terminal import report

    both_seen = output.is_terminal(sys.stdout) and output.is_terminal(sys.stderr)
    output.write(
        report(
            document,
            scenario,
            width=output.width(),
            colour=output.colour(),
            ascii_only=output.ascii_only(),
            intervals=intervals,
            warnings=settings.quiet or not both_seen,
        )
    )


def _dry_run(scenario: Scenario, *, engine: str, as_json: bool, writes: bool) -> None:
    from sim.cli.effort import effort
    from sim.report.text import counted, duration

    needs = effort(scenario, writes=writes)
    if as_json:
        output.write_json(needs.document(scenario))
        return
    output.write(
        f"{counted(scenario.replications, 'replication')} of {duration(scenario.horizon_s)}: about"
        f" {needs.calls:,.0f} calls, {duration(needs.seconds)} on one processor,"
        f" {needs.disk_bytes / 1e6:,.3g} MB on disk.\n"
    )
