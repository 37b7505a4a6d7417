"""Every metric's formula, over the sums of replications.

S answered, L abandoned, both of calls that joined after the warm-up and whose wait has ended;
S_T, L_T those with a wait of at most the threshold T; L_h abandoned with a wait of at most
`short_abandon`. Overflowed calls are in none of the ratios.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.metrics.estimates import (
    UNKNOWN,
    Estimate,
    estimate,
    product_of_ratios,
    ratio,
    sectioned,
    share,
    standard_deviation,
)
from sim.metrics.waits import PERCENTILES
from sim.scenario.model import ServiceLevelFormula
from sim.sums import AgentTotal, Count, Total

Floats = NDArray[np.float64]

HOUR_S = 3600.0

BUSY = [AgentTotal.CONNECTING, AgentTotal.SERVICE, AgentTotal.WRAP_UP, AgentTotal.RINGING]
"""What an agent is occupied with."""

ABANDONED = (
    Count.ABANDONED_TIMEOUT,
    Count.ABANDONED_HANGUP,
    Count.ABANDONED_ANNOUNCEMENT,
    Count.ABANDONED_FLOW,
)


@dataclass(frozen=True, slots=True)
class QueueSample:
    """One queue (or all), one row per replication.

    `counts` (replications, Count), `totals` (replications, Total), `span_s` the seconds that
    clock averages are taken over.
    """

    counts: NDArray[np.int64]
    totals: Floats
    span_s: float

    def count(self, *kinds: Count) -> Floats:
        """The calls of these kinds together, per replication."""
        return np.asarray(self.counts[:, list(kinds)].sum(axis=1), np.float64)

    def total(self, kind: Total) -> Floats:
        return self.totals[:, kind]


def service_levels(sample: QueueSample) -> dict[str, Estimate]:
    """The service level by each of the six formulas, by name."""
    s, l_ = sample.count(Count.SERVICED), sample.count(*ABANDONED)
    s_t = sample.count(Count.ANSWERED_IN_THRESHOLD)
    l_t = sample.count(Count.ABANDONED_IN_THRESHOLD)
    l_h = sample.count(Count.ABANDONED_SHORT)
    formulas = {
        ServiceLevelFormula.ANSWERED_OF_INCOMING: (s_t, s + l_),
        ServiceLevelFormula.EXCLUDING_QUICK_ABANDONS: (s_t, s + l_ - l_t),
        ServiceLevelFormula.QUICK_ABANDONS_AS_MET: (s_t + l_t, s + l_),
        ServiceLevelFormula.ANSWERED_OF_ANSWERED: (s_t, s),
        ServiceLevelFormula.SHORT_ABANDONS_AS_MET: (s_t + l_h, s + l_),
        ServiceLevelFormula.EXCLUDING_SHORT_ABANDONS: (s_t, s + l_ - l_h),
    }
    return {str(name): share(*terms) for name, terms in formulas.items()}


def queue_measures(sample: QueueSample, formula: ServiceLevelFormula) -> dict[str, Estimate]:
    """The metrics of a queue that are functions of its counts and totals, by name."""
    s, l_ = sample.count(Count.SERVICED), sample.count(*ABANDONED)
    ended, done = s + l_, sample.count(Count.DONE)
    incoming = sample.count(Count.INCOMING)
    blocked = sample.count(Count.BLOCKED)
    wait_answered = sample.total(Total.WAIT_ANSWERED)
    wait_abandoned = sample.total(Total.WAIT_ABANDONED)
    handle = sample.total(Total.HANDLE)
    span = np.full(ended.size, sample.span_s)
    first_l = sample.count(Count.ABANDONED_FIRST_ATTEMPT)
    return {
        "abandonment": share(l_, ended),
        "service_level": service_levels(sample)[str(formula)],
        "asa_s": ratio(wait_answered, s),
        "wait_mean_s": ratio(wait_answered + wait_abandoned, ended),
        "wait_sd_s": standard_deviation(
            ended, wait_answered + wait_abandoned, sample.total(Total.WAIT_SQUARED)
        ),
        "abandon_wait_mean_s": ratio(wait_abandoned, l_),
        "delayed": share(ended - sample.count(Count.ANSWERED_AT_ONCE), ended),
        "queue_length_mean": ratio(sample.total(Total.QUEUE_TIME), span),
        "service_mean_s": ratio(sample.total(Total.SERVICE), done),
        "handle_time_mean_s": ratio(handle, done),
        "offered_load_erlangs": product_of_ratios((incoming + blocked, handle), (span, done)),
        "blocked_share": share(blocked, incoming + blocked),
        "retry_share": share(sample.count(Count.RETRIES), incoming),
        "first_attempt_abandonment": share(
            first_l, first_l + sample.count(Count.SERVICED_FIRST_ATTEMPT)
        ),
    }


def offered_mean(sample: QueueSample) -> Estimate:
    """Offered calls per replication: the mean, with what days differ by."""
    return _mean(sample.count(Count.INCOMING, Count.BLOCKED))


def wait_percentiles(pooled: dict[str, float], sections: dict[str, Floats]) -> dict[str, Estimate]:
    """Percentiles of all replications pooled, their intervals by sectioning."""
    return {name: sectioned(pooled[name], sections[name]) for name in PERCENTILES}


def maximum(values: Floats) -> Estimate:
    """The greatest value of all replications. It grows with their number: no interval."""
    return Estimate(float(np.max(values)))


def agent_measures(
    sums: Floats, answered: Floats, scheduled: int, cost_per_hour: float | None
) -> dict[str, Estimate]:
    """The metrics of an agent group.

    `sums` (replications, AgentTotal), `answered` calls per replication, `scheduled` the group's
    agents, `cost_per_hour` of one of them. Time on shift is that of each replication (without
    the days of absence), with overtime added to it.
    """
    service = sums[:, AgentTotal.SERVICE]
    busy = sums[:, BUSY].sum(axis=1)
    overtime = sums[:, AgentTotal.OVERTIME]
    present = sums[:, AgentTotal.ON_SHIFT] + overtime
    agents = np.full(answered.size, float(scheduled))
    cost = UNKNOWN if cost_per_hour is None else _mean(present / HOUR_S * cost_per_hour)
    return {
        "occupancy": share(busy, present),
        "utilisation": share(service, present),
        "calls_per_agent": ratio(answered, agents),
        "overtime_s": _mean(overtime),
        "cost": cost,
    }


def _mean(values: Floats) -> Estimate:
    """The mean over replications of something that cannot be negative."""
    mean = float(np.mean(values))
    return estimate(mean, values - mean, least=0.0)


def clock_mean(seconds: Floats, span_s: float) -> Estimate:
    """How many there were on average: seconds of all of them within `span_s` seconds."""
    return ratio(seconds, np.full(seconds.size, span_s))
