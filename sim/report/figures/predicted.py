"""The figure of a backtest: the day of a log by interval, over what was predicted of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.report import text
from sim.report.clock import start_of
from sim.report.figures import FigureError, scales, style
from sim.report.figures.by_interval import edges_of
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
    scenario_name,
    steps,
    values,
)
from sim.report.figures.style import Theme
from sim.report.saved import subjects

_TITLES = {
    "incoming": "Calls a day",
    "service_level": "Service level",
    "wait_mean_s": "Mean wait",
    "abandonment": "Abandonment",
}


def backtest(
    result: Any,
    *,
    queue: str | None = None,
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """The log's day by interval over the predicted one and its 95 % band, point by point.

    A panel each for calls (unless they are the log's own), service level, mean wait and
    abandonment; dots stand where the log lies outside the band. `result` is what `open_result`
    takes: the document that `callsim backtest --json` prints, or a file with it; `queue` is a
    queue's name or `total`, by default `total` or the only queue. Raises FigureError. Returns
    the axes.
    """
    with drawing("backtest", result, theme, size, into) as (saved, canvas, colours):
        document = saved.document
        by_queue = subjects(document["intervals"], "queue")
        name = next(reversed(by_queue)) if queue is None else queue
        if name not in by_queue:
            known = ", ".join(text.plain(str(each)) for each in list(by_queue)[:20])
            raise FigureError(f"there is no queue {str(name)[:60]!r}: one of {known}")
        rows = by_queue[name]
        edges = edges_of(rows)
        shown = [metric for metric in _TITLES if metric in rows[0]["metrics"]]
        columns = 2 if len(shown) == 4 else 1
        axes = canvas.subplots(len(shown) // columns, columns, sharex=True, squeeze=False)
        panels: Panels = axes.reshape(-1)
        for ax, metric in zip(panels, shown, strict=True):
            _panel(ax, metric, [row["metrics"][metric] for row in rows], edges, colours)
        start = start_of(document)
        for ax in axes[-1]:
            ax.set_xlim(edges[0], edges[-1])
            ax.set_xlabel(scales.clock_word(start))
        most = max(2, int(inches_of(canvas)[0] / columns))
        scales.clock_axis(panels[-1].xaxis, edges[0], edges[-1], start, most)
        who = "all queues" if name == "total" else style.name(str(name), 40)
        headline(canvas, f"{scenario_name(document)}: {who}, the log over its prediction")
        days = document["days"]
        told = [text.counted(int(days["count"]), "day"), f"{days['from']} to {days['to']}"]
        told.append("band: where 95 % of predictions lie, each interval by itself")
        caption(canvas, told, colours)
        return panels


def _panel(
    ax: Any, metric: str, cells: Sequence[Mapping[str, Any]], edges: Floats, colours: Theme
) -> None:
    ax.set_title(_TITLES[metric])
    expected = [{**cell, "value": cell["predicted"]} for cell in cells]
    predicted = steps(ax, edges, expected, colours.blue, dashed=True)
    heights = values(cells, "log")
    line = line_of_steps(ax, edges, heights, colours.ink)
    outside = np.array([bool(cell["outside"]) for cell in cells])
    entries = [(line, "log"), (predicted, "predicted")]
    if outside.any():
        middle = (edges[:-1] + edges[1:]) / 2.0
        (dots,) = ax.plot(middle[outside], heights[outside], "o", color=colours.red, markersize=6.0)
        entries.append((dots, "outside"))
    legend_above(ax, entries)
    every = np.concatenate([heights, values(cells, "predicted"), values(cells, "high"), [0.0]])
    most = float(np.nanmax(every))
    if metric == "service_level":
        every = np.concatenate([heights, values(cells, "low")])
        scales.share_axis(ax, 0.5 if not (every < 0.52).any() else 0.0)
    elif metric == "abandonment":
        scales.small_share_axis(ax, most)
    elif metric == "wait_mean_s":
        top = 1.05 * most or 60.0
        ax.set_ylim(0.0, top)
        scales.duration_axis(ax.yaxis, top, 4)
    else:
        scales.number_axis(ax)
