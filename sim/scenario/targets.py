"""The names of all metrics, and targets on them.

A target is on an expectation, `support.service_level >= 80%`, or on the share of days on which such
a target holds, `P(support.service_level >= 80%) >= 90%`; a day is a replication. No numbers are
computed here, so that reading a scenario stays light.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum

from sim.scenario.errors import did_you_mean, list_names
from sim.scenario.model import ShareOfDays, Target
from sim.scenario.units import format_duration, parse_duration, parse_share


class UnitKind(StrEnum):
    SHARE = "share"
    SECONDS = "seconds"
    NUMBER = "number"


class SubjectKind(StrEnum):
    QUEUE = "queue"
    AGENTS = "agents"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name, its unit, what it is of, and one line about it."""

    name: str
    unit: UnitKind
    subject: SubjectKind
    description: str


def _table() -> dict[str, Metric]:
    share, seconds, plain = UnitKind.SHARE, UnitKind.SECONDS, UnitKind.NUMBER
    rows: list[tuple[str, UnitKind, str]] = [
        ("abandonment", share, "abandoned of all calls whose wait ended"),
        ("service_level", share, "answered within the threshold, by the queue's formula"),
        ("asa_s", seconds, "mean wait of answered calls"),
        ("wait_mean_s", seconds, "mean wait of all calls"),
        ("wait_sd_s", seconds, "standard deviation of the wait"),
        ("wait_p50_s", seconds, "median wait"),
        ("wait_p90_s", seconds, "90th percentile of the wait"),
        ("wait_p95_s", seconds, "95th percentile of the wait"),
        ("wait_p99_s", seconds, "99th percentile of the wait"),
        ("wait_max_s", seconds, "longest wait"),
        ("abandon_wait_mean_s", seconds, "mean wait of abandoned calls"),
        ("delayed", share, "calls not answered at the instant of joining"),
        ("queue_length_mean", plain, "number waiting or connecting, by time"),
        ("queue_length_max", plain, "largest number waiting or connecting"),
        ("service_mean_s", seconds, "mean conversation of done calls"),
        ("handle_time_mean_s", seconds, "mean conversation and wrap-up of done calls"),
        ("offered_load_erlangs", plain, "offered calls per second times handle time"),
        ("blocked_share", share, "blocked of offered calls"),
        ("retry_share", share, "incoming calls that are retries"),
        ("first_attempt_abandonment", share, "abandonment of first attempts"),
    ]
    agents: list[tuple[str, UnitKind, str]] = [
        ("occupancy", share, "connecting, service and wrap-up of the time on shift"),
        ("utilisation", share, "service of the time on shift"),
        ("calls_per_agent", plain, "calls answered per scheduled agent and replication"),
        ("overtime_s", seconds, "work after the end of shifts"),
    ]
    table = {n: Metric(n, unit, SubjectKind.QUEUE, text) for n, unit, text in rows}
    return table | {n: Metric(n, unit, SubjectKind.AGENTS, text) for n, unit, text in agents}


METRICS: dict[str, Metric] = _table()

_BARE = re.compile(r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]{1,3})?")
_TARGET = re.compile(r"(?P<left>.*?)\s*(?P<op><=|>=|==|=<|=>|<|>|=)\s*(?P<value>[^<>=]*)", re.S)
_OF_DAYS = re.compile(
    r"P\s*\(\s*(?P<inner>.*[<>=].*?)\s*\)\s*(?P<op><=|>=|==|=<|=>|<|>|=)\s*(?P<value>[^<>=()]*)",
    re.S,
)


def split_path(text: str) -> list[str]:
    """The parts of a dotted path; a part in double quotes may hold anything.

    `queues[0].name` is the same as `queues.[0].name`. Raises ValueError.
    """
    parts: list[str] = []
    at = 0
    while True:
        if text.startswith('"', at):
            end = _closing(text, at)
            parts.append(text[at + 1 : end].replace('\\"', '"').replace("\\\\", "\\"))
            at = end + 1
        else:
            found = re.compile(r"[^.\"\[\]]+|\[[0-9]{1,9}\]").match(text, at)
            if found is None:
                raise ValueError(f"a name is missing in the path `{text[:80]}`")
            parts.append(found[0].strip())
            at = found.end()
        if at == len(text):
            return parts
        if text[at] == ".":
            at += 1
        elif text[at] != "[":
            raise ValueError(
                f"the path `{text[:80]}` goes wrong at `{text[at : at + 20]}`: "
                "put a dot between names"
            )


def _closing(text: str, begin: int) -> int:
    at = begin + 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    if at >= len(text):
        raise ValueError(f"a double quote is not closed in `{text[:80]}`")
    return at


def quoted(name: str) -> str:
    """A name as a path holds it: in double quotes where it has to be."""
    if re.fullmatch(r"[^\s.,\"\[\]\\<>=]+", name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_target(text: str, queues: Collection[str], groups: Collection[str]) -> Target:
    """A target on one of these queues or groups. Raises ValueError with what is wrong."""
    if len(text) > 1000:
        raise ValueError("a target of more than 1000 characters")
    text = text.strip()
    found = _OF_DAYS.fullmatch(_mask(text))
    if found is None:
        return _parse_plain(text, queues, groups)
    inner = _parse_plain(text[found.start("inner") : found.end("inner")], queues, groups)
    value = text[found.start("value") :].strip()
    try:
        bound = parse_share(float(value) if _BARE.fullmatch(value) else value)
    except ValueError as error:
        raise ValueError(f"the share of days: {error}") from None
    return replace(inner, text=text, of_days=ShareOfDays(_operator(found["op"]), bound))


def is_of_days(text: str) -> bool:
    """Whether a target's text is on the share of days, `P(TARGET) >= SHARE`."""
    return _OF_DAYS.fullmatch(_mask(text.strip())) is not None


def _parse_plain(text: str, queues: Collection[str], groups: Collection[str]) -> Target:
    """`SUBJECT.METRIC OP VALUE`."""
    opens = re.match(r"[Pp]\s*\(", text)
    if opens and not any(name.startswith(opens[0]) for name in queues):
        raise ValueError(
            "a target on the share of days is `P(SUBJECT.METRIC >= VALUE) >= SHARE`, each with"
            f" `>=` or `<=`, such as `P(total.service_level >= 80%) >= 90%`, found `{text[:80]}`"
        )
    found = _TARGET.fullmatch(_mask(text))
    if found is None:
        raise ValueError(
            "a target is `SUBJECT.METRIC >= VALUE` or `<=`, such as "
            f"`total.service_level >= 80%`, found `{text[:80]}`"
        )
    operator = _operator(found["op"])
    subject, metric, is_group = _subject(split_path(text[: found.end("left")]), queues, groups)
    value = text[found.start("value") :].strip()
    return Target(text, subject, metric.name, operator, parse_metric_value(metric, value), is_group)


def _operator(found: str) -> str:
    if found not in ("<=", ">="):
        raise ValueError(f"a target uses `<=` or `>=`, found `{found}`")
    return found


def parse_subject(
    text: str, queues: Collection[str], groups: Collection[str]
) -> tuple[str, Metric, bool]:
    """`SUBJECT.METRIC` as the subject's name, the metric, and whether it is a group."""
    return _subject(split_path(text.strip()), queues, groups)


def parse_metric_value(metric: Metric, text: str) -> float:
    """A value in the metric's unit: a share as 0..1, seconds, a number."""
    bare = _BARE.fullmatch(text)
    try:
        if metric.unit is UnitKind.SECONDS:
            return parse_duration(float(text) if bare else text)
        if metric.unit is UnitKind.SHARE:
            return parse_share(float(text) if bare else text)
    except ValueError as error:
        raise ValueError(f"`{metric.name}`: {error}") from None
    if not bare:
        raise ValueError(f"`{metric.name}` is compared with a number, found `{text[:40]}`")
    return float(text)


def format_metric_value(metric: Metric, value: float) -> str:
    """A value as a target writes it."""
    return format_duration(value) if metric.unit is UnitKind.SECONDS else f"{value!r}"


def _mask(text: str) -> str:
    """The text with what stands in double quotes replaced, to find the operator."""
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: "q" * len(found[0]), text)


def _subject(
    parts: list[str], queues: Collection[str], groups: Collection[str]
) -> tuple[str, Metric, bool]:
    is_group = len(parts) == 3 and parts[0] == "agents"
    if len(parts) != 2 and not is_group:
        raise ValueError(
            "the left side is `QUEUE.METRIC`, `total.METRIC` or `agents.GROUP.METRIC`, found "
            f"`{'.'.join(parts)[:80]}`"
        )
    subject, name = parts[-2:]
    kind = SubjectKind.AGENTS if is_group else SubjectKind.QUEUE
    known = groups if is_group else [*queues, "total"]
    if subject not in known:
        what = "agent group" if is_group else "queue"
        raise ValueError(
            f"no {what} `{subject[:60]}`: one of {list_names(known)}{did_you_mean(subject, known)}"
        )
    metric = METRICS.get(name)
    names = [each.name for each in METRICS.values() if each.subject is kind]
    if metric is None or metric.subject is not kind:
        raise ValueError(
            f"no metric `{name[:60]}` of {'agents' if is_group else 'a queue'}: one of "
            f"{list_names(names)}{did_you_mean(name, names)}"
        )
    return subject, metric, is_group
