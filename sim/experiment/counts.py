"""Counts of calls by the names that documents give them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.sums import Count

DOCUMENT_COUNTS = {
    "incoming": Count.INCOMING,
    "serviced": Count.SERVICED,
    "overflowed": Count.OVERFLOWED,
    "done": Count.DONE,
    "waiting_at_end": Count.WAITING_AT_END,
    "connecting_at_end": Count.CONNECTING_AT_END,
    "in_service_at_end": Count.IN_SERVICE_AT_END,
    "service_timeouts": Count.SERVICE_TIMEOUTS,
    "ring_no_answer": Count.RING_NO_ANSWER,
    "retries": Count.RETRIES,
}
CAUSES = {
    "timeout": Count.ABANDONED_TIMEOUT,
    "hangup": Count.ABANDONED_HANGUP,
    "announcement": Count.ABANDONED_ANNOUNCEMENT,
    "flow": Count.ABANDONED_FLOW,
}

COUNT_NAMES = ("offered", "blocked", "abandoned", *DOCUMENT_COUNTS)
"""The names of all counts in the result document."""


def counts_document(counts: NDArray[np.int64]) -> dict[str, int]:
    """The counts of one queue, shape (Count,), by the names of the result document."""
    blocked = int(counts[Count.BLOCKED])
    named = {name: int(counts[kind]) for name, kind in DOCUMENT_COUNTS.items()}
    return {
        "offered": named["incoming"] + blocked,
        "blocked": blocked,
        "incoming": named.pop("incoming"),
        "serviced": named.pop("serviced"),
        "abandoned": sum(int(counts[kind]) for kind in CAUSES.values()),
        **named,
    }


def causes_document(counts: NDArray[np.int64]) -> dict[str, int]:
    """Abandoned calls by cause."""
    return {name: int(counts[kind]) for name, kind in CAUSES.items()}
