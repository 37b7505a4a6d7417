"""`callsim run`: what it passes on, what it prints and where, how it ends."""

from __future__ import annotations

import errno
import json
import math
from pathlib import Path
from typing import Any

import pytest

from sim.scenario.model import ListedArrivals, ProfileArrivals, RegularArrivals
from tests.cli.conftest import Program, Warned
from tests.report.samples import document, estimate, interval, queue, scenario

Captured = pytest.CaptureFixture[str]


def test_the_report_is_the_result(program: Program, capsys: Captured) -> None:
    """The report goes to standard output, and nothing to standard error."""
    assert program("run", "a.yaml") == 0
    shown = capsys.readouterr()
    assert "Of 1,234 calls per replication" in shown.out
    assert shown.err == ""
    assert program.loaded == [("a.yaml", [])]
    assert program.simulated == [
        {"engine": "auto", "workers": None, "intervals": False, "log": False, "progress": None}
    ]


def test_json_is_one_document(program: Program, capsys: Captured) -> None:
    """With --json standard output is the document, names as they are, and nothing else."""
    program.result.made = document(scenario="支持")
    assert program("run", "a.yaml", "--json") == 0
    out = capsys.readouterr().out
    assert json.loads(out) == program.result.made
    assert "支持" in out


def test_json_is_never_nan(program: Program, capsys: Captured) -> None:
    """A result with NaN is a failure of the run, not something that isn't JSON."""
    program.result.made = document(elapsed_s=math.nan)
    assert program("run", "a.yaml", "--json") == 3
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "ValueError" in shown.err


def test_intervals_only_when_asked_for(program: Program, capsys: Captured) -> None:
    """--intervals is passed on, and adds them to the document and to the report."""
    program.result.intervals = [interval("support", 0.0, {"offered": 20}, asa_s=estimate(1.0))]
    assert program("run", "a.yaml", "--json", "--intervals") == 0
    assert len(json.loads(capsys.readouterr().out)["intervals"]) == 1
    assert program.simulated[-1]["intervals"] is True
    assert program("run", "a.yaml", "--intervals") == 0
    assert "Intervals (calls per replication)" in capsys.readouterr().out
    assert program("run", "a.yaml", "--json") == 0
    assert "intervals" not in json.loads(capsys.readouterr().out)


def test_options_become_overrides(program: Program) -> None:
    """--set comes first, in order, then the dedicated options, which win."""
    options = ["--seed", "5", "--set", "seed=4", "--replications", "3", "--horizon", "2h"]
    more = ["--set", "queues.a.max_waiting=0", "--workers", "2", "--engine", "simpy"]
    assert program("run", "a.yaml", *options, *more) == 0
    (_, overrides) = program.loaded[0]
    assert overrides[:2] == ["seed=4", "queues.a.max_waiting=0"]
    assert sorted(overrides[2:]) == ["horizon=2h", "replications=3", "seed=5"]
    assert program.simulated[0]["workers"] == 2
    assert program.simulated[0]["engine"] == "simpy"


def test_the_engine_is_passed_on(program: Program, capsys: Captured) -> None:
    """Claim: --engine reaches the run; one that does not exist is bad usage."""
    assert program("run", "a.yaml", "--engine", "compiled") == 0
    assert program.simulated[0]["engine"] == "compiled"
    assert program("run", "a.yaml", "--engine", "abacus") == 2
    assert "abacus" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ["--json", "--voipbin-json"],
        ["--workers", "0"],
        ["--engine", "fast"],
        ["--seed", "x"],
        ["--bogus"],
        ["other.yaml"],
    ],
)
def test_bad_usage_is_two(program: Program, capsys: Captured, options: list[str]) -> None:
    """Options that make no sense end with 2, before anything is read."""
    assert program("run", "a.yaml", *options) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Error: " in shown.err
    assert program.loaded == []


def test_a_bad_scenario_is_two(program: Program, capsys: Captured) -> None:
    """Its problems are shown with their places, on standard error, without a traceback."""
    assert program("run", "bad.yaml") == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "bad.yaml:3:5: queues[0]: is wrong\n      - no\n        ^\n"


def test_lint_goes_to_standard_error(program: Program, capsys: Captured) -> None:
    """Each warning once, those found by running too; -q silences them, not the report's."""
    program.lint = [Warned("tag-typo", "queues[0].tags", "looks like `a`")]
    known = {"code": "tag-typo", "where": "queues[0].tags", "message": "looks like `a`"}
    late = {"code": "unresolved", "where": "at_horizon", "message": "2 % unresolved"}
    program.result.made = document(warnings=[known, late])
    assert program("run", "a.yaml") == 0
    shown = capsys.readouterr()
    assert shown.err.splitlines() == [
        "warning: queues[0].tags: looks like `a` [tag-typo]",
        "warning: at_horizon: 2 % unresolved [unresolved]",
    ]
    assert shown.out.count("[tag-typo]") == 1
    assert program("run", "a.yaml", "-q") == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.count("[tag-typo]") == 1


def test_the_folder_is_written(program: Program, capsys: Captured, tmp_path: Path) -> None:
    """--out asks for the log and the intervals, and prints the report all the same."""
    out = tmp_path / "out"
    assert program("run", "a.yaml", "--out", str(out)) == 0
    assert program.simulated[0]["log"] is True
    assert program.simulated[0]["intervals"] is True
    assert len(list(out.iterdir())) == 6
    assert "intervals" not in json.loads((out / "result.json").read_text("utf-8"))
    assert "Of 1,234 calls" in capsys.readouterr().out
    assert "Intervals" not in capsys.readouterr().out


def test_another_runs_folder_is_refused_before_the_run(
    program: Program, capsys: Captured, tmp_path: Path
) -> None:
    """Nothing is simulated for a folder that would be refused; --force overwrites it."""
    (tmp_path / "result.json").write_text("{}")
    assert program("run", "a.yaml", "--out", str(tmp_path)) == 2
    assert "--force" in capsys.readouterr().err
    assert program.simulated == []
    assert program("run", "a.yaml", "--out", str(tmp_path), "--force") == 0


def test_a_full_disk_does_not_lose_the_report(
    program: Program, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the folder can't be written the report is printed, and the exit code is 3."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "calls.parquet")

    monkeypatch.setattr("sim.report.folder.write_folder", full)
    assert program("run", "a.yaml", "--out", str(tmp_path / "out")) == 3
    shown = capsys.readouterr()
    assert "Of 1,234 calls" in shown.out
    assert shown.err == "Error: calls.parquet: No space left on device\n"


def test_voipbin_json_is_the_apis_list(program: Program, capsys: Captured) -> None:
    """--voipbin-json prints the queues in the API's shape and nothing else."""
    assert program("run", "a.yaml", "--voipbin-json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["result"][0]["total_incoming_count"] == 3


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (MemoryError(), 3, "out of memory"),
        (OSError(errno.ENOSPC, "No space left on device"), 3, "No space left on device"),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), 3, "Broken pipe"),
        (RuntimeError("a worker died"), 3, "RuntimeError: a worker died (--debug shows where)"),
        (KeyboardInterrupt(), 130, "Interrupted."),
    ],
)
def test_failures_have_their_exit_codes(
    program: Program, capsys: Captured, error: BaseException, code: int, message: str
) -> None:
    """A failed run is 3, an interrupted one 130; one message, no traceback, no result."""
    program.fails = error
    assert program("run", "a.yaml", "--json") == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "Traceback" not in shown.err


@pytest.mark.parametrize("arguments", [["--debug", "run", "a.yaml"], ["run", "a.yaml", "--debug"]])
def test_debug_shows_the_traceback(
    program: Program, capsys: Captured, arguments: list[str]
) -> None:
    """Before or after the command's name, --debug adds the traceback."""
    program.fails = RuntimeError("boom")
    assert program(*arguments) == 3
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_verbose_says_what_is_done(program: Program, capsys: Captured) -> None:
    """-v tells on standard error what was read and how long it took."""
    assert program("-v", "run", "a.yaml", "--json") == 0
    shown = capsys.readouterr()
    assert "a.yaml: 1 queues, 12 agents" in shown.err
    assert "simulated with simpy in 0.213 s" in shown.err
    json.loads(shown.out)


def test_a_dry_run_simulates_nothing(program: Program, capsys: Captured, tmp_path: Path) -> None:
    """--dry-run says calls, time and disk; the folder stays as it is."""
    arguments = ["run", "a.yaml", "--dry-run", "--out", str(tmp_path / "out")]
    assert program(*arguments) == 0
    assert "20 replications of 8h: about 57,600 calls" in capsys.readouterr().out
    assert program(*arguments, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["expected_calls"] == pytest.approx(57600)
    assert told["expected_bytes"] > 57600
    assert program.simulated == []
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arrivals", "calls"),
    [
        (RegularArrivals(3600.0), 7.0),
        (ListedArrivals((0.0, 5.0, 28799.0, 28800.0)), 3.0),
        (ProfileArrivals(10800.0, (10.0, 20.0, 30.0, 40.0)), 50.0),
    ],
)
def test_expected_calls_end_at_the_horizon(
    program: Program, capsys: Captured, arrivals: Any, calls: float
) -> None:
    """Calls at or after the horizon are not expected; a profile's last interval is cut."""
    program.scenario = scenario([queue(arrivals=arrivals)], replications=1)
    assert program("run", "a.yaml", "--dry-run", "--json") == 0
    assert json.loads(capsys.readouterr().out)["expected_calls"] == pytest.approx(calls)


def test_progress_is_for_terminals(
    program: Program, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody watching standard error gets progress; -q, or nobody there, gets none."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert program("run", "a.yaml", "--json") == 0
    assert program.simulated[-1]["progress"] is not None
    json.loads(capsys.readouterr().out)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert program("run", "a.yaml", "--json", "-q") == 0
    assert program.simulated[-1]["progress"] is None
