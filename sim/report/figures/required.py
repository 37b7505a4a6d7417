"""Figures of a requirement: agents by interval beside Erlang's, and several days as a heat map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sim.report import measured, text
from sim.report.checked import metric_of
from sim.report.clock import start_of
from sim.report.figures import scales, style
from sim.report.figures.by_interval import Days, edges_of
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
    scenario_name,
    steps,
    values,
)
from sim.report.figures.style import Theme
from sim.scenario.targets import METRICS, UnitKind


def requirement(
    result: Any,
    *,
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """The agents that each interval requires and Erlang's, and what comes of each.

    Above the calls, in the middle the agents, below a panel for each target: the metric with the
    required agents and its confidence band, with those of Erlang C and A, and the target as a
    line. `result` is what `open_result` takes: a requirement document, its file, or the folder of
    `requirement --out`. Raises FigureError. Returns the axes: calls, agents, one for each target.
    """
    with drawing("requirement", result, theme, size, into) as (saved, canvas, colours):
        document = saved.document
        slots = document["intervals"]
        edges = edges_of(slots)
        start = start_of(document)
        n = 2 + len(document["targets"])
        axes = canvas.subplots(n, 1, sharex=True, height_ratios=[1.0, 1.8, *[1.4] * (n - 2)])
        panels: Panels = np.array(axes, dtype=object).reshape(-1)
        panels[0].set_title("Calls expected")
        line_of_steps(panels[0], edges, _column(slots, "calls"), colours.blue)
        scales.number_axis(panels[0])
        _agents(panels[1], document, edges, colours)
        for place in range(len(document["targets"])):
            _target(panels[2 + place], document, place, edges, colours)
        panels[-1].set_xlim(edges[0], edges[-1])
        panels[-1].set_xlabel(scales.clock_word(start))
        most = max(2, int(inches_of(canvas)[0]))
        scales.clock_axis(panels[-1].xaxis, edges[0], edges[-1], start, most)
        group = style.name(str(document["group"]), 40)
        headline(canvas, f"{scenario_name(document)}: agents of {group} by interval")
        caption(canvas, [_replications(document), "band: confidence interval"], colours)
        return panels


def requirement_map(
    result: Any,
    *,
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """Several days, a row for each: required agents, and how many more than Erlang A has.

    `result` is what `open_result` takes, of a requirement; the second map is left out where there
    is no Erlang A. Days begin at midnight where the scenario has a `start`, else every 24 hours.
    Raises FigureError. Returns the axes, one for each map.
    """
    with drawing("requirement_map", result, theme, size, into) as (saved, canvas, colours):
        document = saved.document
        slots = document["intervals"]
        start = start_of(document)
        layout = Days(slots, start)
        required, erlang = _column(slots, "required"), _column(slots, "erlang_a")
        shown = {"Agents required": required}
        if np.isfinite(erlang).any():
            shown["Required, less those of Erlang A"] = required - erlang
        panels: Panels = canvas.subplots(len(shown), 1, sharex=True, squeeze=False).reshape(-1)
        inches = inches_of(canvas)
        room = inches[0] * 0.82, inches[1] * 0.74 / len(shown)
        for ax, (title, found) in zip(panels, shown.items(), strict=True):
            heat(
                ax, layout.cells(found), colours, least=min(0.0, float(np.nanmin(found))),
                most=float(np.nanmax(found)), told=text.number, on_scale=scales.short_number,
                room=room,
            )  # fmt: skip
            ax.set_title(title)
            row_names(ax, layout.days, room[1])
        hours = next(h for h in (1, 2, 3, 6, 12) if 24 / h <= max(2.0, inches[0]))
        panels[-1].set_xticks(
            np.arange(0, 25, hours) * 3600.0 / layout.step,
            [f"{hour}:00" for hour in range(0, 25, hours)],
        )
        panels[-1].set_xlabel("time of day" if start is not None else "hours of the day (h:mm)")
        group = style.name(str(document["group"]), 40)
        headline(canvas, f"{scenario_name(document)}: agents of {group}, day by day")
        caption(canvas, [_replications(document), "grey: nothing to tell"], colours)
        return panels


def _agents(ax: Any, document: Mapping[str, Any], edges: Floats, colours: Theme) -> None:
    slots = document["intervals"]
    ax.set_title("Agents")
    shown = [("required", "required", colours.green, False)]
    if document["shrinkage"]:
        shown.append(("scheduled", "scheduled", colours.faint, True))
    shown += [
        ("erlang_c", "Erlang C", colours.orange, False),
        ("erlang_a", "Erlang A", colours.purple, False),
    ]
    entries = []
    for key, name, colour, dashed in reversed(shown):
        heights = _column(slots, key)
        if np.isfinite(heights).any():
            entries.append((line_of_steps(ax, edges, heights, colour, dashed=dashed), name))
    legend_above(ax, entries[::-1])
    ax.autoscale()
    ax.set_ylim(0.0, 1.08 * ax.get_ylim()[1])
    scales.number_axis(ax)


def _target(
    ax: Any, document: Mapping[str, Any], place: int, edges: Floats, colours: Theme
) -> None:
    target = document["targets"][place]
    metric = metric_of({"target": target})
    rows = [slot["targets"][place] for slot in document["intervals"]]
    ax.set_title(text.plain(target))
    entries = []
    for key, name, colour in (
        ("with_erlang_c", "with Erlang C", colours.orange),
        ("with_erlang_a", "with Erlang A", colours.purple),
    ):
        if any(row[key] for row in rows):
            heights = values([row[key] for row in rows])
            entries.append((line_of_steps(ax, edges, heights, colour), name))
    found = steps(ax, edges, [row["estimate"] for row in rows], colours.green)
    ax.axhline(document["bounds"][place], color=colours.ink, linewidth=1.0, linestyle=":")
    legend_above(ax, [(found, "required"), *entries])
    if METRICS[metric].unit is UnitKind.SHARE and ">=" in target:
        scales.share_axis(ax, 0.5 if ax.get_ylim()[0] > 0.52 else 0.0)
    else:
        ax.set_ylim(0.0, 1.05 * ax.get_ylim()[1])
        ax.yaxis.set_major_formatter(lambda value, _: measured.amount(metric, value))


def _column(slots: Sequence[Mapping[str, Any]], name: str) -> Floats:
    found = [slot[name] for slot in slots]
    return np.array([np.nan if value is None else value for value in found], np.float64)


def _replications(document: Mapping[str, Any]) -> str:
    return text.counted(int(document["replications"]), "replication")
