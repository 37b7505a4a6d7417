"""How long the command takes from the shell, with its code not yet compiled and compiled."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

from benchmarks.fresh import ROOT
from benchmarks.tables import duration, table

SCENARIO = "scenarios/by_hand.yaml"
OTHERS = ("scenarios/no_match.yaml", "scenarios/support.yaml", "scenarios/platform.yaml")
"""Also started with nothing compiled: a lean one, the README's first, one of the full model."""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock on the wall, and of processor time."""

    wall_s: float
    processor_s: float


def starts(*, rounds: int) -> str:
    """The table. The cache is a temporary folder, empty at first."""
    warm = {
        f"`callsim run {SCENARIO}`": ["run", SCENARIO],
        "the same with `--engine simpy`": ["run", SCENARIO, "--engine", "simpy"],
        "`callsim validate` of the same": ["validate", SCENARIO],
        "`callsim --help`": ["--help"],
    }
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    rows = []
    for scenario in OTHERS:
        with tempfile.TemporaryDirectory() as cache:
            environment["XDG_CACHE_HOME"] = cache
            rows.append(_row(_cold(scenario), [took(["run", scenario], environment)]))
    with tempfile.TemporaryDirectory() as cache:
        environment["XDG_CACHE_HOME"] = cache
        rows.append(_row(_cold(SCENARIO), [took(["run", SCENARIO], environment)]))
        found: dict[str, list[Took]] = {name: [] for name in warm}
        for _ in range(rounds):
            for name, arguments in warm.items():
                found[name].append(took(arguments, environment))
    rows += [_row(name, several) for name, several in found.items()]
    return table(["command", "wall", "processor"], rows)


def _cold(scenario: str) -> str:
    return f"`callsim run {scenario}`, nothing compiled yet"


def took(arguments: list[str], environment: dict[str, str]) -> Took:
    """Run `callsim` with these arguments."""
    used = _children_s()
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "sim", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
    )
    return Took(time.perf_counter() - began, _children_s() - used)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _row(name: str, several: list[Took]) -> list[str]:
    return [
        name,
        duration(statistics.median(one.wall_s for one in several)),
        duration(statistics.median(one.processor_s for one in several)),
    ]
