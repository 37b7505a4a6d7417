"""The calls of a run of our own, `calls.parquet` of `run --out`: one replication is one day.

The first day is that of the scenario's `start`, which `scenario.yaml` beside the calls tells, or
1970-01-01; each replication begins a day, or as many as its horizon has, after the one before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from sim.calibration.formats.files import Asked, LogFile
from sim.calibration.formats.parquet import unreadable
from sim.calibration.formats.tally import Tally
from sim.calibration.history import DAY_S, Floats, History, Outcome
from sim.scenario.errors import ScenarioError

COLUMNS = (
    "replication", "call", "queue", "routed", "arrival", "answer", "leave", "outcome", "cause",
    "agent", "service", "wrap_up",
)  # fmt: skip
SCENARIO = "scenario.yaml"
_OUTCOMES = {
    "done": Outcome.ANSWERED,
    "service": Outcome.ANSWERED,
    "abandoned": Outcome.ABANDONED,
    "blocked": Outcome.BLOCKED,
    "overflowed": Outcome.LEFT,
    "waiting": Outcome.OPEN,
    "connecting": Outcome.OPEN,
}
_CAUSES = {"timeout": Outcome.TIMEOUT, "flow": Outcome.LEFT}


def is_own(file: LogFile) -> bool:
    """Whether a parquet file has the columns of a run's calls."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with file.opened() as content:
            return set(COLUMNS) <= set(pq.read_schema(content).names)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise unreadable(file, error) from None


def read(files: Sequence[LogFile], asked: Asked) -> History:
    """The calls of runs, each file's days after those of the file before."""
    tally = Tally(files, "table", "calls.parquet of a run")
    day = 0
    parts, starts = [], []
    for file in files:
        table = _columns(file)
        tally.rows += len(table["replication"])
        start, zone, length = _calendar(file, table, asked)
        if start is None:
            tally.note("the scenario has no start: the first replication is 1970-01-01")
        begins = _begins(start or datetime(1970, 1, 1), zone, length, table["replication"], day)
        day += length * (1 + int(table["replication"].max(initial=-1)))
        parts.append(table)
        starts.append((begins, zone, file.queue))
    tally.note("each replication of the run is one day" if day else "the run has no calls")
    reading = tally.reading(tally.rows)
    joined = np.concatenate(
        [_to_microseconds(b + t["arrival"]) for (b, _, _), t in zip(starts, parts, strict=True)]
    )
    table = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    names = np.concatenate(
        [np.full(len(t["queue"]), q, object) if q is not None else t["queue"]
         for (_, _, q), t in zip(starts, parts, strict=True)]
    )  # fmt: skip
    return _history(table, joined, names, reading, starts[0][1])


def _history(
    table: dict[str, NDArray[Any]], joined: Floats, names: NDArray[Any], reading: Any, zone: tzinfo
) -> History:
    order = np.argsort(joined, kind="stable")
    outcome = np.array([_OUTCOMES[word] for word in table["outcome"]], np.int8)
    for cause, meant in _CAUSES.items():
        outcome[(table["cause"] == cause) & (outcome == Outcome.ABANDONED)] = meant
    ends = np.where(np.isnan(table["answer"]), table["leave"], table["answer"])
    ends = np.where(np.isnan(ends), table["arrival"], ends)
    wait = np.where(outcome == Outcome.BLOCKED, 0.0, ends - table["arrival"])
    queues, queue = np.unique(names.astype(str), return_inverse=True)
    is_agent = np.array([each is not None for each in table["agent"]])
    is_agent &= ~np.isnan(table["answer"])
    agents, agent = np.unique(table["agent"][is_agent].astype(str), return_inverse=True)
    agent_code = np.full(len(joined), -1, np.int32)
    agent_code[is_agent] = agent
    return History(
        joined_at=joined[order],
        queue=queue.astype(np.int32)[order],
        outcome=outcome[order],
        wait_s=wait[order],
        ring_s=(table["answer"] - table["routed"])[order],
        talk_s=table["service"][order],
        wrap_up_s=table["wrap_up"][order],
        agent=agent_code[order],
        priority=np.zeros(len(joined), np.int32),
        call=np.char.add(
            np.char.add(table["replication"].astype(str), "."), table["call"].astype(str)
        )[order],
        queues=tuple(queues.tolist()),
        agents=tuple(agents.tolist()),
        reading=reading,
        zone=zone,
        resolution_s=1e-6,
    )


def _columns(file: LogFile) -> dict[str, NDArray[Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with file.opened() as content:
            table = pq.read_table(content, columns=list(COLUMNS))
        found = {name: _array(table.column(name)) for name in COLUMNS}
    except (OSError, ValueError, pa.ArrowException) as error:
        raise unreadable(file, error) from None
    unknown = sorted(set(found["outcome"]) - _OUTCOMES.keys(), key=str)
    if unknown:
        raise file.error(f"is no run's calls.parquet: it has the outcome `{unknown[0]}`")
    return found


def _array(column: Any) -> NDArray[Any]:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        wanted = np.int64 if pa.types.is_integer(kind) else np.float64
        return np.asarray(column.to_numpy(), wanted)
    return np.array(column.to_pylist(), dtype=object)


def _calendar(
    file: LogFile, table: dict[str, NDArray[Any]], asked: Asked
) -> tuple[datetime | None, tzinfo, int]:
    """The scenario's start, its clock, and the days from one replication to the next."""
    beside = Path(file.path).parent / SCENARIO
    start, zone, horizon_s = None, asked.zone, 0.0
    if beside.is_file():
        from sim.scenario.load import load_scenario

        try:
            scenario = load_scenario(beside)
        except ScenarioError as error:
            raise file.error(f"the scenario beside it can't be read:\n{error}") from None
        start, horizon_s = scenario.start, scenario.horizon_s
        if zone is None and scenario.time_zone is not None:
            zone = ZoneInfo(scenario.time_zone)
    into_s = 0.0 if start is None else (start - datetime.combine(start, datetime.min.time())) / \
        timedelta(seconds=1)  # fmt: skip
    last_s = max(horizon_s, float(np.max(table["arrival"], initial=0.0)))
    return start, zone or UTC, max(1, math.ceil((into_s + last_s) / DAY_S))


def _begins(
    start: datetime, zone: tzinfo, length: int, replication: NDArray[np.int64], day: int
) -> Floats:
    """When the replication of each call began, in POSIX seconds."""
    n = 1 + int(replication.max(initial=-1))
    days = (timedelta(days=day + length * i) for i in range(n))
    at = np.array([(start + each).replace(tzinfo=zone).timestamp() for each in days], np.float64)
    return at[replication] if n else np.zeros(0)


def _to_microseconds(at: Floats) -> Floats:
    whole = np.floor(at)
    return np.asarray(whole + np.rint((at - whole) * 1e6) / 1e6)
