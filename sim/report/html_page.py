"""The blocks of a report as HTML, for notebooks: a fragment without scripts or outside files."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from sim.report.columns import Column


class HtmlPage:
    """Headings, paragraphs and tables. Whatever text comes in is shown as it is."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def title(self, line: str) -> None:
        self._parts.append(f"<p><strong>{escape(line)}</strong></p>")

    def prose(self, line: str, style: str = "") -> None:
        grey = ' style="opacity:0.7"' if style == "dim" else ""
        self._parts.append(f"<p{grey}>{escape(line)}</p>")

    def table(self, title: str, name: Column, columns: Sequence[Column]) -> None:
        every = [name, *columns]
        heads = "".join(_cell("th", column.heading, column) for column in every)
        rows = "".join(
            f"<tr>{''.join(_cell('td', column.cells[row], column) for column in every)}</tr>"
            for row in range(len(name.cells))
        )
        self._parts.append(
            f'<table><caption style="text-align:left">{escape(title)}</caption>'
            f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
        )

    def html(self) -> str:
        """All blocks in one element."""
        return f"<div>{''.join(self._parts)}</div>"


def _cell(tag: str, content: str, column: Column) -> str:
    shown = escape(content).replace("\n", "<br>")
    return f'<{tag} style="text-align:{column.justify}">{shown}</{tag}>'
