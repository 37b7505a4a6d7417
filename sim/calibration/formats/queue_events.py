"""The events of an Asterisk queue log, put together to visits and to spells of agents.

What the events mean: Asterisk's documentation (Operation, Logging, Queue Logs) and that of Wazo
(queue_log). Knows neither files nor how a row is written.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence

from sim.calibration.formats.agent_names import agent_name
from sim.calibration.formats.spells import Spells
from sim.calibration.formats.waits import (
    AGREE_S,
    LATE_S,
    Wait,
    nearest_talking,
    nearest_waiting,
    visits_of,
)
from sim.calibration.history import Outcome

NO_CALL = "an event of a call without a call id"
NO_QUEUE = "an event of a call without a queue"
NO_AGENT = "an event of an agent without an agent"
SAME_LINE = "the same line again"
SECOND_END = "a second end of a wait or talk that had ended"
NO_ANSWER = "the end of a talk whose answer is not in the log"
OTHER_EVENT = "events that are not the queue's"

DAMAGED = frozenset({NO_CALL, NO_QUEUE, NO_AGENT})
"""Reasons for which a row can't be read; the others are of rows that are understood."""

NOTHING = ("", "NONE")
"""How a call id, queue or agent is written that there is none of."""
MAX_TOLD_S = 1e7

_WRAP_UP = re.compile(r"wrap|\bacw\b|after.?call|post.?call|clerical", re.IGNORECASE)
_Handler = Callable[[float, str, str, str, Sequence[str]], str | None]


def told(data: Sequence[str], place: int) -> float:
    """The seconds in a field of an event's data; NaN if it is absent or no length of time."""
    try:
        value = float(data[place])
    except (IndexError, ValueError):
        return math.nan
    return value if 0.0 <= value <= MAX_TOLD_S else math.nan


class QueueEvents:
    """Takes the events one after another; lines of one call may come in another order."""

    def __init__(self) -> None:
        self.calls: dict[str, Wait] = {}
        self.spells = Spells()
        self.restarts: list[tuple[float, float]] = []
        """Times of restarts, each with that of the last line before it."""
        self.last_at = -math.inf
        self.n_lone_unpauses = 0
        self.other_events: Counter[str] = Counter()
        self._names: dict[str, str | None] = {}
        self._last_talk: dict[str, Wait] = {}
        self._wrapping_up: dict[str, Wait] = {}
        self._seen: set[tuple[object, ...]] = set()
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
        self._of_agents: dict[str, _Handler] = {
            "ADDMEMBER": self._add,
            "REMOVEMEMBER": self._remove,
            "PAUSE": self._pause,
            "UNPAUSE": self._unpause,
            "PAUSEALL": self._pause,
            "UNPAUSEALL": self._unpause,
            "AGENTLOGIN": self._login,
            "AGENTCALLBACKLOGIN": self._login,
            "AGENTLOGOFF": self._logoff,
            "AGENTCALLBACKLOGOFF": self._logoff,
        }

    def take(
        self, at: float, call: str, queue: str, agent: str, event: str, data: Sequence[str]
    ) -> str | None:
        """One event; None, or the reason for which it is left out. `at` is in seconds."""
        reason: str | None = None
        if (handler := self._of_calls.get(event)) is not None:
            if call in NOTHING or queue in NOTHING:
                return NO_CALL if call in NOTHING else NO_QUEUE
            reason = handler(at, call, queue, agent, data)
        elif (handler := self._of_agents.get(event)) is not None:
            name = self.name_of(agent)
            if name is None:
                return NO_AGENT
            key = (at, queue, name, event, *data)
            if key in self._seen:
                return SAME_LINE
            self._seen.add(key)
            reason = handler(at, call, "" if queue in NOTHING else queue, name, data)
        elif event == "QUEUESTART":
            if not self.restarts or self.restarts[-1][0] != at:
                self.restarts.append((at, self.last_at))
        elif event not in ("CONFIGRELOAD", "PENALTY", "ADDPENALTY"):
            self.other_events[event] += 1
            return OTHER_EVENT
        if at > self.last_at:
            self.last_at = at
        return reason

    def name_of(self, agent: str) -> str | None:
        """The agent's one name."""
        try:
            return self._names[agent]
        except KeyError:
            return self._names.setdefault(agent, agent_name(agent))

    def names_written_differently(self) -> list[str]:
        """Names of agents whom the log writes in more than one way."""
        ways = Counter(name for name in self._names.values() if name is not None)
        return sorted(name for name, n in ways.items() if n > 1)

    def _enter(self, at: float, call: str, queue: str, _: str, __: Sequence[str]) -> str | None:
        newest = self.calls.get(call)
        for wait in visits_of(newest, queue):
            if wait.entered_at == at:
                return SAME_LINE
            if wait.joins_at(at):
                wait.entered_at = at
                return None
        self._new(call, queue, at).entered_at = at
        return None

    def _connect(
        self, at: float, call: str, queue: str, agent: str, data: Sequence[str]
    ) -> str | None:
        newest = self.calls.get(call)
        hold_s = told(data, 0)
        wait = nearest_waiting(newest, queue, at, hold_s)
        if wait is None:
            for each in visits_of(newest, queue):
                if each.connected and each.ended_at == at:
                    return SAME_LINE
                if (
                    each.outcome is Outcome.ANSWERED
                    and not each.connected
                    and abs(each.ended_at - at) <= AGREE_S
                ):
                    wait = each
                    break
            else:
                wait = self._unseen(call, queue, at, hold_s)
            if wait is None:
                return SECOND_END
        wait.end(Outcome.ANSWERED, at, hold_s)
        wait.connected = True
        wait.agent = self.name_of(agent)
        wait.ring_s = told(data, 2)
        wait.seen_at = at
        if wait.agent is not None:
            self._wrapping_up.pop(wait.agent, None)
        return None

    def _ends(self, outcome: Outcome, place: int) -> _Handler:
        def end(at: float, call: str, queue: str, _: str, data: Sequence[str]) -> str | None:
            newest = self.calls.get(call)
            waited_s = told(data, place)
            wait = nearest_waiting(newest, queue, at, waited_s)
            if wait is None:
                for each in visits_of(newest, queue):
                    if each.outcome is outcome and each.ended_at == at:
                        return SAME_LINE
                wait = self._unseen(call, queue, at, waited_s)
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
        """Hold and call time stand after the extension or method, and what belongs to it: a
        context, a channel, or (ATTENDEDTRANSFER by LINK) two of them; old logs have neither."""
        first = 3 if data and data[0].strip() == "LINK" else 2
        return self._end_talk(at, call, queue, agent, told(data, first), told(data, first + 1))

    def _end_talk(
        self, at: float, call: str, queue: str, agent: str, hold_s: float, talk_s: float
    ) -> str | None:
        newest = self.calls.get(call)
        wait = nearest_talking(newest, queue, at, talk_s)
        if wait is None:
            for each in visits_of(newest, queue):
                if each.talked_until == at:
                    return SAME_LINE
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
            wait.agent = self.name_of(agent)
        if wait.agent is not None:
            self._last_talk[wait.agent] = wait
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

    def _add(self, at: float, _: str, queue: str, agent: str, data: Sequence[str]) -> str | None:
        self.spells.begin(agent, at, queue)
        if data and data[0].strip() == "PAUSED":
            self.spells.begin(agent, at, queue, paused=True)
        return None

    def _remove(self, at: float, _: str, queue: str, agent: str, __: Sequence[str]) -> str | None:
        self.spells.end(agent, at, queue, unseen_since=math.nan)
        self.spells.end(agent, at, queue, paused=True)
        return None

    def _login(self, at: float, _: str, __: str, agent: str, ___: Sequence[str]) -> str | None:
        self.spells.begin(agent, at)
        return None

    def _logoff(self, at: float, _: str, __: str, agent: str, data: Sequence[str]) -> str | None:
        self.spells.end(agent, at, unseen_since=at - told(data, 1))
        return None

    def _pause(self, at: float, _: str, queue: str, agent: str, data: Sequence[str]) -> str | None:
        """A pause at the end of a talk whose reason says so is work after the call."""
        last = self._last_talk.get(agent)
        if (
            last is not None
            and abs(at - last.talked_until) <= AGREE_S
            and data
            and _WRAP_UP.search(data[0])
        ):
            self._wrapping_up[agent] = last
        else:
            self._end_wrap_up(agent, at)
            self.spells.begin(agent, at, queue, paused=True)
        return None

    def _unpause(self, at: float, _: str, queue: str, agent: str, __: Sequence[str]) -> str | None:
        is_over = self._end_wrap_up(agent, at)
        if queue:
            is_over |= self.spells.end(agent, at, queue, paused=True)
        else:
            is_over |= self.spells.end_pauses(agent, at)
        self.n_lone_unpauses += not is_over
        return None

    def _end_wrap_up(self, agent: str, at: float) -> bool:
        wait = self._wrapping_up.pop(agent, None)
        if wait is None:
            return False
        wait.wrap_up_s = max(at - wait.talked_until, 0.0)
        return True

    def _new(self, call: str, queue: str, at: float) -> Wait:
        wait = self.calls[call] = Wait(call, queue, at, self.calls.get(call))
        return wait

    def _unseen(self, call: str, queue: str, at: float, waited_s: float) -> Wait | None:
        """A visit whose joining was not seen and whose wait ends; None if it was another's time."""
        since = at if math.isnan(waited_s) else at - waited_s
        for wait in visits_of(self.calls.get(call), queue):
            began = wait.entered_at if wait.entered_at == wait.entered_at else wait.ended_at
            if began <= at and wait.ended_at > since - LATE_S and wait.outcome != Outcome.BLOCKED:
                return None
        return self._new(call, queue, at)
