"""The examples in the pages are executed: commands, Python and scenarios."""

from __future__ import annotations

import doctest
import json
import re
import shutil
from pathlib import Path

import pytest

from sim.scenario.lint import lint
from sim.scenario.load import loads_scenario
from tests.site.examples import PAGES, ROOT, Block, blocks, commands, matches, run

KINDS = {"", "console", "json", "python", "sh", "text", "yaml"}
WITH_COMMANDS = [
    page
    for page in PAGES
    if any("callsim " in block.text for block in blocks(page) if block.kind in ("sh", "console"))
]
OTHER_PROGRAMS = ("make ", "python", "pip ", "dask ")
"""Whose commands are not run here; nor is what needs a Dask cluster (tests/experiment has one)."""


def of_kind(kind: str) -> list[tuple[str, Block]]:
    return [(page.name, block) for page in PAGES for block in blocks(page) if block.kind == kind]


def named(found: list[tuple[str, Block]]) -> list[str]:
    return [f"{page}:{block.line}" for page, block in found]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_commands(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other in one folder, each command ends as it should and prints what is shown.

    What is shown of a command that fails and prints nothing is what goes to standard error.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    shutil.copytree(ROOT / "scenarios", "scenarios")
    ran = 0
    for block in blocks(page):
        if block.title is not None:
            Path(block.title).write_text(block.text, encoding="utf-8")
        for command in commands(block):
            words = command.words.removeprefix(".venv/bin/")
            if words.startswith(OTHER_PROGRAMS) or "--dask" in words:
                continue
            code, printed, told = run(words)
            assert code == command.exit_code, f"{page.name}:{block.line} {command.words}\n{told}"
            if command.shown is not None:
                text = told if code != 0 and not printed else printed
                assert matches(command.shown, text), f"{command.words}\n{text}"
            ran += 1
    assert ran > 0


@pytest.mark.parametrize("found", of_kind("yaml"), ids=named(of_kind("yaml")))
def test_scenarios(found: tuple[str, Block]) -> None:
    """Every block of YAML is a whole scenario without a warning, or has blanks.

    Those with blanks are drafts: tests/importing tells whether they are what is drafted.
    """
    page, block = found
    if "<blank>" in block.text:
        assert page == "from-voipbin.md"
    else:
        assert lint(loads_scenario(block.text)) == ()


def test_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block of Python is a session (`>>>`), and prints what it shows."""
    monkeypatch.chdir(ROOT)
    found = of_kind("python")
    assert len(found) > 5 and all(block.text.startswith(">>> ") for _, block in found)
    for page in sorted({page for page, _ in found} - {"python.md"}):
        path = next(str(each) for each in PAGES if each.name == page)
        flags = doctest.NORMALIZE_WHITESPACE
        done = doctest.testfile(path, module_relative=False, optionflags=flags)
        assert done.failed == 0


@pytest.mark.parametrize("found", of_kind("json"), ids=named(of_kind("json")))
def test_json(found: tuple[str, Block]) -> None:
    """Every block of JSON can be read."""
    json.loads(found[1].text)


def test_kinds() -> None:
    """No block is of a kind that is tested nowhere, and `make` makes what the pages let it make."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in PAGES:
        for block in blocks(page):
            assert block.kind in KINDS, f"{page.name}:{block.line}"
            for target in re.findall(r"^make (\w+)", block.text, re.M):
                assert re.search(rf"^{target}:", makefile, re.M), f"{page.name}: make {target}"
        fences = re.findall(r"^```", page.read_text(encoding="utf-8"), re.M)
        assert len(fences) == 2 * len(blocks(page)), page.name


def test_comparing_with_what_is_shown_can_fail() -> None:
    """`...` stands for lines and for words; anything else must be the same."""
    printed = "a 1\nb\nc in 3 s\n"
    assert matches("a 1\n...\n", printed) and matches("a 1\nb\nc in ... s\n", printed)
    assert not matches("a 1\n", printed)
    assert not matches("a 2\n...\n", printed) and not matches("a 1\nc in ... s\n", printed)
