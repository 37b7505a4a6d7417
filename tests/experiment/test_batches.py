"""Batch means: one replication cut into batches, whose sums stand for those of replications."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.experiment.batches import run_in_batches
from sim.experiment.run import run
from sim.scenario.load import load_scenario, loads_scenario
from sim.sums import Count, Total

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SHIPPED = ("support", "overflow", "platform")

RICH = """
name: rich
horizon: 3h
interval: 20min
replications: 1
initial:
  waiting: [{queue: a, since: 20s}]
  busy: [{agent: "team[0]", queue: a, since: 1min}]
queues:
  - name: a
    arrivals: {rate: 3/min}
    service_time: {distribution: exponential, mean: 2min}
    patience: {distribution: exponential, mean: 2min}
    wrap_up: 20s
    max_waiting: 9
    overflow: {after: 40s, to: b}
    retry: {probability: 50%, delay: 5min, max_attempts: 2}
  - {name: b, arrivals: {rate: 0.2/min}, service_time: 3min, wait_timeout: 4min}
agents:
  - name: team
    count: 6
    shrinkage: 20%
    cost: 10
    ring:
      {delay: {distribution: exponential, mean: 6s}, no_answer: 10%, timeout: 15s, penalty: 1min}
    breaks: [{at: 1h, length: 10min}]
"""

BY_HAND = """
horizon: 200s
warmup: 40s
at_horizon: drain
replications: 1
queues: [{name: q, arrivals: {at: [10s, 50s, 110s, 115s, 130s, 190s]}, service_time: 20s}]
agents: [{name: a}]
"""


def test_by_hand():
    """Claim: a call counts in the batch of its joining, time in that of the clock.

    One agent, services of 20 s. After 40 s of warm-up two batches of 80 s, [40, 120) and
    [120, 200). The call of 115 s waits until 130 s: 5 s of it in the first batch, 10 s in the
    second; that of 130 s waits until 150 s; that of 190 s is served from 190 s to 210 s.
    """
    result = run_in_batches(loads_scenario(BY_HAND), 2, engine="simpy")
    assert result.counts[:, 0, Count.INCOMING].tolist() == [3, 2]
    assert result.totals[:, 0, Total.WAIT_ANSWERED].tolist() == [15.0, 20.0]
    assert result.totals[:, 0, Total.QUEUE_TIME].tolist() == [5.0, 30.0]
    occupancy = result.agent_estimates(0)["occupancy"]
    assert occupancy.value == (20.0 + 10.0 + 10.0 + 20.0 + 20.0 + 10.0) / 160.0
    assert result.agent_estimates(0)["calls_per_agent"].value == 5.0
    document = result.document(with_intervals=False)
    assert (document["replications"], document["batches"]) == (1, 2)
    waits = document["queues"][0]["metrics"]["wait_mean_s"]
    assert waits["value"] == 7.0
    # u = (15 - 7 * 3, 20 - 7 * 2) / 2.5 = (-2.4, 2.4), Student's t with one degree of freedom
    assert waits["half_width"] == pytest.approx(12.706204736 * 2.4)


@pytest.mark.parametrize("name", [*SHIPPED, "rich"])
def test_the_batches_are_the_replication(name):
    """Claim: whatever a scenario has, counts add up to those of the plain run, and every value of
    the document is that of the plain run, but for the rounding of sums."""
    scenario = _scenario(name)
    if name == "support":
        scenario = dataclasses.replace(scenario, warmup_s=1000.0)
    plain = run(scenario, intervals=True, log=True)
    batches = run_in_batches(scenario, 7, intervals=True, log=True)
    assert np.array_equal(plain.counts[0], batches.counts.sum(axis=0))
    assert np.array_equal(plain.served[0], batches.served.sum(axis=0))
    assert np.array_equal(plain.waits, batches.waits)
    one, other = (r.document(with_intervals=True) for r in (plain, batches))
    for key in ("intervals", "agent_intervals", "flows", "served_by", "waits"):
        assert one[key] == other[key]
    for part in ("queues", "agents"):
        for a, b in zip(one[part], other[part], strict=True):
            assert a.get("counts") == b.get("counts")
            _same_values(a["metrics"], b["metrics"])
    _same_values(one["total"]["metrics"], other["total"]["metrics"])
    assert np.array_equal(plain.calls()["call"], batches.calls()["call"])
    assert plain.replication_counts(0) == batches.replication_counts(0)


def _scenario(name: str):
    changes = ["replications=1", "horizon=3h"]
    if name == "rich":
        return loads_scenario(RICH, overrides=changes)
    return load_scenario(SCENARIOS / f"{name}.yaml", changes)


def _same_values(a: dict, b: dict) -> None:
    assert a.keys() == b.keys()
    for name in a:
        if "value" in a[name]:
            x, y = a[name]["value"], b[name]["value"]
            assert (x is None) == (y is None), name
            assert x is None or math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9), name


@pytest.mark.parametrize("name", ["overflow", "rich"])
def test_both_engines_agree(name):
    """Claim: the document is the same on both engines, to the last bit."""
    scenario = _scenario(name)
    one, other = (
        run_in_batches(scenario, 5, engine=engine).document(with_intervals=False)
        for engine in ("simpy", "compiled")
    )
    for document in (one, other):
        del document["engine"], document["elapsed_s"]
    assert one == other


STEADY = """
horizon: 40h
warmup: 4h
queues: [{name: q, arrivals: {rate: 0.05/s}, service_time: {distribution: exponential, mean: 3min},
          patience: {distribution: exponential, mean: 3min}}]
agents: [{name: a, count: 9}]
"""


def test_short_batches_are_warned_of():
    """Claim: batches of half a minute depend on each other visibly, those of hours do not
    (fixed seed; an independent sample is suspected once in twenty)."""
    steady = sim.loads(STEADY)
    short, long = (sim.run(steady, batches=n).document for n in (4000, 12))
    (warning,) = [w for w in short["warnings"] if w["code"] == "correlated-batches"]
    assert "batches of 32.4s" in warning["message"] and "too narrow" in warning["message"]
    assert long["warnings"] == []
    assert long["batches"] == 12 and long["replications"] == 1


def test_what_has_no_steady_state_is_warned_of():
    """Claim: changing arrivals, breaks and a start that counts are named; shifts are refused."""
    changed = {"queues.a.arrivals": {"profile": {"interval": "1h", "calls": [9, 99, 9]}}}
    document = sim.run(sim.loads(RICH).with_values(changed), batches=5).document
    codes = [(w["code"], w["where"].partition("[")[0]) for w in document["warnings"]]
    assert ("no-steady-state", "queues") in codes
    assert ("no-steady-state", "agents") in codes
    assert ("no-warmup", "warmup") in codes
    with pytest.raises(ValueError, match=r"agents\[0\]\.schedule: `.*` comes or goes before"):
        sim.run(sim.load(SCENARIOS / "shift_plan.yaml"), batches=5)


def test_what_makes_no_sense_is_refused():
    """Claim: precision, several replications and a single batch are refused with the reason."""
    steady = sim.loads(STEADY)
    with pytest.raises(ValueError, match="give one of the two"):
        sim.run(steady, batches=5, precision="total.asa_s=1s")
    with pytest.raises(ValueError, match="one replication"):
        sim.run(steady, batches=5, replications=2)
    with pytest.raises(ValueError, match="at least two batches"):
        sim.run(steady, batches=1)
    with pytest.raises(ValueError, match="one replication"):
        run_in_batches(steady.model, 5)


def test_the_report_says_so():
    """Claim: the report's last line tells how many batches of which length there were."""
    told = " ".join(str(sim.run(sim.loads(STEADY), batches=12)).split())
    assert "± at 95 % confidence from 12 batches of 3h" in told
    assert "1 replication of" in told
