"""Scenarios of short days, which take a fraction of a millisecond each."""

from __future__ import annotations

from sim.scenario.load import loads_scenario
from sim.scenario.model import Scenario

DAY = """
name: short day
start: 2026-03-02 09:00
horizon: 3h
interval: 30min
queues:
  - name: service
    arrivals: {profile: {interval: 1h, calls: [30, 45, 30]}}
    service_time: {distribution: exponential, mean: 4min}
    patience: {distribution: exponential, mean: 2min}
agents: [{name: all, count: 3}]
"""

MOVES = """
name: two queues
start: 2026-03-02 22:00
horizon: 4h
interval: 30min
at_horizon: stop
queues:
  - name: first
    tags: [a]
    arrivals: {rate: 30/h}
    service_time: {distribution: exponential, mean: 4min}
    wait_timeout: 90s
    max_waiting: 3
    overflow: {after: 20s, to: second}
  - name: second
    tags: [b]
    arrivals: {rate: 15/h}
    service_time: 3min
    wrap_up: 30s
    patience: {distribution: exponential, mean: 1min}
agents:
  - {name: as, tags: [a], count: 2}
  - {name: bs, tags: [b], count: 1, ring: {delay: 5s}}
"""


def day(*changes: str) -> Scenario:
    """One queue, on the clock."""
    return loads_scenario(DAY, overrides=list(changes))


def moves(*changes: str) -> Scenario:
    """Two queues with overflow, blocking, ringing and wrap-up, over midnight, cut at the end."""
    return loads_scenario(MOVES, overrides=list(changes))
