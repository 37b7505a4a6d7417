"""A sweep's rows as files: parquet, CSV and, if asked for, an Excel workbook.

All are written aside completely before any gets its name. Their bytes depend on the rows alone.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO, Protocol

from sim.experiment.counts import COUNT_NAMES
from sim.experiment.design import Design
from sim.experiment.store import RESULTS, whole_file
from sim.experiment.sweep import Sweep
from sim.report.folder import safe_cell

EXCEL_ROWS = 1_048_576
_POINTS_AT_ONCE = 1_000
"""Points that are held in memory; they make a row group of the parquet file."""
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")

Block = list[list[Any]]


class NoWorkbookError(Exception):
    """A workbook was asked for and can't be written."""


def is_finished(sweep: Sweep, *, excel: bool = False) -> bool:
    """Whether all points and tables are there."""
    wanted = _files(excel)
    return sweep.store.is_complete and all((sweep.store.folder / n).exists() for n in wanted)


def finish(sweep: Sweep, *, excel: bool = False) -> None:
    """Write the tables of a sweep whose points are all there."""
    sweep.store.finish(write_tables(sweep, excel=excel), sweep.bad_points())


def summary(sweep: Sweep, *, excel: bool = False) -> dict[str, Any]:
    """What there is to tell of a finished sweep, as JSON has it."""
    store = sweep.store
    return {
        "format": store.manifest["format"],
        "version": store.manifest["version"],
        "scenario": sweep.scenario.name,
        "seed": sweep.scenario.seed,
        "replications": store.manifest.get("replications"),
        "paths": list(sweep.design.paths),
        "points": len(sweep.design),
        "simulated": sweep.n_simulated,
        "rows": store.manifest["rows"],
        "bad_points": store.manifest["bad_points"],
        "files": [str(store.folder / name) for name in _files(excel)],
    }


def _files(excel: bool) -> tuple[str, ...]:
    return RESULTS if excel else RESULTS[:2]


def check_excel(n_points: int, n_queues: int) -> None:
    """Refuse, before any time is spent, a workbook that can't be. Raises NoWorkbookError."""
    rows = n_points * (n_queues + 1) + 1
    if rows > EXCEL_ROWS:
        raise NoWorkbookError(
            f"{rows:,} rows are more than a worksheet holds ({EXCEL_ROWS:,}): leave out --excel"
        )


def write_tables(sweep: Sweep, *, excel: bool = False) -> int:
    """Write the files of a finished sweep to its folder; the number of rows.

    A row for each queue and for `total` of each point, in the order of the design; one row, with
    `error`, for a point that is no valid scenario. Columns: one for each path, `queue`, each
    metric as NAME, NAME_low and NAME_high, the counts, `error`.
    """
    columns = next(record.columns for _, record in sweep.records() if record.columns)
    kinds = _kinds(sweep.design)
    header = [*sweep.design.paths, *columns, "error"]
    n_rows = 0
    with ExitStack() as files:
        parquet, text = (
            files.enter_context(whole_file(sweep.store.folder / name)) for name in RESULTS[:2]
        )
        all_kinds = [*kinds, *map(_kind, columns), str]
        writers: list[_Writer] = [_Parquet(parquet, header, all_kinds), _Csv(text, header)]
        if excel:
            book = files.enter_context(whole_file(sweep.store.folder / RESULTS[2]))
            writers.append(_Excel(book, header))
        for block in _blocks(sweep, kinds, len(columns)):
            n_rows += len(block)
            for writer in writers:
                writer.write(block)
        for writer in writers:
            writer.close()
    return n_rows


def _blocks(sweep: Sweep, kinds: list[type], n_columns: int) -> Iterator[Block]:
    """The rows of some thousand points after the other."""
    records = sweep.records()
    nothing: list[Any] = [None] * n_columns
    while some := list(islice(records, _POINTS_AT_ONCE)):
        block: Block = []
        for values, record in some:
            cells = [kind(value) for kind, value in zip(kinds, values, strict=True)]
            block += [[*cells, *row, None] for row in record.rows]
            if record.error is not None:
                block.append([*cells, *nothing, record.error])
        yield block


def _kinds(design: Design) -> list[type]:
    """For each path whether all its values are whole numbers, numbers, or text."""
    found: list[type] = []
    for values in design.values or zip(*(design.rows or ()), strict=True):
        whole = all(_WHOLE.fullmatch(value) for value in values)
        number = all(_NUMBER.fullmatch(value) for value in values)
        found.append(int if whole else float if number else str)
    return found


def _kind(column: str) -> type:
    return str if column == "queue" else int if column in COUNT_NAMES else float


class _Writer(Protocol):
    def write(self, block: Block) -> None: ...

    def close(self) -> None: ...


class _Parquet:
    def __init__(self, out: BinaryIO, header: list[str], kinds: list[type]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = {int: pa.int64(), float: pa.float64(), str: pa.string()}
        self._schema = pa.schema([(n, types[k]) for n, k in zip(header, kinds, strict=True)])
        self._writer = pq.ParquetWriter(out, self._schema, compression="zstd")

    def write(self, block: Block) -> None:
        import pyarrow as pa

        arrays = [
            pa.array(column, field.type)
            for column, field in zip(zip(*block, strict=True), self._schema, strict=True)
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()


class _Csv:
    def __init__(self, out: BinaryIO, header: list[str]) -> None:
        self._out = out
        self.write([list(header)])

    def write(self, block: Block) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([safe_cell(value) for value in row] for row in block)
        self._out.write(text.getvalue().encode("utf-8", "backslashreplace"))

    def close(self) -> None:
        """Nothing is left to be written."""


class _Excel:
    def __init__(self, out: BinaryIO, header: list[str]) -> None:
        import xlsxwriter

        self._book = xlsxwriter.Workbook(out, {"constant_memory": True})
        self._book.set_properties({"created": datetime(2000, 1, 1)})
        self._sheet = self._book.add_worksheet("sweep")
        self._sheet.freeze_panes(1, 0)
        self._n = 0
        self.write([list(header)])

    def write(self, block: Block) -> None:
        for row in block:
            for place, value in enumerate(row):
                if isinstance(value, str):
                    self._sheet.write_string(self._n, place, value)
                elif value is not None:
                    self._sheet.write_number(self._n, place, value)
            self._n += 1

    def close(self) -> None:
        self._book.close()
