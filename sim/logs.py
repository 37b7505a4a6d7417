"""What an engine gives: the call log, the agent log, and the codes in them.

One row per call. Engines hand rows over in the order in which calls leave (calls still there
at the end come last, in call order); a log that is kept is sorted by call at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Outcome(IntEnum):
    """How a call stands at the end; the last three only for calls that are still there."""

    DONE = 0
    ABANDONED = 1
    BLOCKED = 2
    OVERFLOWED = 3
    WAITING = 4
    CONNECTING = 5
    SERVICE = 6


class Cause(IntEnum):
    """Why a call was abandoned."""

    NONE = 0
    TIMEOUT = 1
    HANGUP = 2
    ANNOUNCEMENT = 3
    FLOW = 4


class AgentState(IntEnum):
    OFF = 0
    AVAILABLE = 1
    CONNECTING = 2
    SERVICE = 3
    WRAP_UP = 4
    PENALTY = 5
    BREAK = 6


class SpellKind(IntEnum):
    """What an agent's time goes to besides the calls that are answered."""

    RINGING = 0
    """A ring that nobody answered."""
    PENALTY = 1
    BREAK = 2
    OVERTIME = 3
    """Work after a shift's end; it overlaps what the agent works at."""


NOBODY = -1
"""No agent (of a call that never had one), no parent (of a call from the workload)."""


@dataclass(frozen=True, slots=True)
class CallLog:
    """Columns of equal length, one row per call; seconds, NaN where it did not happen.

    `arrival` is the instant of joining, `routed` the last routing, `answer` the start of
    service, `leave` the end of service or of waiting. `agent` is the one who had the call when it
    left. `service` and `wrap_up` are as they happened, NaN for calls that were not served to the
    end. `first_arrival` is `arrival`, but for calls by overflow: there it is when the caller
    joined the first queue of this attempt.
    """

    call: NDArray[np.int64]
    queue: NDArray[np.int32]
    arrival: NDArray[np.float64]
    routed: NDArray[np.float64]
    answer: NDArray[np.float64]
    leave: NDArray[np.float64]
    outcome: NDArray[np.int8]
    cause: NDArray[np.int8]
    agent: NDArray[np.int32]
    service: NDArray[np.float64]
    wrap_up: NDArray[np.float64]
    cut: NDArray[np.bool_]
    """Whether `service_timeout` ended the service."""
    attempt: NDArray[np.int32]
    parent: NDArray[np.int64]
    first_arrival: NDArray[np.float64]

    def __len__(self) -> int:
        return self.call.size

    @classmethod
    def of_rows(cls, rows: Sequence[tuple[Any, ...]]) -> CallLog:
        """A log of rows whose items stand in the order of the columns."""
        columns = zip(*rows, strict=True) if rows else ([] for _ in COLUMN_TYPES)
        return cls(
            *(np.array(c, dtype=t) for c, t in zip(columns, COLUMN_TYPES.values(), strict=True))
        )

    @classmethod
    def joined(cls, logs: Sequence[CallLog]) -> CallLog:
        """The rows of several logs, in the order given."""
        if not logs:
            return cls.of_rows([])
        return cls(*(np.concatenate([getattr(log, name) for log in logs]) for name in COLUMN_TYPES))

    def by_call(self) -> CallLog:
        """The same rows in call order."""
        order = np.argsort(self.call, kind="stable")
        return CallLog(*(getattr(self, name)[order] for name in COLUMN_TYPES))


COLUMN_TYPES: dict[str, type] = dict(
    zip(
        (f.name for f in fields(CallLog)),
        (
            np.int64,
            np.int32,
            np.float64,
            np.float64,
            np.float64,
            np.float64,
            np.int8,
            np.int8,
            np.int32,
            np.float64,
            np.float64,
            np.bool_,
            np.int32,
            np.int64,
            np.float64,
        ),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class SpellLog:
    """Spells of agents in the order in which they end; `from_s` <= `to_s`.

    `queue` and `arrival` are those of the call whose ring was not answered, -1 and NaN otherwise.
    """

    kind: NDArray[np.int8]
    agent: NDArray[np.int32]
    from_s: NDArray[np.float64]
    to_s: NDArray[np.float64]
    queue: NDArray[np.int32]
    arrival: NDArray[np.float64]

    def __len__(self) -> int:
        return self.kind.size

    @classmethod
    def of_rows(cls, rows: Sequence[tuple[int, int, float, float, int, float]]) -> SpellLog:
        """Spells of rows (kind, agent, from, to, queue, arrival)."""
        columns = zip(*rows, strict=True) if rows else ([] for _ in _SPELL_TYPES)
        return cls(*(np.array(c, dtype=t) for c, t in zip(columns, _SPELL_TYPES, strict=True)))

    @classmethod
    def joined(cls, logs: Sequence[SpellLog]) -> SpellLog:
        """The spells of several logs, in the order given."""
        if not logs:
            return cls.of_rows([])
        names = (f.name for f in fields(cls))
        return cls(*(np.concatenate([getattr(log, name) for log in logs]) for name in names))


_SPELL_TYPES = (np.int8, np.int32, np.float64, np.float64, np.int32, np.float64)


@dataclass(frozen=True, slots=True)
class AgentLog:
    """One row per spell of an agent in a state, by agent and time; `from_s` < `to_s`."""

    agent: NDArray[np.int32]
    state: NDArray[np.int8]
    from_s: NDArray[np.float64]
    to_s: NDArray[np.float64]

    @classmethod
    def of_rows(cls, rows: Sequence[tuple[int, AgentState, float, float]]) -> AgentLog:
        """A log of rows (agent, state, from, to)."""
        columns = zip(*rows, strict=True) if rows else ([], [], [], [])
        types = (np.int32, np.int8, np.float64, np.float64)
        return cls(*(np.array(c, dtype=t) for c, t in zip(columns, types, strict=True)))
