"""Targets: subjects, metrics and values in their own units."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sim.scenario.model import ShareOfDays, Target
from sim.scenario.targets import METRICS, is_of_days, parse_target, quoted, split_path

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


@pytest.mark.parametrize(
    ("text", "inner", "operator", "share"),
    [
        ("P(support.service_level >= 80%) >= 90%", "support.service_level >= 80%", ">=", 0.9),
        (" P ( agents.tier1.occupancy<=85% )<=0.1 ", "agents.tier1.occupancy<=85%", "<=", 0.1),
        ('P("sales, EU".asa_s <= 30s) >= .5', '"sales, EU".asa_s <= 30s', ">=", 0.5),
    ],
)
def test_targets_on_the_share_of_days(text: str, inner: str, operator: str, share: float) -> None:
    """P(TARGET) is the target with a bound on the share of days; its text is as given."""
    found = parse_target(text, QUEUES, GROUPS)
    plain = parse_target(inner, QUEUES, GROUPS)
    assert found == replace(plain, text=text.strip(), of_days=ShareOfDays(operator, share))
    assert is_of_days(text) and not is_of_days(inner)


def test_a_queue_may_be_called_like_a_share_of_days() -> None:
    """Brackets in a name stay part of it, quoted or not."""
    odd = ["P(a", "P(b.asa_s <= 3s) >= 1%"]
    assert parse_target("P(a.asa_s <= 3s", odd, []).subject == "P(a"
    for text in (f"{quoted(odd[1])}.asa_s <= 5s", f"P({quoted(odd[1])}.asa_s <= 5s) >= 10%"):
        assert parse_target(text, odd, []).subject == odd[1]
        assert is_of_days(text) == text.startswith("P")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("P(support.asa_s <= 3s)", "each with `>=` or `<=`, such as"),
        ("P(support.asa_s) >= 3%", "a target on the share of days is"),
        ("p(support.asa_s <= 3s) >= 3%", "a target on the share of days is"),
        ("P(P(support.asa_s <= 3s) >= 9%) >= 9%", "a target on the share of days is"),
        ("P() >= 3%", "a target on the share of days is"),
        ("P(support.asa_s <= 3s) > 90%", "uses `<=` or `>=`, found `>`"),
        ("P(support.asa_s < 3s) >= 90%", "uses `<=` or `>=`, found `<`"),
        ("P(suport.asa_s <= 3s) >= 90%", "did you mean `support`"),
        ("P(support.asa_s <= 3) >= 90%", "`asa_s`: "),
        ("P(support.asa_s <= 3s) >= 3s", "the share of days: expected a share"),
        ("P(support.asa_s <= 3s) >= 90", "the share of days: a share must lie between 0 and 1"),
        ("P(support.asa_s <= 3s) >=", "the share of days: expected a share"),
    ],
)
def test_a_share_of_days_that_makes_no_sense(text: str, message: str) -> None:
    """The error says which part is wrong and what is allowed."""
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_target(text, QUEUES, GROUPS)


def test_paths_are_undone_by_quoting() -> None:
    """Any name survives in a path."""
    for name in ("a", "a.b", 'x"y', "back\\slash", "a, b", "[0]", ""):
        assert split_path(f"queues.{quoted(name)}.tags") == ["queues", name, "tags"]


def test_every_metric_is_described() -> None:
    """The table says what each metric is."""
    assert all(m.description and name == m.name for name, m in METRICS.items())
