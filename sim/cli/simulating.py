"""What the commands that simulate have in common: how much, on what, by how many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from sim.cli import output
from sim.cli.settings import Settings

Function = TypeVar("Function", bound=Callable[..., Any])


def simulation_options(function: Function) -> Function:
    """`--replications`, `--engine`, `--workers`."""
    function = click.option(
        "--workers",
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help="How many processes share the replications; the results are the same.",
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


def tell_of_compiling(engine: str, settings: Settings) -> None:
    """The first run after an installation takes longer: say why."""
    if engine == "simpy" or settings.quiet:
        return
    from sim.jit import is_compiled

    if not is_compiled():
        output.note("compiling the engine: about fifteen seconds, only this once ...")
