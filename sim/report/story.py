"""What happened to single calls, told line by line."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sim.report import text
from sim.report.page import as_ascii

Story = Mapping[str, Any]

_LEAST_ROOM = 30


def stories(
    calls: Sequence[Story],
    start: datetime | None,
    *,
    width: int | None = None,
    ascii_only: bool = False,
) -> str:
    """Each call under a heading: its events, with the seconds since it came, and a summary.

    Times are seconds since the start of the scenario, and clock times where it has a start.
    Lines longer than `width` go on below, beside the times; without it they stay whole.
    """
    blocks = [_story(call, start, width) for call in calls]
    told = "\n".join(blocks)
    return as_ascii(told) if ascii_only else told


def _story(call: Story, start: datetime | None, width: int | None) -> str:
    events = call["events"]
    lines = [f"Call {call['call']} in {text.plain(call['queue'])}"]
    first = events[0]["at_s"] if events else 0.0
    rows = [_times(event["at_s"], first, start) for event in events]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row, event in zip(rows, events, strict=True):
        times = (
            "".join(f"  {time:>{width}}" for time, width in zip(row, widths, strict=True)) + "  "
        )
        lines += _folded(times, text.plain(event["what"]), width)
    lines.append(f"  {text.plain(call['summary'])}")
    return "\n".join(lines) + "\n"


def _folded(times: str, what: str, width: int | None) -> list[str]:
    if width is None:
        return [times + what]
    room = max(width - len(times), _LEAST_ROOM)
    parts = textwrap.wrap(what, room, break_long_words=False, break_on_hyphens=False)
    return [(times if place == 0 else " " * len(times)) + part for place, part in enumerate(parts)]


def _times(seconds: float, first: float, start: datetime | None) -> tuple[str, ...]:
    """An event's clock time, if there is one, its time, and how long after the first it was."""
    offset, since = f"{seconds:.3f} s", f"+{seconds - first:.3f} s"
    if start is None:
        return offset, since
    clock = text.instant(round(seconds), start, with_day=seconds >= text.DAY_S, with_seconds=True)
    return clock, offset, since
