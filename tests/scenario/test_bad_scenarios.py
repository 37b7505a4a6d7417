"""Every way of writing a bad scenario that we thought of ends in one clear kind of error."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

import pytest

from sim.scenario.errors import ScenarioError
from sim.scenario.load import loads_scenario

_spec = importlib.util.spec_from_file_location(
    "bad_scenarios", Path(__file__).with_name("bad_scenarios.py")
)
assert _spec is not None and _spec.loader is not None
_corpus = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_corpus)


@pytest.mark.parametrize(
    ("text", "fragment", "line"),
    [case[1:] for case in _corpus.CASES],
    ids=[case[0] for case in _corpus.CASES],
)
def test_names_what_and_where(text: str, fragment: str, line: int) -> None:
    """The error says what is wrong, on the right line, within two seconds."""
    begun = time.perf_counter()
    with pytest.raises(ScenarioError) as caught:
        loads_scenario(text, "bad.yaml")
    assert time.perf_counter() - begun < 2
    found = [p for p in caught.value.problems if fragment in p.message]
    assert found, caught.value.render()
    if "not valid YAML" not in fragment:
        assert line in [p.line for p in found], caught.value.render()
    for problem in caught.value.problems:
        assert problem.file == "bad.yaml"
        assert problem.line >= 1 and problem.column >= 1
        assert problem.source == text.split("\n")[problem.line - 1]
        assert "\n" not in problem.message


def test_the_corpus_is_large() -> None:
    """There are about two hundred cases, no two of one name."""
    names = [case[0] for case in _corpus.CASES]
    assert len(names) >= 200
    assert len(set(names)) == len(names)
