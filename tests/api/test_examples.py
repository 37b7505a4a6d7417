"""The examples of the Python interface do what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "module", ["sim", "sim.api.scenario", "sim.api.actions", "sim.api.staffing"]
)
def test_docstrings(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each docstring's examples print what they show; there are some."""
    monkeypatch.chdir(ROOT)
    done = doctest.testmod(importlib.import_module(module))
    assert done.attempted > 0 and done.failed == 0


def test_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/python.md prints what it shows."""
    monkeypatch.chdir(ROOT)
    page = str(ROOT / "docs" / "python.md")
    flags = doctest.NORMALIZE_WHITESPACE
    done = doctest.testfile(page, module_relative=False, optionflags=flags)
    assert done.attempted > 15 and done.failed == 0
