"""What resolving a form needs around it: where problems go, the files, the clock, the names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path as FilePath

from sim.scenario.behaviour import LintWarning
from sim.scenario.errors import ScenarioError, did_you_mean, list_names
from sim.scenario.nodes import Path, Source
from sim.scenario.recording import Recording
from sim.scenario.source import MAX_TABLE_BYTES, decoded, read_bytes
from sim.scenario.units import ClockTime, seconds_between
from sim.scenario.validate import MAX_SUGGESTIONS, STAND_IN, Sink


@dataclass
class Names:
    """Names and ids of one kind of thing, and the places that they stand for."""

    kind: str
    places: dict[str, int] = field(default_factory=dict)
    every: list[str] = field(default_factory=list)
    n_unknown: int = 0

    def find(self, name: str) -> int | None:
        """The place of a name or id."""
        return self.places.get(name)

    def unknown(self, name: str) -> str:
        """What to say about a name that is none of these."""
        there = (
            f"the {self.kind}s are {list_names(self.every)}"
            if self.every
            else f"the scenario has no {self.kind}s"
        )
        self.n_unknown += 1
        near = did_you_mean(name, self.every) if self.n_unknown <= MAX_SUGGESTIONS else ""
        return f"no {self.kind} `{name[:60]}`: {there}{near}"


@dataclass
class Context:
    """Passed along while a form is resolved."""

    sink: Sink
    folder: FilePath
    start: datetime | None = None
    time_zone: str | None = None
    horizon_s: float = 0.0
    interval_s: float = 1800.0
    queues: Names = field(default_factory=lambda: Names("queue"))
    flows: Names = field(default_factory=lambda: Names("flow"))
    groups: Names = field(default_factory=lambda: Names("agent"))
    n_breaks: int = 0
    inline_flows: set[str] = field(default_factory=set)
    notes: list[LintWarning] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    recordings: dict[tuple[str | int, ...], dict[int | None, Recording] | None] = field(
        default_factory=dict
    )
    _texts: dict[str, Source | None] = field(default_factory=dict)

    def problem(self, path: Path, message: str, *, key: bool = False) -> None:
        """Something is wrong at a place of the scenario."""
        self.sink.at(path, message, key=key)

    def instant(self, value: float | ClockTime | datetime, path: Path) -> float | None:
        """Seconds from the start of a duration, a time of day on the first day, or a date."""
        if isinstance(value, float):
            return value
        if self.start is None:
            self.problem(
                path,
                "a time of day needs `start` at the top level, such as "
                "`start: 2026-11-23 09:00`; or write a duration from the start",
            )
            return None
        if isinstance(value, ClockTime):
            midnight = self.start.replace(hour=0, minute=0, second=0)
            value = midnight + timedelta(seconds=value.seconds)
        return seconds_between(self.start, value, self.time_zone)

    def queue_place(self, name: str, path: Path, *, key: bool = False) -> int | None:
        """The place of a queue; an unknown one is a problem at the path."""
        place = self.queues.find(name)
        if place is None and not any(each.startswith(STAND_IN) for each in self.queues.every):
            self.problem(path, self.queues.unknown(name), key=key)
        return place

    def read_text(self, name: str, path: Path, limit: int = MAX_TABLE_BYTES) -> Source | None:
        """The text of a file that the scenario names; None after a problem."""
        if name not in self._texts:
            self._texts[name] = self._read(name, path, limit)
        return self._texts[name]

    def _read(self, name: str, path: Path, limit: int) -> Source | None:
        place = self.folder / name
        try:
            raw = read_bytes(place, str(place), limit)
            text = decoded(raw, str(place), limit)
        except ScenarioError as error:
            self.problem(path, f"the file `{place}`: {error.problems[0].message}")
            return None
        self.files[name] = hashlib.sha256(raw).hexdigest()
        return Source(str(place), text)

    def is_parquet(self, name: str) -> bool:
        """Whether a file begins as parquet does; False for what can't be read."""
        try:
            place = self.folder / name
            return place.is_file() and read_bytes(place, name, 3) == b"PAR1"
        except (ScenarioError, OSError, ValueError):
            return False

    def parquet(self, name: str) -> FilePath:
        """The place of a parquet file, which takes part in the scenario's hash."""
        place = self.folder / name
        with place.open("rb") as file:
            self.files[name] = hashlib.file_digest(file, "sha256").hexdigest()
        return place


def names_of(
    context: Context, kind: str, head: str, forms: Iterable[tuple[str, str | None]]
) -> Names:
    """The names of a list of things; refuses those that occur twice."""
    rows = list(forms)
    names = Names(kind)
    for i, (name, _) in enumerate(rows):
        if name in names.places:
            first = names.places[name]
            context.problem(
                (head, i, "name"), f"the {kind} name `{name}` is already that of {head}[{first}]"
            )
        else:
            names.places[name] = i
            names.every.append(name)
    for i, (name, identity) in enumerate(rows):
        if identity is None or identity == name:
            continue
        other = names.places.setdefault(identity, i)
        if other != i:
            context.problem(
                (head, i, "id"), f"the id `{identity}` already stands for {head}[{other}]"
            )
    return names
