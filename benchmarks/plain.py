"""Compiles and runs `plain.c`."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks.models import Model

SOURCE = Path(__file__).with_name("plain.c")
COMPILER = "gcc"


def compiler() -> str | None:
    """The C compiler, if there is one."""
    return shutil.which(COMPILER)


def build(folder: Path) -> Path:
    """The program, compiled into `folder`."""
    program = folder / "plain"
    command = [COMPILER, "-O3", "-o", str(program), str(SOURCE), "-lm"]
    subprocess.run(command, check=True, capture_output=True)
    return program


def simulate(program: Path, model: Model, horizon_s: float, seed: int) -> tuple[int, int, float]:
    """Run it; returns (serviced, abandoned, processor seconds of the process)."""
    arguments: list[object] = [
        horizon_s, seed, int(model.newest_first), model.timeout_s, model.service_mean_s,
        len(model.queues),
    ]  # fmt: skip
    for rate, tags in model.queues:
        arguments += [rate, _bits(tags)]
    arguments += [len(model.agents), *map(_bits, model.agents)]
    done = subprocess.run(
        [str(program), *map(str, arguments)], capture_output=True, text=True, check=True
    )
    serviced, abandoned, _, seconds = done.stdout.split()
    return int(serviced), int(abandoned), float(seconds)


def _bits(tags: frozenset[int]) -> int:
    return sum(1 << tag for tag in tags)
