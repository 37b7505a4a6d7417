"""What becomes of a log's rows: counted by reason, with the first places, so that none is lost
silently; and the end of reading where too little of the log could be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.calibration.formats.files import LogFile
from sim.calibration.history import Reading
from sim.scenario.errors import Problem, ScenarioError

MAX_PLACES = 5
"""Places told of each reason."""


@dataclass
class _Count:
    n: int = 0
    places: list[Problem] = field(default_factory=list)

    def told(self, several_files: bool) -> str:
        """`first in lines 3, 9, 12`; nothing where no line is known."""
        lines = [place for place in self.places if place.line]
        if not lines:
            return ""
        shown = ", ".join(f"{p.file}:{p.line}" if several_files else str(p.line) for p in lines)
        if self.n == len(lines):
            return f"line {shown}" if self.n == 1 else f"lines {shown}"
        return f"first in lines {shown}" if len(lines) > 1 else f"first in line {shown}"


@dataclass
class Tally:
    """Counts of one log; a reader adds to `rows` every row (or event) that it comes upon.

    `looked_for` says what a row of this format is, for the error where most are none.
    """

    files: Sequence[LogFile]
    format: str
    looked_for: str
    rows: int = 0
    n_damaged: int = 0
    _dropped: dict[str, _Count] = field(default_factory=dict)
    _damaged: set[str] = field(default_factory=set)
    _odd: dict[str, _Count] = field(default_factory=dict)
    _notes: dict[str, None] = field(default_factory=dict)

    def damaged(self, reason: str, file: LogFile, line: int = 0, source: str = "") -> None:
        """A row that can't be read is left out. `reason` is what it has in common with others."""
        self.n_damaged += 1
        self._damaged.add(reason)
        self._count(self._dropped, reason, file, line, source, 1)

    def left_out(
        self, reason: str, file: LogFile, line: int = 0, source: str = "", n: int = 1
    ) -> None:
        """Rows, or calls, that are understood and are none of the calls that are wanted."""
        self._count(self._dropped, reason, file, line, source, n)

    def odd(self, what: str, file: LogFile, line: int = 0, n: int = 1) -> None:
        """Rows that are kept, and have something odd in common: `what: n (first in line ...)`."""
        self._count(self._odd, what, file, line, "", n)

    def note(self, text: str) -> None:
        """A sentence about the log; the same one is told once."""
        self._notes[text] = None

    def reading(self, n_kept: int) -> Reading:
        """What became of the rows, `n_kept` calls among them.

        Raises ScenarioError where more than half of the rows can't be read, or no call is left.
        """
        if self.n_damaged * 2 > self.rows:
            raise ScenarioError(self._too_damaged())
        if n_kept == 0:
            raise ScenarioError(self._nothing_left())
        return Reading(
            source=", ".join(file.name for file in self.files),
            format=self.format,
            rows=self.rows,
            dropped={reason: count.n for reason, count in self._dropped.items()},
            notes=(*self._notes, *self._odd_notes(), *self._file_notes(), *self._damage_notes()),
        )

    def _count(
        self, of: dict[str, _Count], key: str, file: LogFile, line: int, source: str, n: int
    ) -> None:
        count = of.setdefault(key, _Count())
        count.n += n
        if len(count.places) < MAX_PLACES:
            count.places.append(Problem(file.name, line, 1 if line else 0, "", key, source))

    def _odd_notes(self) -> list[str]:
        return [self._counted(what, count) for what, count in self._odd.items()]

    def _damage_notes(self) -> list[str]:
        return [
            f"left out: {self._counted(reason, count)}"
            for reason, count in self._dropped.items()
            if reason in self._damaged
        ]

    def _file_notes(self) -> list[str]:
        return list(dict.fromkeys(note for file in self.files for note in file.notes))

    def _counted(self, what: str, count: _Count) -> str:
        places = count.told(len(self.files) > 1)
        return f"{what}: {count.n}" + (f" ({places})" if places else "")

    def _too_damaged(self) -> list[Problem]:
        names = ", ".join(file.name for file in self.files)
        head = (
            f"{self.n_damaged} of {self.rows} rows can't be read as format `{self.format}`, which"
            f" is {self.looked_for}"
        )
        bad = [p for reason in self._damaged_in_order() for p in self._dropped[reason].places]
        return [Problem(names, 0, 0, "", head), *bad, *self._problems_of_files()]

    def _nothing_left(self) -> list[Problem]:
        names = ", ".join(file.name for file in self.files)
        told = f"no call in it, read as format `{self.format}`, which is {self.looked_for}"
        dropped = "; ".join(f"{reason}: {count.n}" for reason, count in self._dropped.items())
        if self.rows:
            told += f"; of {self.rows} rows were left out: {dropped or 'none'}"
        bad = [p for reason in self._damaged_in_order() for p in self._dropped[reason].places]
        return [Problem(names, 0, 0, "", told), *bad, *self._problems_of_files()]

    def _damaged_in_order(self) -> list[str]:
        return [reason for reason in self._dropped if reason in self._damaged]

    def _problems_of_files(self) -> list[Problem]:
        return [Problem("", 0, 0, "", note) for note in self._file_notes()]
