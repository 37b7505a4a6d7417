"""The rooms of the package import each other one way only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_imports_keep_the_plan() -> None:
    """Every contract in pyproject.toml holds, read anew from the source."""
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [tool, "--no-cache", "--no-logo"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", sorted((ROOT / "sim").rglob("*.py")), ids=lambda path: path.stem)
def test_no_module_is_called_a_drawer(path: Path) -> None:
    """No `utils`, `helpers` or `common`: a module is called what it is about."""
    assert path.stem not in {"util", "utils", "helper", "helpers", "common", "misc"}
