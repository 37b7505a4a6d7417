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


def _record(**kinds: str) -> np.dtype[np.void]:
    """A record of 8-byte fields: groups of names by kind (f, i or u), in the order given."""
    return np.dtype(
        [(name, f"{kind[0]}8") for kind, names in kinds.items() for name in names.split()]
    )


QUEUE = _record(
    i="priority discipline length head tail method max_waiting flow pool in_join_order in_queue "
    "peak offers",
    f="wait_timeout service_timeout threshold short_abandon",
    u="routing_key announcement_key offer_key",
)
"""`pool`: its place among queues with random order. `in_join_order`: whether its calls reach their
deadlines in the order of joining."""

AGENT = _record(
    f="speed since overtime_since arrival routed answer service wrap_up patience_at",
    i="group crew index phase on_shift answered picks number queue cut in_queue",
)
"""An agent, and the call that the agent has or had last. `crew`: which of `CREW`."""

CREW = _record(i="first last plain least most")
"""Agents who match the same queues: those from `first` to before `last` among `members`. `plain`:
these have one priority and one discipline, not random. If they are all queues of a range, it is
from `least` to before `most`; else that is empty."""

SLOT = _record(
    f="arrival service wrap_up patience_at",
    i="number place queue joined cause action next before rank",
)
"""A waiting call; `number` is -1 for a slot that is free."""

STEP = _record(f="begin end p", i="heard_out hangs_up action")
FLOW = _record(f="cycle", i="first last can_hang_up")
NODE = _record(i="t who")
DUE = _record(i="t number who")
"""`t`: the bits of a time, which sort as times do. `number`: of the call that is due."""
DEADLINE = _record(f="t", i="number owner")
"""`number`: call and kind of deadline; `owner`: a slot, or -1 - agent for a connecting call."""
SHIFT = _record(f="t", i="agent")
OVERTIME = _record(f="since until", i="agent")

FRAME = _record(
    f="horizon warmup last_change",
    i="drain position n_free n_late n_answers joined present next_start next_end n_rows n_overtime "
    "n_waiting in_queue peak",
)
"""The window, and what is remembered between two blocks of calls."""

ROW = np.dtype(list(COLUMN_TYPES.items()), align=True)
"""A row of the call log."""

# Phases of an agent.
IDLE = 0
IN_SERVICE = 1
IN_WRAP_UP = 2
IN_CONNECTING = 3

# Why the kernel returns.
FINISHED = 0
WANTS_BLOCK = 1
WANTS_SLOTS = 2
WANTS_ROWS = 3
WANTS_LATE = 4
WANTS_RANKS = 5


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
    members: Longs
    offered: Longs
    crew_queues: Words
    group_keys: Words
    flows: Records
    steps: Records
    starts: Records
    ends: Records
    overtime: Records
    fenwick: Longs
    ranked: Longs
    n_ranked: Longs


class Calls(NamedTuple):
    """A block of the workload, one element per call."""

    queue: NDArray[np.int32]
    place: Longs
    arrival: Floats
    service: Floats
    patience: Floats
    wrap_up: Floats
