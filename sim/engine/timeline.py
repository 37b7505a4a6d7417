"""A wait flow laid out in time: its pass unrolled, each step's begin and end.

A flow is a list of actions, run again and again. `goto` jumps are unrolled into the pass, so a
pass is a fixed list of steps. The n-th pass begins at `joined + n * cycle`; every instant is
computed by that one formula, never by a running sum, so both engines get the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.model import ActionType, Flow


@dataclass(frozen=True, slots=True)
class Step:
    """An action's place in a pass. `action` is its place in the flow."""

    action: int
    begin_s: float
    end_s: float
    interruptible: bool
    hangup_probability: float
    hangs_up: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The steps of one pass, which lasts `cycle_s` and is repeated unless it hangs up."""

    steps: tuple[Step, ...]
    cycle_s: float

    @property
    def holds_hangup(self) -> bool:
        """Whether the flow can ever end a call's waiting."""
        return any(step.hangs_up or step.hangup_probability > 0 for step in self.steps)

    @property
    def heard_out_s(self) -> float:
        """How long even a call routed on arrival listens: a marked first action's length."""
        first = self.steps[0]
        return 0.0 if first.interruptible else first.end_s

    def instant(self, joined: float, n: int, offset_s: float) -> float:
        """When pass `n` of a call that joined at `joined` is `offset_s` old.

        The end of a pass is the beginning of the next, to the last bit.
        """
        if offset_s == self.cycle_s:
            return joined + (n + 1) * self.cycle_s
        return joined + (n * self.cycle_s + offset_s)


def unroll(flow: Flow) -> Timeline:
    """The timeline of a flow: jumps done, times added up from the beginning of the pass."""
    steps: list[Step] = []
    jumps_left = [action.loop_count for action in flow.actions]
    at, place = 0.0, 0
    while place < len(flow.actions):
        action = flow.actions[place]
        end = at + action.duration_s
        hangs_up = action.type is ActionType.HANGUP
        steps.append(
            Step(place, at, end, action.interruptible, action.hangup_probability, hangs_up)
        )
        at = end
        if hangs_up:
            break
        if action.type is ActionType.GOTO and jumps_left[place] > 0 and action.target is not None:
            jumps_left[place] -= 1
            place = action.target
        else:
            place += 1
    return Timeline(tuple(steps), at)
