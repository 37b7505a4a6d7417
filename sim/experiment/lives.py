"""What the logs of a replication say of each call: its rings, where it came from and went."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.logs import NOBODY, CallLog, Outcome, SpellKind, SpellLog


@dataclass(frozen=True, slots=True)
class MissedRing:
    """An agent's phone that rang in [from_s, to_s] and was not answered.

    `or_call` is the number of another call that it may have rung for, or NOBODY: the logs know
    the call by its queue and the instant of joining, which two calls can share.
    """

    agent: int
    from_s: float
    to_s: float
    or_call: int


class Lives:
    """Looks things up in the calls of one replication (by call) and its agents' spells."""

    def __init__(self, calls: CallLog, spells: SpellLog) -> None:
        self._calls = calls
        self._spells = spells

    @cached_property
    def wait_ended(self) -> NDArray[np.float64]:
        """When each call was answered or left unserved; infinite if neither."""
        log = self._calls
        ended = np.where(np.isnan(log.answer), log.leave, log.answer)
        return np.where(np.isnan(ended), math.inf, ended)

    def child(self, row: int) -> int | None:
        """The row of the call that came of this one, by overflow or retry."""
        rows = np.flatnonzero(self._calls.parent == self._calls.call[row])
        return int(rows[0]) if rows.size else None

    def parent(self, row: int) -> int | None:
        """The row of the call that this one came of."""
        number = self._calls.parent[row]
        return None if number == NOBODY else int(np.searchsorted(self._calls.call, number))

    def missed_rings(self, row: int) -> list[MissedRing]:
        """The phones that rang for this call and were not answered, in order."""
        log, spells = self._calls, self._spells
        arrival = log.arrival[row]
        rung = np.flatnonzero(
            (spells.kind == SpellKind.RINGING)
            & (spells.queue == log.queue[row])
            & (spells.arrival == arrival)
            & (spells.to_s <= self.wait_ended[row])
        )
        twins = (log.queue == log.queue[row]) & (log.arrival == arrival)
        twins &= log.outcome != Outcome.BLOCKED
        twins[row] = False
        found = []
        for i in rung.tolist():
            others = np.flatnonzero(twins & (self.wait_ended >= spells.to_s[i]))
            other = int(log.call[others[0]]) if others.size else NOBODY
            ring = (int(spells.agent[i]), float(spells.from_s[i]), float(spells.to_s[i]))
            found.append(MissedRing(*ring, other))
        return sorted(found, key=lambda ring: ring.from_s)

    def waiting_before(self, row: int, at: float) -> int:
        """How many calls of the queue joined before this one and wait at the instant `at`.

        Those for whom an agent is reserved, or whose phone rings and is answered, wait no more.
        """
        log = self._calls
        arrival = log.arrival[row]
        before = (log.arrival < arrival) | ((log.arrival == arrival) & (log.call < log.call[row]))
        reserved = (log.agent != NOBODY) & (log.routed <= at)
        return int(
            np.sum(
                (log.queue == log.queue[row])
                & before
                & (self.wait_ended > at)
                & ~reserved
                & (log.outcome != Outcome.BLOCKED)
            )
        )
