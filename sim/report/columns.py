"""Wide tables on narrow screens: columns that do not fit go on in a table below.

The first column, the row's name, is repeated; a number is never cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

_GAP = 2
_NAME_SHARE = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A heading (its lines separated by newlines) and a cell for every row."""

    heading: str
    cells: Sequence[str]
    justify: Literal["left", "right"] = "right"

    @property
    def width(self) -> int:
        """Screen cells that the widest line takes."""
        lines = [*self.heading.split("\n"), *self.cells]
        return max((cell_len(line) for line in lines), default=0)


def tables(
    title: str, name: Column, columns: Sequence[Column], width: int
) -> Iterator[tuple[Text, Table]]:
    """The rows as one table, or as several that are each at most `width` wide, with their titles.

    A name longer than a third of the width is folded over lines. A title may be wider than its
    table.
    """
    name_width = min(name.width, max(width // _NAME_SHARE, 8))
    room = width - name_width
    for place, part in enumerate(_packed(columns, room)):
        table = Table(
            box=box.SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
            pad_edge=False,
            show_edge=False,
        )
        table.add_column(_heading(name), max_width=name_width, overflow="fold")
        for column in part:
            table.add_column(_heading(column), justify=column.justify, no_wrap=True)
        for row, name_cell in enumerate(name.cells):
            table.add_row(Text(name_cell), *(Text(column.cells[row]) for column in part))
        yield Text(title if place == 0 else f"{title}, continued", style="bold"), table


def _heading(column: Column) -> Text:
    return Text(column.heading, justify=column.justify)


def _packed(columns: Sequence[Column], room: int) -> list[list[Column]]:
    """The columns in as few runs as fit in `room`, each run with at least one column."""
    runs: list[list[Column]] = [[]]
    left = room
    for column in columns:
        needed = column.width + _GAP
        if needed > left and runs[-1]:
            runs.append([])
            left = room
        runs[-1].append(column)
        left -= needed
    return runs
