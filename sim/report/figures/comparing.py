"""The figure of a comparison: each variant's paired differences to the first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.report import measured, text
from sim.report.figures import FigureError, scales, style
from sim.report.figures.heat import row_names, short_names
from sim.report.figures.panels import (
    Canvas,
    Panels,
    Size,
    caption,
    drawing,
    headline,
    inches_of,
    nothing,
    sample,
    values,
)
from sim.report.figures.style import Theme
from sim.scenario.targets import METRICS, UnitKind

WORDS = {
    "service_level": "Service level",
    "abandonment": "Abandonment",
    "wait_mean_s": "Mean wait",
    "asa_s": "Mean wait of the answered",
    "wait_p90_s": "90 % wait",
    "queue_length_mean": "Queue length",
    "occupancy": "Occupancy",
}
_SHOWN = ("service_level", "abandonment", "wait_mean_s", "wait_p90_s")
_MOST_TOLD = 14
"""With more variants than this, points are not labelled with their values."""


def differences(
    result: Any,
    *,
    queue: str = "total",
    metric: str | None = None,
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """What each variant changes against the first, with the confidence interval of the difference.

    A panel for the service level, the abandonment, the mean and the 90 % wait, or for `metric`
    alone; a row for each variant. Differences are paired by replication. A filled point: the
    interval excludes 0. `result` is what `open_result` takes, of a comparison. Raises FigureError.
    Returns the axes.
    """
    with drawing("differences", result, theme, size, into) as (saved, canvas, colours):
        document = saved.document
        names = list(dict.fromkeys(row["b"] for row in document["differences"]))
        rows = {
            (row["metric"], row["b"]): row["difference"]
            for row in document["differences"]
            if row["queue"] == queue
        }
        if not rows:
            known = dict.fromkeys(text.plain(row["queue"]) for row in document["differences"])
            raise FigureError(
                f"no differences of queue {queue[:60]!r}: one of {', '.join(list(known)[:20])}"
            )
        metrics = [metric] if metric is not None else list(_SHOWN)
        known_metrics = dict.fromkeys(name for name, _ in rows)
        if metric is not None and metric not in known_metrics:
            raise FigureError(f"no metric {metric[:60]!r}: one of {', '.join(known_metrics)}")
        shape = (1, 1) if len(metrics) == 1 else (2, 2)
        axes = canvas.subplots(*shape, sharey=True, squeeze=False)
        panels: Panels = axes.reshape(-1)
        inches = inches_of(canvas)[1] * 0.8 / shape[0]
        for ax, name in zip(panels, metrics, strict=True):
            _points(ax, name, [rows[name, b] for b in names], colours, inches)
        for ax in axes[:, 0]:
            row_names(ax, short_names(names, 34), inches, np.arange(len(names)).astype(float))
        who = "all queues" if queue == "total" else style.name(queue, 40)
        headline(canvas, f"Difference to {style.name(document['variants'][0], 50)}: {who}")
        told = [sample(document, "whiskers"), "paired by replication"]
        if document["replications"] > 1:
            told.append("filled: the interval excludes 0")
        caption(canvas, told, colours)
        return panels


def _points(ax: Axes, name: str, rows: Sequence[Any], theme: Theme, inches: float) -> None:
    found, low, high = (values(rows, end) for end in ("value", "low", "high"))
    at = np.arange(len(rows))
    shown = np.array([measured.is_shown(row) for row in rows], bool)
    colours = np.where(shown, theme.blue, theme.faint)
    ax.axvline(0.0, color=theme.ink, linewidth=1.2)
    for place in range(len(rows)):
        if np.isfinite(low[place]):
            ax.plot([low[place], high[place]], [place, place], color=colours[place], linewidth=2.5)
    fill = [colour if is_shown else theme.background for colour, is_shown in zip(colours, shown,
            strict=True)]  # fmt: skip
    ax.scatter(found, at, s=80, c=fill, edgecolors=list(colours), linewidths=2.0, zorder=3)
    if len(rows) <= _MOST_TOLD:
        points = min(12.0, inches * 72 / (2.6 * max(len(rows), 1)))
        for place, row in enumerate(rows):
            if row["value"] is not None:
                told = measured.change(name, row).removeprefix("* ")
                ax.annotate(
                    told, (found[place], place), xytext=(0, 7), textcoords="offset points",
                    ha="center", va="bottom", fontsize=points,
                )  # fmt: skip
    if not np.isfinite(found).any():
        nothing(ax, "could not be had", theme)
    _axis(ax, name, np.concatenate([found, low, high]))
    ax.set_ylim(max(len(rows), 1) - 0.45, -0.75)
    ax.tick_params(axis="y", length=0)
    ax.grid(True, axis="x")
    ax.grid(False, axis="y")


def _axis(ax: Axes, name: str, ends: Any) -> None:
    unit = METRICS[name].unit if name in METRICS else UnitKind.NUMBER
    word = WORDS.get(name, METRICS[name].description if name in METRICS else name)
    finite = ends[np.isfinite(ends)]
    reach = max([1e-9, *np.abs(finite)]) if finite.size else 1.0
    least, most = min([0.0, *finite]), max([0.0, *finite])
    pad = 0.18 * max(most - least, 1e-3 * reach)
    ax.set_xlim(least - pad, most + pad)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    if unit is UnitKind.SHARE:
        ax.set_title(f"{word} (points)")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _signed(100.0 * x)))
    elif unit is UnitKind.SECONDS:
        ax.set_title(f"{word} (seconds)")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _signed(x)))
    else:
        ax.set_title(word)
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: _signed(x)))


def _signed(value: float) -> str:
    told = scales.short_number(round(value, 9))
    return f"+{told}" if value > 0 else told.replace("-", "\N{MINUS SIGN}")
