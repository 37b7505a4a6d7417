"""`compare`: variants on the same random numbers, and their paired differences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim import __version__
from sim.experiment.counts import counts_document
from sim.experiment.ranking import Ranking, ranking
from sim.experiment.result import Result
from sim.experiment.run import Progress, run
from sim.experiment.same_calls import other_calls
from sim.experiment.subjects import TOTAL, estimates_of, subject_names
from sim.metrics.differences import paired_difference, variance_ratio
from sim.metrics.estimates import CONFIDENCE, Estimate
from sim.scenario.model import LintWarning, Scenario
from sim.scenario.targets import METRICS, Metric, SubjectKind, UnitKind

FORMAT = "callsim.comparison/1"

QUEUE_METRICS = [name for name, m in METRICS.items() if m.subject is SubjectKind.QUEUE]
AGENT_METRICS = [name for name, m in METRICS.items() if m.subject is SubjectKind.AGENTS]


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of one subject: `b` minus `a`, and what common random numbers gained.

    `subject` is a queue, `total`, or with `is_group` an agent group.
    """

    a: str
    b: str
    subject: str
    is_group: bool
    metric: str
    difference: Estimate
    variance_ratio: float | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Results of variants over the same replications, by name, and all against the first."""

    results: dict[str, Result]
    rows: list[Row]
    ranking: Ranking | None
    not_common: list[str]
    """Queues (by name) and agent groups (`agents.NAME`) that not every variant has."""

    @property
    def names(self) -> list[str]:
        return list(self.results)

    @property
    def first(self) -> Result:
        return next(iter(self.results.values()))

    def warnings(self) -> list[LintWarning]:
        """Where variants do not meet the same calls as the first."""
        return other_calls({name: result.scenario for name, result in self.results.items()})

    def document(self) -> dict[str, Any]:
        """The comparison document: plain values, ready for JSON, no NaN."""
        scenario = self.first.scenario
        queues = [row for row in self.rows if not row.is_group]
        agents = [row for row in self.rows if row.is_group]
        return {
            "format": FORMAT,
            "variants": self.names,
            "differences": [_difference(row) for row in queues],
            "agent_differences": [_difference(row) for row in agents],
            "variance_ratios": [_ratio(row) for row in self.rows],
            "ranking": None if self.ranking is None else self.ranking.document(),
            "not_common": self.not_common,
            "warnings": [
                {"code": w.code, "where": w.where, "message": w.message} for w in self.warnings()
            ],
            "results": [
                {"variant": name, **_provenance(result)} for name, result in self.results.items()
            ],
            "version": __version__,
            "engine": self.first.engine,
            "seed": scenario.seed,
            "replications": scenario.replications,
            "confidence": CONFIDENCE,
            "elapsed_s": sum(result.elapsed_s for result in self.results.values()),
        }


def compare(
    variants: Mapping[str, Scenario],
    *,
    engine: str = "auto",
    workers: int | None = 1,
    rank_by: tuple[str, Metric, bool] | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Simulate all `variants` and compare each with the first.

    Callers come from the seed and the queues' names, so variants with the same seed meet the same
    callers. `rank_by` (subject, metric, whether it is a group) orders the variants.
    Raises ValueError for fewer than two variants, for seeds or numbers of replications that
    differ, and for a metric that has no better side.
    """
    if len(variants) < 2:
        raise ValueError("a comparison takes at least two variants")
    for what in ("seed", "replications"):
        values = {getattr(scenario, what) for scenario in variants.values()}
        if len(values) > 1:
            raise ValueError(
                f"the variants' {what} must be the same, found {sorted(values)}: common random"
                " numbers are what makes the comparison sharp"
            )
    results: dict[str, Result] = {}
    each = next(iter(variants.values())).replications
    for name, scenario in variants.items():
        before = each * len(results)
        step = None if progress is None else _shifted(progress, before, each * len(variants))
        results[name] = run(scenario, engine=engine, workers=workers, progress=step)
    return comparison(results, rank_by=rank_by)


def comparison(
    results: Mapping[str, Result], *, rank_by: tuple[str, Metric, bool] | None = None
) -> Comparison:
    """The comparison of results that are there already, over the same replications."""
    queues, groups = _common(results, is_group=False), _common(results, is_group=True)
    rows = [
        *_rows(results, queues, is_group=False),
        *_rows(results, groups, is_group=True),
    ]
    return Comparison(
        dict(results),
        rows,
        None if rank_by is None else ranking(results, *rank_by),
        [*_left_out(results, queues, False), *_left_out(results, groups, True)],
    )


def _shifted(progress: Progress, before: int, total: int) -> Progress:
    return lambda done, _: progress(before + done, total)


def _names(result: Result, is_group: bool) -> list[str]:
    return subject_names(result)[is_group]


def _common(results: Mapping[str, Result], *, is_group: bool) -> list[str]:
    """What all variants have, in the order of the first; `total` is last."""
    first, *others = (_names(result, is_group) for result in results.values())
    return [name for name in first if all(name in names for names in others)]


def _left_out(results: Mapping[str, Result], common: list[str], is_group: bool) -> list[str]:
    every = dict.fromkeys(name for result in results.values() for name in _names(result, is_group))
    return [f"agents.{name}" if is_group else name for name in every if name not in common]


def _rows(results: Mapping[str, Result], subjects: list[str], *, is_group: bool) -> Iterator[Row]:
    (a, base), *others = results.items()
    metrics = AGENT_METRICS if is_group else QUEUE_METRICS
    firsts = {name: estimates_of(base, name, is_group=is_group) for name in subjects}
    for b, result in others:
        for subject in subjects:
            these = estimates_of(result, subject, is_group=is_group)
            for metric in metrics:
                pair = firsts[subject][metric], these[metric]
                share = METRICS[metric].unit is UnitKind.SHARE
                difference = paired_difference(*pair, share=share)
                yield Row(a, b, subject, is_group, metric, difference, variance_ratio(*pair))


def _difference(row: Row) -> dict[str, Any]:
    return {
        "a": row.a,
        "b": row.b,
        "agents" if row.is_group else "queue": row.subject,
        "metric": row.metric,
        "difference": row.difference.document(),
    }


def _ratio(row: Row) -> dict[str, Any]:
    document = _difference(row)
    del document["difference"]
    return {**document, "independent_to_paired": row.variance_ratio}


def _provenance(result: Result) -> dict[str, Any]:
    """What was run, and its own estimates, to be read beside the differences."""
    queues, groups = subject_names(result)
    scenario = result.scenario
    counts = result.counts.sum(axis=0)

    def documents(subject: str, is_group: bool, metrics: list[str]) -> dict[str, Any]:
        found = estimates_of(result, subject, is_group=is_group)
        return {metric: found[metric].document() for metric in metrics}

    return {
        "scenario": scenario.name,
        "sha256": scenario.sha256,
        "queues": [
            {
                "name": name,
                "counts": counts_document(counts[q]),
                "metrics": documents(name, False, QUEUE_METRICS),
            }
            for q, name in enumerate(queues)
            if name != TOTAL
        ],
        "total": {
            "counts": counts_document(counts.sum(axis=0)),
            "metrics": documents(TOTAL, False, QUEUE_METRICS),
        },
        "agents": [
            {"name": name, "metrics": documents(name, True, AGENT_METRICS)} for name in groups
        ],
    }
