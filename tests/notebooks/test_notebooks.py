"""Every notebook runs, draws, and is the same as its source beside it."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from docs.site.notebooks import execute, page

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted((ROOT / "notebooks").glob("*.py"))
HEADER = re.compile(r"\A(?:# .*\n|#\n)*# ---\n")
MARK = re.compile(r"^# %%(?: \[(\w+)\])?$", re.MULTILINE)


def cells_of(source: str) -> list[tuple[str, str]]:
    """Kind and text of each cell of a script in the percent format."""
    pieces = MARK.split(HEADER.sub("", source))
    cells = []
    for kind, text in zip(pieces[1::2], pieces[2::2], strict=True):
        if kind == "markdown":
            text = re.sub(r"^# ?", "", text, flags=re.MULTILINE)
        cells.append((kind or "code", text.strip()))
    return cells


def read(source: Path) -> nbformat.NotebookNode:
    return nbformat.read(source.with_suffix(".ipynb"), as_version=4)


@pytest.fixture(params=SOURCES, ids=lambda path: path.stem)
def source(request) -> Path:
    return request.param


def test_there_are_notebooks():
    """No script without a notebook, no notebook without a script, and at least one of them."""
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert SOURCES and [path.stem for path in SOURCES] == [path.stem for path in notebooks]


def test_script_and_notebook_agree(source):
    """The notebook has the cells of the script, cell by cell (`jupytext --to ipynb` makes it)."""
    notebook = read(source)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == cells_of(
        source.read_text(encoding="utf-8")
    )


def test_notebook_is_stored_without_outputs(source):
    """A notebook in the repository is valid and holds neither outputs nor execution counts."""
    notebook = read(source)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None


@pytest.mark.filterwarnings("default")
def test_notebook_runs_and_draws(source, tmp_path, monkeypatch):
    """Executed from the top, it raises nothing, warns of nothing, draws, and ends in a sentence.

    The page that the site makes of it has all pictures, and the sentence as its answer.
    Warnings of the Jupyter machinery in this process are not ours, hence only shown.
    """
    monkeypatch.delenv("MPLBACKEND", raising=False)
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    notebook = read(source)
    execute(notebook)

    outputs = [o for cell in notebook.cells if cell.cell_type == "code" for o in cell.outputs]
    streams = [o for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    told = [o.text for o in streams if "font cache" not in o.text]
    assert not told
    figures = [o for o in outputs if "image/png" in o.get("data", {})]
    calls = re.compile(r"plt\.show\(\)|sim\.figures\.\w+\(")
    assert len(figures) == sum(len(calls.findall(c.source)) for c in notebook.cells) >= 1
    sentence = notebook.cells[-1].outputs[-1].text
    assert re.fullmatch(r"[A-Z].*\d.*\.\n", sentence) and "nan" not in sentence

    text, pictures = page(source.stem, notebook)
    assert len(pictures) == len(figures) and all(f"({name})" in text for name in pictures)
    assert f'!!! success "Answer"\n\n    {sentence.strip()}' in text
