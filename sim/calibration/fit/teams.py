"""Groups of agents by the queues that they answer, and how many of each are on duty when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.fit.duty import Duty
from sim.calibration.fit.sample import Sample
from sim.calibration.fit.work import Work
from sim.metrics.estimates import Estimate, ratio

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Shape = frozenset[int]

TINY = 0.02
"""A queue that has less than this share of an agent's calls is none that they are there for."""
LEAST_PRESENT = 0.1
LEAST_ON_DUTY = 1.0
"""A group of which on average not even this many are there at the busiest time joins another."""


@dataclass(frozen=True, slots=True, eq=False)
class Team:
    """Agents who answer the same queues.

    `members` are the log's agents; `on_duty`, shape (days, slots), how many were there on average;
    `counts` the whole numbers of the schedule; `answered` their calls to each queue. `peak` is
    the mean over days at the busiest interval, `hours` the agent hours a day.
    """

    queues: tuple[int, ...]
    members: tuple[str, ...]
    on_duty: Floats
    counts: tuple[int, ...]
    answered: Floats
    peak: Estimate
    hours: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Teams:
    """All groups, the largest first. `ignored` are calls to queues that a group is not there for;
    `merged` how many sets of queues were joined to others."""

    teams: tuple[Team, ...]
    ignored: int
    merged: int


def teams(sample: Sample, done: Work, on: Duty, wanted: tuple[int, ...], wrap_up_s: float) -> Teams:
    """The groups that answer the queues `wanted` (codes of the history).

    Agents who answered none of them are left out. What time they spent on calls of other queues,
    each with a wrap-up of `wrap_up_s`, they were not there for these.
    """
    n_agents = len(sample.others.agents)
    calls = np.zeros((n_agents, len(sample.others.queues)))
    np.add.at(calls, (done.agent, done.queue), 1.0)
    calls = calls[:, list(wanted)]
    groups = _by_shape(calls)
    if not groups:
        return Teams((), 0, 0)
    of = np.full(n_agents, -1, np.int64)
    for place, members in enumerate(groups):
        of[members] = place
    on_duty = on.per_slot(sample, of, len(groups))
    other = ~np.isin(done.queue, wanted)
    if other.any():
        away = Duty(
            done.agent[other], done.answered_at[other], done.ends_at[other] + wrap_up_s, "activity"
        )
        on_duty = np.maximum(on_duty - away.per_slot(sample, of, len(groups)), 0.0)
    merged = len(groups)
    groups, on_duty = _joined(groups, on_duty, calls)
    merged -= len(groups)
    sets = [_shape(calls[members].sum(axis=0)) for members in groups]
    sets = _covering(sets, groups, calls)
    order = sorted(range(len(groups)), key=lambda g: (-on_duty[g].sum(), sorted(sets[g])))
    counts = whole_counts(np.array([on_duty[g].mean(axis=0) for g in order]))
    ones = np.ones(sample.n_days)
    found, ignored = [], 0
    for place, g in enumerate(order):
        own = calls[groups[g]].sum(axis=0)
        ignored += int(own.sum() - own[sorted(sets[g])].sum())
        busiest = int(np.argmax(on_duty[g].mean(axis=0)))
        found.append(
            Team(
                tuple(wanted[q] for q in sorted(sets[g])),
                tuple(sample.others.agents[a] for a in groups[g]),
                on_duty[g], tuple(int(c) for c in counts[place]), own,
                ratio(on_duty[g][:, busiest], ones),
                ratio(on_duty[g].sum(axis=1) * sample.interval_s / 3600.0, ones),
            )
        )  # fmt: skip
    return Teams(tuple(found), ignored, merged)


def whole_counts(mean: Floats) -> Longs:
    """Whole numbers near the means, shape (groups, slots), that neither gain nor lose hours.

    What rounding leaves over is added up, of all groups together; once it is a whole agent for an
    interval, there is one more, or fewer. Where somebody is there for a part of an interval, at
    least one agent is.
    """
    n_groups, n_slots = mean.shape
    carried, over = np.zeros(n_groups), 0.0
    counts = np.zeros(mean.shape, np.int64)
    for slot in range(n_slots):
        own = mean[:, slot]
        least = int(own.sum() >= LEAST_PRESENT)
        total = int(np.floor(own.sum() + 0.5))
        total = max(total + int(over + own.sum() - total), least)
        base = np.floor(own + 0.5).astype(np.int64)
        while base.sum() != total:
            gap = own + carried - base
            if base.sum() < total:
                base[int(np.argmax(gap))] += 1
            else:
                base[int(np.argmin(np.where(base > 0, gap, np.inf)))] -= 1
        counts[:, slot] = base
        over = float(np.clip(over + own.sum() - total, -1.0, 1.0))
        carried = np.clip(carried + own - base, -1.0, 1.0)
    return counts


def _shape(calls: Floats) -> Shape:
    """The queues with more than a tiny share, in any case the one with the most calls."""
    if not calls.sum() > 0.0:
        return frozenset()
    some = set(np.flatnonzero(calls >= TINY * calls.sum()).tolist())
    return frozenset(some | {int(np.argmax(calls))})


def _by_shape(calls: Floats) -> list[list[int]]:
    """Agents by the set of queues that they answer, in the order of the first agent."""
    groups: dict[Shape, list[int]] = {}
    for agent, own in enumerate(calls):
        shape = _shape(own)
        if shape:
            groups.setdefault(shape, []).append(agent)
    return list(groups.values())


def _joined(
    groups: list[list[int]], on_duty: Floats, calls: Floats
) -> tuple[list[list[int]], Floats]:
    """Small groups joined to those whose calls are most alike (the cosine of their shares)."""
    groups, rows = [list(g) for g in groups], [on_duty[g] for g in range(len(groups))]
    while len(groups) > 1:
        peaks = [float(row.mean(axis=0).max()) for row in rows]
        small = int(np.argmin(peaks))
        if peaks[small] >= LEAST_ON_DUTY:
            break
        own = np.array([calls[g].sum(axis=0) for g in groups])
        unit = own / np.linalg.norm(own, axis=1, keepdims=True)
        alike = unit @ unit[small]
        alike[small] = -1.0
        into = int(np.argmax(alike))
        groups[into] = sorted(groups[into] + groups[small])
        rows[into] = rows[into] + rows[small]
        del groups[small], rows[small]
    return groups, np.array(rows)


def _covering(sets: list[Shape], groups: list[list[int]], calls: Floats) -> list[Shape]:
    """Every queue that was answered has a group: the one that answered it most."""
    own = np.array([calls[members].sum(axis=0) for members in groups])
    out = list(sets)
    for queue in np.flatnonzero(own.sum(axis=0) > 0.0).tolist():
        if not any(queue in each for each in out):
            place = int(np.argmax(own[:, queue]))
            out[place] = out[place] | {queue}
    return out
