"""JSON to values that remember where they stood, under the caps of the scenario reader.

Strict JSON (RFC 8259). It isn't read as YAML because that stumbles over what JSON allows: tabs, and
the pairs of `\\u` escapes by which characters such as emoji are written.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right

from sim.scenario.errors import ScenarioError
from sim.scenario.nodes import Map, Mark, Path, Seq, Source, Value
from sim.scenario.reader import MAX_DEPTH, MAX_NODES, MAX_SCALAR

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {"true": True, "false": False, "null": None}
_MAX_DIGITS = 400


def read_json(source: Source) -> Value:
    """The one JSON value of a source. Raises `ScenarioError` with the place of what is wrong.

    Half of a surrogate pair, which no text can hold, becomes U+FFFD.
    """
    return _Parser(source).document()


class _Parser:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.n_values = 0
        self.starts = [0, *(found.end() for found in re.finditer("\n", self.text))]

    def mark(self, at: int | None = None) -> Mark:
        at = self.at if at is None else at
        line = bisect_right(self.starts, at)
        return Mark(self.source, line, at - self.starts[line - 1] + 1)

    def fail(self, message: str, at: int | None = None) -> ScenarioError:
        return ScenarioError([self.mark(at).problem((), message)])

    def expected(self, what: str) -> ScenarioError:
        if self.at >= len(self.text):
            return self.fail(f"not valid JSON: the file ends where {what} is expected")
        return self.fail(f"not valid JSON: expected {what}, found {self.text[self.at]!r}")

    def skip(self) -> str:
        """The next character that is no white space; empty at the end."""
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found is not None else self.at
        return self.text[self.at : self.at + 1]

    def document(self) -> Value:
        if not self.skip():
            raise ScenarioError([Mark(self.source, 0, 0).problem((), "the file is empty")])
        value = self.value((), 0)
        if self.skip():
            raise self.fail("not valid JSON: something follows after the end of the value")
        return value

    def value(self, path: Path, depth: int) -> Value:
        self.n_values += 1
        if self.n_values > MAX_NODES:
            raise self.fail(f"the document has more than {MAX_NODES:,} values")
        if depth > MAX_DEPTH:
            raise self.fail(f"nested more than {MAX_DEPTH} deep")
        first = self.skip()
        if first == "{":
            return self.table(path, depth)
        if first == "[":
            return self.row(path, depth)
        if first == '"':
            return self.string()
        if found := _NUMBER.match(self.text, self.at):
            return self.number(found)
        word = _WORD.match(self.text, self.at)
        if word is None or word[0] not in _WORDS:
            raise self.expected("a value")
        self.at = word.end()
        return _WORDS[word[0]]

    def number(self, found: re.Match[str]) -> int | float:
        if len(found[0]) > _MAX_DIGITS:
            raise self.fail("a number of so many digits is refused")
        whole = found[1] is None and found[2] is None
        number = int(found[0]) if whole else float(found[0])
        if isinstance(number, float) and math.isinf(number):
            raise self.fail(f"`{found[0][:40]}` is too large for a number")
        self.at = found.end()
        return number

    def string(self) -> str:
        found = _STRING.match(self.text, self.at)
        if found is None:
            raise self.fail("not valid JSON: a text that does not end, or with a bad escape")
        if len(found[0]) > MAX_SCALAR:
            raise self.fail(f"a text of more than {MAX_SCALAR:,} characters")
        self.at = found.end()
        return _SURROGATE.sub("\ufffd", str(json.loads(found[0])))

    def row(self, path: Path, depth: int) -> Seq:
        row = Seq(self.mark(), path)
        self.at += 1
        if self.skip() == "]":
            self.at += 1
            return row
        while True:
            self.skip()
            mark = self.mark()
            row.place(self.value((*path, len(row)), depth + 1), mark)
            if self.ends("]"):
                return row

    def table(self, path: Path, depth: int) -> Map:
        table = Map(self.mark(), path)
        self.at += 1
        if self.skip() == "}":
            self.at += 1
            return table
        while True:
            if self.skip() != '"':
                raise self.expected("a key in double quotes")
            key_at = self.at
            key = self.string()
            if key in table:
                raise self.fail(f"the key `{key[:60]}` is written twice", key_at)
            if self.skip() != ":":
                raise self.expected("`:`")
            self.at += 1
            self.skip()
            mark = self.mark()
            table.place(key, self.value((*path, key), depth + 1), self.mark(key_at), mark)
            if self.ends("}"):
                return table

    def ends(self, bracket: str) -> bool:
        """Past the closing bracket (true) or the comma (false) that comes next."""
        found = self.skip()
        if found not in (bracket, ",") or not found:
            raise self.expected(f"`,` or `{bracket}`")
        self.at += 1
        return found == bracket
