"""What is simulated, written as a switch writes it, and read again is the same; and no line of a
log, however it is shuffled, doubled, cut or damaged, is lost silently."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.calibration.formats.files import LogFile
from sim.calibration.formats.queue_rows import EVENTS
from sim.calibration.formats.waits import SAME_LINE
from sim.calibration.history import History, Outcome, Visit
from sim.calibration.read import read_log
from sim.scenario.errors import ScenarioError
from tests.calibration.switch_logs import (
    MONDAY,
    as_blocks,
    as_json_lines,
    callcenter_events,
    queue_log,
    simulated,
    whole_seconds,
)


@pytest.fixture(scope="module", params=["support.yaml", "tutorial.yaml"])
def visits(request: pytest.FixtureRequest) -> list[Visit]:
    return sorted(simulated(request.param), key=lambda visit: visit.joined_at)


def read(tmp_path: Path, text: str, format: str | None = None) -> History:
    path = tmp_path / "log"
    path.write_text(text)
    return read_log([str(path)], format=format)


def check(history: History, visits: Sequence[Visit], *, within_s: float) -> None:
    """The history has these visits and no others, their times but for the clock's step."""
    assert len(history) == len(visits)
    assert history.call.tolist() == [visit.call for visit in visits]
    assert [history.queues[i] for i in history.queue] == [visit.queue for visit in visits]
    assert history.outcome.tolist() == [visit.outcome for visit in visits]
    names = [history.agents[i] if i >= 0 else None for i in history.agent]
    assert names == [visit.agent for visit in visits]
    for column in ("joined_at", "wait_s", "talk_s"):
        expected = [getattr(visit, column) for visit in visits]
        np.testing.assert_allclose(getattr(history, column), expected, rtol=0, atol=within_s)


def test_simulated_calls_come_back_from_a_queue_log_of_whole_seconds(
    tmp_path: Path, visits: list[Visit]
) -> None:
    history = read(tmp_path, "\n".join(queue_log(visits)) + "\n")
    check(history, [whole_seconds(visit) for visit in visits], within_s=0.0)
    differ = history.wait_s - [visit.wait_s for visit in visits]
    assert abs(differ).max() < 1.0
    assert (history.resolution_s, history.reading.dropped) == (1.0, {})


def test_simulated_calls_come_back_from_a_queue_log_of_a_fine_clock(
    tmp_path: Path, visits: list[Visit]
) -> None:
    history = read(tmp_path, "\n".join(queue_log(visits, digits=3)) + "\n")
    check(history, visits, within_s=2e-3)
    assert history.resolution_s == pytest.approx(1e-3)


@pytest.mark.parametrize("write", [as_blocks, as_json_lines])
def test_simulated_calls_come_back_from_freeswitchs_events(  # type: ignore[no-untyped-def]
    tmp_path: Path, visits: list[Visit], write
) -> None:
    history = read(tmp_path, write(callcenter_events(visits)))
    check(history, visits, within_s=5e-6)
    rings = np.array([visit.ring_s for visit in visits])
    np.testing.assert_allclose(history.ring_s, rings, rtol=0, atol=5e-6)
    assert history.reading.dropped == {}
    assert history.presence is not None
    assert set(history.presence.agent) == set(range(len(history.agents)))


@pytest.mark.bench
def test_a_million_lines_are_read_in_less_than_15_seconds(
    tmp_path: Path, visits: list[Visit]
) -> None:
    """In processor time: it does not depend on what else the machine does."""
    path = tmp_path / "queue_log"
    n_lines = 0
    with path.open("w") as log:
        while n_lines < 1_000_000:
            day_s = 86_400.0 * (n_lines // 1000)
            moved = [
                replace(v, joined_at=v.joined_at + day_s, call=f"{n_lines}-{v.call}")
                for v in visits
            ]
            lines = queue_log(moved)
            log.write("\n".join(lines) + "\n")
            n_lines += len(lines)
    before = time.process_time()
    history = read_log([str(path)])
    assert time.process_time() - before < 15.0
    assert history.reading.rows == n_lines


# --- any log ------------------------------------------------------------------------------

ANY = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LENGTHS = st.integers(0, 40).map(float)


@st.composite
def some_visits(draw: st.DrawFn) -> list[Visit]:
    """Few calls in few seconds, some of which visit again."""
    found: list[Visit] = []
    for call in range(draw(st.integers(1, 6))):
        at = MONDAY + draw(st.integers(0, 60))
        for _ in range(draw(st.integers(1, 2))):
            outcome = draw(st.sampled_from(Outcome))
            visit = Visit(
                float(at),
                draw(st.sampled_from(["p", "q"])),
                outcome,
                0.0 if outcome in (Outcome.BLOCKED, Outcome.OPEN) else draw(LENGTHS),
                call=f"{int(MONDAY)}.{call}",
            )
            if outcome is Outcome.ANSWERED:
                talk_s, agent = draw(LENGTHS), draw(st.sampled_from(["1", "2"]))
                visit = replace(visit, ring_s=0.0, talk_s=talk_s, agent=agent)
            found.append(visit)
            at = visit.joined_at + visit.wait_s + (visit.talk_s if visit.talk_s >= 0 else 0) + 5
    return found


def rows_read(tmp_path: Path, lines: Sequence[str]) -> History | None:
    """The history of lines, None if it is refused for good reason."""
    try:
        return read(tmp_path, "\n".join(lines) + "\n", format="asterisk")
    except ScenarioError as error:
        assert "no call in it" in str(error) or "the file is empty" in str(error)
        return None


def ends(history: History) -> list[tuple[str, int, float, float]]:
    """Call, outcome, joining and wait of each visit whose wait ended; sorted."""
    known = history.outcome != Outcome.OPEN
    columns = (history.call, history.outcome, history.joined_at, history.wait_s)
    return sorted(zip(*(column[known].tolist() for column in columns), strict=True))


@ANY
@given(some_visits(), st.randoms(use_true_random=False))
def test_lines_shuffled_within_a_second_lose_no_call(tmp_path: Path, visits, random) -> None:  # type: ignore[no-untyped-def]
    lines = queue_log(visits)
    shuffled = sorted(lines, key=lambda line: (line.split("|")[0], random.random()))
    plain, other = rows_read(tmp_path, lines), rows_read(tmp_path, shuffled)
    assert plain is not None and other is not None
    assert other.reading.rows == plain.reading.rows == len(lines)
    assert other.reading.dropped == plain.reading.dropped == {}
    assert ends(other) == ends(plain)
    assert np.nansum(other.talk_s) == np.nansum(plain.talk_s)


@ANY
@given(some_visits(), st.data())
def test_lines_doubled_change_nothing_and_are_counted(tmp_path: Path, visits, data) -> None:  # type: ignore[no-untyped-def]
    lines = queue_log(visits)
    twice = [line for line in lines for _ in range(data.draw(st.integers(1, 2)))]
    plain, other = rows_read(tmp_path, lines), rows_read(tmp_path, twice)
    assert plain is not None and other is not None
    assert ends(other) == ends(plain)
    again = [line for line in lines if "RINGNOANSWER" not in line and "QUEUESTART" not in line]
    n_again = sum(twice.count(line) - lines.count(line) for line in set(again))
    assert other.reading.dropped.get(SAME_LINE, 0) == n_again


@ANY
@given(some_visits(), st.data())
def test_a_log_cut_at_either_end_tells_or_counts_every_call(tmp_path: Path, visits, data) -> None:  # type: ignore[no-untyped-def]
    """A call that has any line but those of unanswered phones is in the history, or counted."""
    lines = queue_log(visits)
    first = data.draw(st.integers(0, len(lines) - 1))
    cut = lines[first : data.draw(st.integers(first + 1, len(lines)))]
    history = rows_read(tmp_path, cut)
    if history is None:
        return
    assert history.reading.rows == len(cut)
    calls = {line.split("|")[1] for line in cut if "RINGNOANSWER" not in line} - {"NONE"}
    assert len(calls - set(history.call.tolist())) <= sum(history.reading.dropped.values())
    for value in (history.wait_s, history.joined_at):
        assert np.isfinite(value).all()
    assert (history.wait_s >= 0).all()


PRINTED = st.characters(exclude_categories=["Cc", "Cs"])
FIELD = st.one_of(
    st.sampled_from(["NONE", "", "q", "c1", "SIP/7", "1", "30", "-1", "nan", "1e400", "PAUSED"]),
    st.text(PRINTED, max_size=6),
)
EVENT = st.sampled_from(sorted(EVENTS))
LINE = st.one_of(
    st.builds(
        lambda at, three, event, data: "|".join([str(int(MONDAY) + at), *three, event, *data]),
        st.integers(-5, 90),
        st.lists(FIELD, min_size=3, max_size=3),
        EVENT,
        st.lists(FIELD, max_size=6),
    ),
    st.text(PRINTED, max_size=30),
)


@ANY
@given(st.lists(LINE, min_size=1, max_size=25))
def test_nothing_in_a_log_makes_reading_it_fail_or_loses_lines(
    tmp_path: Path, lines: list[str]
) -> None:
    path = tmp_path / "queue_log"
    path.write_bytes("\n".join(lines).encode("utf-8", "replace"))
    not_blank = sum(bool(line.strip()) for _, line in LogFile(str(path)).lines())
    try:
        history = read_log([str(path)], format="asterisk")
    except ScenarioError:
        return
    assert history.reading.rows == not_blank
    assert sum(history.reading.dropped.values()) + len(history) <= 2 * not_blank
    assert (history.wait_s >= 0).all() and np.isfinite(history.joined_at).all()
    assert not (history.talk_s < 0).any()


NAMES = """
CC-Queue CC-Member-UUID CC-Agent CC-Cause CC-Cancel-Reason CC-Agent-Status CC-Agent-State
CC-Member-Joined-Time CC-Agent-Answered-Time CC-Member-Leaving-Time Event-Date-GMT
"""
ACTIONS = """
member-queue-start member-queue-resume member-queue-end agent-offering bridge-agent-start
bridge-agent-end bridge-agent-fail agent-status-change agent-state-change x
"""
HEADERS = st.dictionaries(
    st.sampled_from(NAMES.split()),
    st.one_of(FIELD, st.integers(0, 90).map(lambda s: str(int(MONDAY) + s))),
)
ACTION = st.sampled_from(ACTIONS.split())


@ANY
@given(st.lists(st.tuples(ACTION, HEADERS, st.integers(0, 90)), min_size=1, max_size=12))
def test_nothing_in_freeswitchs_events_makes_reading_them_fail(  # type: ignore[no-untyped-def]
    tmp_path: Path, events
) -> None:
    told = [
        {"CC-Queue": "q", "CC-Member-UUID": "m", **headers, "CC-Action": action}
        | ({"Event-Date-Timestamp": str((int(MONDAY) + at) * 10**6)} if at else {})
        for action, headers, at in events
    ]
    path = tmp_path / "events.jsonl"
    path.write_text(as_json_lines(told))
    try:
        history = read_log([str(path)], format="freeswitch")
    except ScenarioError:
        return
    assert history.reading.rows == len(told)
    assert (history.wait_s >= 0).all() and np.isfinite(history.joined_at).all()
    assert not any(each < 0 for each in history.talk_s if not math.isnan(each))


CALLS = [
    Visit(MONDAY, "q", Outcome.ANSWERED, 12.0, 3.0, 60.0, agent="7", call=f"{int(MONDAY)}.1"),
    Visit(MONDAY + 9, "q", Outcome.ABANDONED, 30.0, call=f"{int(MONDAY)}.2"),
]
TABLE = "time,callid,queuename,agent,event,data1,data2,data3\n" + "".join(
    line.replace("|", ",").rstrip(",") + "\n" for line in queue_log(CALLS)
)
RECORDS = (
    "uuid,cc_side,cc_queue,cc_queue_joined_epoch,cc_queue_answered_epoch,cc_queue_terminated_epoch\n"
    f"a,member,q,{int(MONDAY)},{int(MONDAY) + 12},{int(MONDAY) + 72}\n"
    f'"b","member","q","{int(MONDAY)}","{int(MONDAY) + 9}",""\n'
)
SAMPLES = {
    "asterisk-file": "\n".join(queue_log(CALLS)) + "\n",
    "asterisk-table": TABLE,
    "freeswitch-blocks": as_blocks(callcenter_events(CALLS)),
    "freeswitch-json": as_json_lines(callcenter_events(CALLS)),
    "freeswitch-records": RECORDS,
}


@pytest.mark.parametrize("sample", SAMPLES)
@ANY
@given(st.integers(0, 3000), st.integers(0, 40), st.binary(max_size=20), st.booleans())
def test_damaged_bytes_are_read_in_part_or_refused_with_clear_errors(
    tmp_path: Path, sample: str, cut: int, gone: int, noise: bytes, is_told: bool
) -> None:
    raw = SAMPLES[sample].encode()
    path = tmp_path / "log"
    path.write_bytes(raw[: cut % len(raw)] + noise + raw[cut % len(raw) + gone :])
    format = sample.partition("-")[0] if is_told else None
    try:
        history = read_log([str(path)], format=format)
    except ScenarioError as error:
        assert error.problems and str(path) in error.render()
    else:
        assert 1 <= len(history) <= len(raw.splitlines())
        assert np.isfinite(history.joined_at).all() and (history.wait_s >= 0).all()
