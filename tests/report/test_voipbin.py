"""The queues in the shape of the real API."""

from __future__ import annotations

import json
import uuid
from datetime import datetime

import pytest

from sim.report.voipbin import NIL, NOT_YET, queues_json
from sim.scenario.model import Action, ActionType, Flow
from tests.report.samples import COUNTS, FakeResult, queue, scenario

FIELDS = [
    "id", "customer_id", "name", "detail", "routing_method", "tag_ids", "wait_flow_id",
    "wait_timeout", "service_timeout", "wait_queuecall_ids", "service_queuecall_ids",
    "direct_hash", "total_incoming_count", "total_serviced_count", "total_abandoned_count",
    "tm_create", "tm_update", "tm_delete",
]  # fmt: skip


def made() -> FakeResult:
    flow = Flow("hold", (Action(ActionType.SLEEP, 10.0),))
    known = "6f4dd5ea-5d6e-11ec-8a2b-9f0d4c1f7a10"
    queues = [
        queue("a", id=known, tags=("english",), wait_timeout_s=100.0, service_timeout_s=10000.0),
        queue("b", wait_flow=0, wait_timeout_s=0.2504),
    ]
    counts = [
        COUNTS | {"offered": 80, "incoming": 76, "serviced": 70, "abandoned": 6},
        COUNTS | {"offered": 3, "incoming": 3, "serviced": 1, "abandoned": 2},
    ]
    start = datetime(2026, 11, 23, 9, 0)
    return FakeResult(scenario=scenario(queues, flows=(flow,), start=start), counts=counts)


def test_the_shape_is_the_apis() -> None:
    """A list of objects with exactly the API's fields, queues in the file's order."""
    answer = queues_json(made())
    assert list(answer) == ["result", "next_page_token"]
    assert [list(item) for item in answer["result"]] == [FIELDS, FIELDS]
    assert [item["name"] for item in answer["result"]] == ["a", "b"]
    json.dumps(answer, allow_nan=False)


def test_times_are_whole_milliseconds_and_none_is_zero() -> None:
    """100 s are 100000; no timeout is 0."""
    first, second = queues_json(made())["result"]
    assert (first["wait_timeout"], first["service_timeout"]) == (100000, 10000000)
    assert (second["wait_timeout"], second["service_timeout"]) == (250, 0)
    assert all(type(item["wait_timeout"]) is int for item in (first, second))


def test_the_counters_are_the_first_replications() -> None:
    """The three counters come from replication 0 (blocked calls are no incoming ones)."""
    first = queues_json(made())["result"][0]
    names = ("total_incoming_count", "total_serviced_count", "total_abandoned_count")
    assert [first[name] for name in names] == [76, 70, 6]


def test_ids_are_the_scenarios_or_stable_ones() -> None:
    """A given id is kept; one made up is a UUID, the same each time, and no flow is nil."""
    first, second = queues_json(made())["result"]
    assert first["id"] == "6f4dd5ea-5d6e-11ec-8a2b-9f0d4c1f7a10"
    assert first["wait_flow_id"] == NIL
    assert str(uuid.UUID(second["id"])) == second["id"]
    assert second["wait_flow_id"] not in (NIL, second["id"])
    assert queues_json(made())["result"][1] == second


def test_instants_are_in_the_apis_dialect() -> None:
    """Creation is the scenario's start, if it has one; what never happened is the sentinel."""
    first = queues_json(made())["result"][0]
    assert first["tm_create"] == "2026-11-23 09:00:00.000000"
    assert first["tm_update"] == first["tm_delete"] == NOT_YET
    bare = FakeResult(counts=[COUNTS])
    assert queues_json(bare)["result"][0]["tm_create"] == NOT_YET


def test_counts_must_fit_the_queues() -> None:
    """A result with other queues than its scenario is an error, not a shorter list."""
    with pytest.raises(ValueError, match="zip"):
        queues_json(FakeResult(counts=[]))
