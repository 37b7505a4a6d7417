"""Checks: targets of real runs, with variation and without."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.experiment.check import check
from sim.metrics.verdicts import Verdict
from sim.scenario.load import loads_scenario
from tests.experiment.models import erlang_a_scenario, target

EMPTY = """
horizon: 1h
replications: {replications}
queues: [{{name: quiet, arrivals: {{at: [10s, 20s]}}, service_time: 1s}}]
agents: [{{name: team, count: 2}}]
expect: [quiet.abandonment <= 1%, quiet.asa_s <= 1s, quiet.service_level >= 99%]
"""


def test_targets_far_away_are_decided() -> None:
    """Claim: what is ten half-widths off is met or missed, in the order of the file."""
    expect = (
        target("a", "support", "abandonment", "<=", 0.5),
        target("b", "total", "abandonment", ">=", 0.5),
        target("c", "support", "asa_s", "<=", 1000.0),
    )
    made = check(erlang_a_scenario(9, expect=expect))
    assert [each.outcome for each in made.judged] == ["met", "missed", "met"]
    assert not made.all_met
    assert made.rows("x")[1]["outcome"] == "missed"
    assert set(made.rows("x")[0]) == {"scenario", "target", "outcome", "estimate"}


def test_a_target_inside_the_interval_is_not_shown() -> None:
    """Claim: a target at the estimate itself can't be decided by it."""
    value = check(erlang_a_scenario(9)).result.document(with_intervals=False)["total"]["metrics"]
    bound = value["abandonment"]["value"]
    expect = (target("a", "total", "abandonment", "<=", bound),)
    made = check(erlang_a_scenario(9, expect=expect))
    assert made.judged[0].outcome is Verdict.NOT_SHOWN


@pytest.mark.parametrize(("replications", "outcome"), [(20, "not_shown"), (300, "met")])
def test_days_without_variation_are_judged_exactly(replications: int, outcome: str) -> None:
    """Claim: shares that are the same on all days are shown to 1 % by 300 days (rule of three),
    not by 20; a mean that never varies shows nothing."""
    made = check(loads_scenario(EMPTY.format(replications=replications)))
    assert [each.outcome for each in made.judged] == [outcome, "not_shown", outcome]


def test_a_single_replication_shows_nothing() -> None:
    """Claim: without an interval no target is met."""
    made = check(loads_scenario(EMPTY.format(replications=1)))
    assert {each.outcome for each in made.judged} == {Verdict.NOT_SHOWN}


def test_no_target_is_no_failure() -> None:
    """Claim: nothing expected, nothing missed."""
    assert check(replace(erlang_a_scenario(9), replications=1)).all_met
