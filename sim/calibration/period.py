"""The part of a history between two days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from sim.calibration.history import History
from sim.scenario.errors import Problem, ScenarioError

OUTSIDE = "outside --from and --to"


def within(history: History, first: date | None, last: date | None) -> History:
    """The visits that joined on local days from `first` to `last`, both included; None is open.

    The others are counted among what was dropped. Raises ScenarioError where none is left.
    """
    if first is None and last is None:
        return history
    days, _ = history.days()
    kept = np.ones(len(history), np.bool_)
    if first is not None:
        kept &= days >= first.toordinal()
    if last is not None:
        kept &= days <= last.toordinal()
    if not kept.any():
        told = f"no call from {first or 'its begin'} to {last or 'its end'}: the log has"
        told += f" {history.first_day()} to {history.last_day()}"
        raise ScenarioError([Problem(history.reading.source, 0, 0, "", told)])
    n = int(len(history) - kept.sum())
    reading = history.reading
    if n:
        reading = replace(reading, dropped={**reading.dropped, OUTSIDE: n})
    return replace(history.where(kept), reading=reading)
