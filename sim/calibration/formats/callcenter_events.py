"""The events of FreeSWITCH's mod_callcenter, put together to visits and to spells of agents.

What the events are and when they are made: the module's source, mod_callcenter.c.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from sim.calibration.formats.spells import Spells
from sim.calibration.formats.stamps import EARLIEST_AT, LATEST_AT, Clock
from sim.calibration.formats.waits import (
    AGREE_S,
    LONG_CALL,
    MAX_CALL_ID,
    MAX_TOLD_S,
    NO_ANSWER,
    SAME_LINE,
    SECOND_END,
    Wait,
    is_time_free,
    nearest_talking,
    nearest_waiting,
    visits_of,
)
from sim.calibration.history import Outcome

NO_TIME = "an event without a time"
NO_MEMBER = "an event of a call without a queue or a member"
NO_AGENT = "an event of an agent without an agent"
OTHER_EVENT = "events that are not the call centre's"
UNKNOWN_STATUS = "a status of an agent that is not known"

DAMAGED = frozenset({NO_TIME, NO_MEMBER, NO_AGENT, UNKNOWN_STATUS, LONG_CALL})

REASONS = {
    "BREAK_OUT": Outcome.ABANDONED,
    "NONE": Outcome.ABANDONED,
    "TIMEOUT": Outcome.TIMEOUT,
    "NO_AGENT_TIMEOUT": Outcome.LEFT,
    "EXIT_WITH_KEY": Outcome.LEFT,
}
"""How a wait ended by the reason of its cancelling. NONE: the channel was gone."""

THERE = ("Available", "Available (On Demand)")
AWAY = "Logged Out"
BREAK = "On Break"


class CallcenterEvents:
    """Takes the events one after another. `clock` reads times that tell no zone."""

    def __init__(self, clock: Clock) -> None:
        self.members: dict[str, Wait] = {}
        self.spells = Spells()
        self.restarts: list[tuple[float, float]] = []
        self.last_at = -math.inf
        self.n_whole_seconds = 0
        self._clock = clock
        self._offered: dict[tuple[str, str], float] = {}
        self._last_talk: dict[str, Wait] = {}
        self._idle: dict[str, Wait] = {}
        self._worked: set[str] = set()
        self._statuses: set[tuple[float, str, str]] = set()

    def take(self, headers: Mapping[str, str]) -> str | None:
        """One event; None, or the reason for which it is left out."""
        action = headers.get("CC-Action", "")
        at = self.time_of(headers)
        if headers.get("Event-Name") == "STARTUP" and at == at:
            self.restarts.append((at, self.last_at))
        elif action.startswith(("member-queue-", "bridge-agent-")) or action == "agent-offering":
            if not headers.get("CC-Queue") or not headers.get("CC-Member-UUID"):
                return NO_MEMBER
            if len(_call(headers)) > MAX_CALL_ID:
                return LONG_CALL
            reason = self._of_call(action, at, headers)
            if reason is not None:
                return reason
        elif action in ("agent-status-change", "agent-state-change"):
            agent = headers.get("CC-Agent", "").strip()
            if not agent or at != at:
                return NO_TIME if agent else NO_AGENT
            if action == "agent-state-change":
                self._state(agent, at, headers.get("CC-Agent-State", ""))
            elif (
                reason := self._status(agent, at, headers.get("CC-Agent-Status", ""))
            ) is not None:
                return reason
        elif action != "members-count":
            return OTHER_EVENT
        self.last_at = max(self.last_at, at) if at == at else self.last_at
        return None

    def _of_call(self, action: str, at: float, headers: Mapping[str, str]) -> str | None:
        agent = headers.get("CC-Agent", "").strip()
        self._worked.add(agent)
        match action:
            case "member-queue-start" | "member-queue-resume":
                return self._start(at, headers)
            case "agent-offering" | "bridge-agent-fail":
                return self._ring(at, headers, agent, fails=action == "bridge-agent-fail")
            case "bridge-agent-start":
                return self._answer(at, headers, agent)
            case "bridge-agent-end":
                return self._end_talk(at, headers, agent)
            case "member-queue-end":
                if headers.get("CC-Cause") == "Terminated":
                    return self._end_talk(at, headers, agent)
                return self._cancel(at, headers)
        return OTHER_EVENT

    def _start(self, at: float, headers: Mapping[str, str]) -> str | None:
        at = self._first(at, _seconds(headers, "CC-Member-Joined-Time"))
        if math.isnan(at):
            return NO_TIME
        for wait in visits_of(self._newest(headers), headers["CC-Queue"]):
            if wait.entered_at == at:
                return SAME_LINE
            if wait.joins_at(at):
                wait.entered_at = at
                return None
        self._new(headers, at).entered_at = at
        return None

    def _ring(
        self, at: float, headers: Mapping[str, str], agent: str, *, fails: bool
    ) -> str | None:
        key = (headers["CC-Member-UUID"], agent)
        if fails:
            self._offered.pop(key, None)
        elif at == at:
            self._offered[key] = at
        wait = nearest_waiting(self._newest(headers), headers["CC-Queue"], at, math.nan)
        if wait is not None:
            wait.seen_at = max(wait.seen_at, at)
        return None

    def _answer(self, at: float, headers: Mapping[str, str], agent: str) -> str | None:
        told_at = _seconds(headers, "CC-Agent-Answered-Time")
        at = self._first(at, told_at)
        if math.isnan(at):
            return NO_TIME
        waited_s = told_at - _seconds(headers, "CC-Member-Joined-Time")
        newest, queue = self._newest(headers), headers["CC-Queue"]
        if any(w.connected and abs(w.ended_at - at) <= AGREE_S for w in visits_of(newest, queue)):
            return SAME_LINE
        wait = self._waiting(headers, at, waited_s, or_answered=True)
        if wait is None:
            return SECOND_END
        self._connect(wait, at, waited_s, headers, agent)
        wait.connected = True
        return None

    def _end_talk(self, at: float, headers: Mapping[str, str], agent: str) -> str | None:
        """By the end of the bridge, or by the end of the member after it, which tells the same."""
        told_at = _seconds(headers, "CC-Bridge-Terminated-Time")
        if math.isnan(told_at):
            told_at = _seconds(headers, "CC-Member-Leaving-Time")
        at = self._first(at, told_at)
        if math.isnan(at):
            return NO_TIME
        answered_at = _seconds(headers, "CC-Agent-Answered-Time")
        wait = nearest_talking(self._newest(headers), headers["CC-Queue"], at, math.nan)
        if wait is None:
            for each in visits_of(self._newest(headers), headers["CC-Queue"]):
                if abs(each.talked_until - at) <= AGREE_S:
                    return None
            if math.isnan(answered_at):
                return NO_ANSWER
            waited_s = answered_at - _seconds(headers, "CC-Member-Joined-Time")
            wait = self._waiting(headers, answered_at, waited_s)
            if wait is None:
                return SECOND_END
            self._connect(wait, answered_at, waited_s, headers, agent)
        wait.talked_until = at
        if wait.agent is not None:
            self._last_talk[wait.agent] = wait
        return None

    def _cancel(self, at: float, headers: Mapping[str, str]) -> str | None:
        left_at = _seconds(headers, "CC-Member-Leaving-Time")
        at = self._first(at, left_at)
        if math.isnan(at):
            return NO_TIME
        outcome = REASONS.get(headers.get("CC-Cancel-Reason", ""), Outcome.LEFT)
        waited_s = left_at - _seconds(headers, "CC-Member-Joined-Time")
        wait = self._waiting(headers, at, waited_s)
        if wait is None:
            for each in visits_of(self._newest(headers), headers["CC-Queue"]):
                if each.outcome is outcome and each.ended_at == at:
                    return SAME_LINE
            return SECOND_END
        wait.end(outcome, at, waited_s if math.isnan(wait.entered_at) else math.nan)
        return None

    def _connect(
        self, wait: Wait, at: float, waited_s: float, headers: Mapping[str, str], agent: str
    ) -> None:
        """The wait's length is told by the clock; of a caller who came back headers tell it from
        the first joining, so they do only where the log has none."""
        wait.end(Outcome.ANSWERED, at, waited_s if math.isnan(wait.entered_at) else math.nan)
        wait.agent = agent or None
        offered_at = self._offered.pop((headers["CC-Member-UUID"], agent), math.nan)
        if offered_at <= at:
            wait.ring_s = at - offered_at
        else:
            answered_at = _seconds(headers, "CC-Agent-Answered-Time")
            ring_s = answered_at - _seconds(headers, "CC-Agent-Called-Time")
            wait.ring_s = ring_s if ring_s >= 0.0 else math.nan
        self._idle.pop(agent, None)

    def _waiting(
        self,
        headers: Mapping[str, str],
        at: float,
        waited_s: float,
        *,
        or_answered: bool = False,
    ) -> Wait | None:
        """The visit whose wait ends, or one of which the log does not have the joining."""
        newest, queue = self._newest(headers), headers["CC-Queue"]
        wait = nearest_waiting(newest, queue, at, math.nan)
        if (
            wait is None
            and 0.0 <= waited_s <= MAX_TOLD_S
            and is_time_free(newest, queue, at, waited_s)
        ):
            wait = self._new(headers, at)
        return wait

    def _state(self, agent: str, at: float, state: str) -> None:
        """An agent who is available on demand is idle after a call until ready for the next."""
        last = self._last_talk.get(agent)
        if state == "Idle":
            if last is not None and abs(at - last.talked_until) <= AGREE_S:
                self._idle[agent] = last
        elif (wait := self._idle.pop(agent, None)) is not None and state == "Waiting":
            wait.wrap_up_s = max(at - wait.talked_until, 0.0)

    def _status(self, agent: str, at: float, status: str) -> str | None:
        if status not in (*THERE, AWAY, BREAK):
            return UNKNOWN_STATUS
        if (at, agent, status) in self._statuses:
            return SAME_LINE
        self._statuses.add((at, agent, status))
        if status != BREAK:
            self.spells.end(agent, at, paused=True)
        if status == AWAY:
            since = math.nan if agent in self._worked else None
            self.spells.end(agent, at, unseen_since=since)
            self._idle.pop(agent, None)
        else:
            self.spells.begin(agent, at)
            if status == BREAK:
                self.spells.begin(agent, at, paused=True)
        return None

    def _newest(self, headers: Mapping[str, str]) -> Wait | None:
        return self.members.get(headers["CC-Member-UUID"])

    def _new(self, headers: Mapping[str, str], at: float) -> Wait:
        member = headers["CC-Member-UUID"]
        before = self.members.get(member)
        wait = self.members[member] = Wait(_call(headers), headers["CC-Queue"], at, before)
        return wait

    def _first(self, at: float, told_at: float) -> float:
        """The event's own time, or the whole seconds that a header tells."""
        if at == at:
            return at
        self.n_whole_seconds += 1
        return told_at

    def time_of(self, headers: Mapping[str, str]) -> float:
        """When the event was made, POSIX seconds; NaN if it does not tell."""
        stamp = _number(headers.get("Event-Date-Timestamp", ""))
        if stamp > 0.0:
            return self._clock.at(f"{stamp / 1e6:.6f}")
        try:
            date = parsedate_to_datetime(headers.get("Event-Date-GMT", ""))
        except (ValueError, TypeError, IndexError):
            return self._clock.at(headers.get("Event-Date-Local", ""))
        return self._clock.at(f"{date.replace(tzinfo=UTC).timestamp():.0f}")


def _call(headers: Mapping[str, str]) -> str:
    return headers.get("CC-Member-Session-UUID") or headers["CC-Member-UUID"]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _seconds(headers: Mapping[str, str], name: str) -> float:
    """The POSIX seconds of a header; NaN if it is absent, 0 for none, or no time."""
    value = _number(headers.get(name, ""))
    return value if EARLIEST_AT <= value <= LATEST_AT else math.nan
