"""A progress bar in notebooks: plain HTML, so that nothing needs to be installed for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from sim.api.scenario import Scenario
from sim.experiment.compiling import notice as notice_of

SHOWN_AFTER_S = 1.0
REFRESHED_AFTER_S = 0.2


@contextmanager
def progress_bar(
    wanted: bool, of: str = "replications", notice: Callable[[], str | None] | None = None
) -> Iterator[Callable[[int, int], None] | None]:
    """A function to be told (done, of all), or None outside notebooks or if not `wanted`.

    The bar appears after a second and goes away at the end. `notice` gives a line to begin with,
    such as that compiling takes a while, or None; it is shown in the bar's place, or, outside
    notebooks, on standard error if that is a terminal.
    """
    display = _notebook_display() if wanted else None
    watched = display is not None or (wanted and sys.stderr is not None and sys.stderr.isatty())
    line = notice() if notice is not None and watched else None
    if display is None:
        if line is not None:
            print(line, file=sys.stderr, flush=True)
        yield None
        return
    bar = _Bar(display, of)
    try:
        if line is not None:
            bar.say(line)
        yield bar.tell
    finally:
        bar.close()


def compiling(
    engine: str, scenarios: Iterable[Scenario], intervals: bool = False, calls: bool = False
) -> Callable[[], str | None]:
    """What to say, when somebody watches, of compiling what these scenarios need."""

    def line() -> str | None:
        if engine == "simpy":
            return None
        models = (scenario.model for scenario in scenarios)
        return notice_of(models, by_interval=intervals, log=calls)

    return line


def _notebook_display() -> Any:
    """IPython's `display`, if this code runs in a notebook's kernel."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if getattr(shell, "kernel", None) is None:
        return None
    from IPython.display import display

    return display


class _Bar:
    def __init__(self, display: Any, of: str) -> None:
        self._display = display
        self._of = of
        self._due = time.monotonic() + SHOWN_AFTER_S
        self._handle: Any = None

    def tell(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + REFRESHED_AFTER_S
        self._show(
            f'<progress value="{done}" max="{total}"></progress> {done:,} of {total:,} {self._of}'
        )

    def say(self, line: str) -> None:
        """Show a line of text until the bar takes its place."""
        self._show(escape(line))

    def close(self) -> None:
        if self._handle is not None:
            self._show("")

    def _show(self, html: str) -> None:
        content = {"text/html": html, "text/plain": ""}
        if self._handle is None:
            self._handle = self._display(content, raw=True, display_id=True)
        else:
            self._handle.update(content, raw=True)
