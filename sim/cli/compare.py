"""`callsim compare`: variants on the same random numbers, and what differs."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sim.cli import output
from sim.cli.failures import RefusedError
from sim.cli.settings import (
    Settings,
    general_options,
    overrides,
    seed_and_horizon,
    settings_of,
)
from sim.cli.simulating import simulation_options, tell_of_compiling

if TYPE_CHECKING:
    from sim.scenario.model import Scenario
    from sim.scenario.targets import Metric

RANK_BY = "total.service_level"


@click.command(short_help="Compare variants on the same random numbers.")
@click.argument("paths", metavar="SCENARIO...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as one JSON document.")
@click.option(
    "--set",
    "assignments",
    metavar="PATH=V1,V2",
    multiple=True,
    help="A variant for each value (also 8..12); several --set make all combinations. With one"
    " value: a change of all variants.",
)
@click.option(
    "--rank",
    metavar="SUBJECT.METRIC",
    help=f"Order the variants by this. [default: {RANK_BY}, with three or more]",
)
@seed_and_horizon
@simulation_options
@general_options
@settings_of
def compare(
    settings: Settings,
    paths: tuple[str, ...],
    as_json: bool,
    assignments: tuple[str, ...],
    rank: str | None,
    horizon: str | None,
    seed: int | None,
    replications: int | None,
    engine: str,
    workers: int | None,
) -> None:
    """Simulates variants on the same random numbers: each meets the same callers,
    if their arrivals and horizon are the same (a warning says where they are not).

    Variants are several SCENARIO files (- is standard input) or one with --set. All are compared
    with the first, replication by replication, and take its seed and replications. -v shows how
    much sharper that makes the differences.

    \b
    Examples:
      callsim new | callsim compare - --set agents.tier1.count=5,6,7
      callsim new | callsim compare - --set queues.support.wait_timeout=60s,2min --json
    """
    if paths.count("-") > 1:
        raise click.UsageError("standard input can be read only once")

    from sim.cli.reading import warnings_of
    from sim.cli.variants import read_variants
    from sim.experiment.same_calls import other_calls
    from sim.report.text import warning_line

    changes = overrides((), seed=seed, replications=replications, horizon=horizon)
    variants = read_variants(paths, assignments, changes, settings)
    rank_by = _rank_by(rank, variants)
    if not settings.quiet:
        output.warn(warning_line(asdict(each)) for each in other_calls(variants))
        output.warn(_told_once({name: warnings_of(each) for name, each in variants.items()}))
        tell_of_compiling(engine, settings, variants.values())

    from sim.cli.progress import progress
    from sim.experiment.compare import compare as compared

    with progress(settings) as on_progress:
        comparison = compared(
            variants, engine=engine, workers=workers, rank_by=rank_by, progress=on_progress
        )
    document = comparison.document()
    if as_json:
        output.write_json(document)
        return

    from sim.report.comparison import comparison_report

    both_seen = output.is_terminal(sys.stdout) and output.is_terminal(sys.stderr)
    output.write(
        comparison_report(
            document,
            width=output.width(),
            colour=output.colour(),
            ascii_only=output.ascii_only(),
            gains=settings.verbose,
            warnings=settings.quiet or not both_seen,
        )
    )


def _told_once(warnings: dict[str, list[str]]) -> list[str]:
    """Each warning, once where all variants give it, else with the names of those that do."""
    lines = dict.fromkeys(line for every in warnings.values() for line in every)
    told = []
    for line in lines:
        names = [name for name, every in warnings.items() if line in every]
        told.append(line if len(names) == len(warnings) else f"{'; '.join(names)}: {line}")
    return told


def _rank_by(rank: str | None, variants: dict[str, Scenario]) -> tuple[str, Metric, bool] | None:
    """What to rank by, of what all variants have; two variants need no ranking unless asked."""
    if rank is None and len(variants) < 3:
        return None
    from sim.experiment.ranking import check_rankable
    from sim.scenario.targets import parse_subject

    every = list(variants.values())
    queues = [q.name for q in every[0].queues if all(q.name in _queues(s) for s in every)]
    groups = [g.name for g in every[0].agents if all(g.name in _groups(s) for s in every)]
    try:
        subject, metric, is_group = parse_subject(rank or RANK_BY, queues, groups)
        check_rankable(metric)
    except ValueError as error:
        raise RefusedError(f"--rank: {error}") from error
    return subject, metric, is_group


def _queues(scenario: Scenario) -> list[str]:
    return [queue.name for queue in scenario.queues]


def _groups(scenario: Scenario) -> list[str]:
    return [group.name for group in scenario.agents]
