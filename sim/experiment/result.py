"""The result of a run: its sums over all replications, and the document made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.experiment import by_interval
from sim.experiment.counts import causes_document, counts_document
from sim.experiment.wait_histogram import wait_histogram
from sim.logs import CallLog, Cause, Outcome
from sim.metrics.batch_means import most_correlated
from sim.metrics.days import queue_days, ratios_of_days
from sim.metrics.estimates import CONFIDENCE, UNKNOWN, Estimate, documents_of
from sim.metrics.measures import (
    PER_REPLICATION,
    QueueSample,
    agent_measures,
    agent_terms,
    maximum,
    queue_measures,
    service_levels,
    wait_percentiles,
)
from sim.metrics.waits import PERCENTILES, percentiles
from sim.scenario.lint import lint
from sim.scenario.lint_steady import lint_batches
from sim.scenario.model import LintWarning, Scenario, ServiceLevelFormula
from sim.scenario.units import format_duration
from sim.sums import Count, wait_bin

FORMAT = "callsim.result/1"
UNRESOLVED_SHARE = 0.005
"""Under `stop`, more unresolved calls than this share are worth a warning."""


def formula_of(scenario: Scenario, queues: slice) -> ServiceLevelFormula:
    """A queue's own formula; for all queues theirs if it is one, else the default."""
    formulas = {queue.service_level.formula for queue in scenario.queues[queues]}
    return formulas.pop() if len(formulas) == 1 else ServiceLevelFormula.ANSWERED_OF_INCOMING


def percentiles_of(
    waits: NDArray[np.int64],
    counts: NDArray[np.int64],
    wait_max: NDArray[np.float64],
    queues: slice,
) -> dict[str, float]:
    """The percentiles of the wait of some queues together, from their histograms and counts."""
    at_once = int(counts[queues, Count.ANSWERED_AT_ONCE].sum())
    longest = float(wait_max[queues].max(initial=0.0))
    used = int(wait_bin(np.array([longest]))[0]) + 1
    return percentiles(waits[queues, :used].sum(axis=0), at_once, longest)


@dataclass(frozen=True, eq=False)
class Result:
    """All sums of a run. The first axis of the arrays is the replication."""

    scenario: Scenario
    engine: str
    elapsed_s: float
    counts: NDArray[np.int64]
    totals: NDArray[np.float64]
    wait_max: NDArray[np.float64]
    queue_peak: NDArray[np.int64]
    served: NDArray[np.int64]
    agents: NDArray[np.float64]
    plays: NDArray[np.int64]
    slot_counts: NDArray[np.int64] | None
    slot_totals: NDArray[np.float64] | None
    slot_agents: NDArray[np.float64] | None
    waits: NDArray[np.int64]
    sections: list[dict[str, NDArray[np.float64]]]
    logs: list[CallLog] | None
    precision: list[dict[str, Any]] | None = None
    """What `--precision` asked for and what came of it."""
    controlled: dict[str, Any] | None = None
    """The estimates with control variates, if they were asked for."""
    batches: int | None = None
    """One replication, cut into so many batches: they are the first axis then."""

    # --- the document ----------------------------------------------------------------------

    def document(self, *, with_intervals: bool) -> dict[str, Any]:
        """The result document: plain values, ready for JSON, no NaN."""
        scenario = self.scenario
        names = [queue.name for queue in scenario.queues]
        everything = self.everything
        *queues, total = self.subjects()
        del total["name"]
        document: dict[str, Any] = {
            "format": FORMAT,
            "version": __version__,
            "scenario": scenario.name,
            "sha256": scenario.sha256,
            "engine": self.engine,
            "seed": scenario.seed,
            "replications": scenario.replications,
            **({} if self.batches is None else {"batches": self.batches}),
            "start": None if scenario.start is None else scenario.start.isoformat(),
            "horizon_s": scenario.horizon_s,
            "warmup_s": scenario.warmup_s,
            "confidence": CONFIDENCE,
            "elapsed_s": self.elapsed_s,
            "queues": queues,
            "total": total,
            "agents": self._agents(),
            "flows": self._flows(),
            "served_by": self._served_by(),
            "waits": [
                {"queue": name, **wait_histogram(self.waits[q].sum(axis=0), scenario.queues[q])}
                for name, q in [*((n, slice(i, i + 1)) for i, n in enumerate(names)),
                                ("total", everything)]
            ],
        }  # fmt: skip
        if with_intervals:
            assert self.slot_counts is not None and self.slot_totals is not None
            assert self.slot_agents is not None
            document["intervals"] = by_interval.queue_rows(
                scenario, self.slot_counts, self.slot_totals, self.formula
            )
            document["agent_intervals"] = by_interval.agent_rows(scenario, self.slot_agents)
            document["all_agents_intervals"] = by_interval.all_agents_rows(
                scenario, self.slot_agents
            )
        if self.precision is not None:
            document["precision"] = self.precision
        if self.controlled is not None:
            document["controlled"] = self.controlled
        document["warnings"] = self.warnings()
        return document

    @property
    def everything(self) -> slice:
        """All queues, and the row of what they have together beyond the sum of them."""
        return slice(0, len(self.scenario.queues) + 1)

    def formula(self, queues: slice) -> ServiceLevelFormula:
        """The service level's formula of some queues together."""
        return formula_of(self.scenario, queues)

    def _sample(self, queues: slice) -> QueueSample:
        span = (self.scenario.horizon_s - self.scenario.warmup_s) / (self.batches or 1)
        return QueueSample(
            self.counts[:, queues].sum(axis=1), self.totals[:, queues].sum(axis=1), span
        )

    def estimates(self, queues: slice, place: int) -> dict[str, Estimate]:
        """All metrics of some queues together; `place` is where their percentiles stand."""
        sample = self._sample(queues)
        at = percentiles_of(self.waits, self.counts.sum(axis=0), self.wait_max.max(axis=0), queues)
        return {
            **queue_measures(sample, self.formula(queues)),
            **wait_percentiles(at, self.sections[place]),
            "wait_max_s": maximum(self.wait_max[:, queues])
            if self.waits[queues].any()
            else UNKNOWN,
            "queue_length_max": maximum(self.queue_peak[:, place].astype(np.float64)),
        }

    def days(self, queues: slice, place: int) -> dict[str, NDArray[np.float64]]:
        """All metrics of each replication by itself, shape (replications,); NaN for nothing."""
        percentiles = {name: self.sections[place][name] for name in PERCENTILES}
        anybody = np.isfinite(percentiles["wait_p50_s"])
        return {
            **queue_days(self._sample(queues), self.formula(queues)),
            **percentiles,
            "wait_max_s": np.where(anybody, self.wait_max[:, queues].max(axis=1), np.nan),
            "queue_length_max": self.queue_peak[:, place].astype(np.float64),
        }

    def _subject(self, queues: slice, place: int) -> dict[str, Any]:
        pooled = self.counts[:, queues].sum(axis=(0, 1))
        return {
            "counts": counts_document(pooled),
            "abandoned_by_cause": causes_document(pooled),
            "metrics": {
                **documents_of(self.estimates(queues, place)),
                "service_level_variants": documents_of(service_levels(self._sample(queues))),
            },
        }

    def subjects(self) -> list[dict[str, Any]]:
        """Counts and metrics of each queue in the file's order, then of all, named `total`."""
        names = [queue.name for queue in self.scenario.queues]
        return [
            *({"name": name, **self._subject(slice(q, q + 1), q)} for q, name in enumerate(names)),
            {"name": "total", **self._subject(self.everything, len(names))},
        ]

    def agent_estimates(self, group: int) -> dict[str, Estimate]:
        """The metrics of agent group number `group`."""
        agents = self.scenario.agents[group]
        found = agent_measures(
            self.agents[:, group], self._answered_by(group), agents.count, agents.cost
        )
        if self.batches is not None:  # sums of a replication are those of all its batches
            found |= {name: found[name].times(self.batches) for name in PER_REPLICATION}
        return found

    def agent_days(self, group: int) -> dict[str, NDArray[np.float64]]:
        """The metrics of agent group number `group` of each replication by itself."""
        terms = agent_terms(
            self.agents[:, group], self._answered_by(group), self.scenario.agents[group].count
        )
        return {name: ratios_of_days(each) for name, each in terms.items()}

    def _answered_by(self, group: int) -> NDArray[np.float64]:
        return np.asarray(self.served[:, :, group].sum(axis=1), np.float64)

    def _agents(self) -> list[dict[str, Any]]:
        return [
            {
                "name": group.name,
                "count": group.count,
                "metrics": documents_of(self.agent_estimates(g)),
            }
            for g, group in enumerate(self.scenario.agents)
        ]

    def _flows(self) -> list[dict[str, Any]]:
        rows = iter(self.plays.tolist())
        return [
            {
                "name": flow.name,
                "plays": [
                    {"action": i, "type": str(action.type),
                     **dict(zip(("started", "completed", "hangups"), next(rows), strict=True))}
                    for i, action in enumerate(flow.actions)
                ],
            }
            for flow in self.scenario.flows
        ]  # fmt: skip

    def _served_by(self) -> dict[str, Any]:
        """Calls answered, by queue and agent group."""
        return {
            "queues": [queue.name for queue in self.scenario.queues],
            "agents": [group.name for group in self.scenario.agents],
            "serviced": self.served.sum(axis=0).tolist(),
        }

    def warnings(self) -> list[dict[str, str]]:
        """The lint of the scenario, and what the run itself gives reason to warn of."""
        if self.batches is None:
            noted = [*lint(self.scenario)]
        else:
            noted = [*lint_batches(self.scenario), *self._correlated()]
        found = [{"code": w.code, "where": w.where, "message": w.message} for w in noted]
        pooled = self.counts.sum(axis=0)
        for q, queue in enumerate(self.scenario.queues):
            there = [Count.WAITING_AT_END, Count.CONNECTING_AT_END, Count.IN_SERVICE_AT_END]
            unresolved = int(pooled[q, there].sum())
            incoming = int(pooled[q, Count.INCOMING])
            if unresolved > UNRESOLVED_SHARE * incoming:
                found.append(
                    {
                        "code": "unresolved-at-end",
                        "where": f"queues[{q}]",
                        "message": f"{unresolved:,} of {incoming:,} calls of {queue.name!r} were "
                        "still waiting or talking at the end of their replication; they are in "
                        "no ratio of the report",
                    }
                )
        return found

    def _correlated(self) -> list[LintWarning]:
        """Whether the batches look as if they depended on each other."""
        assert self.batches is not None
        of_batches: dict[str, Estimate] = {}
        for q, queue in enumerate(self.scenario.queues):
            metrics = self.estimates(slice(q, q + 1), q)
            for name in ("wait_mean_s", "queue_length_mean", "service_level"):
                of_batches[f"{queue.name}.{name}"] = metrics[name]
        for g, group in enumerate(self.scenario.agents):
            of_batches[f"agents.{group.name}.occupancy"] = self.agent_estimates(g)["occupancy"]
        worst = most_correlated(of_batches)
        if worst is None:
            return []
        name, lag_1 = worst
        length = format_duration((self.scenario.horizon_s - self.scenario.warmup_s) / self.batches)
        return [
            LintWarning(
                "correlated-batches",
                "horizon",
                f"batches of {length} depend on each other (`{name}`: correlation {lag_1:.2f} "
                "from one to the next): the intervals are too narrow; take a longer horizon, or "
                "fewer batches",
            )
        ]

    # --- logs and replications -------------------------------------------------------------

    def replication_counts(self, replication: int) -> list[dict[str, int]]:
        """The counts of each queue in one replication, in the file's order."""
        rows = slice(None) if self.batches else slice(replication, replication + 1)
        queues = self.counts[rows, : len(self.scenario.queues)].sum(axis=0)
        return [counts_document(row) for row in queues]

    def calls(self) -> dict[str, NDArray[Any]]:
        """The call log of all replications, codes as names; needs a run with `log=True`.

        Seconds are NaN, texts None and `parent` -1 where there is nothing.
        """
        if self.logs is None:
            raise ValueError("the run kept no call log")
        log = CallLog.joined(self.logs)
        queues = np.array([queue.name for queue in self.scenario.queues], dtype=object)
        agents = np.array(
            [g.agent_name(i) for g in self.scenario.agents for i in range(g.count)] + [None],
            dtype=object,
        )
        outcomes = np.array([o.name.lower() for o in Outcome], dtype=object)
        causes = np.array([None, *(c.name.lower() for c in Cause if c)], dtype=object)
        return {
            "replication": np.repeat(
                np.arange(len(self.logs), dtype=np.int32), [len(rows) for rows in self.logs]
            ),
            "call": log.call,
            "queue": queues[log.queue],
            "arrival": log.arrival,
            "routed": log.routed,
            "answer": log.answer,
            "leave": log.leave,
            "outcome": outcomes[log.outcome],
            "cause": causes[log.cause],
            "agent": agents[log.agent],
            "service": log.service,
            "wrap_up": log.wrap_up,
            "attempt": log.attempt,
            "parent": log.parent,
        }
