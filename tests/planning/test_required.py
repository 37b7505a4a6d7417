"""What is asked of `requirement`, as it is written."""

from __future__ import annotations

import pytest

from sim.planning.required import DAY, INTERVAL, asked
from sim.scenario.load import loads_scenario
from sim.scenario.model import Scenario

LEVEL, WAIT = "help.service_level >= 80%", "total.asa_s <= 20s"


def scenario(expect: str = "[]") -> Scenario:
    return loads_scenario(
        "horizon: 1h\nqueues: [{name: help, arrivals: {rate: 1/min}, service_time: 2min}]\n"
        f"agents: [{{name: team, count: 4}}]\nexpect: {expect}\n"
    )


@pytest.mark.parametrize(
    ("targets", "over", "found"),
    [
        ([LEVEL], None, INTERVAL),
        ([LEVEL], DAY, DAY),
        ([f"{LEVEL} in every interval", WAIT], None, INTERVAL),
        ([f"{LEVEL} every interval"], INTERVAL, INTERVAL),
        ([f"{LEVEL} over the day", WAIT], None, DAY),
        ([f"{LEVEL} Over  the day", f"{WAIT} over the day"], DAY, DAY),
    ],
)
def test_where_targets_hold(targets: list[str], over: str | None, found: str) -> None:
    """As they say, else the option, else every interval; nothing of it stays in a target."""
    wanted = asked(scenario(), targets, over=over)
    assert wanted.over == found
    assert [target.text for target in wanted.targets] == [LEVEL, WAIT][: len(targets)]


@pytest.mark.parametrize(
    ("targets", "over", "says"),
    [
        ([f"{LEVEL} in every interval", f"{WAIT} over the day"], None, "`staff` takes both"),
        ([f"{LEVEL} in every interval"], DAY, "`in every interval` goes against --over day"),
        ([f"{LEVEL} over the day"], INTERVAL, "`over the day` goes against --over interval"),
        ([], None, "nothing to meet: give a --target"),
        ([LEVEL], "week", "--over: `interval` or `day`, found `week`"),
    ],
)
def test_where_they_can_not(targets: list[str], over: str | None, says: str) -> None:
    """Scopes that go against each other are refused, with a way out."""
    with pytest.raises(ValueError, match=says):
        asked(scenario(), targets, over=over)


def test_without_targets_those_of_the_scenario_serve() -> None:
    """`expect` is what is required, if it can be."""
    (target,) = asked(scenario(f"[{LEVEL}]"), []).targets
    assert target.text == LEVEL
    with pytest.raises(ValueError, match=r"expect: .* without `P\(...\)`"):
        asked(scenario("[P(help.abandonment <= 5%) >= 90%]"), [])
