"""Names of a log as a scenario takes them."""

from __future__ import annotations

from collections.abc import Sequence

RESERVED = "total"
MOST = 100


def queue_names(queues: Sequence[str]) -> tuple[str, ...]:
    """A name for each queue: on one line, not empty, not reserved, different from the others."""
    taken: set[str] = set()
    out = []
    for place, name in enumerate(queues):
        plain = "".join(ch if ch.isprintable() else " " for ch in name).strip()[:MOST]
        if not plain:
            plain = f"queue {place + 1}"
        elif plain.lower() == RESERVED:
            plain = f"{plain} (queue)"
        unique, n = plain, 2
        while unique in taken:
            unique, n = f"{plain} ({n})", n + 1
        taken.add(unique)
        out.append(unique)
    return tuple(out)
