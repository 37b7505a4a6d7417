"""A published staffing problem: our plan, all cheaper plans tried, and a second simulator.

The case is the small call centre of A. Pot, S. Bhulai and G. Koole, "A simple staffing method for
multiskill call centers", Manufacturing & Service Operations Management 10(3), 2008, 421-428, as
transcribed in `OptimizeMultiSkillNew.m` of N. Jian's program github.com/njian/MPMultiSCC (commits
39e0243, 8336034 and later, 2017). `scenarios/three_skills.yaml` is the same for callsim.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scipy.stats import t as student

from sim.experiment.run import run
from sim.planning.problem import Problem
from sim.planning.search import GAP
from sim.planning.staff import staff
from sim.planning.wanted import asked
from sim.scenario.load import load_scenario
from verification.event_list import Centre
from verification.every_plan import DAYS, REFERENCE_DAYS, Level, Point, Seen, Tried, long_run, tried

SCENARIO = Path(__file__).parent.parent / "scenarios" / "three_skills.yaml"
CENTRE = Centre(
    arrival_rates=(1.0, 1.5, 2.0),
    service_rates=(
        (0.20, 0.0, 0.0),
        (0.0, 0.18, 0.0),
        (0.19, 0.17, 0.0),
        (0.19, 0.0, 0.16),
        (0.0, 0.17, 0.16),
        (0.18, 0.16, 0.15),
    ),
    ranks=((1, 0, 0), (0, 1, 0), (2, 2, 0), (3, 0, 1), (0, 3, 2), (4, 4, 3)),
    warmup=6 * 60.0,
    horizon=30 * 60.0,
    within=20.0 / 60.0,
)
"""Rates per minute and ranks (0: never) as transcribed; the day is that of the scenario."""
COSTS = (10, 10, 11, 11, 11, 12)
"""Of an agent of each group, in tenths."""
TARGET = 0.8
REFERENCE: Point = (3, 7, 1, 14, 7, 0)
"""What all plans are compared with on the same days: any plan near the target would do."""
OTHERS: tuple[Point, ...] = ((0, 0, 0, 0, 0, 36), (4, 6, 4, 6, 6, 7))
"""Plans in which the simulators are compared, beside ours: one group for all, all groups."""
REPLICATIONS = 1_000
"""Of the engine; the event list has twice as many days."""
WRONG = 0.01
"""The chance that simulators that agree are told to differ, all comparisons together."""


@dataclass(frozen=True)
class Ours:
    """The plan of `callsim staff`, the certified service level, and one agent fewer in a group.

    `fewer` has group, service level and the outcome. `tenths` is the cost.
    """

    plan: Point
    tenths: int
    certified: tuple[float, float, float]
    replications: int
    certificate_replications: int
    fewer: tuple[tuple[str, float, str], ...]
    seconds: float


@dataclass(frozen=True)
class Compared:
    """The service level of a type of calls (None: of all) by both simulators."""

    kind: int | None
    engine: Seen
    event_list: Seen

    @property
    def z(self) -> float:
        """The difference in standard errors."""
        a, b = self.engine, self.event_list
        return float((a.value - b.value) / (a.error**2 + b.error**2) ** 0.5)


@dataclass(frozen=True)
class Published:
    """All that is told of the case."""

    ours: Ours
    tried: Tried
    compared: tuple[Compared, ...]
    seconds: float

    @property
    def agree(self) -> bool:
        """Whether no two simulated values differ by more than chance allows (Bonferroni)."""
        return all(abs(row.z) <= most_z(len(self.compared)) for row in self.compared)

    @property
    def dearer(self) -> float:
        """By which share our plan costs more than the cheapest that was shown to hold."""
        best = self.tried.holds
        return 0.0 if best is None else self.ours.tenths / best.tenths - 1.0

    @property
    def holds(self) -> bool:
        """Whether what is claimed does: no plan is cheaper by more than the search looks for."""
        return self.agree and self.dearer <= GAP


def most_z(n: int) -> float:
    """The most that any of n differences may be, in standard errors."""
    return float(student.ppf(1.0 - WRONG / (2 * n), REPLICATIONS - 1))


def problem() -> Problem:
    """The problem as callsim has it."""
    return asked(load_scenario(SCENARIO), [f"total.service_level >= {TARGET:.0%}"])


def published(*, quick: bool = False) -> Published:
    """Everything: from the least cost that can carry the load to that of our plan, or until a plan
    holds. It takes about twenty minutes of one core; `quick`, on two levels of cost, two minutes.
    """
    began = time.process_time()
    found = ours()
    levels = (found.tenths - 4, found.tenths) if quick else range(270, found.tenths + 1)
    every = tried(
        CENTRE, COSTS, REFERENCE, TARGET, levels, told=_tell,
        looks=DAYS[:3] if quick else DAYS,
        reference_days=REFERENCE_DAYS // 50 if quick else REFERENCE_DAYS,
    )  # fmt: skip
    replications = REPLICATIONS // 10 if quick else REPLICATIONS
    rows = compared((found.plan, *OTHERS), replications, 2 * replications)
    return Published(found, every, rows, time.process_time() - began)


def _tell(level: Level) -> None:
    print(level, file=sys.stderr, flush=True)


def ours() -> Ours:
    """What `callsim staff` says."""
    began = time.process_time()
    this = problem()
    plan = staff(this, workers=1)
    names = [group.name for group in this.scenario.agents]
    (judged,) = plan.certificate.judged
    estimate = judged.estimate
    assert estimate.value is not None and estimate.low is not None and estimate.high is not None
    fewer = []
    for each in plan.neighbours:
        (one,) = each.certificate.judged
        assert one.estimate.value is not None
        fewer.append((names[each.group], one.estimate.value, str(one.outcome)))
    return Ours(
        plan=plan.point,
        tenths=round(10 * this.cost(plan.point)),
        certified=(estimate.low, estimate.value, estimate.high),
        replications=plan.replications,
        certificate_replications=plan.certificate.replications,
        fewer=tuple(fewer),
        seconds=time.process_time() - began,
    )


def compared(plans: Sequence[Point], replications: int, days: int) -> tuple[Compared, ...]:
    """Each type's and all calls' service level with these plans, by both simulators."""
    this, rows = problem(), []
    for plan in plans:
        scenario = replace(this.staffed(plan), replications=replications)
        document = run(scenario, workers=1).document(with_intervals=False)
        parts = [*document["queues"], document["total"]]
        others = long_run(CENTRE, plan, 2, range(days))
        for kind, part, other in zip((0, 1, 2, None), parts, others, strict=True):
            shown = part["metrics"]["service_level"]
            error = shown["half_width"] / float(student.ppf(0.975, replications - 1))
            rows.append(Compared(kind, Seen(plan, shown["value"], error), other))
    return tuple(rows)
