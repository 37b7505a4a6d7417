"""A wait flow laid out in time: its pass unrolled, each step's begin and end, and its own end.

A flow is a list of actions, run again and again. `goto` jumps are unrolled into the pass, so a
pass is a fixed list of steps. The n-th pass begins at `joined + n * cycle`; every instant is
computed by that one formula, never by a running sum, so both engines get the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from sim.scenario.model import ActionType, Flow

PASS_COST = 2
"""What a pass counts against the flow's limit of actions as it starts; an action counts 1."""


@dataclass(frozen=True, slots=True)
class Step:
    """An action's place in a pass. `action` is its place in the flow."""

    action: int
    begin_s: float
    end_s: float
    interruptible: bool
    hangup_probability: float
    hangs_up: bool


class EndKind(IntEnum):
    """How a flow ends on its own."""

    HANGUP = 0
    """A `hangup` action: the call leaves, counted there as a hang-up."""
    QUEUE_JOIN = 1
    """A `queue_join` action: the call joins another queue."""
    LIMIT = 2
    """The limit of actions: the call leaves before the step, and no action counts it."""


@dataclass(frozen=True, slots=True)
class Ending:
    """A flow's own end: as step number `step` of pass `n` would begin, `offset_s` into the pass.

    `queue` is the place of the queue joined by `queue_join`, else -1.
    """

    kind: EndKind
    n: int
    step: int
    offset_s: float
    queue: int = -1


@dataclass(frozen=True)
class Timeline:
    """The steps of one pass, which lasts `cycle_s` and is repeated unless the flow ends.

    A `hangup` or `queue_join` is the last of the steps. Nothing at or beyond `ending` is played.
    """

    steps: tuple[Step, ...]
    cycle_s: float
    ending: Ending | None = None

    @cached_property
    def holds_hangup(self) -> bool:
        """Whether the flow can ever end a call's waiting."""
        return self.ending is not None or any(step.hangup_probability > 0 for step in self.steps)

    @cached_property
    def heard_out_s(self) -> float:
        """How long even a call routed on arrival listens: a marked first action's length."""
        first = self.steps[0]
        return 0.0 if first.interruptible or self.ends_before(0, 0) else first.end_s

    def ends_before(self, n: int, step: int) -> bool:
        """Whether the flow ends as this step of pass `n` would begin."""
        return self.ending is not None and (self.ending.n, self.ending.step) == (n, step)

    def instant(self, joined: float, n: int, offset_s: float) -> float:
        """When pass `n` of a call that joined at `joined` is `offset_s` old.

        The end of a pass is the beginning of the next, to the last bit.
        """
        if offset_s == self.cycle_s:
            return joined + (n + 1) * self.cycle_s
        return joined + (n * self.cycle_s + offset_s)


def unroll(flow: Flow, limit: int | None = None) -> Timeline:
    """The timeline of a flow: jumps done, times added up from the beginning of the pass.

    `limit` is the number of actions after which the platform ends the flow: a pass counts
    `PASS_COST` when it starts, each action (a jump too) 1; what would exceed it is not begun.
    """
    steps: list[Step] = []
    jumps_left = [action.loop_count for action in flow.actions]
    at, place = 0.0, 0
    ending: Ending | None = None
    while place < len(flow.actions):
        action = flow.actions[place]
        end = at + action.duration_s
        hangs_up = action.type is ActionType.HANGUP
        steps.append(
            Step(place, at, end, action.interruptible, action.hangup_probability, hangs_up)
        )
        if hangs_up:
            ending = Ending(EndKind.HANGUP, 0, len(steps) - 1, at)
        elif action.type is ActionType.QUEUE_JOIN:
            assert action.queue is not None
            ending = Ending(EndKind.QUEUE_JOIN, 0, len(steps) - 1, at, action.queue)
        at = end
        if ending is not None:
            break
        if action.type is ActionType.GOTO and jumps_left[place] > 0 and action.target is not None:
            jumps_left[place] -= 1
            place = action.target
        else:
            place += 1
    if limit is not None:
        ending = _limited(tuple(steps), ending, limit)
    return Timeline(tuple(steps), at, ending)


def _limited(steps: tuple[Step, ...], ending: Ending | None, limit: int) -> Ending:
    """The flow's end under a limit of actions: its own if that comes first."""
    if ending is not None and PASS_COST + len(steps) <= limit:
        return ending
    n, left = divmod(limit, PASS_COST + len(steps))
    step = max(0, left - PASS_COST)
    return Ending(EndKind.LIMIT, n, step, steps[step].begin_s)
