"""The scenarios that come with the program: valid, commented, and they show what they say."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim.experiment.run import run
from sim.scenario.lint import lint
from sim.scenario.load import load_scenario

FOLDER = Path(__file__).parents[2] / "scenarios"
SHIPPED = sorted(FOLDER.glob("*.yaml"))
INTENDED = {
    "no_match": ["no-matching-agent", "agent-without-queue"],
    "platform": ["flow-limit-before-timeout"] * 3,
    "tutorial": ["agent-without-queue"],
}
"""The warnings that a scenario is there to show."""


@cache
def shown(name: str, *assignments: str) -> dict[str, Any]:
    return run(load_scenario(FOLDER / f"{name}.yaml", [*assignments])).document(
        with_intervals=False
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_says_what_it_shows_and_warns_of_nothing_else(path: Path) -> None:
    """Each begins with a comment on what it shows, and lints as intended."""
    assert path.read_text(encoding="utf-8").startswith("# Shows: ")
    assert [warning.code for warning in lint(load_scenario(path))] == INTENDED.get(path.stem, [])


def test_the_readme_names_them_all() -> None:
    """Whoever reads the README knows what there is to run."""
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    assert [path.stem for path in SHIPPED if f"`scenarios/{path.name}`" not in readme] == []


def test_the_platform_loses_callers_to_its_limit() -> None:
    """As its comment says: nobody waits longer than 325 s, and some are lost there."""
    total = shown("platform")["total"]
    assert total["abandoned_by_cause"]["flow"] > 0
    assert total["metrics"]["wait_max_s"]["value"] == pytest.approx(325.0)
    at_once = shown("platform", "dispatch=immediate")["total"]
    assert at_once["abandoned_by_cause"]["flow"] == 0
    assert at_once["metrics"]["wait_max_s"]["value"] > 325.0


def test_overflow_and_retries_happen() -> None:
    """Calls go on by time and by `queue_join`; callers call again; neither when switched off."""
    queues = {queue["name"]: queue["counts"] for queue in shown("overflow")["queues"]}
    assert queues["specialists"]["overflowed"] > 0 and queues["new customers"]["overflowed"] > 0
    assert queues["specialists"]["retries"] > 0 and queues["generalists"]["retries"] > 0
    sooner = shown("overflow", "queues.specialists.overflow.after=30s")["queues"][0]["counts"]
    assert sooner["overflowed"] > queues["specialists"]["overflowed"]
    never = shown("overflow", "queues.generalists.retry.probability=0")["queues"][2]["counts"]
    assert never["retries"] < queues["generalists"]["retries"]


def test_the_shift_plan_is_lived() -> None:
    """Phones go unanswered, agents work overtime, shifts have a cost below the plan's."""
    document = shown("shift_plan")
    assert document["total"]["counts"]["ring_no_answer"] > 0
    early, late = document["agents"]
    assert early["metrics"]["overtime_s"]["value"] > 0
    assert 0 < late["metrics"]["cost"]["value"] < 5 * 8 * 30
    calm = shown("shift_plan", "queues.service.arrivals.busyness.cv=0.01")["total"]["metrics"]
    uneven = document["total"]["metrics"]["abandonment"]["half_width"]
    assert calm["abandonment"]["half_width"] < uneven
    calls = shown("shift_plan", "agents.early.ring.no_answer=0")["total"]["counts"]
    assert calls["ring_no_answer"] < document["total"]["counts"]["ring_no_answer"]


def test_the_next_hour_begins_with_a_queue() -> None:
    """Those who wait now count, beside those to come; without them fewer calls are lost."""
    there = shown("now")
    empty = shown("now", "initial.waiting=[]")
    replications = there["replications"]
    counts, without = there["total"]["counts"], empty["total"]["counts"]
    assert counts["offered"] - without["offered"] == 4 * replications
    assert counts["abandoned"] > without["abandoned"]
