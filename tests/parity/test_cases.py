"""Kept scenarios: each failed once, or shows a mistake that an engine could make."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.cases import FOLDER
from fuzz.compare import differences
from sim.scenario.load import load_scenario

from .mutants import MISTAKES

CASES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
@pytest.mark.parametrize("intervals", [False, True], ids=["whole", "intervals"])
def test_the_engines_agree(path: Path, intervals: bool) -> None:
    """Claim: not a bit differs, with and without sums by interval."""
    told, calls = differences(load_scenario(path), intervals=intervals)
    assert told == []
    assert calls > 0


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_shows(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claim: with a mistake in one engine its case differs, so the comparison can fail."""
    why, make = MISTAKES[name]
    scenario = load_scenario(FOLDER / f"{name}.yaml")
    make(monkeypatch)
    assert differences(scenario, intervals=False)[0], why
