"""What happened to single calls, told line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sim.report import text
from sim.report.page import as_ascii

Story = Mapping[str, Any]


def stories(calls: Sequence[Story], start: datetime | None, *, ascii_only: bool = False) -> str:
    """Each call under a heading: its events, with the seconds since it came, and a summary.

    Times are seconds since the start of the scenario, and clock times where it has a start.
    """
    blocks = [_story(call, start) for call in calls]
    told = "\n".join(blocks)
    return as_ascii(told) if ascii_only else told


def _story(call: Story, start: datetime | None) -> str:
    events = call["events"]
    lines = [f"Call {call['call']} in {text.plain(call['queue'])}"]
    first = events[0]["at_s"] if events else 0.0
    rows = [(_at(event["at_s"], start), f"+{event['at_s'] - first:.3f} s") for event in events]
    widths = [max((len(row[place]) for row in rows), default=0) for place in (0, 1)]
    for (at, since), event in zip(rows, events, strict=True):
        what = text.plain(event["what"])
        lines.append(f"  {at:>{widths[0]}}  {since:>{widths[1]}}  {what}")
    lines.append(f"  {text.plain(call['summary'])}")
    return "\n".join(lines) + "\n"


def _at(seconds: float, start: datetime | None) -> str:
    offset = f"{seconds:.3f} s"
    if start is None:
        return offset
    return f"{text.instant(round(seconds), start, with_day=seconds >= text.DAY_S)}  {offset}"
