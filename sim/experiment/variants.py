"""Variants by their settings: `PATH=V1,V2` makes one for each value, several all combinations."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from sim.scenario.overrides import parse_values, split_override

SHARED = ("seed", "replications")
"""What variants must have in common: the random numbers and how often they are drawn."""


def settings_of_variants(assignments: Sequence[str]) -> tuple[list[str], list[tuple[str, ...]]]:
    """What holds for all variants, and the settings of each; the first path changes slowest.

    Of `a=1`, `b=2,3`, `c=4,5` the first is for all and the others make four variants. With no
    list of values there is one variant without settings. Raises ValueError for a `PATH=VALUE`
    that is none, a value that is given twice, and for different seeds or replications.
    """
    fixed: list[str] = []
    choices: dict[str, list[str]] = {}
    for assignment in assignments:
        path, text = split_override(assignment)
        values = parse_values(text)
        if len(values) == 1 and ".." not in text:
            fixed.append(assignment)
        elif path in choices:
            raise ValueError(f"`{path}` is given twice: put all its values into one list")
        else:
            choices[path] = list(values)
    settings = [
        tuple(f"{path}={value}" for path, value in chosen) for chosen in combinations(choices)
    ]
    return fixed, settings


def combinations(choices: Mapping[str, Sequence[str]]) -> list[tuple[tuple[str, str], ...]]:
    """Every combination of the paths' values, as (path, value); the first path changes slowest.

    Raises ValueError for a value that is given twice, and for different seeds or replications.
    """
    for path, values in choices.items():
        if path in SHARED and len(values) > 1:
            raise ValueError(
                f"`{path}` must be the same for all variants, or they would not meet the same"
                " callers"
            )
        again = next((value for value in values if values.count(value) > 1), None)
        if again is not None:
            raise ValueError(f"`{path}` has the value `{again}` twice")
    pairs = [[(path, value) for value in values] for path, values in choices.items()]
    return list(itertools.product(*pairs))


def name_of(settings: Sequence[str]) -> str:
    """A variant's name: its settings as they were given."""
    return ", ".join(settings)
