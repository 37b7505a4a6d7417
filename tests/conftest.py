"""The compiled engine is compiled once, before the tests are shared out among processes."""

from __future__ import annotations

import pytest

ONE_CALL = """
horizon: 10s
replications: 1
queues: [{name: q, arrivals: {at: [1s]}, service_time: 1s}]
agents: [{name: a, breaks: [{at: 5s, length: 1s}]}]
"""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Run one call through each variant of the compiled engine not compiled before."""
    from sim.engine.kernel.loop import NAMES
    from sim.jit import is_compiled

    if all(is_compiled("loop", name) for name in NAMES):
        return
    from dataclasses import replace

    from sim.experiment.run import run
    from sim.scenario.load import loads_scenario

    scenario = loads_scenario(ONE_CALL)
    run(scenario, engine="compiled", log=True)
    plain = replace(scenario, agents=(replace(scenario.agents[0], breaks=()),))
    run(plain, engine="compiled", log=True)
    run(plain, engine="compiled")
