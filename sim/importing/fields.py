"""The fields of one JSON object, each as the kind of value that is wanted of it.

A field that is absent or null is zero or empty. A value of another kind is noted as a problem at
its place, and reads as if it were absent.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sim.scenario.errors import Problem, shown_value
from sim.scenario.form_values import NIL_UUID
from sim.scenario.nodes import Map, Mark, Path, Seq
from sim.scenario.units import parse_timeout

MAX_NAME = 150
"""Characters of a name, an id or a tag that are kept; a scenario takes 200."""
_NEVER = (1, 9999)
"""The years of the two instants by which APIs say that there is none."""


def cleaned(text: str) -> str:
    """A text on one line, without what does not print, at most `MAX_NAME` characters."""
    shown = "".join(ch if ch.isprintable() else " " for ch in text)
    return " ".join(shown.split())[:MAX_NAME].strip()


class Fields:
    """Reads an object; `problems` is where mismatches go."""

    def __init__(self, table: Map, problems: list[Problem]) -> None:
        self.table = table
        self.problems = problems

    def wrong(self, message: str, name: str | None = None) -> None:
        """Note a problem with the object, or with one of its fields."""
        if name is None:
            self.problems.append(self.table.mark.problem(self.table.path, message))
        else:
            mark = self.table.value_marks[name]
            self.problems.append(mark.problem((*self.table.path, name), message))

    def text(self, name: str) -> str:
        """A text as it is."""
        value = self.table.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        self.wrong(f"expected a text, found {shown_value(value)}", name)
        return ""

    def label(self, name: str) -> str:
        """A text that names something, cleaned."""
        return cleaned(self.text(name))

    def identity(self, name: str) -> str:
        """An id; empty for the nil UUID."""
        value = self.label(name)
        return "" if value == NIL_UUID else value

    def labels(self, name: str) -> tuple[str, ...]:
        """A list of names or ids, each once, none of them empty or nil."""
        found: dict[str, None] = {}
        for value, mark, path in self.items(name):
            if isinstance(value, str):
                found[cleaned(value)] = None
            else:
                wrong = f"expected a text, found {shown_value(value)}"
                self.problems.append(mark.problem(path, wrong))
        return tuple(each for each in found if each not in ("", NIL_UUID))

    def objects(self, name: str) -> list[Fields]:
        """A list of objects."""
        found: list[Fields] = []
        for value, mark, path in self.items(name):
            if isinstance(value, Map):
                found.append(Fields(value, self.problems))
            else:
                wrong = f"expected an object, found {shown_value(value)}"
                self.problems.append(mark.problem(path, wrong))
        return found

    def items(self, name: str) -> list[tuple[object, Mark, Path]]:
        """A list's values with their places."""
        value = self.table.get(name)
        if value is None:
            return []
        if not isinstance(value, Seq):
            self.wrong(f"expected a list, found {shown_value(value)}", name)
            return []
        return [
            (each, mark, (*value.path, i))
            for i, (each, mark) in enumerate(zip(value, value.value_marks, strict=True))
        ]

    def part(self, name: str) -> Fields:
        """An object inside this one; an empty one where it is absent."""
        value = self.table.get(name)
        if isinstance(value, Map):
            return Fields(value, self.problems)
        if value is not None:
            self.wrong(f"expected an object, found {shown_value(value)}", name)
        return Fields(Map(self.table.mark, (*self.table.path, name)), self.problems)

    def flag(self, name: str) -> bool:
        """A truth value."""
        value = self.table.get(name)
        if value is not None and not isinstance(value, bool):
            self.wrong(f"expected true or false, found {shown_value(value)}", name)
        return value is True

    def count(self, name: str) -> int:
        """A whole number of at least 0."""
        value = self.table.get(name)
        if value is None:
            return 0
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
            return value
        self.wrong(f"expected a whole number of at least 0, found {shown_value(value)}", name)
        return 0

    def milliseconds(self, name: str) -> float:
        """Seconds of a number of milliseconds."""
        value = self.table.get(name)
        if value is None:
            return 0.0
        try:
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"expected a number of milliseconds, found {shown_value(value)}")
            return float(parse_timeout(value))
        except ValueError as error:
            self.wrong(str(error), name)
            return 0.0

    def instant(self, name: str) -> datetime | None:
        """An instant in either dialect of the API, in UTC; None where it says that there is none.

        The dialects are `2022-03-29 15:07:46.111715` with the year 9999 for none, and RFC 3339
        with null for none.
        """
        text = self.text(name).strip()
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
            if found.year in _NEVER:
                return None
            return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
        except ValueError:
            self.wrong(
                "expected an instant such as `2022-03-29 15:07:46.111715` or "
                f"`2022-03-29T15:07:46Z`, found {shown_value(text)}",
                name,
            )
            return None
