"""What is kept of simulated replications for judging limits: far less than a result holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiment.replicate import Replication
from sim.experiment.result import formula_of, percentiles_of
from sim.metrics.days import holds, queue_days, ratios_of_days, share_of_days
from sim.metrics.estimates import CONFIDENCE, Estimate, estimate
from sim.metrics.measures import (
    QUEUE_MEASURES,
    SHARES,
    QueueSample,
    Terms,
    agent_terms,
    queue_measures,
    queue_terms,
    ratio_named,
    wait_percentiles,
)
from sim.metrics.waits import PERCENTILES
from sim.planning.goals import Limit
from sim.scenario.model import Scenario
from sim.sums import WAIT_BINS, Count, Sums

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Needs:
    """What the limits look at: sums by interval, percentiles of these rows of queues."""

    by_interval: bool
    percentiles: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, limits: tuple[Limit, ...]) -> Needs:
        rows = {
            (x.rows.start, x.rows.stop)
            for x in limits
            if x.rows is not None and x.target.metric in PERCENTILES
        }
        return cls(any(x.slot is not None for x in limits), tuple(sorted(rows)))


class Measured:
    """The sums of some replications of one scenario, in their order, and estimates from them."""

    def __init__(self, scenario: Scenario, needs: Needs) -> None:
        self.scenario = scenario
        self._needs = needs
        self._fresh: list[tuple[NDArray[Any], ...]] = []
        self._blocks: list[tuple[NDArray[Any], ...]] = []
        n = len(scenario.queues) + 1
        self._waits = np.zeros((n if needs.percentiles else 0, WAIT_BINS), np.int64)
        self.n = 0
        """replications"""

    def add(self, replication: Replication) -> None:
        """The next replication."""
        self._fresh.append(self._kept(replication.sums))
        self.n += 1

    def _kept(self, sums: Sums) -> tuple[NDArray[Any], ...]:
        slots = self._needs.by_interval
        sections = np.empty((len(self._needs.percentiles), len(PERCENTILES)))
        for i, (start, stop) in enumerate(self._needs.percentiles):
            found = percentiles_of(sums.waits, sums.counts, sums.wait_max, slice(start, stop))
            sections[i] = [found[name] for name in PERCENTILES]
        if sections.size:
            self._waits += sums.waits
        return (
            sums.counts.astype(np.int32),
            sums.totals,
            sums.agents,
            sums.served.sum(axis=0).astype(np.int32),
            sums.wait_max,
            sums.queue_peak.astype(np.int32),
            sections,
            (sums.slot_counts if slots else sums.slot_counts[:, :0]).astype(np.int32),
            sums.slot_totals if slots else sums.slot_totals[:, :0],
            sums.slot_agents if slots else sums.slot_agents[:, :0],
        )

    def absorb(self, following: Measured) -> None:
        """Add the replications of another one, which follow those that are here."""
        self._seal()
        following._seal()
        self._blocks += following._blocks
        self._waits = self._waits + following._waits
        self.n += following.n

    def _seal(self) -> None:
        if self._fresh:
            self._blocks.append(tuple(np.stack(each) for each in zip(*self._fresh, strict=True)))
            self._fresh = []

    def __getstate__(self) -> dict[str, Any]:
        self._seal()
        return self.__dict__

    def _arrays(self) -> tuple[NDArray[Any], ...]:
        self._seal()
        if len(self._blocks) > 1:
            joined = zip(*self._blocks, strict=True)
            self._blocks = [tuple(np.concatenate(each) for each in joined)]
        return self._blocks[0]

    def estimate(
        self, limit: Limit, n: int | None = None, confidence: float = CONFIDENCE
    ) -> Estimate:
        """The estimate of a limit's number, from the first `n` replications (default: all).

        A percentile over fewer than all replications is the mean of theirs, not a pooled one.
        """
        days = limit.target.of_days
        if days is not None:
            values = self._days(limit)[:n]
            held = holds(values, limit.target.operator, limit.target.value)
            return share_of_days(held, confidence)
        found = self._expected(limit, n)
        if found.influence is None or found.value is None or confidence == CONFIDENCE:
            return found
        known = found.influence[np.isfinite(found.influence)]
        most = 1.0 if limit.target.metric in SHARES else np.inf
        again = estimate(found.value, known, least=0.0, most=most, confidence=confidence)
        return replace(again, influence=found.influence)

    def _expected(self, limit: Limit, n: int | None) -> Estimate:
        metric = limit.target.metric
        if limit.group is not None:
            return ratio_named(metric, *self._agent_terms(limit, n)[metric])
        assert limit.rows is not None
        if metric in QUEUE_MEASURES:
            sample, formula = self._sample(limit, n), formula_of(self.scenario, limit.rows)
            terms = queue_terms(sample, formula)
            if metric in terms:
                return ratio_named(metric, *terms[metric])
            return queue_measures(sample, formula)[metric]
        own = {name: each[:n] for name, each in self._sections(limit).items()}
        if n is None or n >= self.n:
            arrays = self._arrays()
            pooled = percentiles_of(
                self._waits, arrays[0].sum(axis=0), arrays[4].max(axis=0), limit.rows
            )
        else:
            known = {name: each[np.isfinite(each)] for name, each in own.items()}
            pooled = {k: float(v.mean()) if v.size else float("nan") for k, v in known.items()}
        return wait_percentiles(pooled, own)[metric]

    def _days(self, limit: Limit) -> Floats:
        """The metric of each replication by itself, NaN where there was nothing."""
        metric, arrays = limit.target.metric, self._arrays()
        if limit.group is not None:
            return ratios_of_days(self._agent_terms(limit, None)[metric])
        assert limit.rows is not None
        if metric in QUEUE_MEASURES:
            formula = formula_of(self.scenario, limit.rows)
            return queue_days(self._sample(limit, None), formula)[metric]
        if metric == "queue_length_max":
            last = limit.rows.stop - 1
            return np.asarray(arrays[5][:, last], np.float64)
        if metric == "wait_max_s":
            ended = queue_terms(self._sample(limit, None), formula_of(self.scenario, limit.rows))
            anybody = ended["wait_mean_s"][1] > 0.0
            return np.where(anybody, arrays[4][:, limit.rows].max(axis=1), np.nan)
        return self._sections(limit)[metric]

    def _sections(self, limit: Limit) -> dict[str, Floats]:
        """The percentiles of each replication."""
        assert limit.rows is not None
        place = self._needs.percentiles.index((limit.rows.start, limit.rows.stop))
        return dict(zip(PERCENTILES, self._arrays()[6][:, place].T, strict=True))

    def _agent_terms(self, limit: Limit, n: int | None) -> dict[str, Terms]:
        arrays = self._arrays()
        at = limit.group
        assert at is not None
        sums = arrays[2][:n, at] if limit.slot is None else arrays[9][:n, at, limit.slot]
        answered = arrays[3][:n, at].astype(np.float64)
        return agent_terms(sums, answered, max(self.scenario.agents[at].count, 1))

    def _sample(self, limit: Limit, n: int | None) -> QueueSample:
        arrays, slot, rows = self._arrays(), limit.slot, limit.rows
        if slot is None:
            counts, seconds = arrays[0][:n, rows], arrays[1][:n, rows]
        else:
            counts, seconds = arrays[7][:n, rows, slot], arrays[8][:n, rows, slot]
        return QueueSample(counts.sum(axis=1), seconds.sum(axis=1), self._span_s(slot))

    def is_vacuous(self, limit: Limit) -> bool:
        """Whether there was nothing that the limit could be about: no call came, nobody worked."""
        arrays = self._arrays()
        if limit.group is not None:
            agents = arrays[2][:, limit.group] if limit.slot is None else (
                arrays[9][:, limit.group, limit.slot]
            )  # fmt: skip
            return not agents.any()
        counts = arrays[0] if limit.slot is None else arrays[7][:, :, limit.slot]
        assert limit.rows is not None
        return not counts[:, limit.rows][..., [Count.INCOMING, Count.BLOCKED]].any()

    def _span_s(self, slot: int | None) -> float:
        s = self.scenario
        if slot is None:
            return s.horizon_s - s.warmup_s
        start = max(slot * s.interval_s, s.warmup_s)
        return max(min((slot + 1) * s.interval_s, s.horizon_s) - start, 0.0)
