"""`callsim erlang`: the document, the exit codes, the report, and that nothing heavy is loaded."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sim.cli.app import main

QUEUE = ("erlang", "--rate", "9.5/min", "--handle-time", "5min")


def test_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    """The names of the specification, the numbers of M/M/50+D (closed form of Barrer 1957)."""
    from sim.theory.timeout import mmn_d

    assert main([*QUEUE, "--agents", "50", "--wait-timeout", "100s", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    theory = mmn_d(9.5 / 60.0, 300.0, 50, 100.0)
    assert document["model"] == "M/M/50+D" and document["agents"] == 50
    names = "offered_load_erlangs delayed blocked_share abandonment asa_s wait_mean_s occupancy"
    for name in names.split():
        assert document[name] == pytest.approx(getattr(theory, name), rel=1e-9), name
    assert document["service_level"] == pytest.approx(theory.service_level(20.0), rel=1e-9)


def test_the_fewest_agents(capsys: pytest.CaptureFixture[str]) -> None:
    """`--target` in place of `--agents`; one agent fewer misses it."""
    assert main([*QUEUE, "--target", "service_level >= 80%", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["agents"] == 54 and found["service_level"] >= 0.8
    assert main([*QUEUE, "--agents", "53", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["service_level"] < 0.8


def test_the_most_calls(capsys: pytest.CaptureFixture[str]) -> None:
    """`--target` in place of `--rate`."""
    command = ["erlang", "--handle-time", "5min", "--agents", "54", "--json"]
    assert main([*command, "--target", "service_level >= 80%"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert 9.5 / 60.0 < found["rate_per_s"] < 9.8 / 60.0
    assert found["service_level"] == pytest.approx(0.8, abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--agents", "40"], 1, "grows without bound"),
        (["--target", "service_level >= 100%"], 1, "No number of agents reaches"),
        ([], 2, "give two of --rate, --agents and --target"),
        (["--agents", "5", "--target", "delayed <= 1%"], 2, "give two of"),
        (["--agents", "5.5"], 2, "--agents: expected a whole number"),
        (["--agents", "50", "--patience", "{distribution: gama}"], 2, "did you mean `gamma`"),
        (["--target", "x >= 1"], 2, "no metric `x` here"),
        (["--agents", "50", "--threshold", "20"], 2, "--threshold"),
    ],
)
def test_exit_codes(
    arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 without an answer, 2 for bad usage; no numbers on standard output."""
    assert main([*QUEUE, *arguments, "--json"]) == code
    told = capsys.readouterr()
    assert told.out == "" and says in told.err and "Traceback" not in told.err


def test_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence and a table."""
    assert main([*QUEUE, "--target", "service_level >= 80%"]) == 0
    first, *rest = capsys.readouterr().out.splitlines()
    assert first.startswith("54 agents meet service_level >= 80% with 9.5 calls a minute")
    assert "  model                      M/M/54" in rest


def test_nothing_heavy_is_loaded() -> None:
    """10,000 agents and the fewest for a target, without numpy or what needs it."""
    code = (
        "import sys; from sim.cli.app import main;"
        "assert main(['erlang', '--rate', '1990/min', '--handle-time', '5min', '--agents',"
        " '10000', '--patience', '2min']) == 0;"
        "assert main(['erlang', '--rate', '1990/min', '--handle-time', '5min', '--target',"
        " 'service_level >= 80%']) == 0;"
        "heavy = {'numpy', 'scipy', 'pandas', 'pydantic', 'rich', 'yaml'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
