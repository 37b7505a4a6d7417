"""Queues as the file writes them."""

from __future__ import annotations

import math

from sim.scenario.dump_distributions import distribution_document
from sim.scenario.model import (
    Arrivals,
    Busyness,
    ListedArrivals,
    Overflow,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RecordedArrivals,
    RegularArrivals,
    RenewalArrivals,
    Retry,
    Scenario,
    ServiceLevel,
)
from sim.scenario.units import format_duration, format_rate


def _timeout(seconds: float) -> str:
    return "0s" if math.isinf(seconds) else format_duration(seconds)


def queue_document(queue: Queue, scenario: Scenario) -> dict[str, object]:
    """A queue with all its fields."""
    body: dict[str, object] = {"name": queue.name}
    if queue.id is not None:
        body["id"] = queue.id
    body |= {
        "tags": list(queue.tags),
        "tag_match": str(queue.tag_match),
        "routing_method": str(queue.routing_method),
        "priority": queue.priority,
        "discipline": str(queue.discipline),
        "wait_flow": None if queue.wait_flow is None else scenario.flows[queue.wait_flow].name,
        "wait_timeout": _timeout(queue.wait_timeout_s),
        "service_timeout": _timeout(queue.service_timeout_s),
        "max_waiting": queue.max_waiting,
        "arrivals": _arrivals(queue.arrivals),
        "service_time": distribution_document(queue.service_time),
        "patience": None if queue.patience is None else distribution_document(queue.patience),
        "wrap_up": None if queue.wrap_up is None else distribution_document(queue.wrap_up),
        "overflow": None if queue.overflow is None else _overflow(queue.overflow, scenario),
        "retry": None if queue.retry is None else _retry(queue.retry),
        "service_level": _service_level(queue.service_level),
    }
    return body


def _overflow(overflow: Overflow, scenario: Scenario) -> dict[str, object]:
    return {
        "after": format_duration(overflow.after_s),
        "to": scenario.queues[overflow.to].name,
    }


def _retry(retry: Retry) -> dict[str, object]:
    return {
        "probability": retry.probability,
        "delay": distribution_document(retry.delay),
        "max_attempts": retry.max_attempts,
        "on": [str(cause) for cause in retry.on],
    }


def _service_level(level: ServiceLevel) -> dict[str, object]:
    return {
        "threshold": format_duration(level.threshold_s),
        "short_abandon": format_duration(level.short_abandon_s),
        "formula": str(level.formula),
    }


def _arrivals(arrivals: Arrivals) -> dict[str, object]:
    match arrivals:
        case PoissonArrivals():
            return {"rate": format_rate(arrivals.rate_per_s)} | _busyness(arrivals.busyness)
        case RenewalArrivals():
            return {"interarrival": distribution_document(arrivals.interarrival)}
        case RegularArrivals():
            return {"every": format_duration(arrivals.period_s)}
        case ListedArrivals():
            return {"at": [format_duration(at) for at in arrivals.times_s]}
        case ProfileArrivals():
            profile: dict[str, object] = {
                "interval": format_duration(arrivals.interval_s),
                "calls": list(arrivals.calls),
            }
            if arrivals.service_scale is not None:
                profile["service_scale"] = list(arrivals.service_scale)
            return {"profile": profile} | _busyness(arrivals.busyness)
        case RecordedArrivals():
            return _recorded(arrivals)


def _busyness(busyness: Busyness | None) -> dict[str, object]:
    if busyness is None:
        return {}
    return {"busyness": {"cv": busyness.cv, "shared": busyness.shared}}


def _recorded(arrivals: RecordedArrivals) -> dict[str, object]:
    if arrivals.file:
        body: dict[str, object] = {"recorded": arrivals.file}
        return body | ({"columns": dict(arrivals.columns)} if arrivals.columns else {})
    calls: list[dict[str, object]] = [{"time": format_duration(at)} for at in arrivals.times_s]
    for name, column in (("service", arrivals.service_s), ("patience", arrivals.patience_s)):
        for call, value in zip(calls, column or (), strict=column is not None):
            if not math.isnan(value):
                call[name] = format_duration(value)
    return {"recorded": calls}
