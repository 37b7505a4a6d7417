"""The document of a calibration, `callsim.calibration/1`: every estimate with its uncertainty."""

from __future__ import annotations

import math
from typing import Any

from sim import __version__
from sim.calibration.days import clock_text
from sim.calibration.fit.arrivals import Together
from sim.calibration.fit.calibrate import Calibration, QueueFit
from sim.calibration.fit.choice import Chosen
from sim.calibration.fit.limits import Limits
from sim.calibration.fit.patience import Patience
from sim.calibration.fit.service import Service
from sim.calibration.history import History, Reading
from sim.metrics.estimates import CONFIDENCE

FORMAT = "callsim.calibration/1"


def document(c: Calibration, scenario: str) -> dict[str, Any]:
    """The document; `scenario` is the text of `scenario_text`.

    An estimate is {"value", "low", "high", "half_width"}, the last three null where one day gives
    no interval; what can't be had is null.
    """
    s = c.sample
    return {
        "format": FORMAT,
        "version": __version__,
        "confidence": CONFIDENCE,
        "log": _log(c.history.reading),
        "zone": _zone(c.history),
        "resolution_s": c.history.resolution_s,
        "days": {
            "kind": c.asked.kind,
            "n": s.n_days,
            "dates": [str(day) for day in s.days],
        },
        "hours": {"from": clock_text(s.from_s), "to": clock_text(s.to_s)},
        "interval_s": s.interval_s,
        "calls": len(c.history),
        "queues": [_queue(queue, c) for queue in c.queues],
        "same_days": [_pair(pair, c) for pair in c.pairs],
        "wrap_up": {
            "from": c.wrap_up.source,
            "n": c.wrap_up.n,
            "mean_s": c.wrap_up.mean.document(),
            "fit": None if c.wrap_up.chosen is None else _chosen(c.wrap_up.chosen),
            "breaks_from_s": c.wrap_up.cut_s,
            "breaks": c.wrap_up.breaks,
        },
        "agents_from": c.agents_from,
        "occupancy": None if c.occupancy is None else c.occupancy.document(),
        "agents": [_team(c, place) for place in range(len(c.teams.teams))],
        "notes": list(c.notes),
        "scenario": scenario,
    }


def _log(reading: Reading) -> dict[str, Any]:
    return {
        "source": reading.source,
        "format": reading.format,
        "rows": reading.rows,
        "dropped": dict(reading.dropped),
        "notes": list(reading.notes),
    }


def _zone(history: History) -> str:
    return str(getattr(history.zone, "key", history.zone))


def _queue(queue: QueueFit, c: Calibration) -> dict[str, Any]:
    busy = queue.arrivals.busyness
    s = c.sample
    return {
        "name": queue.name,
        "counts": dict(queue.counts),
        "abandonment": queue.abandonment.document(),
        "asa_s": queue.asa_s.document(),
        "arrivals": {
            "calls_per_day": queue.arrivals.per_day.document(),
            "intervals": [
                {"from": clock_text(s.from_s + i * s.interval_s), "calls": each.document()}
                for i, each in enumerate(queue.arrivals.by_slot)
            ],
            "busyness": {
                "cv": busy.cv.document(),
                "dispersion": busy.dispersion,
                "p_value": busy.p_value,
                "used": busy.is_shown,
                "shared": queue.shares_busyness,
            },
        },
        "service": _service(queue.service, queue.service_of_all),
        "patience": None if queue.patience is None else _patience(queue.patience, queue),
        "limits": _limits(queue.limits),
    }


def _service(found: Service, of_all: bool) -> dict[str, Any]:
    return {
        "of_all_queues": of_all,
        "n": found.n,
        "mean_s": found.mean.document(),
        "fit": _chosen(found.chosen),
        "empirical": found.values_s is not None,
        "quantiles": [
            {"share": u, "observed_s": seen, "fitted_s": fitted}
            for u, seen, fitted in found.quantiles
        ],
        "curve": {
            "at_s": found.curve[0].tolist(),
            "observed": found.curve[1].tolist(),
            "fitted": found.curve[2].tolist(),
        },
        "below_10s": {"n": found.short.n, "share": found.short.share.document()},
        "time_of_day": {
            "p_value": found.time_of_day.p_value,
            "intervals_compared": found.time_of_day.compared,
            "used": found.time_of_day.is_shown,
            "scale": list(found.time_of_day.scale),
        },
    }


def _chosen(chosen: Chosen) -> dict[str, Any]:
    law = chosen.law
    return {
        "family": law.family.name,
        "beside": law.beside.value,
        "n": chosen.n,
        "n_ended": chosen.n_ended,
        "mean_s": chosen.mean.document(),
        "cv": chosen.cv.document(),
        "share_beside": chosen.share.document() if law.share else None,
        "tried": [
            {
                "family": each.law.family.name,
                "beside": each.law.beside.value,
                "aic": each.aic,
                "aic_difference": each.aic - chosen.fit.aic,
                "mean_s": each.law.distribution.mean_s,
            }
            for each in chosen.fits
        ],
    }


def _patience(found: Patience, queue: QueueFit) -> dict[str, Any]:
    fitted = [None] * found.seen.at_s.size if found.fitted is None else found.fitted.tolist()
    return {
        "of_all_queues": queue.patience_of_all,
        "waited": found.waits,
        "gave_up": found.gave_up,
        "waited_s": found.waited_s,
        "known_to_s": found.known_to_s,
        "fit": None if found.chosen is None else _chosen(found.chosen),
        "mean_at_least_s": found.at_least_s,
        "mean_wait_of_those_who_gave_up_s": found.abandon_wait.document(),
        "curve": _curve(found),
        "staying": [
            {"at_s": at, "observed": _number(value), "low": _number(low), "high": _number(high),
             "fitted": law}
            for at, value, low, high, law in zip(
                found.seen.at_s.tolist(), found.seen.value.tolist(), found.seen.low.tolist(),
                found.seen.high.tolist(), fitted, strict=True,
            )
        ],
    }  # fmt: skip


def _curve(found: Patience) -> dict[str, Any]:
    seen, fitted = found.curve
    return {
        "at_s": seen.at_s.tolist(),
        "observed": [_number(value) for value in seen.value.tolist()],
        "low": [_number(value) for value in seen.low.tolist()],
        "high": [_number(value) for value in seen.high.tolist()],
        "fitted": None if fitted is None else fitted.tolist(),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _limits(found: Limits) -> dict[str, Any]:
    return {
        "wait_timeout_s": found.wait_timeout_s,
        "timed_out_at_it": found.same_wait,
        "waiting_when_blocked": found.most_waiting,
        "priority": found.priority,
        "share_of_other_priorities": found.other_priority,
    }


def _pair(pair: Together, c: Calibration) -> dict[str, Any]:
    return {
        "queues": [c.queues[pair.a].name, c.queues[pair.b].name],
        "correlation_of_calls": pair.observed,
        "correlation_of_factors": pair.correlation,
        "p_value": pair.p_value,
        "shared": pair.is_shared,
    }


def _team(c: Calibration, place: int) -> dict[str, Any]:
    team, s = c.teams.teams[place], c.sample
    name = c.team_name(place)
    return {
        "name": name,
        "queues": c.names_of(team.queues),
        "members": list(team.members),
        "hours_per_day": team.hours.document(),
        "busiest": team.peak.document(),
        "asked": c.constant.get(name),
        "intervals": [
            {"from": clock_text(s.from_s + i * s.interval_s), "on_duty": float(mean), "count": n}
            for i, (mean, n) in enumerate(zip(team.on_duty.mean(axis=0), team.counts, strict=True))
        ],
    }
