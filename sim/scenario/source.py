"""Reading what a scenario is made of: its own file or standard input, and the files it names.

Each way in which a file can't be read becomes one clear problem.
"""

from __future__ import annotations

import sys
from pathlib import Path as FilePath

from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.nodes import Source
from sim.scenario.reader import MAX_BYTES

MAX_TABLE_BYTES = 20_000_000


def read_source(path: str | FilePath) -> Source:
    """The text of a scenario file; `-` is standard input."""
    name = str(path)
    if name == "-":
        raw = sys.stdin.buffer.read(MAX_BYTES + 1)
        return Source("<stdin>", decoded(raw, "<stdin>", MAX_BYTES))
    return Source(name, decoded(read_bytes(FilePath(path), name, MAX_BYTES), name, MAX_BYTES))


def read_bytes(path: FilePath, name: str, limit: int) -> bytes:
    """At most one byte more than `limit` of a file."""
    try:
        if path.is_dir():
            raise _refused(name, "is a folder, not a file")
        if path.exists() and not path.is_file() and not path.is_fifo():
            raise _refused(name, "is not a regular file")
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        raise _refused(name, "no such file") from None
    except PermissionError:
        raise _refused(name, "may not be read (permission denied)") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refused(name, f"can't be read ({reason})") from None


def decoded(raw: bytes, name: str, limit: int) -> str:
    """UTF-8 text of at most `limit` bytes."""
    if len(raw) > limit:
        raise _refused(name, f"is larger than {limit / 1e6:g} MB: too large for this kind of file")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(name, "is UTF-16 text: save it as UTF-8")
    if b"\0" in raw:
        raise _refused(name, "is a binary file, not text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        message = f"is not UTF-8 text (byte 0x{raw[error.start]:02x}): save it as UTF-8"
        raise ScenarioError([Problem(name, line, column, "", message)]) from None


def _refused(name: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(name, 0, 0, "", message)])
