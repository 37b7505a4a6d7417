"""Real logs from Python: files, or what was read of them before."""

from __future__ import annotations

import os
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sim.calibration.formats.files import Asked
from sim.calibration.history import History
from sim.calibration.read import read_log

Path = str | os.PathLike[str]
Log = Path | Sequence[Path] | History
"""A file, several that are one log, the folder of `run --out`, or a history read before."""


def history_of(log: Log, time_zone: str | None) -> History:
    """The log's history; times that tell no zone, and days, are those of `time_zone`."""
    if isinstance(log, History):
        return log
    paths = [log] if isinstance(log, str | os.PathLike) else list(log)
    asked = Asked(zone=None if time_zone is None else ZoneInfo(time_zone))
    return read_log([os.fspath(path) for path in paths], asked=asked)
