"""Durations from uniforms: the model's distributions as tables of `sim.quantiles`.

One uniform makes one duration, so a caller's draw for a purpose is one number, whatever the
distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from sim.quantiles import gamma, table
from sim.quantiles.arrays import fill
from sim.quantiles.table import Table
from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
    Triangular,
    Uniform,
    Weibull,
)

Floats = NDArray[np.float64]
Quantile = Callable[[Floats], Floats]


def tabulated(distributions: Sequence[Distribution]) -> Table:
    """The table whose first records are these distributions, in their order."""
    maker = _Maker(distributions)
    return Table(
        np.array(maker.records, table.DISTRIBUTION),
        np.array(maker.parts, table.PART),
        np.concatenate([np.empty(0), *maker.values]),
    )


def quantile(distribution: Distribution, u: Floats) -> Floats:
    """The inverse distribution function of `distribution` at `u`, in seconds, offset included.

    `u` has any shape, in (0, 1), nearer to 0 or 1 than 2^-53 counting as that; the result has
    the same shape and is never negative. A mixture spends the same uniform twice: the place of
    u among the weights chooses the part, and the place within that weight is the part's own.
    """
    return inverse(distribution)(u)


def inverse(distribution: Distribution) -> Quantile:
    """`quantile` of this distribution, prepared once for any number of uses."""
    made = tabulated([distribution])
    first = made.distributions[0]
    kind = int(first["kind"])

    def at(u: Floats) -> Floats:
        if kind == table.CONSTANT:
            return np.full(u.shape, first["a"] + first["offset"])
        flat = np.ascontiguousarray(u).reshape(-1)
        out = np.empty(flat.size)
        fill(made, kind, np.zeros(flat.size, np.int64), flat, out)
        return out.reshape(u.shape)

    return at


class _Maker:
    """Records, parts and values while a table is made."""

    def __init__(self, distributions: Sequence[Distribution]) -> None:
        self.records: list[tuple[int | float, ...]] = [()] * len(distributions)
        self.parts: list[tuple[float, float, int]] = []
        self.values: list[Floats] = []
        self._n_values = 0
        self._tables: dict[float, int] = {}
        for i, distribution in enumerate(distributions):
            self._make(i, distribution, -1)

    def _make(self, i: int, distribution: Distribution, within: int) -> None:
        first, end, a, b, c = 0, 0, 0.0, 0.0, 0.0
        match distribution:
            case Deterministic(value_s=a):
                kind = table.CONSTANT
            case Exponential(scale_s=a) | Gamma(shape=1.0, scale_s=a):
                kind = table.EXPONENTIAL
            case Gamma(shape=shape) if shape < gamma.LEAST_SHAPE:
                kind = table.CONSTANT
            case Uniform(low_s=a, high_s=b):
                kind = table.UNIFORM
            case Triangular(low_s=a, mode_s=b, high_s=c):
                kind = table.TRIANGULAR
            case Lognormal(mu=a, sigma=b):
                kind = table.LOGNORMAL
            case Weibull(shape=shape, scale_s=a):
                kind, b = table.WEIBULL, 1.0 / shape
            case Gamma(shape=shape, scale_s=scale):
                kind, a, first = table.GAMMA, scale * max(shape, 1.0), self._polynomials(shape)
            case Empirical(values_s=values):
                kind, first = table.EMPIRICAL, self._add(np.array(values))
                end = first + len(values)
            case Mixture():
                kind = table.MIXTURE
                first, end = self._mixture(i, distribution)
            case _:
                raise TypeError(f"no quantile for {type(distribution).__name__}")
        self.records[i] = (kind, first, end, within, a, b, c, distribution.offset_s)

    def _mixture(self, i: int, mixture: Mixture) -> tuple[int, int]:
        """Where the parts of mixture `i` begin and end."""
        sums = accumulate(mixture.weights, initial=0.0)
        drawn = [
            each for each in zip(sums, mixture.weights, mixture.parts, strict=False) if each[1]
        ]
        first, record = len(self.parts), len(self.records)
        for n, (since, weight, _) in enumerate(drawn):
            self.parts.append((since, weight, record + n))
        self.records += [()] * len(drawn)
        for n, (_, _, part) in enumerate(drawn):
            self._make(record + n, part, i)
        return first, first + len(drawn)

    def _polynomials(self, shape: float) -> int:
        """Where those of a gamma distribution's shape begin; made once for each shape."""
        if shape not in self._tables:
            self._tables[shape] = self._add(gamma.tabulate(shape))
        return self._tables[shape]

    def _add(self, values: Floats) -> int:
        self.values.append(values)
        self._n_values += values.size
        return self._n_values - values.size
