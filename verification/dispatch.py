"""Ways of handing out calls, measured on the same callers and compared call for call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.experiment.result import Result
from sim.experiment.run import run
from sim.logs import CallLog, Outcome
from sim.metrics.estimates import Estimate, estimate
from sim.metrics.measures import ABANDONED
from sim.scenario.load import load_scenario
from sim.sums import Count, Total

SCENARIO = Path(__file__).parent.parent / "scenarios" / "platform.yaml"
REPLICATIONS = 100

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Measured:
    """A value with the influence of each replication on it, shape (replications,)."""

    value: float
    influence: Floats

    def __sub__(self, other: Measured) -> Measured:
        """The difference on the same callers: replication r of one with r of the other."""
        return Measured(self.value - other.value, self.influence - other.influence)

    @property
    def estimate(self) -> Estimate:
        """With its 95 % confidence interval."""
        return estimate(self.value, self.influence)


Measures = dict[str, Measured]


@dataclass(frozen=True, slots=True)
class Way:
    """A way of handing out calls: what the table calls it, and what is set in the scenario."""

    name: str
    settings: tuple[str, ...]


def measure(ways: Iterable[Way], replications: int = REPLICATIONS) -> dict[str, Measures]:
    """The measures of all queues together for each way, by its name, on the same callers."""
    found = {}
    for way in ways:
        scenario = load_scenario(SCENARIO, [*way.settings, f"replications={replications}"])
        found[way.name] = measures(run(scenario, log=True))
    return found


def measures(result: Result) -> Measures:
    """ASA, percentiles of the wait, service level, losses by cause, and order of service.

    `overtaken` is the share of callers who were waiting when a later caller of their own queue
    was given an agent. Needs a result with its call logs.
    """
    counts = result.counts.sum(axis=1)
    answered = counts[:, Count.SERVICED]
    ended = answered + counts[:, list(ABANDONED)].sum(axis=1)
    waits = result.totals.sum(axis=1)[:, Total.WAIT_ANSWERED]
    assert result.logs is not None
    late = np.array([n_overtaken(log) for log in result.logs])
    n = len(result.scenario.queues)
    pooled = result.estimates(slice(0, n + 1), n)
    percentiles = {name: pooled[name].value for name in ("wait_p90_s", "wait_p99_s")}
    return {
        "asa_s": _ratio(waits, answered),
        **{
            name: _sectioned(value, result.sections[n][name]) for name, value in percentiles.items()
        },
        "service_level": _ratio(counts[:, Count.ANSWERED_IN_THRESHOLD], ended),
        "abandonment": _ratio(ended - answered, ended),
        "hangup": _ratio(counts[:, Count.ABANDONED_HANGUP], ended),
        "timeout": _ratio(counts[:, Count.ABANDONED_TIMEOUT], ended),
        "flow": _ratio(counts[:, Count.ABANDONED_FLOW], ended),
        "overtaken": _ratio(late, ended),
    }


def n_overtaken(log: CallLog) -> int:
    """How many calls still waited when a later call of their queue was given an agent.

    For scenarios without ringing, where a call is given an agent once.
    """
    found = 0
    for queue in np.unique(log.queue).tolist():
        rows = np.flatnonzero((log.queue == queue) & (log.outcome != Outcome.BLOCKED))
        rows = rows[np.argsort(log.arrival[rows], kind="stable")]
        routed = np.where(np.isnan(log.routed[rows]), np.inf, log.routed[rows])
        until = np.fmin(routed, log.leave[rows])
        first_later = np.minimum.accumulate(routed[::-1])[::-1][1:]
        found += int(np.sum(first_later < until[:-1]))
    return found


def _ratio(numerator: NDArray[np.generic], denominator: NDArray[np.generic]) -> Measured:
    """A ratio of means over replications, by the delta method (see sim.metrics.estimates)."""
    above, below = numerator.astype(np.float64), denominator.astype(np.float64)
    value = float(above.mean() / below.mean())
    return Measured(value, (above - value * below) / below.mean())


def _sectioned(pooled: float | None, sections: Floats) -> Measured:
    """A percentile of all replications, its influence by sectioning."""
    assert pooled is not None
    return Measured(pooled, sections - sections.mean())
