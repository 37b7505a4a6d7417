"""Wait flows as timelines: what is heard when is derived from the joining time, not stepped."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernel.bits import draw
from sim.jit import inlined, part
from sim.logs import Cause

Records = Any
_ANNOUNCEMENT, _FLOW = int(Cause.ANNOUNCEMENT), int(Cause.FLOW)


@inlined
def instant(cycle: float, joined: float, n: int, offset: float) -> float:
    """See `sim.engine.timeline.Timeline.instant`."""
    if offset == cycle:
        return joined + (n + 1) * cycle
    return joined + (n * cycle + offset)


@part
def pass_at(cycle: float, joined: float, now: float) -> int:
    """The last pass of a flow that begins strictly before `now` (the first one at least)."""
    if not cycle > 0.0:
        return 0
    n = max(0, int((now - joined) / cycle) - 1)
    while instant(cycle, joined, n + 1, 0.0) < now:
        n += 1
    return n


@part
def heard_out_at(flows: Records, steps: Records, f: int, joined: float, now: float) -> float:
    """When service can start: the end of an action that must be heard out, or now."""
    cycle, first = flows[f].cycle, flows[f].first
    if now == joined:
        end = instant(cycle, joined, 0, steps[first].end)
        return end if steps[first].heard_out and end > now else now
    n = pass_at(cycle, joined, now)
    for i in range(first, flows[f].last):
        if steps[i].heard_out:
            begin = instant(cycle, joined, n, steps[i].begin)
            end = instant(cycle, joined, n, steps[i].end)
            if begin < now < end:
                return end
    return now


@part
def flow_ends_at(
    flows: Records, steps: Records, f: int, key: np.uint64, place: int, joined: float,
    deadline: float,
) -> tuple[float, int, int]:  # fmt: skip
    """When the flow ends the wait, by hang-up on an action or of its own: time, cause, action.

    Looks no further than `deadline`; an infinite time when the call leaves before. The n-th play
    of an action has its own draw.
    """
    cycle = flows[f].cycle
    play = 0
    n = 0
    while True:
        for i in range(flows[f].first, flows[f].last):
            step = steps[i]
            if step.hangs_up:
                at = instant(cycle, joined, n, step.begin)
                return (at if at <= deadline else np.inf), _FLOW, step.action
            if step.p > 0.0:
                at = instant(cycle, joined, n, step.end)
                if at > deadline:
                    return np.inf, 0, 0
                if draw(key, place, play) < step.p:
                    return at, _ANNOUNCEMENT, step.action
            play += 1
        n += 1
        if instant(cycle, joined, n, 0.0) > deadline:
            return np.inf, 0, 0


@part
def add_plays(
    flows: Records, steps: Records, plays: NDArray[np.int64], f: int, joined: float, until: float
) -> None:
    """Count the actions that a call heard that listened from `joined` until `until`.

    O(steps of a pass), however many passes there were.
    """
    if until <= joined:
        return
    cycle = flows[f].cycle
    n = pass_at(cycle, joined, until)
    for i in range(flows[f].first, flows[f].last):
        step = steps[i]
        begun = instant(cycle, joined, n, step.begin) < until
        ended = begun and instant(cycle, joined, n, step.end) <= until
        plays[step.action, 0] += n + begun
        plays[step.action, 1] += n + ended
