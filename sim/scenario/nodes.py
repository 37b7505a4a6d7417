"""Values that know where they stood: a dict and a list with marks and their path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from sim.scenario.errors import Problem

Path = tuple[str | int, ...]
Value = object  # None, bool, int, float, str, Map or Seq

_SIMPLE = re.compile(r"[A-Za-z0-9_<>-]+")

PRIMARY_KEYS = {
    "text": "talk",
    "duration": "sleep",
    "target_id": "goto",
    "queue": "queue_join",
}
"""In the short form of an action its type is the key of its main value."""

OTHER_NAMES = {"tag_ids": "tags", "wait_flow_id": "wait_flow", "queue_id": "queue"}
"""What the real API calls a field, and its name here."""


@dataclass(frozen=True)
class Source:
    """A text that was read: a file, standard input, or an override."""

    name: str
    text: str = field(repr=False)

    @cached_property
    def lines(self) -> list[str]:
        """The text in lines."""
        return self.text.split("\n")

    def line(self, number: int) -> str:
        """The text of a line, counted from 1; empty when there is none."""
        return self.lines[number - 1].rstrip("\r") if 0 < number <= len(self.lines) else ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a source, counted from 1."""

    source: Source
    line: int
    column: int

    def problem(self, path: Path, message: str) -> Problem:
        """What is wrong at this place."""
        text = self.source.line(self.line)
        return Problem(self.source.name, self.line, self.column, format_path(path), message, text)


class Map(dict[str, Value]):
    """A mapping with the places of its keys and values."""

    def __init__(self, mark: Mark, path: Path) -> None:
        super().__init__()
        self.mark = mark
        self.path = path
        self.key_marks: dict[str, Mark] = {}
        self.value_marks: dict[str, Mark] = {}

    def place(self, key: str, value: Value, key_mark: Mark, value_mark: Mark) -> None:
        """Put a value under a key, with their places."""
        self[key] = value
        self.key_marks[key] = key_mark
        self.value_marks[key] = value_mark

    def only(self, keys: Iterable[str]) -> Map:
        """A shallow copy with these keys, in this mapping's order."""
        wanted = set(keys)
        part = Map(self.mark, self.path)
        for key, value in self.items():
            if key in wanted:
                part.place(key, value, self.key_marks[key], self.value_marks[key])
        return part

    def renamed(self, old: str, new: str) -> Map:
        """A shallow copy with one key under another name."""
        part = Map(self.mark, self.path)
        for key, value in self.items():
            name = new if key == old else key
            part.place(name, value, self.key_marks[key], self.value_marks[key])
        return part


class Seq(list[Value]):
    """A list with the places of its items."""

    def __init__(self, mark: Mark, path: Path) -> None:
        super().__init__()
        self.mark = mark
        self.path = path
        self.value_marks: list[Mark] = []

    def place(self, value: Value, mark: Mark) -> None:
        """Append an item with its place."""
        self.append(value)
        self.value_marks.append(mark)


def format_path(path: Path) -> str:
    """`queues[0].wait_timeout`; keys that are not plain words stand in double quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if _SIMPLE.fullmatch(part) else f'"{part[:60]}"'
            text += f".{name}" if text else name
    return text


def locate(root: Value, root_mark: Mark, path: Path, *, at_key: bool = False) -> tuple[Path, Mark]:
    """The path as the file has it, and the place of the value (or key) that it leads to.

    Parts that the file does not have are skipped: names of alternatives, `<...>`, and fields
    that are missing, for which the place is that of what should hold them.
    """
    value, mark = root, root_mark
    found: list[str | int] = []
    for n, part in enumerate(path):
        if isinstance(value, Map) and isinstance(part, str):
            steps = _steps(value, part)
            for key in steps:
                assert isinstance(value, Map)
                last = n == len(path) - 1 and key == steps[-1]
                mark = value.key_marks[key] if last and at_key else value.value_marks[key]
                value = value[key]
                found.append(key)
        elif isinstance(value, Seq) and isinstance(part, int) and part < len(value):
            mark, value = value.value_marks[part], value[part]
            found.append(part)
    return tuple(found), mark


def _steps(table: Map, part: str) -> list[str]:
    """The keys that lead to a field: itself, or as an action's `option` or short form."""
    if part in table:
        return [part]
    for other, name in OTHER_NAMES.items():
        if name == part and other in table:
            return [other]
    option = table.get("option")
    if isinstance(option, Map) and part in option:
        return ["option", part]
    for kind in (PRIMARY_KEYS.get(part), "play" if part == "duration" else None):
        if kind is not None and kind in table and "type" not in table:
            inner = table[kind]
            return [kind, part] if isinstance(inner, Map) and part in inner else [kind]
    return []
