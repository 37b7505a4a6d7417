"""One case, timed in a process of its own: `python -m benchmarks.fresh CASE`, as JSON."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks.clock import TINY_CALLS, timed
from benchmarks.models import one_queue
from sim.scenario.model import RoutingMethod, Scenario
from sim.sums import Count

ROOT = Path(__file__).parents[1]
MOST_ROUNDS = 31


@dataclass(frozen=True, slots=True)
class Case:
    """A run of an engine, by its sizes; agents match all queues."""

    calls: int
    agents: int = 50
    queues: int = 1
    load: float = 0.95
    timeout_s: float = 100.0
    engine: str = "compiled"
    method: str = "random"


@dataclass(frozen=True, slots=True)
class Measured:
    """Processor time per call, the most calls in queue, memory of the process and of the run."""

    per_call_s: float
    most_waiting: int
    peak_mb: float
    run_mb: float


def measure_apart(case: Case, seconds: float) -> Measured:
    """Measure in a fresh process, again and again for about `seconds`, three times at least."""
    command = [
        sys.executable, "-m", "benchmarks.fresh", json.dumps(asdict(case)), str(seconds)
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Measured(**json.loads(done.stdout))


def measure(case: Case, seconds: float) -> Measured:
    """Measure here. Every round is a tiny run, then the whole one; the median of the rounds."""
    model = one_queue(
        agents=case.agents, load=case.load, timeout_s=case.timeout_s, queues=case.queues
    )
    tiny, whole = (routed(model.scenario(calls), case.method) for calls in (TINY_CALLS, case.calls))
    timed(tiny, case.engine)
    before_mb = peak_mb()
    times: list[float] = []
    spent = 0.0
    while not times or (
        seconds > 0.0 and len(times) < MOST_ROUNDS and (spent < seconds or len(times) < 3)
    ):
        tiny_s, _ = timed(tiny, case.engine)
        whole_s, result = timed(whole, case.engine)
        incoming = int(result.counts[0, :, Count.INCOMING].sum())
        times.append((whole_s - tiny_s) / incoming)
        spent += tiny_s + whole_s
    return Measured(
        per_call_s=statistics.median(times),
        most_waiting=int(result.queue_peak[0, -1]),
        peak_mb=peak_mb(),
        run_mb=peak_mb() - before_mb,
    )


def routed(scenario: Scenario, method: str) -> Scenario:
    """The scenario with this routing method in all queues."""
    queues = tuple(
        replace(queue, routing_method=RoutingMethod(method)) for queue in scenario.queues
    )
    return replace(scenario, queues=queues)


def peak_mb() -> float:
    """Peak resident memory of this process. (A child's `ru_maxrss` starts at its parent's.)"""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(asdict(measure(Case(**json.loads(sys.argv[1])), float(sys.argv[2])))))
