"""How long the simulations are: short by default, ten times as long under `slow`."""

from __future__ import annotations

import pytest


@pytest.fixture(
    params=[1, pytest.param(10, marks=[pytest.mark.slow, pytest.mark.timeout(900)])],
    ids=["short", "long"],
)
def length(request: pytest.FixtureRequest) -> int:
    """A factor of the number of calls; the widest band allowed falls with its square root."""
    return int(request.param)
