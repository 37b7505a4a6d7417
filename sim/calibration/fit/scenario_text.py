"""The scenario as a file, with where each number comes from and how sure it is beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.calibration.days import clock_text
from sim.calibration.fit.agents_text import agent_lines
from sim.calibration.fit.calibrate import Calibration
from sim.calibration.fit.queue_text import queue_lines, values_file
from sim.calibration.fit.sample import Sample
from sim.calibration.fit.wording import comment, counted, harmless
from sim.scenario.emit import scalar
from sim.scenario.units import format_duration

Floats = NDArray[np.float64]

MOST_VALUES = 10_000


def scenario_text(c: Calibration, name: str = "", values_stem: str = "") -> str:
    """YAML that loads as it is; `name` is the scenario's, else the log's.

    Where service times are empirical they are in files of `value_files(c, values_stem)`.
    """
    lines = [*_head(c, name), "", "queues:"]
    tagged = len({team.queues for team in c.teams.teams}) > 1
    for place, queue in enumerate(c.queues):
        lines += queue_lines(c, queue, place, tagged, values_stem)
    lines += ["", *agent_lines(c, tagged)]
    return "\n".join(lines) + "\n"


def value_files(c: Calibration, stem: str) -> dict[str, str]:
    """The files of empirical service times, by name: a column of seconds each.

    More than `MOST_VALUES` are thinned to so many quantiles.
    """
    return {
        values_file(stem, place): _column(queue.service.values_s)
        for place, queue in enumerate(c.queues)
        if queue.service.values_s is not None
    }


def _column(values: Floats) -> str:
    if values.size > MOST_VALUES:
        values = np.quantile(values, (np.arange(MOST_VALUES) + 0.5) / MOST_VALUES)
    return "service_s\n" + "".join(f"{round(v, 3):g}\n" for v in values.tolist())


def _head(c: Calibration, name: str) -> Iterator[str]:
    s, reading = c.sample, c.history.reading
    span = str(s.days[0]) if s.n_days == 1 else f"{s.days[0]} to {s.days[-1]}"
    yield from comment(
        f"Made by callsim {__version__} calibrate from {reading.source} ({reading.format}):"
        f" {counted(len(c.history), 'call')} of {counted(s.n_days, 'day')} ({c.asked.kind},"
        f" {span}).", 0,
    )  # fmt: skip
    yield from comment(
        "Intervals are at 95 % over days."
        if s.n_days > 1
        else "One day is no sample of days: intervals take its calls for independent, and are too"
        " narrow; most numbers have none.",
        0,
    )
    for note in c.notes:
        yield from comment(f"- {note}", 0)
    yield from comment(
        "A log does not tell who called again: retrials are among the calls, and would come on top"
        " with `retry`.", 0,
    )  # fmt: skip
    yield f"name: {scalar(name or f'Calibrated from {_base(reading.source)}')}"
    yield f"start: {_start(s):%Y-%m-%d %H:%M}  # the last of the days"
    if (key := getattr(s.history.zone, "key", None)) is not None:
        yield f"time_zone: {scalar(str(key))}"
    yield (
        f"horizon: {format_duration(s.to_s - s.from_s)}  # {clock_text(s.from_s)} to"
        f" {clock_text(s.to_s)}, " + ("as asked" if c.asked.hours_s else "when calls came")
    )
    yield f"interval: {format_duration(s.interval_s)}"
    yield "replications: 20"
    yield "service_level: {threshold: 20s}  # assumed: a log does not tell what was aimed at"


def _base(source: str) -> str:
    """The names of a log's files without their folders."""
    return harmless(", ".join(each.rsplit("/", 1)[-1] for each in source.split(", ")))[:100]


def _start(s: Sample) -> datetime:
    """The beginning of the last of the days on which the clock is not put forward or back."""
    for day in reversed(s.days):
        midnight = datetime(day.year, day.month, day.day)
        start = midnight + timedelta(seconds=s.from_s)
        if _offset(start, s.history.zone) == _offset(
            midnight + timedelta(seconds=s.to_s), s.history.zone
        ):
            return start
    return datetime(s.days[-1].year, s.days[-1].month, s.days[-1].day) + timedelta(seconds=s.from_s)


def _offset(at: datetime, zone: tzinfo) -> object:
    return at.replace(tzinfo=zone).utcoffset()
