"""`callsim plot`: a figure of a result, as PNG or SVG."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli import output
from sim.cli.failures import RefusedError
from sim.cli.settings import Settings, Whole, general_options, settings_of

if TYPE_CHECKING:
    from sim.report.saved import Saved

FORMATS = ("png", "svg")
_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*[x×]\s*([0-9]+(?:\.[0-9]+)?)\s*", re.I)
_CLOCK = re.compile(r"([0-9]{1,3}):([0-5][0-9])(?::([0-5][0-9]))?")


@click.command(short_help="Draw a figure of a result.")
@click.argument("result_path", metavar="RESULT")
@click.option("--figure", metavar="NAME", help="Which figure; without it the figures are listed.")
@click.option("--list", "only_list", is_flag=True, help="List the figures that RESULT can give.")
@click.option(
    "--queue",
    metavar="NAME",
    help="Of this queue. [default: all together; in `flow` the one with a flow and most calls]",
)
@click.option("--metric", metavar="NAME", help="Of this metric alone, where there are several.")
@click.option("--x", "x", metavar="PATH", help="The setting of a sweep along the x axis.")
@click.option("--y", "y", metavar="PATH", help="The setting of a sweep along the y axis.")
@click.option("--replication", type=Whole(min=0), help="Of this replication. [default: 0]")
@click.option("--from", "from_", metavar="TIME", help="From this time, such as 10:15 or 90min.")
@click.option("--to", metavar="TIME", help="To this time.")
@click.option(
    "--out",
    metavar="FILE",
    help="Write to this file, .png or .svg; - is standard output. [default: NAME.png]",
)
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), help="[default: as FILE's name says, or png]"
)
@click.option("--size", metavar="WxH", help="In inches. [default: 13.33x7.5, a slide]")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True)
@general_options
@settings_of
def plot(
    settings: Settings,
    result_path: str,
    figure: str | None,
    only_list: bool,
    queue: str | None,
    metric: str | None,
    x: str | None,
    y: str | None,
    replication: int | None,
    from_: str | None,
    to: str | None,
    out: str | None,
    force: bool,
    format_: str | None,
    size: str | None,
    theme: str,
) -> None:
    """Draws a figure of RESULT and says where it is.

    RESULT is a folder that `run --out` or `sweep --out` has written, a file with what --json
    prints, or - for that on standard input. Without --figure, the figures that it can give are
    listed.

    \b
    Examples:
      callsim new | callsim run - --intervals --json | callsim plot - --figure waits --force
      callsim new | callsim run - --json | callsim plot - --list
    """
    from sim.report.figures import FigureError, draw, kind_of, why_not
    from sim.report.saved import open_result

    _say_that_it_is_read(result_path, settings)
    saved = open_result(result_path)
    if only_list or figure is None:
        _list(saved)
        return
    name = kind_of(figure).name
    reason = why_not(name, saved)
    if reason is not None:
        raise FigureError(reason)
    target = _target(out, name, format_)
    _check(target, force=force)
    given = {
        "queue": queue, "metric": metric, "x": x, "y": y, "replication": replication,
        "from_s": _seconds("--from", from_, saved), "to_s": _seconds("--to", to, saved),
    }  # fmt: skip
    options: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    made = draw(name, saved, theme=theme, size=_inches(size), **options)

    from sim.report.figures.style import to_png, to_svg

    as_svg = (format_ or _suffix(target)) == "svg"
    content = to_svg(made).encode("utf-8") if as_svg else to_png(made)
    if target is None:
        output.write_bytes(content)
        return

    from sim.experiment.store import whole_file

    with whole_file(target) as file:
        file.write(content)
    output.write(f"{target}\n")


def _list(saved: Saved) -> None:
    """The figures that there are; of those that can't be drawn, why."""
    from sim.report.figures import FIGURES, why_not

    known = {name: figure for name, figure in FIGURES.items() if saved.kind in figure.kinds}
    width = max(map(len, known), default=0) + 2
    lines = []
    for name, figure in known.items():
        reason = why_not(name, saved)
        lines.append(f"{name:<{width}}{figure.shows}")
        if reason is not None:
            lines.append(f"{'':<{width}}({reason})")
    none = f"There is no figure of a {saved.kind}."
    output.write("\n".join(lines or [none]) + "\n")


def _target(out: str | None, name: str, format_: str | None) -> Path | None:
    """The file to be written, None for standard output. Its name says how, unless told."""
    if out == "-":
        if output.is_terminal(sys.stdout):
            raise RefusedError("--out -: standard output is a terminal, which shows no figures")
        return None
    path = Path(f"{name}.{format_ or 'png'}") if out is None else Path(out)
    if format_ is None and _suffix(path) not in FORMATS:
        raise RefusedError(f"--out {path}: a figure is a .png or an .svg (or say --format)")
    return path


def _suffix(path: Path | None) -> str:
    return "png" if path is None else path.suffix.lower().removeprefix(".")


def _check(path: Path | None, *, force: bool) -> None:
    """Refuse, before any time is spent, what can't be written."""
    if path is None:
        return
    if path.is_dir():
        raise RefusedError(f"--out {path} is a folder; say which file")
    if path.exists() and not force:
        raise RefusedError(f"{path} is there already; another --out, or overwrite it with --force")
    if not path.parent.is_dir():
        raise RefusedError(f"--out {path}: there is no folder {path.parent}")


def _inches(told: str | None) -> tuple[float, float] | None:
    if told is None:
        return None
    found = _SIZE.fullmatch(told)
    if found is None:
        raise RefusedError(f"--size: width x height in inches, such as 13.33x7.5, found {told!r}")
    return float(found[1]), float(found[2])


def _seconds(option: str, told: str | None, saved: Saved) -> float | None:
    """A time as seconds from the start: a duration, or `10:15` as it stands on the axes.

    That is a clock time where the scenario has a start, else hours and minutes from 0.
    """
    if told is None:
        return None
    clock = _CLOCK.fullmatch(told.strip())
    if clock is not None:
        seconds = 3600.0 * int(clock[1]) + 60.0 * int(clock[2]) + float(clock[3] or 0)
        from sim.report.clock import since_midnight, start_of

        start = start_of(saved.document)
        return seconds if start is None else seconds - since_midnight(start)
    from sim.scenario.units import parse_duration

    try:
        return parse_duration(told)
    except ValueError as error:
        raise RefusedError(f"{option}: {error}") from error


def _say_that_it_is_read(path: str, settings: Settings) -> None:
    if path == "-" and output.is_terminal(sys.stdin) and not settings.quiet:
        output.note("Reading a result from standard input (end it with Ctrl-D).")
