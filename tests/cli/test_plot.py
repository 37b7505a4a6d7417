"""`callsim plot`: what it writes where, and what it refuses."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.cli.app import main
from sim.report.folder import write_folder
from tests.report.figures.made import compared, plain, sweep_folder

Captured = pytest.CaptureFixture[str]
PNG = b"\x89PNG"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A run's folder `run` in the current one."""
    monkeypatch.chdir(tmp_path)
    write_folder(plain().result, tmp_path / "run", with_intervals=False)
    yield tmp_path


def test_a_figure_is_written_under_its_name(folder: Path, capsys: Captured) -> None:
    """As PNG in the current folder; the output says where."""
    assert main(["plot", "run", "--figure", "occupancy"]) == 0
    assert (folder / "occupancy.png").read_bytes().startswith(PNG)
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("occupancy.png\n", "")


def test_the_files_name_says_how(folder: Path) -> None:
    """.svg, or --format whatever the name; a size and a theme."""
    asked = ["plot", "run", "--figure", "waits", "--queue", "b"]
    assert main([*asked, "--out", "w.svg", "--size", "8x4.5", "--theme", "dark"]) == 0
    told = (folder / "w.svg").read_text("utf-8")
    assert 'width="576pt"' in told and "#14171c" in told and "waits, b" in told
    assert main([*asked, "--out", "odd.name", "--format", "svg"]) == 0
    assert (folder / "odd.name").read_text("utf-8").startswith("<?xml")
    assert main([*asked, "--format", "svg"]) == 0
    assert (folder / "waits.svg").exists()


def test_nothing_is_overwritten_unasked(folder: Path, capsys: Captured) -> None:
    """A file that is there is refused before anything is drawn, but with --force."""
    (folder / "served.png").write_bytes(b"mine")
    assert main(["plot", "run", "--figure", "served"]) == 2
    assert (folder / "served.png").read_bytes() == b"mine"
    assert "overwrite it with --force" in capsys.readouterr().err
    assert main(["plot", "run", "--figure", "served", "--force"]) == 0
    assert (folder / "served.png").read_bytes().startswith(PNG)


def test_a_window_by_the_clock(folder: Path) -> None:
    """--from and --to take times as on the axis and durations."""
    asked = ["plot", "run", "--figure", "calls", "--replication", "1", "--out", "c.svg", "--force"]
    assert main([*asked, "--from", "1:00", "--to", "1:30"]) == 0
    by_clock = (folder / "c.svg").read_bytes()
    assert main([*asked, "--from", "60min", "--to", "5400s"]) == 0
    assert (folder / "c.svg").read_bytes() == by_clock


@pytest.mark.parametrize("told", [[], ["--list"]])
def test_figures_are_listed(folder: Path, capsys: Captured, told: list[str]) -> None:
    """What this result can give, and of the others of its kind why not."""
    assert main(["plot", "run", *told]) == 0
    out = capsys.readouterr().out
    assert "\nwaits " in out and "differences" not in out
    assert "week" in out and "more than a day" in out
    (folder / "c.json").write_text(json.dumps(compared().document), "utf-8")
    assert main(["plot", "c.json", *told]) == 0
    assert capsys.readouterr().out.startswith("differences")
    check = {"format": "callsim.check/1", "results": []}
    (folder / "check.json").write_text(json.dumps(check), "utf-8")
    assert main(["plot", "check.json"]) == 0
    assert capsys.readouterr().out == "There is no figure of a check.\n"


def test_from_standard_input_to_standard_output(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RESULT may be `-`, and so may FILE: then the picture is all that is written there."""
    document = json.dumps(plain().document).encode()
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(document)))
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["plot", "-", "--figure", "day", "--out", "-"]) == 0
    assert out.buffer.getvalue().startswith(PNG)  # type: ignore[attr-defined]


def test_a_terminal_gets_no_picture(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """--out - is refused where somebody would see the bytes."""
    monkeypatch.setattr("sim.cli.output.is_terminal", lambda stream: True)
    assert main(["plot", "run", "--figure", "day", "--out", "-", "-q"]) == 2
    assert "is a terminal" in capsys.readouterr().err


def test_a_sweeps_settings(folder: Path) -> None:
    """--x, --y and --metric choose what a map shows."""
    out = sweep_folder(folder, "agents.a.count=1,2", "agents.b.count=1,2,3")
    asked = ["plot", str(out), "--figure", "sweep-map", "--metric", "asa_s", "--out", "m.svg"]
    assert main([*asked, "--x", "agents.a.count", "--y", "agents.b.count"]) == 0
    told = (folder / "m.svg").read_text("utf-8")
    assert "Mean wait of the answered" in told


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (["--figure", "days"], "no figure 'days'"),
        (["--figure", "day", "--queue", "c"], "no queue 'c': one of a, b, total"),
        (["--figure", "day", "--metric", "asa_s"], "no option `metric`"),
        (["--figure", "week"], "more than a day"),
        (["--figure", "sweep"], "is of a sweep, and run is a run"),
        (["--figure", "day", "--size", "large"], "width x height"),
        (["--figure", "day", "--size", "1x1"], "3 to 60 inches"),
        (["--figure", "day", "--out", "day.pdf"], "a .png or an .svg"),
        (["--figure", "day", "--out", "no/day.png"], "there is no folder no"),
        (["--figure", "day", "--out", "run", "--format", "svg"], "is a folder"),
        (["--figure", "calls", "--replication", "3"], "numbered 0 to 2"),
        (["--figure", "calls", "--from", "soon"], "--from: "),
        (["--figure", "calls", "--from", "2h", "--to", "1h"], "must end after it begins"),
    ],
)
def test_what_can_not_be_is_refused(
    folder: Path, capsys: Captured, told: list[str], message: str
) -> None:
    """Exit code 2 and a sentence, nothing written."""
    before = sorted(folder.iterdir())
    assert main(["plot", "run", *told]) == 2
    shown = capsys.readouterr()
    assert message in shown.err and "Traceback" not in shown.err and not shown.out
    assert sorted(folder.iterdir()) == before


def test_no_result(folder: Path, capsys: Captured) -> None:
    """What is no result has exit code 2."""
    assert main(["plot", "nothing", "--figure", "day"]) == 2
    assert "no such file or folder" in capsys.readouterr().err


def test_a_folder_that_was_tampered_with(folder: Path, capsys: Captured) -> None:
    """Calls that do not come out again as they were are not drawn as if they had."""
    path = folder / "run" / "scenario.yaml"
    path.write_text(path.read_text("utf-8").replace("seed: 1", "seed: 2"), "utf-8")
    assert main(["plot", "run", "--figure", "calls"]) == 2
    assert "does not come out as the calls there say" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["plot", "--figure", "{figure}"], ["report"]])
@pytest.mark.parametrize(
    ("figure", "changes"),
    [
        ("waits", {"queues": "x"}),
        ("waits", {"replications": "many"}),
        ("waits", {"total": {}}),
        ("waits", {"waits": [{"queue": "total", "edges_s": [1.0], "calls": [1, 2]}], "queues": []}),
        ("differences", {"differences": [{}]}),
        ("differences", {"variants": []}),
        ("differences", {"replications": None}),
    ],
)
def test_malformed_results_are_bad_input(
    folder: Path, capsys: Captured, command: list[str], figure: str, changes: dict[str, object]
) -> None:
    """Exit code 2 and what is wrong, whatever the document holds; nothing is written."""
    whole = (compared() if figure == "differences" else plain()).document
    (folder / "bad.json").write_text(json.dumps({**whole, **changes}), "utf-8")
    name, *options = (word.format(figure=figure) for word in command)
    code = main([name, "bad.json", *options])
    shown = capsys.readouterr()
    assert code == 2 and "bad.json" in shown.err and "Traceback" not in shown.err
    assert not list(folder.glob("*.png")) and not list(folder.glob("*.html"))


def test_what_can_not_be_drawn_is_said_before_any_file_is_looked_at(
    folder: Path, capsys: Captured
) -> None:
    """A result without intervals has no day, whether or not there is a day.png."""
    bare = {k: v for k, v in plain().document.items() if "intervals" not in k}
    (folder / "bare.json").write_text(json.dumps(bare), "utf-8")
    (folder / "day.png").write_bytes(b"mine")
    assert main(["plot", "bare.json", "--figure", "day"]) == 2
    shown = capsys.readouterr().err
    assert "needs the intervals" in shown and "is there already" not in shown


def test_a_requirement_has_no_report(folder: Path, capsys: Captured) -> None:
    """Said before the file to be written is looked at; it is not named among what can be."""
    told = {"format": "callsim.requirement/1", "group": "a", "replications": 100}
    told |= {"intervals": [], "targets": [], "bounds": []}
    (folder / "r.json").write_text(json.dumps(told), "utf-8")
    (folder / "report.html").write_text("mine", "utf-8")
    assert main(["report", "r.json"]) == 2
    shown = capsys.readouterr().err
    assert "is a requirement, of which there is no report" in shown and "there already" not in shown
    assert "`callsim plot` draws a requirement" in shown
    (folder / "other.json").write_text("{}", "utf-8")
    assert main(["report", "other.json"]) == 2
    shown = capsys.readouterr().err
    assert "callsim.sweep/1" in shown and "callsim.requirement" not in shown
