"""`callsim sweep`: simulate every combination of some values, or a sample of them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli import output
from sim.cli.failures import BAD_INPUT, RefusedError
from sim.cli.settings import Settings, Whole, general_options, overrides, settings_of
from sim.cli.simulating import tell_of_compiling

if TYPE_CHECKING:
    from sim.experiment.design import Design
    from sim.experiment.sweep import Sweep, Variants

SHOWN = 10


@click.command(short_help="Simulate every combination of some values; resumable.")
@click.argument("scenario_path", metavar="SCENARIO")
@click.option(
    "--set",
    "assignments",
    metavar="PATH=VALUES",
    multiple=True,
    required=True,
    help="Values of a field: a list 60s,100s, whole numbers 8..16 or in steps 8..16:2."
    " Repeatable; the last changes fastest.",
)
@click.option(
    "--sample",
    metavar="METHOD:N",
    help="N points in place of all combinations, sobol:N or random:N; a range may then be"
    " 5/min..9/min.",
)
@click.option("--out", metavar="DIR", required=True, help="The folder for the results.")
@click.option("--force", is_flag=True, help="Overwrite other results in DIR.")
@click.option("--excel", is_flag=True, help="Also write sweep.xlsx.")
@click.option("--json", "as_json", is_flag=True, help="Print a summary as one JSON document.")
@click.option("--horizon", metavar="DURATION", help="How long calls arrive, such as 8h.")
@click.option("--seed", type=click.INT, help="The seed of all randomness.")
@click.option("--replications", type=click.INT, help="How many independent repetitions.")
@click.option(
    "--engine",
    type=click.Choice(["auto", "compiled", "simpy"]),
    default="auto",
    help="What simulates; all give the same results.",
)
@click.option(
    "--workers",
    type=Whole(min=1),
    help="How many processes share the work. [default: all cores when that is faster]",
)
@click.option("--dask", metavar="ADDRESS", help="Use the Dask cluster at tcp://HOST:PORT.")
@click.option("--dry-run", is_flag=True, help="Only say what the sweep would take.")
@general_options
@settings_of
@click.pass_context
def sweep(
    context: click.Context,
    settings: Settings,
    scenario_path: str,
    assignments: tuple[str, ...],
    sample: str | None,
    out: str,
    force: bool,
    excel: bool,
    as_json: bool,
    horizon: str | None,
    seed: int | None,
    replications: int | None,
    engine: str,
    workers: int | None,
    dask: str | None,
    dry_run: bool,
) -> None:
    """Simulates SCENARIO (- is standard input) at every combination of the values.

    All points meet the same random numbers. DIR/sweep.parquet and sweep.csv get a row for each
    point and queue. The same command goes on where it stopped, and does nothing when all is
    there. A combination that is no valid scenario is reported, and the exit code is then 2.

    \b
    Examples:
      callsim new | callsim sweep - --set agents.tier1.count=9..12 --out grid
      callsim new | callsim sweep - --set horizon=2h..8h --sample sobol:8 --out sample
    """
    from sim.cli.reading import read_text
    from sim.experiment.run import engine_called
    from sim.experiment.sweep import Sweep, Variants
    from sim.report.folder import check_folder, held_folder

    begin = time.perf_counter()
    fixed = overrides((), seed=seed, replications=replications, horizon=horizon)
    source = read_text(scenario_path, settings)
    folder = "" if scenario_path == "-" else str(Path(scenario_path).parent.resolve())
    job = Variants(source.text, source.name, folder, tuple(fixed), engine_called(engine))
    design = _design(job, assignments, sample)
    check_folder(out, force=force)
    if dry_run:
        _dry_run(job, design, as_json=as_json)
        return
    context.with_resource(held_folder(out))
    made = Sweep(job, design, Path(out), force=force)
    try:
        told = _carry_out(made, settings, workers=workers, dask=dask, excel=excel)
    finally:
        made.store.close()
    told["elapsed_s"] = time.perf_counter() - begin
    if as_json:
        output.write_json(told)
    else:
        output.write(_summary(told))
    if told["bad_points"]:
        _tell_bad_points(told)
        context.exit(BAD_INPUT)


def _design(job: Variants, assignments: tuple[str, ...], sample: str | None) -> Design:
    from sim.experiment import design

    try:
        if sample is None:
            made = design.grid(assignments)
        else:
            made = design.sample(assignments, sample, job.seed())
    except ValueError as error:
        raise RefusedError(f"--set: {error}" if sample is None else f"--sample: {error}") from error
    twice = [path for path in made.paths if any(c.startswith(f"{path}=") for c in job.fixed)]
    if twice:
        raise RefusedError(f"--{twice[0]} and --set {twice[0]} exclude each other")
    return made


def _carry_out(
    made: Sweep, settings: Settings, *, workers: int | None, dask: str | None, excel: bool
) -> dict[str, Any]:
    """Do what is missing, points and tables; what there is to tell."""
    from sim.cli.progress import progress_in_lines
    from sim.report.sweep import check_excel, finish, is_finished, summary

    if excel:
        check_excel(len(made.design), len(made.scenario.queues))
    if not is_finished(made, excel=excel):
        if made.n_kept and not settings.quiet:
            output.note(f"{made.n_kept:,} of {len(made.design):,} points were there already")
        if dask is None and not made.is_simulated:
            tell_of_compiling(made.job.engine, settings, made.some_scenarios())
        with progress_in_lines(settings, "Points") as on_progress:
            made.carry_out(workers=workers, cluster=dask, progress=on_progress)
        finish(made, excel=excel)
    return summary(made, excel=excel)


def _summary(told: dict[str, Any]) -> str:
    from sim.report.text import counted

    kept = told["points"] - told["simulated"]
    was_there = "" if not kept else ", all there already" if not told["simulated"] else (
        f", {kept:,} of them there already"
    )  # fmt: skip
    return (
        f"{counted(told['points'], 'point')}{was_there}; {counted(told['rows'], 'row')} in"
        f" {', '.join(told['files'])}\n"
    )


def _tell_bad_points(told: dict[str, Any]) -> None:
    from sim.report.text import counted

    bad = told["bad_points"]
    output.note(f"{counted(len(bad), 'point')} of {told['points']:,} can't be simulated:")
    for each in bad[:SHOWN]:
        where = ", ".join(f"{path}={value}" for path, value in each["settings"].items())
        output.note(f"  {where}: {each['error']}")
    if len(bad) > SHOWN:
        output.note(f"  ... and {len(bad) - SHOWN:,} more; the column `error` has them all")


def _dry_run(job: Variants, design: Design, *, as_json: bool) -> None:
    from sim.cli.effort import sweep_effort
    from sim.report.text import counted, duration

    needs = sweep_effort(job, design)
    if as_json:
        output.write_json(needs)
        return
    output.write(
        f"{counted(needs['points'], 'point')}: about {needs['expected_calls']:,.0f} calls,"
        f" {duration(needs['expected_s'])} on one processor,"
        f" {needs['expected_bytes'] / 1e6:,.3g} MB on disk.\n"
    )
