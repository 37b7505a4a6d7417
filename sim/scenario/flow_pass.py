"""One pass of a wait flow: its steps in order, and when a limit on actions ends it.

Nothing here knows how a flow is written, so lint and engines can ask alike.
"""

from __future__ import annotations

import math

from sim.scenario.model import ActionType, Flow

MAX_PASS = 10_000
PASS_COST = 2
"""What the start of a pass counts towards the action limit; each action counts 1."""


def pass_of(flow: Flow) -> list[int] | None:
    """The actions of one pass, in order, jumps followed; None when there are too many."""
    jumps = [action.loop_count for action in flow.actions]
    steps: list[int] = []
    at = 0
    while at < len(flow.actions):
        steps.append(at)
        if len(steps) > MAX_PASS:
            return None
        action = flow.actions[at]
        if action.type in (ActionType.HANGUP, ActionType.QUEUE_JOIN):
            break
        if action.target is not None and jumps[at] > 0:
            jumps[at] -= 1
            at = action.target
        else:
            at += 1
    return steps


def action_limit_end_s(flow: Flow, limit: int | None) -> float:
    """Seconds from joining to the instant at which the action limit ends the flow.

    A pass costs 2 when it starts, each of its steps 1 when it starts; the pass or step that
    would take the count above `limit` is not begun. Infinite without a limit, and when the flow
    ends by itself before that (a `hangup` or `queue_join`).
    """
    steps = pass_of(flow)
    if limit is None or not steps:
        return math.inf
    lengths = [flow.actions[i].duration_s for i in steps]
    cost = PASS_COST + len(steps)
    if flow.actions[steps[-1]].type in (ActionType.HANGUP, ActionType.QUEUE_JOIN):
        if cost <= limit:
            return math.inf
        passes, left = 0, limit
    else:
        passes, left = divmod(limit, cost)
    return passes * math.fsum(lengths) + math.fsum(lengths[: max(0, left - PASS_COST)])
