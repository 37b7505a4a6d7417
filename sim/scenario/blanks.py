"""Blanks: values that a drafted scenario leaves to be written, and what to say about each."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.nodes import Map, Mark, Path, Seq, Value

BLANK = "<blank>"
"""How the file writes a blank. In quotes it is a text like any other."""


class Blank(str):
    """The value of a blank. It is a text, so that a check that expects another kind refuses it."""


_WHY = {
    "horizon": ("how long calls arrive is for you to choose", "8h"),
    "queues": (
        "no queues were given",
        "[{name: support, arrivals: {rate: 1.5/min}, service_time: 4min}]",
    ),
    "agents": ("no agents were given", "[{name: team, count: 4}]"),
    "arrivals": ("the API does not tell how many calls come", "{rate: 1.5/min}"),
    "service_time": (
        "the API does not tell how long conversations last",
        "{distribution: lognormal, mean: 4min, cv: 0.8}",
    ),
    "wait_flow": (
        "the flow was not among those given",
        "[{talk: Please hold the line.}, {sleep: 15s}]` or `null",
    ),
    "actions": (
        "what callers hear could not be taken over",
        "[{talk: Please hold the line.}, {sleep: 15s}]",
    ),
    "play": ("the API does not tell how long the audio is", "30s"),
    "rate": ("the rate is not known", "1.5/min"),
    "mean": ("the mean is not known", "4min"),
}
_WHY["duration"] = _WHY["play"]


def blanks_in(value: Value) -> Iterator[tuple[Path, Mark]]:
    """The path and the place of each blank of a document, from top to bottom.

    What stands under a free key (`x-`) is not looked at.
    """
    parts: list[tuple[Value, Mark, str | int]]
    if isinstance(value, Map):
        parts = [(part, value.value_marks[key], key) for key, part in value.items()]
    elif isinstance(value, Seq):
        parts = [(part, value.value_marks[i], i) for i, part in enumerate(value)]
    else:
        return
    for part, mark, step in parts:
        if str(step).startswith("x-"):
            continue
        if isinstance(part, Blank):
            yield (*value.path, step), mark
        else:
            yield from blanks_in(part)


def message(path: Path) -> str:
    """What is missing at a blank, and what to write there."""
    name = next(part for part in reversed(path) if isinstance(part, str))
    why = _WHY.get(name)
    if why is None or path[-1] != name:
        return f"`{name}` is still blank: write a value in place of `{BLANK}`"
    return f"`{name}` is still blank: {why[0]}; write for example `{why[1]}`"


def example(name: str) -> str:
    """What a field takes, for a comment beside its blank. Raises KeyError for other fields."""
    return _WHY[name][1].replace("`", "")
