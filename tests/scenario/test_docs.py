"""The reference of the format: its examples load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.scenario.lint import CODES, lint
from sim.scenario.load import loads_scenario

TEXT = (Path(__file__).parents[2] / "docs" / "scenario.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.S)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_examples_load(number: int) -> None:
    """Each block of YAML is a whole scenario without a warning."""
    assert lint(loads_scenario(BLOCKS[number])) == ()


def test_every_warning_is_listed() -> None:
    """The reference names each code."""
    assert all(f"`{code}`" in TEXT for code in CODES)
