"""`callsim schema`: the JSON Schema of scenario files."""

from __future__ import annotations

import click

from sim.cli import output
from sim.cli.settings import general_options


@click.command(short_help="Print the JSON Schema of scenarios, for editors.")
@general_options
def schema() -> None:
    """Prints the JSON Schema of scenario files, with which editors complete and check them.

    \b
    Example:
      callsim schema > callsim.schema.json
    """
    from sim.scenario.schema import json_schema

    output.write_json(json_schema())
