"""Agents as the file writes them."""

from __future__ import annotations

import math

from sim.scenario.dump_distributions import distribution_document
from sim.scenario.model import AgentGroup, Ring, Scenario
from sim.scenario.units import format_duration


def group_document(group: AgentGroup, scenario: Scenario) -> dict[str, object]:
    """An agent or group with all its fields."""
    body: dict[str, object] = {"name": group.name}
    if group.id is not None:
        body["id"] = group.id
    body |= {"count": group.count, "tags": list(group.tags)}
    if group.schedule is not None:
        body["schedule"] = [
            {"from": format_duration(p.from_s), "to": format_duration(p.to_s), "count": p.count}
            for p in group.schedule
        ]
    body["shrinkage"] = group.shrinkage
    if group.breaks:
        body["breaks"] = [
            {"at": format_duration(b.at_s), "length": format_duration(b.length_s)}
            for b in group.breaks
        ]
    body["speed"] = group.speed
    if group.service_times:
        body["service_time"] = {
            scenario.queues[place].name: distribution_document(service)
            for place, service in group.service_times
        }
    if group.ring is not None:
        body["ring"] = _ring(group.ring)
    body["cost"] = group.cost
    if not group.present:
        body["status"] = "offline"
    return body


def _ring(ring: Ring) -> dict[str, object]:
    body: dict[str, object] = {
        "delay": distribution_document(ring.delay),
        "no_answer": ring.no_answer,
    }
    if not math.isinf(ring.timeout_s):
        body["timeout"] = format_duration(ring.timeout_s)
    return body | {"penalty": format_duration(ring.penalty_s)}
