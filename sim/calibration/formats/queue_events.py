"""The events of an Asterisk queue log, put together to visits.

What the events mean: Asterisk's documentation (Operation, Logging, Queue Logs) and that of Wazo
(queue_log). Knows neither files nor how a row is written.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

from sim.calibration.formats.agent_events import (
    AGENT_EVENTS,
    NO_AGENT,
    NOTHING,
    AgentEvents,
    told,
)
from sim.calibration.formats.waits import (
    LONG_CALL,
    MAX_CALL_ID,
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

NO_CALL = "an event of a call without a call id"
NO_QUEUE = "an event of a call without a queue"
OTHER_EVENT = "events that are not the queue's"

DAMAGED = frozenset({NO_CALL, NO_QUEUE, NO_AGENT, LONG_CALL})
"""Reasons for which a row can't be read; the others are of rows that are understood."""


_Handler = Callable[[float, str, str, str, Sequence[str]], str | None]


class QueueEvents:
    """Takes the events one after another; lines of one call may come in another order."""

    def __init__(self) -> None:
        self.calls: dict[str, Wait] = {}
        self.agents = AgentEvents()
        self.restarts: list[tuple[float, float]] = []
        """Times of restarts, each with that of the last line before it."""
        self.last_at = -math.inf
        self.other_events: Counter[str] = Counter()
        self._of_calls: dict[str, _Handler] = {
            "ENTERQUEUE": self._enter,
            "CONNECT": self._connect,
            "ABANDON": self._ends(Outcome.ABANDONED, 2),
            "EXITWITHTIMEOUT": self._ends(Outcome.TIMEOUT, 2),
            "EXITEMPTY": self._ends(Outcome.LEFT, 2),
            "LEAVEEMPTY": self._ends(Outcome.LEFT, 2),
            "WITHDRAW": self._ends(Outcome.LEFT, 2),
            "EXITWITHKEY": self._ends(Outcome.LEFT, 3),
            "COMPLETEAGENT": self._complete,
            "COMPLETECALLER": self._complete,
            "TRANSFER": self._transfer,
            "BLINDTRANSFER": self._transfer,
            "ATTENDEDTRANSFER": self._transfer,
            "RINGNOANSWER": self._rings,
            "RINGCANCELED": self._falls_back(Outcome.ABANDONED),
            "AGENTDUMP": self._falls_back(Outcome.LEFT),
            "SYSCOMPAT": self._falls_back(Outcome.LEFT),
            "WRAPUPSTART": self._wrap_up,
            **dict.fromkeys(
                ("FULL", "CLOSED", "JOINEMPTY", "DIVERT_CA_RATIO", "DIVERT_HOLDTIME"), self._block
            ),
        }

    def take(
        self, at: float, call: str, queue: str, agent: str, event: str, data: Sequence[str]
    ) -> str | None:
        """One event; None, or the reason for which it is left out. `at` is in seconds."""
        reason: str | None = None
        if (handler := self._of_calls.get(event)) is not None:
            if call in NOTHING or queue in NOTHING:
                return NO_CALL if call in NOTHING else NO_QUEUE
            if len(call) > MAX_CALL_ID:
                return LONG_CALL
            reason = handler(at, call, queue, agent, data)
        elif event in AGENT_EVENTS:
            reason = self.agents.take(at, "" if queue in NOTHING else queue, agent, event, data)
            if reason == NO_AGENT:
                return reason
        elif event == "QUEUESTART":
            if not self.restarts or self.restarts[-1][0] != at:
                self.restarts.append((at, self.last_at))
        elif event not in ("CONFIGRELOAD", "PENALTY", "ADDPENALTY"):
            self.other_events[event] += 1
            return OTHER_EVENT
        if at > self.last_at:
            self.last_at = at
        return reason

    def _enter(self, at: float, call: str, queue: str, _: str, __: Sequence[str]) -> str | None:
        newest = self.calls.get(call)
        for wait in visits_of(newest, queue):
            if wait.entered_at == at:
                return SAME_LINE
            if wait.joins_at(at):
                joined_before, wait.entered_at = wait.entered_at, at
                if joined_before == joined_before:
                    self._new(call, queue, joined_before).entered_at = joined_before
                return None
        self._new(call, queue, at).entered_at = at
        return None

    def _connect(
        self, at: float, call: str, queue: str, agent: str, data: Sequence[str]
    ) -> str | None:
        newest = self.calls.get(call)
        hold_s = told(data, 0)
        if any(wait.connected and wait.ended_at == at for wait in visits_of(newest, queue)):
            return SAME_LINE
        wait = nearest_waiting(newest, queue, at, hold_s, or_answered=True) or self._unseen(
            call, queue, at, hold_s
        )
        if wait is None:
            return SECOND_END
        wait.end(Outcome.ANSWERED, at, hold_s)
        wait.connected = True
        wait.agent = self.agents.name_of(agent)
        wait.ring_s = told(data, 2)
        if wait.agent is not None:
            self.agents.answers(wait.agent)
        return None

    def _ends(self, outcome: Outcome, place: int) -> _Handler:
        def end(at: float, call: str, queue: str, _: str, data: Sequence[str]) -> str | None:
            newest = self.calls.get(call)
            waited_s = told(data, place)
            if any(w.outcome is outcome and w.ended_at == at for w in visits_of(newest, queue)):
                return SAME_LINE
            wait = nearest_waiting(newest, queue, at, waited_s) or self._unseen(
                call, queue, at, waited_s
            )
            if wait is None:
                return SECOND_END
            wait.end(outcome, at, waited_s)
            return None

        return end

    def _complete(
        self, at: float, call: str, queue: str, agent: str, data: Sequence[str]
    ) -> str | None:
        return self._end_talk(at, call, queue, agent, told(data, 0), told(data, 1))

    def _transfer(
        self, at: float, call: str, queue: str, agent: str, data: Sequence[str]
    ) -> str | None:
        """Hold and call time stand after the extension or method and what belongs to it: a
        context, a channel, or (ATTENDEDTRANSFER by LINK) two channels. Old logs have neither."""
        first = 3 if math.isnan(told(data, 2)) else 2
        return self._end_talk(at, call, queue, agent, told(data, first), told(data, first + 1))

    def _end_talk(
        self, at: float, call: str, queue: str, agent: str, hold_s: float, talk_s: float
    ) -> str | None:
        newest = self.calls.get(call)
        if any(wait.talked_until == at for wait in visits_of(newest, queue)):
            return SAME_LINE
        wait = nearest_talking(newest, queue, at, talk_s)
        if wait is None:
            if math.isnan(talk_s):
                return NO_ANSWER
            wait = nearest_waiting(newest, queue, at - talk_s, hold_s) or self._unseen(
                call, queue, at - talk_s, hold_s
            )
            if wait is None:
                return SECOND_END
            wait.end(Outcome.ANSWERED, at - talk_s, hold_s)
        wait.talked_until = at
        wait.told_talk_s = talk_s
        if wait.agent is None:
            wait.agent = self.agents.name_of(agent)
        if wait.agent is not None:
            self.agents.hangs_up(wait.agent, wait)
        return None

    def _rings(self, at: float, call: str, queue: str, _: str, __: Sequence[str]) -> str | None:
        for wait in visits_of(self.calls.get(call), queue):
            if wait.outcome is None and at > wait.seen_at:
                wait.seen_at = at
        return None

    def _falls_back(self, outcome: Outcome) -> _Handler:
        def fall_back(at: float, call: str, queue: str, _: str, __: Sequence[str]) -> str | None:
            wait = nearest_waiting(self.calls.get(call), queue, at, math.nan)
            if wait is not None:
                wait.fallback = (outcome, at)
            return None

        return fall_back

    def _block(self, at: float, call: str, queue: str, _: str, __: Sequence[str]) -> str | None:
        for wait in visits_of(self.calls.get(call), queue):
            if wait.outcome is Outcome.BLOCKED and wait.ended_at == at:
                return SAME_LINE
        self._new(call, queue, at).end(Outcome.BLOCKED, at, 0.0)
        return None

    def _wrap_up(
        self, at: float, call: str, queue: str, agent: str, data: Sequence[str]
    ) -> str | None:
        for wait in visits_of(self.calls.get(call), queue):
            if wait.outcome is Outcome.ANSWERED:
                wait.wrap_up_s = told(data, 0)
                return None
        return NO_ANSWER

    def _new(self, call: str, queue: str, at: float) -> Wait:
        wait = self.calls[call] = Wait(call, queue, at, self.calls.get(call))
        return wait

    def _unseen(self, call: str, queue: str, at: float, waited_s: float) -> Wait | None:
        """A visit whose joining was not seen and whose wait ends; None if it was another's time."""
        is_free = is_time_free(self.calls.get(call), queue, at, waited_s)
        return self._new(call, queue, at) if is_free else None
