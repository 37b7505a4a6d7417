"""When agents were there and when they paused, put together from logins, pauses and their ends."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from sim.calibration.history import Presence

ALL = ""
"""The queue of a spell that holds for every queue."""

_Kind = tuple[str, bool]
"""Queue, and whether it is a pause."""


class Spells:
    """Spells of agents as a log tells them; times in seconds.

    A second beginning of a spell that goes on changes nothing. An end without a beginning is of a
    spell that began before the log only where `end` is told so, and the log has no earlier one.
    """

    def __init__(self) -> None:
        self._since: defaultdict[str, dict[_Kind, float]] = defaultdict(dict)
        self._closed: list[tuple[str, str, bool, float, float]] = []
        self._known: set[tuple[str, str, bool]] = set()

    def begin(self, agent: str, at: float, queue: str = ALL, *, paused: bool = False) -> None:
        """The agent came, or paused."""
        self._since[agent].setdefault((queue, paused), at)
        self._known.add((agent, queue, paused))

    def end(
        self,
        agent: str,
        at: float,
        queue: str = ALL,
        *,
        paused: bool = False,
        unseen_since: float | None = None,
    ) -> bool:
        """The agent left, or was back; whether there was a spell to end.

        `unseen_since` is when a spell began whose beginning the log does not have (NaN: before
        the log), None where an end proves no spell.
        """
        since = self._since[agent].pop((queue, paused), None)
        if since is None:
            if unseen_since is None or (agent, queue, paused) in self._known:
                return False
            since = unseen_since
        self._known.add((agent, queue, paused))
        to = at if math.isnan(since) else max(at, since)
        self._closed.append((agent, queue, paused, since, to))
        return True

    def end_pauses(self, agent: str, at: float) -> bool:
        """Every pause of the agent ends; whether there was any."""
        queues = [queue for queue, paused in self._since[agent] if paused]
        for queue in queues:
            self.end(agent, at, queue, paused=True)
        return bool(queues)

    def agents(self) -> tuple[str, ...]:
        """Who has any spell, by name."""
        going = {agent for agent, spells in self._since.items() if spells}
        return tuple(sorted(going | {row[0] for row in self._closed}))

    def queues(self) -> set[str]:
        """The queues that spells are of, without `ALL`."""
        going = {queue for spells in self._since.values() for queue, _ in spells}
        return (going | {row[1] for row in self._closed}) - {ALL}

    def presence(self, queues: Iterable[str], shift_s: float = 0.0) -> Presence | None:
        """All spells by agent and time, those that go on until NaN; None if there is none.

        Codes of agents are places in `agents()`, of queues in `queues`; spells of other queues are
        left out. `shift_s` is added to every time.
        """
        queue_code = {name: i for i, name in enumerate(queues)} | {ALL: -1}
        agent_code = {name: i for i, name in enumerate(self.agents())}
        going = (
            (agent, queue, paused, at, math.nan)
            for agent, spells in self._since.items()
            for (queue, paused), at in spells.items()
        )
        rows = [
            (agent_code[agent], queue_code[queue], paused, since, to)
            for agent, queue, paused, since, to in (*self._closed, *going)
            if queue in queue_code
        ]
        if not rows:
            return None
        rows.sort(key=lambda r: (r[0], -math.inf if math.isnan(r[3]) else r[3], r[1], r[2]))
        agent, queue, paused, since, to = zip(*rows, strict=True)
        return Presence(
            agent=np.array(agent, np.int32),
            queue=np.array(queue, np.int32),
            from_at=np.array(since, np.float64) + shift_s,
            to_at=np.array(to, np.float64) + shift_s,
            paused=np.array(paused, np.bool_),
        )
