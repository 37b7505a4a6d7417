"""What the compiled engine works on: an empty system, and one at the start of a replication."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine import choices
from sim.engine.growth import with_more_coming, with_more_slots
from sim.engine.kernel import records as r
from sim.engine.kernel.entries import rank_agent, reserve_agent, set_times
from sim.engine.kernel.records import World
from sim.engine.kernel.waiting import NOTHING
from sim.engine.lower import Plant
from sim.engine.plant_records import (
    SLOTS,
    agent_records,
    crews_of,
    due_times,
    flow_records,
    frame_record,
    free_slots,
    own_service_times,
    plan_records,
    queue_records,
    ring_records,
    step_records,
    tournament,
    words,
)
from sim.engine.rosters import Shifts, shifts_of
from sim.logs import NOBODY
from sim.mixing import descend
from sim.scenario.model import RoutingMethod
from sim.sums import Frame
from sim.workload.initial import INITIAL_SERVICE, INITIAL_WRAP_UP, InitialCalls
from sim.workload.streams import increment
from sim.workload.variates import tabulated

Records = Any
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]

COMING = 64
"""Calls that are to come by overflow or retry there is room for at first."""

UNCHANGING = {
    "mask", "crews", "members", "crew_queues", "flows", "steps", "starts", "ends", "rings",
    "service_of", "distributions", "parts", "values",
}  # fmt: skip
"""What a replication only reads."""

KEYS = {
    "ring_delay_key": choices.RING_DELAY,
    "ring_no_answer_key": choices.RING_NO_ANSWER,
    "retry_key": choices.RETRY,
    "retry_delay_key": choices.RETRY_DELAY,
    "retry_service_key": choices.RETRY_SERVICE,
    "retry_patience_key": choices.RETRY_PATIENCE,
    "retry_wrap_up_key": choices.RETRY_WRAP_UP,
}
STREAMS = {
    "service": "service",
    "wrap_up": "wrap_up",
    "initial_service": INITIAL_SERVICE,
    "initial_wrap_up": INITIAL_WRAP_UP,
}


def empty_world(plant: Plant, frame: Frame) -> World:
    """An empty system with every agent available who is always on shift.

    Keys of the run's own choices are still missing: see `for_replication`.
    """
    n_agents, n_queues = plant.n_agents, len(plant.queues)
    n_words, queue_words = max(1, -(-n_agents // 64)), max(1, -(-n_queues // 64))
    queues = queue_records(plant, frame)
    crew_of_group, crews, members = crews_of(plant)
    pools = int(queues["pool"].max(initial=-1)) + 1
    table = tabulated(plant.distributions if plant.is_full else ())
    starts, ends = _shift_changes(plant, plant.shifts)
    world = World(
        frames=frame_record(plant),
        queues=queues,
        agents=agent_records(plant, crew_of_group),
        slots=free_slots(SLOTS),
        free=np.arange(SLOTS - 1, -1, -1, dtype=np.int64),
        tree=tournament(n_agents),
        due=due_times(n_queues),
        late=np.zeros(2 * SLOTS, r.DEADLINE),
        answers=np.zeros(n_agents + 2, r.DEADLINE),
        available=np.zeros(n_words, np.uint64),
        mask=np.array([words(q.agents, n_words) for q in plant.queues], np.uint64),
        nonempty=np.zeros(queue_words, np.uint64),
        crews=crews,
        idle=np.zeros((2, 0), r.NODE),
        members=members,
        offered=np.full(n_queues, NOTHING),
        crew_queues=np.array(
            [words(sum(1 << q for q in matched), queue_words)
             for matched in dict.fromkeys(plant.queues_of_group)], np.uint64,
        ).reshape(-1, queue_words),
        group_keys=np.zeros(len(plant.discipline_key), np.uint64),
        flows=flow_records(plant),
        steps=step_records(plant),
        starts=starts,
        ends=ends,
        fenwick=np.zeros((pools, SLOTS + 1), np.int64),
        ranked=np.zeros((pools, SLOTS), np.int64),
        n_ranked=np.zeros(pools, np.int64),
        plans=plan_records(plant),
        rings=ring_records(plant),
        coming=np.zeros(COMING, r.DEADLINE),
        ticks=tournament(n_queues),
        loops=np.zeros(n_queues, r.LOOP),
        service_of=own_service_times(plant),
        spells=np.zeros(0, r.SPELL),
        distributions=table.distributions,
        parts=table.parts,
        values=table.values,
    )  # fmt: skip
    _set_on_shift(world, plant.shifts)
    ranked = {RoutingMethod.LONGEST_IDLE, RoutingMethod.FEWEST_CALLS}
    if any(queue.method in ranked for queue in plant.queues):
        world.frames["ranks_idle"] = 1
        world = world._replace(idle=_idle(world))
    return world


def for_replication(
    world: World, plant: Plant, replication: int, initial: InitialCalls, *, full: bool
) -> World:
    """A copy for one replication: the keys of its choices, its shifts, the calls at the start."""
    fresh = World(
        **{
            name: array if name in UNCHANGING else _copied(array)
            for name, array in world._asdict().items()
        }
    )
    for purpose in ("routing_key", "announcement_key", "offer_key"):
        keys = [descend(getattr(queue, purpose), replication) for queue in plant.queues]
        fresh.queues[purpose] = np.array(keys, np.uint64)
    keys = [descend(key, replication) for key in plant.discipline_key]
    fresh.group_keys[:] = np.array(keys, np.uint64)
    if not full:
        return fresh
    for name, purpose in KEYS.items():
        keys = [descend(queue.keys[purpose], replication) for queue in plant.queues]
        fresh.plans[name] = np.array(keys, np.uint64)
    for name, purpose in STREAMS.items():
        keys = [descend(queue.keys[purpose], replication) for queue in plant.queues]
        fresh.plans[f"{name}_key"] = np.array(keys, np.uint64)
        fresh.plans[f"{name}_step"] = np.array([increment(key) for key in keys], np.uint64)
    if any(plant.shrinkage):
        shifts = shifts_of(plant, replication)
        starts, ends = _shift_changes(plant, shifts)
        fresh = fresh._replace(starts=starts, ends=ends)
        _set_on_shift(fresh, shifts)
        if fresh.frames["ranks_idle"][0]:
            _rank_available(fresh)
    return _with_initial(fresh, plant, initial) if len(initial) else fresh


def _copied(array: NDArray[Any]) -> NDArray[Any]:
    """A copy. Of records byte by byte: numpy copies them field by field, ten times as long."""
    if array.dtype.fields is None:
        return array.copy()
    return array.view(np.uint8).copy().view(array.dtype)


def _with_initial(world: World, plant: Plant, initial: InitialCalls) -> World:
    """The calls at the start: with their agents, or to arrive at 0."""
    waiting = int(np.sum(initial.agent == NOBODY))
    while world.slots.size < waiting + 8:
        world = with_more_slots(world)
    while world.coming.size < waiting + 8:
        world = with_more_coming(world)
    calls, frame = initial.calls, world.frames[0]
    for i, agent in enumerate(initial.agent.tolist()):
        q, busy = int(calls.queue[i]), agent != NOBODY
        if busy:
            call = world.agents[agent]
        else:
            frame["n_free"] -= 1
            slot = int(world.free[frame["n_free"]])
            call = world.slots[slot]
            world.coming[frame["n_coming"]] = (0.0, i, slot)
            frame["n_coming"] += 1
        arrival = float(calls.arrival_s[i])
        call["number"] = i if busy else -1
        call["queue"] = call["origin"] = q
        call["place"] = calls.place[i]
        call["arrival"] = call["first_arrival"] = arrival
        call["service"], call["wrap_up"] = calls.service_s[i], calls.wrap_up_s[i]
        call["patience_at"] = max(arrival + float(calls.patience_s[i]), 0.0)
        call["attempt"], call["parent"] = 1, -1
        call["routed"] = arrival if busy else np.nan
        if not busy:
            continue
        length = float(calls.service_s[i]) / float(plant.speed[agent])
        timeout = plant.queues[q].service_timeout_s
        call["cut"] = timeout < length
        ends = arrival + min(timeout, length)
        call["service"] = min(timeout, length) if ends >= 0.0 else -arrival
        call["answer"], call["phase"] = arrival, r.IN_SERVICE
        frame["present"] += 1
        set_times(world.tree, agent, max(ends, 0.0))
        if call["on_shift"]:
            reserve_agent(world, agent)
        else:
            call["overtime_since"] = 0.0
    return world


def _idle(world: World) -> Records:
    """The tournaments of each crew's idle agents, by how long they have been available and by calls
    answered; makes the crews' nodes and the agents' places known."""
    crew_of = world.agents["crew"]
    sizes = np.bincount(crew_of, minlength=world.crews.size)
    trees = [tournament(int(size)) for size in sizes]
    lasts = np.cumsum([tree.size for tree in trees])
    world.crews["last_node"], world.crews["first_node"] = lasts, lasts - [t.size for t in trees]
    for c, tree in enumerate(trees):
        mine = np.flatnonzero(crew_of == c)
        world.agents["place_in_crew"][mine] = np.arange(mine.size)
        known = np.append(mine, np.zeros(tree.size // 2 - mine.size, np.int64))
        tree["who"] = np.where(tree["who"] < mine.size, known[tree["who"]], tree["who"])
    nodes = np.concatenate(trees)
    world = world._replace(idle=np.stack((nodes, nodes)))
    _rank_available(world)
    return world.idle


def _rank_available(world: World) -> None:
    """Everybody who is available takes part in the tournaments, and nobody else."""
    available = np.unpackbits(world.available.view(np.uint8), bitorder="little")
    for agent in range(world.agents.size):
        rank_agent(world, agent, bool(available[agent]))


def _set_on_shift(world: World, shifts: dict[int, Shifts]) -> None:
    """Everybody is available but those who have shifts: they come when the first one starts."""
    n = world.agents.size
    everyone = (1 << n) - 1
    for agent in shifts:
        everyone &= ~(1 << agent)
    world.available[:] = words(everyone, world.available.size)
    world.agents["on_shift"] = 1
    world.agents["on_shift"][list(shifts)] = 0


def _shift_changes(plant: Plant, shifts: dict[int, Shifts]) -> tuple[Records, Records]:
    """When shifts start; when they end and breaks begin, at one instant by agent, ends first."""
    starts = sorted((a, 0.0, agent) for agent, spells in shifts.items() for a, _ in spells)
    ends = [(b, 0.0, agent) for agent, spells in shifts.items() for _, b in spells if b < np.inf]
    for agent, group in enumerate(plant.group_of.tolist()):
        ends += [(at, length, agent) for at, length in plant.breaks[group]]
    ends.sort(key=lambda change: (change[0], change[2], change[1]))
    return np.array(starts, r.SHIFT), np.array(ends, r.SHIFT)
