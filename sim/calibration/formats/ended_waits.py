"""The visits that a switch's events told, when all of them are read: waits, talks, what is open."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sim.calibration.formats.waits import AGREE_S, Wait, span
from sim.calibration.history import Outcome, Visit

NO_JOINING = "calls of which the log has neither the joining nor the wait"

FROM_HOLD = "joining not in the log: taken from the wait that a later line tells"
AT_RESTART = "waiting when the system started anew: waited at least until the last line before"
AT_END = "waiting when the log ends: waited at least until then"
LOST = "no end of the wait though the log goes on: waited at least until their last line"
NO_TALK_END = "answered without an end of the talk: its length is not known"
DISAGREE = "the wait or talk that the line tells differs from the clock by more than 2 s: as told"
FELL_BACK = "lost when an agent was to be connected, or hung up while a phone rang"


@dataclass
class Found:
    """Visits, how many are odd in which way, and calls left out by reason."""

    visits: list[Visit] = field(default_factory=list)
    odd: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def found_visits(
    calls: Iterable[Wait],
    *,
    last_at: float,
    restarts: Sequence[tuple[float, float]] = (),
    fine: bool = False,
    shift_s: float = 0.0,
) -> Found:
    """The visits of calls, each given by its newest.

    `last_at` is the log's last instant; `restarts` are times of restarts with those of the last
    line before each. `fine` says that the clock has parts of seconds. `shift_s` is added to every
    time. A wait without an end lasts at least until the log's end, if that is no longer than the
    longest wait in the log; if it is, the log has lost the call, after its last line.
    """
    found = Found()
    waits = [wait for newest in calls for wait in _oldest_first(newest)]
    longest_s = max((_wait_s(wait, fine) for wait in waits if wait.outcome is not None), default=0)
    restarts = sorted(restarts)
    for wait in waits:
        if wait.outcome is None:
            _close(wait, found, last_at, longest_s, restarts)
        if math.isnan(_joined_at(wait)):
            found.left_out[NO_JOINING] += 1
            continue
        found.visits.append(_visit(wait, found, fine, shift_s))
    return found


def _oldest_first(newest: Wait | None) -> Iterator[Wait]:
    waits = []
    while newest is not None:
        waits.append(newest)
        newest = newest.before
    return reversed(waits)


def _close(
    wait: Wait,
    found: Found,
    last_at: float,
    longest_s: float,
    restarts: Sequence[tuple[float, float]],
) -> None:
    """Ends a wait of which no line ends it."""
    if wait.fallback is not None:
        found.odd[FELL_BACK] += 1
        wait.end(*wait.fallback, math.nan)
        return
    place = bisect_right(restarts, (wait.entered_at, math.inf))
    if place < len(restarts):
        until, why = restarts[place][1], AT_RESTART
    elif last_at - wait.entered_at <= longest_s:
        until, why = last_at, AT_END
    else:
        until, why = wait.seen_at, LOST
    found.odd[why] += 1
    wait.end(Outcome.OPEN, max(until, wait.entered_at), math.nan)


def _joined_at(wait: Wait) -> float:
    if wait.outcome is Outcome.BLOCKED:
        return wait.ended_at
    return wait.entered_at if wait.entered_at == wait.entered_at else _told_joining(wait)


def _told_joining(wait: Wait) -> float:
    return wait.ended_at - wait.told_wait_s


def _wait_s(wait: Wait, fine: bool) -> float:
    """The length of a wait that ended; 0 where it is not known."""
    length = span(wait.ended_at - wait.entered_at, wait.told_wait_s, fine=fine)
    return max(length, 0.0) if length == length else 0.0


def _visit(wait: Wait, found: Found, fine: bool, shift_s: float) -> Visit:
    assert wait.outcome is not None
    joined_at = _joined_at(wait)
    if wait.outcome is Outcome.BLOCKED:
        return Visit(joined_at + shift_s, wait.queue, wait.outcome, 0.0, call=wait.call)
    wait_s = _wait_s(wait, fine)
    if math.isnan(wait.entered_at):
        found.odd[FROM_HOLD] += 1
    disagrees = abs(wait.ended_at - wait.entered_at - wait.told_wait_s) > AGREE_S
    visit = Visit(joined_at + shift_s, wait.queue, wait.outcome, wait_s, call=wait.call)
    if wait.outcome is Outcome.ANSWERED:
        talk_clock_s = wait.talked_until - wait.ended_at
        visit.talk_s = max(span(talk_clock_s, wait.told_talk_s, fine=fine), 0.0)
        visit.ring_s = min(wait.ring_s, wait_s) if wait.ring_s == wait.ring_s else math.nan
        visit.wrap_up_s = wait.wrap_up_s
        visit.agent = wait.agent
        disagrees |= abs(talk_clock_s - wait.told_talk_s) > AGREE_S
        if math.isnan(visit.talk_s):
            found.odd[NO_TALK_END] += 1
    found.odd[DISAGREE] += disagrees
    return visit
