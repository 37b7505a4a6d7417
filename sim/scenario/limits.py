"""What is too large to simulate, and what it would cost."""

from __future__ import annotations

import math
from bisect import bisect_left

from sim.scenario.model import (
    Arrivals,
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RecordedArrivals,
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
        case RecordedArrivals():
            return float(bisect_left(arrivals.times_s, horizon_s))
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


def attempts(queue: Queue, horizon_s: float) -> float:
    """Calls to be expected of one caller when each leaves unserved: 1 + p + p^2 + ...

    There are `max_attempts` at most, and no more than fit before the horizon one mean delay
    after the other.
    """
    retry = queue.retry
    if retry is None:
        return 1.0
    p, most = retry.probability, retry.max_attempts
    geometric = float(most) if p == 1 else (1 - p**most) / (1 - p)
    mean = retry.delay.mean_s
    return min(geometric, 1 + horizon_s / mean) if mean > 0 else geometric


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
    horizon = scenario.horizon_s
    first = [expected_calls(queue.arrivals, horizon) for queue in scenario.queues]
    each = [n * attempts(q, horizon) for n, q in zip(first, scenario.queues, strict=True)]
    calls = math.fsum(each) * scenario.replications
    if calls > MAX_CALLS:
        busiest = max(range(len(each)), key=each.__getitem__)
        by_retries = math.fsum(first) * scenario.replications <= MAX_CALLS
        what = " (with the retries of callers who all leave unserved)" if by_retries else ""
        found.append(
            (
                ("queues", busiest, "retry" if by_retries else "arrivals"),
                f"{calls:.3g} expected calls in all replications{what} are more than "
                f"{MAX_CALLS:.0e}: "
                f"about {_time(calls / CALLS_PER_S)} at a million calls a second, and "
                f"{_bytes(calls * BYTES_PER_CALL)} for a log of the calls",
            )
        )
    intervals = horizon / scenario.interval_s
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
