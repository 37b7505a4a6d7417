"""Cases for staffing: random pools with exact answers, small multi-skill problems, repetitions."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from sim.experiment.rounds import Rounds
from sim.experiment.work import Piece
from sim.metrics.verdicts import Verdict
from sim.planning.bench import Staffings
from sim.planning.measured import Measured
from sim.planning.problem import Bounds, Point, Problem
from sim.planning.reading import reading
from sim.planning.staff import MOST_REPLICATIONS, Plan, staff
from sim.planning.start import fluid_start
from sim.planning.wanted import asked
from sim.scenario.load import loads_scenario
from sim.theory.erlang import erlang_a
from sim.theory.measures import QueueMeasures
from sim.theory.timeout import mmn_d

# --- single pools, whose answer is known ---------------------------------------------------


@dataclass(frozen=True)
class PoolCase:
    """M/M/n+M (with `patience_s`) or M/M/n+D (with `timeout_s`) in its stationary state."""

    rate_per_s: float
    service_s: float
    patience_s: float | None
    timeout_s: float | None
    threshold_s: float
    targets: tuple[tuple[str, str, float], ...]

    @property
    def model(self) -> str:
        return "M/M/n+M" if self.patience_s is not None else "M/M/n+D"

    def exact(self, n: int) -> QueueMeasures:
        """The formulas' answer for n agents."""
        if self.patience_s is not None:
            return erlang_a(self.rate_per_s, self.service_s, n, self.patience_s)
        assert self.timeout_s is not None
        return mmn_d(self.rate_per_s, self.service_s, n, self.timeout_s)

    def slacks(self, n: int) -> list[float]:
        """How far each target holds exactly with n agents."""
        found = self.exact(n)
        values = {
            "service_level": found.answered_within(self.threshold_s),
            "abandonment": found.abandonment,
            "asa_s": found.asa_s,
        }
        return [
            values[metric] - bound if operator == ">=" else bound - values[metric]
            for metric, operator, bound in self.targets
        ]

    def optimum(self) -> int:
        """The least agents with which all targets hold."""
        n = 1
        while min(self.slacks(n)) < 0.0:
            n += 1
        return n

    def problem(self, seed: int) -> Problem:
        """The same as a scenario: what joins during the warm-up is not counted."""
        warmup = 15.0 * self.service_s + (self.patience_s or self.timeout_s or 0.0)
        horizon = warmup + max(40.0 * self.service_s, 800.0 / self.rate_per_s)
        leaving = (
            f"patience: {{distribution: exponential, mean: {self.patience_s}s}}"
            if self.patience_s is not None
            else f"wait_timeout: {self.timeout_s}s"
        )
        text = f"""
            horizon: {horizon:.3f}s
            warmup: {warmup:.3f}s
            seed: {seed}
            service_level: {{threshold: {self.threshold_s}s}}
            queues:
              - name: help
                arrivals: {{rate: {self.rate_per_s}/s}}
                service_time: {{distribution: exponential, mean: {self.service_s}s}}
                {leaving}
            agents: [{{name: team, count: 1}}]
            """
        targets = [
            f"help.{metric} {op} {bound}{'s' if metric == 'asa_s' else ''}"
            for metric, op, bound in self.targets
        ]
        return asked(loads_scenario(text), targets)


def pool_case(number: int) -> PoolCase:
    """Random pool number `number`: 3 to 40 erlangs, one or two targets."""
    draw = random.Random(7000 + number)
    service = round(math.exp(draw.uniform(math.log(60.0), math.log(400.0))), 1)
    load = math.exp(draw.uniform(math.log(3.0), math.log(40.0)))
    patient = draw.random() < 0.5
    wait = round(math.exp(draw.uniform(math.log(30.0), math.log(400.0))), 1)
    choices = [
        ("service_level", ">=", draw.choice([0.7, 0.75, 0.8, 0.85, 0.9])),
        ("abandonment", "<=", draw.choice([0.01, 0.02, 0.03, 0.05, 0.08])),
        ("asa_s", "<=", float(draw.choice([3, 5, 10, 20]))),
    ]
    targets = tuple(sorted(draw.sample(choices, draw.choice([1, 1, 2]))))
    return PoolCase(
        rate_per_s=round(load / service, 6),
        service_s=service,
        patience_s=wait if patient else None,
        timeout_s=None if patient else wait,
        threshold_s=float(draw.choice([10, 20, 30])),
        targets=targets,
    )


@dataclass(frozen=True)
class Pool:
    """A pool's exact answer beside the plan.

    `within` tells of a plan with one agent more than it takes whether the exact answer was told as
    undecided: no certificate of the replications allowed could show it. `slack` is the exact
    slack of the exact answer's agents, the smallest of the targets', by its own bound.
    """

    model: str
    erlangs: float
    optimum: int
    plan: int
    within: bool
    slack: float
    replications: int
    seconds: float

    @property
    def kind(self) -> str:
        """How it came out."""
        if self.plan == self.optimum:
            return "equal"
        if self.plan < self.optimum:
            return "false certificate"
        return "within the error" if self.within else "unexplained"


def pools(numbers: range) -> Iterator[Pool]:
    """Each pool staffed and compared."""
    for number in numbers:
        case = pool_case(number)
        optimum = case.optimum()
        began = time.process_time()
        plan = staff(case.problem(number + 1), workers=1)
        slack = min(
            s / abs(b) for s, (_, _, b) in zip(case.slacks(optimum), case.targets, strict=True)
        )
        yield Pool(
            model=case.model,
            erlangs=case.rate_per_s * case.service_s,
            optimum=optimum,
            plan=plan.point[0],
            within=plan.point[0] == optimum + 1 and fewer_is_open(plan),
            slack=slack,
            replications=plan.replications,
            seconds=time.process_time() - began,
        )


def fewer_is_open(plan: Plan) -> bool:
    """Whether one agent fewer was told to be too near to a bound to be shown either way."""
    if (plan.point[0] - 1,) in plan.undecided:
        return True
    return any(
        not each.certificate.any_missed and not each.certificate.all_met for each in plan.neighbours
    )


# --- small multi-skill problems, enumerated ------------------------------------------------

SHAPES = {
    2: (("a",), ("a", "b")),
    3: (("a",), ("b",), ("a", "b")),
    4: (("a",), ("b",), ("a", "b"), ("b", "c")),
}
WIDTHS = {2: 15, 3: 9, 4: 6}
RUNS = 2000
"""Replications of each plan of an enumeration: as many as a search may spend on one plan, without
its certificate."""
LONGEST = 6000
COSTS = {1: 1.0, 2: 1.25}


def small_problem(number: int) -> Problem:
    """Random problem number `number` of two to four groups, its bounds a box around the load."""
    draw = random.Random(9000 + number)
    n_groups = (2, 2, 3, 2, 4)[number % 5]
    groups = SHAPES[n_groups]
    names = sorted({skill for group in groups for skill in group})
    queues = [
        f"""
              - name: {name}
                tags: [{name}]
                arrivals: {{rate: {draw.uniform(0.5, 1.4):.3f}/min}}
                service_time: {{distribution: exponential, mean: {draw.uniform(2.5, 5.0):.2f}min}}
                patience: {{distribution: exponential, mean: {draw.uniform(1.0, 4.0):.2f}min}}"""
        for name in names
    ]
    agents = [
        f"""
              - {{name: {"".join(g)}_team, tags: [{", ".join(g)}], cost: {COSTS[len(g)]}}}"""
        for g in groups
    ]
    text = f"""
            horizon: 4h
            seed: {number + 1}
            queues: {"".join(queues)}
            agents: {"".join(agents)}
            """
    targets = [f"{name}.service_level >= {draw.choice([70, 75, 80])}%" for name in names]
    wide = asked(loads_scenario(text), targets)
    width = WIDTHS[n_groups]
    low = [max(0, n - width // 2) for n in fluid_start(wide)]
    return replace(wide, bounds=tuple(Bounds(n, n + width - 1) for n in low))


@dataclass(frozen=True)
class Enumerated:
    """A small problem by full enumeration, in the order of cost, and by the search.

    `slack_errors` is the slack of the enumeration's plan in standard errors of the largest
    certificate, the smallest of the targets'.
    """

    groups: int
    plans: int
    enumerated: int
    best: Point
    best_cost: float
    slack_errors: float
    plan: Point
    plan_cost: float
    searched: int
    certified: int
    seconds: float

    @property
    def kind(self) -> str:
        """How it came out; a certificate needs its 1.96 standard errors."""
        if abs(self.plan_cost - self.best_cost) < 1e-9:
            return "same cost"
        if self.plan_cost > self.best_cost and self.slack_errors < 3.3:
            return "within the error"
        return "cheaper" if self.plan_cost < self.best_cost else "dearer"


def enumerate_plans(problem: Problem, runs: int) -> tuple[Point, int, int, float]:
    """The cheapest plan whose targets hold in long runs, by trying all in the order of cost.

    Each is simulated for `runs` replications, those that are not clear by three standard errors
    for twice as many, again and again up to `LONGEST`. Also how many plans and replications that
    took, and the slack of the plan.
    """
    spans = [np.arange(b.low, b.high + 1) for b in problem.bounds]
    grid = np.stack([each.ravel() for each in np.meshgrid(*spans, indexing="ij")], axis=1)
    plans = sorted((tuple(row) for row in grid.tolist()), key=problem.rank)
    rounds = Rounds(Staffings(problem, "compiled"), 1)
    for number, point in enumerate(plans):
        changes = tuple(map(str, point))
        measured: Measured | None = None
        done, n = 0, runs
        while True:
            more = rounds.do([Piece(number, changes, done, n)])[number]
            assert isinstance(more, Measured)
            if measured is None:
                measured = more
            else:
                measured.absorb(more)
            done = n
            shown = [reading(limit, measured) for limit in problem.limits]
            worst = min(each.z for each in shown)
            if abs(worst) > 3.0 or done >= LONGEST:
                break
            n = min(2 * done, LONGEST)
        if worst >= 0.0:
            slack = min(
                each.slack / each.replication_error * math.sqrt(MOST_REPLICATIONS)
                for each in shown
                if each.replication_error > 0.0
            )
            return point, number + 1, rounds.n_replications, slack
    raise ValueError("no plan within the box does")


def enumerated(numbers: range) -> Iterator[Enumerated]:
    """Each problem by both ways."""
    for number in numbers:
        problem = small_problem(number)
        began = time.process_time()
        plan = staff(problem, workers=1)
        seconds = time.process_time() - began
        groups = len(problem.free)
        best, plans, replications, slack = enumerate_plans(problem, RUNS)
        yield Enumerated(
            groups=groups,
            plans=plans,
            enumerated=replications,
            best=best,
            best_cost=problem.cost(best),
            slack_errors=slack,
            plan=plan.point,
            plan_cost=problem.cost(plan.point),
            searched=plan.replications - plan.certificate_replications,
            certified=plan.certificate_replications,
            seconds=seconds,
        )


# --- the same search many times ------------------------------------------------------------


@dataclass(frozen=True)
class Repeat:
    """One search: the plan, and the exact slack of each target that was certified as met."""

    case: str
    seed: int
    plan: int
    optimum: int
    true_slacks: tuple[float, ...]
    certified: tuple[bool, ...]

    @property
    def n_false(self) -> int:
        """Targets certified as met that are not."""
        rows = zip(self.true_slacks, self.certified, strict=True)
        return sum(shown and slack < 0.0 for slack, shown in rows)


def hardest(n: int = 200) -> list[PoolCase]:
    """Of the random pools those with two targets, the first where one agent fewer than it takes
    fails by the least, and the first where the agents that it takes do by the least."""
    cases = [case for case in map(pool_case, range(n)) if len(case.targets) == 2]

    def failing(case: PoolCase) -> float:
        slacks = zip(case.slacks(case.optimum() - 1), case.targets, strict=True)
        return -min(s / b for s, (_, _, b) in slacks)

    def holding(case: PoolCase) -> float:
        slacks = zip(case.slacks(case.optimum()), case.targets, strict=True)
        return min(s / b for s, (_, _, b) in slacks)

    return [min(cases, key=failing), min(cases, key=holding)]


def repeats(seeds: range) -> Iterator[Repeat]:
    """The hardest pools, staffed anew with other seeds."""
    for name, case in zip(("barely fails", "barely holds"), hardest(), strict=True):
        optimum = case.optimum()
        for seed in seeds:
            plan = staff(case.problem(100_000 + seed), workers=1)
            (n,) = plan.point
            shown = tuple(each.outcome is Verdict.MET for each in plan.certificate.judged)
            yield Repeat(name, seed, n, optimum, tuple(case.slacks(n)), shown)
