"""`run --control-variates`: which controls, what they gain, and that they change nothing else."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

from sim.experiment.controls import Controls, staff_controls, time_planned, with_controls
from sim.experiment.precision import run_to_precision
from sim.experiment.run import run
from sim.scenario.load import loads_scenario
from sim.scenario.precision import parse_precision
from sim.theory.erlang import erlang_a
from tests.experiment.models import PATIENCE_S, RATE, SERVICE_S, erlang_a_scenario

TAGS = """
horizon: 4h
warmup: 30min
replications: 60
queues:
  - {name: en, tags: [en], arrivals: {rate: 20/h}, service_time: 5min, patience: 3min}
  - {name: de, tags: [de], arrivals: {rate: 30/h},
     service_time: {distribution: exponential, mean: 4min}, patience: 3min}
agents:
  - {name: english, count: 2, tags: [en]}
  - {name: german, count: 2, tags: [de], shrinkage: 20%,
     schedule: [{from: 0s, to: 3h, count: 2}], breaks: [{at: 1h, length: 15min}]}
  - {name: both, count: 1, tags: [en, de], shrinkage: 30%}
"""


def test_each_subject_has_its_own_controls() -> None:
    """Claim: a queue's work, that of the queues a group may serve, and of all; the staff of a group
    and of all."""
    result = run(loads_scenario(TAGS))
    controls = Controls(result)
    en, every, staff = controls.of("en", is_group=False).T
    de = controls.of("de", is_group=False)[:, 0]
    assert every == pytest.approx(en + de)
    assert np.array_equal(controls.of("total", is_group=False), np.stack((every, staff), axis=1))
    german, both = (controls.of(name, is_group=True) for name in ("german", "both"))
    assert np.array_equal(german[:, 0], de) and both[:, 0] == pytest.approx(en + de)
    assert german[:, 1] + both[:, 1] == pytest.approx(staff)
    assert not controls.of("english", is_group=True)[:, 1].any()


def test_absence_has_a_known_expectation() -> None:
    """Claim: planned are the shifts in the window, breaks and all (2 x 2.5 h for `german`, 3.5 h
    for `both`); what agents were there too long or too short averages to nothing (error rate
    1e-4)."""
    scenario = loads_scenario(TAGS)
    assert time_planned(scenario) == pytest.approx(3600 * np.array([7.0, 5.0, 3.5]))
    found = staff_controls(run(dataclasses.replace(scenario, replications=800)))
    assert not found[:, 0].any()
    for group in (1, 2):
        error = found[:, group].std() / np.sqrt(800)
        assert 0.0 < abs(found[:, group].mean()) < 3.9 * error


def test_fewer_runs_and_intervals_that_hold() -> None:
    """Claim: for M/M/9+M in a window of 4 h after one of warming up, 150 experiments of 20: the
    corrected estimate of the abandonment varies less than the plain one (Pitman and Morgan's test
    of paired variances at 1e-4), and its interval holds the exact value as often as it says (the
    binomial at 1e-3)."""
    exact = erlang_a(RATE, SERVICE_S, 9, PATIENCE_S).abandonment
    held, plain, corrected = 0, [], []
    for seed in range(150):
        result = run(erlang_a_scenario(9, replications=20, seed=seed))
        found = Controls(result).estimates("total", is_group=False)["abandonment"]
        assert found.low is not None and found.high is not None
        held += found.low <= exact <= found.high
        plain.append(
            result.document(with_intervals=False)["total"]["metrics"]["abandonment"]["value"]
        )
        corrected.append(found.value)
    a, b = np.array(plain), np.array(corrected)
    assert np.var(a) > np.var(b)
    assert stats.pearsonr(a + b, a - b).pvalue < 1e-4
    assert stats.binomtest(held, 150, 0.95).pvalue > 1e-3


def test_nothing_else_changes() -> None:
    """Claim: the document is that without, and `controlled` beside it: estimates of the same
    metrics, narrower where `runs_saved` is above 1."""
    result = run(erlang_a_scenario(9, replications=30))
    before = result.document(with_intervals=False)
    after = with_controls(result).document(with_intervals=False)
    made = after.pop("controlled")
    assert after == before
    for name, found in made["total"]["metrics"].items():
        plain = before["total"]["metrics"][name]
        assert found["runs_saved"] == pytest.approx(
            (plain["half_width"] / found["half_width"]) ** 2
        )
    assert made["queues"][0]["metrics"]["abandonment"]["runs_saved"] > 1.0
    assert "wait_p90_s" not in made["total"]["metrics"]
    assert set(made["agents"][0]["metrics"]) == {"occupancy", "utilisation"}


def test_a_precision_is_reached_by_the_corrected_interval() -> None:
    """Claim: with control variates it takes fewer replications for the same seed, the half-width
    that is told is the corrected one, and the plain part is that of a plain run of as many."""
    scenario, wanted = (
        erlang_a_scenario(9),
        [parse_precision("total.queue_length_mean=0.05", [], [])],
    )
    plain, _ = run_to_precision(scenario, wanted)
    result, (reached,) = run_to_precision(scenario, wanted, control_variates=True)
    assert result.scenario.replications < plain.scenario.replications
    assert result.controlled is not None
    told = result.controlled["total"]["metrics"]["queue_length_mean"]
    assert reached.estimate.half_width == told["half_width"] <= 0.05
    alone = run(erlang_a_scenario(9, replications=result.scenario.replications))
    assert with_controls(alone).controlled == result.controlled
