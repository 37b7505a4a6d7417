"""Integers scrambled into randomness: the arithmetic that every draw rests on.

The mixing function is the finaliser of SplitMix64: Steele, Lea and Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014, section 3 and figure 16. The same integer arithmetic
runs here in Python, in numpy and in compiled code.
"""

from __future__ import annotations

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
MIX_1 = 0xBF58476D1CE4E5B9
MIX_2 = 0x94D049BB133111EB
UNIT = 2.0**-52
"""Uniforms are (j + 1/2) * UNIT for j in 0 .. 2^52 - 1: never 0, never 1, and 1 - u is exact."""


def mix64(z: int) -> int:
    """Scramble 64 bits (SplitMix64's finaliser)."""
    z = ((z ^ (z >> 30)) * MIX_1) & MASK
    z = ((z ^ (z >> 27)) * MIX_2) & MASK
    return z ^ (z >> 31)


def unit(z: int) -> float:
    """The uniform in (0, 1) made of the upper 52 of 64 scrambled bits."""
    return ((z >> 12) + 0.5) * UNIT


def descend(key: int, index: int) -> int:
    """The key of the `index`-th (from 0) child of `key`: a replication, a call, a draw."""
    return mix64((key + GOLDEN * (index + 1)) & MASK)
