"""Scenarios whose replications would never end: phones that ring for ever for callers who stay."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.scenario.behaviour import Ring
from sim.scenario.model import AgentGroup, AtHorizon, Queue, Scenario
from sim.scenario.nodes import Path


def never_answered(ring: Ring) -> bool:
    """Whether no phone is ever answered in time."""
    return ring.no_answer >= 1.0 or ring.delay.lower_s > ring.timeout_s


def endless(queue: Queue) -> bool:
    """Whether nothing but an answer ends the waiting for certain.

    A wait flow's own end is not certain: it has no effect while the phone rings.
    """
    timeouts = (queue.wait_timeout_s, math.inf if queue.overflow is None else 0.0)
    return min(timeouts) == math.inf and queue.patience is None


def surely_answers(group: AgentGroup, horizon_s: float) -> bool:
    """Whether an agent of the group is there at the end, whatever happens, and may answer."""
    if not group.present or not group.count or group.shrinkage > 0.0:
        return False
    if group.ring is not None and never_answered(group.ring):
        return False
    return group.on_shift_s(math.nextafter(horizon_s, 0.0), horizon_s) > 0.0


def rings_for_ever(scenario: Scenario) -> Iterator[tuple[Path, str]]:
    """Groups whose phones are never answered, beside callers who never give up and whom nobody
    else is sure to answer: after the horizon such a call would ring without end."""
    if scenario.at_horizon is not AtHorizon.DRAIN:
        return
    for g, group in enumerate(scenario.agents):
        if group.ring is None or not group.count or not never_answered(group.ring):
            continue
        for queue in scenario.queues:
            if not queue.matches(group.tags) or not endless(queue):
                continue
            if not any(
                queue.matches(other.tags) and surely_answers(other, scenario.horizon_s)
                for other in scenario.agents
            ):
                yield (
                    ("agents", g, "ring"),
                    "these phones are never answered in time, no other agent is sure to be there, "
                    f"and nothing ends the waiting in queue `{queue.name}`: its calls would ring "
                    "for ever. Give the queue a `wait_timeout`, or write `at_horizon: stop`",
                )
                break
