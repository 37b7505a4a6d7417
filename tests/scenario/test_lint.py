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
        ("one-replication-with-targets", {"top": "replications: 1\nexpect: [a.asa_s <= 5s]"}),
        ("profile-ends-early", {"arrivals": "{profile: {interval: 1h, calls: [5, 5]}}"}),
        ("no-matching-agent", {"agent": ", status: away"}),
        ("no-matching-agent", {"agent": ", schedule: [{from: 9h, to: 10h, count: 1}]"}),
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
    ],
)
def test_no_overload_when_waiting_ends(queue: str) -> None:
    """Overload is only warned of where queues grow without end."""
    assert codes(queue=queue, arrivals="{rate: 2/min}") == []


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
