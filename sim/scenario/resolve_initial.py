"""The state at the start: calls that wait, and conversations that are under way."""

from __future__ import annotations

import re

from sim.scenario.behaviour import Initial, InitialBusy, InitialWaiting
from sim.scenario.context import Context
from sim.scenario.form import InitialBusyForm, InitialForm, InitialWaitingForm
from sim.scenario.model import AgentGroup, Queue, TagMatch
from sim.scenario.nodes import Path
from sim.scenario.units import format_duration
from sim.scenario.validate import STAND_IN

_MEMBER = re.compile(r"(.*)\[([0-9]{1,15})\]", re.S)


def resolve_initial(
    form: InitialForm | None,
    queues: tuple[Queue, ...],
    groups: tuple[AgentGroup, ...],
    context: Context,
) -> Initial | None:
    """The calls at the start; what could not be there is refused. None when there are none."""
    if form is None or not (form.waiting or form.busy):
        return None
    waiting = [
        _waiting(each, queues, context, ("initial", "waiting", i))
        for i, each in enumerate(form.waiting or ())
    ]
    taken: dict[tuple[int, int], int] = {}
    busy = [
        _busy(each, queues, groups, taken, context, i) for i, each in enumerate(form.busy or ())
    ]
    return Initial(
        tuple(each for each in waiting if each is not None),
        tuple(each for each in busy if each is not None),
    )


def _waiting(
    form: InitialWaitingForm, queues: tuple[Queue, ...], context: Context, path: Path
) -> InitialWaiting | None:
    place = context.queue_place(form.queue, (*path, "queue"))
    if place is None:
        return None
    queue = queues[place]
    limits = {
        "`wait_timeout`": queue.wait_timeout_s,
        "`overflow.after`": queue.overflow.after_s if queue.overflow else float("inf"),
        "longest `patience`": queue.patience.upper_s if queue.patience else float("inf"),
    }
    for what, longest in limits.items():
        if form.since > 0 and form.since >= longest:
            context.problem(
                (*path, "since"),
                f"this call would have left already: the {what} of queue `{queue.name}` is "
                f"{format_duration(longest)}",
            )
            break
    return InitialWaiting(place, form.since)


def _busy(
    form: InitialBusyForm,
    queues: tuple[Queue, ...],
    groups: tuple[AgentGroup, ...],
    taken: dict[tuple[int, int], int],
    context: Context,
    number: int,
) -> InitialBusy | None:
    path: Path = ("initial", "busy", number)
    place = context.queue_place(form.queue, (*path, "queue"))
    agent = _agent(form.agent, groups, context, (*path, "agent"))
    if agent is None:
        return None
    first = taken.setdefault(agent, number)
    if first != number:
        context.problem((*path, "agent"), f"this agent is busy already, in initial.busy[{first}]")
    group = groups[agent[0]]
    if not group.present:
        context.problem((*path, "agent"), f"agents `{group.name}` are offline or away")
    if place is None:
        return None
    queue = queues[place]
    if not queue.matches(group.tags):
        missing = [f"`{tag}`" for tag in queue.tags if tag not in group.tags]
        need = "every tag" if queue.tag_match is TagMatch.ALL else "one of the tags"
        context.problem(
            (*path, "agent"),
            f"agents `{group.name}` can't be on a call of queue `{queue.name}`, which needs {need} "
            f"of it: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing",
        )
    service = dict(group.service_times).get(place, queue.service_time)
    longest = min(service.upper_s / group.speed, queue.service_timeout_s)
    if form.since > 0 and form.since >= longest:
        context.problem(
            (*path, "since"),
            f"this conversation would have ended already, after {format_duration(longest)} at most",
        )
    return InitialBusy(agent[0], agent[1], place, form.since)


def _agent(
    name: str, groups: tuple[AgentGroup, ...], context: Context, path: Path
) -> tuple[int, int] | None:
    """Group and index of `group[0]`, or of a single agent's name or id."""
    place, index = context.groups.find(name), None
    found = _MEMBER.fullmatch(name)
    if place is None and found is not None:
        place, index = context.groups.find(found[1]), int(found[2])
    if place is None:
        if not any(each.startswith(STAND_IN) for each in context.groups.every):
            context.problem(path, context.groups.unknown(found[1] if found else name))
        return None
    group = groups[place]
    if index is None and group.count != 1:
        example = f": write `{group.name}[0]`" if group.count else ""
        context.problem(path, f"`{group.name}` is a group of {group.count} agents{example}")
        return None
    if (index or 0) >= group.count:
        context.problem(
            path,
            f"there is no `{name}`: the agents of `{group.name}` are numbered from 0 to "
            f"{group.count - 1}",
        )
        return None
    return place, index or 0
