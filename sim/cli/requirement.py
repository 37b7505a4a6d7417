"""`callsim requirement`: the agents that each interval needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli import output
from sim.cli.failures import ANSWER_IS_NO, RefusedError
from sim.cli.settings import Settings, general_options, overrides, scenario_options, settings_of
from sim.cli.simulating import simulation_options, tell_of_compiling

if TYPE_CHECKING:
    from sim.scenario.model import Scenario, Target


@click.command(short_help="The agents that each interval needs, backlog carried over.")
@click.argument("scenario_path", metavar="SCENARIO")
@click.option(
    "--target",
    "targets",
    metavar="TARGET",
    multiple=True,
    required=True,
    help="Such as 'total.service_level >= 80%'. Repeatable: all must hold.",
)
@click.option(
    "--over",
    type=click.Choice(["interval", "day"]),
    default="interval",
    show_default=True,
    help="Whether the targets hold in every interval or over the whole day.",
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
    over: str,
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

    --replications are those on which the result is shown. The exit code is 1 when no numbers meet
    the targets.

    \b
    Example:
      callsim new | callsim requirement - --target "total.asa_s <= 20s" --horizon 30min
    """
    from sim.cli.reading import read_scenario, warnings_of

    changes = overrides(assignments, seed=seed, horizon=horizon)
    scenario = read_scenario(scenario_path, changes, settings)
    wanted, place, interval_s = _asked(scenario, targets, group, interval, replications)
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
                scenario, wanted, place, over=over, interval_s=interval_s,
                replications=replications, engine=engine, workers=workers, progress=tell,
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


def _asked(
    scenario: Scenario,
    targets: tuple[str, ...],
    group: str | None,
    interval: str | None,
    replications: int | None,
) -> tuple[list[Target], int, float | None]:
    """The targets, the group's place and the interval's length, or all that is wrong with them."""
    from sim.planning.day_staffing import refusal
    from sim.scenario.errors import did_you_mean, list_names
    from sim.scenario.targets import parse_target
    from sim.scenario.units import parse_duration

    queues = [queue.name for queue in scenario.queues]
    groups = [each.name for each in scenario.agents]
    problems, wanted = [], []
    for text in targets:
        try:
            target = parse_target(text, queues, groups)
        except ValueError as error:
            problems.append(f"--target: {error}")
            continue
        if (why := refusal(target)) is not None:
            problems.append(f"--target: {why}")
        wanted.append(target)
    place = 0
    if group is not None and groups and group not in groups:
        problems.append(
            f"--group: no agent group `{group[:60]}`: one of {list_names(groups)}"
            f"{did_you_mean(group, groups)}"
        )
    elif group is not None and groups:
        place = groups.index(group)
    elif not groups:
        problems.append(f"{scenario.name}: there are no agents whose number could be wanted")
    elif len(groups) != 1:
        problems.append(f"--group: say whose number is wanted, one of {list_names(groups)}")
    interval_s = None
    if interval is not None:
        try:
            interval_s = parse_duration(interval)
            if not interval_s >= 1.0:
                raise ValueError("an interval lasts at least a second")
            if scenario.horizon_s / interval_s > 2000:
                raise ValueError("more than 2,000 intervals")
        except ValueError as error:
            problems.append(f"--interval: {error}")
    if replications is not None and replications < 20:
        problems.append("--replications: at least 20, to show anything")
    if problems:
        raise RefusedError("\n".join(problems))
    return wanted, place, interval_s
