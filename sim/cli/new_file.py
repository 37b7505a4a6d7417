"""A file that a command is to write, refused before any time is spent."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from sim.cli.failures import RefusedError


def new_file(out: str, extensions: Collection[str], otherwise: str, *, force: bool) -> Path:
    """The path that `--out` names. Raises RefusedError for an extension that is none of these,
    which `otherwise` says, a folder, a folder that is not there, and a file that is."""
    file = Path(out)
    if file.suffix.lower() not in extensions:
        raise RefusedError(f"--out {out}: {otherwise}")
    if file.is_dir():
        raise RefusedError(f"--out {out} is a folder")
    if not file.absolute().parent.is_dir():
        raise RefusedError(f"--out {out}: there is no folder {file.parent}")
    if file.exists() and not force:
        raise RefusedError(
            f"--out {out} is there already; choose another name, or overwrite it with --force"
        )
    return file
