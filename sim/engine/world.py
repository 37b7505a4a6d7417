"""The records of the compiled engine, made from a lowered scenario, and grown when full."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine import choices
from sim.engine.kernel import records as r
from sim.engine.kernel.entries import rank_agent, reserve_agent, set_times
from sim.engine.kernel.records import World
from sim.engine.kernel.trees import NEVER, leaves_for
from sim.engine.kernel.waiting import NOTHING
from sim.engine.lower import NONE, Plant
from sim.engine.rosters import Shifts, shifts_of
from sim.engine.rules import KIND_BITS, Method, Order
from sim.engine.timeline import EndKind
from sim.logs import NOBODY, Cause
from sim.mixing import descend
from sim.scenario.behaviour import PollOrder
from sim.scenario.model import Discipline, RoutingMethod
from sim.sums import Frame
from sim.workload.initial import INITIAL_SERVICE, INITIAL_WRAP_UP, InitialCalls
from sim.workload.streams import increment
from sim.workload.variates import tabulated

Records = Any
Longs = NDArray[np.int64]
Words = NDArray[np.uint64]

SLOTS = 256
"""Waiting calls there is room for at first; doubled when that is not enough."""

FEW = 8
"""Queues of a crew that are looked up one by one, also where they stand side by side."""

COMING = 64
"""The same for calls that are to come by overflow or retry."""

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
    queues = _queues(plant, frame)
    crew_of_group, crews, members = _crews(plant)
    pools = int(queues["pool"].max(initial=-1)) + 1
    table = tabulated(plant.distributions if plant.is_full else ())
    starts, ends = _shift_changes(plant, plant.shifts)
    world = World(
        frames=_frame(plant),
        queues=queues,
        agents=_agents(plant, crew_of_group),
        slots=_free_slots(SLOTS),
        free=np.arange(SLOTS - 1, -1, -1, dtype=np.int64),
        tree=tournament(n_agents),
        due=due_times(n_queues),
        late=np.zeros(2 * SLOTS, r.DEADLINE),
        answers=np.zeros(n_agents + 2, r.DEADLINE),
        available=np.zeros(n_words, np.uint64),
        mask=np.array([_words(q.agents, n_words) for q in plant.queues], np.uint64),
        nonempty=np.zeros(queue_words, np.uint64),
        crews=crews,
        idle=np.zeros((2, 0), r.NODE),
        members=members,
        offered=np.full(n_queues, NOTHING),
        crew_queues=np.array(
            [_words(sum(1 << q for q in matched), queue_words)
             for matched in dict.fromkeys(plant.queues_of_group)], np.uint64,
        ).reshape(-1, queue_words),
        group_keys=np.zeros(len(plant.discipline_key), np.uint64),
        flows=_flows(plant),
        steps=_steps(plant),
        starts=starts,
        ends=ends,
        fenwick=np.zeros((pools, SLOTS + 1), np.int64),
        ranked=np.zeros((pools, SLOTS), np.int64),
        n_ranked=np.zeros(pools, np.int64),
        plans=_plans(plant),
        rings=_rings(plant),
        coming=np.zeros(COMING, r.DEADLINE),
        ticks=tournament(n_queues),
        loops=np.zeros(n_queues, r.LOOP),
        service_of=_own_service_times(plant),
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
    world.available[:] = _words(everyone, world.available.size)
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


def _frame(plant: Plant) -> Records:
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


def _plans(plant: Plant) -> Records:
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


def _rings(plant: Plant) -> Records:
    rings = np.zeros(len(plant.rings), r.RING)
    for record, ring in zip(rings, plant.rings, strict=True):
        if ring is not None:
            record["rings"], record["delay"] = 1, ring.delay
            record["no_answer"], record["timeout"] = ring.no_answer, ring.timeout_s
            record["penalty"] = ring.penalty_s
    return rings


def _own_service_times(plant: Plant) -> Longs:
    """By group and queue, the number of the group's own distribution; empty if there is none."""
    if not any(plant.service_times):
        return np.zeros((0, 0), np.int64)
    own = np.full((len(plant.service_times), len(plant.queues)), NONE, np.int64)
    for group, times in enumerate(plant.service_times):
        for q, distribution in times.items():
            own[group, q] = distribution
    return own


def _crews(plant: Plant) -> tuple[Longs, Records, Longs]:
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


def _agents(plant: Plant, crew_of_group: Longs) -> Records:
    agents = np.zeros(plant.n_agents, r.AGENT)
    agents["group"], agents["index"] = plant.group_of, plant.index_in_group
    if plant.n_agents:
        agents["crew"] = crew_of_group[plant.group_of]
    agents["speed"] = plant.speed
    agents["number"] = -1
    agents["overtime_since"] = np.nan
    agents["answers"] = 1
    return agents


def _flows(plant: Plant) -> Records:
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


def _steps(plant: Plant) -> Records:
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


def _free_slots(n: int) -> Records:
    slots = np.zeros(n, r.SLOT)
    slots["number"] = -1
    return slots


def with_more_slots(world: World) -> World:
    """Twice the room for waiting calls."""
    size = world.slots.size
    slots = np.concatenate((world.slots, _free_slots(size)))
    still_free = world.free[: int(world.frames["n_free"][0])]
    free = np.zeros(2 * size, np.int64)
    free[: size + still_free.size] = np.concatenate(
        (np.arange(2 * size - 1, size - 1, -1), still_free)
    )
    world.frames["n_free"] += size
    return world._replace(slots=slots, free=free)


def with_more_coming(world: World) -> World:
    """Twice the room for calls by overflow and retry that are still to come."""
    coming = np.zeros(2 * world.coming.size, r.DEADLINE)
    coming[: world.coming.size] = world.coming
    return world._replace(coming=coming)


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
