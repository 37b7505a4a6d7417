"""The figure of how long calls wait."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

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
    inches_of,
    nothing,
    sample,
    scenario_name,
)
from sim.report.figures.style import Theme

_SHOWN = 0.998
"""The axis ends where at least this share of the calls has stopped waiting."""
_LEAST_BARS = 40
_PERCENTILES = {"wait_p50_s": 0.5, "wait_p90_s": 0.1, "wait_p99_s": 0.01}


def waits(
    result: Any,
    *,
    queue: str = "total",
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """How long calls wait, from joining to the answer or to giving up.

    Above, the distribution of the waits of those that were not answered at once: the share of all
    calls per unit of time. Below, the share that waits longer than t, with the median, the 90 %
    and the 99 % wait and their confidence intervals. The service level's threshold and the timeout
    of the queue are marked; for `total` where all queues have the same. `result` is what
    `open_result` takes; the histogram is that of the document, whatever the number of calls.
    Raises FigureError. Returns the two axes.
    """
    with drawing("waits", result, theme, size, into) as (saved, canvas, colours):
        row, metrics = histogram_of(saved.document, queue)
        edges, calls = np.array(row["edges_s"]), np.array(row["calls"], np.float64)
        rows = saved.document["waits"] if queue == "total" else [row]
        timeouts = {each["wait_timeout_s"] for each in rows}
        if calls.size and edges[-1] not in timeouts:  # the last bin ends with the longest wait
            longest = max(np.nextafter(edges[-2], np.inf), metrics["wait_max_s"]["value"])
            edges[-1] = min(edges[-1], longest)
        upper, lower = canvas.subplots(2, 1, sharex=True, height_ratios=(1.0, 1.0))
        total = float(calls.sum())
        delayed = metrics["delayed"]["value"]
        if total == 0.0:
            for ax in (upper, lower):
                nothing(ax, "no call waited or was answered", colours)
            end = 60.0
        else:
            at_once = round((1.0 - delayed) * total)
            end = _end(edges, calls, row)
            _density(upper, edges, calls, at_once, end, timeouts, colours)
            _longer(lower, edges, calls, delayed, metrics, end, colours)
            _marks((upper, lower), row, end, colours)
            upper.set_title(_at_once(delayed))
        lower.set_title("Calls that wait longer than ...")
        scales.small_share_axis(lower, delayed or 0.0)
        lower.set_xlim(0.0, end)
        scales.duration_axis(lower.xaxis, end, max(3, int(inches_of(canvas)[0])))
        lower.set_xlabel("wait")
        who = "all queues" if queue == "total" else style.name(queue, 40)
        headline(canvas, f"{scenario_name(saved.document)}: waits, {who}")
        points = "points: so many of the calls wait at most that long"
        caption(canvas, [points, sample(saved.document, "whiskers"), _beyond(row, end)], colours)
        panels: Panels = np.array([upper, lower], dtype=object)
        return panels


def histogram_of(
    document: Mapping[str, Any], queue: str
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The histogram of a queue's waits and its metrics. Raises FigureError."""
    rows = {row["queue"]: row for row in document.get("waits", ())}
    if queue not in rows:
        known = ", ".join(text.plain(str(name)) for name in list(rows)[:20])
        raise FigureError(f"there is no queue {queue[:60]!r}: one of {known}")
    every = {each["name"]: each for each in document["queues"]} | {"total": document["total"]}
    return rows[queue], every[queue]["metrics"]


def _end(edges: Floats, calls: Floats, row: Mapping[str, Any]) -> float:
    """Where the axis ends: nearly all waits, and the marks if they are not far beyond."""
    reached = np.cumsum(calls) / calls.sum()
    end = float(edges[int(np.searchsorted(reached, _SHOWN)) + 1])
    marks = [mark for mark in (row["threshold_s"], row["wait_timeout_s"]) if mark is not None]
    near = [mark for mark in marks if mark <= 2.0 * max(end, 1.0)]
    return max(1.0, end, *(1.06 * float(mark) for mark in near))


def _at_once(delayed: float) -> str:
    if delayed == 0.0:
        return "Every call is answered at once"
    if delayed == 1.0:
        return "No call is answered at once"
    return f"{text.percent(1.0 - delayed)} of the calls are answered at once; the others wait"


def _density(
    ax: Axes,
    edges: Floats,
    calls: Floats,
    at_once: int,
    end: float,
    timeouts: Set[float | None],
    theme: Theme,
) -> None:
    """Bars of the waits beyond 0, bins joined to about the same width; one ends at each timeout.

    It is not only the thin bin there, but as wide as others.
    """
    waited = calls.copy()
    waited[0] = max(0.0, waited[0] - at_once)
    ends, width = [0], end / _LEAST_BARS
    marks = [
        int(place)
        for place in np.flatnonzero(np.isin(edges, [t for t in timeouts if t is not None]))
    ]
    while ends[-1] < len(waited):
        wide = int(np.searchsorted(edges, edges[ends[-1]] + width))
        mark = next((place for place in marks if place > ends[-1]), len(waited))
        if wide >= mark - 1:
            wide = mark
        ends.append(int(min(max(wide, ends[-1] + 1), len(waited))))
    for mark in marks:
        place = ends.index(mark)
        thin = place > 1 and edges[mark] - edges[ends[place - 1]] < width
        if thin and ends[place - 1] not in marks:
            del ends[place - 1]  # a sliver as high as a tower would hide all others
    widths = np.diff(edges[ends])
    unit = next((u for u in (1.0, 5.0, 10.0, 30.0, 60.0, 300.0) if u >= end / 40), 3600.0)
    heights = np.add.reduceat(waited, ends[:-1]) / calls.sum() * unit / widths
    ax.stairs(heights, edges[ends], fill=True, color=theme.purple, alpha=0.85)
    ax.set_ylim(0.0, max(1.12 * float(heights.max()), 1e-9))
    ax.yaxis.set_major_formatter(FuncFormatter(scales.percent))
    ax.set_ylabel(f"calls per {text.duration(unit)}")


def _longer(
    ax: Axes,
    edges: Floats,
    calls: Floats,
    delayed: float,
    metrics: Mapping[str, Any],
    end: float,
    theme: Theme,
) -> None:
    """The share of all calls that wait longer than each edge, and the percentiles."""
    left = 1.0 - np.cumsum(calls) / calls.sum()
    ax.plot(edges, np.concatenate([[delayed], np.clip(left, 0.0, 1.0)]), color=theme.purple)
    told: dict[str, tuple[float, float, list[str]]] = {}
    for name, share in _PERCENTILES.items():
        found = metrics[name]
        at = found["value"]
        if not at:
            continue
        whiskers = None if found["low"] is None else [[at - found["low"]], [found["high"] - at]]
        ax.errorbar(
            [at], [share], xerr=whiskers, fmt="none", ecolor=theme.ink, capsize=4, elinewidth=1.5
        )
        ax.plot([at], [share], "o", markersize=7, color=theme.ink, clip_on=False)
        same = told.setdefault(text.duration(at), (at, share, []))
        same[2].append(f"{100 * (1 - share):.0f} %")
    for duration, (at, share, which) in told.items():
        is_late = at > 0.75 * end
        ax.annotate(
            f"{' and '.join(which)}: {duration}", (at, share), xytext=(-8 if is_late else 8, 9),
            textcoords="offset points", fontsize=12, ha="right" if is_late else "left",
            bbox={"facecolor": theme.background, "edgecolor": "none", "alpha": 0.7, "pad": 1},
        )  # fmt: skip


def _marks(panels: tuple[Axes, Axes], row: Mapping[str, Any], end: float, theme: Theme) -> None:
    """Lines at the threshold and at the timeout, named above them."""
    for key, word, colour, dashes in (
        ("threshold_s", "threshold", theme.green, ":"),
        ("wait_timeout_s", "timeout", theme.red, "--"),
    ):
        at = row[key]
        if at is None or at > end:
            continue
        for ax in panels:
            ax.axvline(at, color=colour, linestyle=dashes, linewidth=2.0)
        panels[0].annotate(
            f"{word} {text.duration(at)}", (at, 1.0), xycoords=("data", "axes fraction"),
            xytext=(-5 if at > 0.6 * end else 5, -4), textcoords="offset points", color=colour,
            ha="right" if at > 0.6 * end else "left", va="top", fontsize=12, fontweight="bold",
        )  # fmt: skip


def _beyond(row: Mapping[str, Any], end: float) -> str | None:
    timeout = row["wait_timeout_s"]
    if timeout is None or timeout <= end:
        return None
    return f"the timeout, {text.duration(timeout)}, lies beyond"
