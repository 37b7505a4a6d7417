"""Recorded calls: what a file may look like, whose calls they are, and how long it all lasts."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
import time
from array import array
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.scenario.behaviour import RecordedArrivals
from sim.scenario.dump import dump_scenario
from sim.scenario.errors import ScenarioError
from sim.scenario.limits import expected_calls
from sim.scenario.lint import lint
from sim.scenario.load import loads_scenario
from sim.scenario.model import Scenario

NAN = math.nan


def load(folder: Path, file: str = "c.csv", top: str = "", more: str = "") -> Scenario:
    """Queue `a` with id `q-1`, whose calls are those of a file; from Monday 09:00."""
    return loads_scenario(
        f"start: 2026-11-23 09:00\n{top}\nqueues:\n"
        f"  - {{name: a, id: q-1, arrivals: {{recorded: {file}{more}}}, service_time: 3min}}\n"
        "agents: [{name: t}]\n",
        folder=folder,
    )


def calls(folder: Path, content: str, more: str = "", top: str = "") -> RecordedArrivals:
    (folder / "c.csv").write_text(content)
    found = load(folder, more=more, top=top).queues[0].arrivals
    assert isinstance(found, RecordedArrivals)
    return found


@pytest.mark.parametrize(
    "content",
    [
        "time\n1.5\n90\n3600\n",
        "1.5\n90\n3600\n",
        "Arrival;x\n1,5;a\n90;b\n3600;c\n",
        "time,queue\n1.5,a\n90,q-1\n7,b\n3600,a\n",
        "arrival\tskill\n1500ms\ta\n1min30s\ta\n1h\ta\n",
        "time\n09:00:01.5\n09:01:30\n10:00\n",
        "time\n2026-11-23 09:00:01.500\n2026-11-23T09:01:30\n2026-11-23 10:00\n",
        "time\r\n3600\r\n1.5\r\n90\r\n",
        "time,attempt,parent\n90,1,\n99,2,5\n3600,1,\n1.5,1,\n98,1,4\n",
        "replication,time\n0,90\n1,5\n0,1.5\n0,3600\n",
    ],
)
def test_times(tmp_path: Path, content: str) -> None:
    """Numbers, durations, times of day and dates; sorted; of this queue; first attempts."""
    assert calls(tmp_path, content) == RecordedArrivals([1.5, 90.0, 3600.0])


def test_service_and_patience(tmp_path: Path) -> None:
    """Seconds or durations; an empty cell is drawn, an empty column is none; ties keep order."""
    content = "time,service,patience\n5,2min,\n3,,\n5,7,\n"
    found = calls(tmp_path, content)
    assert found == RecordedArrivals([3.0, 5.0, 5.0], [NAN, 120.0, 7.0])
    assert found.patience_s is None
    content = "time,service_time,patience\n5,,1\n"
    assert calls(tmp_path, content) == RecordedArrivals([5.0], None, [1.0])


def test_columns_by_name_and_number(tmp_path: Path) -> None:
    """Columns can be named; then no other header is looked for."""
    content = "id,Beginn,Talk,time\n1,10,5,0\n2,20,6,0\n"
    found = calls(tmp_path, content, ", columns: {time: beginn, service: 3}")
    assert found == RecordedArrivals([10.0, 20.0], [5.0, 6.0])
    with pytest.raises(ScenarioError, match="did you mean `Beginn`"):
        calls(tmp_path, content, ", columns: {time: begin}")


def test_clock_times_go_on_after_midnight(tmp_path: Path) -> None:
    """A time of day before the start's is on the next day."""
    assert calls(tmp_path, "time\n23:00\n01:00\n") == RecordedArrivals([14 * 3600.0, 16 * 3600.0])


def test_zones(tmp_path: Path) -> None:
    """A time with a zone is that instant, if the scenario knows its own zone."""
    content = "time\n2026-11-23T08:00:01Z\n2026-11-23T10:00:02+0100\n"
    found = calls(tmp_path, content, top="time_zone: Europe/Berlin")
    assert found == RecordedArrivals([1.0, 3602.0])
    with pytest.raises(ScenarioError, match="needs `time_zone`"):
        calls(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "fragment", "line", "column"),
    [
        ("time\n5\n-1\n", "must not be negative", 3, 1),
        ("time\n5\nnan\n", "not a number (NaN)", 3, 1),
        ("time\ninf\n", "longer than 1000 years", 2, 1),
        ("time,service\n5,1\n6,-2\n", "must not be negative", 3, 3),
        ("time,service\n5,NaN\n", "not a number (NaN)", 2, 3),
        ("time,service,patience\n5,1,5 parsecs\n", "unknown unit", 2, 5),
        ("time,service\n,1\n", "column 1 of this line is empty", 2, 1),
        ("time\nlater\n", "expected a duration", 2, 1),
        ("time\n08:59:60.5\n2026-11-23 08:59\n", "before the scenario's `start`", 3, 1),
        ("time\n09:75\n", "there is no time of day", 2, 1),
        ("time\n2026-02-30 09:00\n", "there is no date", 2, 1),
        ("when\n09:00\n", "no column for `time`", 1, 1),
        ("time\n", "the table has no rows", 1, 1),
    ],
)
def test_bad_rows(tmp_path: Path, content: str, fragment: str, line: int, column: int) -> None:
    """An error names file, line and column, below the scenario's path."""
    with pytest.raises(ScenarioError) as caught:
        calls(tmp_path, content)
    (problem,) = caught.value.problems
    assert fragment in problem.message, problem.message
    assert problem.file.endswith("c.csv") and problem.path == "queues[0].arrivals"
    assert (problem.line, problem.column) == (line, column)


def test_a_queue_without_calls(tmp_path: Path) -> None:
    """A file that holds no call of the queue is refused, at the scenario's line."""
    with pytest.raises(ScenarioError, match="no row of the file is of the queue `a`"):
        calls(tmp_path, "time,queue\n5,b\n")


def test_times_of_day_need_a_start(tmp_path: Path) -> None:
    """Without `start` there are only numbers and durations."""
    (tmp_path / "c.csv").write_text("time\n09:00\n")
    with pytest.raises(ScenarioError, match="needs `start`"):
        loads_scenario(
            "agents: []\nqueues:\n  - {name: a, arrivals: {recorded: c.csv}, service_time: 1s}\n",
            folder=tmp_path,
        )


@pytest.mark.parametrize(("last", "horizon"), [(0, 1800), (1799, 1800), (1800, 3600), (7000, 7200)])
def test_horizon(tmp_path: Path, last: int, horizon: float) -> None:
    """Left out, it is the end of the interval of the last call of all queues."""
    (tmp_path / "c.csv").write_text(f"time,queue\n0,a\n{last},b\n")
    text = (
        "queues:\n  - {name: a, arrivals: {recorded: c.csv}, service_time: 1s}\n"
        "  - {name: b, arrivals: {recorded: c.csv}, service_time: 1s}\n"
        "  - {name: c, arrivals: {rate: 1/h}, service_time: 1s}\nagents: []\n"
    )
    assert loads_scenario(text, folder=tmp_path).horizon_s == horizon
    with pytest.raises(ScenarioError, match="shorter than the horizon"):
        loads_scenario(text + "warmup: 2h\n", folder=tmp_path)


def test_horizon_without_any_call() -> None:
    """A recording without calls tells no horizon."""
    text = "queues: [{name: a, arrivals: {recorded: []}, service_time: 1s}]\nagents: []\n"
    with pytest.raises(ScenarioError, match="`horizon` is required"):
        loads_scenario(text)
    assert loads_scenario("horizon: 1h\n" + text).queues[0].arrivals == RecordedArrivals(())


def test_calls_after_the_horizon(tmp_path: Path) -> None:
    """They do not count, and a warning says how many there are."""
    (tmp_path / "c.csv").write_text("time\n10\n3600\n4000\n")
    scenario = load(tmp_path, top="horizon: 1h")
    assert expected_calls(scenario.queues[0].arrivals, scenario.horizon_s) == 1
    (warning,) = lint(scenario)
    assert warning.code == "recorded-after-horizon" and "2 of the 3" in warning.message


def test_our_own_log(tmp_path: Path) -> None:
    """`calls.parquet` as a run writes it: replication 0, first attempts, no parents, this queue."""
    table = pa.table(
        {
            "replication": pa.array([0, 0, 0, 0, 0, 1], pa.int64()),
            "call": pa.array([0, 1, 2, 3, 4, 0], pa.int64()),
            "queue": pa.array(["a", "b", "a", "a", "a", "a"]).dictionary_encode(),
            "arrival": [1.25, 2.0, 3.0, 4.0, 5.0, 1.0],
            "service": pa.array([None, 9.0, 60.5, 8.0, 7.0, 6.0], pa.float64()),
            "attempt": pa.array([1, 1, 1, 2, 1, 1], pa.int64()),
            "parent": pa.array([None, None, None, 0, 2, None], pa.int64()),
            "outcome": ["abandoned", "done", "done", "done", "done", "done"],
        }
    )
    pq.write_table(table, tmp_path / "calls.parquet", compression="zstd")
    scenario = load(tmp_path, "calls.parquet")
    assert scenario.queues[0].arrivals == RecordedArrivals([1.25, 3.0], [NAN, 60.5])
    assert scenario.horizon_s == 1800.0


def test_kinds_of_parquet_columns(tmp_path: Path) -> None:
    """Whole numbers, moments with and without a zone, text, and lengths of time."""
    at = [datetime(2026, 11, 23, 9, 0, 1, 500000), datetime(2026, 11, 23, 10)]
    zoned = pa.array([t - timedelta(hours=1) for t in at], pa.timestamp("ms", "UTC"))
    columns = {
        "float": (pa.array([1.5, 3600.0]), ""),
        "text": (pa.array(["1500ms", "3600"]), ""),
        "stamp": (pa.array(at, pa.timestamp("ns")), ""),
        "zone": (zoned, "time_zone: Europe/Berlin"),
        "clock": (pa.array([t.time() for t in at], pa.time64("us")), ""),
    }
    lengths = pa.array([timedelta(seconds=2.5), None], pa.duration("ns"))
    for name, (column, top) in columns.items():
        pq.write_table(pa.table({"time": column, "service": lengths}), tmp_path / f"{name}.pq")
        found = load(tmp_path, f"{name}.pq", top).queues[0].arrivals
        assert found == RecordedArrivals([1.5, 3600.0], [2.5, NAN]), name


@pytest.mark.parametrize(
    ("table", "fragment"),
    [
        ({"time": [1.0, -1.0]}, "row 2, column `time`: must not be negative"),
        ({"time": [1.0, NAN]}, "row 2, column `time`: not a number"),
        ({"time": [1.0, None]}, "row 2, column `time`: the time is missing"),
        ({"time": [1.0], "patience": [-3]}, "row 1, column `patience`"),
        ({"when": [1.0]}, "no column for `time`: the columns are `when`"),
        ({"time": pa.array([], pa.float64())}, "no calls in it"),
        ({"time": ["soon"]}, "expected a duration"),
    ],
)
def test_bad_parquet(tmp_path: Path, table: dict[str, object], fragment: str) -> None:
    """An error names the file and the row."""
    pq.write_table(pa.table(table), tmp_path / "c.parquet")
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path, "c.parquet")
    (problem,) = caught.value.problems
    assert fragment in problem.message and problem.file.endswith("c.parquet")


def test_what_only_looks_like_parquet(tmp_path: Path) -> None:
    """A broken file is one clear error."""
    (tmp_path / "c.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(ScenarioError, match="can't be read as parquet"):
        load(tmp_path, "c.parquet")
    (tmp_path / "c.parquet").write_bytes(b"\0\1\2")
    with pytest.raises(ScenarioError, match="binary file"):
        load(tmp_path, "c.parquet")


def test_written_out() -> None:
    """Calls in the scenario itself, sorted, what is missing drawn."""
    text = (
        "start: 2026-11-23 09:00\nagents: []\nqueues:\n  - name: a\n    service_time: 1s\n"
        "    arrivals: {recorded: [{time: 09:10, service: 5s}, {time: 3s}]}\n"
    )
    scenario = loads_scenario(text)
    assert scenario.queues[0].arrivals == RecordedArrivals([3.0, 600.0], [NAN, 5.0])
    assert loads_scenario(dump_scenario(scenario)) == scenario


def test_the_dump_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dump can be loaded from anywhere, with the same hash, however the file was named."""
    (tmp_path / "c.csv").write_text("t,q,service\n5,q-1,3\n9,a,\n1,b,\n")
    monkeypatch.chdir(tmp_path)
    scenario = load(Path(), more=", columns: {time: t, queue: 2}")
    again = loads_scenario(dump_scenario(scenario), folder="/")
    assert again == scenario and again.sha256 == scenario.sha256
    assert dump_scenario(again) == dump_scenario(scenario)
    (tmp_path / "c.csv").write_text("t,q,service\n5,q-1,3\n9,a,\n2,b,\n")
    assert load(tmp_path, more=", columns: {time: t, queue: 2}").sha256 != scenario.sha256


def test_as_values() -> None:
    """Calls can be compared bit by bit, hashed and sent to another process."""
    one = RecordedArrivals((1.0, 2.0), (NAN, 3.0))
    assert one == RecordedArrivals(array("d", [1.0, 2.0]), [NAN, 3.0], file="elsewhere")
    assert hash(one) == hash(pickle.loads(pickle.dumps(one)))
    assert pickle.loads(pickle.dumps(one)) == one
    assert one != RecordedArrivals((1.0, 2.0), (NAN, 3.0), (NAN, 1.0))
    assert one != RecordedArrivals((1.0, 2.0)) and one != (1.0, 2.0)


def test_a_file_of_many_calls(tmp_path: Path) -> None:
    """A quarter of a million rows for two queues take a few seconds: the file is read once."""
    rows = "".join(f"{i * 0.1:.1f},{'ab'[i % 2]},{i % 300}\n" for i in range(250_000))
    (tmp_path / "c.csv").write_text("time,queue,service\n" + rows)
    text = "queues:\n" + "".join(
        f"  - {{name: {name}, arrivals: {{recorded: c.csv}}, service_time: 1s}}\n" for name in "ab"
    )
    begun = time.perf_counter()
    scenario = loads_scenario(text + "agents: []\n", folder=tmp_path)
    assert time.perf_counter() - begun < 10
    assert [len(q.arrivals.times_s) for q in scenario.queues] == [125_000] * 2  # type: ignore[union-attr]


def test_csv_needs_no_pyarrow(tmp_path: Path) -> None:
    """Reading a recording as CSV loads no heavy package."""
    (tmp_path / "c.csv").write_text("time\n5\n")
    code = (
        "import sys\nfrom sim.scenario.load import loads_scenario\n"
        "loads_scenario('{agents: [], queues: [{name: a, service_time: 1s, arrivals: "
        "{recorded: c.csv}}]}', folder=sys.argv[1])\n"
        "assert not {'numpy', 'pandas', 'pyarrow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
