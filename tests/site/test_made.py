"""The pages and pictures that are made of the program hold all of it."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest

import sim.api
import sim.theory
from docs.site import api, commands, fields, hooks, notebooks, pictures
from docs.site.hooks import on_page_content, on_page_markdown
from sim.cli.app import callsim
from sim.engine.rules import Rank
from sim.logs import Cause, Outcome
from sim.report.figures import FIGURES, THEMES
from sim.scenario.schema import json_schema
from tests.site.examples import ROOT


def keys(schema: Any) -> Iterator[str]:
    """Every property in a JSON Schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for each in schema.values():
            yield from keys(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from keys(each)


def test_every_field_has_a_row() -> None:
    """What may be written in a scenario is in the table of fields, aliases too."""
    page = fields.page()
    short = {"option", "talk", "sleep", "play", "beep", "goto", "hangup", "weight"}
    missing = {key for key in keys(json_schema()) if f"`{key}`" not in page}
    assert missing - short == set()


def test_defaults_and_limits_are_told() -> None:
    """A row tells what may be written, the default in the file's own unit, and the meaning."""
    rows = fields.page().splitlines()
    interval = "| `interval` | `90s`, `5min`, `1.5h`, ... | `30min` | reporting intervals |"
    assert interval in rows
    assert "| `queues` | list of [queue](#f-queue) | required | the queues |" in rows
    assert any(row.startswith("| `tags`, `tag_ids` | list of text |") for row in rows)


def test_a_form_without_a_section_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part of the form that nobody put into the page stops the build."""
    monkeypatch.setattr(fields, "SECTIONS", fields.SECTIONS[:-1])
    with pytest.raises(LookupError, match="BeepForm"):
        fields.page()


def test_every_command_and_option_is_there() -> None:
    """The page of commands has each command, its usage, examples, and options."""
    page = commands.page()
    general = {each.name for each in callsim.params} | {"help"}
    for name, command in callsim.commands.items():
        section = page.split(f"\n## `{name}`\n")[1].split("\n## ")[0]
        assert f"callsim {name}" in section and "```sh\ncallsim " in section
        for each in command.params:
            if each.param_type_name == "option" and each.name not in general:
                assert f"`{each.opts[0]}" in section, f"{name} {each.name}"


def test_the_interface_is_whole() -> None:
    """Every public name of `sim.api` and every module of theory has its place."""
    page = api.interface()
    assert [n for n in sim.api.__all__ if not re.search(rf"^::: [\w.]+\.{n}$", page, re.M)] == []
    shown = set(re.findall(r"^::: sim\.theory\.(\w+)$", api.theory(), re.M))
    assert {each.name for each in pkgutil.iter_modules(sim.theory.__path__)} - shown == api.INSIDE


@pytest.mark.parametrize("name", ["states.svg", "order.svg"])
def test_pictures_are_those_of_the_program(name: str) -> None:
    """The files are what `python -m docs.site.pictures` draws, with words for who can't see."""
    text = (ROOT / "docs" / "pictures" / name).read_text(encoding="utf-8")
    assert text == pictures.pictures()[name], "run `python -m docs.site.pictures`"
    root = ElementTree.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") and root.findtext(f"{space}desc")


def test_pictures_show_every_state_and_rank() -> None:
    """All outcomes and causes of a call; all ranks in their order, with the sentence of each."""
    made = pictures.pictures()
    said = re.findall(r">([^<>]+)</text>", made["states.svg"])
    assert {state.name.lower() for state in Outcome} <= set(said)
    causes = [cause.name.lower() for cause in Cause if cause is not Cause.NONE]
    assert all(any(cause in text for text in said) for cause in causes)
    order = made["order.svg"]
    assert re.findall(r">(\d)</text>", order) == [str(int(rank)) for rank in Rank]
    words = " ".join(re.findall(r">([^<>]+)</text>", order))
    assert "A call leaves." in words and "flow, patience, timeout, overflow" in words


def page_of(name: str) -> Any:
    """As much of mkdocs' page as the hooks look at."""
    return SimpleNamespace(file=SimpleNamespace(src_uri=name))


def test_links_to_files_become_links_to_pages() -> None:
    """A link that a repository browser follows to a file leads to the page made of it."""
    text = (
        "[a](../notebooks/theory.ipynb) [b](../CHANGELOG.md) [c](../scenarios/day.yaml) "
        "[d](../sim/scenario/form.py) [metrics.md](metrics.md#by-interval) [e](https://x.org/../y)"
    )
    assert on_page_markdown(text, page_of("model.md")) == (
        "[a](notebooks/theory.md) [b](changelog.md) [c](scenarios.md#dayyaml) "
        "[d](fields.md) [Metrics](metrics.md#by-interval) [e](https://x.org/../y)"
    )


def test_pictures_are_put_into_the_page() -> None:
    """So that they take the page's colours; a picture elsewhere stays a link."""
    html = '<p><img alt="x" src="pictures/order.svg" /> <img alt="y" src="other.svg" /></p>'
    shown = on_page_content(html)
    assert shown.count("<svg ") == 1 and '<img alt="y" src="other.svg" />' in shown


def test_every_figure_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of figures has a picture of each, in both themes, where it tells how to make it."""
    monkeypatch.setattr(hooks, "QUICK", False)
    text = (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
    shown = on_page_markdown(text, page_of("figures.md"))
    for name in FIGURES:
        for theme in THEMES:
            assert f"(figures/{name}-{theme}.svg#only-{theme})" in shown


def test_notebooks_are_in_the_order_of_reading() -> None:
    """First steps first, none left out."""
    found = sorted(path.stem for path in (ROOT / "notebooks").glob("*.py"))
    assert notebooks.names()[0] == "first_steps" and sorted(notebooks.names()) == found
