"""Recorded calls: as they were, and what is missing drawn as for any call of the queue."""

from __future__ import annotations

import math
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.mixing import descend
from sim.scenario.distributions import Deterministic, Distribution, Exponential, Gamma
from sim.scenario.model import PoissonArrivals, Queue, RecordedArrivals, Scenario
from sim.workload import calls as calls_module
from sim.workload.calls import Workload
from sim.workload.streams import name_key, uniforms
from sim.workload.variates import quantile

NAN = math.nan
OTHER = Queue(
    name="other", arrivals=PoissonArrivals(0.1), service_time=Gamma(shape=2.0, scale_s=5.0)
)
SERVICE, PATIENCE = Exponential(scale_s=9.0), Exponential(scale_s=60.0)
COLUMNS = ("place", "arrival_s", "service_s", "patience_s", "wrap_up_s")


def scenario(
    arrivals: RecordedArrivals,
    service: Distribution = SERVICE,
    patience: Distribution | None = PATIENCE,
    horizon_s: float = 100.0,
) -> Scenario:
    queue = Queue(name="taped", arrivals=arrivals, service_time=service, patience=patience)
    return Scenario(name="tape", horizon_s=horizon_s, queues=(OTHER, queue), agents=())


def of_queue(each: Scenario, replication: int = 0, block_calls: int = 8192) -> dict[str, list]:
    """What the calls of the recorded queue bring."""
    with mock.patch.object(calls_module, "BLOCK_CALLS", block_calls):
        blocks = list(Workload(each).blocks(replication))
    return {
        c: [v for b in blocks for v in getattr(b, c)[b.queue == len(each.queues) - 1].tolist()]
        for c in COLUMNS
    }


times = st.lists(st.floats(0.0, 120.0), max_size=40).map(sorted)
value = st.none() | st.floats(0.0, 1e6)


@given(times=times, data=st.data(), size=st.integers(1, 50), replication=st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_calls_are_as_recorded_and_the_missing_drawn(
    times: list[float], data: st.DataObject, size: int, replication: int
) -> None:
    """Claim: those before the horizon, in any blocks; a missing value is the one at its place."""
    n = len(times)
    service, patience = (data.draw(st.lists(value, min_size=n, max_size=n)) for _ in range(2))
    filled = [[NAN if v is None else v for v in column] for column in (service, patience)]
    each = scenario(RecordedArrivals(times, *filled))
    found = of_queue(each, replication, size)
    some = sum(t < 100.0 for t in times)
    assert found["arrival_s"] == times[:some]
    assert found["place"] == list(range(some))
    for purpose, column, law in (("service", service, SERVICE), ("patience", patience, PATIENCE)):
        key = descend(name_key(each.seed, purpose, "taped"), replication)
        drawn = quantile(law, uniforms(key, 0, some)).tolist()
        expected = [d if v is None else v for d, v in zip(drawn, column[:some], strict=True)]
        assert found[f"{purpose}_s"] == expected


def test_a_recorded_value_changes_no_other() -> None:
    """Claim: with one service added to the recording, only that call's service differs."""
    at = [float(t) for t in range(50)]
    base = of_queue(scenario(RecordedArrivals(at)))
    one = [NAN] * 50
    one[20] = 7.25
    found = of_queue(scenario(RecordedArrivals(at, one)))
    assert found["service_s"][20] == 7.25
    base["service_s"][20] = 7.25
    assert found == base


def test_a_recording_overrides_constants_and_absent_patience() -> None:
    """Claim: also where all calls of the scenario would have the same service or no patience."""
    tape = RecordedArrivals([1.0, 2.0, 3.0], [NAN, 5.0, NAN], [4.0, NAN, 0.0])
    each = scenario(tape, Deterministic(value_s=30.0), None)
    found = of_queue(replace(each, queues=each.queues[1:]))
    assert found["service_s"] == [30.0, 5.0, 30.0]
    assert found["patience_s"] == [4.0, math.inf, 0.0]


def test_other_queues_are_as_they_were() -> None:
    """Claim: beside a recording the other queue's calls have the same bits as beside none."""
    beside = list(Workload(scenario(RecordedArrivals([1.0, 50.0], [2.0, NAN]))).blocks(1))
    alone = list(Workload(scenario(RecordedArrivals([]))).blocks(1))
    assert len(beside) == len(alone) == 1
    for column in COLUMNS:
        a, b = (getattr(x, column)[x.queue == 0] for x in (beside[0], alone[0]))
        assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("replication", [0, 1])
def test_a_million_recorded_calls(replication: int) -> None:
    """Claim: the same calls in every replication, in blocks no larger than expected."""
    at = np.sort(np.random.default_rng(3).uniform(0.0, 1e6, 1_000_000))
    each = scenario(RecordedArrivals(at.tolist()), horizon_s=9e5)
    found = list(Workload(replace(each, queues=each.queues[1:])).blocks(replication))
    assert np.concatenate([b.arrival_s for b in found]).tobytes() == at[at < 9e5].tobytes()
    assert max(len(b) for b in found) <= calls_module.BLOCK_CALLS
