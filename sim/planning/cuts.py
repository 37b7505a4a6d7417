"""Cutting planes: from the start to where the targets bind.

At a plan the scores of all limits and their slopes, by differences under common random numbers,
make a linear inequality each; a linear program with whole numbers of agents finds the cheapest
plan that keeps all inequalities so far, and that plan is simulated next (Atlason, Epelman and
Henderson, "Call center staffing with simulation and cutting plane methods", Annals of Operations
Research 127, 2004; Cezik and L'Ecuyer, "Staffing multiskill call centers via linear programming
and simulation", Management Science 54, 2008). Service levels are S-shaped in the number of
agents, where cuts may take away the best plan (Cezik and L'Ecuyer, section 4): here they are cuts
on the scores, which run nearly straight, they can be broken at a price, and they only bring the
search near. What it ends with is decided by the search among the plans around.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from sim.planning.bench import Bench
from sim.planning.problem import Point, Problem

Floats = NDArray[np.float64]

MOST_STEPS = 14
SETTLED = 0.002
"""The change of cost, as a share of it, at which the steps are over if the plan seems to hold."""
CUTS = 40
"""Limits of a step that make cuts: those nearest to being broken."""
STEP = 0.04
"""The share of a group that a slope is measured over, at least one agent."""
REACH = 0.35
"""How far a step may go, as a share of a group, at least `LEAST_REACH` agents."""
LEAST_REACH = 4
HOPELESS = -3.0
"""Below this score slopes are lost; more of whoever may help is tried instead."""


@dataclass(frozen=True)
class Cut:
    """Scores and slopes at a point: scores + slopes (z - point) >= 0 for a plan z."""

    point: Point
    scores: Floats
    slopes: Floats


def near_start(bench: Bench, start: Point, n: int) -> Point:
    """Follow the cuts from `start`, every point simulated for `n` replications.

    The cheapest plan on the way that seems to hold; where none does, the last one.
    """
    problem, point, cuts = bench.problem, start, list[Cut]()
    for _ in range(MOST_STEPS):
        cuts.append(cut_at(bench, point, n))
        following = master(problem, cuts, point)
        if any(cut.point == following for cut in cuts):
            break
        before, now = problem.cost(point), problem.cost(following)
        if cuts[-1].scores.min() >= 0.0 and abs(now - before) <= SETTLED * before:
            break
        point = following
    bench.ensure([following], n)
    holding = [p for p in bench.points if min(each.score for each in bench.readings(p, n)) >= 0.0]
    return min(holding, key=problem.rank, default=following)


def cut_at(bench: Bench, point: Point, n: int) -> Cut:
    """The scores and slopes at a point."""
    problem = bench.problem
    bench.ensure([point], n)
    scores = np.array([each.score for each in bench.readings(point, n)])
    up = scores.min() < 0.0
    probes = [_probe(problem, point, i, up) for i in range(len(point))]
    bench.ensure([probe for probe in probes if probe != point], n)
    slopes = np.zeros((scores.size, len(point)))
    for i, probe in enumerate(probes):
        if probe != point:
            there = np.array([each.score for each in bench.readings(probe, n)])
            slopes[:, i] = (there - scores) / (probe[i] - point[i])
    for row in np.flatnonzero(scores < HOPELESS):
        slopes[row] = np.maximum(slopes[row], _help(problem, int(row), point))
    order = np.argsort(scores)[:CUTS]
    return Cut(point, scores[order], slopes[order])


def _probe(problem: Problem, point: Point, i: int, up: bool) -> Point:
    bounds = problem.bounds[i]
    step = max(1, round(STEP * point[i]))
    value = min(point[i] + step, bounds.high) if up else max(point[i] - step, bounds.low)
    if value == point[i]:
        value = max(point[i] - step, bounds.low) if up else min(point[i] + step, bounds.high)
    return (*point[:i], value, *point[i + 1 :])


def _help(problem: Problem, row: int, point: Point) -> Floats:
    """Slopes that ask for more of the groups who may answer the limit's calls."""
    limit, scenario = problem.limits[row], problem.scenario
    slopes = np.zeros(len(point))
    for i, place in enumerate(problem.free):
        group = scenario.agents[place]
        queues = scenario.queues if limit.rows is None else scenario.queues[limit.rows]
        mine = place == limit.group if limit.group is not None else True
        if mine and any(queue.matches(group.tags) for queue in queues):
            slopes[i] = 2.0 / max(4.0, REACH * point[i])
    return slopes if limit.group is None else limit.sign * -slopes


def master(problem: Problem, cuts: list[Cut], point: Point) -> Point:
    """The cheapest plan near `point` that keeps the cuts; where none does, breaks them least."""
    n = len(point)
    slopes = np.concatenate([cut.slopes for cut in cuts])
    needs = np.concatenate([cut.slopes @ np.array(cut.point) - cut.scores for cut in cuts])
    m = len(slopes)
    costs = np.array(problem.unit_costs)
    price = 1e3 * (costs.max(initial=0.0) + 1.0)
    reach = np.maximum(LEAST_REACH, np.ceil(REACH * np.array(point)))
    low = np.maximum(problem.low, np.array(point) - reach)
    high = np.minimum(problem.high, np.array(point) + reach)
    rows = [np.hstack([slopes, np.eye(m)])]
    least = [needs]
    for able, wanted in problem.covers:
        rows.append(np.array([[*able, *np.zeros(m)]], np.float64))
        least.append(np.array([min(float(wanted), float(np.array(able) @ high))]))
    found = milp(
        np.concatenate([costs + 1e-6, np.full(m, price)]),
        integrality=np.concatenate([np.ones(n), np.zeros(m)]),
        bounds=Bounds(
            np.concatenate([low, np.zeros(m)]), np.concatenate([high, np.full(m, np.inf)])
        ),
        constraints=LinearConstraint(np.vstack(rows), np.concatenate(least), np.inf),
        options={"node_limit": 2000, "mip_rel_gap": 1e-4},
    )
    if found.x is None:
        return point
    return tuple(round(v) for v in found.x[:n])
