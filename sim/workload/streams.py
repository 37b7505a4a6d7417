"""Where randomness comes from: uniforms that are a function of names and counts.

There is no generator with a state. The k-th uniform of a stream is a hash of the stream's
key and k, and the key is a hash of the seed, a purpose, a name (of a queue or a group) and
the replication. So a value depends on what it is for and on nothing else: not on how many
were drawn before, in which blocks, or by which engine.

The mixing function is the finaliser of SplitMix64, and a stream steps by an odd increment of
its own: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
section 3 and figure 16. The same integer arithmetic runs here in Python, in numpy and in the
compiled engine.
"""

from __future__ import annotations

import json
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

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


def name_key(seed: int, purpose: str, name: str) -> int:
    """A 64-bit key for what `name` does for `purpose`, the same on every machine."""
    text = json.dumps([seed, purpose, name], ensure_ascii=True)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def descend(key: int, index: int) -> int:
    """The key of the `index`-th (from 0) child of `key`: a replication, a call, a draw."""
    z = (key + GOLDEN * (index + 1)) & MASK
    z = ((z ^ (z >> 30)) * MIX_1) & MASK
    z = ((z ^ (z >> 27)) * MIX_2) & MASK
    return z ^ (z >> 31)


def increment(key: int) -> int:
    """The odd increment by which the stream of `key` steps, with enough bit transitions."""
    gamma = mix64(key ^ GOLDEN) | 1
    if (gamma ^ (gamma >> 1)).bit_count() < 24:
        gamma ^= 0xAAAAAAAAAAAAAAAA
    return gamma


def uniforms(key: int, first: int, count: int) -> NDArray[np.float64]:
    """Uniforms number `first` to `first + count - 1` of the stream of `key`, shape (count,)."""
    z = np.arange(first + 1, first + count + 1, dtype=np.uint64)
    z *= np.uint64(increment(key))
    z += np.uint64(key)
    z ^= z >> np.uint64(30)
    z *= np.uint64(MIX_1)
    z ^= z >> np.uint64(27)
    z *= np.uint64(MIX_2)
    z ^= z >> np.uint64(31)
    z >>= np.uint64(12)
    u = z.astype(np.float64)
    u += 0.5
    u *= UNIT
    return u
