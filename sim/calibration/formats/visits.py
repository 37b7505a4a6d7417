"""Visits gathered column by column: a log of a million calls takes numbers, not objects."""

from __future__ import annotations

from array import array
from datetime import UTC, tzinfo

import numpy as np

from sim.calibration.history import Codes, History, Outcome, Presence, Reading

NAN = float("nan")


class Names:
    """Names and their codes, in the order in which they come."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def code(self, name: str | None) -> int:
        """The code of a name; -1 for none."""
        return -1 if name is None else self._codes.setdefault(name, len(self._codes))

    def sorted(self, codes: Codes, first: tuple[str, ...] = ()) -> tuple[tuple[str, ...], Codes]:
        """The names in the order of the alphabet, after those of `first`, and the codes in it."""
        names = (*first, *sorted(set(self._codes) - set(first)))
        place = {name: i for i, name in enumerate(names)}
        new = np.array([*(place[name] for name in self._codes), -1], np.int32)
        return names, new[codes]


class Visits:
    """Rows of a history to be, in any order."""

    def __init__(self) -> None:
        self._joined_at = array("d")
        self._queue = array("i")
        self._outcome = array("b")
        self._wait_s = array("d")
        self._ring_s = array("d")
        self._talk_s = array("d")
        self._wrap_up_s = array("d")
        self._agent = array("i")
        self._priority = array("i")
        self._call: list[str] = []
        self._queues, self._agents = Names(), Names()
        self._discarded: set[int] = set()

    def __len__(self) -> int:
        return len(self._joined_at) - len(self._discarded)

    def discard(self, row: int) -> None:
        """Take back the row that was added as number `row`, from 0."""
        self._discarded.add(row)

    def add(
        self,
        joined_at: float,
        queue: str,
        outcome: Outcome,
        wait_s: float,
        *,
        ring_s: float = NAN,
        talk_s: float = NAN,
        wrap_up_s: float = NAN,
        agent: str | None = None,
        priority: int = 0,
        call: str = "",
    ) -> int:
        """One visit, as `history.Visit` tells it; the number of its row, from 0."""
        self._joined_at.append(joined_at)
        self._queue.append(self._queues.code(queue))
        self._outcome.append(outcome)
        self._wait_s.append(wait_s)
        self._ring_s.append(ring_s)
        self._talk_s.append(talk_s)
        self._wrap_up_s.append(wrap_up_s)
        self._agent.append(self._agents.code(agent))
        self._priority.append(priority)
        self._call.append(call)
        return len(self._call) - 1

    def history(
        self,
        reading: Reading,
        *,
        zone: tzinfo = UTC,
        resolution_s: float = 1.0,
        presence: Presence | None = None,
        agents: tuple[str, ...] = (),
    ) -> History:
        """The visits in the order of joining, as `from_visits` of history.py makes it."""
        joined_at = np.array(self._joined_at, np.float64)
        order = np.argsort(joined_at, kind="stable")
        if self._discarded:
            order = order[~np.isin(order, np.array(sorted(self._discarded)))]
        queues, queue = self._queues.sorted(np.array(self._queue, np.int32))
        names, agent = self._agents.sorted(np.array(self._agent, np.int32), agents)
        return History(
            joined_at=joined_at[order],
            queue=queue[order],
            outcome=np.array(self._outcome, np.int8)[order],
            wait_s=np.array(self._wait_s, np.float64)[order],
            ring_s=np.array(self._ring_s, np.float64)[order],
            talk_s=np.array(self._talk_s, np.float64)[order],
            wrap_up_s=np.array(self._wrap_up_s, np.float64)[order],
            agent=agent[order],
            priority=np.array(self._priority, np.int32)[order],
            call=np.array([self._call[row] for row in order.tolist()], np.str_),
            queues=queues,
            agents=names,
            reading=reading,
            zone=zone,
            resolution_s=resolution_s,
            presence=presence,
        )
