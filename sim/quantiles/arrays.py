"""Many durations at once, an entry for each of the commoner kinds.

The same functions as in `sim.quantiles.table.seconds`, so the same bits; but in short loops, which
the compiler turns into vector instructions, and compiled only where a scenario uses the kind.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.jit import entry
from sim.quantiles.elementary import exp, log
from sim.quantiles.gamma import standard_gamma
from sim.quantiles.normal import standard_normal
from sim.quantiles.table import (
    EXPONENTIAL,
    GAMMA,
    LEAST,
    LOGNORMAL,
    MOST,
    WEIBULL,
    Table,
    seconds,
)

Records = Any
Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


def fill(table: Table, kind: int, which: Longs, u: Floats, out: Floats) -> None:
    """Durations in seconds, offsets included, of distributions that are all of one `kind`.

    Number `which[i]` of the table at the uniform `u[i]` gives `out[i]`; all have shape (n,).
    Of the kind `ANY` they may be of any. A uniform nearer to 0 or 1 than 2^-53, the nearest that
    a stream gives, counts as that.
    """
    _BY_KIND.get(kind, _of_any_kind)(*table, which, np.clip(u, LEAST, MOST), out)


ANY = -1


@entry
def _of_any_kind(
    distributions: Records, parts: Records, values: Floats, which: Longs, u: Floats, out: Floats
) -> None:
    for i in range(u.size):
        out[i] = seconds(distributions, parts, values, which[i], u[i])


@entry
def _exponentials(
    distributions: Records, parts: Records, values: Floats, which: Longs, u: Floats, out: Floats
) -> None:
    for i in range(u.size):
        out[i] = -log(1.0 - u[i])
    for i in range(u.size):
        own = distributions[which[i]]
        out[i] = max(own.a * out[i] + own.offset, 0.0)


@entry
def _weibulls(
    distributions: Records, parts: Records, values: Floats, which: Longs, u: Floats, out: Floats
) -> None:
    for i in range(u.size):
        out[i] = -log(1.0 - u[i])
    for i in range(u.size):
        out[i] = log(out[i])
    for i in range(u.size):
        out[i] *= distributions[which[i]].b
    for i in range(u.size):
        out[i] = exp(out[i])
    for i in range(u.size):
        own = distributions[which[i]]
        out[i] = max(own.a * out[i] + own.offset, 0.0)


@entry
def _lognormals(
    distributions: Records, parts: Records, values: Floats, which: Longs, u: Floats, out: Floats
) -> None:
    for i in range(u.size):
        own = distributions[which[i]]
        out[i] = own.a + own.b * standard_normal(u[i])
    for i in range(u.size):
        out[i] = exp(out[i])
    for i in range(u.size):
        out[i] = max(out[i] + distributions[which[i]].offset, 0.0)


@entry
def _gammas(
    distributions: Records, parts: Records, values: Floats, which: Longs, u: Floats, out: Floats
) -> None:
    for i in range(u.size):
        own = distributions[which[i]]
        out[i] = max(own.a * standard_gamma(values, own.first, u[i]) + own.offset, 0.0)


_BY_KIND: dict[int, Callable[..., None]] = {
    EXPONENTIAL: _exponentials,
    LOGNORMAL: _lognormals,
    WEIBULL: _weibulls,
    GAMMA: _gammas,
}
