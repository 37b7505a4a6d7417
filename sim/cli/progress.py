"""Progress on standard error: a bar if somebody watches it, a line now and then for long work."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sim.cli import output
from sim.cli.settings import Settings

EVERY_S = 10.0


@contextmanager
def progress(settings: Settings) -> Iterator[Callable[[int, int], None] | None]:
    """A function to be told (done, of all), or None when nobody wants to know."""
    if settings.quiet or not output.is_terminal(sys.stderr):
        yield None
        return
    with _bar("Replications") as tell:
        yield tell


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (what, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell


@contextmanager
def progress_in_lines(settings: Settings, what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Like `progress` for long work: where nobody watches, a line every ten seconds."""
    if settings.quiet:
        yield None
        return
    if output.is_terminal(sys.stderr):
        with _bar(what) as tell:
            yield tell
        return
    begin = last = time.monotonic()
    at_first: int | None = None

    def tell_a_line(done: int, total: int) -> None:
        nonlocal last, at_first
        now = time.monotonic()
        at_first = done if at_first is None else at_first
        if now - last < EVERY_S:
            return
        last = now
        left = ""
        if done > at_first:
            seconds = (now - begin) / (done - at_first) * (total - done)
            left = f", about {seconds:,.0f} s left"
        output.note(f"{what}: {done:,} of {total:,}{left}")

    yield tell_a_line


@contextmanager
def working(settings: Settings) -> Iterator[Callable[[str, int], None] | None]:
    """A function to be told what is being done and how many replications have been simulated."""
    if settings.quiet or not output.is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.status import Status

    with Status("searching", console=Console(stderr=True)) as status:
        yield lambda doing, done: status.update(f"{doing}: {done:,} replications")
