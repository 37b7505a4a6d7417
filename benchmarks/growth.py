"""How time per call and memory grow, each run in a fresh process."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.fresh import Case, Measured, measure_apart
from benchmarks.tables import duration, significant, table

LOADED_AGENTS = 500
"""Agents of the loads' table: enough for thousands of waiting calls."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Cases along one size; `quick` are the places of those that a quick run makes do with.

    `shown` heads the first column. `grows_with_waiting`: the size that counts is not what is
    varied but how many agents there are and calls wait.
    """

    title: str
    shown: str
    cases: tuple[tuple[str, float, Case], ...]
    quick: tuple[int, ...]
    grows_with_waiting: bool = False


def axes(calls: int) -> list[Axis]:
    """What is varied; runs have `calls` calls where it is not their number."""

    def vary(
        values: Sequence[float], case: Callable[[float], Case]
    ) -> tuple[tuple[str, float, Case], ...]:
        return tuple((f"{value:,g}", value, case(value)) for value in values)

    def loads(timeout_s: float) -> tuple[tuple[str, float, Case], ...]:
        return tuple(
            (f"{load:.2f}", load, Case(calls, LOADED_AGENTS, 1, load, timeout_s))
            for load in (0.5, 0.8, 0.95, 1.0, 1.2, 1.5, 2.0)
        )

    return [
        Axis(
            "Calls: one replication, 50 agents at 95 % load",
            "calls",
            tuple((f"{n:,}", n, Case(calls=n)) for n in (10**4, 10**5, 10**6, 10**7)),
            (0, 2),
        ),
        Axis(
            "Agents, at 95 % load",
            "agents",
            vary((10, 50, 200, 1000, 5000), lambda n: Case(calls, agents=int(n))),
            (0, 4),
        ),
        Axis(
            "Agents, at 70 % load, each call to the agent who has been idle longest",
            "agents",
            vary(
                (10, 50, 200, 1000, 5000),
                lambda n: Case(calls, agents=int(n), load=0.7, method="longest_idle"),
            ),
            (0, 4),
        ),
        Axis(
            "Queues that all of 50 agents match, at 95 % load",
            "queues",
            vary((1, 4, 20, 50, 200), lambda n: Case(calls, queues=int(n))),
            (0, 4),
        ),
        Axis(
            "The same at 200 % load, timeout 1 h: hundreds of calls wait, in all queues",
            "queues",
            vary(
                (1, 4, 20, 50, 200),
                lambda n: Case(calls, queues=int(n), load=2.0, timeout_s=3600.0),
            ),
            (0, 4),
        ),
        Axis(
            f"Load of {LOADED_AGENTS} agents, timeout 100 s",
            "load",
            loads(100.0),
            (0, 6),
            grows_with_waiting=True,
        ),
        Axis(
            f"Load of {LOADED_AGENTS} agents, timeout 1 h: thousands wait",
            "load",
            loads(3600.0),
            (0, 6),
            grows_with_waiting=True,
        ),
    ]


def growth(*, quick: bool) -> str:
    """All tables."""
    parts = [
        _section(axis, [axis.cases[i] for i in axis.quick] if quick else axis.cases, quick)
        for axis in axes(200_000 if quick else 1_000_000)
    ]
    if not quick:
        parts.append(_simpy())
    return "\n".join(parts)


def _section(axis: Axis, cases: Sequence[tuple[str, float, Case]], quick: bool) -> str:
    found = [(name, size, measure_apart(case, 0.1 if quick else 1.0)) for name, size, case in cases]
    rows = [[name, *_cells(one)] for name, _, one in found]
    text = table([axis.shown, "per call", "most in queue", "peak memory", "of it the run's"], rows)
    sizes = [
        LOADED_AGENTS + one.most_waiting if axis.grows_with_waiting else size
        for _, size, one in found
    ]
    return f"### {axis.title}\n\n{text}\n{_verdict(axis, sizes, [one for _, _, one in found])}"


def _cells(one: Measured) -> list[str]:
    return [
        duration(one.per_call_s),
        f"{one.most_waiting:,.0f}",
        f"{one.peak_mb:,.0f} MB",
        f"{one.run_mb:,.1f} MB",
    ]


def _verdict(axis: Axis, sizes: Sequence[float], found: Sequence[Measured]) -> str:
    """The ratio of times between the smallest and the largest size, and of logarithms."""
    low, high = min(sizes), max(sizes)
    times = found[sizes.index(high)].per_call_s / found[sizes.index(low)].per_call_s
    logs = math.log(1.0 + high) / math.log(1.0 + low)
    what = "agents and calls in queue" if axis.grows_with_waiting else axis.shown
    return (
        f"From {low:,.0f} to {high:,.0f} {what} the time per call changes by a factor of"
        f" {significant(times)};\nthe logarithm of one more than that number by"
        f" {significant(logs)}.\n"
    )


def _simpy() -> str:
    rows = []
    for calls in (10_000, 100_000, 500_000):
        one = measure_apart(Case(calls, engine="simpy"), 0.0)
        rows.append([f"{calls:,}", *_cells(one)])
    heads = ["calls", "per call", "most in queue", "peak memory", "of it the run's"]
    return f"### The SimPy engine, by calls\n\n{table(heads, rows)}"
