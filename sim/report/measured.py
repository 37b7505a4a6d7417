"""Values, intervals and differences of a metric in its own unit, as a report words them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sim.report import text
from sim.scenario.targets import METRICS, UnitKind

Estimate = Mapping[str, Any]

_ROUNDING = 1e-12
"""A half-width below this share of the value is none."""


def amount(metric: str, value: float | None) -> str:
    """`71.2 %`, `12.3 s` or `3.1`."""
    return amount_in(METRICS[metric].unit, value)


def amount_in(unit: UnitKind, value: float | None) -> str:
    """The same for a value of this unit."""
    match unit:
        case UnitKind.SHARE:
            return text.percent(value)
        case UnitKind.SECONDS:
            return text.duration(value)
        case _:
            return text.number(value)


def estimated(metric: str, estimate: Estimate) -> str:
    """`71.2 % ± 1.0`, `12.3 s ± 1.1` or `3.1 ± 0.2`."""
    return told_in(METRICS[metric].unit, estimate)


def told_in(unit: UnitKind, estimate: Estimate) -> str:
    """The same for an estimate in this unit."""
    if unit is UnitKind.SHARE:
        return text.share(estimate)
    value, half = estimate["value"], estimate["half_width"]
    if value is None or half is None:
        return amount_in(unit, value)
    if half <= _ROUNDING * abs(value):
        half = 0.0
    return f"{_bare(unit, value, half)} ± {_half(unit, value, half)}"


def half_width(metric: str, half: float | None) -> str:
    """`0.5 points` of a share, `12.3 s` or `0.2`: a half-width by itself."""
    if half is None or METRICS[metric].unit is not UnitKind.SHARE:
        return amount(metric, half)
    return f"{text.number(100.0 * half)} points"


def interval(metric: str, estimate: Estimate) -> str:
    """`70.2 % to 72.2 %`; empty without an interval."""
    if estimate["low"] is None:
        return ""
    return f"{amount(metric, estimate['low'])} to {amount(metric, estimate['high'])}"


def change(metric: str, estimate: Estimate) -> str:
    """A difference with its sign, `-1.8 ± 0.3` (in points for a share); `*` if it is shown."""
    return change_in(METRICS[metric].unit, estimate)


def change_in(unit: UnitKind, estimate: Estimate) -> str:
    """The same for a difference in this unit."""
    value, half = estimate["value"], estimate["half_width"]
    if value is None:
        return text.NOTHING
    sign = "+" if value > 0 else "-" if value < 0 else ""
    shown = "* " if is_shown(estimate) else ""
    told = f"{shown}{sign}{_bare(unit, abs(value), half)}"
    return told if half is None else f"{told} ± {_half(unit, abs(value), half)}"


def is_shown(estimate: Estimate) -> bool:
    """Whether the interval of a difference excludes 0."""
    low, high = estimate["low"], estimate["high"]
    return low is not None and high is not None and (low > 0 or high < 0)


def size(metric: str, estimate: Estimate) -> str:
    """`1.8 points` or `3.2 s`, without the sign."""
    unit = METRICS[metric].unit
    value = _bare(unit, abs(estimate["value"]), estimate["half_width"])
    return f"{value} points" if unit is UnitKind.SHARE else value


def size_interval(metric: str, estimate: Estimate) -> str:
    """`1.5 to 2.1`, the interval of the size of a difference that is shown."""
    ends = sorted(abs(estimate[end]) for end in ("low", "high"))
    least, most = (_bare(METRICS[metric].unit, end, estimate["half_width"]) for end in ends)
    return f"{least} to {most}"


def _bare(unit: UnitKind, value: float, half: float | None) -> str:
    """The value with no more digits than the half-width makes sense of; a share in points."""
    if unit is UnitKind.SHARE:
        return text.points(value, half)
    if half is None or not _is_short(value, half):
        return amount_in(unit, value)
    return f"{value:.{_decimals(half)}f}{' s' if unit is UnitKind.SECONDS else ''}"


def _half(unit: UnitKind, value: float, half: float) -> str:
    """The half-width beside `_bare`."""
    if unit is UnitKind.SHARE:
        return text.half_points(value, half)
    return f"{half:.{_decimals(half)}f}" if _is_short(value, half) else amount_in(unit, half)


def _is_short(value: float, half: float) -> bool:
    """Whether both are written as plain decimals: no minutes, no whole hundreds."""
    return max(abs(value), half) < 59.95 and half > 0.0


def _decimals(half: float) -> int:
    """Decimals that show two digits of the half-width."""
    return min(6, max(0, 1 - math.floor(math.log10(float(f"{half:.1e}")))))
