"""What a run hands over is the same with either engine and any number of workers."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fuzz.generate import case
from sim.experiment.result import Result
from sim.experiment.run import run
from sim.report.folder import write_folder
from sim.scenario.load import load_scenario
from sim.scenario.model import Scenario

ROOT = Path(__file__).parents[2]
WAYS = [("simpy", 1), ("simpy", 2), ("compiled", 1), ("compiled", 2)]
NAMES = ("day", "by_hand", "platform", "overflow", "shift_plan", "now", "0", "1")
OWN = ("engine", "elapsed_s")
"""What may differ between two documents of one scenario."""


def scenario(name: str) -> Scenario:
    """A shipped scenario, or a made one by its number."""
    if name.isdecimal():
        return case(11, int(name), "medium").scenario
    return load_scenario(ROOT / "scenarios" / f"{name}.yaml", ["replications=3"])


@cache
def result(name: str, engine: str, workers: int) -> Result:
    return run(scenario(name), engine=engine, workers=workers, intervals=True, log=True)


def common(document: dict[str, Any]) -> str:
    """The document but for what may differ, as text: every digit of every number."""
    assert set(OWN) <= set(document)
    return json.dumps({key: value for key, value in document.items() if key not in OWN})


@pytest.mark.parametrize("name", NAMES)
def test_documents_and_files(name: str, tmp_path: Path) -> None:
    """Claim: the documents are equal but for engine and time; so are all files' bytes."""
    results = [result(name, engine, workers) for engine, workers in WAYS]
    assert [made.engine for made in results] == [engine for engine, _ in WAYS]
    for with_intervals in (False, True):
        documents = {common(made.document(with_intervals=with_intervals)) for made in results}
        assert len(documents) == 1
    files = []
    for way, made in enumerate(results):
        folder = tmp_path / str(way)
        write_folder(made, folder)
        files.append(
            {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".json"}
        )
        assert common(json.loads((folder / "result.json").read_text())) == common(
            made.document(with_intervals=True)
        )
    assert "calls.parquet" in files[0]
    assert len(files[0]["calls.parquet"]) > 500
    for others in files[1:]:
        assert others == files[0]
