"""A run's folder: each file whole or not there, nothing of another run overwritten unasked."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sim.report import folder
from sim.report.folder import FolderInUseError, check_folder, write_folder
from tests.report.samples import FakeResult, calls, document, estimate, group, interval

FILES = {
    "result.json", "calls.parquet", "intervals.csv", "agents.csv", "agent_intervals.csv",
    "scenario.yaml",
}  # fmt: skip
ROOT = Path(__file__).parents[2]


def result(**fields: Any) -> FakeResult:
    rows = [
        interval("support", 0.0, {"offered": 3, "serviced": 2}, asa_s=estimate(1.5, 0.5)),
        interval("support", 1800.0, {}, asa_s=estimate(None)),
        interval("total", 0.0, {"offered": 3, "serviced": 2}, asa_s=estimate(1.5)),
    ]
    return FakeResult(**({"intervals": rows} | fields))


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def test_the_folder_has_the_six_files_and_nothing_else(tmp_path: Path) -> None:
    """A new folder, with its parents, is made and holds exactly the six files."""
    out = tmp_path / "a" / "b"
    write_folder(result(), out)
    assert {path.name for path in out.iterdir()} == FILES
    assert out.joinpath("scenario.yaml").read_text("utf-8").strip()


def test_result_json_is_the_document(tmp_path: Path) -> None:
    """With or without intervals, as asked; intervals.csv is written either way."""
    made = result()
    write_folder(made, tmp_path / "with", with_intervals=True)
    write_folder(made, tmp_path / "without", with_intervals=False)
    assert json.loads((tmp_path / "with/result.json").read_text("utf-8")) == made.document(
        with_intervals=True
    )
    assert "intervals" not in json.loads((tmp_path / "without/result.json").read_text("utf-8"))
    assert len(read_csv(tmp_path / "without/intervals.csv")) == 3


def test_nan_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    """A document that is not JSON is an error, not a file."""
    with pytest.raises(ValueError, match="JSON"):
        write_folder(FakeResult(made=document(elapsed_s=math.nan)), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_call_log_keeps_its_types_and_nulls(tmp_path: Path) -> None:
    """Names are dictionary-encoded texts, seconds floats; what did not happen is null."""
    write_folder(result(), tmp_path / "out")
    table = pq.read_table(tmp_path / "out/calls.parquet")
    assert table.column_names == list(calls())
    assert table.column("queue").to_pylist() == ["support", "support", "=sales"]
    assert table.column("agent").to_pylist() == ["tier1[0]", None, "tier1[1]"]
    assert table.column("cause").to_pylist() == [None, "hangup", None]
    assert table.column("answer").to_pylist() == [1.0, None, 40.0]
    assert table.column("parent").to_pylist() == [None, None, 1]
    assert table.column("replication").to_pylist() == [0, 0, 0]
    assert str(table.schema.field("queue").type).startswith("dictionary<values=string")
    assert str(table.schema.field("arrival").type) == "double"
    metadata = pq.ParquetFile(tmp_path / "out/calls.parquet").metadata
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def test_an_empty_call_log_has_the_same_types(tmp_path: Path) -> None:
    """Without a call the columns and their types are the same."""
    write_folder(result(), tmp_path / "some")
    write_folder(result(log={k: v[:0] for k, v in calls().items()}), tmp_path / "none")
    some, none = (pq.read_table(tmp_path / name / "calls.parquet") for name in ("some", "none"))
    assert none.num_rows == 0
    assert none.schema == some.schema


def test_the_same_result_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two folders of one result are equal to the byte, in every file."""
    write_folder(result(), tmp_path / "a")
    write_folder(result(), tmp_path / "b")
    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_intervals_have_a_row_for_each_queue_and_interval(tmp_path: Path) -> None:
    """Counts, then each metric with its bounds; null is an empty cell."""
    write_folder(result(), tmp_path / "out")
    rows = read_csv(tmp_path / "out/intervals.csv")
    assert list(rows[0]) == [
        "queue", "start_s", "end_s", "offered", "serviced", "abandoned",
        "asa_s", "asa_s_low", "asa_s_high",
    ]  # fmt: skip
    assert [row["queue"] for row in rows] == ["support", "support", "total"]
    assert list(rows[0].values())[1:] == ["0.0", "1800.0", "3", "2", "0", "1.5", "1.0", "2.0"]
    assert [rows[1][key] for key in ("asa_s", "asa_s_low", "asa_s_high")] == ["", "", ""]
    assert [rows[2][key] for key in ("asa_s", "asa_s_low", "asa_s_high")] == ["1.5", "", ""]


def test_agents_have_a_row_for_each_group(tmp_path: Path) -> None:
    """Name, count, then each metric with its bounds."""
    made = document(agents=[group("a", 3), group("b", 0, occupancy=None)])
    write_folder(result(made=made), tmp_path / "out")
    rows = read_csv(tmp_path / "out/agents.csv")
    assert [(row["name"], row["count"]) for row in rows] == [("a", "3"), ("b", "0")]
    assert float(rows[0]["occupancy_low"]) == pytest.approx(0.835)
    assert rows[1]["occupancy"] == rows[1]["occupancy_low"] == ""
    assert {"utilisation", "calls_per_agent_high"} <= set(rows[0])


def test_grouped_metrics_are_columns_of_their_own() -> None:
    """The variants of the service level become `service_level_variants.NAME`."""
    variants = {"answered_of_incoming": estimate(0.8, 0.1), "answered_of_answered": None}
    row = interval("support", 0.0, {}, service_level_variants=variants)
    header, rows = folder.interval_rows({"intervals": [row]})
    cells = dict(zip(header, rows[0], strict=True))
    assert cells["service_level_variants.answered_of_incoming"] == 0.8
    assert cells["service_level_variants.answered_of_answered"] is None


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_name_is_never_a_formula(name: str) -> None:
    """A text that a spreadsheet would evaluate begins with an apostrophe; a number does not."""
    text = folder.csv_text(["name", "value"], [[name, -1.5]])
    (_, row) = csv.reader(io.StringIO(text, newline=""))
    assert row == ["'" + name.replace("\r", "\n"), "-1.5"]


def test_commas_quotes_and_other_scripts_survive() -> None:
    """What is written can be read back."""
    names = ['a,b"c', "支持", "two\nlines"]
    text = folder.csv_text(["name"], [[name] for name in names])
    assert [row[0] for row in csv.reader(io.StringIO(text))][1:] == names


@pytest.mark.parametrize("name", sorted(FILES))
def test_another_runs_files_are_not_overwritten(tmp_path: Path, name: str) -> None:
    """Any one of the five files is enough to refuse, and it stays as it was."""
    (tmp_path / name).write_text("precious")
    with pytest.raises(FolderInUseError, match=re.escape(name)):
        check_folder(tmp_path, force=False)
    with pytest.raises(FolderInUseError, match="--force"):
        write_folder(result(), tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: "precious"}


def test_force_replaces_all_and_keeps_strangers(tmp_path: Path) -> None:
    """With force the five files are the new run's; other files are left alone."""
    (tmp_path / "result.json").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    write_folder(result(), tmp_path, force=True)
    assert json.loads((tmp_path / "result.json").read_text("utf-8"))["seed"] == 7
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == FILES | {"notes.txt"}


def test_what_can_never_be_a_folder_is_refused(tmp_path: Path) -> None:
    """A file in the way, or a name that hides the package, is refused before the run."""
    (tmp_path / "file").write_text("")
    for bad in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "sim"):
        with pytest.raises(FolderInUseError):
            check_folder(bad, force=True)
    check_folder(tmp_path / "new" / "folder", force=False)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("broken", sorted(FILES))
def test_a_failure_leaves_the_old_run_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """If any file can't be written (a full disk), the older run's five stay as they were."""
    write_folder(result(), tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    real = os.fsync
    order = iter(folder.NAMES)

    def fsync(handle: int) -> None:
        if next(order) == broken:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space"):
        write_folder(result(made=document(seed=8)), tmp_path, force=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("renames", range(7))
def test_a_kill_leaves_no_half_file(tmp_path: Path, renames: int) -> None:
    """Killed before, between or after the renames: every final name is whole, and
    `result.json` is there only with all the others; a rerun clears what was left aside."""
    out = tmp_path / "out"
    script = f"""
        import os, signal
        from tests.report.test_folder import result, write_folder
        real, left = os.replace, [{renames}]
        def replace(source, target):
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            real(source, target)
        os.replace = replace
        write_folder(result(), {str(out)!r}, force=True)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, check=False, timeout=60
    )
    assert done.returncode == (-signal.SIGKILL if renames < 6 else 0)
    whole = tmp_path / "whole"
    write_folder(result(), whole)
    final = {path.name for path in out.iterdir() if not path.name.startswith(".")}
    assert len(final) == renames
    assert ("result.json" in final) == (final == FILES)
    for name in final:
        assert (out / name).read_bytes() == (whole / name).read_bytes()
    write_folder(result(), out, force=True)
    assert {path.name for path in out.iterdir()} == FILES


def test_an_unwritable_folder_is_refused_before_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing permission shows in the check, not after the simulation."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FolderInUseError, match="permission"):
        check_folder(tmp_path / "new", force=False)
