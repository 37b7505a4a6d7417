"""Figures of the day by interval, and of several days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np

from sim.report import text
from sim.report.clock import since_midnight, start_of
from sim.report.figures import FigureError, scales, style
from sim.report.figures.heat import heat, row_names
from sim.report.figures.panels import (
    Canvas,
    Floats,
    Panels,
    Size,
    caption,
    drawing,
    headline,
    inches_of,
    legend_above,
    line_of_steps,
    sample,
    scenario_name,
    steps,
    values,
)
from sim.report.figures.panels import (
    metric as metric_of,
)
from sim.report.figures.style import Theme
from sim.report.saved import Saved, subjects
from sim.scenario.targets import METRICS, UnitKind

_TICKS_PER_INCH = 1.0


def day(
    result: Any,
    *,
    queue: str = "total",
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """The day by interval, as a line in steps with a band between the confidence bounds.

    Six panels: calls offered (and abandoned, blocked) per replication, agents on shift and busy,
    calls waiting or connecting on average, mean wait, service level, abandonment. Counts, shares
    and waits belong to the interval in which the call came, queue lengths and agents to the clock.
    Agents are those of all groups. `result` is what `open_result` takes, with intervals; `queue`
    is a queue's name or `total`. Raises FigureError. Returns the six axes.
    """
    with drawing("day", result, theme, size, into) as (saved, canvas, colours):
        rows = queue_rows(saved, queue)
        edges = edges_of(rows)
        start = start_of(saved.document)
        axes = canvas.subplots(3, 2, sharex=True)
        panels: Panels = np.array(axes, dtype=object).T.reshape(-1)
        volume, waiting, level, agents, wait, abandonment = panels
        _volume(volume, saved.document, rows, edges, colours)
        _one(waiting, "Calls waiting, on average", rows, "queue_length_mean", edges, colours.purple)
        scales.number_axis(waiting)
        _one(wait, "Mean wait", rows, "wait_mean_s", edges, colours.purple)
        _waits(wait)
        level.set_title(_level_title(saved.document, queue))
        steps(level, edges, metric_of(rows, "service_level"), colours.green)
        lows = values(metric_of(rows, "service_level"), "value")
        scales.share_axis(level, 0.0 if not (lows > 0.55).all() else 0.5)
        _one(abandonment, "Abandonment", rows, "abandonment", edges, colours.red)
        tops = values(metric_of(rows, "abandonment"), "high")
        most = np.concatenate([tops, values(metric_of(rows, "abandonment")), [0.0]])
        scales.small_share_axis(abandonment, float(np.nanmax(most)))
        _agents(agents, saved, edges, colours)
        for ax in panels:
            ax.set_xlim(edges[0], edges[-1])
        for ax in (level, abandonment):
            ax.set_xlabel(scales.clock_word(start))
        most_ticks = max(2, int(inches_of(canvas)[0] / 2 * _TICKS_PER_INCH))
        scales.clock_axis(level.xaxis, edges[0], edges[-1], start, most_ticks)
        who = "all queues" if queue == "total" else style.name(queue, 40)
        headline(canvas, f"{scenario_name(saved.document)}: {who} by interval")
        length = text.duration(float(edges[1] - edges[0]))
        caption(canvas, [f"intervals of {length}", sample(saved.document)], colours)
        return panels


def week(
    result: Any,
    *,
    queue: str = "total",
    metric: str | None = None,
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """Several days, a row for each and a column for each interval of the day.

    Above the calls offered per replication, below the service level; or `metric` alone (`offered`
    for the calls). Days begin at midnight where the scenario has a start, else every 24 hours from
    the start; what lies outside the horizon is grey. `result` is what `open_result` takes, with
    intervals; the horizon must be longer than a day. Raises FigureError. Returns the axes.
    """
    with drawing("week", result, theme, size, into) as (saved, canvas, colours):
        rows = queue_rows(saved, queue)
        start = start_of(saved.document)
        layout = Days(rows, start)
        names = ["offered", "service_level"] if metric is None else [metric]
        axes = canvas.subplots(len(names), 1, sharex=True, squeeze=False)
        panels: Panels = axes.reshape(-1)
        inches = inches_of(canvas)
        room = inches[0] * 0.82, inches[1] * 0.74 / len(names)
        for ax, name in zip(panels, names, strict=True):
            found = _found(rows, name, int(saved.document["replications"]))
            is_share = name in METRICS and METRICS[name].unit is UnitKind.SHARE
            top = float(np.nanmax(found)) if np.isfinite(found).any() else 1.0
            heat(
                ax, layout.cells(found), colours, least=0.0, most=1.0 if is_share else top,
                told=partial(_told, name),
                on_scale=partial(scales.amount, name),
                room=room,
            )  # fmt: skip
            ax.set_title(_WEEK_WORDS.get(name) or METRICS[name].description)
            row_names(ax, layout.days, room[1])
        hours = next(h for h in (1, 2, 3, 6, 12) if 24 / h <= max(2.0, inches[0]))
        places = np.arange(0, 25, hours) * 3600.0 / layout.step
        labels = [f"{hour}:00" for hour in range(0, 25, hours)]
        panels[-1].set_xticks(places, labels)
        panels[-1].set_xlabel("time of day" if start is not None else "hours of the day (h:mm)")
        who = "all queues" if queue == "total" else style.name(queue, 40)
        headline(canvas, f"{scenario_name(saved.document)}: {who}, day by day")
        caption(
            canvas,
            [
                f"intervals of {text.duration(layout.step)}",
                text.counted(int(saved.document["replications"]), "replication"),
                "grey: nothing to tell",
            ],
            colours,
        )
        return panels


class Days:
    """Where each interval lies in a table of days. Raises FigureError if there are no days."""

    def __init__(self, rows: Sequence[Mapping[str, Any]], start: datetime | None) -> None:
        edges = edges_of(rows)
        self.step = float(edges[1] - edges[0])
        if edges[-1] <= text.DAY_S or self.step > text.DAY_S / 2:
            raise FigureError(
                "such a figure needs a horizon of more than a day in intervals of less than"
                f" half a day, found {text.duration(edges[-1])} in {text.duration(self.step)}: see"
                " the figure of a day"
            )
        before = 0.0 if start is None else since_midnight(start)
        at = edges[:-1] + before
        self.per_day = int(np.ceil(text.DAY_S / self.step - 1e-9))
        self._day = (at // text.DAY_S).astype(int)
        self._slot = ((at % text.DAY_S) // self.step + 1e-9).astype(int)
        n = int(self._day[-1]) + 1
        self.days = [
            f"day {day + 1}" if start is None else f"{start + timedelta(days=day):%a %d}"
            for day in range(n)
        ]

    def cells(self, values: Floats) -> Floats:
        """The values of the intervals, shape (days, intervals of a day)."""
        made = np.full((len(self.days), self.per_day), np.nan)
        made[self._day, self._slot] = values
        return made


_WEEK_WORDS = {"offered": "Calls offered, per replication", "service_level": "Service level",
               "abandonment": "Abandonment", "wait_mean_s": "Mean wait"}  # fmt: skip


def _found(rows: Sequence[Mapping[str, Any]], name: str, n: int) -> Floats:
    """A metric (or `offered`) of each interval. Raises FigureError."""
    if name == "offered":
        return np.array([row["counts"]["offered"] / n for row in rows])
    known = [each for each in rows[0]["metrics"] if each in METRICS]
    if name not in known:
        known = ["offered", *known]
        raise FigureError(f"no metric {name[:60]!r} by interval: one of {', '.join(known)}")
    return values(metric_of(rows, name))


def _told(name: str, value: float) -> str:
    """A value as short as it can stand in a cell."""
    is_share = name in METRICS and METRICS[name].unit is UnitKind.SHARE
    return f"{100 * value:.0f} %" if is_share else scales.amount(name, float(f"{value:.3g}"))


def queue_rows(saved: Saved, queue: str) -> list[Mapping[str, Any]]:
    """The interval rows of a queue. Raises FigureError if there is none of that name."""
    by_queue = subjects(saved.intervals or [], "queue")
    if queue not in by_queue:
        known = ", ".join(text.plain(str(name)) for name in list(by_queue)[:20])
        raise FigureError(f"there is no queue {queue[:60]!r}: one of {known}")
    return by_queue[queue]


def edges_of(rows: Sequence[Mapping[str, Any]]) -> Floats:
    """The edges of the intervals of some rows."""
    return np.array([*(row["start_s"] for row in rows), rows[-1]["end_s"]], np.float64)


def _one(
    ax: Any, title: str, rows: Sequence[Mapping[str, Any]], name: str, edges: Floats, colour: str
) -> None:
    ax.set_title(title)
    steps(ax, edges, metric_of(rows, name), colour)


def _volume(
    ax: Any,
    document: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    edges: Floats,
    theme: Theme,
) -> None:
    ax.set_title("Calls")
    n = float(document["replications"])
    offered = [
        row["metrics"].get("offered_mean") or {"value": row["counts"]["offered"] / n}
        for row in rows
    ]
    entries = [(steps(ax, edges, offered, theme.blue), "offered")]
    for key, colour in (("abandoned", theme.red), ("blocked", theme.orange)):
        counts = np.array([row["counts"][key] / n for row in rows])
        if key == "abandoned" or counts.any():
            entries.append((line_of_steps(ax, edges, counts, colour, dashed=True), key))
    scales.number_axis(ax)
    legend_above(ax, entries)


def _waits(ax: Any) -> None:
    top = ax.get_ylim()[1] if float(ax.dataLim.y1) > 0.0 else 60.0
    ax.set_ylim(0.0, top)
    scales.duration_axis(ax.yaxis, top, 4)


def _level_title(document: Mapping[str, Any], queue: str) -> str:
    for row in document.get("waits", ()):
        if row["queue"] == queue and row.get("threshold_s") is not None:
            return f"Service level (threshold {text.duration(row['threshold_s'])})"
    return "Service level"


def _agents(ax: Any, saved: Saved, edges: Floats, theme: Theme) -> None:
    ax.set_title("Agents")
    rows = subjects(saved.agent_intervals or [], "agents").get(None, [])
    if rows:
        on_shift = np.array([row["on_shift"] for row in rows])
        entries = [
            (line_of_steps(ax, edges, on_shift, theme.faint), "on shift"),
            (steps(ax, edges, metric_of(rows, "busy"), theme.orange), "busy"),
        ]
        legend_above(ax, entries)
    scales.number_axis(ax, whole=True)
