"""A recording of calls, CSV or parquet, as columns of numbers; knows no queue.

Millions of rows are gone through once, into arrays. pyarrow is loaded for parquet only.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from sim.scenario.errors import Problem, did_you_mean, list_names
from sim.scenario.nodes import Source
from sim.scenario.tables import TableError, number, scan_table
from sim.scenario.units import MAX_DURATION_S, parse_duration

MAX_CALLS = 20_000_000
MAX_CSV_BYTES = 1_000_000_000
KNOWN = {
    "time": ("time", "arrival", "timestamp", "datetime"),
    "queue": ("queue", "skill", "warteschlange"),
    "service": ("service", "service_time"),
    "patience": ("patience",),
}
"""The fields of a call, and the headers that are looked for."""
FIRST_ONLY = {"replication": "0", "attempt": "1", "parent": ""}
"""In a log of our own: the calls of the first replication that the workload made. Empty passes."""

Clock = Callable[[str], float]
"""Seconds from the start of what a time says; raises ValueError."""


@dataclass(slots=True)
class Recording:
    """Columns of equal length, in the file's order; NaN where a duration is not recorded."""

    times_s: array[float]
    queues: array[int] | None
    """Numbers of names; None without a column for the queue."""
    names: dict[str, int]
    service_s: array[float] | None
    patience_s: array[float] | None


def read_csv(source: Source, columns: Mapping[str, str | int], clock: Clock) -> Recording:
    """The recording in a CSV text. `columns` name fields by header or number from 1.

    Raises TableError at the first row that is wrong.
    """
    head, rows = scan_table(source, MAX_CALLS)
    place = {field: head.column(columns.get(field), known) for field, known in KNOWN.items()}
    if place["time"] is None and head.header is None:
        taken = set(place.values())
        place["time"] = next((i for i in range(len(head.rows[0][1])) if i not in taken), None)
    time = place["time"]
    if time is None:
        raise head.error(1, "no column for `time`: name it in the scenario, `columns: {time: ...}`")
    only = [(head.column(None, (name,)), value) for name, value in FIRST_ONLY.items()]
    only = [(column, value) for column, value in only if column is not None]
    found = _empty(place)
    for row in rows:
        if any(head.text(row, column) not in ("", value) for column, value in only):
            continue
        at: int | None = time
        try:
            found.times_s.append(_time(head.cell(row, time), clock))
            if found.queues is not None:
                name = head.text(row, place["queue"])
                found.queues.append(found.names.setdefault(name, len(found.names)))
            if found.service_s is not None:
                at = place["service"]
                found.service_s.append(_duration(head.text(row, at)))
            if found.patience_s is not None:
                at = place["patience"]
                found.patience_s.append(_duration(head.text(row, at)))
        except ValueError as error:
            raise head.error(row[0], str(error), at) from None
    return found


def read_parquet(path: FilePath, columns: Mapping[str, str | int], clock: Clock) -> Recording:
    """The recording in a parquet file. Raises TableError, with the row, for what is wrong."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    def wrong(message: str) -> TableError:
        return TableError(Problem(str(path), 0, 0, "", message))

    try:
        with pq.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
        place = {field: _header(names, field, columns.get(field)) for field in KNOWN}
        if place["time"] is None:
            raise ValueError(
                f"no column for `time`: the columns are {list_names(names)}; name it in the "
                "scenario, `columns: {time: ...}`"
            )
        only = [name for name in FIRST_ONLY if name in names]
        keep = None
        for name in only:
            value = FIRST_ONLY[name]
            fits = pc.field(name).is_null()
            fits = fits | (pc.field(name) == int(value)) if value else fits
            keep = fits if keep is None else keep & fits
        wanted = sorted({name for name in place.values() if name is not None})
        table = pq.read_table(path, columns=wanted, filters=keep, partitioning=None)
    except ValueError as error:
        if isinstance(error, pa.ArrowException):
            raise wrong(f"can't be read as parquet: {_first_line(error)}") from None
        raise wrong(str(error)) from None
    except (OSError, pa.ArrowException, RecursionError) as error:
        raise wrong(
            f"can't be read as parquet: {(str(error).splitlines() or ['?'])[0][:200]}"
        ) from None
    if table.num_rows > MAX_CALLS:
        raise wrong(f"more than {MAX_CALLS:,} calls")
    if table.num_rows == 0:
        raise wrong("there are no calls in it")
    found = _empty(place)
    for field, column in place.items():
        if column is None:
            continue
        row = 0
        try:
            for value in _values(table.column(column)):
                row += 1
                _put(found, field, value, clock)
        except pa.ArrowException as error:
            raise wrong(f"column `{column}`: {_first_line(error)}") from None
        except ValueError as error:
            raise wrong(f"row {row}, column `{column}`: {error}") from None
    return found


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason given"])[0][:200]


def divided(recording: Recording, places: Mapping[str, int]) -> dict[int | None, Recording]:
    """The calls of each queue, by the place that its name or id stands for, in their order.

    All of them under None when the recording has no queues; calls of others are left out.
    """
    if recording.queues is None:
        return {None: recording}
    of = [places.get(name) for name in recording.names]
    service, patience = recording.service_s, recording.patience_s
    parts: dict[int | None, Recording] = {}
    for row, name in enumerate(recording.queues):
        place = of[name]
        if place is None:
            continue
        part = parts.get(place)
        if part is None:
            columns = (None if c is None else array("d") for c in (service, patience))
            part = parts[place] = Recording(array("d"), None, {}, *columns)
        part.times_s.append(recording.times_s[row])
        if service is not None and part.service_s is not None:
            part.service_s.append(service[row])
        if patience is not None and part.patience_s is not None:
            part.patience_s.append(patience[row])
    return parts


def _header(names: list[str], field: str, wanted: str | int | None) -> str | None:
    if isinstance(wanted, int):
        if not 1 <= wanted <= len(names):
            raise ValueError(f"there is no column {wanted}: the table has {len(names)}")
        return names[wanted - 1]
    lowered = {name.lower(): name for name in reversed(names)}
    if wanted is not None:
        if wanted.strip().lower() not in lowered:
            raise ValueError(
                f"no column `{wanted}`: the columns are {list_names(names)}"
                f"{did_you_mean(wanted, names)}"
            )
        return lowered[wanted.strip().lower()]
    return next((lowered[name] for name in KNOWN[field] if name in lowered), None)


def _values(column: Any) -> Iterator[Any]:
    """The values of a column as Python has them, chunk by chunk; moments in time as text."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        column = column.cast(pa.string())
    elif pa.types.is_duration(kind):
        column = column.cast(pa.duration("us"), safe=False)
    for chunk in column.chunks:
        yield from chunk.to_pylist()


def _put(found: Recording, field: str, value: Any, clock: Clock) -> None:
    if field == "queue":
        assert found.queues is not None
        name = "" if value is None else str(value).strip()
        found.queues.append(found.names.setdefault(name, len(found.names)))
        return
    if field == "time":
        if value is None:
            raise ValueError("the time is missing")
        found.times_s.append(
            _checked(float(value))
            if isinstance(value, int | float)
            else _time(str(value).strip(), clock)
        )
        return
    column = found.service_s if field == "service" else found.patience_s
    assert column is not None
    if value is None:
        column.append(math.nan)
    elif isinstance(value, int | float):
        column.append(_checked(float(value)))
    elif hasattr(value, "total_seconds"):
        column.append(_checked(value.total_seconds()))
    else:
        column.append(_duration(str(value).strip()))


def _empty(place: Mapping[str, object]) -> Recording:
    return Recording(
        array("d"),
        array("l") if place["queue"] is not None else None,
        {},
        array("d") if place["service"] is not None else None,
        array("d") if place["patience"] is not None else None,
    )


def _checked(seconds: float) -> float:
    if not 0.0 <= seconds <= MAX_DURATION_S:
        if math.isnan(seconds):
            raise ValueError("not a number (NaN)")
        if seconds < 0:
            raise ValueError(f"must not be negative, found {seconds:g}")
        raise ValueError(f"{seconds:g} s is longer than 1000 years")
    return seconds + 0.0


def _time(text: str, clock: Clock) -> float:
    seconds = _number(text)
    return _checked(clock(text) if seconds is None else seconds)


def _duration(text: str) -> float:
    """A number of seconds or a duration with a unit; NaN for nothing."""
    if not text:
        return math.nan
    seconds = _number(text)
    return _checked(parse_duration(text) if seconds is None else seconds)


def _number(text: str) -> float | None:
    """A number, a NaN or infinity among them; None for what is no number."""
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return number(text)
