"""The figure of callers' patience, and of when they gave up."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sim.metrics.survival import product_limit
from sim.report import text
from sim.report.figures import scales, style
from sim.report.figures.panels import (
    BAND,
    Canvas,
    Floats,
    Panels,
    Size,
    caption,
    drawing,
    headline,
    inches_of,
    legend_above,
    nothing,
    sample,
    scenario_name,
)
from sim.report.figures.style import Theme
from sim.report.figures.waiting import histogram_of
from sim.report.saved import Saved

_POINTS = 240
_BARS = 48
_SHOWN = 0.998
CAUSES = {
    "hangup": "lost patience",
    "announcement": "hung up on an announcement",
    "timeout": "timeout",
    "flow": "hung up by the flow",
}
OWN_CAUSES = ("hangup", "announcement")
"""What callers decide themselves."""


def patience(
    result: Any,
    *,
    queue: str = "total",
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """How long callers would stay, and when they gave up.

    Above, the share of callers that would still wait after t, by the product-limit estimate: a
    caller who was answered or timed out is only known to have stayed that long. The band is over
    replications. Where the queue's `patience` is in the scenario, it is the dashed line. Below,
    the calls that left unserved, per replication, by how long they had waited and why.
    Calls that joined during the warm-up are left out. `result` is what `open_result` takes, with
    calls. Raises FigureError. Returns the two axes.
    """
    with drawing("patience", result, theme, size, into) as (saved, canvas, colours):
        row, _ = histogram_of(saved.document, queue)
        wait, replication, left_by = ended_calls(saved, queue)
        n = int(saved.document["replications"])
        upper, lower = canvas.subplots(2, 1, sharex=True)
        end = 60.0
        if wait.size:
            end = axis_end(wait, np.any(list(left_by.values()), axis=0), row["wait_timeout_s"])
            _staying(upper, saved, queue, wait, replication, left_by, end, colours)
            bars_by_cause(lower, wait, left_by, end, n, colours)
            mark_timeout((upper, lower), row["wait_timeout_s"], end, colours)
        else:
            for ax in (upper, lower):
                nothing(ax, "no call waited or was answered", colours)
        upper.set_title("Callers who would wait longer than ...")
        lower.set_title("Calls that left, per replication")
        scales.share_axis(upper)
        lower.set_xlim(0.0, end)
        scales.duration_axis(lower.xaxis, end, max(3, int(inches_of(canvas)[0])))
        lower.set_xlabel("wait")
        who = "all queues" if queue == "total" else style.name(queue, 40)
        headline(canvas, f"{scenario_name(saved.document)}: patience, {who}")
        caption(canvas, [f"{wait.size:,} calls", sample(saved.document, "band")], colours)
        panels: Panels = np.array([upper, lower], dtype=object)
        return panels


def ended_calls(
    saved: Saved, queue: str
) -> tuple[Floats, NDArray[np.int64], dict[str, NDArray[np.bool_]]]:
    """The calls of a queue (or all, for `total`) whose wait has ended, warm-up left out.

    How long each waited, its replication, and for each cause which calls left unserved by it. A
    call that went on to another queue ended its wait in the one that it left.
    """
    columns = ("replication", "queue", "arrival", "answer", "leave", "outcome", "cause")
    log = saved.calls(columns)
    wait = np.where(np.isnan(log["answer"]), log["leave"], log["answer"]) - log["arrival"]
    some = np.isfinite(wait) & (log["outcome"] != "blocked")
    some &= log["arrival"] >= float(saved.document["warmup_s"])
    if queue != "total":
        some &= log["queue"] == queue
    causes, replications = log["cause"][some], log["replication"][some].astype(np.int64)
    return wait[some], replications, {name: causes == name for name in CAUSES}


def axis_end(wait: Floats, left: NDArray[np.bool_], timeout: float | None) -> float:
    """Where the axis ends: nearly all that left, and the timeout if it is not far beyond."""
    end = max(1.0, float(np.quantile(wait[left] if left.any() else wait, _SHOWN)))
    return 1.06 * timeout if timeout is not None and end / 2 <= timeout <= 2 * end else 1.02 * end


def _staying(
    ax: Axes,
    saved: Saved,
    queue: str,
    wait: Floats,
    replication: NDArray[np.int64],
    left_by: dict[str, NDArray[np.bool_]],
    end: float,
    theme: Theme,
) -> None:
    at = np.linspace(0.0, end, _POINTS + 1)
    gone = np.any([left_by[cause] for cause in OWN_CAUSES], axis=0)
    found = product_limit(wait, gone, replication, int(saved.document["replications"]), at)
    until = at <= wait.max()
    (line,) = ax.plot(at[until], found.value[until], color=theme.blue)
    if np.isfinite(found.low).any():
        ax.fill_between(
            at[until], found.low[until], found.high[until], color=theme.blue, alpha=BAND,
            linewidth=0,
        )  # fmt: skip
    entries = [(line, "as seen in the calls")]
    given = _given(saved, queue)
    if given is not None:
        (dashed,) = ax.plot(*given, "--", color=theme.ink, linewidth=1.6)
        entries.append((dashed, "patience as the scenario has it"))
    legend_above(ax, entries)


def _given(saved: Saved, queue: str) -> tuple[Floats, Floats] | None:
    """The share that stays by the scenario's own patience of this queue, or of all if it is one."""
    scenario = saved.scenario
    if scenario is None:
        return None
    given = {each.patience for each in scenario.queues if queue in ("total", each.name)}
    flows = {each.wait_flow for each in scenario.queues if queue in ("total", each.name)}
    hangs_up = any(
        action.hangup_probability > 0
        for flow in flows
        if flow is not None
        for action in scenario.flows[flow].actions
    )
    law = given.pop() if len(given) == 1 else None
    if law is None or hangs_up:
        return None
    from sim.workload.variates import quantile

    u = (np.arange(1000) + 0.5) / 1000
    return quantile(law, u), 1.0 - u


def bars_by_cause(
    ax: Axes,
    wait: Floats,
    left_by: dict[str, NDArray[np.bool_]],
    end: float,
    n_replications: int,
    theme: Theme,
) -> None:
    """Bars of the calls that left, one cause upon the other; the bars' heights per replication."""
    edges = np.linspace(0.0, end, _BARS + 1)
    floor = np.zeros(_BARS)
    entries = []
    colours = (theme.orange, theme.sky, theme.red, theme.faint)
    for (cause, word), colour in zip(CAUSES.items(), colours, strict=True):
        waits = wait[left_by[cause]]
        if not waits.size:
            continue
        heights = np.histogram(waits, edges)[0] / n_replications
        ax.stairs(floor + heights, edges, baseline=floor, fill=True, color=colour)
        floor = floor + heights
        entries.append((Patch(color=colour), f"{word}: {text.number(waits.size / n_replications)}"))
    ax.set_ylim(0.0, max(1.15 * float(floor.max()), 1e-9))
    scales.number_axis(ax)
    if entries:
        legend_above(ax, entries)
    else:
        nothing(ax, "every call was answered", theme)


def mark_timeout(panels: tuple[Axes, ...], timeout: float | None, end: float, theme: Theme) -> None:
    """A line at the timeout in all panels, named in the last."""
    if timeout is None or timeout > end:
        return
    for ax in panels:
        ax.axvline(timeout, color=theme.red, linestyle="--", linewidth=2.0)
    panels[-1].annotate(
        f"timeout {text.duration(timeout)}", (timeout, 1.0), xycoords=("data", "axes fraction"),
        xytext=(-5, -4), textcoords="offset points", color=theme.red, ha="right", va="top",
        fontsize=12, fontweight="bold",
    )  # fmt: skip
