"""`python -m benchmarks`: measure, print the tables, and write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import machine
from benchmarks.comparison import compare
from benchmarks.features import features
from benchmarks.fresh import ROOT
from benchmarks.growth import growth
from benchmarks.split import splits
from benchmarks.start import starts
from benchmarks.workers import LONG_S, workers

PAGE = ROOT / "docs" / "benchmarks.md"

HEAD = """# Benchmarks

<!-- Written by `python -m benchmarks`. Do not edit. -->
"""

COMPARISON = """
## Beside other programs

All programs simulate the same model in turns, in one process (plain C in one of its own). Times
are processor time of one core: medians of {rounds} rounds, each with its own seed. The engines'
are of `run()`: drawing the workload, simulating, all sums of the metrics, no log; a run of ten
calls is deducted, since it costs what any run costs. Of the others, the whole simulation.
The ratio is the median of the rounds' ratios.

- *textbook SimPy*: `benchmarks/textbook.py`, a process per caller as in SimPy's documentation;
  agents are a `Resource` or, with several queues, a `FilterStore`.
- *SimPy by hand*: the same with lists in the store's place.
- *Ciw*: `benchmarks/ciw_queue.py`, one queue with reneging.
- *plain C*: `benchmarks/plain.c`, an ordinary event loop with a binary heap, `gcc -O3`.

The models: 50 agents, 9.5 calls a minute, services of 5 minutes on average (both exponential),
callers leave after 100 s. With four queues, each has a quarter of the calls and a tag of its own,
each agent two of the four tags.
The share of abandoned calls, with its 95 % confidence interval, shows that all simulate the same.
"""

GROWTH = """
## Growth

The compiled engine, one replication, no log; every row is a fresh process. Time per call as
above; memory is the peak of the whole process, and by how much the run raised it above what
Python, the libraries and a tiny run had taken.
"""

SPLIT = """
## Where the time goes

Processor time of the compiled engine, medians of {rounds} rounds. *engine* keeps the sums of
each call; *sums* is their reduction by replication (percentiles, for one).
"""

FEATURES = """
## What each feature costs

M/M/50 with a timeout of 100 s, and one thing more; {rounds} interleaved rounds, processor time of
the compiled engine per call offered, the ratio that of the rounds. Some of it is not the feature's
code but what it does: with breaks and ringing there are fewer agents, so more calls wait. From
*a wait flow* on the engine's larger variants are used.
"""

WORKERS = """
## Several processes

By the clock on the wall, {rounds} interleaved rounds, medians; the ratio is that of the rounds.
What is soon done stays in one process unless a number is asked for.
"""

START = """
## Start

From the shell. Each variant of the engine is compiled once for
each version, when the first scenario comes that needs it; the compiled code is then kept in the
user's cache. Ringing, overflow, retries, polling and their like (as in `platform.yaml`) need the
largest variant.
"""


def main() -> int:
    """Run all of it; 1 if the programs don't agree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller and fewer; writes no page")
    parser.add_argument(
        "--only",
        choices=("comparison", "growth", "split", "features", "workers", "start"),
        help="one section alone; writes no page",
    )
    options = parser.parse_args()
    quick = options.quick
    rounds = 3 if quick else 9
    text = ""

    def show(part: str) -> None:
        nonlocal text
        text += part
        print(part, end="", flush=True)

    show(HEAD + "\n" + machine.facts())
    agree = True

    def comparison() -> str:
        nonlocal agree
        found = compare(rounds=rounds, scale=0.1 if quick else 1.0)
        agree = found.agree
        return found.text

    runs = 3 if quick else 5
    sections: dict[str, tuple[str, Callable[[], str]]] = {
        "comparison": (COMPARISON.format(rounds=rounds), comparison),
        "growth": (GROWTH, lambda: growth(quick=quick)),
        "split": (
            SPLIT.format(rounds=runs),
            lambda: splits(
                rounds=runs, calls=10**5 if quick else 10**6, days=100 if quick else 1000
            ),
        ),
        "features": (
            FEATURES.format(rounds=runs),
            lambda: features(rounds=runs, calls=50_000 if quick else 500_000),
        ),
        "workers": (
            WORKERS.format(rounds=runs),
            lambda: workers(rounds=runs, long_s=1.5 if quick else LONG_S),
        ),
        "start": (START, lambda: starts(rounds=1 if quick else runs)),
    }
    for name, (head, body) in sections.items():
        if options.only in (None, name):
            show(head + "\n")
            show(body())
    if not quick and options.only is None:
        Path(PAGE).write_text(text, encoding="utf-8")
        print(f"\nwrote {PAGE.relative_to(ROOT)}", file=sys.stderr)
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
