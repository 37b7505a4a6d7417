"""Checks: targets of real runs, with variation and without."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.experiment.check import check, judge
from sim.experiment.run import run
from sim.experiment.subjects import days_of
from sim.metrics.verdicts import Verdict
from sim.scenario.load import loads_scenario
from sim.scenario.targets import parse_target
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


def test_the_share_of_days_is_judged_by_its_exact_interval() -> None:
    """Claim: the document has the text as given and the share of replications that hold; met and
    missed where the whole exact interval is on one side, and what never can be had not shown."""
    texts = (
        "P(support.abandonment <= 50%) >= 90%",
        " P(support.abandonment <= 50%) <= 20% ",
        "P(total.queue_length_mean <= {median}) >= 50%",
        "P(agents.team.occupancy >= 1%) >= 99%",
    )
    scenario = replace(erlang_a_scenario(9), replications=40)
    result = run(scenario)
    days = days_of(result, "total", is_group=False)["queue_length_mean"]
    median = float(np.median(days))
    expect = tuple(
        parse_target(text.format(median=median), ["support"], ["team"]) for text in texts
    )
    rows = judge(replace(result, scenario=replace(scenario, expect=expect))).rows("x")
    assert [row["outcome"] for row in rows] == ["met", "missed", "not_shown", "not_shown"]
    assert [row["estimate"]["value"] for row in rows] == [1.0, 1.0, 0.5, 1.0]
    assert rows[1]["target"] == texts[1].strip()
    assert rows[0]["estimate"]["low"] == pytest.approx(0.025 ** (1 / 40))


def test_a_single_replication_shows_nothing() -> None:
    """Claim: without an interval no target is met."""
    made = check(loads_scenario(EMPTY.format(replications=1)))
    assert {each.outcome for each in made.judged} == {Verdict.NOT_SHOWN}


def test_no_target_is_no_failure() -> None:
    """Claim: nothing expected, nothing missed."""
    assert check(replace(erlang_a_scenario(9), replications=1)).all_met
