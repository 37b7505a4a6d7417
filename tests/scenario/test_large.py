"""Large and hostile documents are answered in a few seconds, whatever is wrong with them."""

from __future__ import annotations

import time

import pytest

from sim.scenario.errors import ScenarioError
from sim.scenario.lint import lint
from sim.scenario.load import loads_scenario

QUEUE = "  - {name: a, arrivals: {rate: 1/min}, service_time: 3min}\n"
HEAD = "horizon: 8h\nqueues:\n" + QUEUE


def inline(i: int, more: str = "") -> str:
    return f"  - {{name: q{i}, arrivals: {{rate: 1/min}}, service_time: 3min{more}}}\n"


TEXTS = {
    "agents": HEAD
    + "agents:\n"
    + "".join(f"  - {{name: a{i}, tags: [t{i}]}}\n" for i in range(12_000)),
    "bad-agents": HEAD
    + "agents:\n"
    + "".join(f"  - {{name: a{i}, count: x}}\n" for i in range(15_000)),
    "unknown-keys": HEAD + "agents: []\n" + "".join(f"horizo{i}: 1\n" for i in range(30_000)),
    "unknown-flows": "horizon: 8h\nagents: []\nflows:\n"
    + "".join(f"  - {{name: f{i}, actions: [beep]}}\n" for i in range(2000))
    + "queues:\n"
    + "".join(inline(i, f", wait_flow: g{i}") for i in range(2000)),
    "inline-flows": "horizon: 8h\nagents: []\nqueues:\n"
    + "".join(inline(i, ", wait_flow: [beep]") for i in range(5000)),
    "tags": HEAD.replace(
        "name: a", "name: a, tags: [" + ", ".join(f"t{i}" for i in range(80_000)) + "]"
    )
    + "agents: []\n",
    "targets": HEAD + "agents: []\nexpect: [" + "x.y >= 1, " * 20_000 + "x]\n",
    "long-target": HEAD + "agents: []\nexpect: ['" + " " * 90_000 + "']\n",
    "breaks": HEAD
    + "agents: []\nflows: [{name: f, actions: [{talk: '<break"
    + " time=1s" * 10_000
    + "'}]}]\n",
    "long-number": HEAD + "agents: []\nwarmup: '" + "1" * 90_000 + "'\n",
    "long-duration": HEAD + "agents: []\nwarmup: '" + "1h" * 40_000 + "'\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_in_time(name: str) -> None:
    """Loading and linting ends soon, with a scenario or with errors that can be shown."""
    begun = time.perf_counter()
    try:
        lint(loads_scenario(TEXTS[name]))
    except ScenarioError as error:
        assert len(error.render()) < 100_000
    assert time.perf_counter() - begun < 8
