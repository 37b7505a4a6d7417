"""Wait flows as timelines: what is heard when is derived from the joining time, not stepped."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernel.bits import draw
from sim.jit import inlined, part
from sim.logs import Cause

Records = Any
_ANNOUNCEMENT = int(Cause.ANNOUNCEMENT)


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


@inlined
def hears_first(flows: Records, steps: Records, f: int) -> bool:
    """Whether even a call routed on arrival listens: to a first action that must be heard out."""
    flow = flows[f]
    first = steps[flow.first]
    ends_at_once = flow.ends and flow.end_pass == 0 and flow.end_step == 0
    return first.heard_out and first.end > 0.0 and not ends_at_once


@part
def heard_out_at(flows: Records, steps: Records, f: int, joined: float, now: float) -> float:
    """When service can start: the end of an action that must be heard out, or now."""
    flow = flows[f]
    if now == joined:
        if flow.ends and flow.end_pass == 0 and flow.end_step == 0:
            return now
        end = instant(flow.cycle, joined, 0, steps[flow.first].end)
        return end if steps[flow.first].heard_out and end > now else now
    n = pass_at(flow.cycle, joined, now)
    last = flow.last
    if flow.ends and n >= flow.end_pass:
        last = flow.first + (flow.end_step if n == flow.end_pass else 0)
    for i in range(flow.first, last):
        if steps[i].heard_out:
            begin = instant(flow.cycle, joined, n, steps[i].begin)
            end = instant(flow.cycle, joined, n, steps[i].end)
            if begin < now < end:
                return end
    return now


@part
def flow_ends_at(
    flows: Records, steps: Records, f: int, key: np.uint64, place: int, first_play: int,
    joined: float, since: float, ends_from: float, deadline: float,
) -> tuple[float, int, int]:  # fmt: skip
    """When the flow ends the wait, by hang-up on an action or of its own: time, cause, action.

    Looks at what comes at `since` or later, no further than `deadline`; an infinite time when the
    call leaves before. Nothing follows the flow's own end before `ends_from`: the call was on its
    way to an agent then. The n-th play of an action has its own draw, counted from `first_play`.
    """
    flow = flows[f]
    cycle = flow.cycle
    play = first_play
    n = 0
    while True:
        for i in range(flow.first, flow.last):
            step = steps[i]
            if flow.ends and n == flow.end_pass and i == flow.first + flow.end_step:
                at = instant(cycle, joined, n, step.begin)
                if at > deadline or at < ends_from:
                    return np.inf, 0, 0
                return at, flow.end_cause, flow.end_action
            if step.p > 0.0:
                at = instant(cycle, joined, n, step.end)
                if at > deadline:
                    return np.inf, 0, 0
                if at >= since and draw(key, place, play) < step.p:
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
    flow = flows[f]
    n = pass_at(flow.cycle, joined, until)
    last = flow.last
    if flow.ends and n >= flow.end_pass:
        n = flow.end_pass
        last = flow.first + flow.end_step
    for i in range(flow.first, flow.last):
        step = steps[i]
        begun = i < last and instant(flow.cycle, joined, n, step.begin) < until
        ended = begun and instant(flow.cycle, joined, n, step.end) <= until
        plays[step.action, 0] += n + begun
        plays[step.action, 1] += n + ended
