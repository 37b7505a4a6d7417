"""Shifts of a replication: days of absence, and what they do to shifts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from sim.engine.lower import lower
from sim.engine.rosters import DAY_S, shifts_of
from sim.scenario.distributions import Deterministic
from sim.scenario.model import AgentGroup, ListedArrivals, Period, Queue, Scenario

NEVER = float("inf")
HOUR = 3600.0


def scenario(group: AgentGroup, days: float) -> Scenario:
    queue = Queue("q", ListedArrivals(()), Deterministic(value_s=1.0))
    return Scenario("s", days * DAY_S, (queue,), (group,))


def test_always_there_but_for_whole_days() -> None:
    """Claim: an agent without a schedule is absent for whole days, adjoining days of presence
    are one shift, and the crew of the last day stays."""
    plant = lower(scenario(AgentGroup("g", 40, shrinkage=0.3), 5.5))
    seen = set()
    for own in shifts_of(plant, 0).values():
        for start, end in own:
            assert start % DAY_S == 0.0 and (end % DAY_S == 0.0 or end == NEVER)
            seen.add(end == NEVER)
        assert all(a[1] < b[0] for a, b in pairwise(own))
    assert seen == {True, False}


def test_the_share_of_days() -> None:
    """Claim: with shrinkage 0.3, 2000 agents are absent on 30 % of 6 days; five standard errors
    (0.0042 each) leave an error rate below 1e-6. Replications differ, the same one does not."""
    plant = lower(scenario(AgentGroup("g", 2000, shrinkage=0.3), 6.0))
    shifts = shifts_of(plant, 3)
    there = sum(min(b, 6 * DAY_S) - a for own in shifts.values() for a, b in own)
    assert abs(1.0 - there / (2000 * 6 * DAY_S) - 0.3) < 5 * np.sqrt(0.3 * 0.7 / 12000)
    assert shifts == shifts_of(plant, 3) != shifts_of(plant, 4)


def test_a_night_shift_belongs_to_the_day_in_which_it_begins() -> None:
    """Claim: a shift over midnight is there or not as a whole; one longer than 24 h is cut."""
    nights = tuple(Period(d * DAY_S + 22 * HOUR, d * DAY_S + 30 * HOUR, 300) for d in range(2))
    plant = lower(scenario(AgentGroup("g", 300, schedule=nights, shrinkage=0.5), 3.0))
    spells = {spell for own in shifts_of(plant, 0).values() for spell in own}
    assert spells == {(p.from_s, p.to_s) for p in nights}
    long = (Period(12 * HOUR, 60 * HOUR, 300),)
    plant = lower(scenario(AgentGroup("g", 300, schedule=long, shrinkage=0.5), 3.0))
    bounds = {x for own in shifts_of(plant, 0).values() for spell in own for x in spell}
    assert bounds == {12 * HOUR, 24 * HOUR, 48 * HOUR, 60 * HOUR}


def test_a_shift_across_the_horizon_is_judged_by_its_length() -> None:
    """Claim: a night shift that the horizon cuts is still one of at most 24 h."""
    night = (Period(22 * HOUR, 30 * HOUR, 300),)
    plant = lower(scenario(AgentGroup("g", 300, schedule=night, shrinkage=0.5), 26 / 24))
    spells = {spell for own in shifts_of(plant, 0).values() for spell in own}
    assert spells == {(22 * HOUR, NEVER)}


def test_none_without_shrinkage() -> None:
    """Claim: without shrinkage the shifts are the scheduled ones; with all of it there are none."""
    group = AgentGroup("g", 3, schedule=(Period(0.0, HOUR, 3),))
    plant = lower(scenario(group, 1.0))
    assert shifts_of(plant, 0) == plant.shifts
    gone = shifts_of(lower(scenario(replace(group, shrinkage=1.0), 1.0)), 0)
    assert set(gone.values()) == {()}
