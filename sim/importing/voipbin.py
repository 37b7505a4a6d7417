"""A scenario drafted from answers of VoIPBin's API.

The API knows the queues, the agents and what callers hear, but neither how many calls come nor
how long conversations last. Those are blanks of the scenario (`sim.scenario.blanks`), which its
checks name until they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.importing.answers import ApiAgent, ApiQueue, read_answers
from sim.importing.fields import MAX_NAME, cleaned
from sim.importing.wait_flows import Step, WaitFlow, wait_flows
from sim.scenario.blanks import BLANK, Blank, example
from sim.scenario.emit import emit, scalar
from sim.scenario.nodes import Source
from sim.scenario.units import format_duration

_STATUSES = ("available", "ringing", "busy", "away", "offline")
_BLANK = Blank(BLANK)


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of a scenario with blanks, and what is worth a warning."""

    text: str
    notes: tuple[str, ...]


def draft(sources: Sequence[Source]) -> Draft:
    """A scenario of the queues, agents and flows that the answers list, in any order.

    Raises `ScenarioError` for what is no such answer, with file, line and column.
    """
    answers = read_answers(sources)
    notes = list(answers.notes)
    used = {queue.wait_flow_id for queue in answers.queues if queue.wait_flow_id}
    flows = [flow for flow in answers.flows if flow.id in used or not answers.queues]
    unused = [flow.name or flow.id for flow in answers.flows if flow.id not in used]
    names = _unique("queue", [(q.name, q.id) for q in answers.queues], reserved="total")
    flow_names = _unique("flow", [(flow.name, flow.id) for flow in flows])
    waiting = wait_flows(
        flows,
        flow_names,
        {queue.id or name: name for queue, name in zip(answers.queues, names, strict=True)},
    )
    lines = _head(answers.queues, answers.agents, flows)
    known = {flow.id: flow.name for flow in waiting if flow.id}
    if answers.queues:
        lines += ["", "queues:"]
        for queue, name in zip(answers.queues, names, strict=True):
            lines += _queue(queue, name, known, notes)
    else:
        lines += ["", _with_hint("queues")]
    lines += ["", *_agents(answers.agents, notes)]
    if waiting:
        lines += ["", "flows:"]
        for flow in waiting:
            lines += _flow(flow, notes)
    if unused and answers.queues:
        lines += ["", _comment(f"Flows with which no queue waits, left out: {', '.join(unused)}")]
    listed = [queue.tags for queue in answers.queues] + [agent.tags for agent in answers.agents]
    lines += _tag_names(tag for tags in listed for tag in tags)
    return Draft("\n".join(lines) + "\n", tuple(notes))


def _head(*lists: Sequence[object]) -> list[str]:
    counts = ", ".join(
        f"{len(each)} {name}{'' if len(each) == 1 else 's'}"
        for each, name in zip(lists, ("queue", "agent", "flow"), strict=True)
    )
    return [
        f"# Drafted from VoIPBin's API: {counts}.",
        f"# Write a value in place of each {BLANK}; `callsim validate` names those that are left.",
        "",
        _with_hint("horizon"),
        "# tag_match: any   # if an agent needs only one of a queue's tags, not all of them",
    ]


def _queue(queue: ApiQueue, name: str, flows: dict[str, str], notes: list[str]) -> list[str]:
    fields: dict[str, object] = {"name": name}
    if queue.id:
        fields["id"] = queue.id
    if queue.tags:
        fields["tags"] = list(queue.tags)
    remarks: list[str] = []
    if queue.routing_method == "random":
        fields["routing_method"] = "random"
    elif queue.routing_method:
        remarks.append(f"routing_method `{queue.routing_method}` is not known: taken as random")
        notes.append(f"queue `{name}`: {remarks[-1]}")
    if queue.wait_flow_id in flows:
        fields["wait_flow"] = flows[queue.wait_flow_id]
    if queue.wait_timeout_s:
        fields["wait_timeout"] = format_duration(queue.wait_timeout_s)
    if queue.service_timeout_s:
        fields["service_timeout"] = format_duration(queue.service_timeout_s)
    lines = _item(fields)
    if queue.wait_flow_id and queue.wait_flow_id not in flows:
        lines.append("    " + _with_hint("wait_flow"))
        remarks.append(f"wait_flow_id {queue.wait_flow_id} is not among the flows given")
        notes.append(f"queue `{name}`: {remarks[-1]}")
    lines += ["    " + _with_hint("arrivals"), "    " + _with_hint("service_time")]
    lines.append(
        "    # patience: {distribution: exponential, mean: 3min}   # none: nobody hangs up"
    )
    if queue.n_incoming or queue.n_serviced or queue.n_abandoned:
        remarks.append(_counted(queue))
    return lines + ["    " + _comment(remark) for remark in remarks]


def _counted(queue: ApiQueue) -> str:
    text = (
        f"So far: {queue.n_incoming} incoming, {queue.n_serviced} serviced, "
        f"{queue.n_abandoned} abandoned"
    )
    if queue.n_incoming:
        text += f" ({queue.n_abandoned / queue.n_incoming:.1%} of incoming)"
    return f"{text}; compare with a run"


def _agents(agents: Sequence[ApiAgent], notes: list[str]) -> list[str]:
    if not agents:
        return [_with_hint("agents")]
    lines = ["agents:"]
    n_away = sum(agent.status in ("away", "offline") for agent in agents)
    if n_away:
        text = f"agents who are away or offline, and so never on shift: {n_away} of {len(agents)}"
        lines.append("  " + _comment(f"{text}; leave `status` out to plan with them."))
        notes.append(text)
    names = _unique("agent", [(agent.name, agent.id) for agent in agents])
    for agent, name in zip(agents, names, strict=True):
        fields: dict[str, object] = {"name": name}
        if agent.id:
            fields["id"] = agent.id
        if agent.tags:
            fields["tags"] = list(agent.tags)
        if agent.status in _STATUSES:
            fields["status"] = agent.status
        lines += _item(fields, flat=True)
        if agent.status and agent.status not in _STATUSES:
            lines.append("    " + _comment(f"status `{agent.status}` is not known: left out"))
            notes.append(f"agent `{name}`: status `{agent.status}` is not known: left out")
    return lines


def _flow(flow: WaitFlow, notes: list[str]) -> list[str]:
    lines = _item({"name": flow.name, **({"id": flow.id} if flow.id else {})})
    body: list[str] = []
    for step in flow.steps:
        body += _step(step)
        if step.written is None:
            notes.append(f"flow `{flow.name}`: {step.remark}")
    if not flow.refused:
        return [*lines, "    actions:", *("      " + line for line in body)]
    notes.append(f"flow `{flow.name}` can't be used as it is: {flow.refused}")
    lines.append("    " + _with_hint("actions"))
    lines.append("    " + _comment(f"Its own can't be used: {flow.refused}"))
    return lines + ["    # " + line for line in body]


def _step(step: Step) -> list[str]:
    if step.written is None:
        return [_comment(step.remark)]
    if isinstance(step.written, dict) and len(step.written) == 1:
        ((key, value),) = step.written.items()
        lines = [f"- {key}: {scalar(value)}"]
    else:
        lines = [line[2:] for line in emit({"a": [step.written, {}]}).splitlines()[1:-1]]
    if step.remark:
        lines[-1] += "   " + _comment(step.remark)
    return lines


def _item(fields: dict[str, object], *, flat: bool = False) -> list[str]:
    """An item of a list, indented: a line for each field, or on one line where it fits."""
    if flat:
        return emit({"a": [fields]}).splitlines()[1:]
    lines = ["    " + line for line in emit(fields).splitlines()]
    return ["  - " + lines[0][4:], *lines[1:]]


def _with_hint(name: str) -> str:
    """A blank field, with what to write in a comment."""
    return f"{name}: {_BLANK}   # such as {example(name)}"


def _comment(text: str) -> str:
    return "# " + "".join(ch if ch.isprintable() else " " for ch in text)


def _tag_names(tags: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(tags))
    if not found:
        return []
    named = [_comment(f"  {scalar(tag)}: readable name") for tag in found]
    return [
        "",
        "# The API tells tags by their ids only. To see names in reports:",
        "# tags:",
        *named,
    ]


def _unique(kind: str, rows: Sequence[tuple[str, str]], reserved: str = "") -> list[str]:
    """A name for each (name, id): its own, else with the beginning of the id, or a number.

    A name is neither another's name nor another's id.
    """
    ids = {identity: i for i, (_, identity) in enumerate(rows) if identity}
    taken = {reserved}
    numbers: dict[str, int] = {}
    names: list[str] = []
    for i, (name, identity) in enumerate(rows):
        stem = name or kind
        tries = [name] if name else []
        tries += [cleaned(f"{stem} {identity[:8]}")] if identity else []
        while not tries or tries[0] in taken or ids.get(tries[0], i) != i:
            tries = tries[1:]
            if not tries:
                numbers[stem] = numbers.get(stem, 1) + 1
                tries = [f"{stem[: MAX_NAME - 10]} {numbers[stem]}"]
        taken.add(tries[0])
        names.append(tries[0])
    return names
