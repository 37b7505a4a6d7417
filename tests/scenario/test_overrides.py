"""`--set`: paths through names, ids and quotes; values; and what leads nowhere."""

from __future__ import annotations

import pytest

from sim.scenario.behaviour import Break, Busyness, Polling
from sim.scenario.distributions import Deterministic
from sim.scenario.errors import ScenarioError
from sim.scenario.load import loads_scenario
from sim.scenario.model import Scenario
from sim.scenario.overrides import parse_values, split_override

TEXT = """\
horizon: 8h
queues:
  - name: "sales, EU"
    id: q-1
    tag_ids: [a]
    arrivals: {rate: 1/min}
    service_time: {distribution: exponential, mean: 3min}
agents:
  - {name: tier1, count: 3}
"""


def changed(*overrides: str) -> Scenario:
    return loads_scenario(TEXT, overrides=overrides)


def test_paths() -> None:
    """Names in quotes, ids and places lead to the same queue."""
    for path in ('queues."sales, EU"', "queues.q-1", "queues[0]", "queues.0"):
        assert changed(f"{path}.wait_timeout=60s").queues[0].wait_timeout_s == 60.0
    assert changed("queues.q-1.tags=[b, c]").queues[0].tags == ("b", "c")
    assert changed("queues.q-1.service_level.threshold=5s").queues[0].service_level.threshold_s == 5
    assert changed("agents.tier1.count=7").n_agents == 7
    assert changed("queues.q-1.arrivals={every: 5s}", "seed=3").seed == 3
    assert changed("name=a: b", "name=x=y").name == "x=y"


def test_paths_into_features() -> None:
    """What is not there yet comes into being on the way; what is there is changed in part."""
    found = changed(
        "agents.tier1.tags=[a]",
        "queues.q-1.retry={probability: 30%, delay: 5min}",
        "queues.q-1.retry.max_attempts=5",
        "queues.q-1.arrivals.busyness.cv=15%",
        "agents.tier1.ring.delay=3s",
        'agents.tier1.service_time."sales, EU"=2min',
        "agents.tier1.breaks=[{at: 1h, length: 5min}, {at: 3h, length: 5min}]",
        "agents.tier1.breaks[1].length=10min",
        "agents.tier1.shrinkage=10%",
        "dispatch.polling.retry=2s",
        "flow_action_limit=50",
        "initial.busy=[{agent: 'tier1[0]', queue: q-1, since: 5s}]",
        "initial.busy[0].since=6s",
    )
    (queue,), (group,) = found.queues, found.agents
    assert queue.retry is not None and queue.retry.max_attempts == 5
    assert queue.arrivals.busyness == Busyness(0.15)  # type: ignore[union-attr]
    assert group.ring is not None and group.ring.delay == Deterministic(value_s=3.0)
    assert group.service_times == ((0, Deterministic(value_s=120.0)),)
    assert group.breaks[1] == Break(3 * 3600.0, 600.0) and group.shrinkage == 0.1
    assert found.dispatch == Polling(retry_s=2.0) and found.flow_action_limit == 50
    assert found.initial is not None and found.initial.busy[0].since_s == 6.0
    assert changed("dispatch=deployed").flow_action_limit == 100


@pytest.mark.parametrize(
    ("override", "fragment"),
    [
        ("queues.sales.wait_timeout=60s", "no `sales` in `queues`"),
        ("agents.tier2.count=3", "did you mean `tier1`"),
        ("replicatons=3", "did you mean `replications`"),
        ("queues.q-1.wait_timout=3s", "did you mean `wait_timeout`"),
        ("agents.tier1.count.x=3", "there is no `x` in it"),
        ("agents.tier1.count=many", "expected a whole number"),
        ("queues[5].name=a", "it has 1 items"),
        ("seed", "expected PATH=VALUE"),
        ("=3", "a name is missing"),
        ("queues..name=3", "a name is missing"),
        ('queues."a=3', "expected PATH=VALUE"),
        ("seed=[1", "not valid YAML"),
        ("seed=.nan", "not-a-number"),
        ("horizon=8", "a bare number is not a duration"),
        ("queues.q-1.retry.probability=2", "`delay` is required"),
        ("queues.q-1.overflow.after=5s", "`to` is required"),
        ("agents.tier1.ring.no_answer=5%", "would ring for ever"),
        ("agents.tier1.breaks[0].at=1h", "expected a list, found a mapping"),
        ("dispatch=polling", "expected one of `immediate`, `deployed`"),
    ],
)
def test_bad_overrides(override: str, fragment: str) -> None:
    """A bad override is shown as it was written."""
    with pytest.raises(ScenarioError) as caught:
        changed(override)
    assert fragment in caught.value.render()
    assert caught.value.problems[0].file == "--set"
    assert caught.value.problems[0].source == override or "YAML" in fragment


def test_columns_of_errors() -> None:
    """The caret of an error in an override stands below the value."""
    with pytest.raises(ScenarioError) as caught:
        changed("agents.tier1.count=many")
    assert caught.value.render().endswith("\n    agents.tier1.count=many\n    " + " " * 19 + "^")


def test_values() -> None:
    """Lists, ranges and steps; brackets keep their commas."""
    assert parse_values("60s,100s") == ("60s", "100s")
    assert parse_values("8..11") == ("8", "9", "10", "11")
    assert parse_values("8..16:4, 20") == ("8", "12", "16", "20")
    assert parse_values("{rate: 1/min, x: 2},[a, b]") == ("{rate: 1/min, x: 2}", "[a, b]")
    assert split_override('queues."a=b".priority = 3') == ('queues."a=b".priority', "3")
    for bad in ("", "1,,2", "9..1", "1..5:0", "0..999999999"):
        with pytest.raises(ValueError, match=r"."):
            parse_values(bad)
