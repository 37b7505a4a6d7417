"""Queuecalls of VoIPBin's API are read as its documents and its software have them."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.calibration.formats.files import Asked
from sim.calibration.history import History, Outcome, Reading, Visit, from_visits
from sim.calibration.read import read_log
from sim.scenario.errors import ScenarioError
from tests.calibration.voipbin_pages import RFC3339, SPACE, identity, pages

NIL = "00000000-0000-0000-0000-000000000000"
NEVER = "9999-01-01 00:00:00.000000"


def queuecall(**changes: Any) -> dict[str, Any]:
    """A call answered after 2 s, and served for 60 s."""
    row = {
        "id": "c1", "reference_type": "call", "reference_id": "r1", "status": "done",
        "service_agent_id": "a1", "duration_waiting": 2000, "duration_service": 60000,
        "tm_create": "2022-03-29 15:07:46.111715", "tm_service": "2022-03-29 15:07:48.111715",
        "tm_update": "2022-03-29 15:08:48.111715", "tm_delete": NEVER,
    }  # fmt: skip
    return {k: v for k, v in {**row, **changes}.items() if v is not ...}


def abandoned(wait_ms: int, **changes: Any) -> dict[str, Any]:
    row = queuecall(
        status="abandoned", duration_waiting=wait_ms, duration_service=..., tm_service=NEVER,
        service_agent_id=NIL,
    )  # fmt: skip
    return {k: v for k, v in {**row, **changes}.items() if v is not ...}


def read(tmp_path: Path, *texts: Any, asked: Asked | None = None, name: str = "") -> History:
    paths = []
    for i, text in enumerate(texts):
        path = tmp_path / f"{i}.json"
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        paths.append(f"{name}={path}" if name else str(path))
    return read_log(paths, asked=asked or Asked(queue="support"))


@pytest.mark.parametrize(
    "shape",
    [
        lambda rows: {"result": rows, "next_page_token": ""},
        lambda rows: {"next_page_token": "", "result": rows},
        lambda rows: rows,
        lambda rows: rows[0],
        lambda rows: "\n".join(json.dumps(row) for row in rows),
        lambda rows: json.dumps({"result": rows}, indent=4) + "\n" + json.dumps({"result": []}),
        lambda rows: [{"result": rows, "next_page_token": ""}, {"result": []}],
    ],
    ids=[
        "envelope",
        "token first",
        "bare list",
        "one object",
        "an object a line",
        "two answers",
        "answers in a list",
    ],
)
def test_an_answer_may_be_an_envelope_a_list_an_object_or_several_of_them(
    tmp_path: Path, shape: Any
) -> None:
    history = read(tmp_path, shape([queuecall()]))
    assert len(history) == 1 and history.queues == ("support",)
    assert history.outcome.tolist() == [Outcome.ANSWERED]
    assert (history.wait_s[0], history.talk_s[0]) == (2.0, 60.0)
    assert history.joined_at[0] == 1648566466.111715
    assert history.agents == ("a1",) and history.call.tolist() == ["r1"]


def test_both_dialects_of_time_tell_the_same_instants(tmp_path: Path) -> None:
    other = queuecall(
        tm_create="2022-03-29T17:07:46.111715+02:00", tm_service="2022-03-29T15:07:48.111715Z",
        tm_update="2022-03-29T15:08:48.111715900Z", tm_delete=None,
    )  # fmt: skip
    a, b = read(tmp_path, queuecall()), read(tmp_path, other)
    for name in ("joined_at", "wait_s", "talk_s"):
        assert getattr(a, name).tolist() == getattr(b, name).tolist()


def test_what_is_zero_may_be_absent(tmp_path: Path) -> None:
    """A call answered at once has no `duration_waiting`, an abandoned one no agent."""
    at_once = queuecall(duration_waiting=..., tm_service="2022-03-29 15:07:46.111715")
    gone = abandoned(5000, id="c2", service_agent_id=..., tm_service=..., tm_delete=...)
    history = read(tmp_path, [gone, at_once])
    assert sorted(history.wait_s.tolist()) == [0.0, 5.0]
    assert sorted(history.agent.tolist()) == [-1, 0]


def test_a_timeout_is_told_from_a_hang_up_by_the_time_waited(tmp_path: Path) -> None:
    """Within a second of the queue's timeout, and without a known timeout never."""
    rows = [abandoned(ms, id=f"c{ms}") for ms in (98_900, 99_100, 100_900, 101_100)]
    asked = Asked(queue="support", wait_timeout_s=100.0)
    history = read(tmp_path, rows, asked=asked)
    told = dict(zip(history.wait_s.tolist(), history.outcome.tolist(), strict=True))
    ab, to = Outcome.ABANDONED, Outcome.TIMEOUT
    assert told == {98.9: ab, 99.1: to, 100.9: to, 101.1: ab}
    without = read(tmp_path, rows)
    assert set(without.outcome.tolist()) == {ab}
    assert any("no wait_timeout is known of `support`" in note for note in without.reading.notes)


QUEUES = {
    "result": [
        {"id": "q1", "name": "support", "wait_timeout": 100_000, "routing_method": "random"},
        {"id": "q2", "name": "sales", "routing_method": "random"},
    ]
}


def test_the_answer_with_the_queues_beside_tells_each_queue_its_timeout(tmp_path: Path) -> None:
    (tmp_path / "queues.json").write_text(json.dumps(QUEUES))
    for name in ("support", "sales"):
        rows = [abandoned(100_000, id=f"{name}1")]
        (tmp_path / f"{name}.json").write_text(json.dumps(rows))
    history = read_log(
        [str(tmp_path / "queues.json")]
        + [f"{name}={tmp_path / name}.json" for name in ("support", "sales")]
    )
    told = {history.queues[q]: o for q, o in zip(history.queue, history.outcome, strict=True)}
    assert told == {"support": Outcome.TIMEOUT, "sales": Outcome.ABANDONED}
    assert not any("no wait_timeout" in note for note in history.reading.notes)


def test_the_only_queue_listed_names_the_calls_and_without_any_they_have_the_default(
    tmp_path: Path,
) -> None:
    alone = {"result": QUEUES["result"][:1]}
    assert read(tmp_path, [queuecall()], alone, asked=Asked()).queues == ("support",)
    nameless = read(tmp_path, [queuecall()], asked=Asked())
    assert nameless.queues == ("calls",)
    assert any("queuecalls tell no queue" in note for note in nameless.reading.notes)


def test_a_service_length_that_includes_the_wait_is_told_and_not_used(tmp_path: Path) -> None:
    rows = [queuecall(), queuecall(id="c2", duration_service=62_000, reference_id="r2")]
    rows.append(queuecall(id="c3", duration_service=90_000, reference_id="r3"))
    history = read(tmp_path, rows)
    assert history.talk_s.tolist() == [60.0] * 3
    notes = "\n".join(history.reading.notes)
    assert "duration_service includes the wait (tm_update - tm_service counts): 1" in notes
    assert "duration_service differs from tm_update - tm_service (which counts): 1" in notes


def test_calls_that_are_not_over_are_open_and_in_service_they_are_answered(tmp_path: Path) -> None:
    """What waits has waited until its last update; a service under way has no length."""
    states = ["initiating", "waiting", "connecting", "kicking", "service"]
    rows = [
        queuecall(id=s, reference_id=s, status=s, duration_service=..., duration_waiting=...,
                  tm_service="2022-03-29 15:07:48.111715" if s == "service" else NEVER)
        for s in states
    ]  # fmt: skip
    history = read(tmp_path, rows)
    told = dict(zip(history.call.tolist(), history.outcome.tolist(), strict=True))
    assert told == {s: Outcome.OPEN for s in states[:4]} | {"service": Outcome.ANSWERED}
    waits = dict(zip(history.call.tolist(), history.wait_s.tolist(), strict=True))
    assert waits == {s: 62.0 for s in states[:4]} | {"service": 2.0}
    assert np.isnan(history.talk_s).all()


def test_a_deleted_call_has_its_durations_as_deletion_was_its_last_update(tmp_path: Path) -> None:
    late = "2022-04-29 15:08:48.111715"
    history = read(tmp_path, [queuecall(tm_update=late, tm_delete=late)])
    assert history.talk_s.tolist() == [60.0]
    assert any("deleted" in note for note in history.reading.notes)


def test_done_without_any_sign_of_service_is_left_out(tmp_path: Path) -> None:
    odd = queuecall(id="c2", tm_service=NEVER, duration_service=...)
    history = read(tmp_path, [queuecall(), odd])
    assert len(history) == 1
    assert history.reading.dropped == {"done, without an instant or a length of service": 1}


def test_pages_that_overlap_have_their_calls_once_the_latest_update_of_each(tmp_path: Path) -> None:
    waits = queuecall(status="waiting", tm_service=NEVER, tm_update="2022-03-29 15:07:47.000000")
    for order in ([waits, queuecall()], [queuecall(), waits]):
        history = read(tmp_path, *([row] for row in order))
        assert history.outcome.tolist() == [Outcome.ANSWERED]
        assert list(history.reading.dropped.values()) == [1]
    assert history.reading.rows == 2


def test_a_missing_last_page_is_noted(tmp_path: Path) -> None:
    first = {"result": [queuecall()], "next_page_token": "2022"}
    last = {"result": [queuecall(id="c2")], "next_page_token": ""}
    assert any("goes on" in note for note in read(tmp_path, first).reading.notes)
    assert not any("goes on" in note for note in read(tmp_path, last, first).reading.notes)


BAD = {
    "status is none of": {"status": "lost"},
    "tm_create is missing": {"tm_create": NEVER},
    "tm_create is no instant": {"tm_create": "yesterday"},
    "tm_service is no instant": {"tm_service": 5},
    "duration_waiting is no number of milliseconds": {"duration_waiting": -1},
    "duration_service is no number of milliseconds": {"duration_service": "60s"},
    "tm_service is before tm_create": {"tm_service": "2022-03-29 15:07:45.000000"},
    "tm_update is before tm_service": {"tm_update": "2022-03-29 15:07:47.000000"},
}


@pytest.mark.parametrize("reason", BAD)
def test_a_row_that_makes_no_sense_is_left_out_with_its_line(tmp_path: Path, reason: str) -> None:
    rows = [queuecall(), queuecall(id="bad", **BAD[reason]), queuecall(id="c3")]
    history = read(tmp_path, "[" + ",\n".join(json.dumps(row) for row in rows) + "]")
    assert len(history) == 2
    (told,) = history.reading.dropped
    assert told.startswith(reason) and history.reading.dropped[told] == 1
    assert any(note.endswith(": 1 (line 2)") for note in history.reading.notes)


def test_what_is_damaged_costs_no_more_than_itself(tmp_path: Path) -> None:
    """A key without its quote, and a file that ends in the midst of an object."""
    good = [json.dumps(queuecall(id=f"c{i}")) for i in range(5)]
    broken = good[1].replace('"status"', 'status"')
    text = '{"result": [\n' + ",\n".join([good[0], broken, *good[2:]])[:-20]
    history = read(tmp_path, text)
    assert len(history) == 3
    assert history.reading.dropped == {
        "not valid JSON": 1, "the file ends in the midst of an object": 1,
    }  # fmt: skip
    between = read(tmp_path, '{"result": [\n' + ",\n".join(good))
    assert len(between) == 5
    assert any("it ends before its list does" in note for note in between.reading.notes)


@pytest.mark.parametrize(
    "text",
    ['{"result": [], "next_page_token": ""}', '{"result": null}',
     '[{"status": "available", "ring_method": "ringall", "tm_service": null}]',
     json.dumps(QUEUES), '[{"tm_service": 1}, {"tm_service": 2}]', '{"result": [1, 2, 3]}'],
    ids=["empty", "null", "agents", "queues alone", "no statuses", "numbers"],
)  # fmt: skip
def test_a_log_without_calls_is_an_error_that_says_what_was_looked_for(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(ScenarioError, match="queuecalls"):
        read(tmp_path, text)


# --- dumps of simulated calls ----------------------------------------------------------------

CALLS = st.builds(
    Visit,
    st.integers(1_600_000_000_000_000, 1_700_000_000_000_000).map(lambda us: us / 1e6),
    st.just("support"),
    st.sampled_from([Outcome.ANSWERED, Outcome.ABANDONED, Outcome.TIMEOUT, Outcome.OPEN]),
    st.integers(1, 90_000).map(lambda ms: ms / 1000),
    talk_s=st.integers(1, 9_000_000).map(lambda ms: ms / 1000),
    agent=st.sampled_from(["ann", "ben"]),
)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(CALLS, min_size=1, max_size=30, unique_by=lambda v: v.joined_at),
    dialect=st.sampled_from([SPACE, RFC3339]),
    per_page=st.integers(1, 12),
    omit=st.booleans(),
    includes_wait=st.booleans(),
    seed=st.randoms(use_true_random=False),
)
def test_pages_in_any_order_give_the_calls_that_were_dumped(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Visit], dialect: str, per_page: int,
    omit: bool, includes_wait: bool, seed: random.Random,
) -> None:  # fmt: skip
    """Instants to a microsecond, durations to a millisecond, whatever the version and dialect."""
    for row in rows:
        if row.outcome == Outcome.TIMEOUT:
            row.wait_s = 100.0
    told = from_visits(rows, Reading("simulated", "test"))
    texts = pages(
        told, dialect=dialect, per_page=per_page, omit_empty=omit, includes_wait=includes_wait
    )
    seed.shuffle(texts)
    folder = tmp_path_factory.mktemp("pages")
    asked = Asked(queue="support", wait_timeout_s=100.0)
    back = read(folder, *texts, asked=asked)
    assert back.joined_at.tolist() == told.joined_at.tolist()
    assert back.outcome.tolist() == told.outcome.tolist()
    np.testing.assert_allclose(back.wait_s, told.wait_s, rtol=0, atol=1.1e-6)
    answered = told.answered()
    np.testing.assert_allclose(back.talk_s[answered], told.talk_s[answered], rtol=0, atol=1.1e-6)
    names = [identity(told.agents[code]) for code in told.agent[answered]]
    assert [back.agents[code] for code in back.agent[answered]] == names


@settings(max_examples=80, deadline=None)
@given(cut=st.integers(0, 3_000), noise=st.binary(max_size=8), packed=st.booleans())
def test_a_file_damaged_anywhere_is_read_in_part_or_refused_with_one_clear_error(
    tmp_path_factory: pytest.TempPathFactory, cut: int, noise: bytes, packed: bool
) -> None:
    rows = [queuecall(id=f"c{i}") for i in range(8)]
    raw = json.dumps({"result": rows, "next_page_token": ""}, indent=1).encode()
    raw = gzip.compress(raw, mtime=0) if packed else raw
    path = tmp_path_factory.mktemp("damaged") / "calls.json"
    path.write_bytes(raw[:cut] + noise)
    try:
        history = read_log([str(path)], asked=Asked(queue="support"))
    except ScenarioError as error:
        assert error.problems and str(path) in error.render()
    else:
        assert 1 <= len(history) <= 8
