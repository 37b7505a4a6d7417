"""Whether what a document holds has the shape that figures and reports take: all that is wrong.

What is missing is not told of here: not every reader needs everything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Plain:
    """A value without parts: what it is called, and whether a value is one."""

    word: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Maybe:
    """That shape, or null."""

    shape: Any


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


TEXT = Plain("a text", lambda value: isinstance(value, str))
NUMBER = Plain("a number", _is_number)
NUMBER_OR_NULL = Plain("a number or null", lambda value: value is None or _is_number(value))
WHOLE = Plain("a whole number", _is_whole)
FROM_1 = Plain("a whole number from 1", lambda value: _is_whole(value) and value >= 1)
TRUTH = Plain("true or false", lambda value: isinstance(value, bool))

EVERY = "*"
"""The key of a shape that stands for all keys that it does not name."""

_ESTIMATE = dict.fromkeys(("value", "low", "high", "half_width"), NUMBER_OR_NULL)
_METRICS = {"service_level_variants": {EVERY: _ESTIMATE}, EVERY: _ESTIMATE}
_SUBJECT = {
    "name": TEXT,
    "queue": TEXT,
    "counts": {EVERY: WHOLE},
    "abandoned_by_cause": {EVERY: WHOLE},
    "metrics": _METRICS,
    "start_s": NUMBER,
    "end_s": NUMBER,
}
_GROUP = _SUBJECT | {"count": WHOLE, "agents": TEXT, "on_shift": NUMBER}
_DIFFERENCE = {
    **dict.fromkeys(("a", "b", "queue", "agents", "metric"), TEXT),
    "difference": _ESTIMATE,
    "independent_to_paired": NUMBER_OR_NULL,
}
_WARNING = {"code": TEXT, "where": TEXT, "message": TEXT}
_ORDER = {"variant": TEXT, "estimate": _ESTIMATE, "best_less_it": _ESTIMATE, "is_behind": TRUTH}
_RANKING = {"metric": TEXT, "error_rate": NUMBER, "comparisons": WHOLE, "order": [_ORDER]}

RUN = {
    "scenario": TEXT,
    "replications": FROM_1,
    "batches": FROM_1,
    **dict.fromkeys(("horizon_s", "warmup_s", "confidence", "elapsed_s"), NUMBER),
    "queues": [_SUBJECT],
    "total": _SUBJECT,
    "agents": [_GROUP],
    "flows": [{"name": TEXT, "plays": [{"action": WHOLE, "type": TEXT, EVERY: WHOLE}]}],
    "served_by": {"queues": [TEXT], "agents": [TEXT], "serviced": [[WHOLE]]},
    "waits": [
        {
            "queue": TEXT,
            "edges_s": [NUMBER],
            "calls": [WHOLE],
            "wait_timeout_s": NUMBER_OR_NULL,
            "threshold_s": NUMBER_OR_NULL,
        }
    ],
    "intervals": [_SUBJECT],
    "agent_intervals": [_GROUP],
    "all_agents_intervals": [_GROUP],
    "precision": [{"target": TEXT, "half_width": NUMBER_OR_NULL, "reached": TRUTH}],
    "warnings": [_WARNING],
}
COMPARISON = {
    "variants": [TEXT],
    "replications": FROM_1,
    "confidence": NUMBER,
    "differences": [_DIFFERENCE],
    "agent_differences": [_DIFFERENCE],
    "variance_ratios": [_DIFFERENCE],
    "not_common": [TEXT],
    "ranking": Maybe(_RANKING),
    "results": [{"variant": TEXT, "queues": [_SUBJECT], "total": _SUBJECT, "agents": [_GROUP]}],
    "warnings": [_WARNING],
}
CHECK = {
    "results": [{"scenario": TEXT, "target": TEXT, "outcome": TEXT, "estimate": _ESTIMATE}],
}
SWEEP = {"scenario": TEXT, "paths": [TEXT], "points": WHOLE, "files": [TEXT]}
_BESIDE = {
    **dict.fromkeys(("log", "predicted", "low", "high"), NUMBER_OR_NULL),
    "outside": TRUTH,
}
BACKTEST = {
    "scenario": TEXT,
    "outcome": TEXT,
    "days": {"count": FROM_1, "from": TEXT, "to": TEXT, "chosen": [TEXT]},
    "intervals": [{"queue": TEXT, "start_s": NUMBER, "end_s": NUMBER, "metrics": {EVERY: _BESIDE}}],
}
SHAPES = {
    "run": RUN,
    "comparison": COMPARISON,
    "check": CHECK,
    "sweep": SWEEP,
    "backtest": BACKTEST,
}
"""By kind of result; others are not looked at here."""


def problems(value: Any, shape: Any, where: str = "") -> Iterator[str]:
    """What of `value` has not this shape, a line each: where, what is expected, what is found.

    A shape is a `Plain`, a list with the shape of all items, or an object of shapes by key; keys
    that it does not know may hold anything.
    """
    if isinstance(shape, Plain):
        if not shape.holds(value):
            yield f"`{where}` must be {shape.word}, found {str(value)[:40]!r}"
    elif isinstance(shape, Maybe):
        if value is not None:
            yield from problems(value, shape.shape, where)
    elif isinstance(shape, list):
        if not isinstance(value, list | tuple):
            yield f"`{where}` must be a list, found {str(value)[:40]!r}"
            return
        for place, item in enumerate(value):
            yield from problems(item, shape[0], f"{where}[{place}]")
    elif not isinstance(value, Mapping):
        yield f"`{where}` must be an object, found {str(value)[:40]!r}"
    else:
        for key, item in value.items():
            inner = shape.get(key, shape.get(EVERY))
            if inner is not None:
                yield from problems(item, inner, f"{where}.{key}" if where else str(key))
