"""Processes of this machine: how many there may be, and how one is started."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any

FORKS = sys.platform == "linux"
"""Whether a process starts as a copy of this one, with all that is loaded and compiled."""


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def started(target: Callable[..., None], *args: Any) -> Any:
    """A new process at work on `target(*args)`. It ends with this one, and Ctrl-C is not for it:
    that reaches all, and who started the others ends them.
    """
    start: Any = multiprocessing.get_context("fork" if FORKS else "spawn")
    process = start.Process(target=_deaf, args=(target, args), daemon=True)
    with _uninterrupted():
        process.start()
    return process


def _deaf(target: Callable[..., None], args: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    target(*args)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold back Ctrl-C while a process starts, which begins with it held back."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
