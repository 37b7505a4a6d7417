"""The metrics once more, slowly: loops over the call log, from the definitions in words.

Nothing here uses the program's sums, histograms or estimates.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.logs import CallLog, Cause, Outcome
from sim.scenario.model import ActionType, Flow, Queue, Scenario, ServiceLevelFormula
from tests.strategies import one_pass

NEVER = math.inf
Value = float | None


@dataclass(frozen=True)
class PlainCall:
    """A row of the call log; None where it did not happen."""

    number: int
    queue: int
    arrival: float
    routed: float | None
    answer: float | None
    leave: float | None
    outcome: Outcome
    cause: Cause
    agent: int | None
    service: float | None
    wrap_up: float | None
    cut: bool

    @property
    def joined(self) -> bool:
        return self.outcome is not Outcome.BLOCKED

    @property
    def wait_end(self) -> float:
        """When it is answered or leaves unserved; never, for a call still waiting."""
        if self.answer is not None:
            return self.answer
        return NEVER if self.leave is None else self.leave

    def ended_within(self, limit_s: float) -> bool:
        """Whether its wait ended by joining + limit, the way deadlines are computed."""
        return self.wait_end <= self.arrival + limit_s

    @property
    def waiting_end(self) -> float:
        """When it is routed or leaves unserved, whichever is first."""
        return self.wait_end if self.routed is None else self.routed

    @property
    def wait(self) -> float:
        return self.wait_end - self.arrival

    @property
    def free_at(self) -> float:
        """When its agent is free again."""
        return NEVER if self.leave is None else self.leave + (self.wrap_up or 0.0)


def plain_calls(log: CallLog) -> list[PlainCall]:
    """The rows of a log, in call order."""

    def known(x: float) -> float | None:
        return None if math.isnan(x) else x

    rows = zip(
        *(
            getattr(log, name).tolist()
            for name in (
                "call", "queue", "arrival", "routed", "answer", "leave", "outcome", "cause",
                "agent", "service", "wrap_up", "cut",
            )
        ),
        strict=True,
    )  # fmt: skip
    return [
        PlainCall(
            number, queue, arrival, known(routed), known(answer), known(leave), Outcome(outcome),
            Cause(cause), agent if agent >= 0 else None, known(service), known(wrap_up), cut,
        )
        for number, queue, arrival, routed, answer, leave, outcome, cause, agent, service, wrap_up,
        cut in rows
    ]  # fmt: skip


# --- counts --------------------------------------------------------------------------------


def counts(calls: Iterable[PlainCall]) -> dict[str, int]:
    """The counts of the result document, of these calls."""
    calls = list(calls)
    by = Counter(call.outcome for call in calls)
    return {
        "offered": len(calls),
        "blocked": by[Outcome.BLOCKED],
        "incoming": len(calls) - by[Outcome.BLOCKED],
        "serviced": sum(call.answer is not None for call in calls),
        "abandoned": by[Outcome.ABANDONED],
        "overflowed": by[Outcome.OVERFLOWED],
        "done": by[Outcome.DONE],
        "waiting_at_end": by[Outcome.WAITING],
        "connecting_at_end": by[Outcome.CONNECTING],
        "in_service_at_end": by[Outcome.SERVICE],
        "service_timeouts": sum(call.cut for call in calls),
        "ring_no_answer": 0,
        "retries": 0,
    }


def causes(calls: Iterable[PlainCall]) -> dict[str, int]:
    by = Counter(call.cause for call in calls)
    names = ("timeout", "hangup", "announcement", "flow")
    return {name: by[Cause[name.upper()]] for name in names}


# --- a queue's metrics ---------------------------------------------------------------------


def over(numerator: float, denominator: float) -> Value:
    return numerator / denominator if denominator > 0 else None


def service_levels(calls: Iterable[PlainCall], queues: Sequence[Queue]) -> dict[str, Value]:
    """All six service levels of calls whose wait has ended."""
    s = l_ = s_t = l_t = l_h = 0
    for call in calls:
        level = queues[call.queue].service_level
        if call.answer is not None:
            s += 1
            s_t += call.ended_within(level.threshold_s)
        elif call.outcome is Outcome.ABANDONED:
            l_ += 1
            l_t += call.ended_within(level.threshold_s)
            l_h += call.ended_within(level.short_abandon_s)
    return {
        "answered_of_incoming": over(s_t, s + l_),
        "excluding_quick_abandons": over(s_t, s + l_ - l_t),
        "quick_abandons_as_met": over(s_t + l_t, s + l_),
        "answered_of_answered": over(s_t, s),
        "short_abandons_as_met": over(s_t + l_h, s + l_),
        "excluding_short_abandons": over(s_t, s + l_ - l_h),
    }


def overlap(a: float, b: float, from_s: float, to_s: float) -> float:
    return max(0.0, min(b, to_s) - max(a, from_s))


def queue_metrics(
    replications: Sequence[Sequence[PlainCall]],
    scenario: Scenario,
    of_queues: Sequence[int],
    from_s: float,
    to_s: float,
    *,
    last: bool = True,
) -> dict[str, Value]:
    """All metrics of some queues, over calls that joined in [from_s, to_s), none in warm-up.

    Clock averages run over the window less the warm-up. `last`: the window reaches the end.
    """
    window = (max(from_s, scenario.warmup_s), to_s)
    n = len(replications)
    present = [c for rows in replications for c in rows if c.queue in of_queues]
    calls = [
        c
        for c in present
        if c.arrival >= max(from_s, scenario.warmup_s) and (c.arrival < to_s or last)
    ]
    answered = [c for c in calls if c.answer is not None]
    abandoned = [c for c in calls if c.outcome is Outcome.ABANDONED]
    done = [c for c in calls if c.outcome is Outcome.DONE]
    ended = answered + abandoned
    blocked = sum(not c.joined for c in calls)
    formulas = {scenario.queues[q].service_level.formula for q in of_queues}
    formula = formulas.pop() if len(formulas) == 1 else ServiceLevelFormula.ANSWERED_OF_INCOMING
    waits = [c.wait for c in ended]
    mean = over(math.fsum(waits), len(waits))
    handle = over(math.fsum((c.service or 0) + (c.wrap_up or 0) for c in done), len(done))
    span = n * max(0.0, window[1] - window[0])
    in_queue = math.fsum(overlap(c.arrival, c.wait_end, *window) for c in present if c.joined)
    return {
        "abandonment": over(len(abandoned), len(ended)),
        "service_level": service_levels(calls, scenario.queues)[str(formula)],
        "asa_s": over(math.fsum(c.wait for c in answered), len(answered)),
        "wait_mean_s": mean,
        "wait_sd_s": None
        if mean is None
        else math.sqrt(math.fsum((w - mean) ** 2 for w in waits) / len(waits)),
        "abandon_wait_mean_s": over(math.fsum(c.wait for c in abandoned), len(abandoned)),
        "delayed": over(sum(c.answer is None or c.answer > c.arrival for c in ended), len(ended)),
        "queue_length_mean": over(in_queue, span),
        "service_mean_s": over(math.fsum(c.service or 0 for c in done), len(done)),
        "handle_time_mean_s": handle,
        "offered_load_erlangs": None if handle is None or span <= 0 else len(calls) / span * handle,
        "blocked_share": over(blocked, len(calls)),
        "retry_share": over(0, len(calls) - blocked),
        "first_attempt_abandonment": over(len(abandoned), len(ended)),
    }


def sorted_waits(calls: Iterable[PlainCall]) -> list[float]:
    """Waits of answered and abandoned calls, the shortest first."""
    return sorted(c.wait for c in calls if c.answer is not None or c.outcome is Outcome.ABANDONED)


def peak(calls: Iterable[PlainCall], from_s: float, to_s: float) -> int:
    """The most calls waiting or connecting at any instant of [from_s, to_s); without ties.

    A call that has to wait counts at the instant of joining even if it leaves at once.
    """
    steps = sorted(
        (at, -change, change)
        for c in calls
        if c.joined and (c.wait_end > c.arrival or c.outcome is Outcome.ABANDONED)
        for at, change in ((c.arrival, +1), (c.wait_end, -1))
    )
    level = most = 0
    for at, _, change in steps:
        if at >= to_s:
            break
        if at >= from_s:
            most = max(most, level)
        level += change
        if at >= from_s:
            most = max(most, level)
    return max(most, level)


# --- agents --------------------------------------------------------------------------------


def shifts(scenario: Scenario) -> list[tuple[int, list[tuple[float, float]]]]:
    """Every agent's group and shifts as scheduled, in the file's order."""
    agents = []
    for g, group in enumerate(scenario.agents):
        for index in range(group.count):
            if not group.present:
                spells = []
            elif group.schedule is None:
                spells = [(0.0, NEVER)]
            else:
                spells = [(p.from_s, p.to_s) for p in group.schedule if p.count > index]
            agents.append((g, spells))
    return agents


def agent_metrics(
    replications: Sequence[Sequence[PlainCall]],
    scenario: Scenario,
    group: int,
    from_s: float,
    to_s: float,
) -> dict[str, Value]:
    """A group's metrics within [from_s, to_s) less the warm-up; means per replication."""
    window = (max(from_s, scenario.warmup_s), to_s)
    plan = shifts(scenario)
    n = len(replications)
    scheduled = n * math.fsum(
        overlap(a, b, *window) for g, spells in plan if g == group for a, b in spells
    )
    busy = talk = overtime = 0.0
    answered = 0
    for calls in replications:
        for c in calls:
            if c.agent is None or plan[c.agent][0] != group:
                continue
            assert c.routed is not None
            whole = overlap(c.routed, c.free_at, *window)
            busy += whole
            if c.answer is not None:
                talk += overlap(c.answer, NEVER if c.leave is None else c.leave, *window)
                answered += c.arrival >= scenario.warmup_s
            overtime += whole - math.fsum(
                overlap(max(c.routed, a), min(c.free_at, b), *window) for a, b in plan[c.agent][1]
            )
    here = scheduled + overtime
    return {
        "occupancy": over(busy, here),
        "utilisation": over(talk, here),
        "calls_per_agent": over(answered, n * scenario.agents[group].count),
        "overtime_s": overtime / n,
    }


# --- wait flows ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Play:
    """One action of a call's wait flow: the how many-th play, and when."""

    number: int
    action: int
    begin: float
    end: float


def plays(flow: Flow, joined: float, until: float) -> Iterable[Play]:
    """What a caller who joined hears, up to the first action that begins after `until`.

    The n-th pass ends at joined + (n + 1) * cycle, an action within it at
    joined + (n * cycle + offset); one that takes no time ends as it begins.
    """
    order = one_pass(flow.actions)
    offsets = []
    at = 0.0
    for i in order:
        at += flow.actions[i].duration_s
        offsets.append(at)
    cycle = at
    now, number, n = joined, 0, 0
    while True:
        for i, offset in zip(order, offsets, strict=True):
            end = now
            if flow.actions[i].duration_s > 0:
                whole = offset == cycle
                end = joined + ((n + 1) * cycle if whole else n * cycle + offset)
            yield Play(number, i, now, end)
            if now > until or flow.actions[i].type is ActionType.HANGUP:
                return
            now, number = end, number + 1
        n += 1
