"""Answers of VoIPBin's API (`GET /queues`, `/agents`, `/flows`) as plain records.

An answer is a list in an envelope, `{"result": [...], "next_page_token": "..."}`, a bare list, or
one object. What it lists is told by the fields of its objects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sim.importing.fields import Fields
from sim.importing.json_text import read_json
from sim.scenario.errors import Problem, ScenarioError, shown_value
from sim.scenario.nodes import Map, Mark, Seq, Source

_OWN = {
    "queuecalls": {"reference_type", "service_agent_id", "duration_waiting", "tm_service"},
    "queues": {
        "routing_method", "wait_flow_id", "wait_timeout", "service_timeout",
        "wait_queuecall_ids", "service_queuecall_ids",
        "total_incoming_count", "total_serviced_count", "total_abandoned_count",
    },
    "flows": {"actions", "persist", "on_complete_flow_id"},
    "agents": {"ring_method", "permission", "addresses", "username", "status"},
}  # fmt: skip
"""Fields that tell what an object is; the first kind of which it has one."""


@dataclass(frozen=True, slots=True)
class ApiQueue:
    """A queue. A timeout of 0 is none; the counters are calls so far."""

    id: str
    name: str
    tags: tuple[str, ...]
    routing_method: str
    wait_flow_id: str
    wait_timeout_s: float
    service_timeout_s: float
    n_incoming: int
    n_serviced: int
    n_abandoned: int


@dataclass(frozen=True, slots=True)
class ApiAgent:
    """An agent."""

    id: str
    name: str
    tags: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class ApiAction:
    """An action of a flow; which of the fields after `next_id` count depends on its type."""

    type: str
    id: str
    next_id: str
    text: str
    language: str
    is_async: bool
    duration_s: float
    target_id: str
    loop_count: int
    queue_id: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ApiFlow:
    """A flow."""

    id: str
    name: str
    actions: tuple[ApiAction, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the answers list, oldest first, and what is worth a warning."""

    queues: list[ApiQueue]
    agents: list[ApiAgent]
    flows: list[ApiFlow]
    notes: list[str]


Item = TypeVar("Item", ApiQueue, ApiAgent, ApiFlow)


def read_answers(sources: Sequence[Source]) -> Answers:
    """The records of several answers, in any order; pages of one list are put together.

    Deleted objects are left out. Raises `ScenarioError` with every problem of the answers, or with
    the first where one is not JSON at all.
    """
    gathered = _Gathered()
    for source in sources:
        gathered.add(source)
    answers = Answers(
        gathered.of("queues", _queue),
        gathered.of("agents", _agent),
        gathered.of("flows", _flow),
        gathered.notes,
    )
    if gathered.problems:
        raise ScenarioError(gathered.problems)
    if not (answers.queues or answers.agents or answers.flows):
        names = ", ".join(source.name for source in sources)
        raise ScenarioError([Problem(names, 0, 0, "", "no queue, agent or flow to start from")])
    gathered.warn_of_more_pages()
    return answers


@dataclass
class _Gathered:
    """The objects of all answers by kind, and what was wrong with them."""

    rows: dict[str, list[Fields]] = field(
        default_factory=lambda: {"queues": [], "agents": [], "flows": []}
    )
    ends: dict[str, bool] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, source: Source) -> None:
        root = read_json(source)
        listed, token = root, None
        if isinstance(root, Map) and "result" in root:
            listed, token = root["result"], root.get("next_page_token")
            listed = Seq(root.mark, ("result",)) if listed is None else listed
        if isinstance(listed, Map):
            rows = [Fields(listed, self.problems)]
        elif isinstance(listed, Seq):
            whole = Map(listed.mark, ())
            whole.place("result", listed, listed.mark, listed.mark)
            rows = Fields(whole, self.problems).objects("result")
        else:
            text = f"expected a list of queues, agents or flows, found {shown_value(listed)}"
            self.problems.append(Mark(source, 1, 1).problem((), text))
            return
        if listed == []:
            self.notes.append(f"{source.name}: an empty list")
        kind = self.kind_of(rows)
        if kind is not None:
            self.rows[kind] += rows
            self.ends[kind] = self.ends.get(kind, False) or not token

    def kind_of(self, rows: list[Fields]) -> str | None:
        """What an answer lists; None where that is nothing, or after a problem."""
        kind = None
        for row in rows:
            own = next((kind for kind, own in _OWN.items() if own & row.table.keys()), None)
            if own is not None and own not in self.rows:
                row.wrong(f"this is one of {own}; wanted are queues, agents and flows")
                return None
            if own is not None and kind is not None and own != kind:
                row.wrong(f"this is one of {own}, in a list of {kind}")
                return None
            kind = kind or own
        if rows and kind is None:
            rows[0].wrong(
                "neither a queue, an agent nor a flow: a queue has a `wait_timeout` or a "
                "`routing_method`, an agent a `status` or a `ring_method`, a flow `actions`"
            )
        return kind

    def of(self, kind: str, made: Callable[[Fields], Item]) -> list[Item]:
        """The records of a kind, oldest first; those without a date keep their places."""
        items: list[tuple[datetime | None, Item]] = []
        ids: set[str] = set()
        for row in self.rows[kind]:
            item, deleted = made(row), row.instant("tm_delete")
            label = f"{kind[:-1]} `{item.name or item.id or '(no name)'}`"
            if deleted is not None:
                self.notes.append(f"{label} was deleted on {deleted:%Y-%m-%d}: left out")
            elif item.id and item.id in ids:
                self.notes.append(f"{label} is listed twice, by the id {item.id}: taken once")
            else:
                ids.add(item.id)
                items.append((row.instant("tm_create"), item))
        dated = [(at, n) for n, (at, _) in enumerate(items) if at is not None]
        oldest = iter(sorted(dated))
        return [item if at is None else items[next(oldest)[1]][1] for at, item in items]

    def warn_of_more_pages(self) -> None:
        """A list of which no answer was the last page goes on."""
        self.notes += [
            f"the list of {kind} goes on (its `next_page_token` is not empty): give all its pages"
            for kind, ended in self.ends.items()
            if not ended
        ]


def _queue(row: Fields) -> ApiQueue:
    return ApiQueue(
        id=row.identity("id"),
        name=row.label("name"),
        tags=row.labels("tag_ids"),
        routing_method=row.label("routing_method"),
        wait_flow_id=row.identity("wait_flow_id"),
        wait_timeout_s=row.milliseconds("wait_timeout"),
        service_timeout_s=row.milliseconds("service_timeout"),
        n_incoming=row.count("total_incoming_count"),
        n_serviced=row.count("total_serviced_count"),
        n_abandoned=row.count("total_abandoned_count"),
    )


def _agent(row: Fields) -> ApiAgent:
    return ApiAgent(
        id=row.identity("id"),
        name=row.label("name"),
        tags=row.labels("tag_ids"),
        status=row.label("status"),
    )


def _flow(row: Fields) -> ApiFlow:
    actions = tuple(_action(each) for each in row.objects("actions"))
    return ApiFlow(row.identity("id"), row.label("name"), actions)


def _action(row: Fields) -> ApiAction:
    option, kind = row.part("option"), row.label("type")
    talks = kind == "talk"
    return ApiAction(
        type=kind,
        id=row.identity("id"),
        next_id=row.identity("next_id"),
        text=option.text("text") if talks else "",
        language=option.label("language") if talks else "",
        is_async=talks and option.flag("async"),
        duration_s=option.milliseconds("duration") if kind == "sleep" else 0.0,
        target_id=option.identity("target_id") if kind == "goto" else "",
        loop_count=option.count("loop_count") if kind == "goto" else 0,
        queue_id=option.identity("queue_id") if kind == "queue_join" else "",
        urls=option.labels("stream_urls") if kind == "play" else (),
    )
