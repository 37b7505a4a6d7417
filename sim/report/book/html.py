"""A book as one HTML file: no script, nothing loaded from elsewhere, light and dark, for paper.

The template and the style sheet lie beside this module. Whatever text comes in is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sim.report.book.drawings import variables
from sim.report.book.parts import Book, Field, Figure, Folded, Kind, Part, Table

if TYPE_CHECKING:
    from jinja2 import Template

_FOLDER = Path(__file__).parent
TEMPLATE, STYLE = "page.html.j2", "page.css"


def html_page(book: Book) -> str:
    """The whole file."""
    style = (_FOLDER / STYLE).read_text(encoding="utf-8")
    drawn = {part.key: part.draw() for part in parts_of(book) if isinstance(part, Figure)}
    found = {key: svg for key, svg in drawn.items() if svg is not None}
    return _template().render(book=book, style=style + variables(found.values()), drawn=found)


@cache
def _template() -> Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["table"] = lambda part: isinstance(part, Table)
    environment.tests["figure"] = lambda part: isinstance(part, Figure)
    environment.tests["folded"] = lambda part: isinstance(part, Folded)
    environment.tests["wordy"] = _is_wordy
    environment.filters["cells"] = _cells
    environment.filters["tied"] = _tied
    return environment.get_template(TEMPLATE)


def _cells(table: Table) -> Iterator[list[tuple[str, bool]]]:
    """The rows: what each cell shows, and whether it is words."""
    wordy = [_is_wordy(field) for field in table.fields]
    for row in range(table.n_rows):
        yield [
            (_shown(field, row), is_words)
            for field, is_words in zip(table.fields, wordy, strict=True)
        ]


def _is_wordy(field: Field) -> bool:
    """Whether a column is read as words: texts, and facts unless all are numbers."""
    if field.kind is Kind.FACT:
        return any(isinstance(value, str) for value in field.values)
    return field.kind is Kind.TEXT


def _shown(field: Field, row: int) -> str:
    if field.kind_at(row) in (Kind.TEXT, Kind.FACT) and field.values[row] == "":
        return ""
    return field.shown(row)


def _tied(line: str) -> str:
    """A sentence whose numbers stay with their units at the end of a line."""
    return line.replace(" %", "\u00a0%").replace(" ± ", "\u00a0±\u00a0")


def parts_of(book: Book) -> Iterator[Part]:
    """Every part of the page, folded ones too."""
    stack = [part for section in book.sections for part in section.parts]
    while stack:
        part = stack.pop(0)
        yield part
        if isinstance(part, Folded):
            stack = [*part.parts, *stack]
