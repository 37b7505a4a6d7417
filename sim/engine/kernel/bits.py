"""Bits and draws: the integer arithmetic that the compiled engine shares with Python's.

Everything is uint64: mixing it with signed integers would turn into floats.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types
from numba.extending import intrinsic

from sim.workload import streams

U0 = np.uint64(0)
U1 = np.uint64(1)
_GOLDEN = np.uint64(streams.GOLDEN)
_MIX_1 = np.uint64(streams.MIX_1)
_MIX_2 = np.uint64(streams.MIX_2)
_S30, _S27, _S31, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_UNIT = streams.UNIT
_BYTES = np.uint64(0x0101010101010101)
_M1 = np.uint64(0x5555555555555555)
_M2 = np.uint64(0x3333333333333333)
_M4 = np.uint64(0x0F0F0F0F0F0F0F0F)
_FF = np.uint64(0xFF)
_S1, _S2, _S4, _S8 = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(8)
_S56 = np.uint64(56)


@intrinsic
def popcount(typingctx: Any, x: Any) -> Any:
    """How many bits of a uint64 are set."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), codegen


@intrinsic
def lowest_bit(typingctx: Any, x: Any) -> Any:
    """The place of the lowest set bit of a uint64 that is not 0."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        import llvmlite.ir as ir

        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.uint64(types.uint64), codegen


@njit(_nrt=False, error_model="numpy")
def nth_bit(word: np.uint64, n: int) -> int:
    """The place of the n-th (from 0) set bit: the byte by running counts, then bit by bit."""
    x = word - ((word >> _S1) & _M1)
    x = (x & _M2) + ((x >> _S2) & _M2)
    sums = ((x + (x >> _S4)) & _M4) * _BYTES
    left = np.uint64(n)
    place = U0
    before = U0
    while True:
        upto = (sums >> place) & _FF
        if upto > left:
            break
        before = upto
        place += _S8
    left -= before
    byte = (word >> place) & _FF
    while left > U0:
        byte &= byte - U1
        left -= U1
    return np.int64(place + lowest_bit(byte))


@njit(_nrt=False, error_model="numpy")
def descend(key: np.uint64, index: int) -> np.uint64:
    """See `sim.workload.streams.descend`."""
    z = key + _GOLDEN * (np.uint64(index) + U1)
    z = (z ^ (z >> _S30)) * _MIX_1
    z = (z ^ (z >> _S27)) * _MIX_2
    return z ^ (z >> _S31)


@njit(_nrt=False, error_model="numpy")
def draw(key: np.uint64, who: int, which: int) -> float:
    """See `sim.engine.choices.draw`."""
    z = descend(descend(key, who), which)
    return (np.float64(z >> _S12) + 0.5) * _UNIT
