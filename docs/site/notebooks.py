"""Notebooks as pages: executed from their sources, with what they print and draw."""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path

import jupytext
import nbclient
import nbformat
from nbconvert import MarkdownExporter

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks"


def names() -> list[str]:
    """The notebooks, in the order in which they should be read."""
    order = ("first_steps", "capacity", "routing", "wrong_tag", "theory")
    found = {path.stem for path in FOLDER.glob("*.py")}
    return [name for name in order if name in found] + sorted(found - set(order))


def read(name: str) -> nbformat.NotebookNode:
    """The notebook of a source, without outputs."""
    return jupytext.read(FOLDER / f"{name}.py")


def execute(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook with its outputs. nbclient's CellExecutionError where a cell fails."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    client = nbclient.NotebookClient(
        notebook,
        timeout=100,
        kernel_name="python3",
        resources={"metadata": {"path": str(FOLDER)}},
        extra_arguments=["--IPKernelApp.log_level=40"],  # errors, no advice
    )
    client.execute(env=os.environ | {"PYTHONPATH": path, "PYDEVD_DISABLE_FILE_VALIDATION": "1"})
    return notebook


def page(name: str, notebook: nbformat.NotebookNode) -> tuple[str, dict[str, bytes]]:
    """The page's Markdown, and the pictures that belong beside it, by file name."""
    notebook = _with_answer(notebook)
    exporter = MarkdownExporter()
    resources = {"unique_key": name, "output_files_dir": f"{name}_files"}
    text, resources = exporter.from_notebook_node(notebook, resources=resources)
    # Markdown ends a block of HTML at an empty line.
    text = re.sub(r"<div.*?</div>\n", lambda m: re.sub(r"\n\s*\n", "\n", m[0]), text, flags=re.S)
    text = text.replace('<table border="1" class="dataframe">', "<table>")
    text = text.replace("![png](", "![What the code above draws](")
    source = f"notebooks/{name}.ipynb"
    top, _, rest = text.partition("\n\n")
    note = f"*This page is `{source}`, executed when the site was built.*"
    return f"---\nhide: [toc]\n---\n{top}\n\n{note}\n\n{rest}", dict(resources.get("outputs", {}))


def _with_answer(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook whose last sentence, the answer, stands out."""
    notebook = copy.deepcopy(notebook)
    for output in notebook.cells[-1].outputs:
        if output.output_type == "stream":
            marked = f'!!! success "Answer"\n\n    {output.text.strip()}'
            output.update(nbformat.v4.new_output("display_data", {"text/markdown": marked}))
    return notebook
