"""The figure of a calibration: what the log shows of conversations and patience, and the fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from sim.report import text
from sim.report.figures import FigureError, scales, style
from sim.report.figures.panels import (
    BAND,
    Canvas,
    Panels,
    Size,
    caption,
    drawing,
    headline,
    inches_of,
    legend_above,
    nothing,
)
from sim.report.figures.style import Theme


def fitted(
    result: Any,
    *,
    queue: str = "",
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """The share of conversations that last longer than t, and of callers who would wait longer.

    The log's share is the steps, for patience by the product-limit estimate with its band over
    days; the dashed line is the fitted distribution. Where hardly a wait was seen, patience
    is drawn on a grey ground. `result` is what `open_result` takes: the document that `callsim
    calibrate --json` prints, or a file with it; `queue` the queue's name, else the one with the
    most calls. Raises FigureError. Returns the two axes.
    """
    with drawing("fitted", result, theme, size, into) as (saved, canvas, colours):
        document = saved.document
        row = _row(document["queues"], queue)
        upper, lower = canvas.subplots(2, 1)
        most = max(3, int(inches_of(canvas)[0]))
        _conversations(upper, row["service"], colours, most)
        _patience(lower, row["patience"], colours, most)
        source = style.name(str(document["log"]["source"]).rsplit("/", 1)[-1], 40)
        headline(canvas, f"{source}: {style.name(row['name'], 40)}")
        told = [
            text.counted(row["counts"]["calls"], "call"),
            text.counted(document["days"]["n"], "day"),
            f"band: {text.number(100 * document['confidence'])} % over days",
        ]
        caption(canvas, told, colours)
        panels: Panels = np.array([upper, lower], dtype=object)
        return panels


def _row(queues: list[dict[str, Any]], name: str) -> dict[str, Any]:
    if not name:
        return max(queues, key=lambda each: int(each["counts"]["calls"]))
    for each in queues:
        if each["name"] == name:
            return each
    from sim.scenario.errors import did_you_mean, list_names

    names = [str(each["name"]) for each in queues]
    raise FigureError(
        f"there is no queue {name[:60]!r}: one of {list_names(names)}{did_you_mean(name, names)}"
    )


def _conversations(ax: Axes, row: Mapping[str, Any], theme: Theme, most: int) -> None:
    curve = row["curve"]
    at = np.array(curve["at_s"])
    ax.set_title("Conversations longer than ...")
    (seen,) = ax.step(at, curve["observed"], where="post", color=theme.blue)
    (law,) = ax.plot(at, curve["fitted"], "--", color=theme.ink, linewidth=1.6)
    legend_above(ax, [(seen, "in the log"), (law, row["fit"]["family"])])
    scales.share_axis(ax)
    ax.set_xlim(0.0, float(at[-1]))
    scales.duration_axis(ax.xaxis, float(at[-1]), most)


def _patience(ax: Axes, row: Mapping[str, Any] | None, theme: Theme, most: int) -> None:
    ax.set_title("Callers who would wait longer than ...")
    if row is None:
        nothing(ax, "no call waited", theme)
        return
    curve = row["curve"]
    at = np.array(curve["at_s"])
    seen = np.array(curve["observed"], np.float64)
    low, high = (np.array(curve[end], np.float64) for end in ("low", "high"))
    (line,) = ax.step(at, seen, where="post", color=theme.blue)
    if np.isfinite(low).any():
        ax.fill_between(at, low, high, step="post", color=theme.blue, alpha=BAND, linewidth=0)
    entries = [(line, "in the log")]
    if curve["fitted"] is not None:
        (law,) = ax.plot(at, curve["fitted"], "--", color=theme.ink, linewidth=1.6)
        entries.append((law, row["fit"]["family"]))
    ax.axvspan(row["known_to_s"], float(at[-1]), color=theme.faint, alpha=0.15, linewidth=0)
    legend_above(ax, entries)
    scales.share_axis(ax)
    ax.set_xlim(0.0, float(at[-1]))
    scales.duration_axis(ax.xaxis, float(at[-1]), most)
