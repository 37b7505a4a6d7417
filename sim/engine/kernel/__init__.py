"""The compiled engine's parts: functions on arrays alone, no files, no names, no statistics.

Compiled code is kept in a folder of the user's, named by what it was made of: the sources it
contains, numba's and numpy's versions. So a change of any of them compiles anew, and an
installation that can't be written to does not matter.
"""

from __future__ import annotations

import os
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numba
import numpy

import sim


def _digest() -> str:
    """What the compiled code depends on, in short."""
    package = Path(sim.__file__).parent
    sources = sorted((package / "engine").rglob("*.py"))
    sources += [package / "sums.py", package / "logs.py", package / "workload" / "streams.py"]
    content = blake2b(digest_size=8)
    for text in (numba.__version__, numpy.__version__, *(s.read_bytes() for s in sources)):
        content.update(text.encode() if isinstance(text, str) else text)
    return content.hexdigest()


def _writable_folder() -> Path:
    """Where compiled code is kept: the user's cache, or a temporary folder if there is none."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "callsim" / _digest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    owner = str(os.getuid()) if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"callsim-{owner}" / _digest()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


config: Any = numba.config

if not os.environ.get("NUMBA_CACHE_DIR"):
    config.CACHE_DIR = str(_writable_folder())


def is_compiled() -> bool:
    """Whether the engine's code was compiled before, so that it starts at once."""
    return any(Path(config.CACHE_DIR).rglob("loop.run-*.nbi"))
