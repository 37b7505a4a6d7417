"""A log of a million calls is read and written; run with `-m slow`."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.calibration.written import HEADER
from sim.cli.app import main

N = 1_000_000
MOST_BYTES = 800_000_000
"""What reading and writing may take at its peak: the table is 90 MB of text."""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_million_calls_come_out_as_they_went_in(tmp_path: Path) -> None:
    """The table of `convert` is read and written again, byte for byte, in bounded memory."""
    generator = np.random.default_rng(1)
    seconds = np.sort(generator.integers(0, 28 * 86_400, N))
    waits = generator.exponential(30.0, N).round(1)
    times = np.datetime_as_string(np.datetime64("2026-02-01") + seconds.astype("timedelta64[s]"))
    path = tmp_path / "calls.csv"
    with path.open("w") as out:
        out.write(",".join(HEADER) + "\n")
        for i in range(N):
            wait = float(waits[i])
            told = str(int(wait)) if wait.is_integer() else repr(wait)
            end = (
                f"answered,{told},3,{i % 977},20,agent{i % 80}"
                if i % 5
                else f"abandoned,{told},,,,"
            )
            out.write(f"q{i % 7},{times[i]}+00:00,c{i},{end},0\n")
    again = tmp_path / "again.csv"
    assert main(["-q", "convert", str(path), "--out", str(again)]) == 0
    assert again.read_bytes() == path.read_bytes()
    unit = 1 if sys.platform == "darwin" else 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit < MOST_BYTES
