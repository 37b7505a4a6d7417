"""Bits and draws: the integer arithmetic that the compiled engine shares with Python's.

Everything is uint64: mixing it with signed integers would turn into floats.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from sim import mixing
from sim.jit import inlined

U0 = np.uint64(0)
U1 = np.uint64(1)
_GOLDEN = np.uint64(mixing.GOLDEN)
_MIX_1 = np.uint64(mixing.MIX_1)
_MIX_2 = np.uint64(mixing.MIX_2)
_S30, _S27, _S31, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_UNIT = mixing.UNIT
_BYTES = np.uint64(0x0101010101010101)
_M1 = np.uint64(0x5555555555555555)
_M2 = np.uint64(0x3333333333333333)
_M4 = np.uint64(0x0F0F0F0F0F0F0F0F)
_FF = np.uint64(0xFF)
_S1, _S2, _S4, _S8 = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(8)
_S3 = np.uint64(3)
_TOPS = np.uint64(0x8080808080808080)


def _places_in_bytes() -> NDArray[np.int64]:
    """At n * 256 + byte, the place of the byte's n-th set bit (0 where it has none)."""
    table = np.zeros((8, 256), np.int64)
    for byte in range(256):
        for n, place in enumerate(i for i in range(8) if byte >> i & 1):
            table[n, byte] = place
    return table.reshape(-1)


_IN_BYTE = _places_in_bytes()


def _popcount(typingctx: Any, x: Any) -> Any:

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), codegen


def _lowest_bit(typingctx: Any, x: Any) -> Any:

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        import llvmlite.ir as ir

        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), codegen


popcount: Callable[[np.uint64], np.uint64] = cast(Any, intrinsic(_popcount))
"""How many bits of a uint64 are set."""

lowest_bit: Callable[[np.uint64], np.uint64] = cast(Any, intrinsic(_lowest_bit))
"""The place of the lowest set bit of a uint64 that is not 0."""


@inlined
def nth_bit(word: np.uint64, n: int) -> int:
    """The place of the n-th (from 0) set bit, without a branch.

    Running counts of the bytes' bits, all bytes compared with n at once, then a table for the
    bit within its byte: Vigna, "Broadword implementation of rank/select queries", WEA 2008,
    algorithm 2.
    """
    x = word - ((word >> _S1) & _M1)
    x = (x & _M2) + ((x >> _S2) & _M2)
    sums = ((x + (x >> _S4)) & _M4) * _BYTES
    left = np.uint64(n)
    place = popcount((((left * _BYTES) | _TOPS) - sums) & _TOPS) << _S3
    left -= ((sums << _S8) >> place) & _FF
    byte = (word >> place) & _FF
    return np.int64(place) + _IN_BYTE[np.int64((left << _S8) | byte)]


@inlined
def descend(key: np.uint64, index: int) -> np.uint64:
    """See `sim.workload.mixing.descend`."""
    z = key + _GOLDEN * (np.uint64(index) + U1)
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return z ^ (z >> _S31)


@inlined
def unit_of_stream(key: np.uint64, step: np.uint64, k: int) -> float:
    """Uniform number `k` of a stream: see `sim.workload.streams.uniforms`."""
    z = np.uint64(k + 1) * step + key
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    z ^= z >> _S31
    return (np.float64(z >> _S12) + 0.5) * _UNIT


@inlined
def draw(key: np.uint64, who: int, which: int) -> float:
    """See `sim.engine.choices.draw`."""
    z = descend(key + _MIX_2 * np.uint64(which), who)
    return (np.float64(z >> _S12) + 0.5) * _UNIT
