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
RING_DELAY = "ring_delay"
"""How long an agent takes to answer the phone: by call and its how many-th routing."""
RING_NO_ANSWER = "ring_no_answer"
"""Whether an agent does not answer at all: by call and its how many-th routing."""
RETRY = "retry"
"""Whether a caller calls again: by call and its generation."""
RETRY_DELAY = "retry_delay"
"""After how long: the same."""
RETRY_SERVICE = "retry_service"
"""The service of a call by retry: by call and the new call's generation."""
RETRY_PATIENCE = "retry_patience"
"""Its patience: the same."""
RETRY_WRAP_UP = "retry_wrap_up"
"""The wrap-up after it: the same."""
SHRINKAGE = "shrinkage"
"""Whether an agent is absent for a day: by agent (group, index) and day."""

GENERATION_BITS = 32
"""An announcement's draw is number play + (generation << GENERATION_BITS) of its chain."""


def draw(key: int, who: int, which: int) -> float:
    """A uniform in (0, 1) for draw number `which` of `who`, `key` that of purpose and name.

    One step of `descend` over a grid: `who` steps by one odd constant, `which` by another.
    """
    return unit(descend(key + MIX_2 * which, who))


def pick(u: float, count: int) -> int:
    """One of `count` in their order: floor(u * count)."""
    return int(u * count)
