"""Axes of time, of durations and of shares, with round numbers in the words of the reports."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from sim.report import text
from sim.report.clock import since_midnight
from sim.scenario.targets import METRICS, UnitKind

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_STEPS_S = (
    1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5,
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE,
    15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY,
    2 * _DAY, 7 * _DAY, 14 * _DAY, 28 * _DAY, 91 * _DAY, 364 * _DAY,
)  # fmt: skip


def clock_axis(axis: Axis, from_s: float, to_s: float, start: datetime | None, most: int) -> None:
    """An axis of times of the scenario: clock times where it has a start, else hours from 0.

    At most `most` ticks, at round times.
    """
    begin = 0.0 if start is None else since_midnight(start)
    step = _step(to_s - from_s, most)
    ticks = np.arange(math.ceil((from_s + begin) / step), (to_s + begin) / step + 1e-9) * step
    ticks = ticks - begin
    with_day = start is not None and to_s - from_s > _DAY
    whole_days = step % _DAY == 0.0

    def label(seconds: float, _: object = None) -> str:
        if start is None and to_s > 2 * _DAY:
            return f"day {seconds / _DAY:g}" if whole_days else text.duration(seconds)
        told = text.instant(round(seconds, 6), start, with_day=with_day)
        return told[:6] if with_day and whole_days else told

    axis.set_major_locator(FixedLocator(ticks.tolist()))
    axis.set_major_formatter(FuncFormatter(label))


def clock_word(start: datetime | None) -> str:
    """What a clock axis is labelled with."""
    return "time of day" if start is not None else "time from the start (h:mm)"


def duration_axis(axis: Axis, to_s: float, most: int) -> None:
    """An axis of durations from 0, in seconds, minutes or hours."""
    step = _step(max(to_s, 1e-3), most)
    ticks = np.arange(0, math.floor(to_s / step + 1e-9) + 1) * step
    axis.set_major_locator(FixedLocator(ticks.tolist()))
    axis.set_major_formatter(FuncFormatter(lambda seconds, _: text.duration(round(seconds, 9))))


def share_axis(ax: Axes, least: float = 0.0) -> None:
    """A vertical axis of shares, 0 to 1, in percent."""
    ax.set_ylim(least - 0.02 * (1 - least), 1.0 + 0.03 * (1 - least))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(percent))


def small_share_axis(ax: Axes, most: float) -> None:
    """A vertical axis of shares from 0 that ends above the largest, in percent."""
    top = 0.01 if not most > 0.0 else min(1.03, 1.15 * most)
    ax.set_ylim(0.0, max(top, 0.01))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(percent))


def number_axis(ax: Axes, *, whole: bool = False) -> None:
    """A vertical axis of numbers from 0; `whole` has ticks at whole numbers only."""
    has_some = float(ax.dataLim.y1) > 0.0
    ax.set_ylim(0.0, ax.get_ylim()[1] if has_some else 1.0)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10], integer=whole))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: short_number(value)))


def short_number(value: float) -> str:
    """`1,200`, `12.5`, `0.05`."""
    rounded = float(f"{value:.6g}")
    return f"{rounded:,.0f}" if rounded == round(rounded) else f"{rounded:g}"


def percent(value: float, _: object = None) -> str:
    """`20 %`, `2.5 %` of a share."""
    return f"{float(f'{100 * value:.6g}'):g} %"


def amount(metric: str, value: float) -> str:
    """A value of a metric as it stands on an axis: `20 %`, `1m 30s`, `12.5`."""
    unit = METRICS[metric].unit if metric in METRICS else UnitKind.NUMBER
    if unit is UnitKind.SHARE:
        return percent(value)
    return text.duration(value) if unit is UnitKind.SECONDS else short_number(value)


def _step(span_s: float, most: int) -> float:
    """The shortest round step that gives at most `most` ticks."""
    fitting = (step for step in _STEPS_S if span_s / step <= most)
    return next(fitting, math.ceil(span_s / most / (364 * _DAY)) * 364 * _DAY)
