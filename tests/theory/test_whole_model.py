"""The engines against exact chains of what centres do: the models of `verification`, in short.

Every comparison: error rate 1e-3 two-sided (Student's t over replications), fixed seeds. The
half-width of a 95 % interval is at most the model's share of the exact value below, for the short
runs; it falls with the square root of the length.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import pytest

from sim.scenario.model import PollOrder
from tests.theory.steady import ERROR_RATE, REPLICATIONS, Effort
from verification.agents_at_work import coarse_polling, polling, ringing, wrap_up
from verification.callers import (
    endless_retrials,
    overflow_at_once,
    retrials_in_random_order,
    retrials_of_the_blocked,
)
from verification.comparisons import Model, compare
from verification.days import one_day
from verification.several_queues import own_service_times, specialists_and_generalists

CALLS = 10_000
MODELS: dict[str, tuple[Callable[[], Model], float]] = {
    "W design": (own_service_times, 0.3),
    "N design": (specialists_and_generalists, 0.2),
    "wrap-up": (wrap_up, 0.15),
    "ringing": (ringing, 0.08),
    "retrials, random": (retrials_in_random_order, 0.25),
    "retrials, fifo": (endless_retrials, 0.12),
    "retrials, loss": (retrials_of_the_blocked, 0.12),
    "overflow": (lambda: overflow_at_once(by_flow=False), 0.12),
    "overflow by flow": (lambda: overflow_at_once(by_flow=True), 0.12),
    "polling": (lambda: polling(PollOrder.NEWEST), 0.15),
    "coarse polling": (coarse_polling, 0.1),
    "day": (one_day, 0.45),
}
WIDER = {("wrap-up", "blocked_share"): 1.0}
"""Of 10,000 calls 19 are blocked."""


@cache
def model(name: str) -> Model:
    """The model; some formulas take a second."""
    make, _ = MODELS[name]
    return make()


@pytest.mark.parametrize("name", MODELS)
def test_agrees_with_theory(name: str, effort: Effort) -> None:
    """Claim: every metric of which theory knows the value has this value."""
    _, widest = MODELS[name]
    (rows,) = compare(
        [model(name)],
        calls=CALLS * effort.length,
        replications=REPLICATIONS,
        seed=1,
        engine=effort.engine,
    )
    for row in rows:
        assert row.p_value > ERROR_RATE, row
        share = WIDER.get((name, row.metric), widest) / math.sqrt(effort.length)
        assert row.half_width <= share * row.theory, row
