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
Terms = tuple[Floats, Floats]
"""Numerators and denominators of a ratio, one each per replication."""

HOUR_S = 3600.0

BUSY = [AgentTotal.CONNECTING, AgentTotal.SERVICE, AgentTotal.WRAP_UP, AgentTotal.RINGING]
"""What an agent is occupied with."""

ABANDONED = (
    Count.ABANDONED_TIMEOUT,
    Count.ABANDONED_HANGUP,
    Count.ABANDONED_ANNOUNCEMENT,
    Count.ABANDONED_FLOW,
)

PER_REPLICATION = ("calls_per_agent", "overtime_s", "cost")
"""The metrics of agents that are sums over a replication."""


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
    return {name: share(*terms) for name, terms in service_level_terms(sample).items()}


def service_level_terms(sample: QueueSample) -> dict[str, Terms]:
    """Numerator and denominator of each of the six formulas, by name."""
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
    return {str(name): terms for name, terms in formulas.items()}


SHARES = (
    "abandonment",
    "service_level",
    "delayed",
    "blocked_share",
    "retry_share",
    "first_attempt_abandonment",
    "occupancy",
    "utilisation",
)
"""Ratios that lie between 0 and 1."""


def queue_terms(sample: QueueSample, formula: ServiceLevelFormula) -> dict[str, Terms]:
    """Numerator and denominator of each metric of a queue that is a ratio of sums, by name."""
    s, l_ = sample.count(Count.SERVICED), sample.count(*ABANDONED)
    ended, done = s + l_, sample.count(Count.DONE)
    incoming, blocked = sample.count(Count.INCOMING), sample.count(Count.BLOCKED)
    wait_answered = sample.total(Total.WAIT_ANSWERED)
    wait_abandoned = sample.total(Total.WAIT_ABANDONED)
    first_l = sample.count(Count.ABANDONED_FIRST_ATTEMPT)
    return {
        "abandonment": (l_, ended),
        "service_level": service_level_terms(sample)[str(formula)],
        "asa_s": (wait_answered, s),
        "wait_mean_s": (wait_answered + wait_abandoned, ended),
        "abandon_wait_mean_s": (wait_abandoned, l_),
        "delayed": (ended - sample.count(Count.ANSWERED_AT_ONCE), ended),
        "queue_length_mean": (sample.total(Total.QUEUE_TIME), np.full(s.size, sample.span_s)),
        "service_mean_s": (sample.total(Total.SERVICE), done),
        "handle_time_mean_s": (sample.total(Total.HANDLE), done),
        "blocked_share": (blocked, incoming + blocked),
        "retry_share": (sample.count(Count.RETRIES), incoming),
        "first_attempt_abandonment": (
            first_l,
            first_l + sample.count(Count.SERVICED_FIRST_ATTEMPT),
        ),
    }


def queue_measures(sample: QueueSample, formula: ServiceLevelFormula) -> dict[str, Estimate]:
    """The metrics of a queue that are functions of its counts and totals, by name."""
    terms = queue_terms(sample, formula)
    wait, ended = terms["wait_mean_s"]
    handle, done = terms["handle_time_mean_s"]
    span, offered = terms["queue_length_mean"][1], terms["blocked_share"][1]
    found = {name: ratio_named(name, *each) for name, each in terms.items()}
    found["wait_sd_s"] = standard_deviation(ended, wait, sample.total(Total.WAIT_SQUARED))
    found["offered_load_erlangs"] = product_of_ratios((offered, handle), (span, done))
    return {name: found[name] for name in QUEUE_MEASURES}


def ratio_named(name: str, numerator: Floats, denominator: Floats) -> Estimate:
    """The ratio that is the metric `name`."""
    return (share if name in SHARES else ratio)(numerator, denominator)


QUEUE_MEASURES = (
    "abandonment",
    "service_level",
    "asa_s",
    "wait_mean_s",
    "wait_sd_s",
    "abandon_wait_mean_s",
    "delayed",
    "queue_length_mean",
    "service_mean_s",
    "handle_time_mean_s",
    "offered_load_erlangs",
    "blocked_share",
    "retry_share",
    "first_attempt_abandonment",
)
"""What `queue_measures` gives, in the order of the result document."""


def offered_mean(sample: QueueSample) -> Estimate:
    """Offered calls per replication: the mean, with what days differ by."""
    return _mean(sample.count(Count.INCOMING, Count.BLOCKED))


def wait_percentiles(pooled: dict[str, float], sections: dict[str, Floats]) -> dict[str, Estimate]:
    """Percentiles of all replications pooled, their intervals by sectioning."""
    return {name: sectioned(pooled[name], sections[name]) for name in PERCENTILES}


def maximum(values: Floats) -> Estimate:
    """The greatest value of all replications. It grows with their number: no interval."""
    return Estimate(float(np.max(values)))


def agent_terms(sums: Floats, answered: Floats, scheduled: int) -> dict[str, Terms]:
    """Numerator and denominator of each metric of an agent group; arguments as `agent_measures`."""
    overtime = sums[:, AgentTotal.OVERTIME]
    present = sums[:, AgentTotal.ON_SHIFT] + overtime
    return {
        "occupancy": (sums[:, BUSY].sum(axis=1), present),
        "utilisation": (sums[:, AgentTotal.SERVICE], present),
        "calls_per_agent": (answered, np.full(answered.size, float(scheduled))),
        "overtime_s": (overtime, np.ones(answered.size)),
    }


def agent_measures(
    sums: Floats, answered: Floats, scheduled: int, cost_per_hour: float | None
) -> dict[str, Estimate]:
    """The metrics of an agent group.

    `sums` (replications, AgentTotal), `answered` calls per replication, `scheduled` the group's
    agents, `cost_per_hour` of one of them. Time on shift is that of each replication (without
    the days of absence), with overtime added to it.
    """
    terms = agent_terms(sums, answered, scheduled)
    present = terms["occupancy"][1]
    cost = UNKNOWN if cost_per_hour is None else _mean(present / HOUR_S * cost_per_hour)
    return {**{name: ratio_named(name, *each) for name, each in terms.items()}, "cost": cost}


def _mean(values: Floats) -> Estimate:
    """The mean over replications of something that cannot be negative."""
    mean = float(np.mean(values))
    return estimate(mean, values - mean, least=0.0)


def clock_mean(seconds: Floats, span_s: float) -> Estimate:
    """How many there were on average: seconds of all of them within `span_s` seconds."""
    return ratio(seconds, np.full(seconds.size, span_s))
