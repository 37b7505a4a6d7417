"""A long simulation against an exact value: the band is the simulation's own.

Each comparison is two-sided with an error rate of 1e-3 (Student's t over replications, ratios
by the delta method), seeds are fixed, and the band must be narrow or the test says nothing.

Two controls make it narrow, of known mean 0 in each replication: the calls offered less their
expectation, and, per queue, the service times of the calls served less theirs (a call is served
whatever its service time will be). The regression on them costs degrees of freedom (Lavenberg and
Welch, "A perspective on the use of control variables", Management Science 27, 1981).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from sim.experiment.result import Result
from sim.experiment.run import run
from sim.scenario.distributions import Distribution, Exponential
from sim.scenario.model import AgentGroup, PoissonArrivals, Queue, Scenario
from sim.sums import AgentTotal, Count, Total

ERROR_RATE = 1e-3
REPLICATIONS = 40
ABANDONED = [
    Count.ABANDONED_TIMEOUT,
    Count.ABANDONED_HANGUP,
    Count.ABANDONED_ANNOUNCEMENT,
    Count.ABANDONED_FLOW,
]
Floats = np.ndarray


@dataclass(frozen=True)
class Effort:
    """Which engine, and how many times as many calls; bands fall with the square root."""

    engine: str
    length: int


def queue(name: str, rate_per_s: float, service: Distribution | float, **more: object) -> Queue:
    """A queue with Poisson arrivals; a number as service time is an exponential's mean."""
    if not isinstance(service, Distribution):
        service = Exponential(scale_s=service)
    return Queue(name=name, arrivals=PoissonArrivals(rate_per_s), service_time=service, **more)


def steady(
    queues: list[Queue], agents: list[AgentGroup], calls: int, effort: Effort, seed: int = 1
) -> Steady:
    """Simulate about `calls * effort.length` calls in all, a further tenth as warm-up."""
    rate = sum(q.arrivals.rate_per_s for q in queues)
    window = calls * effort.length / rate / REPLICATIONS
    scenario = Scenario(
        name="steady",
        horizon_s=1.1 * window,
        warmup_s=0.1 * window,
        queues=tuple(queues),
        agents=tuple(agents),
        replications=REPLICATIONS,
        seed=seed,
    )
    return Steady(run(scenario, engine=effort.engine), effort)


@dataclass
class Steady:
    """A result, and comparisons with exact values."""

    result: Result
    effort: Effort

    def expect(self, metric: str, exact: float, half: float, *, q: int = 0, group: int = 0) -> None:
        """The exact value lies in the band, whose half-width is at most the share `half`.

        `half` is for a length of 1 and falls with the square root of the length.
        """
        half /= math.sqrt(self.effort.length)
        numerator, denominator = self.terms(metric, q, group)
        plain = numerator.mean() / denominator.mean()
        influence = (numerator - plain * denominator) / denominator.mean()
        n = influence.size
        design = np.column_stack([np.ones(n), *self.controls()])
        normal = np.linalg.inv(design.T @ design)
        fitted = normal @ (design.T @ influence)
        value = plain + fitted[0]
        rest = influence - design @ fitted
        degrees = n - design.shape[1]
        error = math.sqrt(float(rest @ rest) / degrees * normal[0, 0])
        width = float(stats.t.ppf(1 - ERROR_RATE / 2, degrees)) * error
        told = f"{metric} {value:.6g} +- {width:.2g} ({width / exact:.2%}), exact {exact:.6g}"
        print(told)
        assert abs(value - exact) <= width, told
        assert width <= half * exact, told

    def controls(self) -> list[Floats]:
        """Per replication, scaled: offered calls and talk, less their expectations."""
        r = self.result
        span = r.scenario.horizon_s - r.scenario.warmup_s
        found = []
        for q, its in enumerate(r.scenario.queues):
            counts = r.counts[:, q].astype(float)
            offered = counts[:, Count.BLOCKED] + counts[:, Count.INCOMING]
            found.append(offered / (its.arrivals.rate_per_s * span) - 1.0)
            if its.service_time.variance_s2 > 0.0:
                done = counts[:, Count.DONE]
                mean = its.service_time.mean_s
                found.append((r.totals[:, q, Total.SERVICE] - mean * done) / (mean * done.mean()))
        return found

    def terms(self, metric: str, q: int, group: int) -> tuple[Floats, Floats]:
        """Numerator and denominator of a metric, per replication."""
        r = self.result
        counts, totals = r.counts[:, q].astype(float), r.totals[:, q]
        lost = counts[:, ABANDONED].sum(axis=1)
        ended = counts[:, Count.SERVICED] + lost
        span = r.scenario.horizon_s - r.scenario.warmup_s
        one = np.ones(len(counts))
        waits = totals[:, Total.WAIT_ANSWERED] + totals[:, Total.WAIT_ABANDONED]
        crew = r.scenario.agents[group].count * span * one
        return {
            "abandonment": (lost, ended),
            "delayed": (ended - counts[:, Count.ANSWERED_AT_ONCE], ended),
            "service_level": (counts[:, Count.ANSWERED_IN_THRESHOLD], ended),
            "wait_mean_s": (waits, ended),
            "wait_second_s2": (totals[:, Total.WAIT_SQUARED], ended),
            "asa_s": (totals[:, Total.WAIT_ANSWERED], counts[:, Count.SERVICED]),
            "abandon_wait_mean_s": (totals[:, Total.WAIT_ABANDONED], lost),
            "queue_length_mean": (totals[:, Total.QUEUE_TIME], span * one),
            "blocked_share": (
                counts[:, Count.BLOCKED],
                counts[:, Count.BLOCKED] + counts[:, Count.INCOMING],
            ),
            "occupancy": (r.agents[:, group, AgentTotal.SERVICE], crew),
            "served_by": (r.served[:, q, group].astype(float), counts[:, Count.SERVICED]),
        }[metric]
