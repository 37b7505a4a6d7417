"""Pages of queuecalls as VoIPBin's API would list the calls of a history: the newest first, in
either dialect of its timestamps, without what is zero or empty if so wanted.

    history = read_log(["day"])        # the folder of `callsim run --out day`
    for i, page in enumerate(pages(history, dialect=RFC3339)):
        Path(f"page{i}.json").write_text(page)
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from sim.calibration.history import History, Outcome

SPACE, RFC3339 = "space", "rfc3339"
"""`2022-03-29 15:07:46.111715` with the year 9999 for never; RFC 3339 with null."""
NIL = "00000000-0000-0000-0000-000000000000"
_NAMES = uuid.UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")


def pages(
    history: History,
    *,
    dialect: str = SPACE,
    per_page: int = 100,
    omit_empty: bool = False,
    includes_wait: bool = False,
) -> list[str]:
    """The answers to `GET /queuecalls`, page by page; of one queue, as queuecalls tell none.

    `includes_wait` is the version of the software whose `duration_service` begins with the wait.
    """
    rows = [_queuecall(history, i, dialect, includes_wait) for i in range(len(history))][::-1]
    if omit_empty:
        rows = [{k: v for k, v in row.items() if v not in (0, "", None, NIL)} for row in rows]
    parts = [rows[i : i + per_page] for i in range(0, len(rows), per_page)] or [[]]
    tokens = [str(part[-1]["tm_create"]) for part in parts[:-1]] + [""]
    return [
        json.dumps({"result": part, "next_page_token": token})
        for part, token in zip(parts, tokens, strict=True)
    ]


def identity(name: str) -> str:
    """The id that stands for a name."""
    return str(uuid.uuid5(_NAMES, name))


def _queuecall(history: History, i: int, dialect: str, includes_wait: bool) -> dict[str, Any]:
    joined, wait = float(history.joined_at[i]), float(history.wait_s[i])
    answered = history.outcome[i] == Outcome.ANSWERED
    over = history.outcome[i] != Outcome.OPEN
    talk = float(history.talk_s[i]) if answered else 0.0
    code = int(history.agent[i])
    return {
        "id": identity(f"call {i} {joined}"),
        "customer_id": identity("customer"),
        "reference_type": "call",
        "reference_id": identity(f"reference {i} {joined}"),
        "status": "done" if answered else "abandoned" if over else "waiting",
        "service_agent_id": identity(history.agents[code]) if answered and code >= 0 else NIL,
        "duration_waiting": round(wait * 1000),
        "duration_service": round((talk + wait * includes_wait) * 1000) if answered else 0,
        "tm_create": _stamp(joined, dialect),
        "tm_service": _stamp(joined + wait if answered else None, dialect),
        "tm_update": _stamp(joined + wait + talk, dialect),
        "tm_delete": _stamp(None, dialect),
    }


def _stamp(at: float | None, dialect: str) -> str | None:
    if at is None:
        return None if dialect == RFC3339 else "9999-01-01 00:00:00.000000"
    told = datetime.fromtimestamp(round(at, 6), UTC).replace(tzinfo=None)
    if dialect == RFC3339:
        return told.isoformat(timespec="microseconds") + "Z"
    return told.isoformat(" ", timespec="microseconds")
