"""The engine against the solved Markov chain of two queues, specialists and generalists.

Every comparison: error rate 1e-3 two-sided, fixed seeds; 16 to 18 comparisons per test.
"""

from __future__ import annotations

import pytest

from sim.scenario.distributions import Exponential
from sim.scenario.model import AgentGroup, Discipline
from sim.theory.tag_systems import TagQueue, two_queue_tag_system
from tests.theory.steady import Effort, queue, steady

CLASSES = {
    "a": TagQueue(1 / 30.0, 70.0, 1, patience_mean_s=60.0),
    "b": TagQueue(1 / 25.0, 50.0, 2, patience_mean_s=90.0),
}
DISCIPLINES = {
    "fifo": Discipline.FIFO,
    "lifo": Discipline.LIFO,
    "random": Discipline.RANDOM,
    "priority": Discipline.FIFO,
}


@pytest.mark.parametrize("order", DISCIPLINES)
def test_two_queues_and_three_groups(order: str, effort: Effort) -> None:
    """Claim: blocking, delay, abandonment, waits, lengths, who serves whom and occupancies are
    those of the chain, for each order of service across queues."""
    exact = two_queue_tag_system(CLASSES["a"], CLASSES["b"], 1, 1, 2, order)  # type: ignore[arg-type]
    queues = [
        queue(
            name,
            c.arrival_rate_per_s,
            c.service_mean_s,
            tags=(name,),
            max_waiting=c.max_waiting,
            patience=Exponential(scale_s=c.patience_mean_s),
            discipline=DISCIPLINES[order],
            priority=1 if order == "priority" and name == "a" else 0,
        )
        for name, c in CLASSES.items()
    ]
    groups = [
        AgentGroup(name="only a", tags=("a",)),
        AgentGroup(name="only b", tags=("b",)),
        AgentGroup(name="both", count=2, tags=("a", "b")),
    ]
    ran = steady(queues, groups, 80_000, effort)
    for q, its in enumerate(exact.queues):
        ran.expect("blocked_share", its.blocked_share, 0.08, q=q)
        ran.expect("delayed", its.delayed, 0.03, q=q)
        ran.expect("abandonment", its.abandonment, 0.07, q=q)
        ran.expect("wait_mean_s", its.wait_mean_s, 0.05, q=q)
        ran.expect("queue_length_mean", its.queue_length_mean, 0.05, q=q)
        for group in (q, 2):
            ran.expect("served_by", its.served_by[group], 0.03, q=q, group=group)
        assert its.served_by[1 - q] == 0.0
        assert not ran.result.served[:, q, 1 - q].any()
    for group, occupancy in enumerate(exact.occupancy):
        ran.expect("occupancy", occupancy, 0.02, group=group)
