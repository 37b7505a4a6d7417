"""Queuecalls as VoIPBin's API lists them (`GET /queuecalls`), in either dialect of its timestamps.

A queuecall tells neither its queue nor its end: the queue is that of the file (`NAME=FILE`,
`--queue`), the end is the last update of a call that is over. A list of queues among the files
(`GET /queues`) tells the timeouts, and the queue where it lists only one.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sim.calibration.formats.files import DEFAULT_QUEUE, Asked, LogFile
from sim.calibration.formats.json_objects import JsonObjects
from sim.calibration.formats.tally import Tally
from sim.calibration.formats.visits import NAN, Visits
from sim.calibration.history import History, Outcome
from sim.importing.answers import ApiQueue, read_answers
from sim.scenario.form_values import NIL_UUID
from sim.scenario.nodes import Source

TITLE = "VoIPBin's queuecalls, JSON as its API answers"

OVER = {"done": Outcome.ANSWERED, "abandoned": Outcome.ABANDONED}
NOT_OVER = ("initiating", "waiting", "connecting", "service", "kicking")
OTHER = "objects that are no queuecalls"
TWICE = "listed again, as pages overlap: the latest update counts"
NEVER_ANSWERED = "done, without an instant or a length of service"

AGREE_WITHIN_S = 1.0
"""Two ways of telling a duration agree when they are this near."""

_CALL_FIELDS = ("duration_waiting", "duration_service", "tm_service", "service_agent_id",
                "reference_type")  # fmt: skip
_QUEUE_FIELDS = ("wait_timeout", "routing_method", "service_timeout", "wait_queuecall_ids",
                 "service_queuecall_ids")  # fmt: skip
_START = re.compile(r"\s*[\[{]")
_NO_YEARS = (1, 9999)
_EPOCH, _SECOND = datetime(1970, 1, 1), timedelta(seconds=1)


def looks_like(head: str, name: str) -> bool:
    """Whether it is JSON with fields of queuecalls or of queues, or an empty list of the API."""
    if _START.match(head) is None:
        return False
    wanted = (*_CALL_FIELDS, *_QUEUE_FIELDS)
    return _has(head, wanted) or re.match(r'\s*\{\s*"result"\s*:', head) is not None


def read(files: Sequence[LogFile], asked: Asked) -> History:
    """The calls of all pages. Raises ScenarioError for too few of them."""
    tally = Tally(files, "voipbin", "JSON that lists queuecalls, each with `status`, `tm_create`")
    lists = [file for file in files if _lists_queues(file)]
    queues = _queues(lists, tally)
    calls = _Calls(tally, asked, {queue.name: queue.wait_timeout_s for queue in queues})
    only = queues[0].name if len(queues) == 1 else None
    for file in files:
        if file not in lists:
            calls.add(file, _queue_of(file, asked, only, tally))
    calls.tell()
    reading = tally.reading(len(calls.visits))
    return calls.visits.history(reading, zone=asked.zone_or_utc(), resolution_s=calls.step_s)


def _has(head: str, names: Sequence[str]) -> bool:
    return any(f'"{name}"' in head for name in names)


def _lists_queues(file: LogFile) -> bool:
    return _has(file.head, _QUEUE_FIELDS) and not _has(file.head, _CALL_FIELDS)


def _queues(files: Sequence[LogFile], tally: Tally) -> list[ApiQueue]:
    if not files:
        return []
    answers = read_answers([Source(file.name, "".join(file.pieces())) for file in files])
    for note in answers.notes:
        tally.note(note)
    return answers.queues


def _queue_of(file: LogFile, asked: Asked, only: str | None, tally: Tally) -> str:
    told = file.queue or asked.queue or only
    if told is None:
        tally.note(
            f"queuecalls tell no queue: those of {file.name} are named `{DEFAULT_QUEUE}` (--queue"
            " NAME, or NAME=FILE)"
        )
    elif told == only and not (file.queue or asked.queue):
        tally.note(f"the queue of {file.name} is taken to be `{only}`, the only one listed")
    return told or DEFAULT_QUEUE


class _Calls:
    """Queuecalls of all pages, each once."""

    def __init__(self, tally: Tally, asked: Asked, timeouts: Mapping[str, float]) -> None:
        self.tally = tally
        self.asked = asked
        self.timeouts = timeouts
        self.visits = Visits()
        self.step_s = 1.0
        self._rows: dict[str, int] = {}
        self._updated = array("d")
        self._without_timeout: dict[str, None] = {}
        self._has_last_page: dict[str, bool] = {}
        self._any_answered = False

    def add(self, file: LogFile, queue: str) -> None:
        listed = JsonObjects(file, self.tally)
        limit = self._limit(queue)
        for line, row in listed:
            try:
                self._call(row, file, line, queue, limit)
            except ValueError as error:
                self.tally.damaged(str(error), file, line, _shown(row))
        self._has_last_page[queue] = self._has_last_page.get(queue, False) or listed.has_last_page

    def tell(self) -> None:
        """Notes on what the log can't tell."""
        for queue, has_last in self._has_last_page.items():
            if not has_last:
                self.tally.note(
                    f"the list of `{queue}` goes on (its `next_page_token` is not empty): give all"
                    " its pages"
                )
        if self._any_answered:
            self.tally.note(
                "tm_service may be stamped when an agent is picked: ringing is then told as service"
            )
        if self._without_timeout:
            names = ", ".join(f"`{name}`" for name in self._without_timeout)
            self.tally.note(
                f"no wait_timeout is known of {names}: timeouts count as abandoned"
                " (--wait-timeout, or the answer of GET /queues beside the log)"
            )

    def _limit(self, queue: str) -> Asked:
        told = self.asked.wait_timeout_s
        known = told if told is not None else self.timeouts.get(queue)
        if known is None:
            self._without_timeout[queue] = None
        return replace(self.asked, wait_timeout_s=known)

    def _call(
        self, row: dict[str, Any], file: LogFile, line: int, queue: str, limit: Asked
    ) -> None:
        status = row.get("status")
        if status not in OVER and status not in NOT_OVER:
            if not any(name in row for name in _CALL_FIELDS):
                self.tally.left_out(OTHER, file, line)
                return
            raise ValueError(f"status is none of {', '.join((*NOT_OVER, *OVER))}")
        joined_at, updated_at = _instant(row, "tm_create"), _instant(row, "tm_update")
        if joined_at is None:
            raise ValueError("tm_create is missing")
        name, latest_at = _identity(row.get("id")), updated_at or joined_at
        known = None if name is None else self._rows.get(name)
        if known is not None:
            self.tally.left_out(TWICE, file, line)
            if latest_at <= self._updated[known]:
                return
        ended_at = self._end(row, updated_at, file, line)
        call = _identity(row.get("reference_id")) or name or ""
        if status == "done" or (status == "service" and _instant(row, "tm_service") is not None):
            made = self._answered(row, status, joined_at, ended_at, queue, call, file, line)
        else:
            made = self._unanswered(row, status, joined_at, ended_at, queue, call, limit)
        if made is None:
            return
        if joined_at != int(joined_at):
            self.step_s = 1e-6
        if known is not None:
            self.visits.discard(known)
        self._updated.append(latest_at)
        if name is not None:
            self._rows[name] = made

    def _end(
        self, row: dict[str, Any], updated_at: float | None, file: LogFile, line: int
    ) -> float | None:
        """The last update of a call, unless that was its deletion."""
        deleted_at = _instant(row, "tm_delete")
        if deleted_at is None or updated_at is None or updated_at < deleted_at - AGREE_WITHIN_S:
            return updated_at
        self.tally.odd("deleted, which hides their end (durations count)", file, line)
        return None

    def _answered(
        self, row: dict[str, Any], status: str, joined_at: float, ended_at: float | None,
        queue: str, call: str, file: LogFile, line: int,
    ) -> int | None:  # fmt: skip
        service_at, served_s = _instant(row, "tm_service"), _milliseconds(row, "duration_service")
        if service_at is None and not served_s:
            self.tally.left_out(NEVER_ANSWERED, file, line)
            return None
        wait_s = self._wait(joined_at, service_at, row, file, line)
        talk_s = NAN
        if status == "service":
            self.tally.odd("in service when they were listed (length unknown)", file, line)
        else:
            talk_s = self._talk(wait_s, service_at, ended_at, served_s, file, line)
        self._any_answered = True
        agent = _identity(row.get("service_agent_id"))
        return self.visits.add(
            joined_at, queue, Outcome.ANSWERED, wait_s, talk_s=talk_s, agent=agent, call=call
        )

    def _unanswered(
        self, row: dict[str, Any], status: str, joined_at: float, ended_at: float | None,
        queue: str, call: str, limit: Asked,
    ) -> int:  # fmt: skip
        outcome = OVER.get(status, Outcome.OPEN)
        wait_s = _milliseconds(row, "duration_waiting") or _between(joined_at, ended_at)
        if outcome == Outcome.ABANDONED and limit.is_timeout(wait_s):
            outcome = Outcome.TIMEOUT
        return self.visits.add(joined_at, queue, outcome, wait_s, call=call)

    def _wait(
        self, joined_at: float, service_at: float | None, row: dict[str, Any],
        file: LogFile, line: int,
    ) -> float:  # fmt: skip
        """By the instants; `duration_waiting` where there is no instant of the answer."""
        waited_s = _milliseconds(row, "duration_waiting")
        if service_at is None:
            return waited_s
        wait_s = round(service_at - joined_at, 6)
        if wait_s < 0:
            raise ValueError("tm_service is before tm_create")
        if waited_s and abs(waited_s - wait_s) > AGREE_WITHIN_S:
            self.tally.odd(
                "duration_waiting differs from tm_service - tm_create (which counts)", file, line
            )
        return wait_s

    def _talk(
        self, wait_s: float, service_at: float | None, ended_at: float | None, served_s: float,
        file: LogFile, line: int,
    ) -> float:  # fmt: skip
        """By the instants; where they don't tell `duration_service`, which may include the wait."""
        if service_at is None or ended_at is None:
            return served_s or NAN
        talk_s = round(ended_at - service_at, 6)
        if talk_s < 0:
            raise ValueError("tm_update is before tm_service")
        if served_s and abs(served_s - talk_s) > AGREE_WITHIN_S:
            if abs(served_s - wait_s - talk_s) <= AGREE_WITHIN_S:
                what = "duration_service includes the wait (tm_update - tm_service counts)"
            else:
                what = "duration_service differs from tm_update - tm_service (which counts)"
            self.tally.odd(what, file, line)
        return talk_s


def _instant(row: dict[str, Any], name: str) -> float | None:
    """POSIX seconds in either dialect; None where it says that there is none."""
    text = row.get(name)
    if text is None or text == "":
        return None
    try:
        found = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise ValueError(f"{name} is no instant such as `2022-03-29 15:07:46.111715`") from None
    if found.year in _NO_YEARS:
        return None
    if found.tzinfo is not None:
        found = found.astimezone(UTC).replace(tzinfo=None)
    return (found - _EPOCH) / _SECOND


def _milliseconds(row: dict[str, Any], name: str) -> float:
    value = row.get(name)
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:
        raise ValueError(f"{name} is no number of milliseconds of at least 0")
    return value / 1000


def _identity(value: Any) -> str | None:
    return value if isinstance(value, str) and value not in ("", NIL_UUID) else None


def _between(from_at: float, to_at: float | None) -> float:
    if to_at is None:
        return 0.0
    if to_at < from_at:
        raise ValueError("tm_update is before tm_create")
    return round(to_at - from_at, 6)


def _shown(row: dict[str, Any]) -> str:
    names = ("id", "status", "tm_create", "tm_service", "tm_update", *_CALL_FIELDS[:2])
    return ", ".join(f"{name}: {row[name]}" for name in names if name in row)[:200]
