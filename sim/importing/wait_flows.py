"""The API's flows as wait flows of a scenario: which actions can be taken over, and how written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.importing.answers import ApiAction, ApiFlow
from sim.scenario.blanks import BLANK, Blank
from sim.scenario.emit import emit
from sim.scenario.errors import ScenarioError
from sim.scenario.form_flows import TYPES
from sim.scenario.load import loads_scenario
from sim.scenario.units import format_duration

_IN_FLOW = re.compile(r"flows\[([0-9]+)\]")


@dataclass(frozen=True, slots=True)
class Step:
    """An action as the file has it, or None where it is kept out; and a remark on it."""

    written: object
    remark: str = ""


@dataclass(frozen=True, slots=True)
class WaitFlow:
    """A flow as the file has it. `refused` says why its actions can't be used as they are."""

    name: str
    id: str
    steps: tuple[Step, ...]
    refused: str = ""


def wait_flows(
    flows: Sequence[ApiFlow], names: Sequence[str], queues: Mapping[str, str]
) -> list[WaitFlow]:
    """The flows under their names; `queues` are names of queues by id.

    Whether actions make a usable flow is for the scenario's own checks to say.
    """
    made = [
        WaitFlow(name, flow.id, tuple(_steps(flow, queues)))
        for flow, name in zip(flows, names, strict=True)
    ]
    while found := _refusals(made, list(queues.values())):
        made = [
            WaitFlow(flow.name, flow.id, flow.steps, found.get(i, flow.refused))
            for i, flow in enumerate(made)
        ]
    return made


def _steps(flow: ApiFlow, queues: Mapping[str, str]) -> list[Step]:
    targets = {action.target_id for action in flow.actions if action.target_id}
    following = [action.id for action in flow.actions[1:]]
    steps: list[Step] = []
    for n, action in enumerate(flow.actions):
        step = _step(action, action.id if action.id in targets else "", queues)
        after = following[n] if n < len(following) else ""
        if action.next_id and action.next_id != after:
            remark = "has a `next_id` that is not the next action: taken in the order of the list"
            step = Step(step.written, f"{step.remark}; {remark}" if step.remark else remark)
        steps.append(step)
    return steps


def _step(action: ApiAction, identity: str, queues: Mapping[str, str]) -> Step:
    own: dict[str, object] = {"id": identity} if identity else {}
    match action.type:
        case "talk":
            extra: dict[str, object] = {"language": action.language} if action.language else {}
            if action.is_async:
                extra["async"] = True
            return Step({"talk": action.text, **extra, **own})
        case "sleep":
            return Step({"sleep": format_duration(action.duration_s), **own})
        case "play":
            return Step({"play": Blank(BLANK), **own}, " ".join(action.urls))
        case "goto":
            return Step({"goto": action.target_id, "loop_count": action.loop_count, **own})
        case "queue_join":
            return Step({"queue_join": queues.get(action.queue_id, action.queue_id), **own})
        case "beep" | "hangup":
            return Step({"type": action.type, **own} if own else action.type)
        case other:
            return Step(None, f"kept out: `{other}`, which is none of {', '.join(TYPES)}")


def _refusals(flows: Sequence[WaitFlow], queues: Sequence[str]) -> dict[int, str]:
    """What the scenario's checks say of flows not yet refused, blanks filled in."""
    document: dict[str, object] = {
        "horizon": "1h",
        "queues": [
            {"name": name, "arrivals": {"rate": "0/s"}, "service_time": "1s"}
            for name in queues or ["queue"]
        ],
        "agents": [],
        "flows": [
            {"name": f"flow {i}", "actions": ["beep"] if flow.refused else _filled(flow)}
            for i, flow in enumerate(flows)
        ],
    }
    try:
        loads_scenario(emit(document))
    except ScenarioError as error:
        found: dict[int, str] = {}
        for problem in error.problems:
            place = _IN_FLOW.match(problem.path)
            if place is not None:
                found.setdefault(int(place[1]), problem.message)
        return found
    return {}


def _filled(flow: WaitFlow) -> list[object]:
    return [
        {key: "1s" if isinstance(value, Blank) else value for key, value in step.written.items()}
        if isinstance(step.written, dict)
        else step.written
        for step in flow.steps
        if step.written is not None
    ]
