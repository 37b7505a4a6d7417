"""One visit to a queue while it is put together from its lines, in whatever order they come.

A whole-second clock cannot tell which of two lines of one second came first, and threads write
lines out of order; so a line looks for the visit that it fits, by times, and fills what is missing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from sim.calibration.history import Outcome

LATE_S = 1.5
"""By how much a line's time may be before that of a line which it follows."""
AGREE_S = 2.0
"""How far two ways to tell a time of whole seconds may be apart and still be the same."""


MAX_TOLD_S = 1e7
"""A longer time is not told, but damaged."""

MAX_CALL_ID = 100
"""Characters; switches write about 40. A history keeps every id in the room of the longest."""
LONG_CALL = f"a call id of more than {MAX_CALL_ID} characters"

SAME_LINE = "the same line again"
SECOND_END = "a second end of a wait or talk that had ended"
NO_ANSWER = "the end of a talk whose answer is not in the log"


class Wait:
    """A visit: when its lines were, what they tell; NaN or None for what was not told (yet).

    `entered_at`, `ended_at` and `talked_until` are times of the lines that joining, the end of
    the wait and the end of the talk have; `told_wait_s` and `told_talk_s` what lines tell of how
    long they were. `fallback` is an end that holds unless a better one comes. `before` is the
    visit of the same call that was made before this one.
    """

    __slots__ = (
        "agent",
        "before",
        "call",
        "connected",
        "ended_at",
        "entered_at",
        "fallback",
        "outcome",
        "queue",
        "ring_s",
        "seen_at",
        "talked_until",
        "told_talk_s",
        "told_wait_s",
        "wrap_up_s",
    )

    def __init__(self, call: str, queue: str, at: float, before: Wait | None) -> None:
        self.call = call
        self.queue = queue
        self.seen_at = at
        self.before = before
        self.outcome: Outcome | None = None
        self.fallback: tuple[Outcome, float] | None = None
        self.connected = False
        self.agent: str | None = None
        self.entered_at = math.nan
        self.ended_at = math.nan
        self.talked_until = math.nan
        self.told_wait_s = math.nan
        self.told_talk_s = math.nan
        self.ring_s = math.nan
        self.wrap_up_s = math.nan

    def end(self, outcome: Outcome, at: float, told_wait_s: float) -> None:
        """The wait ended."""
        self.outcome = outcome
        self.ended_at = at
        self.told_wait_s = told_wait_s

    def joins_at(self, at: float) -> bool:
        """Whether a joining at a time is this visit's: it was not seen, or one was taken for it
        that is far from what was told, while this one is near."""
        if self.outcome is None or self.outcome is Outcome.BLOCKED:
            return False
        if self.told_wait_s == self.told_wait_s:
            told_at = self.ended_at - self.told_wait_s
            is_far = not abs(told_at - self.entered_at) <= AGREE_S
            return is_far and abs(told_at - at) <= AGREE_S
        return math.isnan(self.entered_at) and at <= self.ended_at + LATE_S


def visits_of(newest: Wait | None, queue: str) -> Iterator[Wait]:
    """A call's visits to one queue, the newest first."""
    while newest is not None:
        if newest.queue == queue:
            yield newest
        newest = newest.before


def nearest_waiting(
    newest: Wait | None, queue: str, at: float, told_wait_s: float, *, or_answered: bool = False
) -> Wait | None:
    """The visit whose wait a line ends: the one that joined when the line says, or the newest.

    A visit that joined at the line's own time is the newest only where there is no other. With
    `or_answered` also one of which a later line told that it was answered about then.
    """
    best: Wait | None = None
    best_miss = math.inf
    for wait in visits_of(newest, queue):
        if wait.outcome is None and wait.entered_at <= at + LATE_S:
            joined_at = wait.entered_at
        elif (
            or_answered
            and wait.outcome is Outcome.ANSWERED
            and not wait.connected
            and abs(wait.ended_at - at) <= AGREE_S
        ):
            joined_at = wait.ended_at - wait.told_wait_s
            if math.isnan(joined_at):
                joined_at = wait.entered_at
        else:
            continue
        if told_wait_s == told_wait_s and joined_at == joined_at:
            miss = abs(at - told_wait_s - joined_at)
        else:
            miss = max(0.0, at - joined_at) or LATE_S
        if miss < best_miss:
            best, best_miss = wait, miss
    return best


def nearest_talking(newest: Wait | None, queue: str, at: float, told_talk_s: float) -> Wait | None:
    """The visit whose talk a line ends: the one answered when the line says, or the newest."""
    best: Wait | None = None
    best_miss = math.inf
    for wait in visits_of(newest, queue):
        if (
            wait.outcome is not Outcome.ANSWERED
            or wait.talked_until == wait.talked_until
            or wait.ended_at > at + LATE_S
        ):
            continue
        miss = abs(at - told_talk_s - wait.ended_at) if told_talk_s == told_talk_s else 0.0
        if miss < best_miss:
            best, best_miss = wait, miss
    return best


def is_time_free(newest: Wait | None, queue: str, at: float, waited_s: float) -> bool:
    """Whether a wait that ended at a time, of known or unknown (NaN) length, may be a visit of its
    own: no other visit of the call to the queue was there then."""
    since = at if math.isnan(waited_s) else at - waited_s
    for wait in visits_of(newest, queue):
        began = wait.entered_at if wait.entered_at == wait.entered_at else wait.ended_at
        if began <= at and wait.ended_at > since - LATE_S and wait.outcome != Outcome.BLOCKED:
            return False
    return True


def span(clock_s: float, told_s: float, *, fine: bool) -> float:
    """A length of time: by the clock's difference, or as a line tells it; NaN for neither.

    Lines tell whole seconds of the software's own clock, while a line of the log may be written
    late: what is told holds, but where a finer clock agrees with it.
    """
    if told_s != told_s:
        return clock_s
    if fine and abs(clock_s - told_s) <= AGREE_S:
        return clock_s
    return told_s
