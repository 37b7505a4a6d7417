"""Lint: each warning where it is deserved, and silence elsewhere."""

from __future__ import annotations

import pytest

from sim.scenario.lint import CODES, lint
from sim.scenario.load import loads_scenario

TEXT = """\
horizon: 8h
queues:
  - {{name: a, tags: [english], arrivals: {arrivals}, service_time: 3min{queue}}}
agents:
  - {{name: t, tags: [english], count: 5{agent}}}
{top}
"""


def codes(
    queue: str = "", agent: str = "", top: str = "", arrivals: str = "{rate: 1/min}"
) -> list[str]:
    text = TEXT.format(queue=queue, agent=agent, top=top, arrivals=arrivals)
    return [warning.code for warning in lint(loads_scenario(text))]


def test_silence() -> None:
    """An ordinary scenario has no warnings."""
    assert codes() == []


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("milliseconds-suspected", {"queue": ", wait_timeout: 100"}),
        ("overload", {"arrivals": "{rate: 2/min}"}),
        ("long-warmup", {"top": "warmup: 5h"}),
        ("too-few-replications", {"top": "replications: 35\nexpect: [P(a.asa_s <= 5s) >= 90%]"}),
        ("one-replication-with-targets", {"top": "replications: 1\nexpect: [a.asa_s <= 5s]"}),
        ("profile-ends-early", {"arrivals": "{profile: {interval: 1h, calls: [5, 5]}}"}),
        ("no-matching-agent", {"agent": ", status: away"}),
        ("no-matching-agent", {"agent": ", schedule: [{from: 9h, to: 10h, count: 1}]"}),
        ("no-matching-agent", {"agent": ", shrinkage: 100%"}),
        ("no-matching-agent", {"agent": ", breaks: [{at: 0s, length: 8h}]"}),
        ("overload", {"agent": ", shrinkage: 50%"}),
        ("overload", {"agent": ", breaks: [{at: 1h, length: 2h}, {at: 4h, length: 2h}]"}),
        ("overload", {"arrivals": "{recorded: [{time: 0s, service: 41h}]}", "top": "interval: 8h"}),
        ("recorded-after-horizon", {"arrivals": "{recorded: [{time: 1s}, {time: 8h}]}"}),
    ],
)
def test_one_warning(code: str, changes: dict[str, str]) -> None:
    """The change earns this warning and no other."""
    assert codes(**changes) == [code]


@pytest.mark.parametrize(
    "queue",
    [
        ", wait_timeout: 5min",
        ", patience: 5min",
        ", max_waiting: 5",
        ", wait_flow: [{sleep: 5s, hangup_probability: 1%}]",
        ", overflow: {after: 1min, to: b}",
        ", wait_flow: [{sleep: 5s}, {queue_join: b}]",
    ],
)
def test_no_overload_when_waiting_ends(queue: str) -> None:
    """Overload is only warned of where queues grow without end."""
    other = "}\n  - {name: b, tags: [english], arrivals: {rate: 1/day}, service_time: 3min"
    assert codes(queue=queue + other, arrivals="{rate: 2/min}") == []


def test_no_overload_with_quick_agents() -> None:
    """Agents' own service times count; a recorded service is cut at `service_timeout`."""
    assert codes(agent=", service_time: {a: 30s}", arrivals="{rate: 2/min}") == []
    assert codes(agent=", service_time: {a: 30s}, shrinkage: 99%", arrivals="{rate: 2/min}") != []
    recorded = "{recorded: [{time: 0s, service: 41h}]}"
    assert codes(arrivals=recorded, queue=", service_timeout: 1h", top="interval: 8h") == []


@pytest.mark.parametrize(
    ("queue", "limit", "said"),
    [
        (", wait_timeout: 10min", 100, "after 325 s, before the 600 s"),
        ("", 100, "after 325 s, and no `wait_timeout`"),
        (", wait_timeout: 325s", 100, ""),
        (", wait_timeout: 325.5s", 100, "after 325 s"),
        (", wait_timeout: 5min", 100, ""),
        (", wait_timeout: 1h, overflow: {after: 5min, to: b}", 100, ""),
        (", wait_timeout: 10min", 1000, ""),
        (", wait_timeout: 10min", None, ""),
    ],
)
def test_flow_limit(queue: str, limit: int | None, said: str) -> None:
    """The warning says when the limit ends the flow, if that is before anything else does."""
    text = TEXT.format(
        queue=f", wait_flow: [{{sleep: 5s}}, {{sleep: 8s}}]{queue}",
        agent="",
        top="" if limit is None else f"flow_action_limit: {limit}",
        arrivals="{rate: 1/min}",
    ).replace("agents:", "  - {name: b, arrivals: {rate: 1/day}, service_time: 1s}\nagents:")
    found = lint(loads_scenario(text))
    assert [w.code for w in found] == (["flow-limit-before-timeout"] if said else [])
    assert said in "".join(w.message for w in found)


def test_no_overload_when_the_action_limit_ends_the_waiting() -> None:
    """The limit sends callers away: the queue does not grow, but they are lost."""
    found = codes(
        queue=", wait_flow: [{sleep: 60s}]", top="dispatch: deployed", arrivals="{rate: 2/min}"
    )
    assert found == ["flow-limit-before-timeout"]


def test_the_fate_of_calls_that_no_agent_matches() -> None:
    """The warning says how their waiting ends."""
    text = TEXT.format(queue=", {more}", agent="", top="", arrivals="{rate: 1/min}")
    text = text.replace("[english], count", "[german], count").replace(
        "agents:",
        "  - {{name: b, tags: [german], arrivals: {{rate: 1/day}}, service_time: 1s}}\nagents:",
    )
    text = text.replace("{name: a", "{{name: a").replace("{rate: 1/min}", "{{rate: 1/min}}")
    text = text.replace("{more}}", "{more}}}").replace("{name: t", "{{name: t")
    text = text.replace("count: 5}", "count: 5}}")
    for more, fate in {
        "priority: 1": "wait for ever",
        "wait_timeout: 5min": "until their timeout",
        "patience: 5min": "until they leave by themselves",
        "overflow: {after: 5s, to: b}": "until they go on to another queue or leave",
        "wait_flow: [{queue_join: b}]": "until they go on to another queue or leave",
    }.items():
        (warning,) = lint(loads_scenario(text.format(more=more)))
        assert warning.code == "no-matching-agent" and fate in warning.message


def test_unused_service_time() -> None:
    """A service time for a queue whose tags the group does not have is told."""
    text = TEXT.format(
        queue="}\n  - {name: b, tags: [german], arrivals: {rate: 1/day}, service_time: 1s",
        agent=", service_time: {a: 1min, b: 2min}}\n  - {name: u, tags: [german]",
        top="",
        arrivals="{rate: 1/min}",
    )
    (warning,) = lint(loads_scenario(text))
    assert warning.code == "unused-service-time"
    assert warning.where == "agents[0].service_time" and "queue `b`" in warning.message


def test_shared_overload() -> None:
    """Two queues that share agents are overloaded together, each alone not."""
    text = TEXT.format(queue="", agent="", top="", arrivals="{rate: 1/min}")
    text = text.replace(
        "agents:", "  - {name: b, arrivals: {rate: 1/min}, service_time: 3min}\nagents:"
    )
    (warning,) = lint(loads_scenario(text))
    assert warning.code == "overload" and "`a`, `b`" in warning.message


def test_tags() -> None:
    """A misspelt tag is told; tags that differ by a number are not alike."""
    found = codes(agent=", cost: 5}\n  - {name: u, tags: [englsh]")
    assert found == ["agent-without-queue", "misspelt-tag"]
    assert "misspelt-tag" not in codes(
        agent="}\n  - {name: u, tags: [tier1]}\n  - {name: v, tags: [tier2]"
    )


def test_codes_are_known() -> None:
    """The list of codes has no double."""
    assert len(set(CODES)) == len(CODES)
