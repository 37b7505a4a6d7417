"""`callsim convert`: any real log as one clean table of calls."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli import output
from sim.cli.log_options import LogAsked, log_options, read_history
from sim.cli.new_file import new_file
from sim.cli.settings import Settings, general_options, settings_of

if TYPE_CHECKING:
    from sim.calibration.history import History

TABLES = (".csv", ".parquet")
OTHERWISE = "the extension says what is written: .csv or .parquet"


@click.command(short_help="Read a real telephone log into one clean table of calls.")
@click.argument("logs", metavar="LOG...", nargs=-1, required=True)
@log_options
@click.option("--out", metavar="FILE", help="Write the table there: .csv or .parquet.")
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON document.")
@general_options
@settings_of
def convert(
    settings: Settings,
    logs: tuple[str, ...],
    asked: LogAsked,
    out: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Reads a log of real calls and prints a table, a row for each call and queue, as CSV; what
    was found and what was left out goes to standard error.

    LOG is a file, also gzipped, - for standard input, NAME=FILE for a file whose calls are all of
    the queue NAME, or the folder of `run --out`. Several are one log. Formats: answers of
    VoIPBin's API with queuecalls, Asterisk's queue_log, FreeSWITCH's mod_callcenter, the
    Technion's bank data, and any table of calls with a header.

    \b
    Example:
      callsim new | callsim run - --replications 1 --out day && callsim convert day > calls.csv
    """
    file = None if out is None else new_file(out, TABLES, OTHERWISE, force=force)
    history = read_history(logs, asked, settings)

    from sim.calibration.summary import summary

    document = summary(history)
    if not settings.quiet:
        from sim.report.history import history_lines

        for line in history_lines(document):
            output.note(line)
    if file is not None:
        _write(history, file)
    if as_json:
        output.write_json(document)
    elif file is not None:
        output.write(f"{file}\n")
    else:
        from sim.calibration.written import written_csv

        for piece in written_csv(history):
            output.write_bytes(piece.encode("utf-8", "backslashreplace"))


def _write(history: History, file: Path) -> None:
    from sim.calibration.written import write_parquet, written_csv
    from sim.experiment.store import whole_file

    with whole_file(file) as out:
        if file.suffix.lower() == ".parquet":
            write_parquet(history, out)
        else:
            for piece in written_csv(history):
                out.write(piece.encode("utf-8", "backslashreplace"))
