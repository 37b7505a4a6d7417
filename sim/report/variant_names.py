"""Variants' names in headings and sentences: of those made by settings only what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]


def short_names(names: Sequence[str]) -> tuple[list[str], str]:
    """Names by what differs, `count=4` or `(1min, 1.1)`, and a line that says of what, or nothing.

    Names as `compare --set` makes them are `PATH=VALUE, PATH=VALUE`, perhaps behind a file's. All
    others stay as they are.
    """
    parts = [name.split(", ") for name in names]
    if len({len(each) for each in parts}) != 1:
        return list(names), ""
    kept: list[list[str]] = []
    paths = []
    for column in zip(*parts, strict=True):
        if len(set(column)) == 1:
            continue
        path = column[0].partition("=")[0]
        if all("=" in part and part.partition("=")[0] == path for part in column):
            paths.append(path)
            kept.append([part.partition("=")[2] for part in column])
        else:
            kept.append(list(column))
    rows = [", ".join(words) for words in zip(*kept, strict=True)]
    if len(kept) == 1 and paths:
        last = paths[0].rpartition(".")[2]
        short = [f"{last}={row}" for row in rows]
    else:
        short = [f"({row})" for row in rows]
    if not paths or len(set(short)) != len(names) or short == list(names):
        return list(names), ""
    return short, f"Variants are called by their {', '.join(paths)}."


def with_short_names(document: Document) -> tuple[Document, str]:
    """A comparison document with short names everywhere, and the line that explains them."""
    short, legend = short_names(document["variants"])
    called = dict(zip(document["variants"], short, strict=True))

    def renamed(row: Document, *keys: str) -> Document:
        return {**row, **{key: called[row[key]] for key in keys}}

    made = {**document, "variants": short}
    for key in ("differences", "agent_differences", "variance_ratios"):
        made[key] = [renamed(row, "a", "b") for row in document[key]]
    made["results"] = [renamed(row, "variant") for row in document["results"]]
    ranking = document["ranking"]
    if ranking is not None:
        order = [renamed(row, "variant") for row in ranking["order"]]
        made["ranking"] = {**ranking, "order": order}
    return made, legend
