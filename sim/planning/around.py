"""The plans around a plan: those that the search has still to think of."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.planning.problem import Point, Problem

Whole = NDArray[np.int64]

MOST = 60_000
"""Plans that a box around a plan may hold."""
BOX_GROUPS = 4
LONGEST_TRADE = 10
FAR = 100


def around(problem: Problem, point: Point) -> Whole:
    """Plans around a point within the bounds and covers, shape (plans, groups), some twice.

    Of up to four groups all in a box, as large as can be; of more all that differ by at most a
    few agents in all, and every trade of some agents of one group for some of another.
    """
    n = len(point)
    here = np.array(point)
    low, high = np.array(problem.low), np.array(problem.high)
    if n <= BOX_GROUPS:
        moves = [_box(low, high, here), here + _trades(n)]
    else:
        moves = [here + _small(n), here + _trades(n)]
    found = np.concatenate(moves)
    inside = np.all((found >= low) & (found <= high), axis=1)
    for able, wanted in problem.covers:
        inside &= found @ np.array(able) >= wanted
    return found[inside]


def costs(problem: Problem, points: Whole) -> NDArray[np.float64]:
    """What each plan's free groups cost, shape (plans,)."""
    total = np.zeros(len(points))
    for i, place in enumerate(problem.free):
        numbers, back = np.unique(points[:, i], return_inverse=True)
        table = np.array([problem.group_cost(place, int(count)) for count in numbers])
        total += table[back]
    return total


def _box(low: Whole, high: Whole, here: Whole) -> Whole:
    """All points within the largest radius at which they are not too many."""
    radius = 1
    while radius < FAR:
        width = np.minimum(high, here + radius + 1) - np.maximum(low, here - radius - 1) + 1
        if float(np.prod(np.maximum(width, 1).astype(np.float64))) > MOST:
            break
        radius += 1
    spans = [
        np.arange(max(a, x - radius), min(b, x + radius) + 1)
        for a, b, x in zip(low, high, here, strict=True)
    ]
    return np.stack([each.ravel() for each in np.meshgrid(*spans, indexing="ij")], axis=1)


@cache
def _small(n: int) -> Whole:
    """All changes of at most 4 agents in all (3 or 2 of many groups)."""
    most = 4 if n <= 8 else 3 if n <= 16 else 2
    found = {(0,) * n}
    for _ in range(most):
        found |= {
            (*each[:i], each[i] + sign, *each[i + 1 :])
            for each in found
            for i in range(n)
            for sign in (-1, 1)
        }
    return np.array(sorted(found))


@cache
def _trades(n: int) -> Whole:
    """Some agents of one group fewer, or some of another more, or both."""
    steps = range(LONGEST_TRADE + 1)
    rows = {(0,) * n}
    for i, j in itertools.permutations(range(n), 2):
        for fewer, more in itertools.product(steps, steps):
            row = [0] * n
            row[i], row[j] = -fewer, more
            rows.add(tuple(row))
    for fewer in steps:
        rows |= {tuple(-fewer if k == i else 0 for k in range(n)) for i in range(n)}
    return np.array(sorted(rows))
