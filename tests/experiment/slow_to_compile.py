"""A compiled function that takes a moment to compile."""

from __future__ import annotations

from sim.jit import entry


@entry
def double(x: float) -> float:
    """Twice `x`."""
    total = 0.0
    for i in range(4):
        total += x if i % 2 else 0.0
    return total
