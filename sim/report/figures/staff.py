"""Figures of the agents: how busy each group is, and whom it serves."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from sim.report import text
from sim.report.figures import scales
from sim.report.figures.heat import column_names, heat, row_names, short_names
from sim.report.figures.panels import (
    Canvas,
    Size,
    caption,
    drawing,
    headline,
    inches_of,
    legend_above,
    metric,
    nothing,
    sample,
    scenario_name,
    values,
)

_MOST_TOLD = 30
"""With more groups than this, bars are not labelled with their values."""


def occupancy(
    result: Any, *, theme: str = "light", size: Size | None = None, into: Canvas | None = None
) -> Axes:
    """How busy each agent group is: a bar of its occupancy, with the confidence interval.

    The darker part of the bar is `utilisation`, the time in conversation; the rest is connecting,
    ringing and wrap-up. Groups stand in the file's order. `result` is what `open_result` takes.
    Raises FigureError.
    """
    with drawing("occupancy", result, theme, size, into) as (saved, canvas, colours):
        groups = saved.document["agents"]
        ax: Axes = canvas.subplots()
        busy = metric(groups, "occupancy")
        talking = values(metric(groups, "utilisation"))
        shares, low, high = (values(busy, end) for end in ("value", "low", "high"))
        at = np.arange(len(groups))
        ax.barh(at, np.nan_to_num(shares), height=0.7, color=colours.orange, alpha=0.55)
        ax.barh(at, np.nan_to_num(talking), height=0.7, color=colours.orange)
        some = np.isfinite(low)
        ax.errorbar(
            shares[some], at[some], xerr=[shares[some] - low[some], high[some] - shares[some]],
            fmt="none", ecolor=colours.ink, elinewidth=1.5, capsize=min(4.0, 120 / (len(at) + 1)),
        )  # fmt: skip
        inches = inches_of(canvas)
        names = short_names([f"{each['name']} ({each['count']})" for each in groups], 32)
        row_names(ax, names, inches[1] * 0.75, at.astype(float))
        if len(groups) <= _MOST_TOLD:
            for place, each in enumerate(busy):
                edge = np.nanmax([0.0, shares[place], high[place]])
                ax.text(
                    edge + 0.012, place, text.share(each), va="center",
                    fontsize=min(13.0, inches[1] * 40 / max(len(groups), 1)),
                )  # fmt: skip
        ax.set_ylim(max(len(groups), 1) - 0.5, -0.5)
        ax.set_xlim(0.0, 1.12 if len(groups) <= _MOST_TOLD else 1.0)
        ax.set_xticks(np.linspace(0, 1, 6))
        ax.xaxis.set_major_formatter(FuncFormatter(scales.percent))
        ax.grid(True, axis="x")
        ax.grid(False, axis="y")
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel("of the time on shift")
        if groups:
            legend_above(
                ax,
                [
                    (Patch(color=colours.orange), "in conversation"),
                    (Patch(color=colours.orange, alpha=0.55), "connecting, ringing, wrap-up"),
                ],
            )
        else:
            nothing(ax, "there are no agents", colours)
        headline(canvas, f"{scenario_name(saved.document)}: occupancy of the agent groups")
        caption(
            canvas,
            ["in brackets the number of agents", sample(saved.document, "whiskers and ±")],
            colours,
        )
        return ax


def served(
    result: Any, *, theme: str = "light", size: Size | None = None, into: Canvas | None = None
) -> Axes:
    """Who served what: a row for each queue, a column for each agent group.

    A cell is the share of the queue's answered calls that the group took, grey for none. `result`
    is what `open_result` takes. Raises FigureError.
    """
    with drawing("served", result, theme, size, into) as (saved, canvas, colours):
        table = saved.document["served_by"]
        ax: Axes = canvas.subplots()
        shape = len(table["queues"]), len(table["agents"])
        calls = np.array(table["serviced"], np.float64).reshape(shape)
        totals = calls.sum(axis=1, keepdims=True)
        shares = np.divide(calls, totals, out=np.full(shape, np.nan), where=calls > 0)
        n = float(saved.document["replications"])
        names = [
            f"{name}  {text.number(float(total) / n)}"
            for name, total in zip(short_names(table["queues"]), totals[:, 0], strict=True)
        ]
        inches = inches_of(canvas)
        if shape[1]:
            room = inches[0] * 0.72, inches[1] * 0.7
            heat(
                ax, shares, colours, least=0.0, most=1.0, told=_of_queue,
                on_scale=scales.percent, room=room,
            )  # fmt: skip
            row_names(ax, names, room[1])
            column_names(ax, short_names(table["agents"], 24), room[0] * 0.85)
        else:
            nothing(ax, "there are no agents", colours)
            row_names(ax, names, inches[1] * 0.7)
            ax.set_ylim(len(names), 0)
            ax.set_xticks([])
            ax.grid(False)
        headline(canvas, f"{scenario_name(saved.document)}: who served whom")
        caption(
            canvas,
            [
                "of each queue's answered calls; beside the queue their number per replication",
                text.counted(int(n), "replication"),
                "grey: none",
            ],
            colours,
        )
        return ax


def _of_queue(share: float) -> str:
    """`12 %`; a share that is not nothing is never written as 0."""
    return "<1 %" if 0.0 < share < 0.005 else f"{100 * share:.0f} %"
