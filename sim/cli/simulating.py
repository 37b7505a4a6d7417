"""What the commands that simulate have in common: how much, on what, by how many."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sim.cli import output
from sim.cli.settings import Settings, Whole

if TYPE_CHECKING:
    from sim.scenario.model import Scenario

Function = TypeVar("Function", bound=Callable[..., Any])


def simulation_options(function: Function) -> Function:
    """`--replications`, `--engine`, `--workers`."""
    function = click.option(
        "--workers",
        type=Whole(min=1),
        help="How many processes share the replications; the results are the same."
        " [default: all cores when that is faster]",
    )(function)
    function = click.option(
        "--engine",
        type=click.Choice(["auto", "compiled", "simpy"]),
        default="auto",
        help="What simulates; all give the same results.",
    )(function)
    return click.option("--replications", type=click.INT, help="How many independent repetitions.")(
        function
    )


def tell_of_compiling(
    engine: str,
    settings: Settings,
    scenarios: Iterable[Scenario],
    *,
    by_interval: bool = False,
    log: bool = False,
) -> None:
    """The first run of a kind of scenario after an installation takes longer: say why."""
    if engine == "simpy" or settings.quiet:
        return
    from sim.experiment.compiling import notice

    text = notice(scenarios, by_interval=by_interval, log=log)
    if text is not None:
        output.note(text)
