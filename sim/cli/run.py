"""`callsim run`: simulate a scenario and print the report."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

import click

from sim.cli import output
from sim.cli.failures import RefusedError
from sim.cli.settings import (
    Settings,
    Whole,
    general_options,
    overrides,
    scenario_options,
    settings_of,
)
from sim.cli.simulating import simulation_options, tell_of_compiling

if TYPE_CHECKING:
    from sim.experiment.precision import Reached
    from sim.scenario.model import Scenario
    from sim.scenario.precision import Precision


@click.command(short_help="Simulate a scenario and print the report.")
@click.argument("scenario_path", metavar="SCENARIO")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON document.")
@click.option("--voipbin-json", is_flag=True, help="Print the queues as VoIPBin's API lists them.")
@click.option("--intervals", is_flag=True, help="Add the results of every interval of the day.")
@click.option("--out", metavar="DIR", help="Also write the results and all calls to this folder.")
@click.option("--force", is_flag=True, help="Overwrite another run's files in DIR.")
@scenario_options
@simulation_options
@click.option(
    "--precision",
    "precisions",
    metavar="SUBJECT.METRIC=HALF-WIDTH",
    multiple=True,
    help="Add replications until this half-width is reached, such as support.abandonment=0.2%."
    " Repeatable.",
)
@click.option(
    "--max-replications",
    type=Whole(min=10),
    help="Give up on the precision after so many. [default: 10000]",
)
@click.option(
    "--control-variates",
    is_flag=True,
    help="Add estimates corrected by what callers brought: narrower intervals from the same runs.",
)
@click.option(
    "--batches",
    type=Whole(min=2),
    is_flag=False,
    flag_value=30,
    help="One replication, its intervals from so many batches of it: for a steady state."
    " [without a number: 30]",
)
@click.option("--dry-run", is_flag=True, help="Only say what the run would take.")
@general_options
@settings_of
@click.pass_context
def run(
    context: click.Context,
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
    precisions: tuple[str, ...],
    max_replications: int | None,
    control_variates: bool,
    batches: int | None,
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
    if max_replications is not None and not precisions:
        raise click.UsageError("--max-replications goes with --precision")
    if batches is not None and control_variates:
        raise click.UsageError("--control-variates takes replications: not with --batches")
    if batches is not None:
        replications = _one_replication(replications, precisions)

    from sim.cli.reading import read_scenario, warnings_of

    changes = overrides(assignments, seed=seed, replications=replications, horizon=horizon)
    scenario = read_scenario(scenario_path, changes, settings)
    wanted = _wanted(precisions, scenario)
    if batches is not None:
        _refuse_shifts(scenario)
    warnings = warnings_of(scenario, batches=batches is not None)
    if not settings.quiet:
        output.warn(warnings)
    if out is not None:
        from sim.report.folder import check_folder

        check_folder(out, force=force)
    if dry_run:
        most = _most_replications(max_replications) if wanted else None
        _dry_run(scenario, wanted, most, as_json=as_json, writes=out is not None)
        return
    if out is not None:
        from sim.report.folder import held_folder

        context.with_resource(held_folder(out))

    from sim.cli.progress import progress

    logs = out is not None
    tell_of_compiling(
        engine,
        settings,
        [scenario],
        by_interval=intervals or logs,
        log=logs or batches is not None,
    )
    asked: dict[str, Any] = {
        "engine": engine,
        "workers": workers,
        "intervals": intervals or out is not None,
        "log": out is not None,
    }
    with progress(settings) as on_progress:
        if wanted:
            result, reached = _run_to_precision(
                scenario,
                wanted,
                max_replications,
                progress=on_progress,
                control_variates=control_variates,
                **asked,
            )
            if not settings.quiet:
                output.warn(_short_of_precision(reached, result.scenario.replications))
        elif batches is not None:
            from sim.experiment.batches import run_in_batches

            del asked["workers"]  # one replication is the work of one
            result = run_in_batches(scenario, batches, progress=on_progress, **asked)
        else:
            from sim.experiment.run import run as simulate

            result = simulate(scenario, progress=on_progress, **asked)
            if control_variates:
                from sim.experiment.controls import with_controls

                result = with_controls(result)
    document = result.document(with_intervals=intervals)
    if not settings.quiet:
        output.warn(_found_by_running(document, warnings))
        if control_variates and not document["controlled"]["total"]["metrics"]:
            output.warn(["--control-variates: too few replications, or nothing that varies"])
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


def _one_replication(replications: int | None, precisions: tuple[str, ...]) -> int:
    """The number of replications with `--batches`: what does not go with it is refused."""
    if precisions:
        raise click.UsageError(
            "--precision adds replications, --batches cuts one: they exclude each other"
        )
    if replications not in (None, 1):
        raise click.UsageError("--batches cuts one replication: --replications does not go with it")
    return 1


def _refuse_shifts(scenario: Scenario) -> None:
    """Agents who come and go have no steady state, and overtime belongs to no batch."""
    from sim.scenario.lint_steady import shifts_within

    problems = shifts_within(scenario)
    if problems:
        raise RefusedError("\n".join(problems))


def _wanted(texts: tuple[str, ...], scenario: Scenario) -> list[Precision]:
    """What `--precision` asks for, or all that is wrong with it."""
    if not texts:
        return []
    from sim.scenario.precision import parse_precision

    queues = [queue.name for queue in scenario.queues]
    groups = [group.name for group in scenario.agents]
    wanted, problems = [], []
    for text in texts:
        try:
            wanted.append(parse_precision(text, queues, groups))
        except ValueError as error:
            problems.append(f"--precision: {error}")
    if problems:
        raise RefusedError("\n".join(problems))
    return wanted


def _run_to_precision(
    scenario: Scenario, wanted: list[Precision], most: int | None, **asked: Any
) -> tuple[Any, list[Reached]]:
    from sim.experiment.precision import run_to_precision

    most_replications = _most_replications(most)
    return run_to_precision(scenario, wanted, max_replications=most_replications, **asked)


def _most_replications(asked: int | None) -> int:
    from sim.experiment.precision import MAX_REPLICATIONS

    return asked or MAX_REPLICATIONS


def _short_of_precision(reached: list[Reached], replications: int) -> list[str]:
    """What was not reached, and what was only because nothing happened."""
    lines = []
    for each in reached:
        if not each.is_reached:
            lines.append(
                f"--precision {each.wanted.text}: not reached after {replications:,} replications"
            )
        elif not each.varied:
            lines.append(
                f"--precision {each.wanted.text}: the same in all {replications:,} replications;"
                " a half-width of 0 says nothing of rarer days"
            )
    return lines


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


def _dry_run(
    scenario: Scenario, wanted: list[Precision], most: int | None, *, as_json: bool, writes: bool
) -> None:
    """What the run takes; for a precision the least and the most, as only a run shows how much."""
    from sim.cli.effort import effort
    from sim.report.text import counted, duration

    documents, lines = [], []
    for n in _replications_of(scenario, most):
        made = dataclasses.replace(scenario, replications=n)
        needs = effort(made, writes=writes)
        documents.append(needs.document(made))
        lines.append(
            f"{counted(n, 'replication')} of {duration(scenario.horizon_s)}: about"
            f" {needs.calls:,.0f} calls, {duration(needs.seconds)} on one processor,"
            f" {needs.disk_bytes / 1e6:,.3g} MB on disk."
        )
    if most is None:
        told, text = documents[0], lines[0]
    else:
        told = {**documents[0], "precision": [w.text for w in wanted], "at_most": documents[-1]}
        text = (
            "How many replications the precision takes only a run can show.\n"
            f"At least {lines[0]}\nAt most {lines[-1]}"
        )
    if as_json:
        output.write_json(told)
    else:
        output.write(f"{text}\n")


def _replications_of(scenario: Scenario, most: int | None) -> tuple[int, ...]:
    """How many there will be, or for a precision the number of the first look and the most."""
    if most is None:
        return (scenario.replications,)
    from sim.experiment.precision import first_look

    return first_look(scenario, most), most
