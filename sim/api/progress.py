"""A progress bar in notebooks: plain HTML, so that nothing needs to be installed for it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

SHOWN_AFTER_S = 1.0
REFRESHED_AFTER_S = 0.2


@contextmanager
def progress_bar(wanted: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A function to be told (done, of all), or None outside notebooks or if not `wanted`.

    The bar appears after a second and goes away at the end.
    """
    display = _notebook_display() if wanted else None
    if display is None:
        yield None
        return
    bar = _Bar(display)
    try:
        yield bar.tell
    finally:
        bar.close()


def _notebook_display() -> Any:
    """IPython's `display`, if this code runs in a notebook's kernel."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if getattr(shell, "kernel", None) is None:
        return None
    from IPython.display import display

    return display


class _Bar:
    def __init__(self, display: Any) -> None:
        self._display = display
        self._due = time.monotonic() + SHOWN_AFTER_S
        self._handle: Any = None

    def tell(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + REFRESHED_AFTER_S
        self._show(
            f'<progress value="{done}" max="{total}"></progress> {done:,} of {total:,} replications'
        )

    def close(self) -> None:
        if self._handle is not None:
            self._show("")

    def _show(self, html: str) -> None:
        content = {"text/html": html, "text/plain": ""}
        if self._handle is None:
            self._handle = self._display(content, raw=True, display_id=True)
        else:
            self._handle.update(content, raw=True)
