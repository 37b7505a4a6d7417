"""The pages on planning: their commands print what they show."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sim.cli.app import main

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console\n\$ callsim (.*?)\n(.*?)^```", re.S | re.M)
EXAMPLES = [
    pytest.param(found[1], found[2], id=f"{name}-{number}")
    for name in ("erlang", "requirement")
    if (page := ROOT / "docs" / f"{name}.md").exists()
    for number, found in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")))
]


@pytest.mark.parametrize(("command", "shown"), EXAMPLES)
def test_console(
    command: str,
    shown: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Lines after `$ callsim ...` are what it says; `...` at the end stands for more."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    assert main(shlex.split(command.replace("\\\n", " "))) in (0, 1)
    told = capsys.readouterr()
    said = told.out or told.err
    if shown.rstrip().endswith("..."):
        assert said.startswith(shown.rstrip().removesuffix("..."))
    else:
        assert said == shown
