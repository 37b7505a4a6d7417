"""`validate`, `trace`, `schema` and `new`: what they print and how they end."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from tests.cli.conftest import Program, Warned
from tests.report.samples import scenario

Captured = pytest.CaptureFixture[str]

STORY = {
    "call": 3,
    "queue": "support",
    "events": [{"at_s": 5.0, "what": "joined; no eligible agent was available"}],
    "summary": "Hung up after 20 s.",
}


def test_validate_checks_every_file(program: Program, capsys: Captured) -> None:
    """A bad file does not keep the others from being checked; the exit code is then 2."""
    assert program("validate", "a.yaml", "bad.yaml", "b.yaml") == 2
    shown = capsys.readouterr()
    assert shown.out == "a.yaml: valid\nb.yaml: valid\n"
    assert "bad.yaml:3:5: queues[0]: is wrong" in shown.err
    assert program.simulated == []


def test_validate_warns(program: Program, capsys: Captured) -> None:
    """Warnings name their file and leave the exit code at 0; -q silences them."""
    program.lint = [Warned("tag-typo", "queues[0].tags", "looks like `a`")]
    assert program("validate", "a.yaml") == 0
    shown = capsys.readouterr()
    assert shown.out == "a.yaml: valid\n"
    assert shown.err == "warning: a.yaml: queues[0].tags: looks like `a` [tag-typo]\n"
    assert program("validate", "-q", "a.yaml") == 0
    assert capsys.readouterr().err == ""


def test_validate_takes_overrides(program: Program) -> None:
    """A change can be checked before it is simulated."""
    assert program("validate", "a.yaml", "--set", "agents.tier1.count=3", "--seed", "2") == 0
    assert program.loaded == [("a.yaml", ["agents.tier1.count=3", "seed=2"])]


@pytest.mark.parametrize("arguments", [["validate"], ["validate", "-", "-"], ["bogus"], ["run"]])
def test_bad_usage_is_two(program: Program, capsys: Captured, arguments: list[str]) -> None:
    """No file, standard input twice, no such command: 2, and nothing on standard output."""
    assert program(*arguments) == 2
    assert capsys.readouterr().out == ""


def test_trace_tells_one_call(program: Program, capsys: Captured) -> None:
    """--call asks for that call in replication 0 and prints its events and summary."""
    program.stories = [STORY]
    program.scenario = scenario(start=datetime(2026, 11, 23, 9, 0))
    assert program("trace", "a.yaml", "--call", "3", "--seed", "9") == 0
    asked = {"call": 3, "queue": None, "first": 10, "replication": 0, "engine": "simpy"}
    assert program.traced == [asked]
    assert program.loaded == [("a.yaml", ["seed=9"])]
    assert capsys.readouterr().out.splitlines() == [
        "Call 3 in support",
        "  09:00:05  5.000 s  +0.000 s  joined; no eligible agent was available",
        "  Hung up after 20 s.",
    ]


def test_trace_tells_the_first_of_a_queue(program: Program, capsys: Captured) -> None:
    """--queue and --first are passed on; --json is one document."""
    program.stories = [STORY, {**STORY, "call": 4}]
    arguments = ["trace", "a.yaml", "--queue", "support", "--first", "2", "--replication", "1"]
    assert program(*arguments, "--json") == 0
    asked = {"call": None, "queue": "support", "first": 2, "replication": 1, "engine": "simpy"}
    assert program.traced == [asked]
    told = json.loads(capsys.readouterr().out)
    assert told["format"] == "callsim.trace/1"
    assert told["replication"] == 1
    assert told["calls"] == program.stories


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "either --call N or --queue NAME"),
        (["--call", "1", "--queue", "support"], "either --call N or --queue NAME"),
        (["--call", "1", "--first", "2"], "--first goes with --queue"),
        (["--call", "-1"], "--call"),
        (["--queue", "suport"], "no queue 'suport'; did you mean 'support'?"),
        (["--call", "1", "--replication", "20"], "replications are 0 to 19"),
        (["--call", "99"], "there is no call 99"),
    ],
)
def test_trace_refuses_what_is_not_there(
    program: Program, capsys: Captured, options: list[str], message: str
) -> None:
    """No call named, two ways at once, or one that does not exist: 2, and why."""
    assert program("trace", "a.yaml", *options) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err


def test_trace_of_a_queue_without_calls(program: Program, capsys: Captured) -> None:
    """A queue to which nobody came is no error."""
    assert program("trace", "a.yaml", "--queue", "support") == 0
    assert capsys.readouterr().out == "No call came.\n"


def test_schema_prints_json(program: Program, capsys: Captured) -> None:
    """One JSON document."""
    assert program("schema") == 0
    assert json.loads(capsys.readouterr().out) == {"title": "支持"}


def test_new_prints_a_template(program: Program, capsys: Captured) -> None:
    """The first by default, another by name, the names with --list."""
    assert program("new") == 0
    assert capsys.readouterr().out == "# support\n"
    assert program("new", "airline") == 0
    assert capsys.readouterr().out == "# airline\n"
    assert program("new", "--list") == 0
    assert capsys.readouterr().out == "support\nairline\n"


def test_new_suggests_a_near_name(program: Program, capsys: Captured) -> None:
    """An unknown template is 2, with the names and the nearest one."""
    assert program("new", "airlines") == 2
    assert "Did you mean 'airline'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["support", "airline"], "one TEMPLATE at most"),
        (["--from-voipbin"], "at least one FILE"),
        (["--from-voipbin", "-", "-"], "only once"),
        (["--from-voipbin", "--list", "a.json"], "--list goes with templates"),
    ],
)
def test_new_refuses_what_makes_no_sense(
    program: Program, capsys: Captured, arguments: list[str], message: str
) -> None:
    """2, nothing on standard output, and why."""
    assert program("new", *arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
