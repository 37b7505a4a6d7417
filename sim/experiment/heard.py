"""What a caller hears of the wait flow, action by action, and how the flow ends the wait."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count

from sim.engine.timeline import Ending, EndKind, unroll
from sim.scenario.model import Action, ActionType, Queue, Scenario

MOST_ACTIONS = 200
"""Actions told of one call's wait flow; the rest are only counted."""


class Heard:
    """The wait flows of a scenario as a caller hears them."""

    def __init__(self, scenario: Scenario) -> None:
        self._flows = scenario.flows
        self._horizon_s = scenario.horizon_s
        self._timelines = [unroll(flow, scenario.flow_action_limit) for flow in scenario.flows]

    def events(self, queue: Queue, arrival: float, until: float) -> Iterator[tuple[float, str]]:
        """The actions that begin before `until`, told; of a wait without end, to the horizon."""
        until = self._horizon_s if math.isinf(until) else until
        for told, (begin, _, action) in enumerate(self._played(queue, arrival, until)):
            if told == MOST_ACTIONS:
                yield begin, "hears more of the same"
                return
            yield begin, f"hears {_described(action)}"

    def out_until(self, queue: Queue, arrival: float, answer: float) -> bool:
        """Whether an action that must be heard out ends at the instant of the answer."""
        return any(
            end == answer and not action.interruptible
            for _, end, action in self._played(queue, arrival, answer)
        )

    def ends_at(self, queue: Queue, arrival: float) -> float:
        """When the flow itself ends a call's waiting, not before the start; NaN if it does not."""
        ending = self._ending(queue)
        if ending is None or queue.wait_flow is None:
            return math.nan
        at = self._timelines[queue.wait_flow].instant(arrival, ending.n, ending.offset_s)
        return max(at, 0.0)

    def is_limited(self, queue: Queue) -> bool:
        """Whether it is the limit of actions that ends the queue's flow."""
        ending = self._ending(queue)
        return ending is not None and ending.kind is EndKind.LIMIT

    def _ending(self, queue: Queue) -> Ending | None:
        return None if queue.wait_flow is None else self._timelines[queue.wait_flow].ending

    def _played(
        self, queue: Queue, arrival: float, until: float
    ) -> Iterator[tuple[float, float, Action]]:
        """The actions begun before `until`: begin, end, action."""
        if queue.wait_flow is None:
            return
        timeline = self._timelines[queue.wait_flow]
        actions = self._flows[queue.wait_flow].actions
        for n in count():
            for i, step in enumerate(timeline.steps):
                if timeline.ends_before(n, i):
                    return
                begin = timeline.instant(arrival, n, step.begin_s) if n or step.begin_s else arrival
                if begin >= until:
                    return
                yield begin, timeline.instant(arrival, n, step.end_s), actions[step.action]


def _described(action: Action) -> str:
    text = f" {action.text!r}" if action.text else ""
    marked = "" if action.interruptible else ", to be heard out"
    if action.type is ActionType.GOTO:
        return "goto"
    return f"{action.type}{text} ({action.duration_s:g} s{marked})"
