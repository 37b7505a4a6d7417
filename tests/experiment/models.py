"""M/M/n+M queues whose exact answers are known, as scenarios."""

from __future__ import annotations

from sim.scenario.distributions import Exponential
from sim.scenario.model import AgentGroup, PoissonArrivals, Queue, Scenario, Target

RATE, SERVICE_S, PATIENCE_S = 0.05, 180.0, 180.0


def erlang_a_scenario(n_agents: int, **fields: object) -> Scenario:
    """Nine erlangs of calls for ten agents or so, in a window after an hour's warm-up."""
    queue = Queue(
        "support",
        PoissonArrivals(RATE),
        Exponential(scale_s=SERVICE_S),
        patience=Exponential(scale_s=PATIENCE_S),
    )
    fields = {"horizon_s": 18000.0, "warmup_s": 3600.0, "replications": 10} | fields
    agents = (AgentGroup("team", count=n_agents),)
    return Scenario(name="erlang a", queues=(queue,), agents=agents, **fields)  # type: ignore[arg-type]


def target(text: str, subject: str, metric: str, operator: str, value: float) -> Target:
    """A target on a queue or `total`."""
    return Target(text, subject, metric, operator, value)
