"""The longest wait of each interval, from the calls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.experiment.run import run
from sim.report.book.longest import longest_waits
from sim.report.saved import Kind, Saved, open_result
from sim.scenario.load import load_scenario, loads_scenario
from tests.report.book.conftest import SMALL

HAND = """
horizon: 20s
replications: 1
interval: 10s
queues:
  - {name: first, arrivals: {at: [0s, 1s, 12s]}, service_time: 100s, tags: [a],
     overflow: {after: 3s, to: second}}
  - {name: second, arrivals: {at: [11s]}, service_time: 100s, wait_timeout: 5s, tags: [b]}
agents: [{name: one, tags: [a]}]
"""


def opened(text: str) -> Saved:
    """A run with its calls, in memory."""
    made = run(loads_scenario(text), intervals=True, log=True)
    return Saved(Kind.RUN, made.document(with_intervals=True), in_memory=made)


def test_by_hand() -> None:
    """The first call is served at once. The others wait 3 s for an agent of `first`, then 5 s in
    `second`: joined there at 4 s and 15 s, lost after 8 s in all. The call at 11 s waits 5 s."""
    assert longest_waits(opened(HAND), [0.0, 10.0], 20.0) == {
        "first": [0.0, None],
        "second": [5.0, 5.0],
        "total": [8.0, 8.0],
    }


def test_the_warm_up_is_not_counted() -> None:
    """Only the call at 11 s, and that at 12 s, joined after 10 s."""
    assert longest_waits(opened("warmup: 10s\n" + HAND), [0.0, 10.0], 20.0) == {
        "first": [None, None],
        "second": [None, 5.0],
        "total": [None, 8.0],
    }


@pytest.mark.parametrize("name", ["support", "now"])
def test_the_longest_of_the_day_is_the_results(name: str) -> None:
    """Without overflow or retries every counted call joins before the horizon: the greatest of
    the intervals is the result's `wait_max_s`."""
    path = Path(__file__).parents[3] / "scenarios" / f"{name}.yaml"
    made = run(load_scenario(path, ["replications=2"]), intervals=True, log=True)
    saved = Saved(Kind.RUN, made.document(with_intervals=True), in_memory=made)
    rows = saved.document["intervals"]
    starts = sorted({row["start_s"] for row in rows})
    found = longest_waits(saved, starts, made.scenario.horizon_s)
    subjects = {row["name"]: row for row in saved.document["queues"]}
    for queue, row in {**subjects, "total": saved.document["total"]}.items():
        most = np.nanmax([np.nan if wait is None else wait for wait in found[queue]])
        assert most == pytest.approx(row["metrics"]["wait_max_s"]["value"], rel=1e-12)


def test_files_tell_the_same(small: Path) -> None:
    """calls.parquet gives what the log in memory gives; without calls there is nothing."""
    saved = open_result(small)
    starts = sorted({row["start_s"] for row in saved.document["intervals"]})
    assert longest_waits(saved, starts, 14400.0) == longest_waits(opened(SMALL), starts, 14400.0)
    assert longest_waits(open_result(saved.document), starts, 14400.0) == {}
