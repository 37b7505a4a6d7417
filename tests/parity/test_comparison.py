"""The comparison can fail: one bit changed anywhere is found. So can a run of the fuzzer."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fuzz.workers
from fuzz import compare
from fuzz.__main__ import main
from fuzz.compare import array_difference, differences
from fuzz.generate import case
from fuzz.shrink import shrunk
from sim.experiment.replicate import Replication, Replicator
from sim.logs import AgentLog, CallLog
from sim.scenario.load import load_scenario
from sim.scenario.model import Discipline, Scenario
from sim.sums import Sums

from .mutants import MISTAKES

PLACES = [
    (part, field.name)
    for part, record in {"sums": Sums, "calls": CallLog, "agents": AgentLog}.items()
    for field in fields(record)
]


@cache
def _scenario() -> Scenario:
    """One in which no array is empty."""
    for number in range(100):
        scenario = case(3, number, "medium").scenario
        ran = Replicator(scenario, keep_calls=True, keep_agents=True).run(1)
        if ran.calls and ran.agents and ran.sums.plays.size and ran.agents.agent.size:
            return scenario
    raise AssertionError("there is one")


def _flipped(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A copy in which the lowest bit of the last item is the other one."""
    raw = bytearray(array.tobytes())
    raw[-array.dtype.itemsize] ^= 1
    return np.frombuffer(bytes(raw), array.dtype).reshape(array.shape)


@pytest.mark.parametrize(("part", "name"), PLACES)
@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_a_bit_anywhere_is_found(
    part: str, name: str, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Claim: with the lowest bit of one value flipped in one engine's second replication, that
    value's array is named and nothing else."""

    class Flipping(Replicator):
        def __init__(self, scenario: Scenario, **how: Any) -> None:
            super().__init__(scenario, **how)
            self.flips = how["engine"] == engine and how.get("keep_calls", False)

        def run(self, index: int) -> Replication:
            ran = super().run(index)
            if not self.flips or index == 0:
                return ran
            record = getattr(ran, part)
            wrong = replace(record, **{name: _flipped(getattr(record, name))})
            return replace(ran, **{part: wrong})

    monkeypatch.setattr(compare, "Replicator", Flipping)
    told, _ = differences(_scenario(), intervals=True)
    assert told and all(f"{part}.{name}[" in text and "(1 differ)" in text for text in told)


def test_what_else_can_differ() -> None:
    """Claim: types and shapes differ too, also of empty arrays, and 0.0 is not -0.0."""
    floats = np.zeros(3)
    assert array_difference(floats, floats.copy()) is None
    assert array_difference(floats, -floats) == "[0]: 0.0, -0.0 (3 differ)"
    assert array_difference(floats, floats.astype(np.float32)) == ": type float64, float32"
    assert array_difference(floats[:0], floats[:0].astype(int)) == ": type float64, int64"
    assert array_difference(floats, floats.reshape(3, 1)) == ": shape (3,), (3, 1)"


def test_an_engine_that_fails_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claim: an exception is told as a difference."""

    def run(self: Replicator, index: int) -> Replication:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(Replicator, "run", run)
    assert differences(_scenario(), intervals=False)[0] == ["ZeroDivisionError: by zero"]


def test_a_failing_run_keeps_a_small_case(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Claim: with a mistake in one engine the run ends with 1, and the scenario that it keeps
    fails with the mistake, not without it, and is small."""
    with monkeypatch.context() as patch:
        MISTAKES["random-call"][1](patch)
        arguments = f"--first 15 --scenarios 2 --seed 7 --workers 1 --shrink 40 --cases {tmp_path}"
        assert main(arguments.split()) == 1
        assert "2 scenarios" in (printed := capsys.readouterr().out)
        assert " 0 differences" not in printed
        path = next(tmp_path.glob("seed7-*.yaml"))
        assert path.read_text().startswith("# Scenario ")
        kept = load_scenario(path)
        assert differences(kept, intervals=False)[0]
    assert not differences(kept, intervals=False)[0]
    assert len(kept.queues) == 1 and not kept.flows


def test_counts_do_not_depend_on_the_workers(capsys: pytest.CaptureFixture[str]) -> None:
    """Claim: one process or two, the same scenarios and calls."""
    printed = []
    for workers in (1, 2):
        assert main(["--scenarios", "20", "--seed", "5", "--workers", str(workers)]) == 0
        printed.append(capsys.readouterr().out.split(" (")[0])
    assert printed[0] == printed[1]
    assert printed[0].startswith("20 scenarios, ") and printed[0].endswith(" calls, 0 differences")


def test_a_lost_process_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Claim: when a process dies over a scenario, the run says which, keeps it and ends with 1."""
    if fuzz.workers.context().get_start_method() != "fork":
        pytest.skip("a patched worker needs fork")
    right = fuzz.workers.outcome

    def outcome(seed: int, number: int) -> fuzz.workers.Outcome:
        if number == 3:
            os._exit(9)
        return right(seed, number)

    monkeypatch.setattr(fuzz.workers, "outcome", outcome)
    assert main(f"--scenarios 8 --workers 2 --cases {tmp_path}".split()) == 1
    assert "scenario 3: the process ended with exit code 9" in capsys.readouterr().err
    assert load_scenario(tmp_path / "seed1-3.yaml") == case(1, 3).scenario


def test_shrinking_keeps_what_matters() -> None:
    """Claim: what has nothing to do with the failure goes, the rest stays."""
    start = next(
        made.scenario
        for made in (case(1, number) for number in range(1000))
        if len(made.scenario.queues) == 6
        and any(q.discipline is Discipline.LIFO and q.priority == 2 for q in made.scenario.queues)
    )

    def fails(scenario: Scenario) -> bool:
        return any(q.discipline is Discipline.LIFO and q.priority == 2 for q in scenario.queues)

    small = shrunk(start, fails, seconds=20)
    assert fails(small) and len(small.queues) == 1 and not small.flows
    assert small.queues[0].patience is None and small.agents[0].count <= 1
