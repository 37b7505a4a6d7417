"""The SimPy engine against the textbook SimPy program, and its memory against the horizon.

Run with `python -m benchmarks.simpy_engine`. Both programs simulate M/M/50 with a timeout of 100 s
at 95 % load, in turns, in one process; times are processor seconds. Ours draws its workload,
keeps all sums of the metrics and no log.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time

from benchmarks import textbook
from sim.experiment.run import run
from sim.scenario.distributions import Exponential
from sim.scenario.model import AgentGroup, PoissonArrivals, Queue, Scenario

RATE_PER_S = 9.5 / 60
SERVICE_MEAN_S = 300.0
N_AGENTS = 50
TIMEOUT_S = 100.0
ROUNDS = 7
CALLS = 30_000


def scenario(calls: int) -> Scenario:
    """The model for about `calls` calls, one replication."""
    queue = Queue(
        name="calls",
        arrivals=PoissonArrivals(RATE_PER_S),
        service_time=Exponential(scale_s=SERVICE_MEAN_S),
        wait_timeout_s=TIMEOUT_S,
    )
    return Scenario(
        name="M/M/50 + 100 s",
        horizon_s=calls / RATE_PER_S,
        queues=(queue,),
        agents=(AgentGroup("agents", N_AGENTS),),
        replications=1,
    )


def microseconds_per_call() -> tuple[list[float], list[float]]:
    """Processor time per call of ours and of the textbook's, round by round."""
    ours, theirs = [], []
    model = scenario(CALLS)
    for seed in range(ROUNDS):
        began = time.process_time()
        result = run(model, engine="simpy")
        ours.append((time.process_time() - began) / int(result.counts[0, 0, 1]) * 1e6)
        began = time.process_time()
        counts = textbook.simulate(
            RATE_PER_S, SERVICE_MEAN_S, N_AGENTS, TIMEOUT_S, model.horizon_s, seed
        )
        theirs.append((time.process_time() - began) / sum(counts) * 1e6)
    return ours, theirs


def peak_memory_mb(calls: int) -> float:
    """Peak resident memory of a fresh process that runs the model for `calls` calls."""
    code = f"from benchmarks.simpy_engine import report_memory; report_memory({calls})"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(out.stdout)


def report_memory(calls: int) -> None:
    """Run the model here and print the process's peak memory in MB."""
    run(scenario(calls), engine="simpy")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    """Print both comparisons."""
    ours, theirs = microseconds_per_call()
    a, b = statistics.median(ours), statistics.median(theirs)
    print(f"M/M/50 with a timeout of 100 s, {CALLS:,} calls, {ROUNDS} rounds in turns")
    print(f"  SimPy engine   {a:6.2f} us per call  (median; {min(ours):.2f} to {max(ours):.2f})")
    print(
        f"  textbook SimPy {b:6.2f} us per call  (median; {min(theirs):.2f} to {max(theirs):.2f})"
    )
    print(f"  ratio          {b / a:6.2f} (above 1: the engine is faster)")
    print("Peak memory of a whole process, no log")
    for calls in (10_000, 100_000, 1_000_000):
        print(f"  {calls:>9,} calls  {peak_memory_mb(calls):6.0f} MB")


if __name__ == "__main__":
    main()
