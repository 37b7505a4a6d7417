"""What a report says of the one that was picked by looking: only what the data carry."""

from __future__ import annotations

import sim
from sim.report.book.standing_out import stands_out
from sim.report.book.write import book_of
from sim.report.saved import open_result

FLAT = """
horizon: 6h
interval: 30min
replications: 10
seed: {seed}
queues:
  - {{name: q, arrivals: {arrivals}, service_time: {{distribution: exponential, mean: 4min}},
     patience: {{distribution: exponential, mean: 2min}}}}
agents: [{{name: a, count: 8}}]
"""
PEAK = "{profile: {interval: 1h, calls: [60, 60, 60, 200, 60, 60]}}"
PICKED = ("The busiest interval", "The lowest service level")


def points(seed: int, arrivals: str) -> list[str]:
    told = FLAT.format(seed=seed, arrivals=arrivals)
    run = sim.run(sim.loads(told), engine="simpy", intervals=True)
    return list(book_of(open_result(run)).points)


def test_a_stationary_day_has_no_busiest_interval() -> None:
    """At constant rate nothing is said of any interval. Each of the sentences appears on at most
    5 % of such days; seeds are fixed, so that this day is one of the others."""
    for seed in (1, 2, 3):
        assert not [p for p in points(seed, "{rate: 100/h}") if p.startswith(PICKED)]


def test_a_peak_is_told() -> None:
    """An hour with three times the calls is the busiest and has the lowest service level."""
    told = [p for p in points(1, PEAK) if p.startswith(PICKED)]
    assert len(told) == 2 and all("3:00 to 3:30" in p or "3:30 to 4:00" in p for p in told)


def test_the_interval_is_widened_by_the_number_that_were_looked_at() -> None:
    """Ten replications: t(9) is 2.2622 at an error rate of 0.05, 3.6897 at 0.05 / 10."""
    document = {"replications": 10, "confidence": 0.95}
    estimate = {"value": 1.0, "low": 0.9, "high": 1.1, "half_width": 0.1}
    just = 0.1 * 3.6897 / 2.2622
    assert stands_out(estimate, 1.101, 1, document)
    assert not stands_out(estimate, 1.0 + just - 1e-4, 10, document)
    assert stands_out(estimate, 1.0 + just + 1e-4, 10, document)
    assert not stands_out({"value": 1.0, "low": None, "high": None}, 9.0, 1, document)
    assert not stands_out(estimate, None, 1, document)
