"""What a run would take, guessed from the scenario alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.scenario.errors import ScenarioError
from sim.scenario.model import (
    Arrivals,
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    RecordedArrivals,
    RegularArrivals,
    RenewalArrivals,
    Scenario,
)

if TYPE_CHECKING:
    from sim.experiment.design import Design
    from sim.experiment.sweep import Variants

SECONDS_PER_CALL = 5.0e-5
BYTES_PER_CALL = 40.0
BYTES_OF_A_FOLDER = 50_000.0

# Of a sweep, with the compiled engine; docs/scale.md tells how they were measured.
SECONDS_PER_POINT = 0.008
SECONDS_PER_REPLICATION = 0.0004
SECONDS_PER_SWEPT_CALL = 2.2e-7
BYTES_PER_ROW = 2100.0
TRIED = 200
"""Points of a sweep that are looked at."""


@dataclass(frozen=True, slots=True)
class Effort:
    """Expected calls of all replications, and roughly what they cost."""

    calls: float
    seconds: float
    disk_bytes: float

    def document(self, scenario: Scenario) -> dict[str, Any]:
        """As JSON."""
        return {
            "format": "callsim.effort/1",
            "scenario": scenario.name,
            "sha256": scenario.sha256,
            "replications": scenario.replications,
            "expected_calls": self.calls,
            "expected_s": self.seconds,
            "expected_bytes": self.disk_bytes,
        }


def effort(scenario: Scenario, *, writes: bool) -> Effort:
    """The effort of `scenario`; the disk's share only if the run `writes` a folder."""
    per_replication = sum(
        expected_calls(queue.arrivals, scenario.horizon_s) for queue in scenario.queues
    )
    calls = per_replication * scenario.replications
    disk = BYTES_OF_A_FOLDER + BYTES_PER_CALL * calls if writes else 0.0
    return Effort(calls, SECONDS_PER_CALL * calls, disk)


def sweep_effort(job: Variants, design: Design) -> dict[str, Any]:
    """As JSON: what the points take, from some of them spread over all; bad points cost nothing."""
    n = len(design)
    places = sorted({i * (n - 1) // max(1, min(n, TRIED) - 1) for i in range(min(n, TRIED))})
    calls = seconds = disk = 0.0
    for place in places:
        try:
            scenario = job.scenario(design.changes(place))
        except ScenarioError:
            continue
        one = effort(scenario, writes=False).calls
        calls += one
        seconds += SECONDS_PER_POINT + SECONDS_PER_REPLICATION * scenario.replications
        seconds += SECONDS_PER_SWEPT_CALL * one
        disk += BYTES_PER_ROW * (len(scenario.queues) + 1)
    scale = n / len(places)
    return {
        "format": "callsim.effort/1",
        "points": n,
        "expected_calls": scale * calls,
        "expected_s": scale * seconds,
        "expected_bytes": scale * disk,
    }


def expected_calls(arrivals: Arrivals, horizon_s: float) -> float:
    """Mean number of calls in [0, horizon)."""
    match arrivals:
        case PoissonArrivals(rate_per_s=rate):
            return rate * horizon_s
        case RenewalArrivals(interarrival=gap):
            return horizon_s / gap.mean_s if gap.mean_s > 0 else math.inf
        case RegularArrivals(period_s=period):
            return float(max(0, math.ceil(horizon_s / period) - 1))
        case ListedArrivals(times_s=times) | RecordedArrivals(times_s=times):
            return float(sum(time < horizon_s for time in times))
        case ProfileArrivals(interval_s=interval, calls=calls):
            return sum(
                n * min(1.0, max(0.0, horizon_s / interval - place))
                for place, n in enumerate(calls)
            )
