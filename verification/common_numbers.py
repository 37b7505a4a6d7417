"""Common against independent random numbers: the variance of differences, both ways measured."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.experiment.run import run
from sim.experiment.subjects import TOTAL, estimates_of
from sim.metrics.estimates import Estimate
from sim.scenario.load import load_scenario
from sim.scenario.model import Scenario
from verification.savings import LEAST_VARIATION, Factor, independent_factor

SCENARIOS = Path(__file__).parent.parent / "scenarios"
METRICS = ("abandonment", "service_level", "asa_s", "wait_mean_s", "queue_length_mean")
COMMON, FIRST, SECOND = 11, 12, 13
"""Seeds: one for both variants, and one for each of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """Two variants of a shipped scenario: what is said of it, and the settings of each."""

    scenario: str
    text: str
    a: tuple[str, ...]
    b: tuple[str, ...]


CHANGES = (
    Change("support", "a fourth bilingual agent", (), ("agents.bilingual.count=4",)),
    Change("support", "a seventh agent at the billing desk", (), ("agents.billing-desk.count=7",)),
    Change("support", "the longest idle agent, not a random one", (), tuple(
        f"queues.{name}.routing_method=longest_idle"
        for name in ("billing", "technical", "german", "outage"))),
    Change("support", "the newest call first", (), tuple(
        f"queues.{name}.discipline=lifo" for name in ("billing", "technical", "german"))),
    Change("day", "a fifth agent in the late shift", (), ("agents.late.schedule[0].count=5",)),
    Change("day", "a time limit of 60 s", (), ("queues.service.wait_timeout=60s",)),
    Change("tutorial", "a time limit of 60 s, not 100 s", (), ("queues.support.wait_timeout=60s",)),
    Change("overflow", "overflow after 30 s, not 90 s", (),
           ("queues.specialists.overflow.after=30s",)),
    Change("platform", "polling, the oldest first, not at once", ("dispatch=immediate",),
           ("dispatch={polling: {order: oldest}}",)),
    Change("platform", "as deployed, not at once", ("dispatch=immediate",), ("dispatch=deployed",)),
    Change("shift_plan", "no phone that nobody answers", (),
           ("agents.early.ring.no_answer=0", "agents.late.ring.no_answer=0")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gain:
    """How many times the variance of a difference is larger on independent random numbers."""

    change: Change
    metric: str
    difference: float
    factor: Factor


def gains(replications: int, *, engine: str = "compiled") -> Iterator[Gain]:
    """For each change and metric of all queues together, where there is any difference."""
    rng = np.random.default_rng(2)
    for change in CHANGES:
        a, b = (
            _scenario(change.scenario, settings, replications) for settings in (change.a, change.b)
        )
        u, v = _estimates(a, COMMON, engine), _estimates(b, COMMON, engine)
        apart = _estimates(a, FIRST, engine), _estimates(b, SECOND, engine)
        for metric in METRICS:
            both, alone = _influence(u, v, metric), _influence(*apart, metric)
            value = (v[metric].value or 0.0) - (u[metric].value or 0.0)
            if np.ptp(both) > LEAST_VARIATION * np.ptp(alone):
                yield Gain(change, metric, value, independent_factor(alone, both, rng))


def _scenario(name: str, settings: tuple[str, ...], replications: int) -> Scenario:
    path = SCENARIOS / f"{name}.yaml"
    return load_scenario(path, [*settings, f"replications={replications}"])


def _estimates(scenario: Scenario, seed: int, engine: str) -> dict[str, Estimate]:
    result = run(dataclasses.replace(scenario, seed=seed), engine=engine)
    return dict(estimates_of(result, TOTAL, is_group=False))


def _influence(
    a: dict[str, Estimate], b: dict[str, Estimate], metric: str
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """What each replication adds to the error of the difference."""
    u, v = a[metric].influence, b[metric].influence
    assert u is not None and v is not None
    return v - u
