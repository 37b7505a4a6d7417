"""JSON with places: strict, capped, and every mistake at its line and column."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.importing.json_text import read_json
from sim.scenario.errors import ScenarioError
from sim.scenario.nodes import Map, Seq, Source
from sim.scenario.reader import MAX_DEPTH, MAX_NODES

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def read(text: str) -> object:
    """The value of a text."""
    return read_json(Source("a.json", text))


@given(JSON, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_it_reads_what_the_standard_library_writes(
    value: object, ascii_only: bool, indent: int | str | None
) -> None:
    """Any value, escaped or not, indented or not, comes back as it was."""
    assert read(json.dumps(value, ensure_ascii=ascii_only, indent=indent)) == value


@given(st.text(alphabet='{}[]",:\\ut0123456789.eE+-aflsrn \n\t\x01', max_size=40))
def test_it_refuses_what_the_standard_library_refuses(text: str) -> None:
    """Broken JSON is a `ScenarioError`, valid JSON a value; beyond it, only keys written twice."""
    try:
        expected = json.loads(text, parse_constant=lambda _: 1 / 0)
    except (ValueError, ZeroDivisionError):
        with pytest.raises(ScenarioError):
            read(text)
        return
    try:
        assert read(text) == expected
    except ScenarioError as error:
        assert "is written twice" in str(error) or "too large" in str(error)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 0, 0, "the file is empty"),
        (" \n", 0, 0, "the file is empty"),
        ("[1,\n 2,]", 2, 4, "expected a value, found ']'"),
        ('{"a"\n  1}', 2, 3, "expected `:`, found '1'"),
        ('{"a": 1', 1, 8, "the file ends where `,` or `}` is expected"),
        ("{a: 1}", 1, 2, "a key in double quotes"),
        ("[1] 2", 1, 5, "something follows after the end"),
        ("[NaN]", 1, 2, "expected a value"),
        ('["a\nb"]', 1, 2, "a text that does not end, or with a bad escape"),
        ('{"a": 1, "a": 2}', 1, 10, "`a` is written twice"),
        ("[1e999]", 1, 2, "too large for a number"),
        (f"[{'1' * 500}]", 1, 2, "so many digits"),
        ("[" * (MAX_DEPTH + 2), 1, MAX_DEPTH + 2, f"nested more than {MAX_DEPTH} deep"),
        ("[" + "1," * MAX_NODES + "1]", 1, 200_000, f"more than {MAX_NODES:,} values"),
        (f'["{"a" * 100_001}"]', 1, 2, "a text of more than 100,000 characters"),
    ],
)
def test_a_mistake_is_told_at_its_place(text: str, line: int, column: int, message: str) -> None:
    """Line, column and what was expected there."""
    with pytest.raises(ScenarioError) as caught:
        read(text)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (line, column)
    assert message in problem.message


def test_values_know_their_places() -> None:
    """Keys and values have marks, tables and lists their paths."""
    root = read('{\n  "a": [1, {"b": 2}]}')
    assert isinstance(root, Map)
    row = root["a"]
    assert isinstance(row, Seq)
    inner = row[1]
    assert isinstance(inner, Map)
    assert inner.path == ("a", 1)
    assert (inner.value_marks["b"].line, inner.value_marks["b"].column) == (2, 18)
    assert (inner.key_marks["b"].line, inner.key_marks["b"].column) == (2, 13)


def test_half_a_pair_becomes_the_replacement_character() -> None:
    """Emoji come as pairs of escapes; a lone half, which is no character, is replaced."""
    assert read('["\\ud83d\\ude00", "\\ud83d!"]') == ["\U0001f600", "\ufffd!"]
