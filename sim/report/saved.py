"""A RESULT as figures and reports take it: a folder or a JSON document, or a result in memory.

`open_result` tells what kind it is and gives the document. What else there is, the scenario, the
calls, the intervals, a sweep's table, is read when it is first asked for, and no more of it.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report import structure
from sim.report.folder import AGENT_INTERVALS, CALLS, INTERVALS, RESULT, SCENARIO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.scenario.model import Scenario

SWEEP_MANIFEST, SWEEP_TABLE = "sweep.json", "sweep.parquet"
REQUIREMENT = "requirement.json"
MOST_BYTES = 2_000_000_000
"""A larger JSON file is no result of this program."""


class NotAResultError(Exception):
    """What was given is no result, or can't be read as one."""


class Kind(StrEnum):
    """What a result is of: the command that made it."""

    RUN = "run"
    COMPARISON = "comparison"
    CHECK = "check"
    SWEEP = "sweep"
    PLAN = "plan"
    REQUIREMENT = "requirement"
    WARMUP = "warm-up"
    CALIBRATION = "calibration"
    BACKTEST = "backtest"


FORMATS = {
    "callsim.result": Kind.RUN,
    "callsim.comparison": Kind.COMPARISON,
    "callsim.check": Kind.CHECK,
    "callsim.sweep": Kind.SWEEP,
    "callsim.plan": Kind.PLAN,
    "callsim.requirement": Kind.REQUIREMENT,
    "callsim.warmup": Kind.WARMUP,
    "callsim.calibration": Kind.CALIBRATION,
    "callsim.backtest": Kind.BACKTEST,
}
KNOWN_VERSION = "1"


@dataclass(frozen=True, eq=False)
class Saved:
    """A result: its kind, its document (see docs/metrics.md), and what lies beside it.

    `name` is what messages call it. `folder` is where its files are, None for a document alone.
    `in_memory` has what a result of `sim.run` holds itself.
    """

    kind: Kind
    document: Mapping[str, Any]
    name: str = "the result"
    folder: Path | None = None
    in_memory: Any = field(default=None, repr=False)

    @cached_property
    def scenario(self) -> Scenario | None:
        """The scenario as it was run; None if it isn't beside the document.

        Raises NotAResultError if the file there can't be read.
        """
        if self.in_memory is not None:
            return self.in_memory.scenario  # type: ignore[no-any-return]
        path = self._beside(SCENARIO)
        if path is None:
            return None
        from sim.scenario.errors import ScenarioError
        from sim.scenario.load import load_scenario

        try:
            return load_scenario(path)
        except ScenarioError as error:
            raise NotAResultError(f"{path} is not the scenario that was run:\n{error}") from error

    @cached_property
    def intervals(self) -> list[dict[str, Any]] | None:
        """The rows of `intervals` in the document, else of intervals.csv; None without both.

        Estimates of a CSV file have no `half_width`.
        """
        return self._rows("intervals", INTERVALS, "queue")

    @cached_property
    def agent_intervals(self) -> list[dict[str, Any]] | None:
        """The same for the agents: a row per group and interval; `agents` None is all of them."""
        rows = self._rows("agent_intervals", AGENT_INTERVALS, "agents")
        together = self.document.get("all_agents_intervals", ())
        return rows if rows is None else [*rows, *({"agents": None, **row} for row in together)]

    @property
    def has_calls(self) -> bool:
        """Whether every call is there."""
        if self.in_memory is not None:
            return self.in_memory.logs is not None
        return self._beside(CALLS) is not None

    @property
    def has_scenario(self) -> bool:
        """Whether the scenario is there."""
        return self.in_memory is not None or self._beside(SCENARIO) is not None

    @property
    def has_table(self) -> bool:
        """Whether a sweep's table is there."""
        return self._beside(SWEEP_TABLE) is not None

    def calls(self, columns: Sequence[str]) -> dict[str, NDArray[Any]]:
        """These columns of calls.parquet, a row per call; texts as arrays of objects.

        Seconds are NaN and texts None where there is nothing. Raises NotAResultError without
        calls.
        """
        if self.in_memory is not None and self.in_memory.logs is not None:
            log = self.in_memory.calls()
            return {name: log[name] for name in columns}
        path = self._beside(CALLS)
        if path is None:
            raise NotAResultError(f"{self.name} has no calls: run SCENARIO --out DIR keeps them")
        table = _parquet(path, columns)
        return {name: _array(table.column(name)) for name in columns}

    def sweep_table(self) -> dict[str, NDArray[Any]]:
        """The columns of a sweep's table, a row per point and queue (and `total`)."""
        path = self._beside(SWEEP_TABLE)
        if path is None:
            raise NotAResultError(
                f"{self.name} has no {SWEEP_TABLE}: the same `sweep` command again finishes it"
            )
        table = _parquet(path, None)
        return {name: _array(table.column(name)) for name in table.column_names}

    def _beside(self, name: str) -> Path | None:
        path = None if self.folder is None else self.folder / name
        return path if path is not None and path.is_file() else None

    def _rows(self, key: str, file: str, subject: str) -> list[dict[str, Any]] | None:
        if self.document.get(key) is not None:
            return list(self.document[key])
        path = self._beside(file)
        if path is None:
            return None
        try:
            with open(path, encoding="utf-8", newline="") as lines:
                rows = [_row(cells, subject) for cells in csv.DictReader(lines)]
        except (OSError, ValueError, TypeError, KeyError, csv.Error) as error:
            raise NotAResultError(f"{path} is not what `run --out` wrote: {error}") from error
        return _named(rows, subject, self._names(subject))

    def _names(self, subject: str) -> list[str | None]:
        names = [row["name"] for row in self.document["queues" if subject == "queue" else "agents"]]
        return [*names, "total" if subject == "queue" else None]


def open_result(
    where: str | Path | Mapping[str, Any] | Any, kinds: Collection[Kind] = tuple(Kind)
) -> Saved:
    """Open a result.

    `where` is the folder of `run --out` or `sweep --out`, a file with a JSON document, `-` for
    one on standard input, the document itself, or what `sim.run`, `sim.compare` and `sim.check`
    return. `kinds` are those that are named to who gives something else. Raises NotAResultError
    for what is none.
    """
    if isinstance(where, Saved):
        return where
    if isinstance(where, Mapping):
        return _of_document(where, "the document", None, kinds)
    if isinstance(where, str | Path):
        return _stdin(kinds) if str(where) == "-" else _of_path(Path(where), kinds)
    document = getattr(where, "document", None)
    if not isinstance(document, Mapping):
        raise NotAResultError(
            f"a result is expected (of sim.run, sim.compare, ... or a folder), found {type(where)}"
        )
    made = _of_document(document, "the result", None, kinds, is_our_own=True)
    return Saved(made.kind, document, made.name, None, getattr(where, "result", None))


def _of_path(path: Path, kinds: Collection[Kind]) -> Saved:
    if not path.exists():
        raise NotAResultError(f"{path}: there is no such file or folder")
    if path.is_dir():
        for name in (RESULT, SWEEP_MANIFEST, REQUIREMENT):
            if (path / name).is_file():
                return _of_document(_json(path / name), str(path), path, kinds)
        raise NotAResultError(
            f"{path} holds no result: a result is a folder that `run --out` or `sweep --out` has"
            " written, or a file with what --json prints"
        )
    found = _of_document(_json(path), str(path), None, kinds)
    if path.name in (RESULT, SWEEP_MANIFEST):
        return Saved(found.kind, found.document, found.name, path.parent)
    if found.kind is Kind.SWEEP:
        tables = [Path(name) for name in found.document.get("files", ())]
        folder = next((t.parent for t in tables if t.name == SWEEP_TABLE and t.is_file()), None)
        return Saved(found.kind, found.document, found.name, folder)
    return found


def _stdin(kinds: Collection[Kind]) -> Saved:
    if sys.stdin is None:
        raise NotAResultError("standard input is closed")
    name = "standard input"
    return _of_document(_parsed(sys.stdin.buffer.read(), name), name, None, kinds)


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise NotAResultError(f"{path} is too large for a result")
        return _parsed(path.read_bytes(), str(path))
    except OSError as error:
        raise NotAResultError(f"{path}: {error.strerror}") from error


def _parsed(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotAResultError(
            f"{name} is not JSON ({str(error)[:100]}): a result is what --json prints, or a folder"
            " that --out has written"
        ) from error


def _of_document(
    document: Any,
    name: str,
    folder: Path | None,
    kinds: Collection[Kind],
    *,
    is_our_own: bool = False,
) -> Saved:
    told = document.get("format") if isinstance(document, Mapping) else None
    family, _, version = str(told).rpartition("/")
    kind = FORMATS.get(family)
    if kind is None:
        known = ", ".join(f"{each}/{KNOWN_VERSION}" for each in FORMATS if FORMATS[each] in kinds)
        raise NotAResultError(
            f"{name} is no result: its `format` must be one of {known}"
            + ("" if told is None else f", found {str(told)[:60]!r}")
        )
    if version != KNOWN_VERSION:
        raise NotAResultError(
            f"{name} is of another version of callsim: `format` is {str(told)[:60]!r}, known is"
            f" {family}/{KNOWN_VERSION}"
        )
    needed = _NEEDED[kind]
    missing = [key for key in needed if key not in document]
    if missing:
        raise NotAResultError(f"{name} is no whole result: it lacks `{'`, `'.join(missing)}`")
    if not is_our_own:
        _check_structure(kind, document, name)
    return Saved(kind, document, name, folder)


def _check_structure(kind: Kind, document: Mapping[str, Any], name: str) -> None:
    shape = structure.SHAPES.get(kind.value)
    found = [] if shape is None else list(islice(structure.problems(document, shape), 6))
    if found:
        more = "; ..." if len(found) > _MOST_TOLD else ""
        raise NotAResultError(
            f"{name} is no result of this program: {'; '.join(found[:_MOST_TOLD])}{more}"
        )


@contextmanager
def reading(saved: Saved) -> Iterator[None]:
    """What goes wrong within, for want of something or for values that don't belong together, is
    the fault of a document that was read from a file or handed over: NotAResultError then."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        if saved.in_memory is not None:
            raise
        if isinstance(error, KeyError):
            raise NotAResultError(f"{saved.name} is no whole result: it lacks {error}") from error
        raise NotAResultError(
            f"{saved.name} is no result of this program, its parts do not belong together:"
            f" {str(error)[:200]}"
        ) from error


_MOST_TOLD = 5
_NEEDED: dict[Kind, tuple[str, ...]] = {
    Kind.RUN: (
        "queues",
        "total",
        "agents",
        "served_by",
        "waits",
        "replications",
        "horizon_s",
        "warmup_s",
        "confidence",
        "scenario",
    ),
    Kind.COMPARISON: ("variants", "differences", "replications", "confidence"),
    Kind.CHECK: ("results",),
    Kind.BACKTEST: ("scenario", "outcome", "days", "metrics", "intervals"),
    Kind.SWEEP: ("scenario", "paths"),
    Kind.PLAN: ("feasible", "agents"),
    Kind.REQUIREMENT: ("group", "intervals", "targets", "bounds", "replications"),
    Kind.WARMUP: ("series", "warmup_s", "horizon_s", "observation_s", "replications", "seed"),
    Kind.CALIBRATION: ("queues", "log", "days", "confidence"),
}


# --- tables --------------------------------------------------------------------------------


def _row(cells: Mapping[str, str], subject: str) -> dict[str, Any]:
    """A line of a CSV file as the document has it: counts are whole, estimates have bounds."""
    row: dict[str, Any] = {subject: cells[subject], "counts": {}, "metrics": {}}
    for name, text in cells.items():
        if name == subject or name.endswith(("_low", "_high")):
            continue
        if f"{name}_low" in cells:
            ends = {"value": text, "low": cells[f"{name}_low"], "high": cells[f"{name}_high"]}
            estimate = {end: float(cell) if cell else None for end, cell in ends.items()}
            row["metrics"][name] = {**estimate, "half_width": None}
        elif name.endswith("_s") or name == "on_shift":
            row[name] = float(text)
        else:
            row["counts"][name] = int(text)
    return row


def _named(
    rows: list[dict[str, Any]], subject: str, names: Sequence[str | None]
) -> list[dict[str, Any]]:
    """The rows with the names of the document: those of a CSV file may have been made safe."""
    per_name, rest = divmod(len(rows), len(names))
    if rest:
        raise NotAResultError(f"the intervals don't belong to the result: {len(rows)} rows")
    for place, row in enumerate(rows):
        row[subject] = names[place // per_name]
    return rows


def _parquet(path: Path, columns: Sequence[str] | None) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, columns=None if columns is None else list(columns))
    except (OSError, pa.ArrowException) as error:
        raise NotAResultError(f"{path} can't be read: {str(error)[:200]}") from error


def _array(column: Any) -> NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    values: NDArray[Any] = column.to_numpy()
    return values


def subjects(rows: Iterable[Mapping[str, Any]], key: str) -> dict[str | None, list[Any]]:
    """The rows of each queue (or group), in their order."""
    found: dict[str | None, list[Any]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found
