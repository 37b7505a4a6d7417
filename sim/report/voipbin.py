"""The queues after a run in the shape in which VoIPBin's API lists them.

The counters are those of the first replication and follow the model's rules, so unlike the
platform's own they balance. Times are in milliseconds, 0 for none.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sim.scenario.model import Queue, Scenario

NIL = "00000000-0000-0000-0000-000000000000"
NOT_YET = "9999-01-01 00:00:00.000000"

_NAMES = uuid.UUID("5d9c2f0e-6a0b-5f5e-9c57-0c6d1b0b7a51")


class CountedResult(Protocol):
    """What is needed of a result."""

    @property
    def scenario(self) -> Scenario: ...

    def replication_counts(self, replication: int) -> Sequence[Mapping[str, int]]: ...


def queues_json(result: CountedResult) -> dict[str, Any]:
    """`{"result": [queue, ...], "next_page_token": ""}`, the queues in the file's order.

    An `id` that the scenario does not give is derived from the name, the same in every run.
    """
    scenario = result.scenario
    pairs = zip(scenario.queues, result.replication_counts(0), strict=True)
    queues = [_queue(queue, counts, scenario) for queue, counts in pairs]
    return {"result": queues, "next_page_token": ""}


def _queue(queue: Queue, counts: Mapping[str, int], scenario: Scenario) -> dict[str, Any]:
    created = scenario.start
    stamp = NOT_YET if created is None else created.strftime("%Y-%m-%d %H:%M:%S.%f")
    flow_id = NIL
    if queue.wait_flow is not None:
        flow = scenario.flows[queue.wait_flow]
        flow_id = flow.id or _id("flow", flow.name)
    return {
        "id": queue.id or _id("queue", queue.name),
        "customer_id": NIL,
        "name": queue.name,
        "detail": "",
        "routing_method": str(queue.routing_method),
        "tag_ids": list(queue.tags),
        "wait_flow_id": flow_id,
        "wait_timeout": _milliseconds(queue.wait_timeout_s),
        "service_timeout": _milliseconds(queue.service_timeout_s),
        "wait_queuecall_ids": [],
        "service_queuecall_ids": [],
        "direct_hash": "",
        "total_incoming_count": int(counts["incoming"]),
        "total_serviced_count": int(counts["serviced"]),
        "total_abandoned_count": int(counts["abandoned"]),
        "tm_create": stamp,
        "tm_update": NOT_YET,
        "tm_delete": NOT_YET,
    }


def _id(kind: str, name: str) -> str:
    return str(uuid.uuid5(_NAMES, f"{kind}/{name}"))


def _milliseconds(seconds: float) -> int:
    return 0 if math.isinf(seconds) else round(1000 * seconds)
