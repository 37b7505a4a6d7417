"""Logs as Asterisk and FreeSWITCH write them, of calls of which everything is known."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import numpy as np

import sim
from sim.calibration.history import Outcome, Visit

MONDAY = 1_772_438_400.0
"""2026-03-02 08:00 UTC."""
SCENARIOS = Path(__file__).parents[2] / "scenarios"

Lines = list[tuple[float, str]]


def simulated(scenario: str = "support.yaml", seed: int = 1, begin: float = MONDAY) -> list[Visit]:
    """The calls of one simulated day, as a reader should find them in its log."""
    run = sim.run(
        sim.load(SCENARIOS / scenario), replications=1, seed=seed, calls=True, progress=False
    )
    return [_visit(row, begin) for row in run.calls().itertuples() if row.leave == row.leave]


def _visit(row, begin: float) -> Visit:  # type: ignore[no-untyped-def]
    joined_at = begin + round(row.arrival, 6)
    call = f"{int(joined_at)}.{row.call}"
    if row.outcome == "blocked":
        return Visit(joined_at, row.queue, Outcome.BLOCKED, 0.0, call=call)
    if row.outcome == "done":
        return Visit(
            joined_at,
            row.queue,
            Outcome.ANSWERED,
            wait_s=row.answer - row.arrival,
            ring_s=row.answer - row.routed,
            talk_s=row.leave - row.answer,
            agent=row.agent,
            call=call,
        )
    outcome = Outcome.TIMEOUT if row.cause == "timeout" else Outcome.ABANDONED
    return Visit(joined_at, row.queue, outcome, row.leave - row.arrival, call=call)


# --- Asterisk -------------------------------------------------------------------------------


def queue_log(visits: Iterable[Visit], *, digits: int = 0, seed: int = 1) -> list[str]:
    """The lines of Asterisk's queue_log, in the order of their times.

    The clock tells `digits` of a second's parts; holds and talks are told in whole seconds.
    Phones that are not answered, members and starts are written too.
    """
    rng = np.random.default_rng(seed)
    given = sorted(visits, key=lambda visit: visit.joined_at)
    lines: Lines = []
    if given:
        first = given[0].joined_at - 5.0
        lines.append((first, "NONE|NONE|NONE|QUEUESTART|"))
        for agent, queue in sorted({(v.agent, v.queue) for v in given if v.agent is not None}):
            lines.append((first + 1.0, f"NONE|{queue}|Agent/{agent}|ADDMEMBER|"))
    for visit in given:
        lines += _queue_lines(visit, rng)
    lines.sort(key=lambda line: line[0])
    return [f"{_stamp(at, digits)}|{text}" for at, text in lines]


def _queue_lines(visit: Visit, rng: np.random.Generator) -> Lines:
    at, call, queue = visit.joined_at, visit.call, visit.queue
    if visit.outcome is Outcome.BLOCKED:
        return [(at, f"{call}|{queue}|NONE|FULL|")]
    lines = [(at, f"{call}|{queue}|NONE|ENTERQUEUE||5551234|1")]
    for place in range(int(rng.integers(0, 3)) if visit.wait_s > 1.0 else 0):
        rang_at = at + visit.wait_s * (place + 1) / 4
        lines.append((rang_at, f"{call}|{queue}|SIP/{place}|RINGNOANSWER|1000"))
    until = at + visit.wait_s
    hold_s = int(until) - int(at)
    if visit.outcome is Outcome.ANSWERED:
        who = f"{call}|{queue}|Agent/{visit.agent}"
        ring_s = int(until) - int(until - visit.ring_s)
        lines.append((until, f"{who}|CONNECT|{hold_s}|{call}0|{ring_s}"))
        if not math.isnan(visit.talk_s):
            end = until + visit.talk_s
            side = "AGENT" if rng.random() < 0.4 else "CALLER"
            lines.append((end, f"{who}|COMPLETE{side}|{hold_s}|{int(end) - int(until)}|1"))
    elif visit.outcome is not Outcome.OPEN:
        event = {
            Outcome.ABANDONED: "ABANDON",
            Outcome.TIMEOUT: "EXITWITHTIMEOUT",
            Outcome.LEFT: "EXITEMPTY",
        }[visit.outcome]
        lines.append((until, f"{call}|{queue}|NONE|{event}|1|1|{hold_s}"))
    return lines


def _stamp(at: float, digits: int) -> str:
    return f"{at:.{digits}f}" if digits else str(int(at))


# --- FreeSWITCH -----------------------------------------------------------------------------


def callcenter_events(visits: Iterable[Visit]) -> list[dict[str, str]]:
    """mod_callcenter's events, in the order of their times: dates in microseconds, the headers
    that tell a time in whole seconds."""
    events: list[tuple[float, dict[str, str]]] = []
    given = list(visits)
    first = min((visit.joined_at for visit in given), default=0.0) - 5.0
    for agent in sorted({visit.agent for visit in given if visit.agent is not None}):
        events.append((first, _event("agent-status-change", agent, Status="Available")))
    for visit in given:
        events += _visit_events(visit)
    events.sort(key=lambda event: event[0])
    return [
        {
            "Event-Name": "CUSTOM",
            "Event-Subclass": "callcenter::info",
            "Event-Date-Timestamp": str(round(at * 1e6)),
            **headers,
        }
        for at, headers in events
    ]


def _event(action: str, agent: str, **more: str) -> dict[str, str]:
    return {"CC-Action": action, "CC-Agent": agent} | {f"CC-Agent-{k}": v for k, v in more.items()}


def _visit_events(visit: Visit) -> list[tuple[float, dict[str, str]]]:
    member = {
        "CC-Queue": visit.queue,
        "CC-Member-UUID": f"m-{visit.call}",
        "CC-Member-Session-UUID": visit.call,
        "CC-Member-CID-Name": "Caller: one",
    }
    at, until = visit.joined_at, visit.joined_at + visit.wait_s
    joined = {"CC-Member-Joined-Time": str(int(at))}
    events = [(at, {"CC-Action": "member-queue-start", **member})]
    if visit.outcome is Outcome.ANSWERED:
        called_at = until - visit.ring_s
        agent = {"CC-Agent": str(visit.agent), "CC-Agent-System": "single_box"}
        times = {
            **joined,
            "CC-Agent-Called-Time": str(int(called_at)),
            "CC-Agent-Answered-Time": str(int(until)),
        }
        events.append((called_at, {"CC-Action": "agent-offering", **member, **agent}))
        events.append((until, {"CC-Action": "bridge-agent-start", **member, **agent, **times}))
        if not math.isnan(visit.talk_s):
            end = until + visit.talk_s
            ended = {"CC-Bridge-Terminated-Time": str(int(end))}
            left = {"CC-Cause": "Terminated", "CC-Member-Leaving-Time": str(int(end))}
            events.append(
                (end, {"CC-Action": "bridge-agent-end", **member, **agent, **times, **ended})
            )
            events.append(
                (end, {"CC-Action": "member-queue-end", **member, **agent, **times, **left})
            )
    elif visit.outcome is not Outcome.OPEN:
        reason = {
            Outcome.ABANDONED: "BREAK_OUT",
            Outcome.TIMEOUT: "TIMEOUT",
            Outcome.LEFT: "NO_AGENT_TIMEOUT",
        }[visit.outcome]
        left = {
            "CC-Action": "member-queue-end",
            "CC-Cause": "Cancel",
            "CC-Cancel-Reason": reason,
            "CC-Member-Leaving-Time": str(int(until)),
        }
        events.append((until, {**left, **member, **joined}))
    return events


def as_blocks(events: Sequence[dict[str, str]]) -> str:
    """Events as the event socket writes them: a header a line, values percent-encoded."""
    blocks = ("".join(f"{k}: {quote(v, safe=' ')}\n" for k, v in e.items()) for e in events)
    return "\n".join(blocks)


def as_json_lines(events: Sequence[dict[str, str]]) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def whole_seconds(visit: Visit) -> Visit:
    """The visit as a clock of whole seconds tells it."""
    joined, until = int(visit.joined_at), int(visit.joined_at + visit.wait_s)
    talk_s = (
        int(visit.joined_at + visit.wait_s + visit.talk_s) - until
        if visit.talk_s >= 0
        else (math.nan)
    )
    return replace(visit, joined_at=float(joined), wait_s=float(until - joined), talk_s=talk_s)
