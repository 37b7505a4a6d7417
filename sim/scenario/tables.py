"""CSV files as planners have them: any common delimiter, decimal commas, a header or none."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sim.scenario.errors import Problem, did_you_mean, list_names
from sim.scenario.nodes import Source

MAX_ROWS = 1_000_000
_NUMBER = re.compile(r"[-+]?(?:[0-9]{1,300}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")


class TableError(Exception):
    """A table that can't be used; `problem` says where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True)
class Table:
    """Rows of text with the number of the line on which each stands."""

    source: Source
    header: tuple[str, ...] | None
    rows: list[tuple[int, list[str]]]

    def error(self, line: int, message: str) -> TableError:
        """A problem in a line of this table."""
        text = self.source.line(line)
        return TableError(Problem(self.source.name, line, 1, "", message, text))

    def column(self, wanted: str | int | None, known: Sequence[str]) -> int | None:
        """The place of a column: by header or number from 1, else by one of the known names."""
        if isinstance(wanted, int):
            width = max((len(row) for _, row in self.rows), default=0)
            if not 1 <= wanted <= width:
                raise self.error(1, f"there is no column {wanted}: the table has {width}")
            return wanted - 1
        lowered = [name.lower() for name in self.header or ()]
        if wanted is not None:
            if self.header is None:
                raise self.error(
                    1, f"no column `{wanted}`: the table has no header, so give its number"
                )
            if wanted.strip().lower() not in lowered:
                raise self.error(
                    1,
                    f"no column `{wanted}`: the columns are {list_names(self.header)}"
                    f"{did_you_mean(wanted, self.header)}",
                )
            return lowered.index(wanted.strip().lower())
        return next((lowered.index(name) for name in known if name in lowered), None)

    def cell(self, row: tuple[int, list[str]], column: int) -> str:
        """A cell's text; it must not be empty."""
        line, cells = row
        text = cells[column].strip() if column < len(cells) else ""
        if not text:
            raise self.error(line, f"column {column + 1} of this line is empty")
        return text


def read_table(source: Source) -> Table:
    """The table of a text. The header is a first row without any number."""
    delimiter = _delimiter(source)
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(source.text.splitlines(), delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, cells))
            if len(rows) > MAX_ROWS:
                raise TableError(
                    Problem(source.name, reader.line_num, 1, "", f"more than {MAX_ROWS:,} rows")
                )
    except csv.Error as error:
        raise TableError(
            Problem(source.name, reader.line_num, 1, "", f"not a CSV file: {error}")
        ) from None
    header = None
    if rows and not any(any(ch.isdigit() for ch in cell[:1] + cell[-1:]) for cell in rows[0][1]):
        header = tuple(cell.strip() for cell in rows[0][1])
        rows = rows[1:]
    table = Table(source, header, rows)
    if not rows:
        raise table.error(1, "the table has no rows")
    return table


def number(text: str) -> float | None:
    """A number with a decimal point or a decimal comma; None if it is not one."""
    plain = text.strip().replace("\u00a0", "").replace(" ", "")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if _NUMBER.fullmatch(plain) is None:
        return None
    value = float(plain)
    return value if math.isfinite(value) else None


def _delimiter(source: Source) -> str:
    """The delimiter found most evenly in the first lines; a comma where there is none."""
    lines = [line for line in source.lines[:50] if line.strip()]
    for mark in ("\t", ";"):
        if lines and all(mark in line for line in lines):
            return mark
    return ","
