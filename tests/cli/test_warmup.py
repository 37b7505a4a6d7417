"""`callsim warmup`: what it prints, draws and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli.app import main
from sim.report.figures.settling import warmup as draw
from sim.report.figures.style import new_figure

SCENARIO = """
name: steady
horizon: 20h
replications: 10
queues: [{name: q, arrivals: {rate: 2.2/min},
          service_time: {distribution: exponential, mean: 100s}}]
agents: [{name: a, count: 5}]
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "steady.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    return str(file)


def test_the_document_and_the_figure(path: str, tmp_path: Path, capsys) -> None:
    """Claim: --json prints the suggestion and its series, and --plot draws both formats."""
    for name, start in (("w.png", b"\x89PNG"), ("w.svg", b"<?xml")):
        target = tmp_path / name
        assert main(["warmup", path, "--json", "--plot", str(target)]) == 0
        document = json.loads(capsys.readouterr().out)
        assert target.read_bytes().startswith(start)
    assert document["format"] == "callsim.warmup/1"
    assert [each["name"] for each in document["series"]] == ["waiting", "in_system"]
    assert all(len(each["values"]) == 500 for each in document["series"])
    assert document["observation_s"] == 144.0
    assert document["warmup_s"] >= max(each["cut_s"] for each in document["series"])
    file = tmp_path / "w.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    assert main(["plot", str(file), "--figure", "warmup", "--out", str(tmp_path / "p.svg")]) == 0
    assert (tmp_path / "p.svg").read_bytes() == (tmp_path / "w.svg").read_bytes()
    figure = new_figure()
    axes = draw(document, into=figure)
    assert [ax.get_title(loc="left") for ax in axes] == ["Calls waiting", "Calls in the system"]
    document["warmup_s"] = None
    assert "too short" in draw(document, into=new_figure())[0].figure.get_supxlabel()


def test_the_line_for_the_scenario(path: str, capsys) -> None:
    """Claim: the report has a line that can be put into the scenario as it is."""
    assert main(["warmup", path]) == 0
    told = capsys.readouterr().out.splitlines()
    (line,) = [line for line in told if line.startswith("warmup: ")]
    field = line.replace(": ", "=")
    assert main(["run", path, "--set", field, "--batches", "10", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["warmup_s"] > 0.0 and document["batches"] == 10


def test_too_short(path: str, capsys) -> None:
    """Claim: a run in which the line grows to the end gets no suggestion but a longer horizon."""
    overload = ["--set", "queues.q.arrivals.rate=4/min", "--horizon", "1h"]
    assert main(["warmup", path, *overload]) == 0
    told = capsys.readouterr()
    assert "too short to suggest" in told.out and "horizon of 4h" in " ".join(told.err.split())


@pytest.mark.parametrize(
    ("target", "told"),
    [("w.pdf", ".png or an .svg"), ("no/w.png", "no folder"), ("here.png", "--force")],
)
def test_refusals(path: str, tmp_path: Path, capsys, target: str, told: str) -> None:
    """Claim: a file that can't be written is refused before anything runs."""
    (tmp_path / "here.png").write_text("mine")
    assert main(["warmup", path, "--plot", str(tmp_path / target)]) == 2
    assert told in capsys.readouterr().err
    assert (tmp_path / "here.png").read_text() == "mine"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--batches", "10", "--replications", "3"], "--replications does not go with it"),
        (["--batches", "10", "--precision", "q.asa_s=1s"], "exclude each other"),
        (["--batches", "1"], "1 is not in the range x>=2"),
        (
            ["--batches", "9", "--set", "agents.a.schedule=[{from: 0s, to: 1h, count: 5}]"],
            "agents[0].schedule: `a` comes or goes before the horizon",
        ),
    ],
)
def test_batches_that_make_no_sense(path: str, capsys, options: list[str], told: str) -> None:
    """Claim: `run --batches` refuses what it can't do, with exit code 2."""
    assert main(["run", path, *options]) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_batches_without_a_number(path: str, capsys) -> None:
    """Claim: --batches alone means 30, and the report says so."""
    assert main(["run", path, "--set", "warmup=1h", "--batches"]) == 0
    assert "from 30 batches of 38m" in " ".join(capsys.readouterr().out.split())


def test_shifts_are_told_in_the_words_of_a_warmup(path: str, capsys) -> None:  # type: ignore[no-untyped-def]
    """Nobody asked for batches."""
    text = Path(path).read_text().replace("count: 5", "schedule: [{from: 0s, to: 19h, count: 5}]")
    Path(path).write_text(text)
    assert main(["warmup", path]) == 0
    told = capsys.readouterr().err
    assert "there is no steady state that a warm-up could lead to" in told
    assert "batches" not in told
