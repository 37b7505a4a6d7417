"""The raw document against the form: every mismatch becomes a problem at its place.

A document with mismatches is also mended (the fields in question left out), so that the checks
which come after can still report what else is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from sim.scenario.blanks import blanks_in, message
from sim.scenario.errors import Problem, did_you_mean, list_names, shown_value
from sim.scenario.form import ScenarioForm
from sim.scenario.nodes import Map, Mark, Path, Seq, Value, locate

MAX_PROBLEMS = 100_000
MAX_SUGGESTIONS = 100
MAX_MENDED = 50
STAND_IN = "?mended"
"""The name of what stands for something that had no usable name."""
_STAND_INS: dict[str, dict[str, object]] = {
    "queues": {"arrivals": {"rate": "0/s"}, "service_time": "1s"},
    "agents": {},
    "flows": {"actions": ["beep"]},
}


class Sink:
    """Gathers problems by path; places are looked up in the raw document."""

    def __init__(self, root: Map) -> None:
        self.root = root
        self.problems: list[Problem] = []
        self._seen: set[tuple[str, int, int, str]] = set()
        self._blank: set[tuple[str, int, int]] = set()
        for path, mark in blanks_in(root):
            self.add(mark.problem(path, message(path)))
            self._blank.add((mark.source.name, mark.line, mark.column))

    def add(self, problem: Problem) -> None:
        """A problem whose place is known; the same one is kept once, and a blank is only blank."""
        key = (problem.file, problem.line, problem.column, problem.message)
        if key[:3] in self._blank:
            return
        if key not in self._seen and len(self.problems) < MAX_PROBLEMS:
            self._seen.add(key)
            self.problems.append(problem)

    @property
    def few(self) -> bool:
        """Whether there are so few problems that near names are worth looking for."""
        return len(self.problems) < MAX_SUGGESTIONS

    def at(self, path: Path, message: str, *, key: bool = False) -> None:
        """A problem with the value (or the key) at a path."""
        found, mark = locate(self.root, self.root.mark, path, at_key=key)
        self.add(mark.problem(found, message))

    def unknown_key(self, table: Map, key: str, allowed: list[str]) -> None:
        """See `form_values.Findings`."""
        near = did_you_mean(key, allowed) if self.few else ""
        self.add(
            table.key_marks[key].problem(
                (*table.path, key),
                f"unknown key `{key[:60]}`{near or '.'} Allowed here: {list_names(allowed)}",
            )
        )

    def twice(self, table: Map, key: str, other: str) -> None:
        """See `form_values.Findings`."""
        self.add(
            table.key_marks[key].problem(
                (*table.path, key), f"`{key}` is another name of `{other}`: write one of them"
            )
        )

    def in_order(self) -> list[Problem]:
        """All problems, file by file and in each from top to bottom."""
        files = {p.file: n for n, p in reversed(list(enumerate(self.problems)))}
        return sorted(self.problems, key=lambda p: (files[p.file], p.line, p.column))


def validated(root: Map, sink: Sink) -> ScenarioForm | None:
    """The form of a document, mended where it had problems; None when it can't be mended."""
    try:
        return ScenarioForm.model_validate(root, context=sink)
    except ValidationError as error:
        errors = error.errors(include_url=False)
    for each in errors:
        _report(each, root, sink)
    if len(errors) > MAX_MENDED:
        return None
    mended: Value = root
    for loc in sorted((_field(e["loc"]) for e in errors), key=len, reverse=True):
        mended = _without(mended, loc)
    try:
        return ScenarioForm.model_validate(mended, context=Sink(root))
    except ValidationError:
        return None


def _report(error: Any, root: Map, sink: Sink) -> None:
    loc: Path = tuple(error["loc"])
    context = error.get("ctx") or {}
    if "at" in context:
        loc = (*loc, context["at"])
    if error["type"] == "missing":
        name = str(loc[-1])
        found, mark = locate(root, root.mark, loc[:-1])
        sink.add(mark.problem(found, f"`{name}` is required"))
        return
    sink.at(loc, _message(error, context, sink.few))


def _message(error: Any, context: dict[str, Any], suggest: bool) -> str:
    kind, value = error["type"], error["input"]
    found = f"found {shown_value(value)}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", error["msg"]))
    if kind == "at":
        return str(context["text"])
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"expected a mapping of keys, {found}"
    if kind == "list_type":
        hint = f": write `[{value}]`" if isinstance(value, str) and len(value) < 30 else ""
        return f"expected a list, {found}{hint}"
    if kind == "literal_error":
        names = re.findall(r"'([^']+)'", context.get("expected", ""))
        near = did_you_mean(value, names) if suggest and isinstance(value, str) else ""
        return f"expected one of {list_names(names)}, {found}{near}"
    if kind.startswith("int"):
        return f"expected a whole number, {found}"
    if kind.startswith("float") or kind == "finite_number":
        return f"expected a number, {found}"
    if kind.startswith("bool"):
        return f"expected `true` or `false`, {found}"
    bounds = {
        "greater_than_equal": ("ge", "at least"),
        "greater_than": ("gt", "more than"),
        "less_than_equal": ("le", "at most"),
        "less_than": ("lt", "less than"),
    }
    if kind in bounds:
        name, words = bounds[kind]
        return f"must be {words} {context[name]:g}, {found}"
    if kind == "too_short":
        return "the list must not be empty"
    return f"{error['msg'][:200]}, {found}"


def _field(loc: Sequence[str | int]) -> Path:
    """The part of a location that is left out when mending: at most a field of a list's item."""
    if len(loc) >= 2 and loc[0] in _STAND_INS and isinstance(loc[1], int):
        return tuple(loc[:3])
    return tuple(loc[:1])


def _without(value: Value, loc: Path) -> Value:
    """A copy of the document where the field at `loc` is gone, or something harmless."""
    if not isinstance(value, Map):
        return value
    head = str(loc[0]) if loc else ""
    rows = value.get(head)
    if len(loc) < 2 or not isinstance(rows, Seq):
        twin = value.only(set(value) - {head})
        if head in ("queues", "agents"):
            _put(twin, head, [{"name": STAND_IN}] if head == "agents" else [])
        if head == "queues":
            stand_in = {"name": STAND_IN, **_STAND_INS["queues"]}
            _put(twin, head, [stand_in])
        return twin
    row = Seq(rows.mark, rows.path)
    for i, (item, mark) in enumerate(zip(rows, rows.value_marks, strict=True)):
        row.place(_mended(item, head, loc, i) if i == loc[1] else item, mark)
    twin = value.only(value)
    twin[head] = row
    return twin


def _mended(item: Value, head: str, loc: Path, index: int) -> Value:
    defaults = {"name": f"{STAND_IN}{index}", **_STAND_INS[head]}
    if not isinstance(item, Map) or len(loc) < 3:
        return defaults
    key = str(loc[2])
    twin = item.only(k for k in item if k not in (key, _OTHER.get(key)))
    if key in defaults:
        _put(twin, key, defaults[key])
    return twin


_OTHER = {"tags": "tag_ids", "wait_flow": "wait_flow_id"}


def _put(table: Map, key: str, value: object) -> None:
    table.place(key, value, table.mark, Mark(table.mark.source, 0, 0))
