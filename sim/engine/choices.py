"""Choices made inside a run, as functions of who chooses and of how many came before.

A draw is keyed by (seed, replication, purpose, who, how many-th): never by a generator whose
state depends on the order of events. The mixing is that of `sim.workload.streams`.
"""

from __future__ import annotations

from sim.mixing import MIX_2, descend, unit

ROUTING = "routing"
"""Which eligible agent: by call (queue, place) and its how many-th routing."""
DISCIPLINE = "discipline"
"""Which waiting call under `random`: by agent (group, index) and its how many-th such draw."""
OFFER = "offer"
"""What a `random` queue offers beside queues of other disciplines: by queue."""
ANNOUNCEMENT = "announcement"
"""Whether a caller hangs up on an action: by call and place of the play in its flow."""


def draw(key: int, who: int, which: int) -> float:
    """A uniform in (0, 1) for draw number `which` of `who`, `key` that of purpose and name.

    One step of `descend` over a grid: `who` steps by one odd constant, `which` by another.
    """
    return unit(descend(key + MIX_2 * which, who))


def pick(u: float, count: int) -> int:
    """One of `count` in their order: floor(u * count)."""
    return int(u * count)
