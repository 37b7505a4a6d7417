"""When agents were there: as the log tells, or as what they answered shows.

An agent is taken to be on duty from the first answer of a stretch to the end of its last
conversation and wrap-up, and to have been idle before and after as agents are on average where
nobody waits. A stretch ends with an hour without an answer, and with a gap, longer than any
wrap-up, during which calls that the agent could have answered were left waiting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.fit.sample import Sample
from sim.calibration.fit.work import WAITED_S, Work
from sim.calibration.history import History, Presence

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

LONG_GAP_S = 3600.0
MOST_IDLE_S = 900.0
"""No more than this is added before the first answer and after the last."""
TRUSTED = 0.8
"""Presence is used where so many of the answers were by agents who were there by it."""


@dataclass(frozen=True, slots=True, eq=False)
class Duty:
    """Spells on duty, by agent; `source` is `presence` or `activity`. `notes` say what is odd."""

    agent: Longs
    from_at: Floats
    to_at: Floats
    source: str
    notes: tuple[str, ...] = ()

    def per_slot(self, sample: Sample, group_of: Longs, n_groups: int) -> Floats:
        """Agents on duty on average, shape (groups, days, slots); `group_of` an agent, or -1."""
        days, slots = sample.n_days, sample.n_slots
        out = np.zeros(n_groups * days * slots)
        edges = _slot_edges(sample)
        group = group_of[self.agent]
        some = group >= 0
        order = np.flatnonzero(some)[np.argsort(self.from_at[some], kind="stable")]
        start, end, group = self.from_at[order], self.to_at[order], group[order]
        longest = float((end - start).max(initial=0.0))
        for day in range(days):
            first = np.searchsorted(start, edges[day, 0] - longest)
            here = slice(int(first), int(np.searchsorted(start, edges[day, -1])))
            for slot in range(slots):
                since, until = edges[day, slot], edges[day, slot + 1]
                shared = np.minimum(end[here], until) - np.maximum(start[here], since)
                part = np.bincount(group[here], np.maximum(shared, 0.0), minlength=n_groups)
                out[(np.arange(n_groups) * days + day) * slots + slot] = part / (until - since)
        return out.reshape(n_groups, days, slots)


def duty(sample: Sample, done: Work, cut_s: float, wrap_up_s: float) -> Duty:
    """Who was on duty, by presence where the log has any that can be trusted, else by activity."""
    presence = sample.others.presence
    notes: tuple[str, ...] = ()
    if presence is not None and presence.agent.size:
        told = by_presence(presence, sample)
        covered = _covered(told, done)
        if covered >= TRUSTED:
            return told
        notes = (
            f"the log's logins cover only {100.0 * covered:.0f} % of the answers: agents are"
            " counted by what they answered",
        )
    found = by_activity(sample.others, done, cut_s, wrap_up_s)
    return Duty(found.agent, found.from_at, found.to_at, found.source, notes)


def by_activity(history: History, done: Work, cut_s: float, wrap_up_s: float) -> Duty:
    """Stretches of answers.

    Before a first call that nobody waited for, the agent had been idle; after the last one as often
    as between calls.
    """
    n = done.agent.size
    last = np.isnan(done.gap_s)
    splits = last | (done.gap_s > LONG_GAP_S)
    long = ~splits & (done.gap_s > cut_s)
    away = long & (done.next_waited | _left_waiting(history, done, long, cut_s))
    between = ~splits & ~away
    free = between & ~done.next_waited
    idle = np.maximum(done.gap_s[free] - wrap_up_s, 0.0)
    idle_s = min(float(idle.mean()) if idle.size else 0.0, MOST_IDLE_S)
    often = float(free.sum() / max(int(between.sum()), 1))
    splits |= away
    first = np.append(True, splits[:-1]) if n else np.zeros(0, bool)
    starts = done.answered_at[first] - np.where(done.waited[first], 0.0, idle_s)
    ends = done.ends_at[splits] + wrap_up_s + np.where(away[splits], 0.0, often * idle_s)
    return Duty(done.agent[first], starts, ends, "activity")


def _left_waiting(history: History, done: Work, long: Flags, cut_s: float) -> Flags:
    """Whether during a gap a call to a queue that the agent answers came and had to wait."""
    out = np.zeros(done.agent.size, bool)
    rows = np.flatnonzero(long)
    waiting = np.nan_to_num(history.wait_s) > WAITED_S
    n_queues = len(history.queues)
    answers = np.zeros((int(done.agent.max(initial=-1)) + 1, n_queues), bool)
    answers[done.agent, done.queue] = True
    for queue in range(n_queues):
        mine = rows[answers[done.agent[rows], queue]]
        joined = history.joined_at[waiting & (history.queue == queue)]
        since = np.searchsorted(joined, done.ends_at[mine] + 0.5 * cut_s)
        until = np.searchsorted(joined, done.next_answer_at[mine] - WAITED_S)
        out[mine] |= until > since
    return out


def by_presence(presence: Presence, sample: Sample) -> Duty:
    """Logged in to more queues than paused in, and not paused in all."""
    edges = _slot_edges(sample)
    first, last = float(edges.min()), float(edges.max())
    since = np.where(np.isnan(presence.from_at), first, presence.from_at)
    until = np.where(np.isnan(presence.to_at), last, presence.to_at)
    agents, starts, ends = [], [], []
    order = np.argsort(presence.agent, kind="stable")
    bounds = np.flatnonzero(np.diff(presence.agent[order])) + 1
    for rows in np.split(order, bounds):
        some = rows[until[rows] > since[rows]]
        if not some.size:
            continue
        at = np.concatenate([since[some], until[some]])
        sign = np.repeat([1, -1], some.size)
        paused, whole = np.tile(presence.paused[some], 2), np.tile(presence.queue[some] < 0, 2)
        by_time = np.argsort(at, kind="stable")
        at = at[by_time]
        member = np.cumsum(np.where(paused, 0, sign)[by_time])
        in_all = np.cumsum(np.where(paused & whole, sign, 0)[by_time])
        in_some = np.cumsum(np.where(paused & ~whole, sign, 0)[by_time])
        on = (member > in_some) & (in_all == 0)
        begins = np.flatnonzero(on[:-1])
        begins = begins[at[begins + 1] > at[begins]]
        agents.append(np.full(begins.size, int(presence.agent[some[0]]), np.int64))
        starts.append(at[begins])
        ends.append(at[begins + 1])
    none = np.zeros(0)
    return Duty(
        np.concatenate(agents) if agents else np.zeros(0, np.int64),
        np.concatenate(starts) if starts else none,
        np.concatenate(ends) if ends else none,
        "presence",
    )


def _covered(told: Duty, done: Work) -> float:
    """The share of the answers that fall into the agent's own spells, a minute's grace given."""
    if not done.agent.size:
        return 1.0
    span = 1e11
    """More than any POSIX time: agents one after the other on one axis."""
    order = np.argsort(told.agent * span + told.from_at)
    starts = (told.agent * span + told.from_at)[order] - 60.0
    ends = (told.agent * span + told.to_at)[order] + 60.0
    at = done.agent * span + done.answered_at
    place = np.searchsorted(starts, at, side="right") - 1
    return float(((place >= 0) & (at <= ends[np.maximum(place, 0)])).mean()) if ends.size else 0.0


def _slot_edges(sample: Sample) -> Floats:
    """The instants at which intervals begin and end, POSIX seconds, shape (days, slots + 1)."""
    from datetime import datetime, timedelta

    zone = sample.history.zone
    rows = []
    for day in sample.days:
        midnight = datetime(day.year, day.month, day.day)
        row = [
            (midnight + timedelta(seconds=sample.from_s + i * sample.interval_s))
            .replace(tzinfo=zone)
            .timestamp()
            for i in range(sample.n_slots + 1)
        ]
        rows.append(row)
    return np.maximum.accumulate(np.array(rows), axis=1)
