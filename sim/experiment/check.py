"""`check`: a run, and what it shows of each target that the scenario expects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sim.experiment.result import Result
from sim.experiment.run import Progress, run
from sim.experiment.subjects import estimates_of
from sim.metrics.estimates import Estimate
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
    known: dict[tuple[str, bool], Any] = {}
    judged = []
    for target in result.scenario.expect:
        key = target.subject, target.subject_is_group
        if key not in known:
            known[key] = estimates_of(result, target.subject, is_group=target.subject_is_group)
        found = known[key][target.metric]
        if METRICS[target.metric].unit is UnitKind.SHARE:
            found = judged_share(found)
        outcome = verdict(found, target.operator, target.value, metric=target.metric)
        judged.append(Judged(target, outcome, found))
    return Checked(result, judged)
