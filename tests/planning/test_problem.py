"""What may be asked for, what it costs, and what is refused."""

from __future__ import annotations

import pytest

from sim.planning.problem import Bounds, scaled
from sim.planning.wanted import asked
from sim.scenario.load import loads_scenario
from tests.planning.models import pool, two_skills


def test_bounds_are_taken_as_written() -> None:
    """A range, an open range, a fixed number, and the long form of the path."""
    for text, bounds in (
        ("agents.team=5..40", Bounds(5, 40)),
        ("agents.team.count=5..40", Bounds(5, 40)),
        ("agents.team=..9", Bounds(0, 9)),
        ("agents.team=7", Bounds(7, 7)),
    ):
        assert asked(pool(), ["help.abandonment <= 5%"], bounds=[text]).bounds == (bounds,)


def test_bounds_that_are_not_given_hold_any_sensible_answer() -> None:
    """Ten erlangs: from nobody to well above twice the load."""
    (bounds,) = asked(pool(), ["help.abandonment <= 5%"]).bounds
    assert bounds.low == 0 and bounds.high >= 30


def test_all_that_is_wrong_is_said_at_once() -> None:
    """A target, two bounds, a group to fix and a cover, each with its own line."""
    with pytest.raises(ValueError) as error:
        asked(
            pool(),
            ["help.service_level >= 80%", "halp.service_level >= 80%"],
            bounds=["agents.teem=1..2", "agents.team=9..3"],
            fixed=["nobody"],
            cover=["help=some"],
        )
    lines = str(error.value).splitlines()
    assert len(lines) == 5
    assert "did you mean `help`" in lines[0] and "did you mean `team`" in lines[1]


@pytest.mark.parametrize(
    ("targets", "every", "message"),
    [
        ([], False, "nothing to plan for"),
        (["help.wait_max_s <= 60s"], False, "greatest value"),
        (["help.wait_p90_s <= 60s"], True, "not known by interval"),
        (["help.wait_p90_s <= 60s in every interval"], False, "not known by interval"),
        (["agents.team.calls_per_agent >= 3"], True, "not known by interval"),
    ],
)
def test_targets_that_no_plan_can_be_held_to(targets: list[str], every: bool, message: str) -> None:
    """They are refused with the reason."""
    with pytest.raises(ValueError, match=message):
        asked(pool(), targets, every_interval=every)


@pytest.mark.parametrize(
    ("text", "every", "says"),
    [
        ("help.asa_s <= 20s", False, False),
        ("help.asa_s <= 20s", True, True),
        ("help.asa_s <= 20s in every interval", False, True),
        ("help.asa_s <= 20s every interval", False, True),
        ("help.asa_s <= 20s over the day", True, False),
    ],
)
def test_a_target_says_where_it_holds(text: str, every: bool, says: bool) -> None:
    """What stands behind it goes before the option; nothing of it stays in the target."""
    (goal,) = asked(pool(), [text], every_interval=every).goals
    assert goal.every_interval is says and goal.target.text == "help.asa_s <= 20s"


def test_the_longest_wait_of_a_day_can_be_asked_of_a_share_of_days() -> None:
    """P(...) of a maximum is an expectation like another."""
    (goal,) = asked(pool(), ["P(help.wait_max_s <= 60s) >= 90%"]).goals
    assert goal.target.of_days is not None


def test_without_targets_those_of_the_scenario_serve() -> None:
    """`expect` is what is planned for."""
    problem = asked(pool(expect="[help.asa_s <= 20s]"), [])
    assert [goal.text for goal in problem.goals] == ["help.asa_s <= 20s"]


def test_groups_held_fixed_are_not_free_but_cost() -> None:
    """One group free, the other's cost in every plan."""
    problem = asked(two_skills(), ["a.abandonment <= 9%"], fixed=["only_a"])
    assert problem.free == (1,) and problem.counts((3,)) == {"only_a": 1, "both": 3}
    assert problem.cost((3,)) == 20.0 + 3 * 25.0


def test_without_cost_an_agent_costs_one() -> None:
    """The cost of a plan is then its number of agents."""
    assert asked(pool(), ["help.abandonment <= 5%"]).cost((12,)) == 12.0


def test_a_schedule_keeps_its_shape_and_costs_its_hours() -> None:
    """Twice the agents are twice as many in every period; cost counts the hours on shift."""
    scenario = loads_scenario(
        """
horizon: 4h
queues: [{name: help, arrivals: {rate: 1/min}, service_time: 3min}]
agents:
  - name: team
    cost: 10
    schedule: [{from: 0h, to: 1h, count: 2}, {from: 1h, to: 3h, count: 4}]
"""
    )
    twice = scaled(scenario.agents[0], 8)
    assert twice.schedule is not None
    assert [p.count for p in twice.schedule] == [4, 8] and twice.count == 8
    assert [p.count for p in scaled(scenario.agents[0], 3).schedule or ()] == [2, 3]
    problem = asked(scenario, ["help.abandonment <= 5%"])
    assert problem.cost((4,)) == pytest.approx(10 * (2 * 1 + 4 * 2) / 4)


def test_a_cover_counts_all_who_take_the_queue() -> None:
    """Five agents for b are two of the specialists' group and three of those who take both."""
    more = "  - {name: only_b, tags: [b], count: 2, cost: 20}"
    problem = asked(two_skills(more), ["a.abandonment <= 9%"], fixed=["only_b"], cover=["b=5"])
    assert problem.allows((0, 3)) and not problem.allows((9, 2))
    with pytest.raises(ValueError, match="the bounds do not allow it"):
        asked(
            two_skills(more), ["a.abandonment <= 9%"], bounds=["agents.both=..2"],
            fixed=["only_b"], cover=["b=5"],
        )  # fmt: skip


def test_agents_who_are_busy_at_the_start_stay() -> None:
    """`initial` names two agents: fewer can't be asked for."""
    scenario = pool(initial="{busy: [{agent: 'team[1]', queue: help, since: 1min}]}")
    assert asked(scenario, ["help.abandonment <= 5%"]).bounds[0].low == 2
    with pytest.raises(ValueError, match="as busy"):
        asked(scenario, ["help.abandonment <= 5%"], bounds=["agents.team=0..9"])
