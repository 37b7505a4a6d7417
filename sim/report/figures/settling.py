"""The figure of a suggested warm-up: the series, their moving averages, and the cut."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.metrics.warmup import moving_average
from sim.report import text
from sim.report.figures import scales
from sim.report.figures.panels import (
    Canvas,
    Panels,
    Size,
    caption,
    drawing,
    headline,
    inches_of,
    legend_above,
    scenario_name,
)
from sim.scenario.units import format_duration

_TITLES = {"waiting": "Calls waiting", "in_system": "Calls in the system"}
_WINDOW = 0.05
"""The moving average looks at this share of the run on either side."""


def warmup(
    result: Any,
    *,
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """The number waiting and the number in the system, averaged over replications.

    A panel for each: the averaged series, its moving average, and the suggested cut with the mean
    of what is left after it. `result` is what `open_result` takes: the document that `callsim
    warmup --json` prints, or a file with it. Raises FigureError. Returns the two axes.
    """
    with drawing("warmup", result, theme, size, into) as (saved, canvas, colours):
        document = saved.document
        axes = canvas.subplots(2, 1, sharex=True)
        panels: Panels = np.array(axes, dtype=object)
        for ax, series, colour in zip(
            panels, document["series"], (colours.purple, colours.blue), strict=True
        ):
            values = np.array(series["values"])
            at = (np.arange(values.size) + 0.5) * document["observation_s"]
            smooth = moving_average(values, max(1, int(_WINDOW * values.size)))
            (raw,) = ax.plot(at, values, color=colours.faint, linewidth=0.8, alpha=0.7)
            (line,) = ax.plot(at, smooth, color=colour)
            entries = [(raw, "averaged over replications"), (line, "moving average")]
            if document["warmup_s"] is not None:
                cut = ax.axvline(document["warmup_s"], color=colours.red, linewidth=2.0)
                ax.axvspan(0.0, document["warmup_s"], color=colours.red, alpha=0.08, linewidth=0)
                level = ax.hlines(
                    series["level"], document["warmup_s"], document["horizon_s"],
                    color=colours.ink, linewidth=1.0, linestyle="--",
                )  # fmt: skip
                entries += [(cut, "warm-up"), (level, "mean after it")]
            ax.set_title(_TITLES[series["name"]])
            ax.set_ylim(bottom=0.0)
            ax.set_xlim(0.0, document["horizon_s"])
            legend_above(ax, entries)
        most = max(3, int(inches_of(canvas)[0]))
        scales.clock_axis(panels[1].xaxis, 0.0, document["horizon_s"], None, most)
        panels[1].set_xlabel("time from the start")
        headline(canvas, f"Warm-up: {scenario_name(document)}")
        suggested = "the run is too short to suggest a warm-up"
        if document["warmup_s"] is not None:
            suggested = f"suggested by MSER-5: warmup: {format_duration(document['warmup_s'])}"
        told = text.counted(document["replications"], "replication")
        caption(canvas, (told, f"seed {document['seed']}", suggested), colours)
        return panels
