"""What is refused before time is spent: by the name of the option, leaving nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli.app import main

SMALL = """
horizon: 10min
replications: 2
queues: [{name: help, arrivals: {rate: 2/min}, service_time: 1min}]
agents: [{name: team, count: 3}]
expect: [total.asa_s <= 60s]
"""


@pytest.fixture
def small(tmp_path: Path) -> str:
    """A scenario's file."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--replications", "0"], "--replications: must be at least 1"),
        (["--seed", "-1"], "--seed: must be at least 0"),
        (["--horizon", "0s"], "--horizon: must be longer than 0"),
        (["--horizon", "{"], "--horizon: not valid YAML"),
        (["--set", "replications=0"], "--set:1:14: replications: must be at least 1"),
    ],
)
def test_errors_name_the_option(
    arguments: list[str], says: str, small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The option that was given, not the override that it stands for."""
    assert main(["run", small, *arguments]) == 2
    assert capsys.readouterr().err.startswith(says)


def test_a_range_is_an_integer(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Click's own kind for bounds would be called an integer range."""
    assert main(["run", small, "--workers", "abc"]) == 2
    assert "'abc' is not a valid integer." in capsys.readouterr().err


COMMANDS = {
    "run": [],
    "staff": [],
    "requirement": ["--target", "total.asa_s <= 60s"],
    "sweep": ["--set", "seed=1,2"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_cannot_be_made(
    command: str, small: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is noticed before anything is simulated, and the error names the path."""
    made = Path.mkdir

    def mkdir(self: Path, *args: object, **more: object) -> None:
        if self.name == "out":
            raise OSError(1, "Operation not permitted", str(self))
        made(self, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "mkdir", mkdir)
    out = str(Path(small).parent / "out")
    assert main([command, small, *COMMANDS[command], "-q", "--out", out]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"Error: {out}: can't write there (Operation not permitted)\n"


def test_an_empty_folder_is_not_left_behind(
    small: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was made for a run that fails goes again; a folder that was there stays."""

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.report.folder.write_folder", fails)
    there = Path(small).parent / "there"
    there.mkdir()
    for out in (there / "a" / "b", there):
        assert main(["run", small, "-q", "--engine", "simpy", "--out", str(out)]) == 3
    assert list(there.iterdir()) == []
    capsys.readouterr()
