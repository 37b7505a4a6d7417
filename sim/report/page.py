"""Blocks of text for a terminal or a file: titles, paragraphs and tables, blank lines between."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Protocol

from rich.console import Console
from rich.text import Text

from sim.report import text
from sim.report.columns import Column, tables

PROSE_WIDTH = 100
_TIED = re.compile(r"(?<=\d) (?=%)|(?<=%) (?=±|\+/-)|(?<=±) (?=\d)|(?<=\+/-) (?=\d)")
_TIE = "\ue000"


class Blocks(Protocol):
    """What a report is made of, whatever shows it."""

    def title(self, line: str) -> None:
        """A heading."""

    def prose(self, line: str, style: str = "") -> None:
        """A paragraph; the style is `dim` for what only accompanies."""

    def table(self, title: str, name: Column, columns: Sequence[Column]) -> None:
        """Rows with their names in the first column."""


class Page:
    """Blocks of text with a blank line between them."""

    def __init__(self, width: int, colour: bool, ascii_only: bool) -> None:
        self._out = io.StringIO()
        self._width = width
        self._colour = colour
        self._ascii_only = ascii_only
        self._console = Console(
            file=self._out,
            width=width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            _environ={},
        )
        self._begun = False

    def title(self, line: str) -> None:
        self._gap()
        self._console.print(Text(self._safe(line), style="bold"))

    def prose(self, line: str, style: str = "") -> None:
        """A paragraph; `80.1 % ± 0.6` stays on one line."""
        self._gap()
        width = min(self._width, PROSE_WIDTH)
        tied = _TIED.sub(_TIE, self._safe(line))
        self._console.print(Text(tied, style=style), width=width)

    def table(self, title: str, name: Column, columns: Sequence[Column]) -> None:
        name, columns = self._column(name), [self._column(column) for column in columns]
        for heading, table in tables(self._safe(title), name, columns, self._width):
            self._gap()
            self._console.print(heading)
            self._console.print(table)

    def text(self) -> str:
        shown = self._out.getvalue().replace(_TIE, " ")
        lines = (shown.replace("─", "-") if self._ascii_only else shown).splitlines()
        return "".join(f"{line if self._colour else line.rstrip()}\n" for line in lines)

    def _gap(self) -> None:
        if self._begun:
            self._console.print()
        self._begun = True

    def _column(self, column: Column) -> Column:
        cells = [self._safe(cell) for cell in column.cells]
        return Column(self._safe(column.heading), cells, column.justify)

    def _safe(self, line: str) -> str:
        return as_ascii(line) if self._ascii_only else line


def as_ascii(line: str) -> str:
    """`line` for an output that knows no other characters."""
    line = line.replace("±", "+/-").replace("−", "-").replace(text.NOTHING, "-")
    return line.encode("ascii", "backslashreplace").decode("ascii")
