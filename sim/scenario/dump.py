"""A scenario as a file again, every default filled in: what a run used, to be loaded as it is.

Files that the scenario referred to are written out, but for recorded calls, of which there may
be millions: they stay in their file, named in full. Loading gives an equal scenario.
"""

from __future__ import annotations

from sim.scenario.dump_agents import group_document
from sim.scenario.dump_queues import queue_document
from sim.scenario.emit import emit
from sim.scenario.model import Action, ActionType, Flow, Initial, Polling, Scenario
from sim.scenario.units import format_duration


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
        "dispatch": "immediate" if scenario.dispatch is None else _polling(scenario.dispatch),
        "flow_action_limit": scenario.flow_action_limit,
        "words_per_minute": scenario.words_per_minute,
        "queues": [queue_document(queue, scenario) for queue in scenario.queues],
        "agents": [group_document(group, scenario) for group in scenario.agents],
    }
    if scenario.flows:
        top["flows"] = [_flow(flow, scenario) for flow in scenario.flows]
    if scenario.initial is not None:
        top["initial"] = _initial(scenario.initial, scenario)
    if scenario.tags:
        top["tags"] = dict(scenario.tags)
    if scenario.expect:
        top["expect"] = [target.text for target in scenario.expect]
    return top


def _flow(flow: Flow, scenario: Scenario) -> dict[str, object]:
    body: dict[str, object] = {"name": flow.name}
    if flow.id is not None:
        body["id"] = flow.id
    body["actions"] = [_action(action, flow, scenario) for action in flow.actions]
    return body


def _action(action: Action, flow: Flow, scenario: Scenario) -> dict[str, object]:
    body: dict[str, object] = {"type": str(action.type)}
    if action.id is not None:
        body["id"] = action.id
    if action.text is not None:
        body["text"] = action.text
    if action.type in (ActionType.TALK, ActionType.SLEEP, ActionType.PLAY):
        body["duration"] = format_duration(action.duration_s)
    if action.target is not None:
        body |= {"target_id": flow.actions[action.target].id, "loop_count": action.loop_count}
    if action.queue is not None:
        body["queue"] = scenario.queues[action.queue].name
    if not action.interruptible:
        body["interruptible"] = False
    if action.hangup_probability:
        body["hangup_probability"] = action.hangup_probability
    return body


def _polling(polling: Polling) -> dict[str, object]:
    return {
        "polling": {
            "start_delay": format_duration(polling.start_delay_s),
            "retry": format_duration(polling.retry_s),
            "next": format_duration(polling.next_s),
            "order": str(polling.order),
        }
    }


def _initial(initial: Initial, scenario: Scenario) -> dict[str, object]:
    def call(queue: int, since_s: float) -> dict[str, object]:
        return {"queue": scenario.queues[queue].name, "since": format_duration(since_s)}

    return {
        "waiting": [call(each.queue, each.since_s) for each in initial.waiting],
        "busy": [
            {"agent": scenario.agents[each.agent].agent_name(each.index)}
            | call(each.queue, each.since_s)
            for each in initial.busy
        ],
    }
