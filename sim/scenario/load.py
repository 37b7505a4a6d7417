"""The front door: a file, or a text, into a scenario; or every problem in it at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path as FilePath

from sim.scenario.context import Context
from sim.scenario.digest import digest
from sim.scenario.errors import Problem, ScenarioError, shown_value
from sim.scenario.model import Scenario
from sim.scenario.nodes import Map, Source
from sim.scenario.overrides import apply_override, by_option
from sim.scenario.reader import read_document
from sim.scenario.resolve import resolve
from sim.scenario.source import read_source
from sim.scenario.validate import Sink, validated


def load_scenario(path: str | FilePath, overrides: Sequence[str] = ()) -> Scenario:
    """The scenario of a file (`-` is standard input) with `PATH=VALUE` overrides applied.

    Raises `ScenarioError` with every problem found; nothing else for any input.
    """
    source = read_source(path)
    if str(path) == "-":
        return _loaded(source, FilePath(), "stdin", overrides)
    return _loaded(source, FilePath(path).parent, FilePath(path).stem or "scenario", overrides)


def loads_scenario(
    text: str, name: str = "<text>", overrides: Sequence[str] = (), folder: str | FilePath = ""
) -> Scenario:
    """The scenario of a text; files that it names are looked for in `folder`."""
    title = FilePath(name.strip("<>")).stem or "scenario"
    return _loaded(Source(name, text), FilePath(folder), title, overrides)


def _loaded(source: Source, folder: FilePath, title: str, overrides: Sequence[str]) -> Scenario:
    try:
        return _resolved(source, folder, title, overrides)
    except ScenarioError as error:
        raise ScenarioError(by_option(error.problems, overrides)) from None


def _resolved(source: Source, folder: FilePath, title: str, overrides: Sequence[str]) -> Scenario:
    root = read_document(source)
    if not isinstance(root, Map):
        raise ScenarioError(
            [
                Problem(
                    source.name,
                    1,
                    1,
                    "",
                    f"expected a mapping of keys such as `horizon: 8h`, found {shown_value(root)}",
                    source.line(1),
                )
            ]
        )
    for override in overrides:
        apply_override(root, override)
    sink = Sink(root)
    form = validated(root, sink)
    context = Context(sink, folder)
    scenario = resolve(form, title, context) if form is not None else None
    if sink.problems or scenario is None:
        raise ScenarioError(sink.in_order())
    return dataclasses.replace(scenario, sha256=digest(scenario, context.files))
