"""Targets: subjects, metrics and values in their own units."""

from __future__ import annotations

import pytest

from sim.scenario.model import Target
from sim.scenario.targets import METRICS, parse_target, quoted, split_path

QUEUES, GROUPS = ["support", "sales, EU", "agents"], ["tier1", 'night "owls"']


@pytest.mark.parametrize(
    ("text", "subject", "metric", "operator", "value", "group"),
    [
        ("support.service_level >= 80%", "support", "service_level", ">=", 0.8, False),
        ("total.asa_s<=30s", "total", "asa_s", "<=", 30.0, False),
        ('"sales, EU".abandonment <= 0.05', "sales, EU", "abandonment", "<=", 0.05, False),
        ("agents.tier1.occupancy <= 85%", "tier1", "occupancy", "<=", 0.85, True),
        (
            'agents."night \\"owls\\"".calls_per_agent >= 3',
            'night "owls"',
            "calls_per_agent",
            ">=",
            3.0,
            True,
        ),
        ("agents.queue_length_mean <= 2", "agents", "queue_length_mean", "<=", 2.0, False),
    ],
)
def test_targets(
    text: str, subject: str, metric: str, operator: str, value: float, group: bool
) -> None:
    """A target is read as subject, metric, operator and value."""
    assert parse_target(text, QUEUES, GROUPS) == Target(
        text, subject, metric, operator, value, group
    )


def test_paths_are_undone_by_quoting() -> None:
    """Any name survives in a path."""
    for name in ("a", "a.b", 'x"y', "back\\slash", "a, b", "[0]", ""):
        assert split_path(f"queues.{quoted(name)}.tags") == ["queues", name, "tags"]


def test_every_metric_is_described() -> None:
    """The table says what each metric is."""
    assert all(m.description and name == m.name for name, m in METRICS.items())
