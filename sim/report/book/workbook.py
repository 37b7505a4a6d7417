"""A book as an Excel workbook: real numbers with formats, a sheet per subject, a native chart.

Texts are written as texts whatever they begin with. The bytes depend on the book alone.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import xlsxwriter

from sim.report import text
from sim.report.book.parts import Book, Chart, Field, Kind, Table

_CREATED = datetime(2000, 1, 1)
"""Written into every workbook, so that the same result gives the same file."""
_MOST_CHARACTERS = 32_767
"""A cell of a worksheet holds no more."""
_MOST_ROWS = 1_048_576
_WIDEST, _NARROWEST = 60, 9
_FORMATS = {
    Kind.TEXT: "@",
    Kind.FACT: "General",
    Kind.COUNT: "#,##0.00",
    Kind.SHARE: "0.0%",
    Kind.SECONDS: "#,##0.0",
    Kind.NUMBER: "#,##0.00",
}
_UNITS = {Kind.COUNT: "per replication", Kind.SECONDS: "s"}
SUMMARY = "Summary"


def workbook(book: Book) -> bytes:
    """The whole file."""
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    _Writer(xlsxwriter.Workbook(out, options), book).write()
    return out.getvalue()


def headings(field: Field) -> list[str]:
    """The headings of a field's columns: its unit is in them, estimates have their bounds."""
    unit = _UNITS.get(field.kind)
    heading = field.heading
    if unit is not None and field.kinds is None:
        heading += f" ({unit})" if len(unit) == 1 else f" {unit}"
    if not field.estimates:
        return [heading]
    return [heading, f"{heading} at least", f"{heading} at most"]


class _Writer:
    def __init__(self, file: Any, book: Book) -> None:
        self._file = file
        self._book = book
        self._formats: dict[Any, Any] = {}
        file.set_properties({"title": _cut(book.title), "created": _CREATED})

    def write(self) -> None:
        summary = self._file.add_worksheet(SUMMARY)
        for sheet in self._book.sheets:
            page = self._file.add_worksheet(sheet.name)
            if sheet.table is None or not sheet.table.n_rows:
                page.write_string(0, 0, sheet.why_empty)
                continue
            n_columns = self._table(page, 0, sheet.table)
            page.freeze_panes(1, 1)
            if n_columns > 1:
                page.autofilter(0, 0, sheet.table.n_rows, n_columns - 1)
            self._widths(page, [sheet.table])
            self._for_paper(page)
        self._summary(summary)
        self._file.close()

    # --- sheets ----------------------------------------------------------------------------

    def _summary(self, page: Any) -> None:
        book, wrapped = self._book, self._format(text_wrap=True, valign="top")
        page.write_string(0, 0, _cut(book.title), self._format(bold=True, font_size=16))
        page.write_string(1, 0, _cut(book.about))
        row = 3
        lines = [book.lead, *book.points, *(f"Warning: {warning}" for warning in book.warnings)]
        for line in lines:
            page.merge_range(row, 0, row, 6, "", wrapped)
            page.write_string(row, 0, _cut(line), wrapped)
            page.set_row(row, 15.0 * (1 + len(line) // 95))
            row += 1
        tables = [t for t in (book.measures, book.targets) if t is not None and t.n_rows]
        for table in tables:
            self._table(page, row + 1, table)
            row += table.n_rows + 3
        page.set_column(0, 0, 34)
        page.set_column(1, 6, 14)
        self._for_paper(page)
        if book.chart is not None:
            self._chart(page, row + 1, book.chart)

    def _table(self, page: Any, top: int, table: Table) -> int:
        """Write the table's headings and rows from row `top` on; the number of its columns."""
        head = self._format(bold=True, text_wrap=True, valign="top", bottom=1, bg_color="#E8EDF2")
        at = 0
        n_rows = min(table.n_rows, _MOST_ROWS - top - 1)
        for field in table.fields:
            for place, heading in enumerate(headings(field)):
                page.write_string(top, at + place, _cut(heading), head)
            for row in range(n_rows):
                for place, value in enumerate(_values(field, row)):
                    self._cell(page, top + 1 + row, at + place, field, row, value)
            at += len(headings(field))
        return at

    def _cell(self, page: Any, row: int, at: int, field: Field, place: int, value: Any) -> None:
        kind = field.kind_at(place)
        if value is None:
            return
        if kind is Kind.CLOCK:
            self._clock(page, row, at, field, float(value))
        elif isinstance(value, str):
            page.write_string(row, at, _cut(value), self._format(num_format="@"))
        else:
            page.write_number(row, at, value, self._format(num_format=_FORMATS[kind]))

    def _clock(self, page: Any, row: int, at: int, field: Field, seconds: float) -> None:
        """An instant as the spreadsheet's own time, or date and time."""
        start = field.clock.start
        if start is None:
            shape = self._format(num_format="[h]:mm")
            page.write_number(row, at, seconds / text.DAY_S, shape)
            return
        shape = self._format(num_format="ddd yyyy-mm-dd hh:mm" if field.clock.with_day else "hh:mm")
        page.write_datetime(row, at, start + timedelta(seconds=seconds), shape)

    def _widths(self, page: Any, tables: list[Table]) -> None:
        for table in tables:
            at = 0
            for field in table.fields:
                shown = [len(str(value)) for value in field.values if isinstance(value, str)]
                clock = 20 if field.clock.with_day else 9
                for heading in headings(field):
                    words = max(len(word) for word in heading.split())
                    least = max(_NARROWEST, words + 3, clock if field.kind is Kind.CLOCK else 0)
                    page.set_column(at, at, min(_WIDEST, max([least, *(n + 1 for n in shown)])))
                    at += 1

    def _for_paper(self, page: Any) -> None:
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)

    # --- the chart -------------------------------------------------------------------------

    def _chart(self, page: Any, row: int, chart: Chart) -> None:
        table = next(s.table for s in self._book.sheets if s.name == chart.sheet)
        assert table is not None
        places = dict(_places(table))
        bars = self._file.add_chart({"type": "column"})
        lines = self._file.add_chart({"type": "line"})
        for made, names, more in (
            (bars, chart.columns, {"gap": 60}),
            (lines, chart.lines, {"y2_axis": True, "marker": {"type": "circle"}}),
        ):
            for name in names:
                made.add_series(
                    {
                        "name": [chart.sheet, 0, places[name]],
                        "categories": [chart.sheet, 1, *_corner(places[chart.over], chart.n_rows)],
                        "values": [chart.sheet, 1, *_corner(places[name], chart.n_rows)],
                        **more,
                    }
                )
        if chart.columns and chart.lines:
            bars.combine(lines)
        top = bars if chart.columns else lines
        top.set_title({"name": chart.title, "overlay": False})
        top.set_x_axis({"name": chart.over})
        top.set_y_axis({"name": "calls per replication"})
        lines.set_y2_axis({"name": ", ".join(chart.lines), "num_format": "0%", "min": 0, "max": 1})
        top.set_legend({"position": "bottom"})
        top.set_size({"width": 900, "height": 380})
        top_text = f"{chart.title}: {', '.join([*chart.columns, *chart.lines])} by {chart.over}"
        page.insert_chart(row, 0, top, {"description": top_text})

    def _format(self, **traits: Any) -> Any:
        key = tuple(sorted(traits.items()))
        if key not in self._formats:
            self._formats[key] = self._file.add_format(traits)
        return self._formats[key]


def _values(field: Field, row: int) -> Iterator[Any]:
    """The cells of a field's columns in this row."""
    value = field.values[row]
    if not field.estimates:
        yield value
        return
    told = value or {}
    for end in ("value", "low", "high"):
        yield told.get(end)


def _places(table: Table) -> Iterator[tuple[str, int]]:
    """Each field's heading and the column of its values."""
    at = 0
    for field in table.fields:
        yield field.heading, at
        at += len(headings(field))


def _corner(column: int, n_rows: int) -> tuple[int, int, int]:
    return column, n_rows, column


def _cut(line: str) -> str:
    """What a cell can hold, control characters made visible."""
    line = text.plain(line)
    return line if len(line) <= _MOST_CHARACTERS else line[: _MOST_CHARACTERS - 1] + "…"
