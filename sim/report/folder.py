"""A run's results as a folder of files, each whole or not there.

Every file is first written aside in the same folder, completely and down to the disk, and then
renamed. `result.json` goes first and comes back last: where it stands, the six belong together.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from sim.scenario.model import Scenario

RESULT = "result.json"
CALLS = "calls.parquet"
INTERVALS = "intervals.csv"
AGENTS = "agents.csv"
AGENT_INTERVALS = "agent_intervals.csv"
SCENARIO = "scenario.yaml"
NAMES = (CALLS, INTERVALS, AGENTS, AGENT_INTERVALS, SCENARIO, RESULT)

_ASIDE = ".callsim-"
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_TEXT_COLUMNS = ("queue", "outcome", "cause", "agent")
_WHOLE_COLUMNS = ("replication", "call", "attempt", "parent")


class RunResult(Protocol):
    """What is needed of a result."""

    @property
    def scenario(self) -> Scenario: ...

    def document(self, *, with_intervals: bool) -> dict[str, Any]: ...

    def calls(self) -> Mapping[str, Any]: ...


class FolderInUseError(Exception):
    """The folder can't be written to, or holds the files of another run."""


def check_folder(directory: str | os.PathLike[str], *, force: bool) -> None:
    """Refuse, before any time is spent, a folder that `write_folder` would refuse.

    Raises
    ------
    FolderInUseError
        It is a file, holds any of a run's files and `force` is not set, or can't be written to.
    """
    folder = Path(directory)
    if folder.name == "sim" or folder.resolve().name == "sim":
        raise FolderInUseError(
            f"{folder}: a folder called 'sim' would hide the program's own package from Python"
        )
    nearest = next(
        path for path in (folder.absolute(), *folder.absolute().parents) if path.exists()
    )
    if not nearest.is_dir():
        raise FolderInUseError(f"{nearest} is not a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise FolderInUseError(f"{nearest}: no permission to write there")
    present = [name for name in NAMES if (folder / name).exists()]
    if present and not force:
        raise FolderInUseError(
            f"{folder} holds the files of another run ({', '.join(present)});"
            " choose another folder, or overwrite them with --force"
        )


@contextlib.contextmanager
def held_folder(directory: str | os.PathLike[str]) -> Iterator[None]:
    """Makes a folder before any time is spent; in the end, what was made and is empty goes.

    Raises FolderInUseError where it can't be made or nothing can be written into it.
    """
    folder = Path(directory).absolute()
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            check_writable(folder)
        except OSError as error:
            raise FolderInUseError(f"{directory}: can't write there ({error.strerror})") from None
        yield
    finally:
        for path in made:  # the deepest first
            with contextlib.suppress(OSError):
                path.rmdir()


def check_writable(folder: Path) -> None:
    """Raises OSError where no file can be made in a folder."""
    with tempfile.TemporaryFile(dir=folder):
        pass


def write_folder(
    result: RunResult,
    directory: str | os.PathLike[str],
    *,
    force: bool = False,
    with_intervals: bool = True,
) -> None:
    """Write the six files; the folder is made if need be.

    `with_intervals` tells whether `result.json` has them; the CSV files always do.
    On failure a finished older run stays as it was, unless the failure is between two renames.
    """
    from sim.scenario.dump import dump_scenario

    check_folder(directory, force=force)
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    document = result.document(with_intervals=True)
    intervals = interval_rows(document)
    agents = agent_rows(document)
    agent_intervals = agent_interval_rows(document)
    if not with_intervals:
        document = result.document(with_intervals=False)
    writers: dict[str, Callable[[BinaryIO], None]] = {
        CALLS: lambda out: _write_calls(result.calls(), out),
        INTERVALS: lambda out: _write_text(csv_text(*intervals), out),
        AGENTS: lambda out: _write_text(csv_text(*agents), out),
        AGENT_INTERVALS: lambda out: _write_text(csv_text(*agent_intervals), out),
        SCENARIO: lambda out: _write_text(dump_scenario(result.scenario), out),
        RESULT: lambda out: _write_text(json_text(document), out),
    }
    _remove_leftovers(folder)
    aside: dict[str, Path] = {}
    try:
        for name in NAMES:
            _write_aside(folder, writers[name], aside, name)
        (folder / RESULT).unlink(missing_ok=True)
        for name in NAMES:
            os.replace(aside[name], folder / name)
            del aside[name]
        _sync(folder)
    finally:
        for path in aside.values():
            path.unlink(missing_ok=True)


def json_text(document: Mapping[str, Any]) -> str:
    """The document as JSON text, with a newline at its end; NaN and infinity are refused."""
    return json.dumps(document, allow_nan=False, ensure_ascii=False, indent=2) + "\n"


# --- rows ----------------------------------------------------------------------------------


def interval_rows(document: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Header and rows of `intervals.csv`: one row for each queue (and `total`) and interval."""
    rows = document.get("intervals", [])
    return _rows(rows, ("queue", "start_s", "end_s"), ("counts",))


def agent_rows(document: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Header and rows of `agents.csv`: one row for each group."""
    return _rows(document["agents"], ("name", "count"), ())


def agent_interval_rows(document: Mapping[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Header and rows of `agent_intervals.csv`: one row for each group and interval.

    Then the rows of all groups together, without a name.
    """
    together = [{"agents": None, **row} for row in document.get("all_agents_intervals", ())]
    rows = [*document.get("agent_intervals", ()), *together]
    return _rows(rows, ("agents", "start_s", "end_s", "on_shift"), ())


def _rows(
    rows: Sequence[Mapping[str, Any]], keys: Sequence[str], groups: Sequence[str]
) -> tuple[list[str], list[list[Any]]]:
    """`keys`, then what the `groups` hold, then each metric with its bounds.

    A column is there as soon as one row has it; a row without it has an empty cell.
    """
    flat = []
    for row in rows:
        cells = {key: row[key] for key in keys}
        for group in groups:
            cells.update(row.get(group, {}))
        for name, estimate in _estimates(row["metrics"]):
            cells[name] = estimate["value"]
            cells[f"{name}_low"] = estimate.get("low")
            cells[f"{name}_high"] = estimate.get("high")
        flat.append(cells)
    header = list(dict.fromkeys([*keys, *(key for cells in flat for key in cells)]))
    return header, [[cells.get(key) for key in header] for cells in flat]


def _estimates(metrics: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Each estimate; those of a group of them (`service_level_variants`) as `group.name`."""
    for name, estimate in metrics.items():
        if estimate is None:
            yield name, {"value": None}
        elif "value" in estimate:
            yield name, estimate
        else:
            for part, inner in estimate.items():
                yield f"{name}.{part}", inner if inner is not None else {"value": None}


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """CSV with safe cells: a text that a spreadsheet would take for a formula gets a `'`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([safe_cell(name) for name in header])
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return out.getvalue()


def safe_cell(value: Any) -> Any:
    """A value as a CSV cell: no formula, one kind of line end, empty for None."""
    if isinstance(value, str):
        safe = f"'{value}" if value.startswith(_FORMULA_SIGNS) else value
        return safe.replace("\r\n", "\n").replace("\r", "\n")
    return "" if value is None else value


# --- bytes ---------------------------------------------------------------------------------


def _write_text(content: str, out: BinaryIO) -> None:
    out.write(content.encode("utf-8", "backslashreplace"))


def _write_calls(calls: Mapping[str, Any], out: BinaryIO) -> None:
    """The call log as parquet, the same bytes for the same log."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {}
    for name, values in calls.items():
        if name in _TEXT_COLUMNS:
            column = pa.array(values.tolist(), pa.string()).dictionary_encode()
        elif name in _WHOLE_COLUMNS:
            missing = values < 0 if name == "parent" else None
            column = pa.array(values, pa.int64(), mask=missing)
        else:
            column = pa.array(values, pa.float64(), from_pandas=True)
        columns[name] = column
    pq.write_table(pa.table(columns), out, compression="zstd")


def _write_aside(
    folder: Path, write: Callable[[BinaryIO], None], aside: dict[str, Path], name: str
) -> None:
    path = folder / f"{_ASIDE}{os.getpid()}-{name}"
    with open(path, "xb") as out:
        aside[name] = path
        write(out)
        out.flush()
        os.fsync(out.fileno())


def _sync(folder: Path) -> None:
    """Have the renames on disk, where folders can be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove_leftovers(folder: Path) -> None:
    """What a killed run left aside; nobody else's names begin so."""
    for path in folder.glob(f"{_ASIDE}*"):
        with contextlib.suppress(OSError):
            path.unlink()
