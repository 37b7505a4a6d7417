"""Sweeps as folders: order, common random numbers, going on after any end, bad points."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.cli.app import main
from sim.experiment.design import grid
from sim.experiment.run import run
from sim.experiment.store import OtherSweepError
from sim.experiment.sweep import Sweep, Variants
from sim.experiment.work import PieceFailedError
from sim.scenario.load import loads_scenario

SCENARIO = """
name: two queues
horizon: 1h
replications: 4
queues:
  - {name: a, tags: [x], arrivals: {rate: 1/min}, service_time: 3min, patience: 2min}
  - {name: b, tags: [x], arrivals: {rate: 0.5/min}, service_time: 2min, wait_timeout: 60s}
agents:
  - {name: team, count: 4, tags: [x]}
"""
FILES = ("sweep.parquet", "sweep.csv")
GRID = ("--set", "agents.team.count=3..5", "--set", "queues.b.wait_timeout=30s,60s")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The scenario's file."""
    made = tmp_path / "two.yaml"
    made.write_text(SCENARIO)
    return made


def content(folder: Path) -> dict[str, bytes]:
    """The results in a folder."""
    return {name: (folder / name).read_bytes() for name in FILES}


def test_rows_and_columns(path: Path, tmp_path: Path) -> None:
    """Claim: for each point in the grid's order a row per queue and one for the total, with the
    numbers of `run` at that point; parquet and CSV hold the same."""
    out = tmp_path / "out"
    assert main(["sweep", str(path), *GRID, "--out", str(out)]) == 0
    table = pq.read_table(out / "sweep.parquet").to_pandas()
    keys = ["agents.team.count", "queues.b.wait_timeout", "queue"]
    assert table[keys].to_numpy().tolist() == [
        [count, timeout, queue]
        for count in (3, 4, 5)
        for timeout in ("30s", "60s")
        for queue in ("a", "b", "total")
    ]
    assert table.columns[-1] == "error" and table["error"].isna().all()
    changes = ["agents.team.count=4", "queues.b.wait_timeout=60s"]
    document = run(loads_scenario(SCENARIO, "two.yaml", changes)).document(with_intervals=False)
    subjects = [*document["queues"], {"name": "total", **document["total"]}]
    for row, subject in zip(table.iloc[9:12].to_dict("records"), subjects, strict=True):
        assert row["queue"] == subject["name"]
        assert {name: row[name] for name in subject["counts"]} == subject["counts"]
        for name, estimate in subject["metrics"].items():
            if "value" in estimate:
                shown = {
                    k: row[name + s] for k, s in (("value", ""), ("low", "_low"), ("high", "_high"))
                }
                expected = {k: estimate[k] for k in shown}
                assert pd.Series(shown, dtype=float).equals(pd.Series(expected, dtype=float)), name
    with open(out / "sweep.csv", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == list(table.columns)
    for row, values in zip(rows, table.astype(object).to_numpy().tolist(), strict=True):
        for cell, value in zip(row, values, strict=True):
            assert cell == "" if pd.isna(value) else type(value)(cell) == value


def test_common_random_numbers(path: Path, tmp_path: Path) -> None:
    """Claim: all points have the same calls."""
    assert main(["sweep", str(path), *GRID, "--out", str(tmp_path / "o")]) == 0
    table = pd.read_csv(tmp_path / "o" / "sweep.csv")
    assert (table.groupby("queue")["offered"].nunique() == 1).all()


def test_workers_change_no_byte(path: Path, tmp_path: Path) -> None:
    """Claim: one process or several, or the other engine: the same files."""
    ways = [["--workers", "1"], ["--workers", "2"], ["--workers", "3"], ["--engine", "simpy"], []]
    for number, way in enumerate(ways):
        out = str(tmp_path / str(number))
        assert main(["sweep", str(path), *GRID, "--out", out, *way]) == 0
    for number in range(1, len(ways)):
        assert content(tmp_path / str(number)) == content(tmp_path / "0"), ways[number]


def test_dask_changes_no_byte(path: Path, tmp_path: Path) -> None:
    """Claim: a Dask cluster writes the same files; one that is not there is a clear failure."""
    distributed = pytest.importorskip("distributed")
    assert main(["sweep", str(path), *GRID, "--out", str(tmp_path / "here")]) == 0
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        assert cluster_sweep(path, tmp_path / "there", address) == 0
    assert content(tmp_path / "there") == content(tmp_path / "here")


def cluster_sweep(path: Path, out: Path, address: str) -> int:
    """A sweep by the cluster at an address."""
    return main(["sweep", str(path), *GRID, "--out", str(out), "--dask", address])


def test_no_cluster_is_a_failure(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: nobody at the address: 3, and the address is named."""
    pytest.importorskip("distributed")
    assert cluster_sweep(path, tmp_path / "o", "inproc://127.0.0.1/1/1") == 3
    assert "inproc://127.0.0.1/1/1" in capsys.readouterr().err


def test_dask_may_be_missing(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: --dask without the package is 2, and says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert cluster_sweep(path, tmp_path / "o", "tcp://127.0.0.1:1") == 2
    assert "pip install 'callsim[distributed]'" in capsys.readouterr().err


def test_nothing_is_done_when_all_is_there(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: the same command again simulates nothing and touches no file; a lost table is
    written anew from what is kept; when all is done, that is not needed any more."""
    out = tmp_path / "out"
    command = ["sweep", str(path), *GRID, "--out", str(out), "--json"]
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["simulated"] == 6
    before = {each: each.stat().st_mtime_ns for each in out.rglob("*") if each.is_file()}
    first = content(out)
    monkeypatch.setattr("sim.experiment.work.Worker.do", None)  # nobody may work
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["simulated"], told["points"], told["rows"]) == (0, 6, 18)
    after = {each: each.stat().st_mtime_ns for each in out.rglob("*") if each.is_file()}
    assert {k: v for k, v in after.items() if k.name != ".callsim-lock"} == {
        k: v for k, v in before.items() if k.name != ".callsim-lock"
    }
    (out / "sweep.csv").unlink()
    assert main(command) == 0
    assert content(out) == first
    shutil.rmtree(out / "points")
    capsys.readouterr()
    assert main(command) == 0
    assert json.loads(capsys.readouterr().out)["simulated"] == 0


@pytest.mark.parametrize(
    "change",
    [["--seed", "2"], ["--replications", "3"], ["--set", "dispatch=immediate"], ["other text"]],
)
def test_another_sweeps_folder_is_refused(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: list[str]
) -> None:
    """Claim: other settings or another text: 2, and the files stay; --force overwrites them."""
    out = tmp_path / "out"
    command = ["sweep", str(path), *GRID, "--out", str(out)]
    assert main(command) == 0
    before = content(out)
    if change == ["other text"]:
        path.write_text(SCENARIO.replace("3min", "4min"))
        change = []
    assert main([*command, *change]) == 2
    assert "--force" in capsys.readouterr().err
    assert content(out) == before
    assert main([*command, *change, "--force"]) == 0
    assert main([*command, *change]) == 0
    fresh = tmp_path / "fresh"
    assert main([*command[:-1], str(fresh), *change]) == 0
    assert content(out) == content(fresh)


def test_a_file_that_a_value_names_counts(tmp_path: Path) -> None:
    """Claim: when the bytes of a file that only a value of the grid names change, what was kept
    is not taken for the new file's."""
    path, out = tmp_path / "two.yaml", tmp_path / "out"
    path.write_text(SCENARIO)
    forecast = tmp_path / "f.csv"
    forecast.write_text("time,calls\n0s,12\n30min,14\n")
    arrivals = (
        "queues.a.arrivals={rate: 1/min},{forecast: f.csv, columns: {time: time, calls: calls}}"
    )
    command = ["sweep", str(path), "--set", arrivals, "--out", str(out)]
    first = main(command)
    forecast.write_text("time,calls\n0s,12\n30min,40\n")
    assert (first, main(command)) == (0, 2)


def test_two_at_once_are_refused(path: Path, tmp_path: Path) -> None:
    """Claim: a folder in which another process is at work is refused."""
    job = Variants(SCENARIO, "two.yaml", "")
    sweep = Sweep(job, grid(["agents.team.count=3..5"]), tmp_path / "o")
    code = (
        "import sys; from pathlib import Path; from sim.experiment.sweep import *;"
        "from sim.experiment.design import grid; from tests.experiment.test_sweep import SCENARIO\n"
        "Sweep(Variants(SCENARIO, 'two.yaml', ''), grid(['agents.team.count=3..5']),"
        " Path(sys.argv[1]))"
    )
    tried = [sys.executable, "-c", code, str(tmp_path / "o")]
    root = Path(__file__).parents[2]
    done = subprocess.run(tried, cwd=root, capture_output=True, text=True, check=False)
    assert f"{OtherSweepError.__name__}: another process is at work" in done.stderr
    sweep.store.close()
    assert subprocess.run(tried, cwd=root, check=False).returncode == 0


def test_a_bad_point_does_not_end_the_rest(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: a combination that is no scenario gets a row with the reason; the others are there;
    it is told at the end, each time, with 2."""
    out = tmp_path / "out"
    command = ["sweep", str(path), "--set", "agents.team.count=3,-1,4", "--out", str(out)]
    for _ in range(2):
        assert main([*command, "--json"]) == 2
        shown = capsys.readouterr()
        assert "1 point of 3 can't be simulated:\n  agents.team.count=-1: " in shown.err
        (bad,) = json.loads(shown.out)["bad_points"]
        assert (bad["point"], bad["settings"]) == (2, {"agents.team.count": "-1"})
    table = pd.read_csv(out / "sweep.csv")
    assert table["agents.team.count"].tolist() == [3, 3, 3, -1, 4, 4, 4]
    assert table["error"].notna().tolist() == [False] * 3 + [True] + [False] * 3
    assert table["queue"].isna().tolist() == table["error"].notna().tolist()


def test_only_bad_points_are_bad_input(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: a path that leads nowhere at any point is refused at once, and makes no folder."""
    out = tmp_path / "out"
    assert main(["sweep", str(path), "--set", "agents.team1.count=3,4", "--out", str(out)]) == 2
    assert "did you mean `team`" in capsys.readouterr().err
    assert not out.exists()


def test_spoilt_files_are_made_again(path: Path, tmp_path: Path) -> None:
    """Claim: a kept file that can't be read costs its own points, no more."""
    out = tmp_path / "out"
    command = ["sweep", str(path), *GRID, "--out", str(out)]
    assert main(command) == 0
    before = content(out)
    for name in FILES:
        (out / name).unlink()
    part = min((out / "points").iterdir())
    part.write_bytes(part.read_bytes()[:-20])
    (out / ".callsim-1-sweep.csv").write_text("half")
    assert main(command) == 0
    assert content(out) == before
    assert not list(out.glob(".callsim-1*"))


def test_failures_keep_what_is_finished(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: a failure at the third point is 3 and named; the first two are not done again."""
    out = tmp_path / "out"
    whole = Variants.whole
    seen: list[int] = []
    fails_still = True

    def fails(self: Variants, gathered: Any, scenario: Any) -> Any:
        seen.append(scenario.agents[0].count)
        if scenario.agents[0].count == 5 and fails_still:
            raise MemoryError
        return whole(self, gathered, scenario)

    monkeypatch.setattr(Variants, "whole", fails)
    command = ["sweep", str(path), "--set", "agents.team.count=3..6", "--out", str(out)]
    assert main([*command, "--workers", "1"]) == 3
    err = capsys.readouterr().err
    assert PieceFailedError.__name__ in err
    assert "point 3 (agents.team.count=5): out of memory" in err
    assert seen[:2] == [3, 4]
    fails_still = False
    del seen[:]
    assert main([*command, "--workers", "1"]) == 0
    assert seen == [5, 6]
    assert "2 of 4 points were there already" in capsys.readouterr().err


def in_a_session(command: list[str]) -> None:
    """Run the program in a process group of its own, silently."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os._exit(main(command))


def killed_and_resumed(command: list[str], chance: random.Random, longest_s: float) -> int:
    """Kill the command ten times at random, then let it finish; how often it was cut short."""
    cut = 0
    start = multiprocessing.get_context("fork")
    for _ in range(10):
        process = start.Process(target=in_a_session, args=(command,))
        process.start()
        process.join(chance.uniform(0.0, longest_s))
        cut += process.exitcode is None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
    assert main(command) == 0
    return cut


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked")
@pytest.mark.parametrize(
    "points", [120, pytest.param(500, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
def test_killed_ten_times(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, points: int
) -> None:
    """Claim: killed ten times at random, with its workers, and resumed: the same bytes as left
    alone, no point lost or doubled."""
    grid_of = ["--set", f"seed=1..{points}", "--set", "queues.a.max_waiting=3", "--workers", "2"]
    common = ["sweep", str(path), *grid_of, "--horizon", "2d"]
    begin = time.monotonic()
    assert main([*common, "--out", str(tmp_path / "alone")]) == 0
    alone_s = time.monotonic() - begin
    monkeypatch.setattr("sim.experiment.store._FLUSH_S", alone_s / 100)
    command = [*common, "--out", str(tmp_path / "killed")]
    assert killed_and_resumed(command, random.Random(points), alone_s / 8) >= 5
    assert content(tmp_path / "killed") == content(tmp_path / "alone")
    kept = [
        point
        for part in (tmp_path / "killed" / "points").iterdir()
        for point in json.loads(gzip.decompress(part.read_bytes()))["points"]
    ]
    assert sorted(map(int, kept)) == list(range(points))


def test_an_interrupted_sweep_goes_on(path: Path, tmp_path: Path) -> None:
    """Claim: Ctrl-C ends with 130 and keeps what was finished; the rest is done the next time."""
    command = ["sweep", str(path), "--set", "seed=1..20000", "--out", str(tmp_path / "o")]
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    end = time.monotonic() + 60
    while not list((tmp_path / "o").glob("points/*.gz")) and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, "")
    assert err.endswith("\nInterrupted.\n") and "Traceback" not in err
    job = Variants(SCENARIO, str(path), str(path.parent.resolve()))
    sweep = Sweep(job, grid(["seed=1..20000"]), tmp_path / "o")
    assert 0 < sweep.n_kept < 20000
    sweep.store.close()


def test_excel(path: Path, tmp_path: Path) -> None:
    """Claim: --excel adds a workbook with the rows of the CSV."""
    out = tmp_path / "out"
    assert main(["sweep", str(path), *GRID, "--out", str(out), "--excel"]) == 0
    sheet = openpyxl.load_workbook(out / "sweep.xlsx").worksheets[0]
    with open(out / "sweep.csv", encoding="utf-8", newline="") as text:
        rows = list(csv.reader(text))
    assert [cell.value for cell in sheet[1]] == rows[0]
    assert sheet.max_row == len(rows) > 1


def test_a_dry_run(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Claim: --dry-run tells points and calls (90 an hour and replication), and makes nothing."""
    out = tmp_path / "out"
    command = ["sweep", str(path), *GRID, "--out", str(out), "--dry-run"]
    assert main(command) == 0
    assert capsys.readouterr().out.startswith("6 points: about 2,160 calls, ")
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["points"] == 6 and told["expected_bytes"] > 0 and told["expected_s"] > 0
    assert not out.exists()


def test_compiling_is_told_of(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: a line if any of some points needs it, as `run` has; none when there is nothing left
    to be simulated, and none for SimPy."""
    monkeypatch.setattr("sim.engine.compiled.is_compiled", lambda _, name: name == "run_lean")
    monkeypatch.setattr("sim.engine.compiled.NAMES", ["run_lean", "run_whole", "run_full"])
    command = ["sweep", str(path), "--set", "agents.team.shrinkage=0,0.1", "--replications", "1"]
    out = ["--out", str(tmp_path / "out")]
    for more, lines in (
        (["--engine", "simpy", "--out", str(tmp_path / "s")], 0),
        (out, 1),
        (out, 0),
    ):
        assert main([*command, *more]) == 0
        assert capsys.readouterr().err.count("compiling the engine") == lines


def test_lines_of_progress(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Claim: where nobody watches, a line now and then tells points and the time left; not
    under -q."""
    monkeypatch.setattr("sim.cli.progress.EVERY_S", 0.0)
    for quiet in ([], ["-q"]):
        command = ["sweep", str(path), *GRID, "--out", str(tmp_path / f"o{len(quiet)}"), *quiet]
        assert main(command) == 0
        lines = capsys.readouterr().err.splitlines()
        assert bool(lines) is not bool(quiet)
        assert all(line.startswith("Points: ") and " of 6" in line for line in lines)


def test_a_sample_is_the_same_each_time(path: Path, tmp_path: Path) -> None:
    """Claim: the seed decides the sample; the file's seed counts like the option's."""
    command = ["sweep", str(path), "--set", "queues.a.arrivals.rate=0.5/min..2/min", "--sample"]
    for name, more in (("a", []), ("b", ["--seed", "1"]), ("c", ["--seed", "2"])):
        assert main([*command, "sobol:5", "--out", str(tmp_path / name), *more]) == 0
    assert content(tmp_path / "a") == content(tmp_path / "b")
    rates = [
        pd.read_csv(tmp_path / name / "sweep.csv")["queues.a.arrivals.rate"].tolist()
        for name in "ac"
    ]
    assert len(set(rates[0])) == 5 and rates[0] != rates[1]
