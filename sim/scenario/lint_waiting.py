"""Lint: what ends the waiting of a queue's calls, and a wait flow that is cut short."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.scenario.flow_pass import action_limit_end_s, pass_of
from sim.scenario.model import ActionType, LintWarning, Queue, Scenario


def endless(queue: Queue, scenario: Scenario) -> bool:
    """Whether nothing ends a call's waiting but an answer, and nothing keeps calls out."""
    if not math.isinf(queue.wait_timeout_s) or queue.patience or queue.max_waiting is not None:
        return False
    if queue.overflow is not None:
        return False
    if queue.wait_flow is None:
        return True
    if scenario.flow_action_limit is not None:
        return False
    flow = scenario.flows[queue.wait_flow]
    played = [flow.actions[i] for i in pass_of(flow) or ()]
    return not any(
        action.type in (ActionType.HANGUP, ActionType.QUEUE_JOIN) or action.hangup_probability > 0
        for action in played
    )


def moves_on(queue: Queue, scenario: Scenario) -> bool:
    """Whether the queue's calls can go on to another queue."""
    if queue.overflow is not None:
        return True
    if queue.wait_flow is None:
        return False
    flow = scenario.flows[queue.wait_flow]
    return any(flow.actions[i].type is ActionType.QUEUE_JOIN for i in pass_of(flow) or ())


def cut_flows(scenario: Scenario) -> Iterator[LintWarning]:
    """Wait flows that the action limit ends before a timeout or overflow ends the waiting."""
    ends = [action_limit_end_s(flow, scenario.flow_action_limit) for flow in scenario.flows]
    for i, queue in enumerate(scenario.queues):
        if queue.wait_flow is None:
            continue
        end = ends[queue.wait_flow]
        until = min(queue.wait_timeout_s, queue.overflow.after_s if queue.overflow else math.inf)
        if not end < until:
            continue
        name = scenario.flows[queue.wait_flow].name
        limit = scenario.flow_action_limit
        before = (
            "and no `wait_timeout` comes before"
            if math.isinf(until)
            else f"before the {until:.4g} s after which they would leave"
        )
        yield LintWarning(
            "flow-limit-before-timeout",
            f"queues[{i}].wait_flow",
            f"queue `{queue.name}`: the limit of {limit} actions ends the wait flow `{name}` "
            f"after {end:.4g} s, {before}: callers still waiting then are lost",
        )
