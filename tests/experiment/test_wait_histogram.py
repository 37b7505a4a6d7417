"""The histogram of waits in the result document: calls that timed out lie at the timeout."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.report.figures import draw

CROWDED = """
horizon: 4h
replications: 2
queues:
  - {{name: q, arrivals: {{rate: 2/min}}, service_time: {{distribution: exponential, mean: 4min}},
     wait_timeout: {timeout}}}
agents: [{{name: a, count: 5}}]
"""


@pytest.mark.parametrize("timeout", ["60s", "47.3s", "10min"])
def test_no_call_lies_beyond_a_hard_timeout(timeout: str) -> None:
    """Every call is counted, none above the timeout, and those that timed out are in the last
    bin, which is one fine bin wide (at most 0.4 % of 1 s + wait) but for rounding."""
    result = sim.run(sim.loads(CROWDED.format(timeout=timeout)), engine="simpy")
    counts = result.document["total"]["counts"]
    for row in result.document["waits"]:
        edges, calls = row["edges_s"], row["calls"]
        assert sum(calls) == counts["serviced"] + counts["abandoned"]
        assert edges[-1] == row["wait_timeout_s"]
        assert edges[-1] - edges[-2] <= 2 * 0.004 * (1.0 + edges[-1])
        assert calls[-1] >= counts["abandoned"] > 0
        assert np.all(np.diff(edges) > 0)


def test_the_figure_drops_at_the_timeout() -> None:
    """The share that waits longer is 0 from the timeout on, and just before it that of the calls
    that timed out or were answered within the fine bin there."""
    result = sim.run(sim.loads(CROWDED.format(timeout="60s")), engine="simpy")
    _, lower = draw("waits", result).axes
    at, share = lower.lines[0].get_data()
    row = result.document["total"]["counts"]
    ended = row["serviced"] + row["abandoned"]
    assert (at[-1], share[-1]) == (60.0, pytest.approx(0.0, abs=1e-12))
    assert at[-2] > 59.5 and share[-2] >= row["abandoned"] / ended


def test_queues_with_different_timeouts_each_drop_at_their_own() -> None:
    """In all queues together every timeout is an edge."""
    told = CROWDED.format(timeout="60s").replace(
        "agents:",
        "  - {name: r, arrivals: {rate: 2/min}, service_time: 4min, wait_timeout: 90s}\nagents:",
    )
    document = sim.run(sim.loads(told), engine="simpy").document
    edges = document["waits"][-1]["edges_s"]
    assert {60.0, 90.0} <= set(edges)
    assert sum(document["waits"][-1]["calls"]) == sum(
        document["total"]["counts"][kind] for kind in ("serviced", "abandoned")
    )
