"""The figure of a wait flow: what callers heard, how many still waited, where they hung up."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from sim.engine.timeline import EndKind, Timeline, unroll
from sim.report import text
from sim.report.figures import FigureError, scales, style
from sim.report.figures.giving_up import axis_end, bars_by_cause, ended_calls, mark_timeout
from sim.report.figures.panels import (
    Canvas,
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
from sim.report.figures.waiting import histogram_of
from sim.report.saved import Saved
from sim.scenario.model import Action, ActionType, Queue

_MOST_ACTIONS = 400
_MOST_TOLD = 5
_POINTS = 400


def flow(
    result: Any,
    *,
    queue: str | None = None,
    theme: str = "light",
    size: Size | None = None,
    into: Canvas | None = None,
) -> Panels:
    """What the callers of a queue heard while they waited, and where they hung up.

    Above, the actions of the wait flow from the instant of joining, pass after pass; in the
    middle, the share of the calls that still waited after t; below, the calls that left unserved
    per replication, by how long they had waited and why. Without `queue` it is the queue with a
    flow that has the most calls. `result` is what `open_result` takes, with calls and scenario.
    Raises FigureError. Returns the three axes.
    """
    with drawing("flow", result, theme, size, into) as (saved, canvas, colours):
        chosen = _queue(saved, queue)
        row, _ = histogram_of(saved.document, chosen.name)
        assert saved.scenario is not None and chosen.wait_flow is not None
        actions = saved.scenario.flows[chosen.wait_flow].actions
        timeline = unroll(saved.scenario.flows[chosen.wait_flow], saved.scenario.flow_action_limit)
        wait, _, left_by = ended_calls(saved, chosen.name)
        n = int(saved.document["replications"])
        top, middle, bottom = canvas.subplots(3, 1, sharex=True, height_ratios=(1.0, 1.6, 2.2))
        end = max(60.0, 1.2 * timeline.cycle_s)
        if wait.size:
            left = np.any(list(left_by.values()), axis=0)
            end = axis_end(wait, left, row["wait_timeout_s"])
            at = np.linspace(0.0, end, _POINTS + 1)
            staying = 1.0 - np.searchsorted(np.sort(wait), at, side="right") / wait.size
            middle.plot(at, staying, color=colours.blue)
            scales.small_share_axis(middle, float(staying[0]))
            bars_by_cause(bottom, wait, left_by, end, n, colours)
            mark_timeout((top, middle, bottom), row["wait_timeout_s"], end, colours)
        else:
            for ax in (middle, bottom):
                nothing(ax, "no call waited or was answered", colours)
        _heard(top, timeline, actions, end, inches_of(canvas)[0] * 0.9, colours)
        middle.set_title("Calls that still wait after ...")
        bottom.set_title("Calls that left, per replication")
        bottom.set_xlim(0.0, end)
        scales.duration_axis(bottom.xaxis, end, max(3, int(inches_of(canvas)[0])))
        bottom.set_xlabel("wait")
        name = style.name(saved.scenario.flows[chosen.wait_flow].name, 40)
        headline(
            canvas,
            f"{scenario_name(saved.document)}: wait flow {name}, {style.name(chosen.name, 40)}",
        )
        told = [words for _, words in list(_numbered(actions).values())[:_MOST_TOLD]]
        calls = f"{wait.size:,} calls of {text.counted(n, 'replication')}"
        caption(canvas, [*told, calls], colours)
        panels: Panels = np.array([top, middle, bottom], dtype=object)
        return panels


def _queue(saved: Saved, name: str | None) -> Queue:
    """The queue of that name, or the one with a wait flow and the most calls."""
    assert saved.scenario is not None
    queues = {each.name: each for each in saved.scenario.queues}
    with_flow = [name for name, each in queues.items() if each.wait_flow is not None]
    if not with_flow:
        raise FigureError("the figure `flow` needs a wait flow: no queue has one")
    if name is None:
        counts = {each["name"]: each["counts"]["incoming"] for each in saved.document["queues"]}
        return queues[max(with_flow, key=lambda each: counts[each])]
    if name not in with_flow:
        known = ", ".join(text.plain(each) for each in with_flow[:20])
        what = "has no wait flow" if name in queues else "does not exist"
        raise FigureError(f"queue {name[:60]!r} {what}: those with one are {known}")
    return queues[name]


def _heard(
    ax: Axes,
    timeline: Timeline,
    actions: tuple[Action, ...],
    end: float,
    inches: float,
    theme: Theme,
) -> None:
    """The actions as bars from the instant of joining to the end of the axis."""
    colours = {
        ActionType.TALK: theme.blue,
        ActionType.PLAY: theme.green,
        ActionType.BEEP: theme.yellow,
        ActionType.SLEEP: theme.grid,
    }
    found: dict[ActionType, Patch] = {}
    heard_out = None
    numbered = _numbered(actions)
    for begin, stop, place in _played(timeline, end):
        action = actions[place]
        if stop > begin and action.type in colours:
            colour = colours[action.type]
            hatch = None if action.interruptible else "///"
            bar = Rectangle(
                (begin, 0.0), stop - begin, 1.0, facecolor=colour, hatch=hatch,
                edgecolor=theme.background, linewidth=1.0,
            )  # fmt: skip
            ax.add_patch(bar)
            found.setdefault(action.type, Patch(color=colour))
            if hatch:
                heard_out = Patch(facecolor=colour, hatch=hatch, edgecolor=theme.background)
            number = numbered.get(place, (None, ""))[0]
            if number is not None:
                _write(ax, number, (begin, min(stop, end), end), inches, action, theme)
    entries: list[tuple[Any, str]] = [(patch, str(kind)) for kind, patch in found.items()]
    if heard_out is not None:
        entries.append((heard_out, "to be heard out"))
    if timeline.ending is not None:
        at = timeline.instant(0.0, timeline.ending.n, timeline.ending.offset_s)
        word = {
            EndKind.HANGUP: "hung up",
            EndKind.QUEUE_JOIN: "joins another queue",
            EndKind.LIMIT: "limit of actions",
        }[timeline.ending.kind]
        if at <= end:
            entries.append((ax.axvline(at, color=theme.ink, linewidth=3.0), word))
    ax.set_ylim(0.0, 1.0)
    ax.set_yticks([])
    ax.grid(False)
    ax.spines["left"].set_visible(False)
    ax.set_title("What callers hear")
    legend_above(ax, entries)


def _write(
    ax: Axes,
    number: int,
    times: tuple[float, float, float],
    inches: float,
    action: Action,
    theme: Theme,
) -> None:
    """An action's number in its bar, or right of a bar that is too narrow for it."""
    begin, stop, end = times
    fits = (stop - begin) / end * inches > 0.16
    is_dark = fits and action.type is not ActionType.SLEEP
    ax.text(
        (begin + stop) / 2 if fits else stop + 0.003 * end, 0.5, str(number), va="center",
        ha="center" if fits else "left", fontsize=12, fontweight="bold", clip_on=True,
        color=theme.background if is_dark else theme.ink,
    )  # fmt: skip


def _played(timeline: Timeline, end: float) -> list[tuple[float, float, int]]:
    """The actions that begin before `end`, of a call that joined at 0: begin, end, place."""
    played: list[tuple[float, float, int]] = []
    for n in range(_MOST_ACTIONS):
        for i, step in enumerate(timeline.steps):
            begin = timeline.instant(0.0, n, step.begin_s)
            if timeline.ends_before(n, i) or begin >= end or len(played) >= _MOST_ACTIONS:
                return played
            played.append((begin, timeline.instant(0.0, n, step.end_s), step.action))
    return played


def _numbered(actions: tuple[Action, ...]) -> dict[int, tuple[int, str]]:
    """The actions with something to tell of, by place: its number as in reports, from 1, and what
    the caption says."""
    told: dict[int, tuple[int, str]] = {}
    for place, action in enumerate(actions):
        words = []
        if action.text:
            words.append(f"\u201c{style.name(action.text, 60)}\u201d")
        if action.hangup_probability > 0:
            words.append(f"{100 * action.hangup_probability:g} % hang up")
        if words:
            told[place] = place + 1, f"{place + 1}. {action.type}: {', '.join(words)}"
    return told
