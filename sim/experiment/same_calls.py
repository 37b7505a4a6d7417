"""Whether the variants of a comparison meet the same calls, and if not, why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.scenario.model import LintWarning, Scenario
from sim.scenario.units import format_duration

_MOST_QUEUES = 5


def other_calls(variants: Mapping[str, Scenario]) -> list[LintWarning]:
    """A warning for each variant that does not offer the same calls as the first.

    Callers are the same where seed, queues' names, arrivals and horizon are. Queues that not all
    have are told of elsewhere (`not_common`).
    """
    (a, first), *others = variants.items()
    found = []
    for b, scenario in others:
        reasons = list(_reasons(first, scenario))
        if reasons:
            message = f"{a} and {b} do not offer the same calls: {'; '.join(reasons)}"
            found.append(LintWarning("other-calls", "", message))
    return found


def _reasons(a: Scenario, b: Scenario) -> Iterator[str]:
    for what, one, other in (
        ("horizon", a.horizon_s, b.horizon_s),
        ("warm-up", a.warmup_s, b.warmup_s),
    ):
        if one != other:
            yield f"{what} {format_duration(one)} and {format_duration(other)}"
    if a.start != b.start:
        starts = ("none" if each is None else each.isoformat(" ") for each in (a.start, b.start))
        yield f"start {' and '.join(starts)}"
    theirs = {queue.name: queue.arrivals for queue in b.queues}
    names = [q.name for q in a.queues if q.name in theirs and theirs[q.name] != q.arrivals]
    if names:
        more = "" if len(names) <= _MOST_QUEUES else f" and {len(names) - _MOST_QUEUES} more"
        yield f"other arrivals of {', '.join(names[:_MOST_QUEUES])}{more}"
    if a.initial != b.initial:
        yield "other calls at the start"
