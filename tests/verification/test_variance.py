"""Other ways of drawing, and the page about what they save, in short."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sim.scenario.distributions import Exponential
from sim.scenario.load import load_scenario
from sim.scenario.model import AgentGroup, Busyness, PoissonArrivals, Queue, Scenario
from sim.workload.calls import Workload
from verification.common_numbers import CHANGES, SCENARIOS, Gain
from verification.draws import Drawing, Draws
from verification.savings import Factor, Saved, independent_factor, paired_factor, savings
from verification.variance import EXPERIMENTS, page

COLUMNS = ("arrival_s", "service_s", "patience_s", "wrap_up_s", "queue", "place")


def model(busy: bool = False) -> Scenario:
    arrivals = PoissonArrivals(0.02, Busyness(0.2, False) if busy else None)
    queue = Queue("q", arrivals, Exponential(scale_s=100.0))
    return Scenario("draws", 3600.0, (queue,), (AgentGroup("team", count=3),), replications=12)


@pytest.mark.parametrize("name", ["support", "shift_plan"])
def test_independent_draws_are_the_programs(name: str) -> None:
    """Claim: each call is that of `Workload`, so what is measured is what is shipped."""
    scenario = load_scenario(SCENARIOS / f"{name}.yaml")
    blocks = list(Workload(scenario).blocks(5))
    (ours,) = Draws(scenario, Drawing.INDEPENDENT, 20).blocks(5)
    for column in COLUMNS:
        theirs = np.concatenate([getattr(block, column) for block in blocks])
        assert getattr(ours, column) == pytest.approx(theirs, rel=1e-12)


def test_antithetic_services_mirror_each_other() -> None:
    """Claim: the k-th services of a pair have u and 1 - u, and the first of a pair is as ever."""
    draws = Draws(model(), Drawing.ANTITHETIC, 12)
    (first,), (second,) = draws.blocks(2), draws.blocks(3)
    (plain,) = Draws(model(), Drawing.INDEPENDENT, 12).blocks(2)
    assert np.array_equal(first.service_s, plain.service_s)
    n = min(len(first), len(second))
    sums = np.exp(-first.service_s[:n] / 100.0) + np.exp(-second.service_s[:n] / 100.0)
    assert sums == pytest.approx(np.ones(n))


def test_a_latin_hypercube_fills_each_part_once() -> None:
    """Claim: over a group of 12 the k-th service falls once into each twelfth of its law; another
    group is another one."""
    draws = Draws(model(busy=True), Drawing.LATIN, 12)
    days = [next(draws.blocks(r)) for r in range(24)]
    for group in (days[:12], days[12:]):
        n = min(map(len, group))
        u = np.array([1.0 - np.exp(-day.service_s[:n] / 100.0) for day in group])
        assert np.array_equal(
            np.sort((12 * u).astype(int), axis=0), np.tile(np.arange(12), (n, 1)).T
        )
    assert not np.array_equal(days[0].service_s[:20], days[12].service_s[:20])


@pytest.mark.parametrize("drawing", list(Drawing))
def test_each_replication_keeps_its_law(drawing: Drawing) -> None:
    """Claim: calls of an hour are Poisson with mean 72 whatever the drawing: over 40 groups of 12
    the mean of one place in the group, and their variance (error rate 1e-4 each)."""
    counts = np.array([
        sum(map(len, Draws(model(), drawing, 12).blocks(12 * group + 5))) for group in range(40)
    ])  # fmt: skip
    assert abs(counts.mean() - 72.0) < 3.9 * np.sqrt(72.0 / 40)
    assert 0.3 < counts.var(ddof=1) / 72.0 < 2.2


def test_factors_of_known_variances() -> None:
    """Claim: the factor is the ratio of variances, 4 here, and its interval holds that; paired, an
    interval is narrower where the two go together."""
    rng = np.random.default_rng(8)
    noise = rng.normal(size=(2, 300))
    independent = independent_factor(2.0 * noise[0], noise[1], rng)
    paired = paired_factor(2.0 * noise[0] + 0.01 * noise[1], noise[0], rng)
    assert independent.low < 4.0 < independent.high
    assert paired.value == pytest.approx(4.0, rel=0.02)
    assert paired.high - paired.low < 0.2 * (independent.high - independent.low)


def test_savings_in_short() -> None:
    """Claim: with 12 experiments of 12 each row is there, factors are positive, and what never
    varies has no row."""
    rows = savings(dataclasses.replace(model(), seed=2), 12, 12)
    named = {row.metric: row for row in rows}
    assert {"queue_length_mean", "occupancy", "delayed"} <= set(named)
    assert "abandonment" not in named
    assert all(0.0 < row.controls.low <= row.controls.high for row in rows)
    assert named["occupancy"].controls.value > 2.0


def test_the_page_has_every_row() -> None:
    """Claim: each scenario and metric, each change, and figures in every place of the text."""
    factor = Factor(2.345, 1.5, 12.3)
    saved = {name: [Saved("asa_s", factor, factor, factor, 0.95, 0.94)] for name in EXPERIMENTS}
    text = page(saved, [Gain(change, "asa_s", -1.5, factor) for change in CHANGES], 200)
    assert "{" not in text.replace("{polling", "")
    assert text.count("2.35 (1.50 to 12)") == 3 * len(EXPERIMENTS) + len(CHANGES)
    assert "95.0 % | 94.0 %" in text
