"""What a history holds, as one document: `callsim.history/1`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

import sim
from sim.calibration.history import History, Outcome
from sim.calibration.written import zone_name

FORMAT = "callsim.history/1"


def summary(history: History) -> dict[str, Any]:
    """Calls by queue and outcome, days, agents, what was left out and why.

    Means are over answered calls whose duration is known, null where there is none; `days` are
    local days with calls.
    """
    reading = history.reading
    names = [*(history.queues[code] for code in np.unique(history.queue).tolist())]
    return {
        "format": FORMAT,
        "version": sim.__version__,
        "source": reading.source,
        "log_format": reading.format,
        "rows": reading.rows,
        "calls": len(history),
        "time_zone": zone_name(history.zone) or str(history.zone),
        "resolution_s": history.resolution_s,
        "first": _told(history, history.joined_at[0]),
        "last": _told(history, history.joined_at[-1]),
        "first_day": history.first_day().isoformat(),
        "last_day": history.last_day().isoformat(),
        "days": len(np.unique(history.days()[0])),
        "agents": len(np.unique(history.agent[history.agent >= 0])),
        "queues": [{"name": name, **_counts(history.of_queue(name))} for name in names],
        "total": _counts(history),
        "dropped": dict(reading.dropped),
        "notes": list(reading.notes),
    }


def _told(history: History, at: float) -> str:
    return datetime.fromtimestamp(float(at), history.zone).isoformat()


def _counts(history: History) -> dict[str, Any]:
    answered = history.answered()
    numbers = np.bincount(history.outcome, minlength=len(Outcome)).tolist()
    return {
        "calls": len(history),
        "outcomes": {outcome.name.lower(): numbers[outcome] for outcome in Outcome},
        "asa_s": _mean(history.wait_s[answered]),
        "service_mean_s": _mean(history.talk_s[answered]),
        "wrap_up_mean_s": _mean(history.wrap_up_s[answered]),
    }


def _mean(values: Any) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None
