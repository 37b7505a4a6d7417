"""`check`: a run, and what it shows of each target that the scenario expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sim.experiment.result import Result
from sim.experiment.run import Progress, run
from sim.experiment.subjects import days_of, estimates_of
from sim.metrics.days import holds, share_of_days
from sim.metrics.estimates import Estimate, Floats
from sim.metrics.verdicts import Verdict, judged_share, verdict
from sim.scenario.model import Scenario, Target
from sim.scenario.targets import METRICS, UnitKind

FORMAT = "callsim.check/1"


@dataclass(frozen=True, slots=True)
class Judged:
    """A target, what the run shows of it, and the estimate by which that was decided."""

    target: Target
    outcome: Verdict
    estimate: Estimate


@dataclass(frozen=True, eq=False)
class Checked:
    """A result and its targets, in the file's order."""

    result: Result
    judged: list[Judged]

    @property
    def all_met(self) -> bool:
        """Whether no target was missed or left open. True without targets."""
        return all(each.outcome is Verdict.MET for each in self.judged)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The results of the check document, the scenario called `name`."""
        return [
            {
                "scenario": name,
                "target": each.target.text,
                "outcome": str(each.outcome),
                "estimate": each.estimate.document(),
            }
            for each in self.judged
        ]


def check(
    scenario: Scenario,
    *,
    engine: str = "auto",
    workers: int | None = 1,
    progress: Progress | None = None,
) -> Checked:
    """Simulate `scenario` and judge each target of its `expect`."""
    return judge(run(scenario, engine=engine, workers=workers, progress=progress))


def judge(result: Result) -> Checked:
    """The targets of a result that is there already."""
    return Checked(result, judge_targets(result, result.scenario.expect))


def judge_targets(result: Result, targets: Iterable[Target]) -> list[Judged]:
    """What a result shows of each target, in their order; `P(...)` ones among them."""
    estimates: dict[tuple[str, bool], Mapping[str, Estimate]] = {}
    days: dict[tuple[str, bool], Mapping[str, Floats]] = {}
    judged = []
    for target in targets:
        key = target.subject, target.subject_is_group
        if target.of_days is not None:
            if key not in days:
                days[key] = days_of(result, key[0], is_group=key[1])
            values = days[key][target.metric]
            found = share_of_days(holds(values, target.operator, target.value))
            outcome = verdict(found, target.of_days.operator, target.of_days.value)
        else:
            if key not in estimates:
                estimates[key] = estimates_of(result, key[0], is_group=key[1])
            found = estimates[key][target.metric]
            if METRICS[target.metric].unit is UnitKind.SHARE:
                found = judged_share(found)
            outcome = verdict(found, target.operator, target.value, metric=target.metric)
        judged.append(Judged(target, outcome, found))
    return judged
