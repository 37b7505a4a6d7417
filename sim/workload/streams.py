"""Where randomness comes from: uniforms that are a function of names and counts.

There is no generator with a state. The k-th uniform of a stream is a hash of the stream's
key and k, and the key is a hash of the seed, a purpose, a name (of a queue or a group) and
the replication. So a value depends on what it is for and on nothing else: not on how many
were drawn before, in which blocks, or by which engine.

A stream steps through SplitMix64 by an odd increment of its own (`sim.mixing`).
"""

from __future__ import annotations

import json
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from sim.mixing import GOLDEN, MIX_1, MIX_2, UNIT, mix64


def name_key(seed: int, purpose: str, name: str) -> int:
    """A 64-bit key for what `name` does for `purpose`, the same on every machine."""
    text = json.dumps([seed, purpose, name], ensure_ascii=True)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


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
