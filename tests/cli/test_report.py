"""`callsim report`: what it reads, where it writes, what it refuses."""

from __future__ import annotations

import io
import json
import shlex
import sys
from pathlib import Path

import pytest

import sim
from sim.cli.app import main
from sim.report.book.provenance import command
from sim.report.saved import open_result

Captured = pytest.CaptureFixture[str]


HOUR = (
    "name: an hour\nhorizon: 1h\nreplications: 5\nqueues: [{name: q, arrivals: {rate: 20/h},"
    " service_time: 3min}]\nagents: [{name: a, count: 2}]\n"
)


@pytest.fixture(scope="module")
def text() -> str:
    """A result document without intervals."""
    return json.dumps(sim.run(sim.loads(HOUR)).document)


@pytest.fixture
def result(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a result document, in an empty working folder."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "answer.json"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_page_is_written_to_the_working_folder(result: Path, capsys: Captured) -> None:
    """report.html by default; its path goes to standard output."""
    assert main(["report", str(result)]) == 0
    assert capsys.readouterr().out == "report.html\n"
    assert Path("report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_the_extension_decides(result: Path, capsys: Captured) -> None:
    """.xlsx is a workbook; the title can be chosen."""
    assert main(["report", str(result), "--out", "a.xlsx", "--title", "Monday"]) == 0
    assert Path("a.xlsx").read_bytes()[:2] == b"PK"
    assert main(["report", str(result), "--out", "a.HTML", "--title", "Monday"]) == 0
    assert "<h1>Monday</h1>" in Path("a.HTML").read_text(encoding="utf-8")


def test_standard_input(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is a document on standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(result.read_bytes())))
    assert main(["report", "-"]) == 0
    assert Path("report.html").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["answer.json", "--out", "a.pdf"], ".html a page, .xlsx an Excel workbook"),
        (["answer.json", "--out", "no/such/a.html"], "there is no such folder"),
        (["answer.json", "--out", "there.html"], "there.html is there already"),
        (["answer.json", "--out", "folder.html"], "is a folder"),
        (["missing.json"], "missing.json"),
        (["folder.html"], "holds no result"),
        (["there.html"], "is not JSON"),
        (["part.json"], "part.json is no whole result: it lacks 'counts'"),
        ([], "RESULT"),
    ],
)
def test_what_is_refused(
    text: str, result: Path, capsys: Captured, options: list[str], message: str
) -> None:
    """Exit code 2, one message, nothing written."""
    Path("there.html").write_text("mine", encoding="utf-8")
    Path("folder.html").mkdir()
    part = json.loads(text) | {"total": {"metrics": {}}}
    Path("part.json").write_text(json.dumps(part), encoding="utf-8")
    assert main(["report", *options]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "Traceback" not in shown.err
    assert Path("there.html").read_text(encoding="utf-8") == "mine"
    assert sorted(p.name for p in result.parent.iterdir()) == [
        "answer.json", "folder.html", "part.json", "there.html",
    ]  # fmt: skip


def test_force_overwrites(result: Path) -> None:
    """With --force a file that is there is replaced, a workbook as well as a page."""
    for name in ("there.html", "there.xlsx"):
        Path(name).write_text("mine", encoding="utf-8")
        assert main(["report", str(result), "--out", name, "--force"]) == 0
        assert Path(name).read_bytes() != b"mine"


def test_from_python(tmp_path: Path) -> None:
    """`Run.report` and `Comparison.report` write the same; they refuse what is there."""
    hour = sim.loads(HOUR)
    run = sim.run(hour, intervals=True)
    assert run.report(tmp_path / "run.html") == tmp_path / "run.html"
    assert "callsim run scenario.yaml --intervals" in (tmp_path / "run.html").read_text("utf-8")
    with pytest.raises(ValueError, match="is there already"):
        run.report(tmp_path / "run.html")
    run.report(tmp_path / "run.xlsx", title="Again")
    run.report(tmp_path / "run.xlsx", force=True)
    compared = sim.compare({"two": hour, "three": hour.with_values({"agents.a.count": 3})})
    assert compared.report(tmp_path / "both.xlsx").stat().st_size > 1000


@pytest.mark.parametrize(
    "options",
    [
        ["--replications", "1", "--batches", "5"],
        ["--control-variates", "--replications", "20"],
        ["--precision", "q.abandonment=50%"],
        ["--precision", "q.asa_s=1ms", "--max-replications", "12", "--control-variates"],
    ],
)
@pytest.mark.parametrize("beside", [True, False])
def test_the_printed_command_gives_the_same_numbers(
    result: Path, capsys: Captured, options: list[str], beside: bool
) -> None:
    """Whatever the result was made with: the command of the provenance repeats the document, with
    the scenario of the report or with the one that was given."""
    Path("given.yaml").write_text(HOUR, encoding="utf-8")
    assert main(["run", "given.yaml", *options, "--out", "kept", "--json", "-q"]) == 0
    first = json.loads(capsys.readouterr().out)
    Path("first.json").write_text(json.dumps(first), encoding="utf-8")
    saved = open_result("kept" if beside else "first.json")
    told = command(first, saved.scenario, intervals=False)
    file = "kept/scenario.yaml" if beside else "given.yaml"
    words = [file if word in ("scenario.yaml", "SCENARIO") else word for word in shlex.split(told)]
    assert words[0] == "callsim"
    assert main([*words[1:], "-q"]) == 0
    again = json.loads(capsys.readouterr().out)
    apart = {"elapsed_s", "sha256"}
    assert {k: v for k, v in again.items() if k not in apart} == {
        k: v for k, v in first.items() if k not in apart
    }
