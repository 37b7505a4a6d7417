"""What the numbers were measured on and with."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import sim
from benchmarks import plain
from benchmarks.tables import table


def facts() -> str:
    """The machine and the versions, as a table."""
    rows = [
        ["processor", _processor()],
        ["cores", str(os.cpu_count())],
        ["system", f"{platform.system()} {platform.machine()}"],
        ["callsim", sim.__version__],
        ["Python", platform.python_version()],
        *([name, _version(name)] for name in ("numpy", "numba", "simpy", "ciw")),
        [plain.COMPILER, _compiler_version()],
    ]
    return table(["", ""], rows)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _compiler_version() -> str:
    if plain.compiler() is None:
        return "not installed"
    done = subprocess.run(
        [plain.COMPILER, "-dumpfullversion"], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
