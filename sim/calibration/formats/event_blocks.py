"""Events of FreeSWITCH as text: blocks of `Header: value` between blank lines, or JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from sim.calibration.formats.files import LogFile

Headers = dict[str, str]

NO_HEADERS = "a block without any `Header: value`"
NO_OBJECT = "a line that is no JSON object"

_KEPT = frozenset(
    (
        "Event-Name",
        "Event-Subclass",
        "Event-Date-Timestamp",
        "Event-Date-GMT",
        "Event-Date-Local",
        "CC-Action",
        "CC-Queue",
        "CC-Cause",
        "CC-Cancel-Reason",
        "CC-Member-UUID",
        "CC-Member-Session-UUID",
        "CC-Member-Joined-Time",
        "CC-Member-Leaving-Time",
        "CC-Agent",
        "CC-Agent-Status",
        "CC-Agent-State",
        "CC-Agent-Called-Time",
        "CC-Agent-Answered-Time",
        "CC-Bridge-Terminated-Time",
    )
)
_ENVELOPE = ("Content-Length", "Content-Type", "Reply-Text", "Job-UUID")
"""Headers of the event socket itself, in a block before the event's own."""
_FIRST_OF_EVENT = ("Event-Name", "Event-Subclass", "CC-Action")


def is_json(head: str) -> bool:
    """Whether a text begins like JSON lines, or like an array of objects a line each."""
    return head.lstrip()[:1] in ("{", "[")


def events(file: LogFile) -> Iterator[tuple[int, str, Headers | str]]:
    """Each event's first line and its number, and its headers, or the reason why it can't be read.

    Only headers that tell something of calls and agents are kept. An event that lacks the
    blank line before it begins with a header that an event has once.
    """
    return _json_events(file) if is_json(file.head) else _blocks(file)


def _blocks(file: LogFile) -> Iterator[tuple[int, str, Headers | str]]:
    headers: Headers = {}
    first, first_line = 0, ""
    for number, line in file.lines():
        name, colon, value = line.partition(":")
        is_blank = not colon and not line.strip()
        if first and (is_blank or (name in _FIRST_OF_EVENT and name in headers)):
            if not _is_envelope(headers):
                yield first, first_line, headers or NO_HEADERS
            headers, first = {}, 0
        if is_blank:
            continue
        if not first:
            first, first_line = number, line
        if colon and name in _KEPT:
            value = value.strip()
            headers[name] = unquote(value, errors="replace") if "%" in value else value
        elif colon and not headers:
            headers[""] = name
    if first and not _is_envelope(headers):
        yield first, first_line, headers or NO_HEADERS


def _is_envelope(headers: Headers) -> bool:
    return len(headers) == 1 and headers.get("") in _ENVELOPE


def _json_events(file: LogFile) -> Iterator[tuple[int, str, Headers | str]]:
    for number, line in file.lines():
        text = line.strip().rstrip(",")
        if text in ("", "[", "]"):
            continue
        try:
            found: Any = json.loads(text.removeprefix("[").removesuffix("]"))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            yield number, line, NO_OBJECT
            continue
        yield (
            number,
            line,
            {
                name: value if isinstance(value, str) else str(value)
                for name, value in found.items()
                if name in _KEPT
            },
        )
