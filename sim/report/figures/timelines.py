"""The figure of a short window of one replication, call by call and agent by agent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from sim.experiment.replicate import Replication, Replicator
from sim.logs import AgentLog, AgentState, CallLog, Outcome
from sim.report import text
from sim.report.clock import start_of
from sim.report.figures import FigureError, scales
from sim.report.figures.heat import row_names, short_names
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
    nothing,
    scenario_name,
)
from sim.report.figures.style import Theme
from sim.report.saved import Saved

MOST_CALLS, MOST_AGENTS = 250, 60
"""More rows than these can't be told apart."""
_CALLS_WANTED = 25
_WINDOWS_S = (60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 86400.0)
_COMPILED_FROM = 5_000
"""Calls of a replication from which it is worth to load the compiled engine."""


def calls(
    result: Any,
    *,
    replication: int = 0,
    from_s: float | None = None,
    to_s: float | None = None,
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """A short window of one replication: above a line for each call that waits, by how its wait
    ended; below a row for each agent, by what the agent did.

    The window is [from_s, to_s); without them it lies around the instant at which most calls
    waited. The replication is simulated again from the scenario in the folder, and must come out
    as the calls there say. `result` is what `open_result` takes, with the scenario. Raises
    FigureError. Returns the two axes.
    """
    with drawing("calls", result, theme, size, into) as (saved, canvas, colours):
        ran = replayed(saved, replication)
        assert ran.calls is not None and ran.agents is not None and saved.scenario is not None
        log, names = ran.calls, _agent_names(saved)
        horizon = saved.scenario.horizon_s
        first, last = _window(log, from_s, to_s, horizon)
        upper, lower = canvas.subplots(2, 1, sharex=True)
        told = [
            _calls(upper, log, first, last, colours),
            _agents(lower, ran.agents, names, first, last, inches_of(canvas)[1] * 0.4, colours),
        ]
        start = start_of(saved.document)
        lower.set_xlim(first, last)
        scales.clock_axis(lower.xaxis, first, last, start, max(3, int(inches_of(canvas)[0])))
        lower.set_xlabel(scales.clock_word(start))
        headline(canvas, f"{scenario_name(saved.document)}: calls and agents")
        n = int(saved.document["replications"])
        caption(canvas, [f"replication {replication} of 0 to {n - 1}", *told], colours)
        panels: Panels = np.array([upper, lower], dtype=object)
        return panels


def replayed(saved: Saved, replication: int) -> Replication:
    """A replication of a result, simulated again with all its logs. Raises FigureError."""
    scenario, n = saved.scenario, int(saved.document["replications"])
    assert scenario is not None
    if not 0 <= replication < n:
        raise FigureError(f"there is no replication {replication}: they are numbered 0 to {n - 1}")
    expected = saved.document["total"]["counts"]["offered"] / n
    engine = "compiled" if expected > _COMPILED_FROM else "simpy"
    ran = Replicator(scenario, engine=engine, keep_calls=True, keep_agents=True).run(replication)
    assert ran.calls is not None
    if saved.has_calls:
        kept = saved.calls(("replication", "leave"))
        leave = kept["leave"][kept["replication"] == replication]
        if not np.array_equal(leave, ran.calls.leave, equal_nan=True):
            raise FigureError(
                f"{saved.name}: simulated again, replication {replication} does not come out as"
                " the calls there say; was it another version of callsim? Run it again"
            )
    return ran


def _agent_names(saved: Saved) -> list[str]:
    assert saved.scenario is not None
    return [g.agent_name(i) for g in saved.scenario.agents for i in range(g.count)]


def _wait_ended(log: CallLog) -> Floats:
    ended = np.where(np.isnan(log.answer), log.leave, log.answer)
    return np.where(np.isnan(ended), np.inf, ended)


def _window(
    log: CallLog, from_s: float | None, to_s: float | None, horizon_s: float
) -> tuple[float, float]:
    """The window that was asked for, or one around the most calls waiting. Raises FigureError."""
    if from_s is None or to_s is None:
        rate = len(log) / horizon_s
        length = next((w for w in _WINDOWS_S if w * rate >= _CALLS_WANTED), horizon_s)
        length = min(length, horizon_s)
        if from_s is not None:
            to_s = from_s + length
        elif to_s is not None:
            from_s = to_s - length
        else:
            step = length / 10
            from_s = max(0.0, np.floor((_peak(log) - length / 2) / step) * step)
            from_s = min(from_s, horizon_s - length)
            to_s = from_s + length
    if not from_s < to_s or to_s <= 0.0:
        raise FigureError(
            f"the window must end after it begins, found {text.duration(from_s)} to"
            f" {text.duration(to_s)}"
        )
    return float(from_s), float(to_s)


def _peak(log: CallLog) -> float:
    """The first instant at which most calls wait; 0 without calls."""
    waited = (log.outcome != Outcome.BLOCKED) & (_wait_ended(log) > log.arrival)
    if not waited.any():
        return 0.0
    at = np.concatenate([log.arrival[waited], _wait_ended(log)[waited]])
    change = np.repeat([1, -1], np.count_nonzero(waited))
    order = np.lexsort((change, at))
    return float(at[order][np.argmax(np.cumsum(change[order]))])


def _calls(ax: Axes, log: CallLog, first: float, last: float, theme: Theme) -> str:
    """The waits within the window, a line each; what was left out, in words."""
    ended = _wait_ended(log)
    waits = (log.outcome != Outcome.BLOCKED) & (ended > log.arrival)
    here = (log.arrival < last) & (ended >= first)
    rows = np.flatnonzero(waits & here)
    rows = rows[np.argsort(log.arrival[rows], kind="stable")]
    shown = rows[:MOST_CALLS]
    at = np.arange(shown.size)
    answered = np.isfinite(log.answer[shown])
    outcome = log.outcome[shown]
    kinds = (
        ("answered", answered, theme.blue, "o"),
        ("gave up", outcome == Outcome.ABANDONED, theme.red, "x"),
        ("went to another queue", outcome == Outcome.OVERFLOWED, theme.purple, ">"),
        ("waits at the end", ~np.isfinite(ended[shown]), theme.faint, ""),
    )
    entries: list[tuple[Any, str]] = []
    for word, mask, colour, marker in kinds:
        if not mask.any():
            continue
        begin, end = log.arrival[shown][mask], np.minimum(ended[shown][mask], last + 1e9)
        lines = [[(a, y), (b, y)] for a, b, y in zip(begin, end, at[mask], strict=True)]
        thick = min(5.0, 130.0 / (shown.size + 1))
        ax.add_collection(LineCollection(lines, colors=colour, linewidths=max(1.0, thick)))
        if marker:
            ax.plot(end, at[mask], marker, color=colour, markersize=max(3.0, thick * 1.6))
        entries.append((Line2D([], [], color=colour, marker=marker, linewidth=3), word))
    blocked = (log.outcome == Outcome.BLOCKED) & (log.arrival >= first) & (log.arrival < last)
    if blocked.any():
        times = log.arrival[blocked]
        ax.plot(times, np.full(times.size, -1.0), "v", color=theme.orange, markersize=6)
        entries.append(
            (Line2D([], [], color=theme.orange, marker="v", linewidth=0), "found the queue full")
        )
    at_once = int(((log.answer == log.arrival) & (log.arrival >= first) & here).sum())
    ax.set_ylim(max(shown.size, 1) - 0.3, -1.7)
    ax.set_yticks([])
    ax.grid(False)
    ax.spines["left"].set_visible(False)
    ax.set_title("Calls that wait")
    if entries:
        legend_above(ax, entries)
    if not shown.size:
        nothing(ax, "no call waits in this window", theme)
    left_out = "" if shown.size == rows.size else f", only the first {shown.size} drawn"
    return f"{text.counted(rows.size, 'call')} waiting{left_out}, {at_once} answered at once"


def _agents(
    ax: Axes,
    log: AgentLog,
    names: Sequence[str],
    first: float,
    last: float,
    inches: float,
    theme: Theme,
) -> str | None:
    """What each agent does in the window; which agents were left out, in words."""
    here = (log.from_s < last) & (log.to_s > first)
    worked = np.unique(log.agent[here & (log.state != AgentState.OFF)])
    shown = worked[:MOST_AGENTS] if worked.size else np.arange(min(len(names), MOST_AGENTS))
    place = np.full(max(len(names), 1), -1)
    place[shown] = np.arange(shown.size)
    entries = []
    for state, word, colour in (
        (AgentState.AVAILABLE, "free", theme.grid),
        (AgentState.CONNECTING, "connecting", theme.yellow),
        (AgentState.SERVICE, "talking", theme.blue),
        (AgentState.WRAP_UP, "wrap-up", theme.green),
        (AgentState.PENALTY, "penalty", theme.red),
        (AgentState.BREAK, "break", theme.purple),
    ):
        mask = here & (log.state == state) & (place[log.agent] >= 0)
        if mask.any():
            bars = _bars(log.from_s[mask], log.to_s[mask], place[log.agent[mask]])
            ax.add_collection(PolyCollection(bars, facecolors=colour, edgecolors="none"))
            entries.append((Patch(color=colour), word))
    ax.set_ylim(max(shown.size, 1) - 0.4, -0.6)
    shown_names = short_names([names[agent] for agent in shown.tolist()], 24)
    row_names(ax, shown_names, inches, np.arange(shown.size, dtype=np.float64))
    ax.grid(False)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_title("Agents")
    if entries:
        legend_above(ax, entries)
    else:
        nothing(ax, "nobody is on shift", theme)
    if shown.size < worked.size:
        return f"only the first {shown.size} of {worked.size} agents on shift drawn"
    return None


def _bars(from_s: Floats, to_s: Floats, row: NDArray[np.int64]) -> list[NDArray[np.float64]]:
    """Rectangles, each of shape (4, 2)."""
    low, high = row - 0.4, row + 0.4
    corners = [(from_s, low), (from_s, high), (to_s, high), (to_s, low)]
    return list(np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1))
