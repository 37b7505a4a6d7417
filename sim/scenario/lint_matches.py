"""Lint: queues without agents, agents without queues, service times for calls never taken."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.scenario.lint_load import present_s
from sim.scenario.lint_waiting import endless, moves_on
from sim.scenario.model import LintWarning, Queue, Scenario


def unmatched_queues(scenario: Scenario) -> Iterator[LintWarning]:
    """Queues that no agent who is ever on shift matches."""
    there = [present_s(group, scenario.horizon_s) > 0 for group in scenario.agents]
    for i, queue in enumerate(scenario.queues):
        matching = [k for k, group in enumerate(scenario.agents) if queue.matches(group.tags)]
        if any(there[k] for k in matching):
            continue
        who = "no agent that matches it is ever on shift" if matching else "no agent matches it"
        tags = ", ".join(f"`{tag}`" for tag in queue.tags) or "none"
        yield LintWarning(
            "no-matching-agent",
            f"queues[{i}].tags",
            f"queue `{queue.name}`: {who}, so all its calls wait {_fate(queue, scenario)} "
            f"(tags: {tags})",
        )


def _fate(queue: Queue, scenario: Scenario) -> str:
    if endless(queue, scenario):
        return "for ever"
    if moves_on(queue, scenario):
        return "until they go on to another queue or leave"
    return (
        "until they leave by themselves"
        if math.isinf(queue.wait_timeout_s)
        else "until their timeout"
    )


def unmatched_agents(scenario: Scenario) -> Iterator[LintWarning]:
    """Agents that match no queue."""
    for i, group in enumerate(scenario.agents):
        if group.count and not any(queue.matches(group.tags) for queue in scenario.queues):
            yield LintWarning(
                "agent-without-queue",
                f"agents[{i}].tags",
                f"agents `{group.name}` match no queue and will never take a call",
            )


def unused_service_times(scenario: Scenario) -> Iterator[LintWarning]:
    """Service times of agents for queues that they do not match."""
    for i, group in enumerate(scenario.agents):
        for place, _ in group.service_times:
            queue = scenario.queues[place]
            if not queue.matches(group.tags):
                yield LintWarning(
                    "unused-service-time",
                    f"agents[{i}].service_time",
                    f"agents `{group.name}` have a service time for queue `{queue.name}`, whose "
                    "tags they do not match: they take none of its calls",
                )
