"""A sweep's table as a grid: its settings with their values in order, and its metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.report import text
from sim.report.figures import FigureError
from sim.report.figures.panels import Floats
from sim.report.saved import Saved
from sim.scenario.errors import did_you_mean
from sim.scenario.targets import METRICS
from sim.scenario.units import parse_duration

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Setting:
    """A path and its values: `labels` as written, at `places` on an axis; `at` of each row.

    Numbers and durations lie where they belong, anything else in the order of the sweep.
    """

    path: str
    labels: list[str]
    places: Floats
    at: Floats
    is_number: bool
    is_duration: bool


@dataclass(frozen=True, eq=False)
class Grid:
    """The rows of one queue (or `total`) of a sweep's table, one per point that could be had."""

    settings: list[Setting]
    columns: dict[str, NDArray[np.object_]]
    n_points: int
    n_bad: int

    @cached_property
    def longest(self) -> Setting:
        """The setting with most values, numbers before others."""
        return max(self.settings, key=lambda each: (each.is_number, len(each.labels)))

    def setting(self, path: str) -> Setting:
        """The setting of a path. Raises FigureError."""
        found = next((each for each in self.settings if each.path == path), None)
        if found is None:
            known = [each.path for each in self.settings]
            raise FigureError(
                f"the sweep has no setting {path[:80]!r}: one of {', '.join(known)}"
                f"{did_you_mean(path, known)}"
            )
        return found

    def two(self, x: str | None, y: str | None) -> tuple[Setting, Setting]:
        """The two settings of a map. Raises FigureError if there is only one."""
        if len(self.settings) < 2:
            raise FigureError(
                "the figure `sweep_map` needs two settings, and this sweep has one: draw `sweep`"
            )
        chosen = [None if path is None else self.setting(path) for path in (x, y)]
        left = sorted(
            (each for each in self.settings if each not in chosen),
            key=lambda each: -len(each.labels),
        )
        across = chosen[0] or left.pop(0)
        down = chosen[1] or left.pop(0)
        if across is down:
            raise FigureError("the two axes of a map must be two settings")
        return across, down

    def metric(self, name: str) -> str:
        """The metric, if the table has it. Raises FigureError."""
        if name not in self.columns or name not in METRICS:
            known = [each for each in METRICS if each in self.columns]
            raise FigureError(
                f"there is no metric {name[:60]!r}: one of {', '.join(known)}"
                f"{did_you_mean(name, known)}"
            )
        return name

    def column(self, name: str) -> Floats:
        """A column of numbers, NaN where there is none."""
        numbers: Floats = self.columns[name].astype(np.float64)
        return numbers

    def groups(self, settings: Sequence[Setting]) -> list[tuple[str, Rows]]:
        """The rows of each combination of these settings' values, with its name."""
        n = len(next(iter(self.columns.values())))
        if not settings:
            return [("", np.arange(n))]
        keys = np.stack([each.at for each in settings], axis=1)
        kinds, which = np.unique(keys, axis=0, return_inverse=True)
        made = []
        for place, kind in enumerate(kinds):
            words = [
                each.labels[int(np.flatnonzero(each.places == value)[0])]
                for each, value in zip(settings, kind, strict=True)
            ]
            made.append((", ".join(words), np.flatnonzero(which.reshape(-1) == place)))
        return made

    def cells(self, across: Setting, down: Setting, name: str) -> tuple[Floats, Floats]:
        """The mean of a metric and of its half-width, shape (values down, values across)."""
        value, low = self.column(name), self.column(f"{name}_low")
        half = (self.column(f"{name}_high") - low) / 2
        row = np.searchsorted(down.places, down.at)
        column = np.searchsorted(across.places, across.at)
        shape = len(down.labels), len(across.labels)

        def mean(numbers: Floats) -> Floats:
            some = np.isfinite(numbers)
            total, n = np.zeros(shape), np.zeros(shape)
            np.add.at(total, (row[some], column[some]), numbers[some])
            np.add.at(n, (row[some], column[some]), 1.0)
            made: Floats = np.divide(total, n, out=np.full(shape, np.nan), where=n > 0)
            return made

        return mean(value), mean(half)


def grid_of(saved: Saved, queue: str) -> Grid:
    """The grid of a queue of a sweep, or of `total`. Raises FigureError."""
    table = saved.sweep_table()
    names = list(dict.fromkeys(name for name in table["queue"].tolist() if name is not None))
    if queue not in names:
        known = ", ".join(text.plain(name) for name in names[:20])
        raise FigureError(f"there is no queue {queue[:60]!r}: one of {known}")
    mine = np.flatnonzero(table["queue"] == queue)
    n_bad = int(sum(name is None for name in table["queue"].tolist()))
    columns = {name: values[mine].astype(object) for name, values in table.items()}
    paths = [path for path in saved.document["paths"] if path in columns]
    settings = [_setting(path, columns[path].tolist()) for path in paths]
    return Grid(settings, columns, len(mine) + n_bad, n_bad)


def _setting(path: str, values: list[object]) -> Setting:
    numbers, is_duration = _numbers(values)
    if numbers is None:
        labels = list(dict.fromkeys(str(value) for value in values))
        places = np.arange(len(labels), dtype=np.float64)
        at = np.array([labels.index(str(value)) for value in values], np.float64)
        return Setting(path, [text.plain(label) for label in labels], places, at, False, False)
    told = dict(zip(numbers, values, strict=True))
    places = np.array(sorted(told))
    labels = [f"{v:g}" if isinstance(v, float) else str(v) for v in (told[p] for p in places)]
    return Setting(path, labels, places, np.array(numbers), True, is_duration)


def _numbers(values: list[object]) -> tuple[list[float] | None, bool]:
    """The values as numbers or as seconds, if all are; whether they are seconds."""
    if all(isinstance(value, int | float) for value in values):
        return [float(value) for value in values], False  # type: ignore[arg-type]
    try:
        return [parse_duration(str(value)) for value in values], True
    except ValueError:
        return None, False
