"""The compiled engine is compiled once, before the tests are shared out among processes."""

from __future__ import annotations

import pytest

ONE_CALL = """
horizon: 10s
replications: 1
queues: [{name: q, arrivals: {at: [1s]}, service_time: 1s}]
agents: [{name: a}]
"""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Run one call through the compiled engine where that was not done before."""
    from sim.jit import is_compiled

    if not is_compiled():
        from sim.experiment.run import run
        from sim.scenario.load import loads_scenario

        run(loads_scenario(ONE_CALL), engine="compiled")
