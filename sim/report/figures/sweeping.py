"""The figures of a sweep: metrics along a setting, and a metric over two."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.report import measured, text
from sim.report.figures import FigureError, scales, style
from sim.report.figures.comparing import WORDS
from sim.report.figures.grid import Grid, Rows, Setting, grid_of
from sim.report.figures.heat import column_names, heat, row_names
from sim.report.figures.panels import (
    BAND,
    Canvas,
    Panels,
    Size,
    caption,
    drawing,
    headline,
    inches_of,
    legend,
    nothing,
)
from sim.report.figures.style import Theme
from sim.report.saved import Saved
from sim.scenario.targets import METRICS, UnitKind

_SHOWN = ("service_level", "abandonment", "wait_mean_s")
MOST_LINES = 8
"""More lines than this can't be told apart."""
_MOST_TICKS = 12


def sweep(
    result: Any,
    *,
    queue: str = "total",
    metric: str | None = None,
    x: str | None = None,
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """Metrics along the values of one setting, with bands between their confidence bounds.

    A panel for the service level, the abandonment and the mean wait, or for `metric` alone. `x` is
    the path along the axis, without it the one with most values; each combination of the other
    paths is a line, and if there are more than 8, points alone are drawn. `result` is what
    `open_result` takes, of a sweep. Raises FigureError. Returns the axes.
    """
    with drawing("sweep", result, theme, size, into) as (saved, canvas, colours):
        grid = grid_of(saved, queue)
        along = grid.longest if x is None else grid.setting(x)
        others = [each for each in grid.settings if each is not along]
        metrics = [grid.metric(metric)] if metric is not None else list(_SHOWN)
        axes = canvas.subplots(1, len(metrics), squeeze=False)
        panels: Panels = axes.reshape(-1)
        groups = grid.groups(others)
        entries: list[tuple[Any, str]] = []
        for ax, name in zip(panels, metrics, strict=True):
            entries = _lines(ax, grid, along, groups, name, colours)
            _dress(ax, name, len(metrics))
            _settings_axis(ax, along, inches_of(canvas)[0] / len(metrics))
        if entries:
            title = ", ".join(style.name(each.path, 40) for each in others)
            _legend_below_title(canvas, panels[-1], entries, title)
        who = "all queues" if queue == "total" else style.name(queue, 40)
        headline(canvas, f"{style.name(str(saved.document['scenario']), 50)}: sweep, {who}")
        caption(canvas, _told(saved, grid, "bands"), colours)
        return panels


def sweep_map(
    result: Any,
    *,
    queue: str = "total",
    metric: str = "service_level",
    x: str | None = None,
    y: str | None = None,
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """A metric over two settings: its value, and beside it the half-width of its interval.

    `x` and `y` are the paths along the axes, without them the two with most values. Where further
    paths vary, or a cell has no point, the cell is the mean of its points, or grey. `result` is
    what `open_result` takes, of a sweep. Raises FigureError. Returns the two axes.
    """
    with drawing("sweep_map", result, theme, size, into) as (saved, canvas, colours):
        grid = grid_of(saved, queue)
        across, down = grid.two(x, y)
        name = grid.metric(metric)
        if _is_a_sample(across, down):
            raise FigureError(
                f"the points of this sweep share no values of {style.name(across.path, 40)} and"
                f" {style.name(down.path, 40)}, as those of a sample: a map would be nearly empty;"
                " the figure `sweep` shows each point"
            )
        value, half = grid.cells(across, down, name)
        left, right = canvas.subplots(1, 2, sharey=True)
        room = inches_of(canvas)[0] * 0.37, inches_of(canvas)[1] * 0.68
        for ax, cells, word in ((left, value, WORDS.get(name, name)), (right, half, "Half-width")):
            finite = cells[np.isfinite(cells)]
            least, most = (finite.min(), finite.max()) if finite.size else (0.0, 1.0)
            heat(
                ax, cells, colours, least=0.0 if ax is right else float(least), most=float(most),
                told=partial(measured.amount if ax is left else _half, name),
                on_scale=partial(scales.amount if ax is left else _half, name), room=room,
                upwards=True,
            )  # fmt: skip
            points = " (points)" if METRICS[name].unit is UnitKind.SHARE else ""
            ax.set_title(word if ax is left else f"{word} of its interval{points}")
            column_names(ax, across.labels, room[0])
            ax.set_xlabel(style.name(across.path, 40))
            if not finite.size:
                nothing(ax, "could not be had", colours)
        row_names(left, down.labels, room[1])
        left.set_ylabel(style.name(down.path, 40))
        who = "all queues" if queue == "total" else style.name(queue, 40)
        headline(canvas, f"{style.name(str(saved.document['scenario']), 50)}: sweep, {who}")
        told = _told(saved, grid, "half-widths")
        if len(grid.settings) > 2:
            told.append("cells are means over the other settings")
        caption(canvas, told, colours)
        panels: Panels = np.array([left, right], dtype=object)
        return panels


def _is_a_sample(across: Setting, down: Setting) -> bool:
    """Whether no two points share a value of the longer axis, or most cells would be empty."""
    n = len(np.unique(np.stack([across.at, down.at]), axis=1).T)
    sides = len(across.labels), len(down.labels)
    return min(sides) > 1 and (n <= max(sides) or 4 * n < sides[0] * sides[1])


def _lines(
    ax: Axes,
    grid: Grid,
    along: Setting,
    groups: list[tuple[str, Rows]],
    name: str,
    theme: Theme,
) -> list[tuple[Any, str]]:
    entries: list[tuple[Any, str]] = []
    joined = len(groups) <= MOST_LINES
    value, low, high = grid.column(name), grid.column(f"{name}_low"), grid.column(f"{name}_high")
    for place, (word, rows) in enumerate(groups):
        rows = rows[np.argsort(along.at[rows], kind="stable")]
        at = along.at[rows]
        colour = theme.order[place % MOST_LINES] if joined else theme.blue
        marker = "osD^vPX*"[place % MOST_LINES] if joined else "o"
        if joined and np.unique(at).size == at.size:
            ax.fill_between(at, low[rows], high[rows], color=colour, alpha=BAND, linewidth=0)
            ax.plot(at, value[rows], marker + "-", color=colour, markersize=6)
        else:
            some = np.isfinite(low[rows]) & np.isfinite(value[rows])
            ax.errorbar(
                at[some], value[rows][some],
                yerr=np.abs(np.stack([value[rows] - low[rows], high[rows] - value[rows]]))[:, some],
                fmt="none", ecolor=colour, elinewidth=1.2, alpha=0.6,
            )  # fmt: skip
            ax.plot(at, value[rows], marker, color=colour, markersize=5)
        if joined and word:
            entries.append((Line2D([], [], color=colour, marker=marker), word))
    if not np.isfinite(value).any():
        nothing(ax, "could not be had", theme)
    return entries


def _dress(ax: Axes, name: str, n_panels: int) -> None:
    """Title and vertical axis of a metric."""
    metric = METRICS[name]
    ax.set_title(style.name(WORDS.get(name, metric.description), 34 if n_panels > 1 else 80))
    if metric.unit is UnitKind.SHARE:
        ax.yaxis.set_major_formatter(FuncFormatter(scales.percent))
        low, high = ax.get_ylim()
        ax.set_ylim(max(low, -0.02), min(high, 1.03))
    elif metric.unit is UnitKind.SECONDS:
        top = ax.get_ylim()[1]
        ax.set_ylim(0.0, top if top > 0.0 else 1.0)
        scales.duration_axis(ax.yaxis, ax.get_ylim()[1], 6)
    else:
        scales.number_axis(ax)


def _settings_axis(ax: Axes, along: Setting, inches: float) -> None:
    ax.set_xlabel(style.name(along.path, 40))
    if along.is_number and len(along.labels) > _MOST_TICKS:
        ax.xaxis.set_major_locator(MaxNLocator(nbins=6))
        if along.is_duration:
            scales.duration_axis(ax.xaxis, float(along.places.max()), 6)
        return
    every = max(1, -(-len(along.labels) // _MOST_TICKS))
    labels = [style.name(label, 16) for label in along.labels[::every]]
    crowded = sum(map(len, labels)) * 0.65 * 12 / 72 > 0.8 * inches
    ax.set_xticks(along.places[::every], labels, rotation=90 if crowded else 0)


def _legend_below_title(
    canvas: Canvas, ax: Axes, entries: Sequence[tuple[Any, str]], title: str
) -> None:
    legend(ax, [(artist, style.name(word, 34)) for artist, word in entries], loc="best")
    made = ax.get_legend()
    assert made is not None
    made.set_title(title)
    made.get_title().set_fontsize(11)
    made.set_frame_on(True)
    made.get_frame().set(alpha=0.8, linewidth=0, facecolor=ax.get_facecolor())


def _half(name: str, value: float) -> str:
    """A half-width with two digits, of a share in points."""
    if METRICS[name].unit is UnitKind.SHARE:
        return scales.short_number(float(f"{100.0 * value:.1e}"))
    return scales.amount(name, float(f"{value:.1e}"))


def _told(saved: Saved, grid: Grid, what: str) -> list[str]:
    """What the caption says: how many points, replications, confidence."""
    told = [text.counted(grid.n_points, "point")]
    if grid.n_bad:
        told.append(f"{grid.n_bad} of them can't be simulated")
    replications = saved.document.get("replications")
    if replications is not None:
        told.append(f"{text.counted(int(replications), 'replication')} each")
    confidence = float(saved.document.get("confidence", 0.95))
    return [*told, f"{what}: {100 * confidence:g} % confidence"]
