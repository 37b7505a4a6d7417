"""The options that say how a real log is to be read, and its reading for a command."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from sim.cli import output
from sim.cli.failures import RefusedError
from sim.cli.settings import Settings

if TYPE_CHECKING:
    from sim.calibration.history import History

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class LogAsked:
    """What the options say, as given."""

    format: str | None
    queue: str | None
    time_zone: str | None
    columns: tuple[str, ...]
    dates: str | None
    wait_timeout: str | None
    first: str | None
    last: str | None


def log_options(function: Function) -> Function:
    """The options of a command that reads a log, which gets them together as `asked`."""

    @functools.wraps(function)
    def gathered(*arguments: Any, **options: Any) -> Any:
        asked = LogAsked(**{field.name: options.pop(field.name) for field in fields(LogAsked)})
        return function(*arguments, asked=asked, **options)

    made = cast(Function, gathered)
    for option in reversed(_OPTIONS):
        made = option(made)
    return made


_OPTIONS = (
    click.option(
        "--format",
        "format",
        metavar="NAME",
        help="Of the log: voipbin, table, technion, asterisk, freeswitch. [default: finds out]",
    ),
    click.option("--queue", metavar="NAME", help="The queue of calls that tell none."),
    click.option(
        "--time-zone",
        metavar="ZONE",
        help="Of times that tell none, and of days, such as Europe/Berlin. [default: the log's, or"
        " UTC]",
    ),
    click.option(
        "--columns",
        metavar="FIELD=HEADER,...",
        multiple=True,
        help="The columns of a table, by header or number, such as joined=Beginn,wait=Wartezeit."
        " Repeatable.",
    ),
    click.option(
        "--dates",
        type=click.Choice(["day-first", "month-first"]),
        help="How a table's dates such as 03/04/2026 are read where nothing in it tells."
        " [default: day-first]",
    ),
    click.option(
        "--wait-timeout",
        metavar="DURATION",
        help="Of the queues: who leaves within a second of it was timed out.",
    ),
    click.option("--from", "first", metavar="DATE", help="The first local day that counts."),
    click.option("--to", "last", metavar="DATE", help="The last local day that counts."),
)


def read_history(paths: Sequence[str], asked: LogAsked, settings: Settings) -> History:
    """The history in a log, of the days asked for. Raises RefusedError, ScenarioError."""
    from sim.calibration.formats.files import Asked
    from sim.calibration.period import within
    from sim.calibration.read import read_log

    first, last = day_asked(asked.first, "--from"), day_asked(asked.last, "--to")
    if first is not None and last is not None and last < first:
        raise RefusedError(f"--to {last} is before --from {first}")
    given = Asked(
        zone=None if asked.time_zone is None else _zone(asked.time_zone),
        queue=_queue(asked.queue),
        columns=_columns(asked.columns),
        month_first=None if asked.dates is None else asked.dates == "month-first",
        wait_timeout_s=_timeout(asked.wait_timeout),
    )
    if any(path == "-" or path.endswith("=-") for path in paths):
        if sys.stdin is None:
            raise RefusedError("standard input is closed")
        if output.is_terminal(sys.stdin) and not settings.quiet:
            output.note("Reading the log from standard input (end it with Ctrl-D).")
    return within(read_log(paths, format=asked.format, asked=given), first, last)


def day_asked(text: str | None, option: str) -> date | None:
    """The day that an option names, None for no limit. Raises RefusedError."""
    from sim.calibration.days import date_of

    if text is None:
        return None
    try:
        return date_of(text)
    except ValueError as error:
        raise RefusedError(f"{option}: {error}") from None


def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise RefusedError(
            f"--time-zone: no time zone `{name[:60]}`: write a name such as Europe/Berlin or UTC"
        ) from None


def _queue(name: str | None) -> str | None:
    if name is not None and not name.strip():
        raise RefusedError("--queue: the name is empty")
    return name


def _timeout(text: str | None) -> float | None:
    if text is None:
        return None
    from sim.scenario.units import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise RefusedError(f"--wait-timeout: {error}") from None


def _columns(given: Sequence[str]) -> dict[str, str | int]:
    """`FIELD=HEADER` parted by commas; a header may hold commas, as long as none looks like one."""
    found: dict[str, str | int] = {}
    last = None
    for part in (part for text in given for part in text.split(",")):
        field, equals, header = part.partition("=")
        if equals and field.strip().isidentifier():
            last = field.strip()
            found[last] = header.strip()
        elif last is not None:
            found[last] = f"{found[last]},{part}"
        else:
            raise RefusedError(f"--columns: expected FIELD=HEADER, found `{part}`")
    empty = [field for field, header in found.items() if not header]
    if empty:
        raise RefusedError(f"--columns: `{empty[0]}=` names no column")
    return {
        field: int(header) if str(header).isdigit() else header for field, header in found.items()
    }
