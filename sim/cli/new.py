"""`callsim new`: a scenario to start from, commented or drafted from a real system's answers."""

from __future__ import annotations

import difflib
import sys

import click

from sim.cli import output
from sim.cli.failures import RefusedError
from sim.cli.settings import Settings, general_options, settings_of


@click.command(short_help="Print a scenario to start from.")
@click.argument("names", metavar="[TEMPLATE | FILE...]", nargs=-1)
@click.option("--list", "only_names", is_flag=True, help="Print the names of the templates.")
@click.option(
    "--from-voipbin",
    is_flag=True,
    help="Draft a scenario from answers of VoIPBin's API (GET /queues, /agents, /flows): each FILE"
    " holds one, as JSON, in any order; - is standard input.",
)
@general_options
@settings_of
def new(settings: Settings, names: tuple[str, ...], only_names: bool, from_voipbin: bool) -> None:
    """Prints a commented scenario; TEMPLATE chooses another than the first of --list.

    With --from-voipbin the scenario is drafted from real queues, agents and flows. What their
    API does not tell is left blank: `callsim validate` names each blank and what to write.

    \b
    Examples:
      callsim new > support.yaml
      callsim new | callsim run - --voipbin-json | callsim new --from-voipbin -
    """
    if from_voipbin:
        if only_names:
            raise click.UsageError("--list goes with templates, not with --from-voipbin")
        _draft(names, settings)
        return
    if len(names) > 1:
        raise click.UsageError("one TEMPLATE at most; files go with --from-voipbin")
    _template(names[0] if names else None, only_names)


def _template(template: str | None, only_names: bool) -> None:
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


def _draft(paths: tuple[str, ...], settings: Settings) -> None:
    if not paths:
        raise click.UsageError("--from-voipbin needs at least one FILE")
    if paths.count("-") > 1:
        raise click.UsageError("standard input can be read only once")
    if "-" in paths and sys.stdin is None:
        raise RefusedError("standard input is closed")
    from sim.importing.voipbin import draft
    from sim.scenario.source import read_source

    made = draft([read_source(path) for path in paths])
    if not settings.quiet:
        output.warn(made.notes)
    output.write(made.text)
