"""A command line whose scenario reader and simulator say what the test tells them to say."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pytest

from sim.cli.app import main
from sim.experiment import compiling, precision
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.model import Scenario
from tests.report.samples import COUNTS, FakeResult, scenario


@dataclasses.dataclass(frozen=True)
class Warned:
    """A lint warning."""

    code: str
    where: str
    message: str


@dataclasses.dataclass
class Program:
    """The program with a fake scenario reader and simulator, and what it asked them.

    `bad.yaml` can't be read. `fails` is raised by the simulator.
    """

    scenario: Scenario = dataclasses.field(default_factory=scenario)
    result: FakeResult = dataclasses.field(
        default_factory=lambda: FakeResult(counts=[COUNTS | {"incoming": 3}])
    )
    lint: list[Warned] = dataclasses.field(default_factory=list)
    fails: BaseException | None = None
    stories: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    loaded: list[tuple[str, list[str]]] = dataclasses.field(default_factory=list)
    simulated: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    traced: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def __call__(self, *arguments: str) -> int:
        return main(arguments)

    def load_scenario(self, path: str, overrides: Sequence[str]) -> Scenario:
        self.loaded.append((path, list(overrides)))
        if path == "bad.yaml":
            raise ScenarioError([Problem(path, 3, 5, "queues[0]", "is wrong", "  - no")])
        return self.scenario

    def run(
        self, scenario: Scenario, *, progress: Callable[[int, int], None] | None, **asked: Any
    ) -> FakeResult:
        self.simulated.append(asked | {"progress": progress})
        if progress is not None:
            progress(1, 2)
        if self.fails is not None:
            raise self.fails
        return self.result

    def trace_calls(self, scenario: Scenario, **asked: Any) -> list[dict[str, Any]]:
        self.traced.append(asked)
        if asked["call"] == 99:
            raise ValueError("there is no call 99")
        return self.stories


def fake_module(monkeypatch: pytest.MonkeyPatch, name: str, **content: Any) -> None:
    """Put a module of this name in place, also as its package's attribute."""
    module = ModuleType(name)
    for key, value in content.items():
        setattr(module, key, value)
    monkeypatch.setitem(sys.modules, name, module)
    package, _, short = name.rpartition(".")
    if package in sys.modules:
        monkeypatch.setattr(sys.modules[package], short, module, raising=False)


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    """The program, in this process."""
    made = Program()
    monkeypatch.delitem(sys.modules, "sim.cli.reading", raising=False)
    fake_module(monkeypatch, "sim.scenario.load", load_scenario=made.load_scenario)
    fake_module(monkeypatch, "sim.scenario.lint", lint=lambda _: tuple(made.lint))
    fake_module(monkeypatch, "sim.scenario.dump", dump_scenario=lambda item: f"name: {item.name}\n")
    fake_module(monkeypatch, "sim.scenario.schema", json_schema=lambda: {"title": "支持"})
    texts = {"support": "# support\n", "airline": "# airline\n"}
    fake_module(
        monkeypatch,
        "sim.scenario.templates",
        names=lambda: tuple(texts),
        text=lambda name: texts[name],
    )
    fake_module(monkeypatch, "sim.experiment")
    fake_module(monkeypatch, "sim.experiment.run", run=made.run)
    fake_module(
        monkeypatch,
        "sim.experiment.trace",
        trace_calls=made.trace_calls,
        engine_for_one=lambda name, _: "simpy" if name == "auto" else name,
    )
    for real in (compiling, precision):
        monkeypatch.setitem(sys.modules, real.__name__, real)
    yield made
    sys.modules.pop("sim.cli.reading", None)
