"""What a run says in a few plain sentences: who was answered, who gave up, who waited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.report import text
from sim.scenario.model import Scenario, ServiceLevel, ServiceLevelFormula

CAUSES = {
    "timeout": ("timed out", "timed out"),
    "hangup": ("hung up", "hung up"),
    "announcement": ("hung up on an announcement", "hung up on\nannouncement"),
    "flow": ("were ended by the wait flow", "ended by\nflow"),
}
_LEFT_OVER = {
    "waiting_at_end": "waiting",
    "connecting_at_end": "connecting",
    "in_service_at_end": "in service",
}


def sentences(document: Mapping[str, Any], scenario: Scenario) -> Iterator[str]:
    """The answer, the waits, and whatever else must not be passed over."""
    total = document["total"]
    counts, metrics = total["counts"], total["metrics"]
    replications = int(document["replications"])
    per = _per(document)
    yield from overloaded(document)
    if counts["offered"] == 0:
        yield "No call came."
    else:
        yield _answer(counts, total["abandoned_by_cause"], metrics, scenario, replications, per)
    waits = _waits(metrics)
    if waits:
        yield waits
    yield from moves(counts, metrics, replications)
    yield from left_over(document)
    if scenario.n_agents == 0:
        yield "There are no agents."


def overloaded(document: Mapping[str, Any]) -> Iterator[str]:
    """What must come before any other number: that the load exceeds the capacity."""
    told = [str(w["message"]) for w in document.get("warnings", ()) if w["code"] == "overload"]
    if told:
        yield text.plain(
            f"Overload: {'; '.join(told)}. So the waits depend on how long the horizon is."
        )


def left_over(document: Mapping[str, Any]) -> Iterator[str]:
    """Who was still there at the end, if anybody was."""
    counts, replications = document["total"]["counts"], int(document["replications"])
    states = [
        f"{text.number(counts[key] / replications)} {state}"
        for key, state in _LEFT_OVER.items()
        if counts.get(key)
    ]
    if states:
        yield f"At the end there were still {text.joined(states, 'and')}{_per(document)}."


def _per(document: Mapping[str, Any]) -> str:
    """What the counts are of: nothing to say of one replication."""
    if document["replications"] == 1:
        return ""
    about_a_day = abs(document["horizon_s"] - text.DAY_S) <= text.DAY_S / 24
    return " a day" if about_a_day and document["warmup_s"] == 0 else " per replication"


def _answer(
    counts: Mapping[str, int],
    causes: Mapping[str, int],
    metrics: Mapping[str, Any],
    scenario: Scenario,
    replications: int,
    per: str,
) -> str:
    came = counts["offered"] - counts["overflowed"]
    offered = text.number(came / replications)
    sentence = f"Of {offered} {'call' if offered == '1' else 'calls'}{per} "
    if counts["blocked"]:
        full = text.share(metrics.get("blocked_share"))
        if counts["overflowed"]:
            full = text.percent(counts["blocked"] / came)
        sentence += f"{full} found the queue full; "
        if counts["blocked"] == counts["offered"]:
            return sentence.removesuffix("; ") + "."
        sentence += "of the others "
    abandonment = metrics.get("abandonment")
    answered = text.complement(abandonment)
    if answered is None:
        return sentence + "none was answered and none gave up."
    sentence += f"{text.share(answered)} were answered"
    sentence += _service_level(metrics.get("service_level"), scenario)
    ways = [words for cause, (words, _) in CAUSES.items() if causes.get(cause)]
    if not ways:
        return sentence + "; nobody gave up."
    return sentence + f"; {text.share(abandonment)} {text.joined(ways, 'or')}."


def moves(
    counts: Mapping[str, int], metrics: Mapping[str, Any], replications: int
) -> Iterator[str]:
    """What happens beside answers and losses: overflow, retries, phones that nobody answers.

    A call that goes on to another queue is offered there again; it is one call all the same.
    """
    if counts["overflowed"]:
        yield f"{_times(counts['overflowed'], replications, 'call')} went on to another queue."
    if counts["retries"]:
        sentence = (
            f"{_times(counts['retries'], replications, 'call')} came from callers who tried again"
        )
        first = text.share(metrics.get("first_attempt_abandonment"))
        yield sentence + ("." if first == text.NOTHING else f"; of first attempts {first} gave up.")
    if counts["ring_no_answer"]:
        rings = _times(counts["ring_no_answer"], replications, "time")
        yield f"{rings} a phone rang and nobody answered."


def _times(count: int, replications: int, thing: str) -> str:
    number = text.number(count / replications)
    return f"{number} {thing}" if number == "1" else f"{number} {thing}s"


def _service_level(estimate: Any, scenario: Scenario) -> str:
    levels = {queue.service_level for queue in scenario.queues}
    value = text.share(estimate)
    if value == text.NOTHING:
        return ""
    if len(levels) > 1:
        return f", the service level over all queues being {value}"
    (level,) = levels or {ServiceLevel()}
    within = text.duration(level.threshold_s)
    if level.formula is ServiceLevelFormula.ANSWERED_OF_INCOMING:
        return f", {value} within {within}"
    return f", the service level for {within} ({level.formula}) being {value}"


def _waits(metrics: Mapping[str, Any]) -> str:
    asa, p90 = text.value_of(metrics, "asa_s"), text.value_of(metrics, "wait_p90_s")
    parts = []
    if asa is not None:
        parts.append(f"those answered waited {text.duration(asa)} on average")
    if p90 is not None:
        limit = text.duration(p90)
        parts.append(
            f"nine callers in ten waited {limit} or less" if p90 else "nine in ten not at all"
        )
    sentence = "; ".join(parts)
    return f"{sentence[:1].upper()}{sentence[1:]}." if parts else ""
