"""Standard output and standard error: who reads them, and what if nobody does."""

from __future__ import annotations

import io
import sys

import pytest

from sim.cli import output
from tests.cli.conftest import Program


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "terminal", "styled"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_styles_follow_the_environment(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], terminal: bool, styled: bool
) -> None:
    """NO_COLOR wins, then FORCE_COLOR; else a terminal that is not dumb."""
    monkeypatch.setattr(sys, "stdout", Terminal() if terminal else io.StringIO())
    assert output.colour(environment) is styled


@pytest.mark.parametrize(
    ("encoding", "ascii_only"), [("utf-8", False), ("ascii", True), ("latin-1", True)]
)
def test_an_output_without_unicode_is_noticed(
    program: Program, monkeypatch: pytest.MonkeyPatch, encoding: str, ascii_only: bool
) -> None:
    """A report can be printed in any encoding; JSON is UTF-8 in each."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    assert output.ascii_only() is ascii_only
    assert program("run", "a.yaml") == 0
    text = raw.getvalue().decode(encoding)
    assert ("81.2 % +/- 0.9" if ascii_only else "81.2 % ± 0.9") in text
    assert program("schema") == 0
    assert "支持" in raw.getvalue().decode("utf-8")


def test_a_closed_standard_output_is_a_failure(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With no standard output at all the result can't be given: 3."""
    monkeypatch.setattr(sys, "stdout", None)
    assert program("run", "a.yaml") == 3
    assert "standard output is closed" in capsys.readouterr().err


def test_a_closed_standard_error_is_none(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With nobody to hear the messages the exit codes are the same."""
    monkeypatch.setattr(sys, "stderr", None)
    assert program("run", "a.yaml", "-v") == 0
    assert program("run", "bad.yaml") == 2
    assert program("run") == 2


def test_a_closed_standard_input_is_refused(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`-` without a standard input is bad usage, not a traceback."""
    monkeypatch.setattr(sys, "stdin", None)
    assert program("run", "-") == 2
    assert "standard input is closed" in capsys.readouterr().err


def test_the_width_is_the_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    """COLUMNS is honoured, down to a width at which tables still make sense."""
    monkeypatch.setenv("COLUMNS", "97")
    assert output.width() == 97
    monkeypatch.setenv("COLUMNS", "5")
    assert output.width() == output.LEAST_WIDTH
