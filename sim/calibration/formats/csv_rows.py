"""The rows of a CSV file with a header, in any common dialect, and what is broken in it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from sim.calibration.formats.files import LogFile
from sim.calibration.formats.parquet import Row

DELIMITERS = "\t;,|"


def csv_cells(line: str) -> list[str]:
    """The cells of a line; none of what is no CSV."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=_delimiter(line)), [])
    except csv.Error:
        return []


def _delimiter(line: str) -> str:
    """That of which the header has most."""
    return max(DELIMITERS, key=lambda mark: (line.count(mark), mark == ","))


def csv_rows(file: LogFile) -> tuple[list[str], Iterator[Row]]:
    """The header, and the rows with the line on which each ends; empty lines are passed over."""
    lines = file.text_lines()
    before, first = next(((i, line) for i, line in enumerate(lines, 1) if line.strip()), (0, ""))
    rows = csv.reader(lines, delimiter=_delimiter(first))
    header = [cell.strip() for cell in csv_cells(first)]
    return header, _rows(rows, before, len(header))


def _rows(rows: Any, before: int, width: int) -> Iterator[Row]:
    """Rows with the line on which each ends. A row that is broken over lines and has not the
    header's cells is a quote that nothing closes: each of its lines is a row that can't be read."""
    begin = 0
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            cells = []
            broken = True
        else:
            broken = rows.line_num - begin > 1 and len(cells) != width
        if broken:
            yield from ((line + before, ()) for line in range(begin + 1, rows.line_num + 1))
        elif cells and any(cells):
            yield rows.line_num + before, cells
        begin = rows.line_num
