"""Standard output for the result, standard error for everything else."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from typing import Any

WIDTH_OF_A_FILE = 160
LEAST_WIDTH = 40


class ReaderGoneError(Exception):
    """Whoever read standard output has stopped reading: nothing is left to be done."""


def write(text: str) -> None:
    """Write a part of the result; characters that the output can't show are escaped."""
    stream = _stream()
    encoding = stream.encoding or "utf-8"
    text = text.encode(encoding, "backslashreplace").decode(encoding)
    with _failing_well():
        stream.write(text)


def write_json(document: Any) -> None:
    """Write one JSON document, in UTF-8 whatever the locale is."""
    text = json.dumps(document, allow_nan=False, ensure_ascii=False, indent=2)
    stream = _stream()
    with _failing_well():
        stream.flush()
        stream.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")


def write_bytes(content: bytes) -> None:
    """Write a part of the result that is no text."""
    stream = _stream()
    with _failing_well():
        stream.flush()
        stream.buffer.write(content)


def flush() -> None:
    """Have everything written, so that a failure shows while it can be reported."""
    if sys.stdout is not None:
        with _failing_well():
            sys.stdout.flush()


def note(text: str) -> None:
    """A line on standard error; nobody there to read it is no failure."""
    if sys.stderr is None:
        return
    encoding = sys.stderr.encoding or "utf-8"
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        sys.stderr.flush()


def warn(warnings: Iterable[str]) -> None:
    """Warnings on standard error, a line each."""
    for warning in warnings:
        note(f"warning: {warning}")


def width() -> int:
    """Columns of the terminal (or COLUMNS); room enough where there is none."""
    return max(shutil.get_terminal_size((WIDTH_OF_A_FILE, 24)).columns, LEAST_WIDTH)


def colour(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether standard output takes styles: NO_COLOR, then FORCE_COLOR, else a terminal."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    return is_terminal(sys.stdout) and environment.get("TERM") != "dumb"


def ascii_only() -> bool:
    """Whether standard output knows no more than ASCII, or not what a report needs."""
    try:
        "±–─━".encode(_stream().encoding or "utf-8")
    except UnicodeEncodeError:
        return True
    return False


def is_terminal(stream: Any) -> bool:
    """Whether somebody watches the stream."""
    return stream is not None and not stream.closed and stream.isatty()


def discard() -> None:
    """Point a standard output that can't be written to at nothing.

    Else the interpreter tries once more at exit, and complains.
    """
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def _stream() -> Any:
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed")
    return sys.stdout


@contextlib.contextmanager
def _failing_well() -> Any:
    try:
        yield
    except BrokenPipeError as error:
        discard()
        raise ReaderGoneError from error
    except OSError as error:
        discard()
        raise OSError(error.errno, error.strerror, "standard output") from error
