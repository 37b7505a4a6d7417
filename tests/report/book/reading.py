"""Reading what was written: tables and texts of a page, and whether a shown number is right."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "br", "hr", "img", "input"}


@dataclass
class Element:
    """An element of a page: its name, its attributes, and what is in it."""

    tag: str
    attributes: dict[str, str]
    content: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it."""
        return "".join(c if isinstance(c, str) else c.text for c in self.content)

    def all(self, *tags: str) -> list[Element]:
        """The elements in it with one of these names, in the order of the page."""
        found = []
        for part in self.content:
            if isinstance(part, Element):
                found += [part] if part.tag in tags or not tags else []
                found += part.all(*tags)
        return found


class _Reader(HTMLParser):
    """Refuses a page whose elements are not closed in their order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].content.append(made)
        if tag not in _VOID:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].content.append(Element(tag, {n: v or "" for n, v in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].content.append(data)


def parsed(html: str) -> Element:
    """The page as a tree."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


@dataclass
class Shown:
    """A table of a page: its name, its headings, its rows of texts."""

    name: str
    note: str
    headings: list[str]
    rows: list[list[str]]

    def column(self, heading: str) -> list[str]:
        """What stands under a heading."""
        at = self.headings.index(heading)
        return [row[at] for row in self.rows]


def tables(page: Element) -> list[Shown]:
    """The tables of a page."""
    found = []
    for table in page.all("table"):
        spans = table.all("caption")[0].all("span")
        head, *rows = table.all("tr")
        found.append(
            Shown(
                spans[0].text,
                spans[1].text if len(spans) > 1 else "",
                [cell.text for cell in head.all("th")],
                [[cell.text for cell in row.all("th", "td")] for row in rows],
            )
        )
    return found


def table(page: Element, name: str) -> Shown:
    """The table of this name."""
    (found,) = [each for each in tables(page) if each.name == name]
    return found


def agrees(shown: str, value: float | None, scale: float = 1.0) -> bool:
    """Whether a shown number is `value`, rounded to the digits that are shown.

    `scale` is what a share is multiplied by. A duration is `12.3 s`, `1m 32s`, `1h 05m`; what
    follows ± is not looked at. A dash is None.
    """
    shown = shown.split("±")[0].replace("\u00a0", " ").strip().lstrip("* ").replace(",", "")
    if value is None:
        return shown == "–"
    value *= scale
    units = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
    parts = re.findall(r"(\d+)([dhms])\b", shown)
    if parts:
        told = sum(int(number) * units[unit] for number, unit in parts)
        steps = {"h": 60.0, "m": 1.0, "s": 1.0, "d": 3600.0}
        return abs(told - value) <= 0.5 * steps[parts[0][1]] + 1e-9
    number = shown.removesuffix("%").removesuffix(" s").strip()
    decimals = len(number.partition(".")[2])
    return abs(float(number) - value) <= 0.5 * 10.0**-decimals * (1 + 1e-9) + 1e-12
