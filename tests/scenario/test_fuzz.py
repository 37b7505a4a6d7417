"""No document, however mangled, makes loading fail in any way but its own."""

from __future__ import annotations

import copy
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario import templates
from sim.scenario.emit import emit
from sim.scenario.errors import ScenarioError
from sim.scenario.lint import lint
from sim.scenario.load import loads_scenario
from sim.scenario.nodes import Map, Seq, Source
from sim.scenario.reader import read_document

TEXTS = [templates.text(name) for name in templates.names()] + [
    path.read_text() for path in (Path(__file__).parents[2] / "scenarios").glob("*.yaml")
]
PIECES = [
    "- ",
    ": ",
    "\n",
    "  ",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "!!x ",
    "'",
    '"',
    "#",
    "|",
    "1",
    "-5",
    "1e999",
    "null",
    "true",
    "~",
    "<<",
    "5s",
    "09:00",
    "%",
    "\t",
    "\x00",
    "é",
    "=",
    ",",
]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [
            "",
            "5s",
            "09:00",
            "5/min",
            "80%",
            "a",
            "total",
            "exponential",
            "mixture",
            "beep",
            "-1s",
            "support",
            "nowhere.csv",
            "0s",
            "1000d",
        ]
    ),
    st.just([]),
    st.just({}),
    st.just([None]),
    st.just({"a": 1}),
    st.just([[]]),
)


def survives(text: str) -> None:
    try:
        lint(loads_scenario(text))
    except ScenarioError as error:
        assert error.problems
        assert error.render()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_mangled_text(data: st.DataObject) -> None:
    """Pieces inserted into and cut out of good files."""
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 10))
        text = text[:at] + data.draw(st.sampled_from(["", *PIECES])) + text[at + cut :]
    survives(text)


def _plain(value: object) -> object:
    if isinstance(value, Map):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, Seq) else value


def _places(value: object) -> list[tuple[object, object]]:
    found: list[tuple[object, object]] = []
    keys: list[object] = []
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    for key in keys:
        found.append((value, key))
        found += _places(value[key])  # type: ignore[index]
    return found


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_mangled_values(data: st.DataObject) -> None:
    """Any values in good files replaced by any others, keys removed or renamed."""
    document = _plain(read_document(Source("x", data.draw(st.sampled_from(TEXTS)))))
    for _ in range(data.draw(st.integers(1, 3))):
        places = _places(document)
        if not places:
            break
        holder, key = data.draw(st.sampled_from(places))
        what = data.draw(st.sampled_from(["replace", "remove", "rename"]))
        if what == "replace":
            holder[key] = copy.deepcopy(data.draw(ODD))  # type: ignore[index]
        elif what == "remove":
            del holder[key]  # type: ignore[attr-defined]
        elif isinstance(holder, dict):
            holder[data.draw(st.sampled_from(["x", "name", "rate", "type", "tags"]))] = holder.pop(
                key
            )
    assert isinstance(document, dict)
    survives(emit(document) if document else "{}")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Text that was never a scenario."""
    survives(text)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_override(path: str, value: str) -> None:
    """Overrides that were never one."""
    try:
        loads_scenario(TEXTS[0], overrides=[f"{path}={value}"])
    except ScenarioError as error:
        assert error.render()
