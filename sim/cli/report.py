"""`callsim report`: a result as one HTML file or as an Excel workbook."""

from __future__ import annotations

import click

from sim.cli import output
from sim.cli.settings import Settings, general_options, settings_of

DEFAULT = "report.html"


@click.command(short_help="Write a result as an HTML file or an Excel workbook.")
@click.argument("result", metavar="RESULT")
@click.option(
    "--out",
    metavar="FILE",
    default=DEFAULT,
    show_default=True,
    help="What to write: .html is a page, .xlsx an Excel workbook.",
)
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
@click.option("--title", metavar="TEXT", help="The heading. [default: the scenario's name]")
@general_options
@settings_of
def report(settings: Settings, result: str, out: str, force: bool, title: str | None) -> None:
    """Writes a report of RESULT: the folder of `run --out` or `sweep --out`, or a file with
    what `run`, `compare`, `check` or `sweep` print with --json (- is standard input).

    An HTML file needs nothing else: it can be mailed, printed and read off line. The more RESULT
    holds, the more the report tells; a folder of `run --out` holds everything. The path of the
    file goes to standard output.

    \b
    Examples:
      callsim new | callsim run - --json | callsim report -
      callsim new | callsim run - --out day --intervals && callsim report day --out day.xlsx
    """
    from sim.report.book.write import write_report

    if result == "-" and not settings.quiet:
        import sys

        if output.is_terminal(sys.stdin):
            output.note("Reading the result from standard input (end it with Ctrl-D).")
    path = write_report(result, out, title=title, force=force)
    if settings.verbose:
        output.note(f"{path.stat().st_size:,} bytes")
    output.write(f"{path}\n")
