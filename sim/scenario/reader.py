"""The one place that knows YAML: bytes to plain values that remember where they stood.

The event stream of the parser is read once, with caps on bytes, events, depth and nodes, and
composed here; so nothing is built that a cap has not allowed. The rules for plain scalars are
those of YAML 1.2's core schema. JSON is read as the YAML that it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml

from sim.scenario.blanks import BLANK, Blank
from sim.scenario.errors import ScenarioError, did_you_mean
from sim.scenario.nodes import Map, Mark, Path, Seq, Source, Value

MAX_BYTES = 4_000_000
MAX_EVENTS = 250_000
MAX_NODES = 100_000
MAX_DEPTH = 50
MAX_SCALAR = 100_000

_NULL = re.compile(r"|~|null|Null|NULL")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+")
_OCT = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def parser_class() -> Any:
    """PyYAML's C parser, or its pure one where libyaml is missing."""
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def plain_value(text: str) -> Value:
    """The value of a plain scalar by the core schema. Raises ValueError for what is refused."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if _INT.fullmatch(text) or _OCT.fullmatch(text) or _HEX.fullmatch(text):
        if len(text) > 400:
            raise ValueError("a number of so many digits is refused")
        base = 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10
        return int(text, base)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            raise ValueError(f"`{text[:40]}` is too large for a number")
        return number
    if _ENDLESS.fullmatch(text):
        raise ValueError(f"`{text}`: infinity and not-a-number are refused; leave the field out")
    return Blank(text) if text == BLANK else text


def read_document(source: Source, parser: Any = None) -> Value:
    """The one document of a source, with positions."""
    return _Composer(source, parser or parser_class()).document()


class _Composer:
    def __init__(self, source: Source, parser: Any) -> None:
        self.source = source
        self.parser = parser
        self.anchors: dict[str, tuple[Value, Mark]] = {}
        self.open: set[str] = set()
        self.n_nodes = 0
        self.events: Iterator[Any] = iter(())

    def fail(self, message: str, mark: Mark, path: Path = ()) -> ScenarioError:
        return ScenarioError([mark.problem(path, message)])

    def mark(self, event: Any) -> Mark:
        return Mark(self.source, event.start_mark.line + 1, event.start_mark.column + 1)

    def counted(self) -> Iterator[Any]:
        for n, event in enumerate(yaml.parse(self.source.text, Loader=self.parser)):
            if n >= MAX_EVENTS:
                raise self.fail(
                    f"the document has more than {MAX_EVENTS:,} parts", self.mark(event)
                )
            yield event

    def document(self) -> Value:
        self.events = self.counted()
        try:
            value, _ = self.first()
            last = next(self.events)
            while not isinstance(last, yaml.StreamEndEvent):
                if isinstance(last, yaml.DocumentStartEvent):
                    raise self.fail(
                        "a second document begins here: a file holds one scenario",
                        self.mark(last),
                    )
                last = next(self.events)
        except yaml.YAMLError as error:
            raise self.syntax(error) from None
        return value

    def first(self) -> tuple[Value, Mark]:
        for event in self.events:
            if isinstance(event, yaml.StreamEndEvent):
                break
            if not isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
                return self.node(event, (), 0)
        raise ScenarioError([Mark(self.source, 0, 0).problem((), "the file is empty")])

    def syntax(self, error: yaml.YAMLError) -> ScenarioError:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        context = getattr(error, "context", None)
        hint = ""
        if "nesting depth" in str(what) and mark is not None:
            place = Mark(self.source, mark.line + 1, mark.column + 1)
            return self.fail(f"nested more than {MAX_DEPTH} deep", place)
        if "\\t" in str(what) or "cannot start any token" in str(what):
            hint = "; quote a text that begins with a special character, indent with spaces"
        elif "mapping values are not allowed" in str(what):
            hint = "; quote a text that holds `: `, and look at the indentation"
        text = f"not valid YAML: {what}{f' ({context})' if context else ''}{hint}"
        if mark is None:
            position = getattr(error, "position", None)
            if not isinstance(position, int) or position < 0:
                return ScenarioError([Mark(self.source, 0, 0).problem((), text)])
            before = self.source.text[:position]
            line = before.count("\n") + 1
            column = position - (before.rfind("\n") + 1) + 1
            return self.fail(text, Mark(self.source, line, column))
        return self.fail(text, Mark(self.source, mark.line + 1, mark.column + 1))

    def node(self, event: Any, path: Path, depth: int) -> tuple[Value, Mark]:
        mark = self.mark(event)
        if depth > MAX_DEPTH:
            raise self.fail(f"nested more than {MAX_DEPTH} deep", mark)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(event, path, depth, mark)
        self.count(mark, path)
        if event.tag is not None:
            raise self.fail(
                f"the tag `{str(event.tag)[:60]}` is refused: write the plain value", mark, path
            )
        anchor = event.anchor
        if anchor is not None:
            self.open.add(anchor)
            self.anchors.pop(anchor, None)
        value: Value
        if isinstance(event, yaml.ScalarEvent):
            value = self.scalar(event, mark, path)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self.sequence(mark, path, depth)
        else:
            value = self.mapping(mark, path, depth)
        if anchor is not None:
            self.open.discard(anchor)
            self.anchors[anchor] = (value, mark)
        return value, mark

    def count(self, mark: Mark, path: Path) -> None:
        self.n_nodes += 1
        if self.n_nodes > MAX_NODES:
            raise self.fail(
                f"the document has more than {MAX_NODES:,} values (aliases written out)", mark
            )

    def alias(self, event: Any, path: Path, depth: int, mark: Mark) -> tuple[Value, Mark]:
        name = event.anchor
        if name in self.open:
            raise self.fail(f"`*{name}` refers to itself", mark, path)
        if name not in self.anchors:
            raise self.fail(
                f"no anchor `&{name}` before this place{did_you_mean(name, self.anchors)}",
                mark,
                path,
            )
        value, original = self.anchors[name]
        return self.copy(value, path, depth, mark), original

    def copy(self, value: Value, path: Path, depth: int, mark: Mark) -> Value:
        self.count(mark, path)
        if depth > MAX_DEPTH:
            raise self.fail(f"nested more than {MAX_DEPTH} deep", mark)
        if isinstance(value, Map):
            twin = Map(value.mark, path)
            for key, part in value.items():
                twin.place(
                    key,
                    self.copy(part, (*path, key), depth + 1, mark),
                    value.key_marks[key],
                    value.value_marks[key],
                )
            return twin
        if isinstance(value, Seq):
            row = Seq(value.mark, path)
            for i, part in enumerate(value):
                row.place(self.copy(part, (*path, i), depth + 1, mark), value.value_marks[i])
            return row
        return value

    def scalar(self, event: Any, mark: Mark, path: Path) -> Value:
        text = str(event.value)
        if len(text) > MAX_SCALAR:
            raise self.fail(f"a text of more than {MAX_SCALAR:,} characters", mark, path)
        if event.style:
            return text
        try:
            return plain_value(text)
        except ValueError as error:
            raise self.fail(str(error), mark, path) from None

    def sequence(self, mark: Mark, path: Path, depth: int) -> Seq:
        row = Seq(mark, path)
        for event in self.events:
            if isinstance(event, yaml.SequenceEndEvent):
                return row
            row.place(*self.node(event, (*path, len(row)), depth + 1))
        raise self.fail("the list does not end", mark, path)

    def mapping(self, mark: Mark, path: Path, depth: int) -> Map:
        table = Map(mark, path)
        for event in self.events:
            if isinstance(event, yaml.MappingEndEvent):
                return table
            key_mark = self.mark(event)
            key = self.key(event, key_mark, path, depth)
            if key in table:
                raise self.fail(
                    f"`{key[:60]}` is written twice: on line {table.key_marks[key].line} "
                    f"and on line {key_mark.line}",
                    key_mark,
                    (*path, key),
                )
            value, value_mark = self.node(next(self.events), (*path, key), depth + 1)
            table.place(key, value, key_mark, value_mark)
        raise self.fail("the mapping does not end", mark, path)

    def key(self, event: Any, mark: Mark, path: Path, depth: int) -> str:
        if not isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            raise self.fail("a key must be text, not a list or a mapping", mark, path)
        if isinstance(event, yaml.ScalarEvent) and not event.style and event.value == "<<":
            raise self.fail(
                "merge keys (`<<`) are refused: write the keys out, or use an anchor for a "
                "whole value",
                mark,
                path,
            )
        value, _ = self.node(event, path, depth + 1)
        if not isinstance(value, str):
            raise self.fail(
                f"a key must be text: put `{event.value}` in quotes"
                if isinstance(event, yaml.ScalarEvent)
                else "a key must be text",
                mark,
                path,
            )
        if len(value) > 1000:
            raise self.fail("a key of more than 1000 characters", mark, path)
        return value
