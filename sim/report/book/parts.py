"""What a written report is made of, whatever it is written as: tables of real values, figures,
facts. A value stays the number that the result has until it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sim.report import measured, text
from sim.scenario.targets import METRICS, UnitKind

Document = Mapping[str, Any]


class Kind(StrEnum):
    """What the values of a column are; SHARE, SECONDS and NUMBER may be estimates."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"
    NUMBER = "number"
    CLOCK = "clock"
    """Seconds since the start of the scenario, shown as a time of the day."""
    FACT = "fact"
    """A text, or a whole number as it is."""


def kind_of(metric: str) -> Kind:
    """The kind of a metric's values."""
    return Kind(METRICS[metric].unit.value)


@dataclass(frozen=True, slots=True)
class Clock:
    """How instants are shown: by the scenario's own clock if it has a start."""

    start: datetime | None = None
    with_day: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A column: a heading and a value for every row, None where there is nothing.

    With `estimates`, values are estimates (`{"value", "low", "high", "half_width"}`). `kinds`
    are the rows' own kinds, where they differ. `change`: differences, shown with a sign, shares
    in points. `bare`: a page shows no ± (a workbook has the bounds all the same).
    """

    heading: str
    kind: Kind
    values: Sequence[Any]
    estimates: bool = False
    kinds: Sequence[Kind] | None = None
    change: bool = False
    bare: bool = False
    clock: Clock = Clock()

    def kind_at(self, row: int) -> Kind:
        """The kind of the value in this row."""
        return self.kind if self.kinds is None else self.kinds[row]

    def number_at(self, row: int) -> float | None:
        """The number in this row, an estimate's value."""
        value = self.values[row]
        if self.estimates:
            value = None if value is None else value["value"]
        return None if value is None else float(value)

    def shown(self, row: int) -> str:
        """The value as a page shows it."""
        value, kind = self.values[row], self.kind_at(row)
        if kind in (Kind.TEXT, Kind.FACT):
            return text.NOTHING if value is None else text.plain(str(value))
        number = self.number_at(row)
        if number is None:
            return text.NOTHING
        if kind is Kind.COUNT:
            return text.number(number)
        if kind is Kind.CLOCK:
            return text.instant(number, self.clock.start, with_day=self.clock.with_day)
        unit = UnitKind(kind.value)
        if not self.estimates or (self.bare and not self.change):
            return measured.amount_in(unit, number)
        told = with_half_width(value)
        return measured.change_in(unit, told) if self.change else measured.told_in(unit, told)


def with_half_width(estimate: Mapping[str, Any]) -> dict[str, Any]:
    """The estimate with a half-width: files that keep the bounds alone do not have it."""
    half, low, high = (estimate.get(key) for key in ("half_width", "low", "high"))
    if half is None and low is not None and high is not None:
        half = max(high - estimate["value"], estimate["value"] - low)
    return {"value": estimate["value"], "low": low, "high": high, "half_width": half}


def column(
    heading: str, rows: Sequence[Document], name: str, kind: Kind, *, bare: bool = False
) -> Field:
    """The estimates called `name` of these rows' metrics."""
    values = [row["metrics"].get(name) for row in rows]
    return Field(heading, kind, values, estimates=True, bare=bare)


def counts(heading: str, rows: Sequence[Document], name: str, replications: int) -> Field:
    """A count of these rows, per replication."""
    return Field(heading, Kind.COUNT, [row["counts"].get(name, 0) / replications for row in rows])


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with their names in the first column. `wide` texts may be broken into lines."""

    key: str
    title: str
    fields: Sequence[Field]
    caption: str = ""
    wide: bool = False

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.fields[0].values)


def parted(table: Table, most: int) -> Iterator[Table]:
    """The table as several with at most so many columns each, beside the first."""
    first, *others = table.fields
    for place in range(0, len(others), most):
        more = place > 0
        yield replace(
            table,
            key=f"{table.key}-{place}" if more else table.key,
            title=f"{table.title}, continued" if more else table.title,
            fields=[first, *others[place : place + most]],
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing, with what it shows in words.

    `draw` gives SVG markup, safe to be put into a page; None if there is nothing to draw.
    """

    key: str
    draw: Callable[[], str | None]
    caption: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Text to be shown as it stands."""

    key: str
    title: str
    content: str


@dataclass(frozen=True, slots=True)
class Folded:
    """Parts behind a line that opens them; on paper too they are there only if open."""

    title: str
    parts: Sequence[Part]
    is_open: bool = False


Part = Table | Figure | Listing | Folded


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of the page."""

    key: str
    title: str
    parts: Sequence[Part]
    intro: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart in the workbook: columns and lines over the first rows of a sheet's table.

    `over`, `columns` and `lines` are headings; lines are shares and have an axis of their own.
    """

    title: str
    sheet: str
    over: str
    columns: Sequence[str]
    lines: Sequence[str]
    n_rows: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of the workbook: one table, or a line why there is none."""

    name: str
    table: Table | None
    why_empty: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """A whole report. `measures` are the key numbers: what, and the estimate."""

    title: str
    about: str
    lead: str
    points: Sequence[str]
    measures: Table
    warnings: Sequence[str]
    sections: Sequence[Section]
    sheets: Sequence[Sheet]
    targets: Table | None = None
    chart: Chart | None = None
    provenance: Sequence[tuple[str, str | int | float]] = field(default_factory=tuple)
