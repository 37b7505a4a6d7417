"""Scenarios that the tests of planning share."""

from __future__ import annotations

from sim.scenario.load import loads_scenario
from sim.scenario.model import Scenario


def pool(**more: str) -> Scenario:
    """One queue of 10 erlangs with patience, one group."""
    fields = "".join(f"\n{name}: {value}" for name, value in more.items())
    return loads_scenario(
        f"""
horizon: 4h
queues:
  - name: help
    arrivals: {{rate: 2/min}}
    service_time: {{distribution: exponential, mean: 5min}}
    patience: {{distribution: exponential, mean: 3min}}
agents: [{{name: team, count: 4}}]{fields}
"""
    )


def two_skills(agents: str = "") -> Scenario:
    """Two queues, specialists for each, and dearer agents who take both."""
    return loads_scenario(
        f"""
horizon: 4h
queues:
  - name: a
    tags: [a]
    arrivals: {{rate: 1/min}}
    service_time: {{distribution: exponential, mean: 4min}}
    patience: {{distribution: exponential, mean: 2min}}
  - name: b
    tags: [b]
    arrivals: {{rate: 0.5/min}}
    service_time: {{distribution: exponential, mean: 4min}}
    patience: {{distribution: exponential, mean: 2min}}
agents:
  - {{name: only_a, tags: [a], cost: 20}}
  - {{name: both, tags: [a, b], cost: 25}}
{agents}
"""
    )
