"""CSV files as planners have them: any common delimiter, decimal commas, a header or none."""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim.scenario.errors import Problem, did_you_mean, list_names
from sim.scenario.nodes import Source

MAX_ROWS = 1_000_000
HEAD_ROWS = 50
Row = tuple[int, list[str]]
"""The number of the line on which a row stands, and its cells."""

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
    rows: list[Row]
    delimiter: str = ","

    def error(self, line: int, message: str, column: int | None = None) -> TableError:
        """A problem in a line of this table, at a column (from 0) where one is to blame."""
        text = self.source.line(line)
        at = 1 if column is None else _cell_at(text, self.delimiter, column)
        return TableError(Problem(self.source.name, line, at, "", message, text))

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

    def cell(self, row: Row, column: int) -> str:
        """A cell's text; it must not be empty."""
        text = self.text(row, column)
        if not text:
            raise self.error(row[0], f"column {column + 1} of this line is empty", column)
        return text

    def text(self, row: Row, column: int | None) -> str:
        """A cell's text; empty where there is no such column."""
        cells = row[1]
        return cells[column].strip() if column is not None and column < len(cells) else ""


def read_table(source: Source) -> Table:
    """The table of a text. The header is a first row without any number."""
    head, rows = scan_table(source)
    return Table(source, head.header, list(rows), head.delimiter)


def scan_table(source: Source, max_rows: int = MAX_ROWS) -> tuple[Table, Iterator[Row]]:
    """The table of a text with its first rows only, and all rows to be gone through once.

    Both raise TableError: for no rows, too many of them, or what is not CSV.
    """
    delimiter = _delimiter(source)
    rows = _rows(source, delimiter, max_rows + 1)
    first = list(itertools.islice(rows, HEAD_ROWS))
    header = None
    if first and not any(any(ch.isdigit() for ch in c[:1] + c[-1:]) for c in first[0][1]):
        header = tuple(cell.strip() for cell in first[0][1])
        first = first[1:]
    table = Table(source, header, first, delimiter)
    if not first:
        raise table.error(1, "the table has no rows")
    return table, itertools.chain(first, rows)


def _rows(source: Source, delimiter: str, max_rows: int) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=delimiter)
    n = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                n += 1
                if n > max_rows:
                    message = f"more than {max_rows - 1:,} rows"
                    raise TableError(Problem(source.name, reader.line_num, 1, "", message))
                yield reader.line_num, cells
    except csv.Error as error:
        message = f"not a CSV file: {error}"
        raise TableError(Problem(source.name, reader.line_num, 1, "", message)) from None


def _cell_at(line: str, delimiter: str, column: int) -> int:
    """The place in its line, from 1, at which a cell begins."""
    inside, n = False, 0
    for at, ch in enumerate(line):
        if n == column:
            return at + 1
        inside ^= ch == '"'
        n += ch == delimiter and not inside
    return max(1, len(line) + 1 if n == column else len(line))


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
    head = source.text[:100_000].split("\n")
    whole = head if len(source.text) <= 100_000 else head[:-1]
    lines = [line for line in whole[:HEAD_ROWS] if line.strip()]
    for mark in ("\t", ";"):
        if lines and all(mark in line for line in lines):
            return mark
    return ","
