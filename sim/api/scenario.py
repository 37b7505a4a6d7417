"""A scenario as Python code handles it: read from a file or a text, changed by making copies."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from sim.report.text import counted
from sim.scenario import model
from sim.scenario.lint import lint
from sim.scenario.load import loads_scenario
from sim.scenario.overrides import Given
from sim.scenario.source import read_source


class Scenario:
    """A checked scenario. It never changes: `with_values` makes another.

    `model` is the scenario as the simulator sees it, all defaults filled in, durations in seconds:
    what `text`, from the file `source_name`, says after the `changes`, each `PATH=VALUE`. Files
    that it names are in `folder`.
    """

    def __init__(
        self,
        text: str,
        *,
        name: str = "<text>",
        folder: str | os.PathLike[str] = "",
        changes: tuple[str, ...] = (),
    ) -> None:
        self.text = text
        self.source_name = name
        self.folder = Path(folder)
        self.changes = changes
        self.model: model.Scenario = loads_scenario(text, name, changes, self.folder)

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.model.name

    @property
    def queues(self) -> list[str]:
        """The names of the queues, in the file's order."""
        return [queue.name for queue in self.model.queues]

    @property
    def agents(self) -> dict[str, int]:
        """How many agents each group has."""
        return {group.name: group.count for group in self.model.agents}

    @property
    def warnings(self) -> list[str]:
        """What is valid but looks wrong."""
        return [f"{found.where}: {found.message}" for found in lint(self.model)]

    def with_values(self, values: Mapping[str, object]) -> Scenario:
        """A copy with other values, by path as in `--set`; a later one for the same path wins.

        A text is read as a scenario file would read it (`"60s"`, `"25%"`); numbers, truth values,
        None, lists and dictionaries are what they are. Raises ScenarioError with all that is wrong.

        >>> import sim
        >>> day = sim.load("scenarios/day.yaml")
        >>> shorter = day.with_values({"queues.service.wait_timeout": "60s", "replications": 5})
        >>> shorter.model.queues[0].wait_timeout_s, shorter.model.replications
        (60.0, 5)
        >>> day.model.replications
        20
        """
        changes = tuple(f"{path}={value_text(value)}" for path, value in values.items())
        return Scenario(
            self.text, name=self.source_name, folder=self.folder, changes=self.changes + changes
        )

    def with_arguments(self, values: Mapping[str, object]) -> Scenario:
        """As `with_values`, for fields that are a function's arguments: errors name those."""
        changes = tuple(Given.of(name, name, value_text(value)) for name, value in values.items())
        return Scenario(
            self.text, name=self.source_name, folder=self.folder, changes=self.changes + changes
        )

    def yaml(self) -> str:
        """The scenario as a file's text, every change and default written out."""
        from sim.scenario.dump import dump_scenario

        return dump_scenario(self.model)

    def __repr__(self) -> str:
        changed = "".join(f", {change}" for change in self.changes)
        queues = counted(len(self.model.queues), "queue")
        agents = counted(self.model.n_agents, "agent")
        return f"<Scenario {self.name!r}: {queues}, {agents}{changed}>"


def load(path: str | os.PathLike[str]) -> Scenario:
    """The scenario in a file. Files that it names are looked for beside it.

    Raises ScenarioError with every problem found, each with its line and column.

    >>> import sim
    >>> sim.load("scenarios/day.yaml").agents
    {'early': 5, 'late': 4}
    """
    source = read_source(Path(path))
    return Scenario(source.text, name=source.name, folder=Path(path).parent)


def loads(text: str, *, folder: str | os.PathLike[str] = "") -> Scenario:
    """The scenario that a text describes. Files that it names are looked for in `folder`.

    >>> import sim
    >>> sim.loads('''
    ... horizon: 1h
    ... queues: [{name: help, arrivals: {rate: 1/min}, service_time: 3min}]
    ... agents: [{name: team, count: 4}]
    ... ''').queues
    ['help']
    """
    return Scenario(text, folder=folder)


def expect_scenario(value: object) -> Scenario:
    """The scenario itself. Raises TypeError, which says how one is read, for anything else."""
    if isinstance(value, Scenario):
        return value
    how = (
        f"`sim.load({os.fspath(value)!r})`"
        if isinstance(value, str | os.PathLike)
        else ("`sim.load(path)` or `sim.loads(text)`")
    )
    raise TypeError(f"expected a scenario, found {type(value).__name__}: read one with {how}")


def value_text(value: object) -> str:
    """A Python value as the right side of `PATH=VALUE`."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def changed(scenario: Scenario, **fields: object) -> Scenario:
    """The scenario with the fields that were given. Raises TypeError if it is none."""
    given = {name: value for name, value in fields.items() if value is not None}
    return expect_scenario(scenario).with_arguments(given) if given else expect_scenario(scenario)
