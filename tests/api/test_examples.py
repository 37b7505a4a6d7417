"""The examples of the Python interface do what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "module",
    [
        "sim",
        *(
            f"sim.api.{name}"
            for name in (
                "scenario",
                "actions",
                "erlang",
                "requirement",
                "staffing",
                "warmup",
            )
        ),
    ],
)
def test_docstrings(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each docstring's examples print what they show; there are some."""
    monkeypatch.chdir(ROOT)
    done = doctest.testmod(importlib.import_module(module))
    assert done.attempted > 0 and done.failed == 0


@pytest.mark.parametrize(("page", "examples"), [("python.md", 15), ("figures.md", 7)])
def test_the_pages(page: str, examples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page prints what it shows, in more than so many examples."""
    monkeypatch.chdir(ROOT)
    path = str(ROOT / "docs" / page)
    flags = doctest.NORMALIZE_WHITESPACE
    done = doctest.testfile(path, module_relative=False, optionflags=flags)
    assert done.attempted > examples and done.failed == 0
