"""Drafts: the scenario says what the answers say, and all that it lacks are its blanks."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.importing.voipbin import Draft, draft
from sim.report.voipbin import queues_json
from sim.scenario.errors import ScenarioError
from sim.scenario.load import loads_scenario
from sim.scenario.model import ActionType, Scenario
from sim.scenario.nodes import Source
from tests.report.samples import COUNTS, FakeResult

NIL = "00000000-0000-0000-0000-000000000000"
NEVER = "9999-01-01 00:00:00.000000"
VALUES = {
    "horizon": "8h",
    "queues": "[{name: q, arrivals: {rate: 1/min}, service_time: 1min}]",
    "agents": "[]",
    "arrivals": "{rate: 1.5/min}",
    "service_time": "4min",
    "wait_flow": "null",
    "actions": "[{sleep: 10s}]",
    "play": "30s",
}
FULL = """\
horizon: 8h
start: 2026-11-23 09:00
queues:
  - name: support
    tags: [1d9c2f0e, 5a7b9c1d]
    wait_flow: hold
    wait_timeout: 100s
    service_timeout: 10000s
    arrivals: {rate: 1.5/min}
    service_time: 4min
  - {name: "sales: EU", id: b7, wait_timeout: 250ms, arrivals: {rate: 1.5/min}, service_time: 4min}
agents: []
flows:
  - {name: hold, id: 9a1f7c3e, actions: [{talk: Please wait.}, {sleep: 15s}]}
"""


def made(*documents: Any) -> Draft:
    """The draft of these documents."""
    return draft([Source(f"{i}.json", json.dumps(each)) for i, each in enumerate(documents)])


def filled(text: str) -> str:
    """A draft with every blank written."""
    return re.sub(
        r"(?m)^([^#\"\n]*?)(\w+): <blank>",
        lambda found: f"{found[1]}{found[2]}: {VALUES[found[2]]}",
        text,
    )


def scenario(made: Draft) -> Scenario:
    """The scenario of a draft whose blanks are written."""
    return loads_scenario(filled(made.text))


def queue(**fields: Any) -> dict[str, Any]:
    return {"id": "q1", "name": "support", "routing_method": "random", **fields}


def flow(*actions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"id": "f1", "name": "hold", "actions": list(actions), **fields}


def of_queue_with(*actions: dict[str, Any]) -> Draft:
    """The draft of a queue that waits with these actions."""
    return made(queue(wait_flow_id="f1"), flow(*actions))


@pytest.mark.parametrize("dialect", ["old", "rfc3339"])
def test_what_a_run_prints_can_be_drafted_from(dialect: str) -> None:
    """`run --voipbin-json`, agents and flows come back as the scenario that they describe."""
    before = loads_scenario(FULL)
    result = FakeResult(scenario=before, counts=[COUNTS, COUNTS])
    none: Any = NEVER if dialect == "old" else None
    days = ["2024-02-01 09:00:00.000000", "2023-02-01 09:00:00.000000"]
    if dialect == "rfc3339":
        days = [each.replace(" ", "T") + "Z" for each in days]
    agents = [
        {"id": "a2", "customer_id": NIL, "username": "ben", "name": "Ben", "detail": "",
         "ring_method": "ringall", "status": "offline", "permission": 0, "addresses": [],
         "tag_ids": ["1d9c2f0e"], "tm_create": days[0], "tm_update": none, "tm_delete": none},
        {"id": "a1", "customer_id": NIL, "name": "Ann", "ring_method": "ringall",
         "status": "available", "tag_ids": ["1d9c2f0e", "5a7b9c1d"],
         "tm_create": days[1], "tm_update": none, "tm_delete": none},
    ]  # fmt: skip
    flows = [
        {"id": "9a1f7c3e", "type": "flow", "name": "hold", "detail": "", "persist": True,
         "actions": [
            {"id": NIL, "next_id": NIL, "type": "talk",
             "option": {"text": "Please wait.", "gender": "female", "language": "", "async": False},
             "tm_execute": none},
            {"id": NIL, "type": "sleep", "option": {"duration": 15000}},
         ],
         "tm_create": days[0], "tm_delete": none},
    ]  # fmt: skip
    pages = ({"result": rows, "next_page_token": ""} for rows in (agents, flows))
    after = scenario(made(queues_json(result), *pages))
    same = ("name", "tags", "wait_flow", "wait_timeout_s", "service_timeout_s", "routing_method")
    assert [[getattr(q, each) for each in same] for q in after.queues] == [
        [getattr(q, each) for each in same] for q in before.queues
    ]
    assert after.flows == before.flows
    assert [(a.name, a.id, a.tags, a.present, a.count) for a in after.agents] == [
        ("Ann", "a1", ("1d9c2f0e", "5a7b9c1d"), True, 1),
        ("Ben", "a2", ("1d9c2f0e",), False, 1),
    ]


def test_a_draft_lacks_only_its_blanks() -> None:
    """The horizon, and arrivals and service time of each queue; what was not given."""
    with pytest.raises(ScenarioError) as caught:
        loads_scenario(made(queue(wait_flow_id="f9")).text)
    assert [problem.path for problem in caught.value.problems] == [
        "horizon",
        "queues[0].wait_flow",
        "queues[0].arrivals",
        "queues[0].service_time",
        "agents",
    ]
    assert all("is still blank" in problem.message for problem in caught.value.problems)
    with pytest.raises(ScenarioError) as caught:
        loads_scenario(made({"status": "away"}).text)
    assert [problem.path for problem in caught.value.problems] == ["horizon", "queues"]


def test_times_are_written_with_units_and_none_is_left_out() -> None:
    """100000 is `100s`; 0 and the nil UUID are no lines at all."""
    text = made(queue(wait_timeout=100000, service_timeout=0, wait_flow_id=NIL)).text
    assert "    wait_timeout: 100s\n" in text
    assert "service_timeout" not in text
    assert "wait_flow" not in text


def test_counters_are_a_comment() -> None:
    """Calls so far, with the share abandoned."""
    counters = {"incoming": 76, "serviced": 70, "abandoned": 21}
    text = made(queue(**{f"total_{name}_count": n for name, n in counters.items()})).text
    assert "    # So far: 76 incoming, 70 serviced, 21 abandoned (27.6% of incoming)" in text


def test_names_are_made_unique() -> None:
    """Empty, taken and reserved names, and names that are another's id."""
    rows = [("", "aaaaaaaa-1"), ("x", "bbbbbbbb-1"), ("x", "cccccccc-1"), ("total", "dddddddd-1")]
    rows += [("bbbbbbbb-1", ""), ("", ""), ("x", "")]
    found = scenario(made([queue(name=name, id=identity) for name, identity in rows]))
    assert [each.name for each in found.queues] == [
        "queue aaaaaaaa", "x", "x cccccccc", "total dddddddd", "bbbbbbbb-1 2", "queue 2", "x 2",
    ]  # fmt: skip


def test_actions_are_those_of_the_api() -> None:
    """Each type with its values; an id is kept where a `goto` names it."""
    text = "Hi ${name},\n<speak>wait<break time='500ms'/></speak> 請稍候 #1: \"now\""
    drafted = of_queue_with(
        {"id": "t", "type": "talk", "option": {"text": text, "language": "en-US"}},
        {"id": "s", "type": "sleep", "option": {"duration": 1500}},
        {"type": "talk", "option": {"async": True, "text": "x"}},
        {"type": "play", "option": {"stream_urls": ["https://x/y.mp3"]}},
        {"type": "beep", "id": "b"},
        {"type": "goto", "option": {"target_id": "t", "loop_count": 2}},
        {"type": "hangup"},
    )
    (found,) = scenario(drafted).flows
    assert [(a.type, a.duration_s, a.id) for a in found.actions[1:]] == [
        (ActionType.SLEEP, 1.5, None),
        (ActionType.TALK, 0.0, None),
        (ActionType.PLAY, 30.0, None),
        (ActionType.BEEP, 0.5, None),
        (ActionType.GOTO, 0.0, None),
        (ActionType.HANGUP, 0.0, None),
    ]
    assert (found.actions[0].text, found.actions[0].id) == (text, "t")
    assert (found.actions[5].target, found.actions[5].loop_count) == (0, 2)
    assert "- play: <blank>   # https://x/y.mp3\n" in drafted.text


def test_other_actions_are_kept_out_and_named() -> None:
    """In a comment and in a warning; the rest of the flow is used."""
    drafted = of_queue_with({"type": "connect"}, {"type": "sleep", "option": {"duration": 1}})
    assert "      # kept out: `connect`" in drafted.text
    assert any("kept out: `connect`" in note for note in drafted.notes)
    assert len(scenario(drafted).flows[0].actions) == 1


@pytest.mark.parametrize(
    ("actions", "reason"),
    [
        ([], "the list must not be empty"),
        ([{"type": "talk", "option": {"async": True}}], "without time passing"),
        (
            [
                {"type": "answer", "id": "x"},
                {"type": "beep"},
                {"type": "goto", "option": {"target_id": "x", "loop_count": 1}},
            ],
            "no action id `x`",
        ),
        ([{"type": "queue_join"}], "must not be empty"),
    ],
)
def test_a_flow_that_cannot_be_simulated_is_a_blank(actions: list[Any], reason: str) -> None:
    """With the reason and its actions in comments, and a warning."""
    drafted = of_queue_with(*actions)
    assert "    actions: <blank>" in drafted.text
    assert reason in next(note for note in drafted.notes if "can't be used" in note)
    assert scenario(drafted).flows[0].actions[0].type is ActionType.SLEEP


def test_another_order_of_actions_is_worth_a_remark() -> None:
    """`next_id` may lead elsewhere than to the next action of the list."""
    first = {"id": "a", "next_id": "b", "type": "beep"}
    assert "next_id" not in of_queue_with(first, {"id": "b", "type": "beep"}).text
    assert "next_id" in of_queue_with(first, {"id": "c", "type": "beep"}).text


def test_flows_without_a_queue_are_left_out() -> None:
    """An account has flows for much else; without queues all are kept."""
    other = {"id": "f2", "name": "menu", "actions": [{"type": "beep"}]}
    beep = flow({"type": "beep"})
    drafted = made(queue(wait_flow_id="f1"), [beep, other])
    assert "# Flows with which no queue waits, left out: menu" in drafted.text
    assert [each.name for each in scenario(drafted).flows] == ["hold"]
    assert [each.name for each in scenario(made([beep, other])).flows] == ["hold", "menu"]


def test_statuses_stay_and_absence_is_pointed_out() -> None:
    """`offline` and `away` are written as they are; an unknown status is not written."""
    drafted = made([{"name": "a", "status": "offline"}, {"name": "b", "status": "asleep"}])
    assert "- {name: a, status: offline}\n" in drafted.text
    assert "- {name: b}\n    # status `asleep` is not known" in drafted.text
    assert any("never on shift: 1 of 2" in note for note in drafted.notes)


TEXTS = st.text(max_size=12) | st.sampled_from(
    ["<blank>", "null", "1e5", "a: b", "- x", "# c", '"', "'", "{a}", "坂本", "😀", "total", "\n"]
)
IDS = st.sampled_from(["", NIL, "q1", "q2", "1234", "0x10", "f1", "f2"]) | TEXTS


def objects(required: dict[str, Any], **optional: Any) -> Any:
    """Objects where any of the optional fields may be absent or null."""
    common = {"id": IDS, "name": TEXTS}
    every = {name: st.none() | each for name, each in (common | optional).items()}
    return st.lists(st.fixed_dictionaries(required, optional=every), max_size=4)


ACTIONS = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["talk", "sleep", "play", "beep", "goto", "hangup", "x\n"])},
        optional={
            "id": IDS,
            "next_id": IDS,
            "option": st.fixed_dictionaries(
                {},
                optional={
                    "text": TEXTS,
                    "language": TEXTS,
                    "async": st.booleans(),
                    "duration": st.integers(0, 10**7),
                    "target_id": IDS,
                    "loop_count": st.integers(0, 3),
                    "stream_urls": st.lists(TEXTS, max_size=2),
                },
            ),
        },
    ),
    max_size=4,
)
MILLISECONDS = st.integers(0, 10**9)
QUEUES = objects(
    {"wait_timeout": MILLISECONDS},
    service_timeout=MILLISECONDS,
    tag_ids=st.lists(TEXTS, max_size=3),
    wait_flow_id=IDS,
    routing_method=TEXTS,
    total_abandoned_count=st.integers(0, 9),
)
AGENTS = objects({"status": st.sampled_from(["", "away", "busy"])}, tag_ids=st.lists(TEXTS))
FLOWS = objects({"actions": ACTIONS})


@settings(max_examples=200, deadline=None)
@given(QUEUES, AGENTS, FLOWS)
def test_whatever_the_names_are_only_blanks_are_missing(
    queues: list[Any], agents: list[Any], flows: list[Any]
) -> None:
    """Odd names, ids, tags and texts, absent fields: the draft is valid but for its blanks.

    Once they are written, times and the number of queues are those of the answers.
    """
    if not (queues or agents or flows):
        return
    drafted = made(queues, agents, flows)
    with pytest.raises(ScenarioError) as caught:
        loads_scenario(drafted.text)
    assert [p.render() for p in caught.value.problems if "is still blank" not in p.message] == []
    found = scenario(drafted)
    if queues:
        repeated = sum(
            note.startswith("queue `") and "listed twice" in note for note in drafted.notes
        )
        assert len(found.queues) + repeated == len(queues)
        timeouts = {(q["wait_timeout"] or math.inf) / 1000 for q in queues}
        assert {q.wait_timeout_s for q in found.queues} <= timeouts
    assert len({q.name for q in found.queues}) == len(found.queues)


def test_the_documented_example_is_what_is_drafted() -> None:
    """docs/from-voipbin.md: its answers make its draft, and its message is what `validate` says."""
    page = Path(__file__).parents[2] / "docs" / "from-voipbin.md"
    blocks = re.findall(r"```(\w+)[^\n]*\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    answers = [json.loads(text) for kind, text in blocks if kind == "json"]
    (beginning,) = (text for kind, text in blocks if kind == "yaml")
    (message,) = (text for kind, text in blocks if kind == "text")
    drafted = made(*answers)
    assert drafted.text.startswith(beginning)
    assert [a.name for a in scenario(drafted).agents] == ["Ann", "Ben: nights"]
    with pytest.raises(ScenarioError) as caught:
        loads_scenario(drafted.text, "support.yaml")
    assert message.rstrip() in [problem.render() for problem in caught.value.problems]
