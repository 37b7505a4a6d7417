"""Warnings: scenarios that are valid and still look as if something else was meant."""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterator

from sim.scenario.limits import expected_calls, profile_calls
from sim.scenario.model import (
    ActionType,
    AgentGroup,
    LintWarning,
    ProfileArrivals,
    Queue,
    Scenario,
)
from sim.scenario.resolve_flows import pass_of

__all__ = ["CODES", "LintWarning", "lint"]

CODES = (
    "no-matching-agent",
    "agent-without-queue",
    "milliseconds-suspected",
    "overload",
    "long-warmup",
    "one-replication-with-targets",
    "misspelt-tag",
    "profile-ends-early",
)
MAX_PAIRS = 1_000_000
MAX_TAGS = 500
"""Beyond these, overload and misspelt tags are not looked for: it would take too long."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def lint(scenario: Scenario) -> tuple[LintWarning, ...]:
    """All warnings about a scenario, those noted while it was read among them."""
    found = [*_unmatched_queues(scenario), *_unmatched_agents(scenario), *scenario.notes]
    found += [*_overload(scenario), *_run_length(scenario), *_tags(scenario)]
    found += _profiles(scenario)
    return tuple(sorted(found, key=lambda warning: CODES.index(warning.code)))


def _on_shift_s(group: AgentGroup, horizon_s: float) -> float:
    """Agent-seconds on shift before the horizon."""
    if not group.present:
        return 0.0
    if group.schedule is None:
        return group.count * horizon_s
    return sum(
        period.count * max(0.0, min(period.to_s, horizon_s) - period.from_s)
        for period in group.schedule
    )


def _unmatched_queues(scenario: Scenario) -> Iterator[LintWarning]:
    for i, queue in enumerate(scenario.queues):
        matching = [group for group in scenario.agents if queue.matches(group.tags)]
        if any(_on_shift_s(group, scenario.horizon_s) > 0 for group in matching):
            continue
        fate = (
            "for ever"
            if _endless(queue, scenario)
            else "until they leave by themselves"
            if math.isinf(queue.wait_timeout_s)
            else "until their timeout"
        )
        who = "no agent that matches it is ever on shift" if matching else "no agent matches it"
        tags = ", ".join(f"`{tag}`" for tag in queue.tags) or "none"
        yield LintWarning(
            "no-matching-agent",
            f"queues[{i}].tags",
            f"queue `{queue.name}`: {who}, so all its calls wait {fate} (tags: {tags})",
        )


def _unmatched_agents(scenario: Scenario) -> Iterator[LintWarning]:
    for i, group in enumerate(scenario.agents):
        if group.count and not any(queue.matches(group.tags) for queue in scenario.queues):
            yield LintWarning(
                "agent-without-queue",
                f"agents[{i}].tags",
                f"agents `{group.name}` match no queue and will never take a call",
            )


def _endless(queue: Queue, scenario: Scenario) -> bool:
    """Whether nothing ends a call's waiting but an answer, and nothing keeps calls out."""
    if not math.isinf(queue.wait_timeout_s) or queue.patience or queue.max_waiting is not None:
        return False
    if queue.wait_flow is None:
        return True
    flow = scenario.flows[queue.wait_flow]
    played = [flow.actions[i] for i in pass_of(flow) or ()]
    return not any(
        action.type is ActionType.HANGUP or action.hangup_probability > 0 for action in played
    )


def _work_s(queue: Queue, horizon_s: float) -> float:
    """Expected conversation and wrap-up of the calls before the horizon, at speed 1."""
    service = min(queue.service_time.mean_s, queue.service_timeout_s)
    after = queue.wrap_up.mean_s if queue.wrap_up is not None else 0.0
    arrivals = queue.arrivals
    if isinstance(arrivals, ProfileArrivals) and arrivals.service_scale is not None:
        total, step = 0.0, arrivals.interval_s
        for i, scale in enumerate(arrivals.service_scale):
            calls = profile_calls(
                ProfileArrivals(step, (arrivals.calls[i],)), 0.0, horizon_s - i * step
            )
            total += calls * (service * scale + after)
        return total
    return expected_calls(arrivals, horizon_s) * (service + after)


def _overload(scenario: Scenario) -> Iterator[LintWarning]:
    """Offered load against capacity, both over the whole horizon.

    Looked at for each queue by itself and for each set of queues that share agents; only
    queues in which nothing ends the waiting count. A peak that passes is no overload here.
    """
    horizon = scenario.horizon_s
    endless = [i for i, queue in enumerate(scenario.queues) if _endless(queue, scenario)]
    if len(endless) * len(scenario.agents) > MAX_PAIRS:
        return
    warned: set[int] = set()
    sets = [[i] for i in endless] + [part for part in _connected(scenario, endless)]
    for part in sets:
        if warned & set(part):
            continue
        work = sum(_work_s(scenario.queues[i], horizon) for i in part)
        capacity = sum(
            _on_shift_s(group, horizon) * group.speed
            for group in scenario.agents
            if any(scenario.queues[i].matches(group.tags) for i in part)
        )
        if capacity <= 0 or work <= capacity * (1 + 1e-9):
            continue
        warned |= set(part)
        names = ", ".join(f"`{scenario.queues[i].name}`" for i in part)
        yield LintWarning(
            "overload",
            f"queues[{part[0]}]",
            f"queue{'s' if len(part) > 1 else ''} {names}: an offered load of "
            f"{work / horizon:.3g} erlangs for a capacity of {capacity / horizon:.3g} agents, and "
            "nothing ends the waiting (wait_timeout, patience, max_waiting): it only grows",
        )


def _connected(scenario: Scenario, queues: list[int]) -> list[list[int]]:
    """The queues in groups that share agents, directly or through others."""
    groups: list[set[int]] = [{i} for i in queues]
    for agents in scenario.agents:
        touched = {i for i in queues if scenario.queues[i].matches(agents.tags)}
        if touched:
            joined = [group for group in groups if group & touched]
            groups = [group for group in groups if not group & touched]
            groups.append(set().union(*joined))
    return [sorted(group) for group in groups if len(group) > 1]


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
