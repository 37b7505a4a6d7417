"""What the general options say, and the options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from sim.cli import output

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(slots=True)
class Settings:
    """How much is said on standard error."""

    quiet: bool = False
    verbose: bool = False
    debug: bool = False


class Whole(click.IntRange):
    """A whole number within bounds, which an error calls an integer as that without bounds."""

    name = "integer"


settings_of = click.make_pass_decorator(Settings)


def _flag(*names: str, sets: str, help_text: str) -> Callable[[Function], Function]:
    """A flag that may stand before or after the command's name."""

    def remember(context: click.Context, _: click.Parameter, value: bool) -> None:
        settings = context.find_object(Settings)
        if value and settings is not None:
            setattr(settings, sets, True)

    return click.option(
        *names, is_flag=True, expose_value=False, is_eager=True, callback=remember, help=help_text
    )


def _show_help(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        output.write(context.get_help() + "\n")
        context.exit()


def general_options(function: Function) -> Function:
    """`-q`, `-v`, `--debug`, `--help`; click's own help would not mind a full disk."""
    function = click.option(
        "-h",
        "--help",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_show_help,
        help="Show this message and exit.",
    )(function)
    function = _flag("--debug", sets="debug", help_text="Show a traceback on failure.")(function)
    function = _flag(
        "-v", "--verbose", sets="verbose", help_text="Say on standard error what is being done."
    )(function)
    return _flag("-q", "--quiet", sets="quiet", help_text="No warnings, no progress.")(function)


def scenario_options(function: Function) -> Function:
    """The options that change the scenario; `overrides` puts them together."""
    function = seed_and_horizon(function)
    return click.option(
        "--set",
        "assignments",
        metavar="PATH=VALUE",
        multiple=True,
        help="Change a field, such as agents.tier1.count=12. Repeatable.",
    )(function)


def seed_and_horizon(function: Function) -> Function:
    """`--seed` and `--horizon`."""
    function = click.option(
        "--horizon", metavar="DURATION", help="How long calls arrive, such as 8h."
    )(function)
    return click.option("--seed", type=click.INT, help="The seed of all randomness.")(function)


def overrides(assignments: tuple[str, ...], **fields: object) -> list[str]:
    """The `--set` options, then the dedicated ones that were given: these win."""
    from sim.scenario.overrides import Given

    return [
        *assignments,
        *(
            Given.of(f"--{name}", name, value)
            for name, value in fields.items()
            if value is not None
        ),
    ]
