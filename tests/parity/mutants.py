"""Small mistakes put into the SimPy engine, one at a time: what a comparison must notice."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pytest import MonkeyPatch

from sim.engine import (
    crew,
    descent,
    line,
    listening,
    polling,
    reference,
    routing,
    rules,
    timeline,
)
from sim.engine.call import Call, Descendant, Leaving
from sim.engine.rules import Rank
from sim.scenario.model import Discipline

Mistake = Callable[[MonkeyPatch], None]


def _swapped(one: Rank, other: Rank, patch: MonkeyPatch) -> None:
    keys = dict(rules.RANK_KEY)
    patch.setitem(rules.RANK_KEY, one, keys[other])
    patch.setitem(rules.RANK_KEY, other, keys[one])


def _running_sum(patch: MonkeyPatch) -> None:
    def instant(self: timeline.Timeline, joined: float, n: int, offset_s: float) -> float:
        return joined + n * self.cycle_s + offset_s

    patch.setattr(timeline.Timeline, "instant", instant)


def _first_offers(patch: MonkeyPatch) -> None:
    def offer(self: line.Lines, q: int) -> Call:
        return self.of[q].next(Discipline.FIFO)

    patch.setattr(line.Lines, "offer", offer)


def _other_end(patch: MonkeyPatch) -> None:
    right = line.Line.next

    def wrong(self: line.Line, discipline: Discipline) -> Call:
        return right(self, Discipline.FIFO if discipline is Discipline.LIFO else discipline)

    patch.setattr(line.Line, "next", wrong)


def _from_behind(module: Any, patch: MonkeyPatch) -> None:
    patch.setattr(module, "pick", lambda u, count: count - 1 - int(u * count))


def _newcomers_not_idle(patch: MonkeyPatch) -> None:
    right = crew.Crew.set_available

    def wrong(self: crew.Crew, agent: int, now: float) -> None:
        since = self.available_since[agent]
        right(self, agent, now)
        self.available_since[agent] = since

    patch.setattr(crew.Crew, "set_available", wrong)


def _begins_now(patch: MonkeyPatch) -> None:
    def heard_out_at(self: listening.WaitFlows, call: Call) -> float:
        now = self._clock.now
        ends = (e for _, step, b, e in call.begun if not step.interruptible and b <= now < e)
        return next(ends, now)

    patch.setattr(listening.WaitFlows, "heard_out_at", heard_out_at)


def _no_overtime(patch: MonkeyPatch) -> None:
    patch.setattr(crew.Crew, "end_overtime", lambda self, agent, now: None)


def _no_hangups_counted(patch: MonkeyPatch) -> None:
    def hang_up(self: listening.WaitFlows, call: Call, step: Any, cause: Any) -> None:
        call.process.interrupt(Leaving(cause))

    patch.setattr(listening.WaitFlows, "hang_up", hang_up)


def _one_word(patch: MonkeyPatch) -> None:
    def eligible(self: routing.Routing, queue: Any) -> int:
        return self.crew.available & int(queue.agents) & ((1 << 64) - 1)

    patch.setattr(routing.Routing, "eligible", eligible)


def _back_last(patch: MonkeyPatch) -> None:
    patch.setattr(line.Line, "come_back", line.Line.join)


def _breaks_lost(patch: MonkeyPatch) -> None:
    right = crew.Crew.release

    def wrong(self: crew.Crew, agent: int) -> None:
        self.owed_break_s[agent] = 0.0
        right(self, agent)

    patch.setattr(crew.Crew, "release", wrong)


def _no_penalty(patch: MonkeyPatch) -> None:
    right = crew.Crew.misses_ring
    patch.setattr(crew.Crew, "misses_ring", lambda self, agent, penalty_s: right(self, agent, 0.0))


def _other_service(patch: MonkeyPatch) -> None:
    right = descent.Draws.service_u
    patch.setattr(descent.Draws, "service_u", lambda self, call: 1.0 - right(self, call))


def _overflow_with(patch: MonkeyPatch, change: Callable[[Any], None]) -> None:
    right = descent.Descent.overflow

    def wrong(self: descent.Descent, call: Call, to: int, now: float) -> Descendant:
        child = right(self, call, to, now)
        change(child)
        return child

    patch.setattr(descent.Descent, "overflow", wrong)


def _patience_anew(patch: MonkeyPatch) -> None:
    def change(child: Any) -> None:
        child.patience_at += child.arrival - child.first_arrival

    _overflow_with(patch, change)


def _wait_anew(patch: MonkeyPatch) -> None:
    def change(child: Any) -> None:
        child.first_arrival = child.arrival

    _overflow_with(patch, change)


def _blocked_as_abandoned(patch: MonkeyPatch) -> None:
    right = descent.Descent.retry

    def wrong(self: descent.Descent, call: Call, now: float, *, blocked: bool) -> Any:
        return right(self, call, now, blocked=False)

    patch.setattr(descent.Descent, "retry", wrong)


def _oldest_polled(patch: MonkeyPatch) -> None:
    right = polling.PollingLoops.__init__

    def wrong(self: polling.PollingLoops, *arguments: Any) -> None:
        right(self, *arguments)
        self._end = Discipline.FIFO

    patch.setattr(polling.PollingLoops, "__init__", wrong)


def _nobody_s_own_service(patch: MonkeyPatch) -> None:
    right = reference.Simulation.__init__

    def wrong(self: reference.Simulation, *arguments: Any, **more: Any) -> None:
        right(self, *arguments, **more)
        self._service_times = [{} for _ in self._service_times]

    patch.setattr(reference.Simulation, "__init__", wrong)


MISTAKES: dict[str, tuple[str, Mistake]] = {
    "leave-before-free": (
        "a call's deadline before the agent who becomes free at that instant",
        partial(_swapped, Rank.AGENT_FREE, Rank.LEAVE),
    ),
    "arrive-before-leave": (
        "an arrival before the deadline at that instant",
        partial(_swapped, Rank.LEAVE, Rank.ARRIVE),
    ),
    "gone-before-arrive": (
        "a shift's end before the arrival at that instant",
        partial(_swapped, Rank.ARRIVE, Rank.AGENT_GONE),
    ),
    "running-sum": ("the instants of a wait flow added up in another order", _running_sum),
    "first-offers": ("beside other disciplines every queue offers its first call", _first_offers),
    "lifo-as-fifo": ("the last call of a queue is taken for the first", _other_end),
    "random-call": ("a random call counted from the other end", partial(_from_behind, line)),
    "random-agent": ("a random agent counted from the other end", partial(_from_behind, crew)),
    "longest-idle": ("available for longest counted from the start", _newcomers_not_idle),
    "begins-now": ("an action that begins at the routing delays the answer", _begins_now),
    "no-overtime": ("work after a shift's end is not counted", _no_overtime),
    "no-hangups": ("hang-ups on announcements are not counted", _no_hangups_counted),
    "back-last": ("a call that comes back is behind all that joined after it", _back_last),
    "breaks-lost": ("a break that falls into a call does not take place", _breaks_lost),
    "no-penalty": ("an agent who missed a ring is free at once", _no_penalty),
    "other-service": ("overflow and own service times at another uniform", _other_service),
    "patience-anew": ("patience begins anew in the second queue", _patience_anew),
    "wait-anew": ("the total's wait of a call begins with its second queue", _wait_anew),
    "blocked-as-abandoned": ("who is blocked calls again as who abandoned", _blocked_as_abandoned),
    "oldest-polled": ("a tick hands out the oldest call for the newest", _oldest_polled),
    "own-service": ("agents' own service times are ignored", _nobody_s_own_service),
    "one-word": ("only the first 64 agents are ever eligible", _one_word),
}
"""By name: what is wrong, and how to make it so. Each has a kept case that shows it."""
