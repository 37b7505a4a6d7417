"""Opening a result: what it is, what lies beside it, and clear words for what is no result."""

from __future__ import annotations

import io
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.report.folder import write_folder
from sim.report.saved import Kind, NotAResultError, Saved, open_result
from tests.report.figures.made import compared, plain, run_of, sweep_folder, text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `run --out` writes, without --intervals."""
    out = tmp_path_factory.mktemp("run")
    write_folder(plain().result, out, with_intervals=False)
    return out


def without_half_widths(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of the document as a CSV file can hold them."""
    kept = []
    for row in rows:
        metrics = {n: e | {"half_width": None} for n, e in row["metrics"].items()}
        counts = {"counts": row["counts"] | row["abandoned_by_cause"]} if "counts" in row else {}
        left = {k: v for k, v in row.items() if k not in ("abandoned_by_cause", "counts")}
        kept.append(left | counts | {"metrics": metrics})
    return kept


def test_a_folder_has_the_document_and_what_lies_beside_it(folder: Path) -> None:
    """By its path, by that of its result.json, as text or Path."""
    for where in (folder, str(folder), folder / "result.json"):
        saved = open_result(where)
        assert saved.kind is Kind.RUN and saved.folder == folder
        assert saved.document["queues"] == plain().document["queues"]
        assert saved.has_calls and saved.has_scenario and not saved.has_table
        assert saved.scenario == plain().result.scenario


def test_intervals_come_from_the_csv_files_to_the_last_bit(folder: Path) -> None:
    """What the document without --intervals lacks is the same as it would have been there."""
    saved = open_result(folder)
    assert "intervals" not in saved.document
    document = plain().document
    expected = without_half_widths(document["intervals"])
    assert saved.intervals is not None and len(saved.intervals) == len(expected)
    for found, row in zip(saved.intervals, expected, strict=True):
        assert found["metrics"] == row["metrics"]
        assert {**row["counts"], **found["counts"]} == row["counts"]
        assert (found["queue"], found["start_s"], found["end_s"]) == (
            row["queue"], row["start_s"], row["end_s"],
        )  # fmt: skip
    together = [{"agents": None, **row} for row in document["all_agents_intervals"]]
    groups = without_half_widths([*document["agent_intervals"], *together])
    assert saved.agent_intervals == [{"counts": {}} | row for row in groups]
    in_memory = open_result(plain()).agent_intervals
    assert in_memory == [*document["agent_intervals"], *together]


def test_names_that_a_csv_file_makes_safe_come_back(tmp_path: Path) -> None:
    """A queue called like a formula has its own name again."""
    names = ("=1+1", "-a", "total agents")
    write_folder(run_of(text(names)).result, tmp_path / "out", with_intervals=False)
    saved = open_result(tmp_path / "out")
    assert saved.intervals is not None and saved.agent_intervals is not None
    assert list(dict.fromkeys(row["queue"] for row in saved.intervals)) == [*names, "total"]
    assert list(dict.fromkeys(row["agents"] for row in saved.agent_intervals)) == [*names, None]


def test_calls_are_the_same_from_a_folder_and_from_memory(folder: Path) -> None:
    """Only the columns that were asked for, NaN and None where there is nothing."""
    columns = ("replication", "queue", "arrival", "answer", "cause", "agent")
    found, expected = (open_result(each).calls(columns) for each in (folder, plain()))
    assert list(found) == list(columns)
    for name in columns:
        np.testing.assert_array_equal(found[name], expected[name])


def test_results_in_memory_and_documents(tmp_path: Path) -> None:
    """What sim.run and sim.compare return, a document, an opened result itself."""
    assert open_result(plain()).in_memory is plain().result
    assert open_result(compared()).kind is Kind.COMPARISON
    saved = open_result(plain().document)
    assert saved.kind is Kind.RUN and not saved.has_calls and saved.scenario is None
    assert open_result(saved) is saved
    path = tmp_path / "comparison.json"
    path.write_text(json.dumps(compared().document), "utf-8")
    assert open_result(path).document == compared().document
    with pytest.raises(NotAResultError, match="run SCENARIO --out DIR keeps them"):
        saved.calls(["queue"])


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` reads a document, if there is a standard input."""
    content = io.BytesIO(json.dumps(plain().document).encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(content))
    assert open_result("-").document == plain().document
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(NotAResultError, match="closed"):
        open_result("-")


def test_a_sweep(tmp_path: Path) -> None:
    """Its folder, its manifest, or what `sweep --json` prints; rows in the table's order."""
    folder = sweep_folder(tmp_path, "agents.a.count=1,2")
    told = {"format": "callsim.sweep/1", "scenario": "a", "paths": ["agents.a.count"],
            "files": [str(folder / "sweep.parquet")]}  # fmt: skip
    path = tmp_path / "told.json"
    path.write_text(json.dumps(told), "utf-8")
    for where in (folder, folder / "sweep.json", path):
        saved = open_result(where)
        assert saved.kind is Kind.SWEEP and saved.has_table
        assert saved.sweep_table()["agents.a.count"].tolist() == [1, 1, 1, 2, 2, 2]
    assert open_result(folder).document["replications"] == 3
    (folder / "sweep.parquet").unlink()
    with pytest.raises(NotAResultError, match="same `sweep` command again"):
        open_result(folder).sweep_table()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b"horizon: 8h", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[1]", "is no result"),
        (b"{}", "`format` must be one of callsim.result/1"),
        (b'{"format": "callsim.trace/1"}', "found 'callsim.trace/1'"),
        (b'{"format": 7}', "found '7'"),
        (b'{"format": "callsim.result/2"}', "another version of callsim"),
        (b'{"format": "callsim.result/1"}', "lacks `queues`"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """With the file's name and what a result is."""
    path = tmp_path / "some.json"
    path.write_bytes(content)
    with pytest.raises(NotAResultError, match=message) as caught:
        open_result(path)
    assert str(path) in str(caught.value)


def test_other_places_and_things_are_refused(tmp_path: Path, folder: Path) -> None:
    """Nothing there, an empty folder, spoilt files beside the document, no result at all."""
    with pytest.raises(NotAResultError, match="no such file or folder"):
        open_result(tmp_path / "nothing")
    with pytest.raises(NotAResultError, match="holds no result"):
        open_result(tmp_path)
    with pytest.raises(NotAResultError, match="found <class 'float'>"):
        open_result(math.pi)
    spoilt = tmp_path / "spoilt"
    spoilt.mkdir()
    (spoilt / "result.json").write_bytes((folder / "result.json").read_bytes())
    (spoilt / "calls.parquet").write_bytes(b"PAR1")
    (spoilt / "scenario.yaml").write_text("horizon: no", "utf-8")
    (spoilt / "intervals.csv").write_text("queue,start_s\na,b\n", "utf-8")
    saved = open_result(spoilt)
    with pytest.raises(NotAResultError, match=r"calls\.parquet can't be read"):
        saved.calls(["queue"])
    with pytest.raises(NotAResultError, match="is not the scenario that was run"):
        assert saved.scenario
    with pytest.raises(NotAResultError, match="is not what `run --out` wrote"):
        assert saved.intervals
    (spoilt / "intervals.csv").write_text("queue,start_s\na,1.0\n", "utf-8")
    with pytest.raises(NotAResultError, match="don't belong to the result"):
        assert Saved(saved.kind, saved.document, "it", spoilt).intervals


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"queues": "x"}, "`queues` must be a list, found 'x'"),
        ({"replications": "many"}, "`replications` must be a whole number from 1, found 'many'"),
        ({"replications": 0}, "from 1, found '0'"),
        ({"total": []}, "`total` must be an object"),
        ({"waits": [{"queue": "a", "edges_s": None}]}, r"`waits\[0\].edges_s` must be a list"),
        (
            {"confidence": math.nan, "agents": 1},
            "`confidence` must be a number.*`agents` must be a list",
        ),
        (
            {"agents": [{"metrics": {"occupancy": 1}}]},
            r"`agents\[0\].metrics.occupancy` must be an",
        ),
    ],
)
def test_a_document_of_another_shape_is_refused(changes: dict[str, Any], message: str) -> None:
    """Where it is wrong, what is expected and what was found, for all that is wrong."""
    with pytest.raises(NotAResultError, match=message):
        open_result({**plain().document, **changes})


def test_whole_documents_have_the_shape() -> None:
    """Every kind of document as the program writes it is opened."""
    precise = sim.run(sim.loads(text()), precision="total.abandonment=50%", engine="simpy")
    for document in (plain().document, compared().document, precise.document):
        assert open_result(json.loads(json.dumps(document))).document == document
