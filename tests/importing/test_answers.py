"""The API's answers as records: shapes, order, kinds, and what is wrong with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.importing.answers import Answers, read_answers
from sim.scenario.errors import ScenarioError
from sim.scenario.nodes import Source

NIL = "00000000-0000-0000-0000-000000000000"


def read(*documents: Any) -> Answers:
    """The records of these documents, the files named 0.json, 1.json, ..."""
    return read_answers([Source(f"{i}.json", json.dumps(each)) for i, each in enumerate(documents)])


def queue(**fields: Any) -> dict[str, Any]:
    return {"id": "q", "name": "q", "routing_method": "random", **fields}


def problems(*documents: Any) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read(*documents)
    return [f"{p.file}:{p.line}: {p.path}: {p.message}" for p in caught.value.problems]


def test_absent_and_null_fields_are_zero_or_empty() -> None:
    """Only what makes it a queue is there; nulls count as absent."""
    (found,) = read({"wait_timeout": None}).queues
    assert (found.id, found.name, found.tags, found.wait_flow_id) == ("", "", (), "")
    assert (found.wait_timeout_s, found.service_timeout_s, found.n_incoming) == (0.0, 0.0, 0)


@pytest.mark.parametrize("shape", [lambda q: [q], lambda q: q, lambda q: {"result": [q]}])
def test_lists_envelopes_and_single_objects(shape: Any) -> None:
    """The same queue in each of the three shapes."""
    (found,) = read(shape(queue(wait_timeout=100000, wait_flow_id=NIL))).queues
    assert (found.wait_timeout_s, found.wait_flow_id) == (100.0, "")


def test_files_are_told_by_their_content() -> None:
    """In any order, pages of one kind put together."""
    found = read(
        {"id": "f", "actions": []}, [{"id": "a", "status": ""}], queue(id="1"), [queue(id="2")]
    )
    assert [each.id for each in found.queues] == ["1", "2"]
    assert [each.id for each in found.agents] == ["a"]
    assert [each.id for each in found.flows] == ["f"]


def test_oldest_first_in_both_dialects() -> None:
    """Lists come newest first; the dates decide, across pages and dialects.

    An object without a date, or whose date is one of the two that mean none, keeps its place.
    """
    found = read(
        [
            queue(id="3", tm_create="2022-03-29T17:07:46.2+02:00"),
            queue(id="never", tm_create="9999-01-01 00:00:00.000000"),
            queue(id="2", tm_create="2022-03-29 15:07:46.111715"),
        ],
        [queue(id="none", tm_create=None), queue(id="1", tm_create="2021-01-01T00:00:00Z")],
    )
    assert [each.id for each in found.queues] == ["1", "never", "2", "none", "3"]


def test_deleted_objects_are_left_out_and_named() -> None:
    """`tm_delete` counts unless it is absent, null, empty or the sentinel."""
    stays = [None, "", "9999-01-01 00:00:00.000000", "0001-01-01T00:00:00Z"]
    rows = [queue(id=str(i), tm_delete=each) for i, each in enumerate(stays)]
    goes = [
        queue(id="4", name="old", tm_delete="2022-03-29 15:07:46.111715"),
        queue(id="5", name="older", tm_delete="2021-03-29T15:07:46Z"),
    ]
    found = read(rows + goes)
    assert [each.id for each in found.queues] == ["0", "1", "2", "3"]
    assert found.notes == [
        "queue `old` was deleted on 2022-03-29: left out",
        "queue `older` was deleted on 2021-03-29: left out",
    ]


def test_an_object_on_two_pages_is_taken_once() -> None:
    """Pages may overlap."""
    found = read([queue()], [queue()])
    assert len(found.queues) == 1
    assert "listed twice" in found.notes[0]


def test_a_list_that_goes_on_is_worth_a_warning() -> None:
    """Only when none of its pages is the last one."""
    first = {"result": [queue(id="1")], "next_page_token": "2022"}
    last = {"result": [queue(id="2")], "next_page_token": ""}
    assert "the list of queues goes on" in read(first).notes[0]
    assert read(first, last).notes == []
    assert read(last, first).notes == []


def test_an_empty_list_is_no_error_beside_others() -> None:
    """It says nothing of its kind; alone it is nothing to start from."""
    assert read({"result": None}, queue()).notes == ["0.json: an empty list"]
    assert problems({"result": [], "next_page_token": ""}) == [
        "0.json:0: : no queue, agent or flow to start from"
    ]


def test_what_is_something_else_is_refused() -> None:
    """Queuecalls, an error message, a number, a list of numbers, kinds mixed."""
    assert "this is one of queuecalls" in problems({"reference_type": "call", "status": "done"})[0]
    assert "neither a queue, an agent nor a flow" in problems({"message": "Unauthorized"})[0]
    assert "expected a list of queues" in problems(3)[0]
    assert "result[0]" not in problems([3])[0] and "[0]: expected an object" in problems([3])[0]
    mixed = problems({"result": [queue(), {"actions": []}]})
    assert mixed == ["0.json:1: result[1]: this is one of flows, in a list of queues"]


def test_wrong_values_are_all_told_at_their_places() -> None:
    """Path and what was expected, all at once, over all files."""
    found = problems(
        {
            "result": [
                queue(
                    wait_timeout="100", service_timeout=-1, tag_ids="x", total_incoming_count=1.5
                ),
                queue(id=3, tm_create="yesterday", tag_ids=[1]),
            ]
        },
        [{"actions": [{"type": "sleep", "option": {"duration": True}}, {"option": []}, 7]}],
    )
    assert [each.split(": ")[1] for each in found] == [
        "result[0].tag_ids",
        "result[0].wait_timeout",
        "result[0].service_timeout",
        "result[0].total_incoming_count",
        "result[1].id",
        "result[1].tag_ids[0]",
        "result[1].tm_create",
        "[0].actions[2]",
        "[0].actions[0].option.duration",
        "[0].actions[1].option",
    ]
