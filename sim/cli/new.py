"""`callsim new`: a commented scenario to start from."""

from __future__ import annotations

import difflib

import click

from sim.cli import output
from sim.cli.settings import general_options


@click.command(short_help="Print a commented scenario to start from.")
@click.argument("template", required=False)
@click.option("--list", "only_names", is_flag=True, help="Print the names of the templates.")
@general_options
def new(template: str | None, only_names: bool) -> None:
    """Prints a commented scenario; TEMPLATE chooses another than the first of --list.

    \b
    Example:
      callsim new > support.yaml
    """
    from sim.scenario import templates

    names = list(templates.names())
    if only_names:
        output.write("".join(f"{name}\n" for name in names))
        return
    if template is None:
        template = names[0]
    if template not in names:
        near = difflib.get_close_matches(template, names, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise click.BadParameter(
            f"there is no template '{template}'.{hint} There are: {', '.join(names)}.",
            param_hint="TEMPLATE",
        )
    output.write(templates.text(template))
