"""`callsim requirement`: the agents that each interval needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sim.cli import output
from sim.cli.failures import ANSWER_IS_NO, RefusedError
from sim.cli.settings import Settings, general_options, overrides, scenario_options, settings_of
from sim.cli.simulating import simulation_options, tell_of_compiling


@click.command(short_help="The agents that each interval needs, backlog carried over.")
@click.argument("scenario_path", metavar="SCENARIO")
@click.option(
    "--target",
    "targets",
    metavar="TARGET",
    multiple=True,
    help="Such as 'total.service_level >= 80%'; 'in every interval' or 'over the day' may follow."
    " Repeatable: all must hold. [default: the scenario's expect]",
)
@click.option(
    "--over",
    type=click.Choice(["interval", "day"]),
    help="Whether the targets hold in every interval or over the whole day."
    " [default: what they say, else interval]",
)
@click.option("--interval", metavar="DURATION", help="How long intervals are. [the scenario's]")
@click.option("--group", metavar="NAME", help="Whose number is wanted, if there are several.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--out",
    metavar="FILE.csv|DIR",
    help="Also write the table, or a folder with the document, the table, the schedule and the"
    " scenario with it.",
)
@click.option("--force", is_flag=True, help="Overwrite another run's files.")
@click.option("--plot", metavar="FILE", help="Also draw it, as .png or .svg.")
@scenario_options
@simulation_options
@general_options
@settings_of
@click.pass_context
def requirement(
    context: click.Context,
    settings: Settings,
    scenario_path: str,
    targets: tuple[str, ...],
    over: str | None,
    interval: str | None,
    group: str | None,
    as_json: bool,
    out: str | None,
    force: bool,
    plot: str | None,
    assignments: tuple[str, ...],
    horizon: str | None,
    seed: int | None,
    replications: int | None,
    engine: str,
    workers: int | None,
) -> None:
    """Finds for SCENARIO (- is standard input) the least agents by interval with which the
    targets hold, the backlog of one interval carried over to the next; beside them what
    Erlang's formulas say of each interval by itself, and what comes of that.

    --replications are those on which the result is shown: with few of them it takes more agents.
    The exit code is 1 when no numbers are shown to meet the targets.

    \b
    Example:
      callsim new | callsim requirement - --target "total.asa_s <= 20s" --horizon 30min
    """
    from sim.cli.reading import read_scenario, warnings_of
    from sim.planning.required import asked

    changes = overrides(assignments, seed=seed, horizon=horizon)
    scenario = read_scenario(scenario_path, changes, settings)
    try:
        wanted = asked(
            scenario, targets, over=over, group=group, interval=interval, replications=replications
        )
    except ValueError as error:
        raise RefusedError(str(error)) from None
    if not settings.quiet:
        output.warn(warnings_of(scenario))
    if out is not None:
        from sim.report.folder import held_folder
        from sim.report.requirement import check_out

        check_out(out, force=force)
        if Path(out).suffix != ".csv":
            context.with_resource(held_folder(out))
    if plot is not None:
        _check_plot(plot, force=force)

    from sim.cli.progress import progress_in_lines
    from sim.planning.in_order import NoRequirementError
    from sim.planning.requirement import requirement as required
    from sim.planning.requirement_document import (
        as_scheduled,
        document,
        rows,
        schedule_yaml,
    )  # fmt: skip

    tell_of_compiling(engine, settings, [scenario], by_interval=True)
    try:
        with progress_in_lines(settings, "Simulations") as tell:
            found = required(
                scenario, wanted.targets, wanted.group, over=wanted.over,
                interval_s=wanted.interval_s, replications=replications, engine=engine,
                workers=workers, progress=tell,
            )  # fmt: skip
    except NoRequirementError as error:
        output.note(str(error))
        context.exit(ANSWER_IS_NO)
    told = document(found)
    if as_json:
        output.write_json(told)
    else:
        from sim.report.requirement import requirement_report

        output.write(
            requirement_report(
                told, schedule_yaml(found), scenario.start, width=output.width(),
                colour=output.colour(), ascii_only=output.ascii_only(),
            )
        )  # fmt: skip
    if out is not None:
        from sim.report.requirement import write_out
        from sim.scenario.dump import dump_scenario

        write_out(out, told, rows(told), schedule_yaml(found), dump_scenario(as_scheduled(found)))
    if plot is not None:
        _draw(told, plot)
    if not found.all_met:
        context.exit(ANSWER_IS_NO)


def _check_plot(plot: str, *, force: bool) -> None:
    path = Path(plot)
    if path.suffix.lower() not in (".png", ".svg"):
        raise RefusedError(f"--plot {plot}: a figure is a .png or an .svg")
    if path.exists() and not force:
        raise RefusedError(f"--plot {plot}: it exists already; overwrite it with --force")
    if not path.absolute().parent.is_dir():
        raise RefusedError(f"--plot {plot}: {path.absolute().parent} is no folder")


def _draw(document: dict[str, Any], plot: str) -> None:
    """The figure; of several days beside each other where the day by interval is too long."""
    from sim.experiment.store import whole_file
    from sim.report.figures import draw
    from sim.report.figures.style import to_png, to_svg

    slots = document["intervals"]
    days = slots[-1]["end_s"] > 86400.0 and slots[0]["end_s"] <= 43200.0
    figure = draw("requirement_map" if days else "requirement", document)
    as_svg = plot.lower().endswith(".svg")
    with whole_file(Path(plot)) as out:
        out.write(to_svg(figure).encode("utf-8") if as_svg else to_png(figure))
