"""Commented starter scenarios, shipped inside the package."""

from __future__ import annotations

from importlib import resources

DEFAULT = "queue"


def names() -> tuple[str, ...]:
    """The templates, the default one first."""
    found = {
        entry.name.removesuffix(".yaml")
        for entry in resources.files("sim.scenario").joinpath("starters").iterdir()
        if entry.name.endswith(".yaml")
    }
    return (DEFAULT, *sorted(found - {DEFAULT}))


def text(name: str = DEFAULT) -> str:
    """The text of a template. Raises KeyError for a name that is not one."""
    if name not in names():
        raise KeyError(name)
    place = resources.files("sim.scenario").joinpath("starters", f"{name}.yaml")
    return place.read_text(encoding="utf-8")
