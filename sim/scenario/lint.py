"""Warnings: scenarios that are valid and still look as if something else was meant."""

from __future__ import annotations

import difflib
import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from sim.scenario.lint_load import overload
from sim.scenario.lint_matches import unmatched_agents, unmatched_queues, unused_service_times
from sim.scenario.lint_waiting import cut_flows
from sim.scenario.model import LintWarning, ProfileArrivals, RecordedArrivals, Scenario, Target

__all__ = ["CODES", "LintWarning", "lint"]

CODES = (
    "no-matching-agent",
    "agent-without-queue",
    "milliseconds-suspected",
    "overload",
    "long-warmup",
    "one-replication-with-targets",
    "too-few-replications",
    "misspelt-tag",
    "profile-ends-early",
    "recorded-after-horizon",
    "flow-limit-before-timeout",
    "unused-service-time",
)
MAX_TAGS = 500
"""Beyond this, misspelt tags are not looked for: it would take too long."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def lint(scenario: Scenario) -> tuple[LintWarning, ...]:
    """All warnings about a scenario, those noted while it was read among them."""
    found = [*unmatched_queues(scenario), *unmatched_agents(scenario), *scenario.notes]
    found += [*overload(scenario), *_run_length(scenario), *_tags(scenario)]
    found += [*_profiles(scenario), *_recordings(scenario)]
    found += [*cut_flows(scenario), *unused_service_times(scenario)]
    return tuple(sorted(found, key=lambda warning: CODES.index(warning.code)))


def _run_length(scenario: Scenario) -> Iterator[LintWarning]:
    if scenario.warmup_s > scenario.horizon_s / 2:
        yield LintWarning(
            "long-warmup",
            "warmup",
            "the warm-up is longer than half the horizon: little is left to count",
        )
    if scenario.replications == 1 and scenario.expect:
        yield LintWarning(
            "one-replication-with-targets",
            "replications",
            "one replication has no confidence interval: no target can be shown to be met",
        )
    for i, target in enumerate(scenario.expect):
        least = _least_days(target)
        if scenario.replications == 1 or scenario.replications >= least:
            continue
        takes = "no number does" if least == math.inf else f"{least:,} do, if all agree"
        yield LintWarning(
            "too-few-replications",
            f"expect[{i}]",
            f"{scenario.replications} replications can't show that `{target.text}` is met: {takes}",
        )


def _least_days(target: Target) -> float:
    """The fewest replications that can show a share of days.

    With all n on the right side the exact 95 % interval of their share ends at 0.025^(1/n)
    (Clopper and Pearson 1934).
    """
    if target.of_days is None:
        return 0
    wanted = target.of_days.value
    side = wanted if target.of_days.operator == ">=" else 1.0 - wanted
    if side in (0.0, 1.0):
        return math.inf if side else 0
    return math.ceil(math.log(0.025) / math.log(side))


def _tags(scenario: Scenario) -> Iterator[LintWarning]:
    holders = [(f"queues[{i}].tags", q.tags) for i, q in enumerate(scenario.queues)]
    holders += [(f"agents[{i}].tags", g.tags) for i, g in enumerate(scenario.agents)]
    uses = Counter(tag for _, tags in holders for tag in tags)
    if len(uses) > MAX_TAGS:
        return
    for where, tags in holders:
        for tag in tags:
            if uses[tag] > 1 or len(tag) < 4 or _UUID.fullmatch(tag):
                continue
            near = [other for other in uses if other != tag and _alike(tag, other)]
            if not near:
                continue
            best = max(near, key=lambda other: uses[other])
            yield LintWarning(
                "misspelt-tag",
                where,
                f"the tag `{tag}` occurs only here: was `{best}` meant?",
            )


def _alike(tag: str, other: str) -> bool:
    """Near to each other, and not only told apart by a number."""
    one, two = tag.lower(), other.lower()
    if _UUID.fullmatch(other) or abs(len(one) - len(two)) > 2:
        return False
    if one != two and re.sub(r"[0-9]", "", one) == re.sub(r"[0-9]", "", two):
        return False
    return difflib.SequenceMatcher(None, one, two).ratio() >= 0.8


def _profiles(scenario: Scenario) -> Iterator[LintWarning]:
    for i, queue in enumerate(scenario.queues):
        arrivals = queue.arrivals
        if not isinstance(arrivals, ProfileArrivals):
            continue
        end = arrivals.interval_s * len(arrivals.calls)
        if end < scenario.horizon_s * (1 - 1e-12):
            yield LintWarning(
                "profile-ends-early",
                f"queues[{i}].arrivals",
                f"queue `{queue.name}`: the profile ends after {end / 3600:.3g} h and the horizon "
                f"is {scenario.horizon_s / 3600:.3g} h: no calls come in between",
            )


def _recordings(scenario: Scenario) -> Iterator[LintWarning]:
    for i, queue in enumerate(scenario.queues):
        arrivals = queue.arrivals
        if not isinstance(arrivals, RecordedArrivals):
            continue
        late = len(arrivals.times_s) - bisect_left(arrivals.times_s, scenario.horizon_s)
        if late:
            yield LintWarning(
                "recorded-after-horizon",
                f"queues[{i}].arrivals",
                f"queue `{queue.name}`: {late:,} of the {len(arrivals.times_s):,} recorded calls "
                "come at the horizon or later and are left out",
            )
