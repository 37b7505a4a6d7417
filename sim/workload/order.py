"""The calls of several queues in the order of their arrival, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.jit import entry

Records = Any
Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]


@entry
def merge(
    sections: Records, at: Floats, drawn: Floats, since: float, until: float,
    bucket: Ints, begins: Ints, order: Ints,
    m_at: Floats, m_who: Ints, m_place: Longs, m_drawn: Floats,
) -> None:  # fmt: skip
    """Sort n calls by (arrival, queue, place); they come queue by queue, each in order.

    Into two buckets of time for each call, then by insertion among neighbours: O(n) for arrivals
    that are spread out, whatever the number of queues. The rows of `drawn` follow. Room for each
    call's bucket, for where the 2 n + 1 buckets begin, and for who comes when.
    """
    n = m_at.size
    last = 2.0 * n - 1.0
    per_second = 2.0 * n / (until - since) if until > since else 0.0
    for b in range(2 * n + 1):
        begins[b] = 0
    for i in range(n):
        bucket[i] = np.int32(min(max((at[i] - since) * per_second, 0.0), last))
    for i in range(n):
        begins[bucket[i] + 1] += 1
    total = np.int32(0)
    for b in range(2 * n + 1):
        total += begins[b]
        begins[b] = total
    for q in range(sections.size):
        for i in range(sections[q].start, sections[q].start + sections[q].n):
            j = begins[bucket[i]]
            begins[bucket[i]] = j + 1
            m_at[j], m_who[j], order[j] = at[i], q, i
    for i in range(1, n):
        t = m_at[i]
        if m_at[i - 1] > t:
            w, o, j = m_who[i], order[i], i
            while j > 0 and m_at[j - 1] > t:
                m_at[j], m_who[j], order[j] = m_at[j - 1], m_who[j - 1], order[j - 1]
                j -= 1
            m_at[j], m_who[j], order[j] = t, w, o
    for j in range(n):
        own = sections[m_who[j]]
        m_place[j] = order[j] - own.start + own.place
    for row in range(drawn.shape[0]):
        for j in range(n):
            m_drawn[row, j] = drawn[row, order[j]]
