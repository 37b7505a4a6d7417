"""The three models that every program runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

from sim.scenario.distributions import Exponential
from sim.scenario.model import AgentGroup, Discipline, PoissonArrivals, Queue, Scenario

RATE_PER_S = 9.5 / 60
SERVICE_MEAN_S = 300.0
TIMEOUT_S = 100.0
N_AGENTS = 50


@dataclass(frozen=True, slots=True)
class Model:
    """Poisson arrivals, exponential service, callers who leave after `timeout_s` of waiting.

    A queue is its rate and its tags, an agent their tags, as sets of small numbers; an agent
    with all of a queue's tags may take its calls.
    """

    name: str
    queues: tuple[tuple[float, frozenset[int]], ...]
    agents: tuple[frozenset[int], ...]
    service_mean_s: float = SERVICE_MEAN_S
    timeout_s: float = TIMEOUT_S
    newest_first: bool = False

    @property
    def rate_per_s(self) -> float:
        """Calls per second of all queues together."""
        return sum(rate for rate, _ in self.queues)

    def horizon_s(self, calls: int) -> float:
        """How long about `calls` calls take to arrive."""
        return calls / self.rate_per_s

    def scenario(self, calls: int, seed: int = 1) -> Scenario:
        """As a scenario of one replication with about `calls` calls."""
        discipline = Discipline.LIFO if self.newest_first else Discipline.FIFO
        queues = tuple(
            Queue(
                name=f"queue {i}",
                arrivals=PoissonArrivals(rate),
                service_time=Exponential(scale_s=self.service_mean_s),
                tags=_names(tags),
                discipline=discipline,
                wait_timeout_s=self.timeout_s,
            )
            for i, (rate, tags) in enumerate(self.queues)
        )
        groups = tuple(
            AgentGroup(f"group {i}", count, tags=_names(tags))
            for i, (tags, count) in enumerate(Counter(self.agents).items())
        )
        return Scenario(
            name=self.name,
            horizon_s=self.horizon_s(calls),
            queues=queues,
            agents=groups,
            replications=1,
            seed=seed,
        )


def _names(tags: frozenset[int]) -> tuple[str, ...]:
    return tuple(f"tag{tag}" for tag in sorted(tags))


def one_queue(
    *,
    agents: int = N_AGENTS,
    load: float = RATE_PER_S * SERVICE_MEAN_S / N_AGENTS,
    timeout_s: float = TIMEOUT_S,
    queues: int = 1,
) -> Model:
    """M/M/n with a timeout; its calls may come by several queues that all agents match."""
    rate = load * agents / SERVICE_MEAN_S / queues
    return Model(
        name=f"M/M/{agents} + {timeout_s:g} s",
        queues=((rate, frozenset()),) * queues,
        agents=(frozenset(),) * agents,
        timeout_s=timeout_s,
    )


def four_queues(*, newest_first: bool) -> Model:
    """Four queues of a tag each; every agent has two of the four tags, all pairs in turn."""
    pairs = [frozenset(pair) for pair in combinations(range(4), 2)]
    return Model(
        name=f"four queues, {'newest' if newest_first else 'longest waiting'} first",
        queues=tuple((RATE_PER_S / 4, frozenset({tag})) for tag in range(4)),
        agents=tuple(pairs[i % len(pairs)] for i in range(N_AGENTS)),
        newest_first=newest_first,
    )


MODELS = (one_queue(), four_queues(newest_first=False), four_queues(newest_first=True))
