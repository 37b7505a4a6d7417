"""A log's files as readers take them: lines of text with their numbers, whatever holds them.

gzip is seen through. Text is UTF-8, with a byte order mark or without, or UTF-16 with one; a line
that is not UTF-8 is read as Windows-1252 and told. What is odd is kept in the file's `notes`.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TypeVar

from sim.calibration.formats.unpacking import unpacked
from sim.scenario.errors import Problem, ScenarioError

HEAD_BYTES = 65_536
DEFAULT_QUEUE = "calls"
"""The queue of calls that tell none, where nobody else does."""
TIMEOUT_WITHIN_S = 1.0
"""An abandonment this near to the queue's timeout was by the timeout."""
MAX_LINE = 1_000_000
"""Bytes of a line; what follows in a longer one is left out and told."""
PIECE_CHARACTERS = 1_000_000
STDIN = "-"

Piece = TypeVar("Piece", str, bytes)

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"
_TEXT_CONTROLS = b"\t\n\v\f\r\x1b"
_BINARY_SHARE = 0.01
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or another ZIP archive: save it as CSV, or unpack it",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save it as CSV",
    b"BZh": "compressed with bzip2: unpack it first (gzip is read as it is)",
    b"\xfd7zXZ": "compressed with xz: unpack it first (gzip is read as it is)",
    b"(\xb5/\xfd": "compressed with zstd: unpack it first (gzip is read as it is)",
    b"%PDF": "a PDF document, not a log",
    b"SQLite format 3": "a database: export the calls as CSV",
}


@dataclass(frozen=True)
class Asked:
    """What the user said about a log.

    `zone` is the clock of times that do not tell their own, and that on which days are told; None
    is for the format to choose. `queue` is the queue of calls that tell none. `columns` names a
    table's fields by header or number from 1; `month_first` is how dates such as 03/04/2026 are
    read, where nothing in them tells; `wait_timeout_s` is that of every queue, 0 for none.
    """

    zone: tzinfo | None = None
    queue: str | None = None
    columns: Mapping[str, str | int] = field(default_factory=dict)
    month_first: bool | None = None
    wait_timeout_s: float | None = None

    def is_timeout(self, wait_s: float) -> bool:
        """Whether a wait that ended without an answer ended with the timeout that was told."""
        limit_s = self.wait_timeout_s
        return bool(limit_s) and abs(wait_s - limit_s) <= TIMEOUT_WITHIN_S  # type: ignore[operator]

    def zone_or_utc(self) -> tzinfo:
        """The zone, UTC where none was named."""
        return UTC if self.zone is None else self.zone


@dataclass(frozen=True, eq=False)
class LogFile:
    """One file of a log. `path` `-` is standard input; `queue` is told by `NAME=FILE`, and then is
    the queue of all calls in it."""

    path: str
    queue: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What messages call it."""
        return "<stdin>" if self.path == STDIN else self.path

    def error(self, message: str, line: int = 0, source: str = "") -> ScenarioError:
        """One problem of this file, at a line where one is to blame."""
        return ScenarioError([self.problem(message, line, source)])

    def problem(self, message: str, line: int = 0, source: str = "") -> Problem:
        """What is wrong, at a line where one is to blame."""
        return Problem(self.name, line, 1 if line else 0, "", message, source)

    @cached_property
    def raw_head(self) -> bytes:
        """The first 64 KB, unpacked. Raises ScenarioError for a file that can't be read."""
        with self.opened() as file:
            return self._read(unpacked(file, lambda: None).read, HEAD_BYTES)

    @cached_property
    def head(self) -> str:
        """The text of the first 64 KB; of a binary file too, for its first letters."""
        raw = self.raw_head
        if raw.startswith(_UTF16):
            return raw.decode("utf-16", "replace")
        return raw.removeprefix(_BOM).decode("utf-8", "replace")

    def lines(self) -> Iterator[tuple[int, str]]:
        """Each line with its number from 1, without its end; empty ones too.

        Raises ScenarioError for a file that can't be read or is not text.
        """
        for number, line in enumerate(self.text_lines(), 1):
            yield number, line.rstrip("\r\n")

    def text_lines(self) -> Iterator[str]:
        """The lines with their ends, as a CSV reader wants them."""
        self.check_text()
        with self.opened() as packed:
            file = unpacked(packed, self._note_damage)
            if self.raw_head.startswith(_UTF16):
                text = io.TextIOWrapper(file, "utf-16", "replace", newline="")
                while line := self._read(text.readline, MAX_LINE):
                    yield line
            else:
                yield from self._utf8_lines(file)

    def pieces(self) -> Iterator[str]:
        """The text in pieces of about 1 MB that end anywhere; bytes that are no UTF-8 become
        U+FFFD, which is told."""
        self.check_text()
        encoding = "utf-16" if self.raw_head.startswith(_UTF16) else "utf-8-sig"
        with self.opened() as packed:
            file = unpacked(packed, self._note_damage)
            text = io.TextIOWrapper(file, encoding, "replace", newline="")
            told = False
            while piece := self._read(text.read, PIECE_CHARACTERS):
                if not told and "\ufffd" in piece:
                    told = True
                    self.notes.append(f"{self.name}: some of its text is not UTF-8")
                yield piece

    def check_text(self) -> None:
        """Raises ScenarioError unless the file can be read and begins like text."""
        raw = self.raw_head
        for magic, what in _MAGIC.items():
            if raw.startswith(magic):
                raise self.error(f"is {what}")
        if raw.startswith(_UTF16):
            return
        controls = sum(raw.count(byte) for byte in range(32) if byte not in _TEXT_CONTROLS)
        if controls > _BINARY_SHARE * len(raw):
            raise self.error("is a binary file, not text")

    def _utf8_lines(self, file: BinaryIO) -> Iterator[str]:
        """Block by block, as one line at a time would cost more than what is done with it."""
        odd = _Oddities()
        rest, goes_on, is_first = b"", False, True
        while block := self._read(file.read, PIECE_CHARACTERS):
            if is_first:
                block, is_first = block.removeprefix(_BOM), False
            if goes_on:
                _, end, block = block.partition(b"\n")
                goes_on = not end
            block = rest + block
            whole = block.rfind(b"\n") + 1
            yield from odd.decoded(block[:whole])
            rest = block[whole:]
            if len(rest) > MAX_LINE:
                odd.n_long += 1
                yield from odd.decoded(rest[:MAX_LINE] + b"\n")
                rest, goes_on = b"", True
        if rest:
            yield from odd.decoded(rest)
        if odd.n_bad:
            self.notes.append(
                f"{self.name}: not UTF-8, so read as Windows-1252 (Latin-1): {odd.n_bad} of its"
                f" lines, the first of them line {odd.first_bad}"
            )
        if odd.n_long:
            self.notes.append(
                f"{self.name}: the rest of a line after {MAX_LINE:,} bytes is left out,"
                f" of {odd.n_long}"
            )

    def _note_damage(self) -> None:
        self.notes.append(
            f"{self.name}: its compressed data is cut off or damaged; read up to there"
        )

    def _read(self, read: Callable[[int], Piece], size: int) -> Piece:
        try:
            return read(size)
        except OSError as error:
            raise self.error(f"can't be read ({error.strerror or error})") from None

    def opened(self) -> BinaryIO:
        """Its bytes as they are, from the beginning, to be closed by who asked. What comes through
        a pipe can be asked for again. Raises ScenarioError for a file that can't be read."""
        if self.path == STDIN:
            return io.BytesIO(self._stdin)
        path = Path(self.path)
        try:
            if path.is_dir():
                raise self.error("is a folder, not a file: name the files in it")
            if path.exists() and not path.is_file() and not path.is_fifo():
                raise self.error("is not a regular file")
            if path.is_fifo():
                return io.BytesIO(self._piped)
            return path.open("rb")
        except FileNotFoundError:
            raise self.error("no such file") from None
        except PermissionError:
            raise self.error("may not be read (permission denied)") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise self.error(f"can't be read ({reason})") from None

    @cached_property
    def _stdin(self) -> bytes:
        if sys.stdin is None:
            raise self.error("standard input is closed")
        return sys.stdin.buffer.read()

    @cached_property
    def _piped(self) -> bytes:
        return Path(self.path).read_bytes()


@dataclass
class _Oddities:
    """Lines decoded, and what was odd about them."""

    n_lines: int = 0
    n_bad: int = 0
    first_bad: int = 0
    n_long: int = 0

    def decoded(self, block: bytes) -> list[str]:
        """The lines of whole lines, with their ends."""
        try:
            *whole, last = block.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            first = self.n_lines + 1
            *whole, last = (self._line(raw, i) for i, raw in enumerate(block.split(b"\n"), first))
        lines = [f"{line}\n" for line in whole] + ([last] if last else [])
        self.n_lines += len(lines)
        return lines

    def _line(self, raw: bytes, number: int) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            self.n_bad += 1
            self.first_bad = self.first_bad or number
            return raw.decode("cp1252", "replace")
