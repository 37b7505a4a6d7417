"""A sweep: the same scenario at many points, with the same random numbers at each."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim import __version__
from sim.experiment.design import Design
from sim.experiment.gathered import Gathered
from sim.experiment.pieces import Pieces
from sim.experiment.share import shared
from sim.experiment.store import PointRecord, Store
from sim.experiment.work import Done
from sim.metrics.estimates import CONFIDENCE
from sim.scenario.errors import ScenarioError
from sim.scenario.load import loads_scenario
from sim.scenario.model import Scenario
from sim.scenario.nodes import Map, Source
from sim.scenario.reader import read_document

FORMAT = "callsim.sweep/1"
_A_NUMBER = re.compile(r"\s*[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?\s*(?:%|/?\s*[A-Za-z]+)?\s*")
_TRIED = 50
_LOWERED = 10


@dataclass(frozen=True)
class Variants:
    """The job of a sweep: a scenario's text, of which each point changes something.

    `fixed` are changes of all points; `folder` is where the files are that the text names. Kept
    of a point are the counts and estimates of each queue and of `total`.
    """

    text: str
    name: str
    folder: str
    fixed: tuple[str, ...] = ()
    engine: str = "compiled"
    intervals: bool = False
    log: bool = False

    def scenario(self, changes: tuple[str, ...]) -> Scenario:
        """The scenario of a point. Raises ScenarioError."""
        return loads_scenario(self.text, self.name, [*self.fixed, *changes], self.folder)

    def seed(self) -> int:
        """The seed that a sample is drawn with: the options', else the file's, else 1."""
        for change in reversed(self.fixed):
            if change.startswith("seed="):
                return int(change.removeprefix("seed="))
        root = read_document(Source(self.name, self.text))
        seed = root.get("seed") if isinstance(root, Map) else None
        return seed if isinstance(seed, int) else 1

    def gathering(self, scenario: Scenario) -> Gathered:
        """Everything that a point's rows are made of."""
        return Gathered(scenario, intervals=self.intervals)

    def whole(self, gathered: Gathered, scenario: Scenario) -> PointRecord:
        """A point's rows."""
        result = gathered.result(engine=self.engine, elapsed_s=0.0)
        rows = [_row(subject) for subject in result.subjects()]
        return PointRecord(scenario.sha256, tuple(rows[0]), tuple(tuple(r.values()) for r in rows))


def _row(subject: dict[str, Any]) -> dict[str, Any]:
    """Queue, estimates and counts of the result document's entry, flat."""
    row: dict[str, Any] = {"queue": subject["name"]}
    for name, estimate in subject["metrics"].items():
        parts = {name: estimate} if "value" in estimate else {
            f"{name}.{part}": inner for part, inner in estimate.items()
        }  # fmt: skip
        for column, one in parts.items():
            row |= {
                column: one["value"],
                f"{column}_low": one["low"],
                f"{column}_high": one["high"],
            }
    row |= subject["counts"]
    return row


class Sweep:
    """A sweep in a folder; what is finished there already is not done again.

    Raises ScenarioError when no point is a valid scenario, OtherSweepError when the folder holds
    something else and `force` is not set.
    """

    def __init__(self, job: Variants, design: Design, folder: Path, *, force: bool = False) -> None:
        self.job = job
        self.design = design
        self.scenario = first_valid(job, design)
        self.store = Store(folder, self._manifest(), force=force)
        self.n_kept = len(self.store.where)
        """Points that were there at the start."""
        self.n_simulated = 0
        """Points that were done since."""

    @property
    def is_simulated(self) -> bool:
        """Whether no point is left to be simulated."""
        return len(self.store.where) == len(self.design)

    def some_scenarios(self) -> Iterator[Scenario]:
        """The first valid scenario and those of a few points spread over all."""
        yield self.scenario
        for place in spread(len(self.design), _LOWERED):
            with contextlib.suppress(ScenarioError):
                yield self.job.scenario(self.design.changes(place))

    def _manifest(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "version": __version__,
            "scenario": self.scenario.name,
            "seed": self.scenario.seed,
            "paths": self.design.paths,
            "points": len(self.design),
            "replications": None
            if "replications" in self.design.paths
            else self.scenario.replications,
            "confidence": CONFIDENCE,
            "key": _key(self.job, self.design),
        }

    def carry_out(
        self,
        *,
        workers: int | None = None,
        cluster: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Simulate the points that are not there yet.

        `workers` and `cluster` as in `share.shared`; the rows do not depend on them. `progress`
        is called with (points there, of how many). Raises PieceFailedError.
        """
        n = len(self.design)
        there = len(self.store.where)
        missing = (point for point in range(n) if point not in self.store.where)
        pieces = Pieces(missing, n - there, self.design.changes)
        try:
            if progress is not None:
                progress(there, n)
            for done in shared(pieces, self.job, workers=workers, cluster=cluster):
                if done is None:
                    continue
                there += 1
                self.n_simulated += 1
                self.store.add(done.piece.point, self._record(done))
                if progress is not None:
                    progress(there, n)
        finally:
            self.store.flush()

    def _record(self, done: Done) -> PointRecord:
        if done.problem is not None:
            return PointRecord(None, (), (), done.problem)
        if isinstance(done.result, Gathered):  # came in parts
            return self.job.whole(done.result, self.job.scenario(done.piece.changes))
        record: PointRecord = done.result
        return record

    def records(self) -> Iterator[tuple[tuple[str, ...], PointRecord]]:
        """The values and the record of each point, in the order of the design."""
        for number, record in enumerate(self.store.records(len(self.design))):
            yield self.design.point(number), record

    def bad_points(self) -> list[dict[str, Any]]:
        """The points that are no valid scenario: number from 1, settings and what is wrong."""
        return [
            {
                "point": number,
                "settings": dict(zip(self.design.paths, values, strict=True)),
                "error": record.error,
            }
            for number, (values, record) in enumerate(self.records(), 1)
            if record.error is not None
        ]


def first_valid(job: Variants, design: Design) -> Scenario:
    """The first valid scenario of some of the points; raises the first one's ScenarioError."""
    first: ScenarioError | None = None
    for place in spread(len(design), _TRIED):
        try:
            return job.scenario(design.changes(place))
        except ScenarioError as error:
            first = first or error
    assert first is not None
    raise first


def spread(n: int, most: int) -> Iterable[int]:
    """All of `n` places, or `most` of them from the first to the last."""
    return range(n) if n <= most else sorted({i * (n - 1) // (most - 1) for i in range(most)})


def _key(job: Variants, design: Design) -> str:
    """A hash of all that decides the rows: text, settings, version, and the files named by them.

    The files are in the hashes of the resolved scenarios at the first point and at each point that
    differs from it by one value that is no number: a value, not several together, names a file.
    """
    base = design.point(0)
    varied = {base}
    for column, path_values in enumerate(design.values or zip(*(design.rows or ()), strict=True)):
        for value in path_values:
            if not _A_NUMBER.fullmatch(value):
                varied.add((*base[:column], value, *base[column + 1 :]))
    hashes = []
    for values in sorted(varied):
        changes = tuple(f"{p}={v}" for p, v in zip(design.paths, values, strict=True))
        try:
            hashes.append(job.scenario(changes).sha256)
        except ScenarioError as error:
            hashes.append(str(error))
    settings = [design.paths, design.values, design.rows]
    content = [FORMAT, __version__, job.text, job.fixed, settings, hashes]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
