"""The N design with its line counted, against the chain that names every call in order."""

import pytest

from sim.theory.erlang import erlang_a
from sim.theory.n_design import n_design
from sim.theory.tag_systems import TagPool, TagQueue, tag_system


def assert_same(one, other, rel):
    """The same measures of both queues and groups."""
    for mine, theirs in zip(one.queues, other.queues, strict=True):
        for name in ("delayed", "abandonment", "queue_length_mean", "wait_mean_s", "served_by"):
            assert getattr(mine, name) == pytest.approx(getattr(theirs, name), rel=rel), name
    assert one.occupancy == pytest.approx(other.occupancy, rel=rel)


@pytest.mark.parametrize("n", [(1, 1), (2, 1), (1, 2)])
def test_counting_is_naming(n):
    """Unequal services by queue and group. Rooms of 4 turn away less than the tolerance."""
    rates, means, patience = (0.012, 0.008), (30.0, 45.0, 70.0), 8.0
    queues = [TagQueue(rates[0], means[0], 4, patience), TagQueue(rates[1], means[2], 4, patience)]
    pools = [TagPool(n[0], (0,)), TagPool(n[1], (0, 1), ((0, means[1]),))]
    named = tag_system(queues, pools, "fifo")
    assert max(q.blocked_share for q in named.queues) < 1e-6
    assert_same(n_design(rates, *n, means, patience), named, 1e-5)


def test_without_agents_for_one_it_is_one_queue():
    """All agents serve both: Erlang A, each queue with its share."""
    both = n_design((0.06, 0.04), 0, 4, (50.0, 50.0, 50.0), 60.0)
    exact = erlang_a(0.1, 50.0, 4, 60.0)
    for queue in both.queues:
        assert queue.abandonment == pytest.approx(exact.abandonment, rel=1e-9)
        assert queue.delayed == pytest.approx(exact.delayed, rel=1e-9)
    assert both.occupancy == (0.0, pytest.approx(exact.occupancy, rel=1e-9))


def test_flows_at_full_size():
    """Six and four agents under load: each queue's answered calls keep its agents busy."""
    rates, means = (0.1, 0.05), (60.0, 75.0, 90.0)
    system = n_design(rates, 6, 4, means, 120.0)
    a, b = system.queues
    answered = rates[0] * (1.0 - a.abandonment), rates[1] * (1.0 - b.abandonment)
    busy = (
        answered[0] * a.served_by[0] * means[0],
        answered[0] * a.served_by[1] * means[1] + answered[1] * means[2],
    )
    assert system.occupancy == pytest.approx((busy[0] / 6, busy[1] / 4), rel=1e-9)
    assert b.served_by == (0.0, 1.0)
    assert b.abandonment > a.abandonment > 0.001


@pytest.mark.parametrize(
    "change",
    [{"rates_per_s": (0.0, 1.0)}, {"n_a_only": -1}, {"n_both": 0}, {"patience_mean_s": 0.0},
     {"service_means_s": (1.0, 1.0, 0.0)}],
)  # fmt: skip
def test_bad_designs_are_value_errors(change):
    """Invalid numbers, and a queue that nobody serves."""
    given = {
        "rates_per_s": (0.1, 0.1), "n_a_only": 2, "n_both": 2,
        "service_means_s": (10.0, 10.0, 10.0), "patience_mean_s": 20.0,
    }  # fmt: skip
    with pytest.raises(ValueError):
        n_design(**(given | change))
