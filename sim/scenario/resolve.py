"""The validated form into the frozen scenario: names looked up, defaults filled in.

Everything that the form alone can't know is checked here, and reported at its place.
"""

from __future__ import annotations

import math

from sim.scenario.behaviour import Polling, PollOrder, RecordedArrivals
from sim.scenario.context import Context, names_of
from sim.scenario.endless import rings_for_ever
from sim.scenario.form import PollingDispatchForm, QueueForm, ScenarioForm
from sim.scenario.limits import too_large
from sim.scenario.model import AtHorizon, Flow, Queue, Scenario, TagMatch, Target
from sim.scenario.nodes import Path
from sim.scenario.resolve_agents import resolve_group
from sim.scenario.resolve_flows import resolve_flow
from sim.scenario.resolve_initial import resolve_initial
from sim.scenario.resolve_moves import refuse_cycles
from sim.scenario.resolve_queues import resolve_queue
from sim.scenario.targets import parse_target
from sim.scenario.validate import STAND_IN


def resolve(form: ScenarioForm, title: str, context: Context) -> Scenario:
    """The scenario of a form. Problems go to the context; the result then is of no use.

    Queues come before agents: recorded calls may tell the horizon, until which breaks recur.
    """
    context.start, context.time_zone = form.start, form.time_zone
    context.interval_s = form.interval
    context.queues = names_of(context, "queue", "queues", [(q.name, q.id) for q in form.queues])
    context.groups = names_of(context, "agent", "agents", [(a.name, a.id) for a in form.agents])
    flow_forms = form.flows or []
    context.flows = names_of(context, "flow", "flows", [(f.name, f.id) for f in flow_forms])
    flows = [
        resolve_flow(
            each.name,
            each.id,
            each.actions,
            form.words_per_minute,
            context,
            ("flows", i, "actions"),
        )
        for i, each in enumerate(flow_forms)
    ]
    flow_paths: list[Path] = [("flows", i, "actions") for i in range(len(flows))]
    queues = _queues(form, flows, flow_paths, context)
    refuse_cycles(queues, flows, flow_paths, context)
    context.horizon_s = _horizon_s(form, queues, context)
    groups = tuple(
        resolve_group(each, context, ("agents", i)) for i, each in enumerate(form.agents)
    )
    polling, limit = _dispatch(form)
    scenario = Scenario(
        name=form.name or title,
        horizon_s=context.horizon_s,
        queues=queues,
        agents=groups,
        flows=tuple(flows),
        start=form.start,
        time_zone=form.time_zone,
        at_horizon=AtHorizon(form.at_horizon),
        warmup_s=form.warmup,
        replications=form.replications,
        seed=form.seed,
        interval_s=form.interval,
        tags=tuple((form.tags or {}).items()),
        expect=_targets(form, context),
        dispatch=polling,
        flow_action_limit=limit,
        words_per_minute=float(form.words_per_minute),
        initial=resolve_initial(form.initial, queues, groups, context),
        notes=tuple(context.notes),
    )
    for path, message in (*too_large(scenario), *rings_for_ever(scenario)):
        context.problem(path, message)
    return scenario


def _targets(form: ScenarioForm, context: Context) -> tuple[Target, ...]:
    targets: list[Target] = []
    if any(name.startswith(STAND_IN) for name in (*context.queues.every, *context.groups.every)):
        return ()  # names are missing because of other problems
    for i, text in enumerate(form.expect or ()):
        try:
            targets.append(parse_target(text, context.queues.every, context.groups.every))
        except ValueError as error:
            context.problem(("expect", i), str(error))
    return tuple(targets)


def _horizon_s(form: ScenarioForm, queues: tuple[Queue, ...], context: Context) -> float:
    """The horizon as written, or whole intervals that hold every recorded call."""
    horizon = form.horizon
    if horizon is None:
        ways = [queue.arrivals for queue in queues]
        ends = [w.times_s[-1] for w in ways if isinstance(w, RecordedArrivals) and w.times_s]
        if ends:
            horizon = (math.floor(max(ends) / form.interval) + 1) * form.interval
    if horizon is None:
        recorded = any(isinstance(queue.arrivals, RecordedArrivals) for queue in queues)
        written = context.sink.root.get("horizon") is not None
        if not written and not (recorded and context.sink.problems):  # else a problem is its cause
            context.problem(
                (), "`horizon` is required: how long calls arrive, such as `horizon: 8h`"
            )
        return 1.0
    if form.warmup >= horizon:
        context.problem(("warmup",), "the warm-up must be shorter than the horizon")
    return horizon


def _queues(
    form: ScenarioForm, flows: list[Flow], flow_paths: list[Path], context: Context
) -> tuple[Queue, ...]:
    deployed = form.dispatch == "deployed"
    match = TagMatch(form.tag_match or ("any" if deployed else "all"))
    queues: list[Queue] = []
    for i, each in enumerate(form.queues):
        flow = _wait_flow(each, i, form, flows, context)
        if len(flows) > len(flow_paths):
            flow_paths.append(("queues", i, "wait_flow"))
        queues.append(
            resolve_queue(each, (match, form.service_level), flow, context, ("queues", i))
        )
    return tuple(queues)


def _wait_flow(
    queue: QueueForm, i: int, form: ScenarioForm, flows: list[Flow], context: Context
) -> int | None:
    path = ("queues", i, "wait_flow")
    if not queue.wait_flow:
        return None
    if isinstance(queue.wait_flow, str):
        place = context.flows.find(queue.wait_flow)
        if place is None and (context.flows.every or not context.sink.root.get("flows")):
            context.problem(path, context.flows.unknown(queue.wait_flow))
        return place
    name = f"{queue.name} wait flow"
    while name in context.flows.places or name in context.inline_flows:
        name += "'"
    context.inline_flows.add(name)
    flows.append(resolve_flow(name, None, queue.wait_flow, form.words_per_minute, context, path))
    return len(flows) - 1


def _dispatch(form: ScenarioForm) -> tuple[Polling | None, int | None]:
    if form.dispatch == "immediate":
        return None, form.flow_action_limit
    if isinstance(form.dispatch, PollingDispatchForm):
        times = form.dispatch.polling
        order = PollOrder(times.order)
        polling = Polling(times.start_delay, times.retry, times.next, order)
        return polling, form.flow_action_limit
    return Polling(), 100 if form.flow_action_limit is None else form.flow_action_limit
