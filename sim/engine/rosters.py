"""Who is on shift when, in one replication: the scheduled shifts without the days of absence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.engine.choices import draw
from sim.mixing import descend

if TYPE_CHECKING:
    from sim.engine.lower import Plant

DAY_S = 86400.0
ALWAYS = ((0.0, float("inf")),)

Shifts = tuple[tuple[float, float], ...]
"""An agent's shifts in order, (start, end) in seconds; the end may be infinite."""


def shifts_of(plant: Plant, replication: int) -> dict[int, Shifts]:
    """The shifts of those agents who have any bounds, with shrinkage applied.

    An agent is absent in a day (24 h from the start) with the group's probability, one draw per
    agent and day.
    """
    shifts = dict(plant.shifts)
    for agent in range(plant.n_agents):
        group = plant.group_of[agent]
        share = plant.shrinkage[group]
        if share > 0.0:
            key = descend(plant.shrinkage_key[group], replication)
            index = int(plant.index_in_group[agent])
            scheduled = plant.scheduled.get(agent, ALWAYS)
            present = [
                (since, until)
                for day, since, until in _by_day(scheduled, plant.horizon_s)
                if draw(key, index, day) >= share
            ]
            shifts[agent] = before_horizon(_joined(present), plant.horizon_s)
    return shifts


def before_horizon(shifts: Shifts, horizon: float) -> Shifts:
    """These shifts as far as they happen.

    The crew of just before the horizon stays until the last call has left: no shift starts or
    ends from the horizon on.
    """
    return tuple((a, b if b < horizon else float("inf")) for a, b in shifts if a < horizon)


def _by_day(shifts: Shifts, horizon: float) -> list[tuple[int, float, float]]:
    """The parts (day, from, to) of shifts that are there or not as a whole, up to the horizon.

    A shift of at most 24 h belongs wholly to the day in which it begins, a longer one is cut at
    the days' bounds.
    """
    parts = []
    for start, end in shifts:
        day, since = int(start // DAY_S), start
        if end - start <= DAY_S:
            parts.append((day, start, end))
            continue
        while since < min(end, horizon):
            until = min((day + 1) * DAY_S, end)
            parts.append((day, since, until))
            day, since = day + 1, until
    return parts


def _joined(spells: list[tuple[float, float]]) -> Shifts:
    """Spells in order, those that adjoin as one."""
    joined: list[tuple[float, float]] = []
    for since, until in spells:
        if joined and joined[-1][1] == since:
            since = joined.pop()[0]
        joined.append((since, until))
    return tuple(joined)
