"""Calibration: all that a scenario needs, estimated from a history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calibration.fit.arrivals import (
    ERROR,
    Arrivals,
    Together,
    arrivals,
    shared,
    together,
    weekday_p,
)
from sim.calibration.fit.asked import Asked
from sim.calibration.fit.duty import duty
from sim.calibration.fit.effective import Effective, effective
from sim.calibration.fit.limits import Limits, limits
from sim.calibration.fit.names import queue_names
from sim.calibration.fit.patience import Patience, patience
from sim.calibration.fit.sample import Sample, sample
from sim.calibration.fit.service import Service, service
from sim.calibration.fit.teams import Team, Teams, teams
from sim.calibration.fit.work import work
from sim.calibration.fit.wrap_up import WrapUp, wrap_up
from sim.calibration.history import History, Outcome
from sim.metrics.estimates import Estimate, ratio, share
from sim.scenario.errors import Problem, ScenarioError, did_you_mean, list_names

MOST_UNNAMED = 0.5
"""Where more of the answered calls name no agent, those who are named are not the agents."""
FAR_OFF = 0.25
"""How far a law's median may be from the data's."""
FEW = 5
"""With fewer conversations than this a queue has those of all queues."""


@dataclass(frozen=True, slots=True, eq=False)
class QueueFit:
    """What was found of a queue. `service_of_all` and `patience_of_all` tell that its own calls
    were too few, and those of all queues together stand in."""

    name: str
    counts: dict[str, int]
    arrivals: Arrivals
    service: Service
    service_of_all: bool
    patience: Patience | None
    patience_of_all: bool
    limits: Limits
    shares_busyness: bool
    abandonment: Estimate
    asa_s: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Everything that a scenario is written from.

    `agents_from` is `presence`, `activity`, `effective` (the log names none) or `asked`;
    `constant` are numbers that were asked for by the group's name. `occupancy` is the work that was
    seen over the time on duty.
    """

    asked: Asked
    sample: Sample
    queues: tuple[QueueFit, ...]
    wrap_up: WrapUp
    teams: Teams
    effective: Effective | None
    agents_from: str
    constant: dict[str, int]
    pairs: tuple[Together, ...]
    occupancy: Estimate | None
    notes: tuple[str, ...]

    @property
    def history(self) -> History:
        return self.sample.history

    def names_of(self, codes: tuple[int, ...]) -> list[str]:
        """The names of queues by their codes."""
        names = queue_names(self.history.queues)
        return [names[code] for code in codes]

    def team_name(self, place: int) -> str:
        """`team`, or `team1`, `team2`, ... where there are several."""
        return "team" if len(self.teams.teams) < 2 else f"team{place + 1}"


def calibrate(history: History, asked: Asked) -> Calibration:
    """Fit a scenario of one day to a log.

    Raises ScenarioError for what makes no scenario: no call, none that was answered, a queue or a
    group of agents that there is not.
    """
    seen = sample(history, asked)
    codes = [c for c in range(len(history.queues)) if (seen.history.queue == c).any()]
    masks = [np.equal(seen.history.queue, code) for code in codes]
    offered = [arrivals(seen.per_slot(mask)) for mask in masks]
    pairs = together(
        [each.counts.sum(axis=1) for each in offered], [each.busyness for each in offered]
    )
    in_common = shared(pairs)
    names = queue_names(history.queues)
    services = _services(seen, masks, asked.service)
    patiences = _patiences(seen, masks)
    fits = tuple(
        _queue(seen, names[code], masks[i], offered[i], i in in_common, services[i],
               patiences[i])
        for i, code in enumerate(codes)
    )  # fmt: skip
    return _with_agents(seen, asked, fits, tuple(pairs), codes)


def _services(
    seen: Sample, masks: list[NDArray[np.bool_]], family: str
) -> list[tuple[Service, bool]]:
    """The service times of each queue, and whether they are those of all queues together.

    Raises ScenarioError where none is told at all.
    """
    own = [service(seen, mask, family) for mask in masks]
    few = [each is None or (each.n < FEW and len(masks) > 1) for each in own]
    pooled = service(seen, np.ones(len(seen.history), bool), family) if any(few) else None
    if pooled is None and all(each is None for each in own):
        raise ScenarioError(
            [
                Problem(
                    seen.history.reading.source, 0, 0, "",
                    "no answered call with the length of its conversation is among the"
                    f" {len(seen.history):,} calls of the days asked for: there is nothing to tell"
                    " how long one takes",
                )
            ]
        )  # fmt: skip
    return [
        (pooled, True) if not_enough and pooled is not None else (each or pooled, False)  # type: ignore[misc]
        for each, not_enough in zip(own, few, strict=True)
    ]


def _patiences(seen: Sample, masks: list[NDArray[np.bool_]]) -> list[tuple[Patience | None, bool]]:
    """The patience of each queue, and whether it is that of all queues together."""
    own = [patience(seen, mask) for mask in masks]
    few = [each is None or each.chosen is None for each in own]
    pooled = None
    if any(few) and len(masks) > 1:
        pooled = patience(seen, np.ones(len(seen.history), bool))
    if pooled is None or pooled.chosen is None:
        return [(each, False) for each in own]
    return [(pooled, True) if f else (each, False) for each, f in zip(own, few, strict=True)]


def _queue(
    seen: Sample,
    name: str,
    mine: NDArray[np.bool_],
    offered: Arrivals,
    shares: bool,
    conversations: tuple[Service, bool],
    staying: tuple[Patience | None, bool],
) -> QueueFit:
    outcome, wait = seen.history.outcome, np.maximum(np.nan_to_num(seen.history.wait_s), 0.0)
    answered, gone = mine & (outcome == Outcome.ANSWERED), mine & (outcome == Outcome.ABANDONED)
    timed_out = mine & (outcome == Outcome.TIMEOUT)
    ended = answered | gone | timed_out
    return QueueFit(
        name,
        {"calls": int(mine.sum())}
        | {each.name.lower(): int((mine & (outcome == each)).sum()) for each in Outcome},
        offered, *conversations, *staying, limits(seen, mine), shares,
        share(seen.per_day(gone | timed_out), seen.per_day(ended)),
        ratio(seen.per_day(answered, wait), seen.per_day(answered)),
    )  # fmt: skip


def _with_agents(
    seen: Sample,
    asked: Asked,
    fits: tuple[QueueFit, ...],
    pairs: tuple[Together, ...],
    codes: list[int],
) -> Calibration:
    done = work(seen.others)
    after = wrap_up(seen, done, None if asked.wrap_up is None else asked.wrap_up[1].mean_s)
    on = duty(seen, done, after.cut_s, after.mean_s)
    found = teams(seen, done, on, tuple(codes), after.mean_s)
    by_erlang: Effective | None = None
    source, busy, notes = on.source, None, list(on.notes)
    unnamed = _unnamed(seen)
    if found.teams and 0.0 < unnamed <= MOST_UNNAMED:
        notes.append(
            f"{100.0 * unnamed:.2g} % of the answered calls name no agent: who took them is not"
            " among the agents"
        )
    if found.teams and unnamed <= MOST_UNNAMED:
        busy = _occupancy(seen, found, after.mean_s)
        notes += _team_notes(found, asked)
    else:
        by_erlang = _effective(seen, fits, after.mean_s)
        found, source = _one_team(seen, by_erlang, codes), "effective"
    notes += _by_weekday(seen) + _far_off(fits)
    draft = Calibration(
        asked, seen, fits, after, found, by_erlang, source, {}, pairs, busy, ()
    )  # fmt: skip
    names = [draft.team_name(place) for place in range(len(found.teams))]
    _check_names(asked, names, seen.history.reading.source)
    return Calibration(
        asked, seen, fits, after, found, by_erlang, source, dict(asked.agents), pairs, busy,
        tuple([*seen.notes, *notes]),
    )  # fmt: skip


def _unnamed(seen: Sample) -> float:
    """The share of the answered calls that name no agent."""
    answered = seen.history.answered()
    return float((seen.history.agent[answered] < 0).mean()) if answered.any() else 0.0


def _occupancy(seen: Sample, found: Teams, wrap_up_s: float) -> Estimate:
    """Conversations and wrap-up over the time on duty, of the queues asked for."""
    history = seen.history
    talked = history.answered() & (history.agent >= 0) & np.isfinite(history.talk_s)
    busy = seen.per_day(talked, history.talk_s) + wrap_up_s * seen.per_day(talked)
    there = np.sum([team.on_duty.sum(axis=1) for team in found.teams], axis=0) * seen.interval_s
    return ratio(busy, there)


def _by_weekday(seen: Sample) -> list[str]:
    """That the days of the week differ, where they do."""
    totals = seen.per_day(np.ones(len(seen.history), bool))
    weekdays = [day.weekday() for day in seen.days]
    p = weekday_p(totals, weekdays)
    if p is None or p >= ERROR:
        return []
    means = {
        f"{seen.days[weekdays.index(each)]:%a}": totals[np.equal(weekdays, each)].mean()
        for each in sorted(set(weekdays))
    }
    told = ", ".join(f"{name} {mean:,.0f}" for name, mean in means.items())
    return [
        f"days of the week differ (p = {p:.2g}; calls a day: {told}), which is in the variation of"
        " days here: --days takes one kind"
    ]


def _far_off(fits: tuple[QueueFit, ...]) -> list[str]:
    """Queues whose law has the right mean but the wrong middle."""
    notes = []
    for each in fits:
        _, seen, fitted = each.service.quantiles[0]
        far = abs(fitted - seen) > FAR_OFF * seen and each.service.n >= 30
        if far and each.service.values_s is None and not each.service_of_all:
            notes.append(
                f"{each.name}: half of the conversations are over in {seen:,.0f} s, by the fitted"
                f" distribution in {fitted:,.0f} s; --service empirical keeps them as they were"
            )
    return notes


def _team_notes(found: Teams, asked: Asked) -> list[str]:
    notes = []
    if found.ignored:
        notes.append(
            f"{found.ignored:,} calls were answered by agents whose group is not there for that"
            " queue: a tiny share of their calls"
        )
    if found.merged:
        notes.append(
            f"{found.merged} small groups of agents, less than one on duty on average, are counted"
            " with the group whose calls are most like theirs"
        )
    if asked.queues:
        notes.append(
            "agents who also answer other queues than those asked for are there but for the time"
            " that they spent on calls of those"
        )
    return notes


def _effective(seen: Sample, fits: tuple[QueueFit, ...], wrap_up_s: float) -> Effective:
    calls = np.array([fit.counts["calls"] for fit in fits], np.float64)
    talk = np.array([fit.service.mean.value or 0.0 for fit in fits])
    handle = float((calls * talk).sum() / calls.sum()) + wrap_up_s
    whole = patience(seen, np.ones(len(seen.history), bool))
    mean: float | None = None
    if whole is not None and whole.gave_up:
        mean = whole.waited_s / whole.gave_up
    timeouts = [fit.limits.wait_timeout_s for fit in fits]
    least = min((t for t in timeouts if t is not None), default=None)
    return effective(seen, handle, mean, least)


def _one_team(seen: Sample, found: Effective, codes: list[int]) -> Teams:
    counts = np.array(found.counts, np.float64)
    days = np.tile(counts, (seen.n_days, 1))
    hours = Estimate(float(counts.sum()) * seen.interval_s / 3600.0)
    none = np.zeros(len(codes))
    team = Team(tuple(codes), (), days, found.counts, none, Estimate(float(counts.max())), hours)
    return Teams((team,), 0, 0)


def _check_names(asked: Asked, names: list[str], source: str) -> None:
    problems = [
        Problem(
            source, 0, 0, "--agents",
            f"no group of agents `{name[:60]}`: one of {list_names(names)}"
            f"{did_you_mean(name, names)}",
        )
        for name in asked.agents
        if name not in names
    ]  # fmt: skip
    if problems:
        raise ScenarioError(problems)
