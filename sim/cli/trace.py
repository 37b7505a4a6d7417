"""`callsim trace`: the life of single calls, event by event."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

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
    from sim.scenario.model import Scenario

FIRST = 10


@click.command(short_help="Tell the life of single calls, event by event.")
@click.argument("scenario_path", metavar="SCENARIO")
@click.option("--call", type=Whole(min=0), help="The call with this number.")
@click.option("--queue", metavar="NAME", help="Calls of this queue.")
@click.option("--first", type=Whole(min=1), help=f"How many calls of the queue. [default: {FIRST}]")
@click.option(
    "--replication",
    type=Whole(min=0),
    default=0,
    show_default=True,
    help="In which replication.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@scenario_options
@simulation_options
@general_options
@settings_of
def trace(
    settings: Settings,
    scenario_path: str,
    call: int | None,
    queue: str | None,
    first: int | None,
    replication: int,
    as_json: bool,
    assignments: tuple[str, ...],
    horizon: str | None,
    seed: int | None,
    replications: int | None,
    engine: str,
    workers: int | None,
) -> None:
    """Tells what happened to a call of SCENARIO, with its wait flow, and why it waited.

    Calls are numbered from 0, as in calls.parquet; those that come of others, by overflow or
    because a caller calls again, after all the rest. One replication is simulated, by one process,
    whatever --replications and --workers say.

    \b
    Examples:
      callsim new | callsim trace - --call 3
    """
    if (call is None) == (queue is None):
        raise click.UsageError("say which calls: either --call N or --queue NAME")
    if first is not None and queue is None:
        raise click.UsageError("--first goes with --queue")

    from sim.cli.reading import read_scenario

    changes = overrides(assignments, seed=seed, replications=replications, horizon=horizon)
    scenario = read_scenario(scenario_path, changes, settings)
    if queue is not None:
        _check_queue(scenario, queue)
    if replication >= scenario.replications:
        raise RefusedError(
            f"--replication {replication}: the scenario's replications are 0 to"
            f" {scenario.replications - 1}"
        )

    from sim.experiment.trace import engine_for_one, trace_calls

    engine = engine_for_one(engine, scenario)
    tell_of_compiling(engine, settings, [scenario], log=True)
    try:
        calls = trace_calls(
            scenario,
            call=call,
            queue=queue,
            first=first or FIRST,
            replication=replication,
            engine=engine,
        )
    except ValueError as error:
        raise RefusedError(str(error)) from error
    if as_json:
        output.write_json(
            {
                "format": "callsim.trace/1",
                "scenario": scenario.name,
                "sha256": scenario.sha256,
                "seed": scenario.seed,
                "replication": replication,
                "calls": calls,
            }
        )
        return
    if not calls:
        output.write("No call came.\n")
        return

    from sim.report.story import stories

    told = stories(calls, scenario.start, width=output.width(), ascii_only=output.ascii_only())
    output.write(told)


def _check_queue(scenario: Scenario, queue: str) -> None:
    names = [known.name for known in scenario.queues]
    if queue in names or queue in [known.id for known in scenario.queues]:
        return
    near = difflib.get_close_matches(queue, names, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise RefusedError(f"--queue: the scenario has no queue '{queue}'{hint}")
