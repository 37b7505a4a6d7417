"""The events of an Asterisk queue log that are of agents: memberships, logins, pauses.

A pause that begins with the end of a talk, and whose reason says so, is the work after the call.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from sim.calibration.formats.agent_names import agent_name
from sim.calibration.formats.spells import Spells
from sim.calibration.formats.waits import AGREE_S, MAX_TOLD_S, SAME_LINE, Wait

AGENT_EVENTS = frozenset(
    (
        "ADDMEMBER",
        "REMOVEMEMBER",
        "PAUSE",
        "UNPAUSE",
        "PAUSEALL",
        "UNPAUSEALL",
        "AGENTLOGIN",
        "AGENTCALLBACKLOGIN",
        "AGENTLOGOFF",
        "AGENTCALLBACKLOGOFF",
    )
)
NO_AGENT = "an event of an agent without an agent"
NOTHING = ("", "NONE")
"""How a call id, queue or agent is written that there is none of."""

_WRAP_UP = re.compile(r"wrap|\bacw\b|after.?call|post.?call|clerical", re.IGNORECASE)


def told(data: Sequence[str], place: int) -> float:
    """The seconds in a field of an event's data; NaN if it is absent or no length of time."""
    try:
        value = float(data[place])
    except (IndexError, ValueError):
        return math.nan
    return value if 0.0 <= value <= MAX_TOLD_S else math.nan


class AgentEvents:
    """Takes the events of agents one after another, in the order of their times."""

    def __init__(self) -> None:
        self.spells = Spells()
        self.n_lone_unpauses = 0
        self._names: dict[str, str | None] = {}
        self._last_talk: dict[str, Wait] = {}
        self._wrapping_up: dict[str, Wait] = {}
        self._seen: set[tuple[object, ...]] = set()

    def take(
        self, at: float, queue: str, agent: str, event: str, data: Sequence[str]
    ) -> str | None:
        """One event; None, or the reason for which it is left out. No queue is every queue."""
        name = self.name_of(agent)
        if name is None:
            return NO_AGENT
        key = (at, queue, name, event, *data)
        if key in self._seen:
            return SAME_LINE
        self._seen.add(key)
        match event:
            case "ADDMEMBER":
                self.spells.begin(name, at, queue)
                if data and data[0].strip() == "PAUSED":
                    self.spells.begin(name, at, queue, paused=True)
            case "REMOVEMEMBER":
                self.spells.end(name, at, queue, unseen_since=math.nan)
                self.spells.end(name, at, queue, paused=True)
            case "AGENTLOGIN" | "AGENTCALLBACKLOGIN":
                self.spells.begin(name, at)
            case "AGENTLOGOFF" | "AGENTCALLBACKLOGOFF":
                self.spells.end(name, at, unseen_since=at - told(data, 1))
            case "PAUSE" | "PAUSEALL":
                self._pause(at, queue, name, data)
            case _:
                self._unpause(at, queue, name)
        return None

    def answers(self, agent: str) -> None:
        """The agent has another call: when work after the last ended is not known."""
        self._wrapping_up.pop(agent, None)

    def hangs_up(self, agent: str, wait: Wait) -> None:
        """The agent's talk ended."""
        self._last_talk[agent] = wait

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

    def _pause(self, at: float, queue: str, agent: str, data: Sequence[str]) -> None:
        last = self._last_talk.get(agent)
        is_after_call = last is not None and abs(at - last.talked_until) <= AGREE_S
        if last is not None and is_after_call and data and _WRAP_UP.search(data[0]):
            self._wrapping_up[agent] = last
        else:
            self._end_wrap_up(agent, at)
            self.spells.begin(agent, at, queue, paused=True)

    def _unpause(self, at: float, queue: str, agent: str) -> None:
        is_over = self._end_wrap_up(agent, at)
        if queue:
            is_over |= self.spells.end(agent, at, queue, paused=True)
        else:
            is_over |= self.spells.end_pauses(agent, at)
        self.n_lone_unpauses += not is_over

    def _end_wrap_up(self, agent: str, at: float) -> bool:
        wait = self._wrapping_up.pop(agent, None)
        if wait is None:
            return False
        wait.wrap_up_s = max(at - wait.talked_until, 0.0)
        return True
