"""The rows of a parquet file, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sim.calibration.formats.files import LogFile
from sim.calibration.written import ZONE
from sim.scenario.errors import ScenarioError

Row = tuple[int, Sequence[Any]]
"""The number of a row, or of the line on which it ends, and its cells."""


def parquet_rows(file: LogFile) -> tuple[list[str], Iterator[Row], tzinfo | None]:
    """The columns' names, the rows with their numbers from 1, and the clock that the file names.

    Raises ScenarioError, also while the rows are gone through, for a file that can't be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with file.opened() as content:
            schema = pq.read_schema(content)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise unreadable(file, error) from None

    def rows() -> Iterator[Row]:
        number = 0
        try:
            with file.opened() as content:
                for batch in pq.ParquetFile(content).iter_batches():
                    columns = [_values(column) for column in batch.columns]
                    for cells in zip(*columns, strict=True):
                        number += 1
                        yield number, cells
        except (OSError, pa.ArrowException) as error:
            raise unreadable(file, error) from None

    told = (schema.metadata or {}).get(ZONE)
    return list(schema.names), rows(), None if told is None else _zone(told)


def unreadable(file: LogFile, error: Exception) -> ScenarioError:
    """A parquet file can't be read, for a reason in one line."""
    reason = (str(error).splitlines() or ["?"])[0][:200]
    return file.error(f"can't be read as parquet: {reason}")


def _values(column: Any) -> list[Any]:
    """A column's values as Python has them; to a microsecond, where they are instants."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    elif pa.types.is_duration(kind):
        column = column.cast(pa.duration("us"), safe=False)
    values: list[Any] = column.to_pylist()
    return values


def _zone(name: bytes) -> tzinfo | None:
    try:
        return ZoneInfo(name.decode())
    except (OSError, ValueError, KeyError):
        return None
