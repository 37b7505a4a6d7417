"""The plan document, and the scenario with the plan filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sim import __version__
from sim.planning.certify import Certificate, Judged, goal_outcome, worst
from sim.planning.goals import Goal
from sim.planning.problem import Point, Problem
from sim.planning.staff import Neighbour, Plan
from sim.scenario.model import Scenario

FORMAT = "callsim.plan/1"


def document(plan: Plan) -> dict[str, Any]:
    """As `staff --json` prints it: plain values, no NaN."""
    problem, scenario = plan.problem, plan.problem.scenario
    return {
        "format": FORMAT,
        "version": __version__,
        "scenario": scenario.name,
        "sha256": scenario.sha256,
        "engine": plan.engine,
        "seed": scenario.seed,
        "feasible": plan.feasible,
        "agents": problem.counts(plan.point),
        "cost": problem.cost(plan.point),
        "targets": _targets(problem, plan.certificate),
        "confidence": plan.confidence,
        "certificate": {
            "replications": plan.certificate.replications,
            "confidence": plan.certificate.confidence,
            "attempts": plan.attempts,
        },
        "neighbours": [_neighbour(problem, each) for each in plan.neighbours],
        "undecided": [
            {"agents": problem.counts(p), "cost": problem.cost(p)} for p in plan.undecided
        ],
        "bounds": [
            {"agents": scenario.agents[place].name, "low": b.low, "high": b.high}
            for place, b in zip(problem.free, problem.bounds, strict=True)
        ],
        "at_bound": at_bound(problem, plan.point) if plan.feasible else [],
        "replications": plan.replications,
        "elapsed_s": plan.elapsed_s,
        "work": {
            "started_from": problem.counts(plan.started_from),
            "plans": plan.trail.plans,
            "search_replications": plan.replications - plan.certificate_replications,
            "certificate_replications": plan.certificate_replications,
            "max_replications": plan.max_replications,
            "stopped": plan.trail.stopped,
            "cut_off": plan.trail.cut_off,
        },
    }


def at_bound(problem: Problem, point: Point) -> list[str]:
    """Groups that stand at their upper bound though it leaves room below: it may bind."""
    return [
        problem.scenario.agents[place].name
        for place, b, n in zip(problem.free, problem.bounds, point, strict=True)
        if n == b.high > b.low
    ]


def planned(plan: Plan) -> Scenario:
    """The scenario with the plan filled in, its `expect` the targets that were planned for.

    Targets on every interval have no place in a scenario's `expect` and are left out of it.
    """
    expect = tuple(g.target for g in plan.problem.goals if not g.every_interval)
    return replace(plan.problem.staffed(plan.point), expect=expect)


def _targets(problem: Problem, made: Certificate) -> list[dict[str, Any]]:
    return [_target(problem, i, goal, made) for i, goal in enumerate(problem.goals)]


def _target(problem: Problem, place: int, goal: Goal, made: Certificate) -> dict[str, Any]:
    """A goal's row; over intervals that of the worst of them, and all of them besides."""
    mine = [each for each in made.judged if each.limit.goal == place]
    row: dict[str, Any] = {
        "target": goal.text,
        "outcome": str(goal_outcome(mine)),
        "estimate": worst(mine).estimate.document(),
    }
    if goal.every_interval:
        row["intervals"] = [_interval(problem.scenario, each) for each in mine]
    return row


def _interval(scenario: Scenario, judged: Judged) -> dict[str, Any]:
    slot = judged.limit.slot
    assert slot is not None
    return {
        "start_s": slot * scenario.interval_s,
        "end_s": min((slot + 1) * scenario.interval_s, scenario.horizon_s),
        "outcome": str(judged.outcome),
        "estimate": judged.estimate.document(),
    }


def _neighbour(problem: Problem, each: Neighbour) -> dict[str, Any]:
    made = each.certificate
    rows = _targets(problem, made)
    return {
        "one_fewer": problem.scenario.agents[each.group].name,
        "agents": problem.counts(made.point),
        "cost": problem.cost(made.point),
        "breaks": [row["target"] for row in rows if row["outcome"] == "missed"],
        "targets": rows,
        "replications": made.replications,
        "confidence": made.confidence,
    }
