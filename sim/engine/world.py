"""The records of the compiled engine, made from a lowered scenario, and grown when full."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernel import records as r
from sim.engine.kernel.records import World
from sim.engine.kernel.trees import NEVER, leaves_for
from sim.engine.kernel.waiting import NOTHING
from sim.engine.lower import Plant
from sim.engine.rules import KIND_BITS, Method, Order
from sim.mixing import descend
from sim.scenario.model import Discipline
from sim.sums import Frame

Records = Any
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]

SLOTS = 256
"""Waiting calls there is room for at first; doubled when that is not enough."""


UNCHANGING = {
    "mask", "crews", "members", "crew_queues", "flows", "steps", "starts", "ends"
}  # fmt: skip
"""What a replication only reads."""


def empty_world(plant: Plant, frame: Frame) -> World:
    """An empty system with every agent available who is always on shift.

    Keys of the run's own choices are still missing: see `for_replication`.
    """
    n_agents, n_queues = plant.n_agents, len(plant.queues)
    n_words, queue_words = max(1, -(-n_agents // 64)), max(1, -(-n_queues // 64))
    everyone = (1 << n_agents) - 1
    for agent in plant.shifts:
        everyone &= ~(1 << agent)
    starts = sorted((a, agent) for agent, spells in plant.shifts.items() for a, _ in spells)
    ends = sorted(
        (b, agent) for agent, spells in plant.shifts.items() for _, b in spells if b < np.inf
    )
    queues = _queues(plant, frame)
    crew_of_group, crews, members = _crews(plant)
    pools = int(queues["pool"].max(initial=-1)) + 1
    frames = np.zeros(1, r.FRAME)
    frames["horizon"], frames["warmup"] = plant.horizon_s, plant.warmup_s
    frames["drain"], frames["n_free"] = plant.drain, SLOTS
    slots = np.zeros(SLOTS, r.SLOT)
    slots["number"] = -1
    return World(
        frames=frames,
        queues=queues,
        agents=_agents(plant, crew_of_group),
        slots=slots,
        free=np.arange(SLOTS - 1, -1, -1, dtype=np.int64),
        tree=tournament(n_agents),
        due=due_times(n_queues),
        late=np.zeros(2 * SLOTS, r.DEADLINE),
        answers=np.zeros(n_agents + 2, r.DEADLINE),
        available=np.array(_words(everyone, n_words), np.uint64),
        mask=np.array([_words(q.agents, n_words) for q in plant.queues], np.uint64),
        nonempty=np.zeros(queue_words, np.uint64),
        crews=crews,
        members=members,
        offered=np.full(n_queues, NOTHING),
        crew_queues=np.array(
            [_words(sum(1 << q for q in matched), queue_words)
             for matched in dict.fromkeys(plant.queues_of_group)], np.uint64,
        ).reshape(-1, queue_words),
        group_keys=np.zeros(len(plant.discipline_key), np.uint64),
        flows=_flows(plant),
        steps=_steps(plant),
        starts=np.array(starts, r.SHIFT),
        ends=np.array(ends, r.SHIFT),
        overtime=np.zeros(len(ends) + 1, r.OVERTIME),
        fenwick=np.zeros((pools, SLOTS + 1), np.int64),
        ranked=np.zeros((pools, SLOTS), np.int64),
        n_ranked=np.zeros(pools, np.int64),
    )  # fmt: skip


def for_replication(world: World, plant: Plant, replication: int) -> World:
    """A copy for one replication, with the keys of the choices that are made in it."""
    fresh = World(
        **{
            name: array if name in UNCHANGING else array.copy()
            for name, array in world._asdict().items()
        }
    )
    for purpose in ("routing_key", "announcement_key", "offer_key"):
        keys = [descend(getattr(queue, purpose), replication) for queue in plant.queues]
        fresh.queues[purpose] = np.array(keys, np.uint64)
    keys = [descend(key, replication) for key in plant.discipline_key]
    fresh.group_keys[:] = np.array(keys, np.uint64)
    return fresh


def _words(mask: int, n: int) -> list[int]:
    """A bit mask in `n` words of 64 bits, the lowest first."""
    words: list[int] = np.frombuffer(mask.to_bytes(8 * n, "little"), np.uint64).tolist()
    return words


def _queues(plant: Plant, frame: Frame) -> Records:
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
        record["in_join_order"] = not queue.has_patience and (
            queue.flow is None or not plant.flows[queue.flow].holds_hangup
        )
        record["pool"], record["head"], record["tail"] = -1, -1, -1
        if queue.discipline is Discipline.RANDOM:
            record["pool"] = pools
            pools += 1
    return queues


def _crews(plant: Plant) -> tuple[Longs, Records, Longs]:
    """Agents who match the same queues are one crew: each group's, the crews, their queues."""
    numbers = {matched: i for i, matched in enumerate(dict.fromkeys(plant.queues_of_group))}
    crews = np.zeros(len(numbers), r.CREW)
    members: list[int] = []
    for crew, matched in zip(crews, numbers, strict=True):
        crew["first"] = crew["last"] = len(members)
        kinds = {(plant.queues[q].priority, plant.queues[q].discipline) for q in matched}
        crew["plain"] = len(kinds) < 2 and Discipline.RANDOM not in {kind for _, kind in kinds}
        if matched and matched[-1] - matched[0] + 1 == len(matched):
            crew["least"], crew["most"] = matched[0], matched[-1] + 1
        else:
            members += matched
            crew["last"] = len(members)
    of_group = np.array([numbers[matched] for matched in plant.queues_of_group], np.int64)
    return of_group, crews, np.array(members, np.int64)


def _agents(plant: Plant, crew_of_group: Longs) -> Records:
    agents = np.zeros(plant.n_agents, r.AGENT)
    agents["group"], agents["index"] = plant.group_of, plant.index_in_group
    if plant.n_agents:
        agents["crew"] = crew_of_group[plant.group_of]
    agents["speed"] = plant.speed
    agents["number"] = -1
    agents["overtime_since"] = np.nan
    agents["on_shift"] = 1
    agents["on_shift"][list(plant.shifts)] = 0
    return agents


def _flows(plant: Plant) -> Records:
    flows = np.zeros(len(plant.flows), r.FLOW)
    lasts = np.cumsum([len(flow.steps) for flow in plant.flows])
    for record, flow, last in zip(flows, plant.flows, lasts, strict=True):
        record["cycle"], record["can_hang_up"] = flow.cycle_s, flow.holds_hangup
        record["first"], record["last"] = last - len(flow.steps), last
    return flows


def _steps(plant: Plant) -> Records:
    return np.array(
        [
            (
                step.begin_s, step.end_s, step.hangup_probability, not step.interruptible,
                step.hangs_up, plant.first_action[f] + step.action,
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


def with_more_slots(world: World) -> World:
    """Twice the room for waiting calls."""
    size = world.slots.size
    slots = np.concatenate((world.slots, np.zeros(size, r.SLOT)))
    slots["number"][size:] = -1
    free = np.concatenate((np.arange(2 * size - 1, size - 1, -1), np.zeros(size, np.int64)))
    world.frames["n_free"] = size
    return world._replace(slots=slots, free=free)


def with_room_for_deadlines(world: World) -> World:
    """The heap of deadlines without those that are stale, and grown if that is not enough."""
    late = world.late[: int(world.frames["n_late"][0])]
    call, owner = late["number"] >> KIND_BITS, late["owner"]
    holds = np.zeros(late.size, bool)
    slots, agents = owner >= 0, owner < 0
    holds[slots] = world.slots["number"][owner[slots]] == call[slots]
    those = world.agents[-1 - owner[agents]]
    holds[agents] = (those["number"] == call[agents]) & (those["phase"] == r.IN_CONNECTING)
    kept = late[holds]
    kept = kept[np.lexsort((kept["number"], kept["t"]))]
    grown = np.zeros(world.late.size * (2 if 2 * kept.size > world.late.size else 1), r.DEADLINE)
    grown[: kept.size] = kept
    world.frames["n_late"] = kept.size
    return world._replace(late=grown)


def with_more_ranks(world: World) -> World:
    """Twice the ranks for queues with random order.

    The number of ranks is a power of two, so of the new nodes of a Fenwick tree only the last is
    not 0: it covers them all.
    """
    pools, size = world.ranked.shape
    more = np.zeros((pools, size), np.int64)
    fenwick = np.concatenate((world.fenwick, more), axis=1)
    fenwick[:, 2 * size] = fenwick[:, size]
    return world._replace(ranked=np.concatenate((world.ranked, more), axis=1), fenwick=fenwick)
