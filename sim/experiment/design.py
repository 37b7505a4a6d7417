"""The points of a sweep: every combination of some values, or a sample of them.

Points are numbered from 0 in the order of the grid, in which the last path changes fastest. A
sample is drawn from uniforms of our own or from a Sobol' sequence with a random digital shift
(Owen, *Monte Carlo theory, methods and examples*, section 17.5); the same seed gives the same
sample with any version of numpy and scipy.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.scenario.overrides import parse_values, split_override
from sim.scenario.targets import split_path
from sim.scenario.units import parse_duration, parse_rate

MAX_POINTS = 10_000_000
METHODS = ("sobol", "random")

_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?"
_WITH_UNIT = re.compile(rf"\s*({_NUMBER})\s*([A-Za-z/%]*)\s*")
_WHOLE = re.compile(r"\s*-?[0-9]{1,15}\s*\.\.\s*-?[0-9]{1,15}\s*(?::.*)?")
_RANGE = re.compile(r"\s*([^\s.\"'\[{][^\"'\[{]*?)\s*\.\.\s*([^\"'\[{]*)")


@dataclass(frozen=True, slots=True)
class Choice:
    """Any of some values, each as likely as another."""

    values: tuple[str, ...]

    def at(self, u: float) -> str:
        """The value at a uniform in (0, 1)."""
        return self.values[int(u * len(self.values))]


@dataclass(frozen=True, slots=True)
class Between:
    """Any number from `low` to `high`, with a unit, to six digits."""

    low: float
    high: float
    unit: str

    def at(self, u: float) -> str:
        """The value at a uniform in (0, 1)."""
        value = float(f"{self.low + u * (self.high - self.low):.6g}")
        return f"{min(max(value, self.low), self.high):.12g}{self.unit}"


Axis = Choice | Between
Values = str | tuple[str, ...]
"""A path's values: a text such as `8..16`, or each by itself."""
Setting = str | tuple[str, Values]
"""`PATH=VALUES`, or the two by themselves."""


@dataclass(frozen=True, slots=True)
class Design:
    """Points: the values of each path, a grid of them or, with `rows`, those alone."""

    paths: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    rows: tuple[tuple[str, ...], ...] | None = None

    def __len__(self) -> int:
        """The number of points."""
        return math.prod(map(len, self.values)) if self.rows is None else len(self.rows)

    def point(self, number: int) -> tuple[str, ...]:
        """The values of point `number`, in the order of the paths."""
        if self.rows is not None:
            return self.rows[number]
        found = []
        for values in reversed(self.values):
            number, place = divmod(number, len(values))
            found.append(values[place])
        return tuple(reversed(found))

    def changes(self, number: int) -> tuple[str, ...]:
        """The changes of the scenario at a point, as `--set` takes them."""
        return tuple(f"{p}={v}" for p, v in zip(self.paths, self.point(number), strict=True))


def grid(settings: Sequence[Setting]) -> Design:
    """Every combination of the settings' values. Raises ValueError."""
    split = _split(settings)
    for path, text in split:
        _no_interval(path, text)
    values = tuple(_values(path, text) for path, text in split)
    n = math.prod(map(len, values))
    if n > MAX_POINTS:
        raise ValueError(f"{n:,} points are more than {MAX_POINTS:,}")
    return Design(tuple(path for path, _ in split), values)


def sample(settings: Sequence[Setting], spec: str, seed: int) -> Design:
    """As many points as `spec` says, `sobol:200` or `random:200`, from ranges and lists.

    `LOW..HIGH` is a range: of whole numbers if both are, else of numbers with a unit, such as
    `5/min..9/min`. Raises ValueError.
    """
    split = _split(settings)
    axes = [_axis(path, text) for path, text in split]
    found = re.fullmatch(r"(sobol|random):([0-9]{1,9})", spec.strip())
    if found is None or not 1 <= int(found[2]) <= MAX_POINTS:
        raise ValueError(
            f"expected METHOD:N, such as sobol:200 or random:200, with at most {MAX_POINTS:,}"
            f" points, found `{spec[:40]}`"
        )
    paths = tuple(path for path, _ in split)
    uniforms = _uniforms(
        found[1], [".".join(split_path(path)) for path in paths], int(found[2]), seed
    )
    columns = [[axis.at(u) for u in row] for axis, row in zip(axes, uniforms, strict=True)]
    return Design(paths, (), tuple(zip(*columns, strict=True)))


def _split(settings: Sequence[Setting]) -> list[tuple[str, Values]]:
    split = [split_override(each) if isinstance(each, str) else each for each in settings]
    seen: set[tuple[str, ...]] = set()
    for path, values in split:
        parts = tuple(split_path(path))
        if parts in seen:
            raise ValueError(f"`{path}` is set twice")
        seen.add(parts)
        if not values:
            raise ValueError(f"`{path}=`: a value is missing")
    if not split:
        raise ValueError("a sweep needs something to vary: --set PATH=VALUES")
    return split


def _values(path: str, values: Values) -> tuple[str, ...]:
    try:
        return parse_values(values) if isinstance(values, str) else values
    except ValueError as error:
        raise ValueError(f"`{path}`: {error}") from None


def _no_interval(path: str, values: Values) -> None:
    if isinstance(values, tuple) or _WHOLE.fullmatch(values) is not None:
        return
    if _interval(values) is not None:
        raise ValueError(
            f"`{path}`: `{values.strip()}` holds any number of values: list some, or take a"
            " sample with --sample sobol:N"
        )


def _axis(path: str, values: Values) -> Axis:
    if isinstance(values, str) and _WHOLE.fullmatch(values) is None:
        found = _interval(values)
        if found is not None:
            if found.high < found.low:
                raise ValueError(
                    f"`{path}`: the range `{values.strip()}` is empty: it ends before it begins"
                )
            return found
    return Choice(_values(path, values))


def _interval(text: str) -> Between | None:
    """A range of numbers with one unit, or of durations or rates; None if it is none of these."""
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    low, high = (_WITH_UNIT.fullmatch(side) for side in found.groups())
    if low is not None and high is not None and low[2] in ("", high[2]):
        return Between(float(low[1]), float(high[1]), high[2])
    for parse, unit in ((parse_duration, "s"), (parse_rate, "/s")):
        try:
            return Between(parse(found[1]), parse(found[2]), unit)
        except ValueError:
            continue
    return None


def _uniforms(method: str, paths: Sequence[str], n: int, seed: int) -> Iterable[Sequence[float]]:
    """`n` uniforms for each path, the path's own: another path more changes no value of it
    in a random sample."""
    import numpy as np

    from sim.mixing import UNIT
    from sim.workload.streams import name_key, uniforms

    if method == "random":
        return [uniforms(name_key(seed, "sample", path), 0, n).tolist() for path in paths]
    from scipy.stats import qmc

    bits = max(1, (n - 1).bit_length())
    sobol = qmc.Sobol(len(paths), scramble=False)
    whole = np.rint(sobol.random_base2(bits)[:n].T * 2.0**52).astype(np.uint64)
    shifts = [name_key(seed, "sobol", path) >> 12 for path in paths]
    return [
        ((row ^ np.uint64(shift)).astype(np.float64) + 0.5) * UNIT
        for row, shift in zip(whole, shifts, strict=True)
    ]
