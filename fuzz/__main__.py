"""`python -m fuzz`: random scenarios through both engines, until time or number is up."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from fuzz.cases import FOLDER, write_case
from fuzz.compare import differences
from fuzz.generate import case
from fuzz.shrink import shrunk
from fuzz.workers import Outcome, outcome, outcomes

PROGRESS_S = 10.0
MOST_FAILURES = 5
"""After so many failing scenarios there is enough to look at."""


def main(arguments: list[str] | None = None) -> int:
    """Run; 1 if anything differed."""
    options = _options(arguments)
    outcome(options.seed, 0)  # compiles the engine, once for all processes
    started = time.monotonic()
    until = started + options.seconds
    scenarios = calls = n_differences = 0
    failed: list[Outcome] = []
    told_at = started
    numbers = _numbers(options.first, options.scenarios, until)
    for found in outcomes(options.seed, numbers, options.workers):
        if found is not None:
            scenarios += 1
            calls += found.calls
            n_differences += len(found.told)
            if found.told:
                failed.append(found)
                print(f"fuzz: scenario {found.number}: {found.told[0]}", file=sys.stderr)
        now = time.monotonic()
        if now >= told_at + PROGRESS_S:
            told_at = now
            text = _counted(scenarios, calls, n_differences)
            print(f"fuzz: {text}, {now - started:.0f} s", file=sys.stderr, flush=True)
        if len(failed) >= MOST_FAILURES:
            break
    taken = time.monotonic() - started
    for found in failed:
        print(f"fuzz: scenario {found.number} written to {_keep(options, found)}", file=sys.stderr)
    print(
        f"{_counted(scenarios, calls, n_differences)} "
        f"(seed {options.seed}, from scenario {options.first}, {taken:.0f} s)"
    )
    return 1 if failed else 0


def _counted(scenarios: int, calls: int, n_differences: int) -> str:
    return f"{scenarios:,} scenarios, {calls:,} calls, {n_differences:,} differences"


def _numbers(first: int, count: int | None, until: float) -> Iterator[int]:
    """Numbers of cases from `first` on, until they are enough or it is late."""
    number = first
    while time.monotonic() < until and (count is None or number < first + count):
        yield number
        number += 1


def _keep(options: argparse.Namespace, found: Outcome) -> Path:
    """Shrink a failing case and write it down."""
    made = case(options.seed, found.number)
    scenario, told = made.scenario, found.told
    if not found.lost:
        scenario = shrunk(
            scenario, lambda s: bool(differences(s, intervals=made.intervals)[0]), options.shrink
        )
        told = differences(scenario, intervals=made.intervals)[0] or told
    switch = "on" if made.intervals else "off"
    head = f"Scenario {found.number} of seed {options.seed}, intervals {switch}. What differed:"
    why = [head, *told[:10]]
    return write_case(scenario, why, f"seed{options.seed}-{found.number}", options.cases)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m fuzz",
        description="Compares both engines on random scenarios, to the last bit. "
        "Exit code 1 if anything differs; the scenario is then kept, made small.",
    )
    parser.add_argument(
        "--seconds", type=float, help="stop after this long (60, or no limit with --scenarios)"
    )
    parser.add_argument("--scenarios", type=int, help="stop after this many")
    parser.add_argument("--seed", type=int, default=1, help="which scenarios are made (1)")
    parser.add_argument("--first", type=int, default=0, help="number of the first scenario (0)")
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument(
        "--shrink", type=float, default=60.0, help="seconds for making a failing scenario small"
    )
    parser.add_argument("--cases", type=Path, default=FOLDER, help="where failing ones are kept")
    options = parser.parse_args(arguments)
    if options.seconds is None:
        options.seconds = 60.0 if options.scenarios is None else float("inf")
    return options


if __name__ == "__main__":
    sys.exit(main())
