"""What mkdocs calls while it builds the site: pages made of the program, links, pictures.

The pages in docs/ are written for a repository browser too, so they link to files; here such a
link becomes one to the page that is made of the file. `CALLSIM_DOCS=quick` leaves out what has to
be simulated, the notebooks' outputs and the pictures of figures, which take most of the time.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:  # as under `mkdocs`, in difference to `python -m mkdocs`
    sys.path.insert(0, str(ROOT))

from docs import gallery  # noqa: E402
from docs.site import api, commands, fields, notebooks, scenarios  # noqa: E402
from sim.report.figures import THEMES  # noqa: E402

QUICK = os.environ.get("CALLSIM_DOCS") == "quick"

PAGE_OF = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "sim/scenario/form.py": "fields.md",
    "sim/cli": "commands.md",
    "scenarios": "scenarios.md",
    "sim/api/__init__.py": "api.md",
    "sim/theory/__init__.py": "theory.md",
}
"""Files that pages link to, and the page that stands for each."""

_LINK = re.compile(r"(\]\()([^)\s#]+)(#[^)\s]*)?(\))")
_FILE_NAME = re.compile(r"\[(?:docs/)?([\w-]+\.md)\]\(\1")
_FIGURE = re.compile(r"^`callsim .*plot \S+ --figure ([\w-]+).*`$", re.M)
_PICTURE = re.compile(r'<img alt="[^"]*" src="(pictures/[\w-]+\.svg)" ?/?>')


def on_files(files: Files, config: Any) -> Files:
    """Add the pages that are made."""
    for name, content in _made():
        files.append(File.generated(config, name, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turn links to files of the repository into links to pages, called by the pages' titles."""
    here = PurePosixPath(page.file.src_uri)
    if here.name == "figures.md" and not QUICK:
        markdown = _FIGURE.sub(_shown, markdown)
    markdown = _LINK.sub(lambda found: _link(found, here), markdown)
    return _FILE_NAME.sub(lambda found: f"[{_title(found[1])}]({found[1]}", markdown)


def on_page_content(html: str, **_: Any) -> str:
    """Put pictures into the page, where they follow its colours and can be read out."""
    return _PICTURE.sub(_picture, html)


def _made() -> Iterator[tuple[str, str | bytes]]:
    yield "changelog.md", _from_the_top((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    yield "fields.md", fields.page()
    yield "commands.md", commands.page()
    yield "api.md", api.interface()
    yield "theory.md", api.theory()
    yield "scenarios.md", scenarios.page()
    for name in notebooks.names():
        notebook = notebooks.read(name)
        text, pictures = notebooks.page(name, notebook if QUICK else notebooks.execute(notebook))
        yield f"notebooks/{name}.md", text
        for file, content in pictures.items():
            yield f"notebooks/{file}", content
    if not QUICK:
        with TemporaryDirectory() as folder:
            for path in gallery.make(Path(folder)):
                yield f"figures/{path.name}", path.read_bytes()


def _from_the_top(text: str) -> str:
    """A page of the top level, whose links start there, as a page of docs/."""
    return text.replace("](docs/", "](")


def _link(found: re.Match[str], here: PurePosixPath) -> str:
    before, target, anchor, after = found.groups()
    if ":" in target or not target.startswith("../"):
        return found[0]
    file = PurePosixPath(os.path.normpath(PurePosixPath("docs") / here.parent / target))
    if file.suffix == ".ipynb":
        page = f"notebooks/{file.stem}.md"
    elif file.parent.name == "scenarios":
        page, anchor = "scenarios.md", f"#{file.name.replace('.', '')}"
    elif file.parts[0] == "docs":
        return found[0]
    else:
        page = PAGE_OF.get(str(file), target)
    return f"{before}{page}{anchor or ''}{after}"


def _shown(found: re.Match[str]) -> str:
    """The command that makes a figure, and the figure in the reader's theme."""
    name = found[1].replace("-", "_")
    made = (f"![{found[1]}](figures/{name}-{theme}.svg#only-{theme})" for theme in THEMES)
    return f"{found[0]}\n\n{' '.join(made)}"


def _title(name: str) -> str:
    """The heading of a page in docs/."""
    first, _, _ = (ROOT / "docs" / name).read_text(encoding="utf-8").partition("\n")
    return first.removeprefix("# ")


def _picture(found: re.Match[str]) -> str:
    svg = (ROOT / "docs" / found[1]).read_text(encoding="utf-8")
    return f'<span class="picture-frame">{svg.strip()}</span>'
