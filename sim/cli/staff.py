"""`callsim staff`: the cheapest agents that meet the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli import output
from sim.cli.failures import ANSWER_IS_NO, RefusedError
from sim.cli.settings import (
    Settings,
    Whole,
    general_options,
    overrides,
    scenario_options,
    settings_of,
)
from sim.cli.simulating import tell_of_compiling

if TYPE_CHECKING:
    from sim.planning.problem import Problem
    from sim.scenario.model import Scenario


@click.command(short_help="Find the cheapest agents that meet targets.")
@click.argument("scenario_path", metavar="SCENARIO")
@click.option(
    "--target",
    "targets",
    metavar="TARGET",
    multiple=True,
    help='Such as "support.service_level >= 80%", "agents.tier1.occupancy <= 85%" or'
    ' "P(total.abandonment <= 5%) >= 90%". Repeatable. [default: the scenario\'s expect]',
)
@click.option(
    "--every-interval",
    is_flag=True,
    help="Each target must hold in every reporting interval, not over the whole day.",
)
@click.option(
    "--bounds",
    metavar="agents.GROUP=LOW..HIGH",
    multiple=True,
    help="How many agents a group may have; `agents.GROUP=N` holds it fixed. Repeatable.",
)
@click.option(
    "--fix",
    metavar="GROUP",
    multiple=True,
    help="Leave a group as it is. Repeatable.",
)
@click.option(
    "--cover",
    metavar="QUEUE=N",
    multiple=True,
    help="At least so many agents who take the queue's calls. Repeatable.",
)
@click.option(
    "--confidence", metavar="SHARE", default="95%", show_default=True, help="Of what is shown."
)
@click.option(
    "--max-replications",
    "--replications",
    "max_replications",
    type=Whole(min=100),
    help="Of any single plan, by its certificate, and half as many by the search."
    " [default: 4000, or as many as have 5 million calls]",
)
@click.option("--max-plans", type=Whole(min=1), help="Plans that are simulated. [default: 400]")
@click.option(
    "--gap",
    metavar="SHARE",
    help="Don't search for savings below this share of the cost. [default: 0.5%]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the plan as one JSON document.")
@click.option("--out", metavar="DIR", help="Also write plan.json and the planned scenario.yaml.")
@click.option("--force", is_flag=True, help="Overwrite another result's files in DIR.")
@scenario_options
@click.option(
    "--workers",
    type=Whole(min=1),
    help="How many processes share the work; the plan is the same. [default: all cores]",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "compiled", "simpy"]),
    default="auto",
    help="What simulates; all give the same results.",
)
@general_options
@settings_of
@click.pass_context
def staff(
    context: click.Context,
    settings: Settings,
    scenario_path: str,
    targets: tuple[str, ...],
    every_interval: bool,
    bounds: tuple[str, ...],
    fix: tuple[str, ...],
    cover: tuple[str, ...],
    confidence: str,
    max_replications: int | None,
    max_plans: int | None,
    gap: str | None,
    as_json: bool,
    out: str | None,
    force: bool,
    assignments: tuple[str, ...],
    horizon: str | None,
    seed: int | None,
    workers: int | None,
    engine: str,
) -> None:
    """Finds how many agents each group of SCENARIO needs, at the least cost, to meet all targets.

    Plans are found by simulation and certified on days that the search has not seen. A group
    with a schedule keeps its shape. The exit code is 1 when no plan within the bounds is shown
    to meet the targets.

    \b
    Example:
      callsim new | callsim staff - --target "total.service_level >= 80%"
    """
    from sim.cli.reading import read_scenario, warnings_of

    share = _share("--confidence", confidence)
    if not 0.5 <= share < 1.0:
        raise RefusedError(f"--confidence: from 50% to below 100%, found {confidence}")
    saving = None if gap is None else _share("--gap", gap)
    changes = overrides(assignments, seed=seed, horizon=horizon)
    scenario = read_scenario(scenario_path, changes, settings)
    problem = _problem(scenario, targets, every_interval, bounds, fix, cover)
    if not settings.quiet:
        output.warn(warnings_of(scenario))
    if out is not None:
        from sim.report.folder import held_folder
        from sim.report.plan_folder import check_plan_folder

        check_plan_folder(out, force=force)
        context.with_resource(held_folder(out))
    tell_of_compiling(engine, settings, [scenario], by_interval=problem.by_interval)

    from sim.cli.progress import working
    from sim.planning.plan import document, planned
    from sim.planning.search import GAP
    from sim.planning.staff import MAX_PLANS
    from sim.planning.staff import staff as find

    with working(settings) as tell:
        plan = find(
            problem,
            engine=engine,
            workers=workers,
            confidence=share,
            max_replications=max_replications,
            max_plans=max_plans or MAX_PLANS,
            gap=GAP if saving is None else saving,
            progress=tell,
        )
    found = document(plan)
    failure = _write(found, planned(plan), out, force, settings)
    if as_json:
        output.write_json(found)
    else:
        from sim.report.plan import plan_report

        output.write(
            plan_report(
                found,
                width=output.width(),
                colour=output.colour(),
                ascii_only=output.ascii_only(),
            )
        )
    if failure is not None:
        raise failure
    if not plan.feasible:
        context.exit(ANSWER_IS_NO)


def _share(option: str, text: str) -> float:
    from sim.scenario.units import parse_share

    try:
        return parse_share(text)
    except ValueError as error:
        raise RefusedError(f"{option}: {error}") from None


def _problem(
    scenario: Scenario,
    targets: tuple[str, ...],
    every_interval: bool,
    bounds: tuple[str, ...],
    fix: tuple[str, ...],
    cover: tuple[str, ...],
) -> Problem:
    """What is asked, or all that is wrong with it."""
    from sim.planning.wanted import asked

    try:
        return asked(
            scenario,
            targets,
            every_interval=every_interval,
            bounds=bounds,
            fixed=fix,
            cover=cover,
        )
    except ValueError as error:
        raise RefusedError(str(error)) from None


def _write(
    found: dict[str, Any], scenario: Scenario, out: str | None, force: bool, settings: Settings
) -> OSError | None:
    """Write the folder; a failure to do so is kept until the plan has been printed."""
    if out is None:
        return None
    from sim.report.plan_folder import write_plan_folder

    try:
        write_plan_folder(found, scenario, out, force=force)
    except OSError as error:
        return error
    if settings.verbose:
        output.note(f"wrote {out}")
    return None
