"""Both engines on the scenarios that the laws are tested with."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.compare import differences
from sim.scenario.model import Scenario
from tests.strategies import scenarios, without_ties


@settings(max_examples=100, deadline=None)
@given(scenarios(replications=2), st.booleans(), st.booleans())
def test_the_engines_agree(scenario: Scenario, smooth: bool, intervals: bool) -> None:
    """Claim: not a bit differs, with many events at one instant or none."""
    made = without_ties(scenario) if smooth else scenario
    assert differences(made, intervals=intervals)[0] == []
