"""The pages of the Python interface and of the theory: which names mkdocstrings shows."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import sim.api
import sim.theory

INTERFACE = """\
# Python interface

All of it is in `sim` itself: `import sim`, then `sim.run(sim.load("day.yaml"))`. How it goes
together is told in [From Python](python.md).
"""

THEORY = """\
# Exact queueing theory

Formulas and chains against which the simulator is [validated](validation.md), for use by themselves
too: pure functions that simulate nothing. Rates are in calls per second, means in seconds.
"""


INSIDE = {"quadrature"}
"""Modules that only the others use."""


def interface() -> str:
    """The Markdown of the interface: its functions, then its classes."""
    found = {name: getattr(sim.api, name) for name in sim.api.__all__}
    functions = [name for name in found if inspect.isfunction(found[name])]
    classes = [name for name in found if name not in functions]
    parts = [INTERFACE]
    for title, names in (("Functions", functions), ("Classes", classes)):
        parts.append(f"\n## {title}\n")
        for name in names:
            options = "{heading_level: 3, show_root_full_path: false}"
            parts.append(f"::: {found[name].__module__}.{name}\n    options: {options}\n")
    return "\n".join(parts)


def theory() -> str:
    """The Markdown of the theory: a section for each module with public functions."""
    parts = [THEORY]
    for module in pkgutil.iter_modules(sim.theory.__path__):
        if module.name in INSIDE:
            continue
        name = f"sim.theory.{module.name}"
        members = [
            each
            for each, found in inspect.getmembers(importlib.import_module(name))
            if not each.startswith(("_", "require_"))
            and (inspect.isfunction(found) or inspect.isclass(found))
            and found.__module__ == name
        ]
        if members:
            options = f"{{heading_level: 2, members: [{', '.join(members)}]}}"
            parts.append(f"\n::: {name}\n    options: {options}\n")
    return "\n".join(parts)
