"""The YAML reader: core rules, places, and everything it refuses, with both parsers."""

from __future__ import annotations

import contextlib
import time

import pytest
import yaml

from sim.scenario.errors import ScenarioError
from sim.scenario.nodes import Map, Seq, Source
from sim.scenario.reader import parser_class, read_document

PARSERS = [yaml.SafeLoader, parser_class()]


def read(text: str, parser: object = None) -> object:
    return read_document(Source("t.yaml", text), parser)


@pytest.mark.parametrize("parser", PARSERS)
def test_core_rules(parser: object) -> None:
    """Only YAML 1.2's own words are not text."""
    text = "[no, 09:00, 1:30, yes, on, 0o17, 0x1F, 1e3, 1_000, ~, true, -5, .5, 010, '5', 1e]"
    assert read(text, parser) == [
        "no",
        "09:00",
        "1:30",
        "yes",
        "on",
        15,
        31,
        1000.0,
        "1_000",
        None,
        True,
        -5,
        0.5,
        10,
        "5",
        "1e",
    ]


@pytest.mark.parametrize("parser", PARSERS)
def test_places(parser: object) -> None:
    """Keys and values know their line and column, also after wide characters."""
    root = read("é: [x, {ü: y}]\nb: &a {c: 1}\nd: *a\n", parser)
    assert isinstance(root, Map)
    row = root["é"]
    assert isinstance(row, Seq) and isinstance(row[1], Map)
    mark = row[1].value_marks["ü"]
    assert (mark.line, mark.column) == (1, 12)
    again = root["d"]
    assert isinstance(again, Map)
    assert again.path == ("d",) and again.value_marks["c"].line == 2


HOSTILE = {
    "brackets": ("[" * 40_000, "nested more than"),
    "braces": ("{a: " * 40_000, "nested more than"),
    "dashes": ("- " * 40_000, "nested more than"),
    "bomb": (
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 10)}]\n"
            for i in range(12)
        ),
        "more than 100,000 values",
    ),
    "many": ("[" + "1, " * 200_000 + "1]", "more than"),
    "empty": ("", "the file is empty"),
    "comment": ("# nothing\n", "the file is empty"),
    "documents": ("a: 1\n---\nb: 2\n", "a second document"),
    "control": ("a: \x01", "not valid YAML"),
    "tab": ("a:\n\t- b", "not valid YAML"),
    "long": ("a: " + "x" * 200_000, "more than 100,000 characters"),
    "tagged-key": ("!!str a: 1", "is refused"),
    "python": ("!!python/object/apply:os.system ['true']", "is refused"),
    "alias-key": ("a: &x [1]\n*x : 2", "a key must be text"),
    "surrogate": ('a: "\\ud800"', "not valid YAML"),
}


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str, parser: object) -> None:
    """Each hostile document is one error on one line, in time."""
    text, fragment = HOSTILE[name]
    begun = time.perf_counter()
    if name == "surrogate":
        with contextlib.suppress(ScenarioError):
            read(text, parser)
        return
    with pytest.raises(ScenarioError) as caught:
        read(text, parser)
    (problem,) = caught.value.problems
    assert fragment in problem.message
    assert "\n" not in problem.message
    limit = 2 if parser is not yaml.SafeLoader else 20
    assert time.perf_counter() - begun < limit


def test_long_lines_are_cut() -> None:
    """An error in a very long line shows the part that matters."""
    with pytest.raises(ScenarioError) as caught:
        read("a: [" + "1, " * 5000 + "!x 1]")
    lines = caught.value.render().split("\n")
    assert max(len(line) for line in lines) < 200
    assert lines[1][lines[2].index("^")] == "!"
