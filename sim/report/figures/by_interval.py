"""Figures of the day by interval, and of several days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from sim.report import text
from sim.report.figures import FigureError, scales, style
from sim.report.figures.panels import (
    Canvas,
    Floats,
    Panels,
    Size,
    caption,
    drawing,
    headline,
    legend_above,
    line_of_steps,
    metric,
    sample,
    scenario_name,
    steps,
    values,
)
from sim.report.figures.style import Theme
from sim.report.saved import Saved, subjects

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
        steps(level, edges, metric(rows, "service_level"), colours.green)
        lows = values(metric(rows, "service_level"), "value")
        scales.share_axis(level, 0.0 if not (lows > 0.55).all() else 0.5)
        _one(abandonment, "Abandonment", rows, "abandonment", edges, colours.red)
        tops = values(metric(rows, "abandonment"), "high")
        most = np.concatenate([tops, values(metric(rows, "abandonment")), [0.0]])
        scales.small_share_axis(abandonment, float(np.nanmax(most)))
        _agents(agents, saved, edges, colours)
        for ax in panels:
            ax.set_xlim(edges[0], edges[-1])
        for ax in (level, abandonment):
            ax.set_xlabel(scales.clock_word(start))
        width = canvas.bbox.width / canvas.figure.dpi / 2
        most_ticks = max(2, int(width * _TICKS_PER_INCH))
        scales.clock_axis(level.xaxis, edges[0], edges[-1], start, most_ticks)
        who = "all queues" if queue == "total" else style.name(queue, 40)
        headline(canvas, f"{scenario_name(saved.document)}: {who} by interval")
        length = text.duration(float(edges[1] - edges[0]))
        caption(canvas, [f"intervals of {length}", sample(saved.document)], colours)
        return panels


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


def start_of(document: Mapping[str, Any]) -> datetime | None:
    """When the scenario starts, by the clock."""
    start = document.get("start")
    return None if start is None else datetime.fromisoformat(start)


def _one(
    ax: Any, title: str, rows: Sequence[Mapping[str, Any]], name: str, edges: Floats, colour: str
) -> None:
    ax.set_title(title)
    steps(ax, edges, metric(rows, name), colour)


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
    top = ax.get_ylim()[1]
    top = top if top > 0.0 else 1.0
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
            (steps(ax, edges, metric(rows, "busy"), theme.orange), "busy"),
        ]
        legend_above(ax, entries)
    scales.number_axis(ax)
