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


def wait_percentiles(pooled: dict[str, float], sections: dict[str, Floats]) -> dict[str, Estimate]:
    """Percentiles of all replications pooled, their intervals by sectioning."""
    return {name: sectioned(pooled[name], sections[name]) for name in PERCENTILES}


def maximum(values: Floats) -> Estimate:
    """The greatest value of all replications. It grows with their number: no interval."""
    return Estimate(float(np.max(values)))


def agent_measures(
    sums: Floats, answered: Floats, scheduled: int, on_shift_s: float
) -> dict[str, Estimate]:
    """The metrics of an agent group.

    `sums` (replications, AgentTotal), `answered` calls per replication, `on_shift_s` the
    scheduled seconds of all its agents within the window; overtime is added to it.
    """
    service = sums[:, AgentTotal.SERVICE]
    busy = sums[:, AgentTotal.CONNECTING] + service + sums[:, AgentTotal.WRAP_UP]
    overtime = sums[:, AgentTotal.OVERTIME]
    present = on_shift_s + overtime
    agents = np.full(answered.size, float(scheduled))
    mean_overtime = float(np.mean(overtime))
    return {
        "occupancy": share(busy, present),
        "utilisation": share(service, present),
        "calls_per_agent": ratio(answered, agents),
        "overtime_s": estimate(mean_overtime, overtime - mean_overtime, least=0.0),
    }
