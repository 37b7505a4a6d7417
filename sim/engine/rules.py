"""The total order of events: the one truth for both engines, in words and in integers.

The pending event with the least (time, rank, number) is always processed next, also when it
was created at the current instant. Two times are equal when their float64 values are.
"""

from __future__ import annotations

from enum import IntEnum


class Rank(IntEnum):
    """Which of several events at one instant comes first; `number` breaks what is left."""

    AGENT_FREE = 1
    """A service, wrap-up, penalty or break ends, a shift starts. Number: the agent's."""
    ANSWER = 2
    """A connecting call is answered, or its ring times out. Number: the call's."""
    LEAVE = 3
    """A call leaves. Number: the call's; its own deadlines in the order of `Deadline`."""
    ARRIVE = 4
    """A call arrives: from the workload, by overflow, by retry. Number: the call's."""
    TICK = 5
    """A polling loop looks at its queue. Number: the queue's."""
    AGENT_GONE = 6
    """A shift ends, a break begins. Number: the agent's."""


class Method(IntEnum):
    """Routing methods, by the names of the scenario's."""

    RANDOM = 0
    LONGEST_IDLE = 1
    FEWEST_CALLS = 2
    LISTED = 3


class Order(IntEnum):
    """Disciplines, by the names of the scenario's."""

    FIFO = 0
    LIFO = 1
    RANDOM = 2


class Deadline(IntEnum):
    """Why a waiting call leaves, in the order of precedence at one instant."""

    FLOW = 0
    """An announcement drives the caller away, or the flow hangs up."""
    PATIENCE = 1
    TIMEOUT = 2
    OVERFLOW = 3


BORN_IN_THE_RUN = 1 << 40
"""Numbers of calls by overflow or retry start here: after every call of the workload."""

MOST_ROUTINGS = 100_000
"""A call that was routed so often and never answered would be routed for ever."""


class EndlessRingingError(RuntimeError):
    """Phones ring without end for a call whose caller stays."""

    def __init__(self, queue: str) -> None:
        super().__init__(
            f"a call of queue `{queue}` has been routed {MOST_ROUTINGS:,} times, and no agent has "
            "answered: give the queue a `wait_timeout`"
        )


KIND_BITS = 3
NUMBER_BITS = 44


def order_key(rank: Rank, number: int, kind: int = 0) -> int:
    """(rank, number, kind) as one integer that sorts as the triple does."""
    return RANK_KEY[rank] | number << KIND_BITS | kind


RANK_KEY = {rank: int(rank) << (NUMBER_BITS + KIND_BITS) for rank in Rank}
"""The first key of each rank."""
