"""What the compiled engine works on: arrays of records, one record for each thing.

A record's fields lie side by side in memory, so what an event touches of an agent or a call is
in one or two cache lines. Numbers of queues, agents and groups are those of
`sim.engine.lower.Plant`; times are seconds; -1 stands for nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.logs import COLUMN_TYPES

Records = Any
Words = NDArray[np.uint64]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Number = int | np.signedinteger[Any] | np.unsignedinteger[Any]
"""Of a queue, an agent, a call. As an index it is unsigned: then nothing checks its sign."""


def _record(*groups: str) -> np.dtype[np.void]:
    """A record of 8-byte fields: in each group their kind (f, i or u), then their names."""
    return np.dtype(
        [(name, f"{kind}8") for kind, *names in map(str.split, groups) for name in names]
    )


QUEUE = _record(
    "i priority discipline length head tail method max_waiting flow pool in_join_order in_queue "
    "peak offers",
    "f wait_timeout service_timeout threshold short_abandon",
    "u routing_key announcement_key offer_key",
)
"""`pool`: its place among queues with random order. `in_join_order`: whether its calls reach their
deadlines in the order of joining."""

PLAN = _record(
    "f overflow_after retry_probability",
    "i overflow_to service wrap_up patience retry_delay max_attempts on_abandoned on_blocked",
    "u ring_delay_key ring_no_answer_key retry_key retry_delay_key retry_service_key "
    "retry_patience_key retry_wrap_up_key service_key service_step wrap_up_key wrap_up_step "
    "initial_service_key initial_service_step initial_wrap_up_key initial_wrap_up_step",
)
"""What only the full model needs of a queue. `service`, `wrap_up`, `patience` and `retry_delay` are
distributions' numbers. A stream has a key and the step from draw to draw."""

LOOP = _record("f first_failed_at", "i running failed")
"""A queue's polling loop: whether it runs, its failed ticks in a row, when the first was."""

RING = _record("f no_answer timeout penalty", "i rings delay")
"""How the phones of a group are answered, if it `rings`; `delay` is a distribution's number."""

_CHAIN = ("f first_arrival", "i place joined origin generation attempt parent drawn routings")
"""Where a call comes from, and what it has drawn: for the full model only."""

AGENT = _record(
    "f speed since overtime_since arrival routed answer service wrap_up patience_at",
    "i group crew index phase on_shift answered picks number queue cut in_queue",
    "f owed_break absent_since",
    "i answers place_in_crew",
    *_CHAIN,
)
"""An agent, and the call that the agent has or had last. `crew`: which of `CREW`; `answers`:
whether the phone that rings will be answered."""

CREW = _record("i first last plain least most first_node last_node")
"""Agents who match the same queues: those from `first` to before `last` among `members`. `plain`:
these have one priority and one discipline, not random. If they are all queues of a range, it is
from `least` to before `most`; else that is empty. Its tournaments of idle agents have the nodes
from `first_node` on."""

SLOT = _record(
    "f arrival service wrap_up patience_at",
    "i number queue cause action next before rank to",
    "f routed",
    *_CHAIN,
)
"""A waiting call, or one that will arrive by overflow or retry; `number` is -1 for the latter and
for a slot that is free. `cause`, `to`: why it leaves at its deadline, and for which queue."""

STEP = _record("f begin end p", "i heard_out action")
FLOW = _record(
    "f cycle",
    "i first last can_hang_up ends end_pass end_step end_cause end_to end_action",
)
"""A flow that `ends` on its own does so as step `end_step` of pass `end_pass` would begin."""
NODE = _record("i t who")
DUE = _record("i t number who")
"""`t`: the bits of a time, which sort as times do. `number`: of the call that is due."""
DEADLINE = _record("f t", "i number owner")
"""`number`: call and kind of deadline; `owner`: a slot, or -1 - agent for a connecting call."""
SHIFT = _record("f t length", "i agent")
"""A shift that starts or ends, or a break that begins: then its `length` is above 0."""
SPELL = _record("f since until", "i kind agent")

FRAME = _record(
    "f horizon warmup counted_from last_change start_delay retry next",
    "i drain position n_free n_late n_answers joined present next_start next_end n_rows n_spells "
    "n_waiting in_queue peak n_coming n_born polled newest ranks_idle",
)
"""The window, the times of polling, and what is remembered between two blocks of calls. Calls that
join at `counted_from` or later count. Under polling (`polled`) the `newest` or oldest call is
handed out. `n_coming` calls are to come by overflow or retry, `n_born` have come."""

ROW = np.dtype(list(COLUMN_TYPES.items()), align=True)
"""A row of the call log."""

# Phases of an agent.
IDLE = 0
IN_SERVICE = 1
IN_WRAP_UP = 2
IN_CONNECTING = 3
IN_PENALTY = 4
ON_BREAK = 5

# Why the kernel returns.
FINISHED = 0
WANTS_BLOCK = 1
WANTS_SLOTS = 2
WANTS_ROWS = 3
WANTS_LATE = 4
WANTS_RANKS = 5
WANTS_COMING = 6
NEVER_ANSWERED = 7


class World(NamedTuple):
    """All that a replication works on; see `sim.engine.world`."""

    frames: Records
    queues: Records
    agents: Records
    slots: Records
    free: Longs
    tree: Records
    due: Records
    late: Records
    answers: Records
    available: Words
    mask: Words
    nonempty: Words
    crews: Records
    idle: Records
    members: Longs
    offered: Longs
    crew_queues: Words
    group_keys: Words
    flows: Records
    steps: Records
    starts: Records
    ends: Records
    fenwick: Longs
    ranked: Longs
    n_ranked: Longs
    plans: Records
    rings: Records
    coming: Records
    ticks: Records
    loops: Records
    service_of: Longs
    spells: Records
    distributions: Records
    parts: Records
    values: Floats


class Calls(NamedTuple):
    """A block of the workload, one element per call."""

    queue: NDArray[np.int32]
    place: Longs
    arrival: Floats
    service: Floats
    patience: Floats
    wrap_up: Floats
