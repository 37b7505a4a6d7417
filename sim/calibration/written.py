"""A history as a table of calls: what `convert` writes, and reads again exactly.

Instants are written to a microsecond, on the history's clock with its offset from UTC; durations in
seconds, as exactly as they are known; what is not known is empty.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from sim.calibration.history import Floats, History, Outcome, clock_offsets

HEADER = (
    "queue", "time", "call", "outcome", "wait", "ring", "service", "wrap_up", "agent", "priority",
)  # fmt: skip
ZONE = b"callsim.time_zone"
"""Where a parquet file keeps the name of the clock."""
_CHUNK = 50_000
_FORMULA = re.compile(r"'*[=+\-@\t]")
_MASKED = re.compile(r"'+[=+\-@\t]")


def to_cell(text: str) -> str:
    """A text as a CSV cell: a `'` before what a spreadsheet would take for a formula, and line
    feeds for all line ends."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if _FORMULA.match(text) else text


def from_cell(text: str) -> str:
    """The text that `to_cell` made safe."""
    return text[1:] if text[:1] == "'" and _MASKED.match(text) else text


def written_csv(history: History) -> Iterator[str]:
    """The table as CSV, in pieces: a million calls are never one text."""
    yield ",".join(HEADER) + "\n"
    for first in range(0, len(history), _CHUNK):
        out = io.StringIO()
        rows = _columns(history.where(np.arange(first, min(first + _CHUNK, len(history)))),
                        _step(history))  # fmt: skip
        csv.writer(out, lineterminator="\n").writerows(zip(*rows.values(), strict=True))
        yield out.getvalue()


def write_parquet(history: History, out: BinaryIO) -> None:
    """The table as parquet: instants in UTC with the zone's name, durations as numbers."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = np.array([*history.queues, None], dtype=object)
    agents = np.array([*history.agents, None], dtype=object)
    words = np.array([outcome.name.lower() for outcome in Outcome], dtype=object)
    columns = {
        "queue": pa.array(names[history.queue], pa.string()).dictionary_encode(),
        "time": pa.array(_microseconds(history.joined_at), pa.timestamp("us", tz="UTC")),
        "call": pa.array(history.call.tolist(), pa.string()),
        "outcome": pa.array(words[history.outcome], pa.string()).dictionary_encode(),
        "wait": _durations(history.wait_s),
        "ring": _durations(history.ring_s),
        "service": _durations(history.talk_s),
        "wrap_up": _durations(history.wrap_up_s),
        "agent": pa.array(agents[history.agent], pa.string()).dictionary_encode(),
        "priority": pa.array(history.priority, pa.int32()),
    }
    table = pa.table(columns)
    zone = zone_name(history.zone)
    if zone is not None:
        table = table.replace_schema_metadata({ZONE: zone.encode()})
    pq.write_table(table, out, compression="zstd")


def zone_name(zone: tzinfo) -> str | None:
    """The name by which a zone can be asked for; None for an offset that has none."""
    key: str | None = getattr(zone, "key", None)
    return key or ("UTC" if zone is UTC else None)


def _columns(history: History, step: Literal["us", "s"]) -> dict[str, Any]:
    """The cells of each column, as text or numbers."""
    queues = np.array([to_cell(name) for name in history.queues] + [""], dtype=object)
    agents = np.array([to_cell(name) for name in history.agents] + [""], dtype=object)
    words = np.array([outcome.name.lower() for outcome in Outcome], dtype=object)
    cells = {
        "queue": queues[history.queue].tolist(),
        "time": _times(history.joined_at, history.zone, step),
        "call": [to_cell(call) for call in history.call.tolist()],
        "outcome": words[history.outcome].tolist(),
        "wait": _seconds(history.wait_s),
        "ring": _seconds(history.ring_s),
        "service": _seconds(history.talk_s),
        "wrap_up": _seconds(history.wrap_up_s),
        "agent": agents[history.agent].tolist(),
        "priority": history.priority.tolist(),
    }
    return {name: cells[name] for name in HEADER}


def _durations(seconds: Floats) -> Any:
    import pyarrow as pa

    return pa.array(seconds, pa.float64(), from_pandas=True)


def _seconds(values: Floats) -> list[Any]:
    """Numbers as short as they can be told exactly; empty for NaN."""
    return [
        "" if value != value else int(value) if value.is_integer() else value
        for value in values.tolist()
    ]


def _microseconds(at: Floats) -> NDArray[np.int64]:
    whole = np.floor(at)
    return (whole.astype(np.int64) * 1_000_000) + np.rint((at - whole) * 1e6).astype(np.int64)


def _step(history: History) -> Literal["us", "s"]:
    """Whole seconds, or microseconds where one instant has them."""
    return "us" if np.any(_microseconds(history.joined_at) % 1_000_000) else "s"


def _times(at: Floats, zone: tzinfo, step: Literal["us", "s"]) -> list[str]:
    offsets = clock_offsets(at, zone)
    local = (_microseconds(at) + offsets.astype(np.int64) * 1_000_000).astype("datetime64[us]")
    shown = np.datetime_as_string(local, unit=step)
    suffixes = {offset: _suffix(offset) for offset in np.unique(offsets).tolist()}
    return [text + suffixes[offset] for text, offset in zip(shown.tolist(), offsets.tolist(),
                                                            strict=True)]  # fmt: skip


def _suffix(offset_s: float) -> str:
    """`+01:00`; with seconds where a zone of long ago has them."""
    size = int(abs(offset_s))
    told = f"{size // 3600:02}:{size // 60 % 60:02}" + (f":{size % 60:02}" if size % 60 else "")
    return ("-" if offset_s < 0 else "+") + told
