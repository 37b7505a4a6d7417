"""A lowered scenario as the compiled engine's records: queues, agents, flows and so on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernel import records as r
from sim.engine.kernel.trees import NEVER, leaves_for
from sim.engine.lower import NONE, Plant
from sim.engine.rules import Method, Order
from sim.engine.timeline import EndKind
from sim.logs import Cause
from sim.scenario.behaviour import PollOrder
from sim.scenario.model import Discipline
from sim.sums import Frame

Records = Any
Longs = NDArray[np.int64]

SLOTS = 256
"""Waiting calls there is room for at first; doubled when that is not enough."""

FEW = 8
"""Queues of a crew that are looked up one by one, also where they stand side by side."""


def frame_record(plant: Plant) -> Records:
    frames = np.zeros(1, r.FRAME)
    frame = frames[0]
    frame["horizon"], frame["warmup"], frame["drain"] = (
        plant.horizon_s, plant.warmup_s, plant.drain,
    )  # fmt: skip
    # Calls that were there at the start count where there is no warm-up.
    frame["counted_from"] = plant.warmup_s if plant.warmup_s > 0.0 else -np.inf
    frame["n_free"] = SLOTS
    if plant.polling is not None:
        frame["polled"], frame["newest"] = 1, plant.polling.order is PollOrder.NEWEST
        frame["start_delay"] = plant.polling.start_delay_s
        frame["retry"], frame["next"] = plant.polling.retry_s, plant.polling.next_s
    return frames


def words(mask: int, n: int) -> list[int]:
    """A bit mask in `n` words of 64 bits, the lowest first."""
    words: list[int] = np.frombuffer(mask.to_bytes(8 * n, "little"), np.uint64).tolist()
    return words


def queue_records(plant: Plant, frame: Frame) -> Records:
    queues = np.zeros(len(plant.queues), r.QUEUE)
    pools = 0
    for record, queue, threshold, short in zip(
        queues, plant.queues, frame.threshold_s, frame.short_abandon_s, strict=True
    ):
        record["wait_timeout"] = queue.wait_timeout_s
        record["service_timeout"] = queue.service_timeout_s
        record["threshold"], record["short_abandon"] = threshold, short
        record["method"] = Method[queue.method.name]
        record["discipline"] = Order[queue.discipline.name]
        record["priority"] = queue.priority
        record["max_waiting"] = int(min(queue.max_waiting, 2**62))
        record["flow"] = -1 if queue.flow is None else queue.flow
        record["in_join_order"] = (
            not plant.is_full
            and not queue.has_patience
            and (queue.flow is None or not plant.flows[queue.flow].holds_hangup)
        )
        record["pool"], record["head"], record["tail"] = -1, -1, -1
        if queue.discipline is Discipline.RANDOM:
            record["pool"] = pools
            pools += 1
    return queues


def plan_records(plant: Plant) -> Records:
    plans = np.zeros(len(plant.queues), r.PLAN)
    for record, queue in zip(plans, plant.queues, strict=True):
        record["overflow_after"], record["overflow_to"] = (
            queue.overflow_after_s, queue.overflow_to,
        )  # fmt: skip
        record["service"], record["wrap_up"] = queue.service, queue.wrap_up
        record["patience"] = queue.patience
        if queue.retry is not None:
            record["retry_probability"] = queue.retry.probability
            record["retry_delay"] = queue.retry.delay
            record["max_attempts"] = queue.retry.max_attempts
            record["on_abandoned"] = queue.retry.on_abandoned
            record["on_blocked"] = queue.retry.on_blocked
    return plans


def ring_records(plant: Plant) -> Records:
    rings = np.zeros(len(plant.rings), r.RING)
    for record, ring in zip(rings, plant.rings, strict=True):
        if ring is not None:
            record["rings"], record["delay"] = 1, ring.delay
            record["no_answer"], record["timeout"] = ring.no_answer, ring.timeout_s
            record["penalty"] = ring.penalty_s
    return rings


def own_service_times(plant: Plant) -> Longs:
    """By group and queue, the number of the group's own distribution; empty if there is none."""
    if not any(plant.service_times):
        return np.zeros((0, 0), np.int64)
    own = np.full((len(plant.service_times), len(plant.queues)), NONE, np.int64)
    for group, times in enumerate(plant.service_times):
        for q, distribution in times.items():
            own[group, q] = distribution
    return own


def crews_of(plant: Plant) -> tuple[Longs, Records, Longs]:
    """Agents who match the same queues are one crew: each group's, the crews, their queues."""
    numbers = {matched: i for i, matched in enumerate(dict.fromkeys(plant.queues_of_group))}
    crews = np.zeros(len(numbers), r.CREW)
    members: list[int] = []
    for crew, matched in zip(crews, numbers, strict=True):
        crew["first"] = crew["last"] = len(members)
        kinds = {(plant.queues[q].priority, plant.queues[q].discipline) for q in matched}
        crew["plain"] = len(kinds) < 2 and Discipline.RANDOM not in {kind for _, kind in kinds}
        if len(matched) > FEW and matched[-1] - matched[0] + 1 == len(matched):
            crew["least"], crew["most"] = matched[0], matched[-1] + 1
        else:
            members += matched
            crew["last"] = len(members)
    of_group = np.array([numbers[matched] for matched in plant.queues_of_group], np.int64)
    return of_group, crews, np.array(members, np.int64)


def agent_records(plant: Plant, crew_of_group: Longs) -> Records:
    agents = np.zeros(plant.n_agents, r.AGENT)
    agents["group"], agents["index"] = plant.group_of, plant.index_in_group
    if plant.n_agents:
        agents["crew"] = crew_of_group[plant.group_of]
    agents["speed"] = plant.speed
    agents["number"] = -1
    agents["overtime_since"] = np.nan
    agents["answers"] = 1
    return agents


def flow_records(plant: Plant) -> Records:
    flows = np.zeros(len(plant.flows), r.FLOW)
    lasts = np.cumsum([len(flow.steps) for flow in plant.flows])
    for f, (record, flow, last) in enumerate(zip(flows, plant.flows, lasts, strict=True)):
        record["cycle"], record["can_hang_up"] = flow.cycle_s, flow.holds_hangup
        record["first"], record["last"] = last - len(flow.steps), last
        ending = flow.ending
        if ending is not None:
            record["ends"], record["end_pass"], record["end_step"] = 1, ending.n, ending.step
            record["end_cause"] = 0 if ending.kind is EndKind.QUEUE_JOIN else Cause.FLOW
            record["end_to"], record["end_action"] = ending.queue, -1
            if ending.kind is EndKind.HANGUP:
                action = flow.steps[ending.step].action
                record["end_action"] = plant.first_action[f] + action
    return flows


def step_records(plant: Plant) -> Records:
    return np.array(
        [
            (
                step.begin_s, step.end_s, step.hangup_probability, not step.interruptible,
                plant.first_action[f] + step.action,
            )
            for f, flow in enumerate(plant.flows)
            for step in flow.steps
        ],
        r.STEP,
    )  # fmt: skip


def tournament(places: int) -> Records:
    """A tournament in which no place has a time: the lowest place below each node leads."""
    leaves = leaves_for(places)
    tree = np.zeros(2 * leaves, r.NODE)
    tree["t"] = NEVER
    tree["who"][leaves:] = np.arange(leaves)
    for node in range(leaves - 1, 0, -1):
        tree["who"][node] = tree["who"][2 * node]
    return tree


def due_times(places: int) -> Records:
    """A tournament of calls that are due, in which none is."""
    leaves = leaves_for(places)
    tree = np.zeros(2 * leaves, r.DUE)
    tree["t"] = NEVER
    tree["who"][leaves:] = np.arange(leaves)
    return tree


def free_slots(n: int) -> Records:
    slots = np.zeros(n, r.SLOT)
    slots["number"] = -1
    return slots
