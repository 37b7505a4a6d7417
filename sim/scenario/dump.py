"""A scenario as a file again, every default filled in: what a run used, to be loaded as it is.

Files that the scenario referred to are written out; loading gives an equal scenario.
"""

from __future__ import annotations

import math

from sim.scenario import distributions as dist
from sim.scenario.emit import emit
from sim.scenario.model import (
    Action,
    ActionType,
    AgentGroup,
    Arrivals,
    Flow,
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RegularArrivals,
    RenewalArrivals,
    Scenario,
    ServiceLevel,
)
from sim.scenario.units import format_duration, format_rate


def dump_scenario(scenario: Scenario) -> str:
    """YAML text that loads to an equal scenario."""
    return emit(scenario_document(scenario))


def scenario_document(scenario: Scenario) -> dict[str, object]:
    """The file's mapping, in plain values."""
    top: dict[str, object] = {"name": scenario.name}
    if scenario.start is not None:
        top["start"] = scenario.start.isoformat(sep=" ")
    if scenario.time_zone is not None:
        top["time_zone"] = scenario.time_zone
    top |= {
        "horizon": format_duration(scenario.horizon_s),
        "at_horizon": str(scenario.at_horizon),
        "warmup": format_duration(scenario.warmup_s),
        "replications": scenario.replications,
        "seed": scenario.seed,
        "interval": format_duration(scenario.interval_s),
        "dispatch": "immediate",
        "flow_action_limit": scenario.flow_action_limit,
        "words_per_minute": scenario.words_per_minute,
        "queues": [_queue(queue, scenario) for queue in scenario.queues],
        "agents": [_group(group) for group in scenario.agents],
    }
    if scenario.flows:
        top["flows"] = [_flow(flow) for flow in scenario.flows]
    if scenario.tags:
        top["tags"] = dict(scenario.tags)
    if scenario.expect:
        top["expect"] = [target.text for target in scenario.expect]
    return top


def distribution_document(found: dist.Distribution) -> object:
    """A distribution as the file writes it, by its canonical parameters."""
    d = format_duration
    body: dict[str, object]
    match found:
        case dist.Deterministic():
            if found.offset_s == 0:
                return d(found.value_s)
            body = {"distribution": "deterministic", "value": d(found.value_s)}
        case dist.Exponential():
            body = {"distribution": "exponential", "mean": d(found.scale_s)}
        case dist.Gamma():
            body = {"distribution": "gamma", "shape": found.shape, "scale": d(found.scale_s)}
        case dist.Lognormal():
            body = {"distribution": "lognormal", "mu": found.mu, "sigma": found.sigma}
        case dist.Weibull():
            body = {"distribution": "weibull", "shape": found.shape, "scale": d(found.scale_s)}
        case dist.Uniform():
            body = {"distribution": "uniform", "low": d(found.low_s), "high": d(found.high_s)}
        case dist.Triangular():
            body = {
                "distribution": "triangular",
                "low": d(found.low_s),
                "mode": d(found.mode_s),
                "high": d(found.high_s),
            }
        case dist.Mixture():
            parts = zip(found.weights, found.parts, strict=True)
            body = {"distribution": "mixture", "of": [_part(w, part) for w, part in parts]}
        case dist.Empirical():
            body = {"distribution": "empirical", "values": [d(v) for v in found.values_s]}
        case _:
            raise TypeError(f"no form for {type(found).__name__}")
    if found.offset_s:
        body["offset"] = d(found.offset_s)
    return body


def _part(weight: float, part: dist.Distribution) -> dict[str, object]:
    body = distribution_document(part)
    if isinstance(body, str):
        body = {"distribution": "deterministic", "value": body}
    assert isinstance(body, dict)
    return {"weight": weight, **body}


def _arrivals(arrivals: Arrivals) -> dict[str, object]:
    match arrivals:
        case PoissonArrivals():
            return {"rate": format_rate(arrivals.rate_per_s)}
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
            return {"profile": profile}


def _timeout(seconds: float) -> str:
    return "0s" if math.isinf(seconds) else format_duration(seconds)


def _queue(queue: Queue, scenario: Scenario) -> dict[str, object]:
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
        "service_level": _service_level(queue.service_level),
    }
    return body


def _service_level(level: ServiceLevel) -> dict[str, object]:
    return {
        "threshold": format_duration(level.threshold_s),
        "short_abandon": format_duration(level.short_abandon_s),
        "formula": str(level.formula),
    }


def _group(group: AgentGroup) -> dict[str, object]:
    body: dict[str, object] = {"name": group.name}
    if group.id is not None:
        body["id"] = group.id
    body |= {"count": group.count, "tags": list(group.tags)}
    if group.schedule is not None:
        body["schedule"] = [
            {"from": format_duration(p.from_s), "to": format_duration(p.to_s), "count": p.count}
            for p in group.schedule
        ]
    body["speed"] = group.speed
    body["cost"] = group.cost
    if not group.present:
        body["status"] = "offline"
    return body


def _flow(flow: Flow) -> dict[str, object]:
    body: dict[str, object] = {"name": flow.name}
    if flow.id is not None:
        body["id"] = flow.id
    body["actions"] = [_action(action, flow) for action in flow.actions]
    return body


def _action(action: Action, flow: Flow) -> dict[str, object]:
    body: dict[str, object] = {"type": str(action.type)}
    if action.id is not None:
        body["id"] = action.id
    if action.text is not None:
        body["text"] = action.text
    if action.type in (ActionType.TALK, ActionType.SLEEP, ActionType.PLAY):
        body["duration"] = format_duration(action.duration_s)
    if action.target is not None:
        body |= {"target_id": flow.actions[action.target].id, "loop_count": action.loop_count}
    if not action.interruptible:
        body["interruptible"] = False
    if action.hangup_probability:
        body["hangup_probability"] = action.hangup_probability
    return body
