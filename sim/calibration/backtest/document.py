"""The backtest as one document: plain values, ready for JSON, no NaN."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim import __version__
from sim.calibration.backtest.days import start_clock_s
from sim.calibration.backtest.judge import ERROR, Backtest, Row
from sim.calibration.days import WEEK, clock_text
from sim.metrics.estimates import CONFIDENCE
from sim.scenario.lint import lint

FORMAT = "callsim.backtest/1"


def document(found: Backtest) -> dict[str, Any]:
    """What `backtest --json` prints; docs/backtest.md describes it."""
    scenario, days, reading = found.scenario, found.days, found.days.history.reading
    queues = [row for row in found.rows if not row.column.subject.is_agents]
    agents = [row for row in found.rows if row.column.subject.is_agents]
    return {
        "format": FORMAT,
        "version": __version__,
        "scenario": scenario.name,
        "sha256": scenario.sha256,
        "engine": found.engine,
        "seed": scenario.seed,
        "replications": found.replications,
        "arrivals": str(found.arrivals),
        "outcome": found.outcome,
        "within": found.within,
        "confidence": CONFIDENCE,
        "family_error": ERROR,
        "tests": found.tests,
        "start": None if scenario.start is None else scenario.start.isoformat(),
        "start_clock": clock_text(start_clock_s(scenario)),
        "horizon_s": scenario.horizon_s,
        "interval_s": scenario.interval_s,
        "days": {
            "count": len(days),
            "from": str(days.dates[0]),
            "to": str(days.dates[-1]),
            "chosen": [WEEK[day] for day in sorted(found.choice.weekdays)],
        },
        "metrics": [{"queue": row.column.subject.name, **_row(row)} for row in queues],
        "agent_metrics": [{"agents": row.column.subject.name, **_row(row)} for row in agents],
        "intervals": _intervals(found),
        "by_day": _by_day(found),
        "log": {
            "source": reading.source,
            "format": reading.format,
            "rows": reading.rows,
            "dropped": dict(reading.dropped),
            "calls": len(days.row),
            "outside_span": days.outside_span,
            "of_other_queues": days.of_strangers,
            "resolution_s": days.history.resolution_s,
            "time_zone": str(days.history.zone),
        },
        "unmatched": {
            "log": list(found.matching.strangers),
            "scenario": [scenario.queues[place].name for place in found.matching.silent],
        },
        "notes": found.notes,
        "warnings": [
            {"code": w.code, "where": w.where, "message": w.message} for w in lint(scenario)
        ],
        "elapsed_s": found.elapsed_s,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "metric": row.column.metric,
        "log": row.log.document(),
        "predicted": row.predicted.document(),
        "interval": {"low": row.low, "high": row.high},
        "difference": row.difference.document(),
        "relative": row.relative.document(),
        "p": row.p,
        "days": {
            "outside": row.days_outside,
            "of": row.days_known,
            "most_by_chance": row.most_outside,
            "p": row.p_days,
        },
        "outcome": row.outcome,
        "reasons": list(row.reasons),
    }


def _intervals(found: Backtest) -> list[dict[str, Any]]:
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    width, horizon = found.scenario.interval_s, found.scenario.horizon_s
    bands = found.bands
    outside = bands.outside
    for k, column in enumerate(found.slots):
        key = column.subject.name, column.slot
        if key not in rows:
            rows[key] = {
                "queue": column.subject.name,
                "start_s": column.slot * width,
                "end_s": min(horizon, (column.slot + 1) * width),
                "metrics": {},
            }
        rows[key]["metrics"][column.metric] = {
            "log": _number(bands.log[k]),
            "predicted": _number(bands.predicted[k]),
            "low": _number(bands.low[k]),
            "high": _number(bands.high[k]),
            "outside": bool(outside[k]),
        }
    return list(rows.values())


def _by_day(found: Backtest) -> list[dict[str, Any]]:
    """Each day's own values, and what is not extreme for it."""
    singles = found.singles
    rows: list[dict[str, Any]] = []
    for day, date in enumerate(found.days.dates):
        by_subject: dict[tuple[str, bool], dict[str, Any]] = {}
        for k, row in enumerate(found.rows):
            subject = row.column.subject
            key = subject.name, subject.is_agents
            if key not in by_subject:
                kind = "agents" if subject.is_agents else "queue"
                by_subject[key] = {"date": str(date), kind: subject.name, "metrics": {}}
            by_subject[key]["metrics"][row.column.metric] = {
                "log": _number(found.values[day, k]),
                "low": _number(singles.low[day, k]),
                "high": _number(singles.high[day, k]),
                "outside": bool(singles.outside[day, k]),
            }
        rows += by_subject.values()
    return rows


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
