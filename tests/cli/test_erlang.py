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
        (["--target", "service_level <= 80%"], 2, "--target: `service_level <= 80%`: more agents"),
        (["--target", "abandonment <= 3%"], 2, "give --patience or --wait-timeout"),
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


def test_blocked_calls_do_not_hide(capsys: pytest.CaptureFixture[str]) -> None:
    """Who is let in is answered at once: warned of, and what the warning says to add works."""
    command = [*QUEUE, "--max-waiting", "0", "--target", "service_level >= 80%"]
    assert main(command) == 0
    told = capsys.readouterr()
    assert told.out.startswith("1 agent meets")
    assert told.err.startswith("warning: 97.9 % of the calls are blocked")
    assert main([*command, "--target", "blocked_share <= 1%"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("61 agents meet") and told.err == ""


def test_a_timeout_in_suspected_milliseconds(capsys: pytest.CaptureFixture[str]) -> None:
    """As in a scenario: a bare number means milliseconds, and a small one is warned of."""
    assert main([*QUEUE, "--agents", "50", "--wait-timeout", "100"]) == 0
    assert "--wait-timeout: `100` means 100 milliseconds" in capsys.readouterr().err
    for plain in (["100s"], ["90000"], ["0"], ["100", "-q"]):
        assert main([*QUEUE, "--agents", "50", "--wait-timeout", *plain]) == 0
        assert capsys.readouterr().err == ""


def test_waits_and_shares_are_written_as_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    """Minutes for a long wait, and no zeros after a share that is nearly all."""
    assert main([*QUEUE, "--agents", "48"]) == 0
    assert "mean wait of all           9m 09s" in capsys.readouterr().out
    assert main([*QUEUE, "--agents", "100"]) == 0
    told = capsys.readouterr().out
    assert "100 %" in told and "100.0000" not in told


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
