"""The examples in Markdown pages: blocks of code, and the commands in them run as a reader would.

A block with `title="FILE"` is a file that the commands after it can read. A `sh` block holds
commands; a `console` block commands after `$ ` and what they print, in which a line `...` stands
for any lines and `...` in a line for any words. A comment `# exit code N` says how one ends.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from sim.cli.app import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_FENCE = re.compile(r'^```(\w*)(?: title="([^"]+)")?\n(.*?)^```$', re.M | re.S)
_EXIT = re.compile(r"# exit code (\d+)")


@dataclass(frozen=True)
class Block:
    """A fenced block; `line` is that of its first line in the page."""

    kind: str
    title: str | None
    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """A command as it stands in a page, how it ends, and what it prints (None: not shown)."""

    words: str
    exit_code: int
    shown: str | None


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in its order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found[1], found[2], found[3], text.count("\n", 0, found.start()) + 2)
        for found in _FENCE.finditer(text)
    ]


def commands(block: Block) -> Iterator[Command]:
    """The commands of a `sh` or `console` block."""
    text = block.text.replace("\\\n", " ")
    if block.kind == "console":
        for piece in re.split(r"^\$ ", text, flags=re.M)[1:]:
            words, _, shown = piece.partition("\n")
            yield Command(words, _exit_code(words), shown)
    elif block.kind == "sh":
        for words in text.splitlines():
            if words.strip():
                yield Command(words, _exit_code(words), None)


def run(words: str) -> tuple[int, str, str]:
    """Run a line of `callsim ...`, with pipes and `>`: its exit code, output and errors."""
    line = shlex.shlex(words, posix=True, punctuation_chars="|>")
    line.whitespace_split = True
    steps: list[list[str]] = [[]]
    into = None
    for word in line:
        if word == "|":
            steps.append([])
        elif word == ">":
            into = next(line)
        else:
            steps[-1].append(word)
    code, text, told = 0, "", ""
    for name, *arguments in steps:
        assert name == "callsim", words
        ended, text, errors = _call(arguments, text)
        code, told = code or ended, told + errors
    if into is not None:
        Path(into).write_text(text, encoding="utf-8")
    return code, "" if into else text, told


def matches(shown: str, printed: str) -> bool:
    """Whether a page shows what was printed, but for what it leaves out."""
    pattern = ""
    for line in shown.rstrip().splitlines():
        pieces = [re.escape(piece) for piece in line.split("...")]
        pattern += r"(?:.*\n)*" if line == "..." else ".*".join(pieces) + r"[ ]*\n"
    return re.fullmatch(pattern, printed.rstrip() + "\n") is not None


def _call(arguments: list[str], given: str) -> tuple[int, str, str]:
    put, told = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    source = io.TextIOWrapper(io.BytesIO(given.encode()), encoding="utf-8")
    with (
        patch.object(sys, "stdin", source),
        contextlib.redirect_stdout(put),
        contextlib.redirect_stderr(told),
    ):
        code = main(arguments)
    texts = []
    for stream in (put, told):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
    return code, texts[0], texts[1]


def _exit_code(words: str) -> int:
    found = _EXIT.search(words)
    return int(found[1]) if found else 0
