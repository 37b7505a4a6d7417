"""The site builds without a warning, all pages are there, and nothing is fetched from the net."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from docs.site import notebooks
from tests.site.examples import PAGES, ROOT

LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}


class Looked(HTMLParser):
    """What a page loads, links to, and can be linked to at."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.anchors = {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.anchors.add(found.get("id", ""))
        if tag in LOADS and LOADS[tag] in found and found.get("rel") != "canonical":
            self.loads.append(found[LOADS[tag]])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])


def test_every_page_is_built(site: Path) -> None:
    """Each page of docs/, each notebook, and the pages made of the program."""
    expected = {page.stem for page in PAGES if page.parent.name == "docs"}
    expected |= {"fields", "commands", "api", "theory", "scenarios", "changelog", "404"}
    assert {path.stem for path in site.glob("*.html")} == expected
    assert {path.stem for path in (site / "notebooks").glob("*.html")} == set(notebooks.names())
    assert not (site / "site").exists()


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    """Scripts, styles and pictures are files of the site, so it can be read without a network."""
    for path in site.rglob("*.html"):
        for each in Looked(path).loads:
            if path.name == "404.html":
                each = each.removeprefix("/")
            parts = urlsplit(each)
            assert not parts.scheme or parts.scheme == "data", f"{path.name}: {each}"
            if not parts.scheme:
                assert (path.parent / parts.path).exists(), f"{path.name}: {each}"
    for style in site.rglob("*.css"):
        assert "url(http" not in style.read_text(encoding="utf-8")


def test_links_lead_somewhere(site: Path) -> None:
    """Each link within the site leads to a file and a place in it."""
    pages = {path: Looked(path) for path in site.rglob("*.html") if path.name != "404.html"}
    for path, looked in pages.items():
        for each in looked.links:
            parts = urlsplit(each)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path.name}: {each}"
            if target in pages:
                assert unquote(parts.fragment) in pages[target].anchors, f"{path.name}: {each}"


def test_links_lead_somewhere_in_the_repository() -> None:
    """README and the pages of docs/ can be read in a repository browser: links lead to files."""
    for page in [*PAGES, ROOT / "CHANGELOG.md"]:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
        for target, anchor in re.findall(r"\]\(([^)\s#]*)(?:#([^)\s]*))?\)", text):
            if ":" in target:
                continue
            file = page.parent / target if target else page
            assert file.exists(), f"{page.name}: {target}"
            if anchor and file.suffix == ".md":
                assert anchor in headings(file), f"{page.name}: {target}#{anchor}"


def headings(page: Path) -> set[str]:
    """The anchors that a repository browser gives to the headings of a page."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in found}
