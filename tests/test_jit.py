"""Where compiled code is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sim.jit import entry, part

ASK = "import sim.jit; print(sim.jit.config.CACHE_DIR)"


def kept_in(**environment: str) -> Path:
    """The folder that a fresh process with these variables keeps compiled code in."""
    inherited = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(done.stdout.strip())


def test_in_the_users_cache(tmp_path: Path) -> None:
    """Claim: compiled code stands in the user's cache folder, below a hash of its sources."""
    folder = kept_in(XDG_CACHE_HOME=str(tmp_path))
    assert folder.parent == tmp_path / "callsim"
    assert folder.is_dir()


def test_somewhere_else_if_that_cannot_be_written(tmp_path: Path) -> None:
    """Claim: where the cache folder can't be made, a temporary one of the user's serves."""
    blocked, temporary = tmp_path / "file", tmp_path / "tmp"
    blocked.touch()
    temporary.mkdir()
    folder = kept_in(XDG_CACHE_HOME=str(blocked), TMPDIR=str(temporary))
    assert folder.is_relative_to(temporary)
    assert folder.is_dir()


def test_numbas_own_variable_is_respected(tmp_path: Path) -> None:
    """Claim: who sets NUMBA_CACHE_DIR decides."""
    assert kept_in(NUMBA_CACHE_DIR=str(tmp_path / "mine")) == tmp_path / "mine"


@entry
def both(x: float) -> float:
    """Calls that differ by a number, and one that differs by a condition."""
    return scaled(x, 2, False) + scaled(x, 3, False) + scaled(x, 3, True)


@part
def scaled(x: float, times: int, twice: bool) -> float:
    """`x` so many times."""
    return 2.0 * times * x if twice else times * x


def test_compiled_once_for_all_numbers() -> None:
    """Claim: a part is compiled once for whatever number stands where it is called, and once for
    each condition that stands there."""
    assert both(1.5) == 1.5 * (2 + 3 + 6)
    if compiled := getattr(scaled, "signatures", None):  # none with NUMBA_DISABLE_JIT
        assert len(compiled) == 2
