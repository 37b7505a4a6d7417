"""What is too large to simulate, and what it would cost."""

from __future__ import annotations

import math

from sim.scenario.model import (
    Arrivals,
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    RegularArrivals,
    RenewalArrivals,
    Scenario,
)
from sim.scenario.nodes import Path

MAX_AGENTS = 10**6
MAX_CALLS = 10**10
MAX_INTERVALS = 10**6
CALLS_PER_S = 1e6
BYTES_PER_CALL = 100
BYTES_PER_AGENT = 200


def expected_calls(arrivals: Arrivals, horizon_s: float) -> float:
    """Calls to be expected of these arrivals in [0, horizon)."""
    match arrivals:
        case PoissonArrivals():
            return arrivals.rate_per_s * horizon_s
        case RenewalArrivals():
            mean = arrivals.interarrival.mean_s
            return horizon_s / mean if mean > 0 else 0.0
        case RegularArrivals():
            return horizon_s / arrivals.period_s
        case ListedArrivals():
            return float(sum(at < horizon_s for at in arrivals.times_s))
        case ProfileArrivals():
            return profile_calls(arrivals, 0.0, horizon_s)


def profile_calls(profile: ProfileArrivals, from_s: float, to_s: float) -> float:
    """Expected calls of a profile between two instants."""
    total = 0.0
    for i, calls in enumerate(profile.calls):
        begin, end = i * profile.interval_s, (i + 1) * profile.interval_s
        shared = min(end, to_s) - max(begin, from_s)
        if shared > 0:
            total += calls * min(1.0, shared / profile.interval_s)
    return total


def too_large(scenario: Scenario) -> list[tuple[Path, str]]:
    """Each excess, with the path of what causes it."""
    found: list[tuple[Path, str]] = []
    agents = scenario.n_agents
    if agents > MAX_AGENTS:
        largest = max(range(len(scenario.agents)), key=lambda i: scenario.agents[i].count)
        found.append(
            (
                ("agents", largest, "count"),
                f"{agents:,} agents are more than {MAX_AGENTS:,}: they would need about "
                f"{_bytes(agents * BYTES_PER_AGENT)} of memory in each replication",
            )
        )
    each = [expected_calls(queue.arrivals, scenario.horizon_s) for queue in scenario.queues]
    calls = math.fsum(each) * scenario.replications
    if calls > MAX_CALLS:
        busiest = max(range(len(each)), key=each.__getitem__)
        found.append(
            (
                ("queues", busiest, "arrivals"),
                f"{calls:.3g} expected calls in all replications are more than {MAX_CALLS:.0e}: "
                f"about {_time(calls / CALLS_PER_S)} at a million calls a second, and "
                f"{_bytes(calls * BYTES_PER_CALL)} for a log of the calls",
            )
        )
    intervals = scenario.horizon_s / scenario.interval_s
    if intervals > MAX_INTERVALS:
        found.append(
            (
                ("interval",),
                f"{intervals:.3g} reporting intervals up to the horizon are more than "
                f"{MAX_INTERVALS:,}: lengthen `interval`",
            )
        )
    return found


def _bytes(number: float) -> str:
    for name, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if number >= size:
            return f"{number / size:.3g} {name}"
    return f"{number / 1e3:.3g} kB"


def _time(seconds: float) -> str:
    for name, size in (("years", 3.156e7), ("days", 86400.0), ("hours", 3600.0)):
        if seconds >= size:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds / 60:.3g} minutes"
