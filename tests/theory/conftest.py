"""How long the simulations are, and on which engine."""

from __future__ import annotations

import pytest

from tests.theory.steady import Effort


@pytest.fixture(
    params=[
        Effort("simpy", 1),
        Effort("compiled", 10),
        pytest.param(Effort("compiled", 100), marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
    ids=["simpy", "compiled", "compiled-long"],
)
def effort(request: pytest.FixtureRequest) -> Effort:
    """A short run of the SimPy engine, ten times as much on the compiled one, or a hundred."""
    found = request.param
    assert isinstance(found, Effort)
    return found
