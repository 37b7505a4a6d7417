"""Each event of mod_callcenter, and its variables in call records: the visits they stand for."""

import json
import math
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sim.calibration.formats.files import Asked
from sim.calibration.history import History, Outcome
from sim.calibration.read import read_log
from sim.scenario.errors import ScenarioError
from tests.calibration.formats.test_asterisk import T, spells, told

Event = dict[str, str]


def event(at: float | None, action: str, **more: str) -> Event:
    """An event `at` seconds after `T`; names of headers without `CC-`, `_` for `-`."""
    stamp = {} if at is None else {"Event-Date-Timestamp": str(round((T + at) * 1e6))}
    headers = {f"CC-{name.replace('_', '-')}": value for name, value in more.items()}
    named = {"Event-Subclass": "callcenter::info", "Event-Name": "CUSTOM", **stamp}
    return {**named, "CC-Action": action, **headers}


def of_member(at: float | None, action: str, member: str = "m1", **more: str) -> Event:
    names = {"Queue": "q@default", "Member_UUID": member, "Member_Session_UUID": f"s{member}"}
    return event(at, action, **{**names, **more})


def times(**more: float) -> dict[str, str]:
    """Headers that tell whole seconds after `T`."""
    return {name: str(int(T + at)) for name, at in more.items()}


def read(tmp_path: Path, *events: Event, text: str | None = None) -> History:
    path = tmp_path / "events.txt"
    blocks = ("".join(f"{name}: {value}\n" for name, value in each.items()) for each in events)
    path.write_text("\n".join(blocks) if text is None else text)
    return read_log([str(path)])


JOINED = times(Member_Joined_Time=10)
ANSWERED = {"Agent": "7@default", **JOINED, **times(Agent_Called_Time=17, Agent_Answered_Time=22)}
START = of_member(10.25, "member-queue-start")
OFFER = of_member(17.75, "agent-offering", Agent="7@default")
ANSWER = of_member(22.5, "bridge-agent-start", **ANSWERED)
END = of_member(82.5, "bridge-agent-end", **ANSWERED, **times(Bridge_Terminated_Time=82))
LEAVE = of_member(
    82.5, "member-queue-end", Cause="Terminated", **ANSWERED, **times(Member_Leaving_Time=82)
)


def cancel(at: float | None, reason: str, **more: str) -> Event:
    left = {"Cause": "Cancel", "Cancel_Reason": reason, **JOINED, **times(Member_Leaving_Time=40)}
    return of_member(at, "member-queue-end", **left, **more)


def test_a_call_that_is_answered_and_ends(tmp_path: Path) -> None:
    history = read(tmp_path, START, OFFER, ANSWER, END, LEAVE)
    assert told(history) == (Outcome.ANSWERED, 10.25, 12.25, 4.75, 60, None, "7@default")
    assert history.queues == ("q@default",)
    assert history.call.tolist() == ["sm1"]
    assert history.resolution_s == pytest.approx(1e-6)
    assert (history.reading.rows, history.reading.dropped, history.reading.notes) == (5, {}, ())
    assert history.zone is UTC
    assert history.presence is None


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("BREAK_OUT", Outcome.ABANDONED),
        ("NONE", Outcome.ABANDONED),
        ("TIMEOUT", Outcome.TIMEOUT),
        ("NO_AGENT_TIMEOUT", Outcome.LEFT),
        ("EXIT_WITH_KEY", Outcome.LEFT),
        ("SOMETHING_NEW", Outcome.LEFT),
    ],
)
def test_a_wait_that_is_cancelled(tmp_path: Path, reason: str, outcome: Outcome) -> None:
    history = read(tmp_path, START, cancel(40.5, reason))
    assert told(history) == (outcome, 10.25, 30.25, None, None, None, None)


def test_a_phone_that_is_not_answered_is_no_ringing_of_the_answer(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        START,
        of_member(11, "agent-offering", Agent="8@default"),
        of_member(16, "bridge-agent-fail", Agent="8@default", Hangup_Cause="NO_ANSWER"),
        OFFER,
        ANSWER,
    )
    assert told(history)[:5] == (Outcome.ANSWERED, 10.25, 12.25, 4.75, None)


def test_without_the_offer_headers_tell_how_long_it_rang(tmp_path: Path) -> None:
    assert told(read(tmp_path, START, ANSWER))[3] == 5


def test_the_member_who_is_gone_when_the_bridge_stands_was_answered(tmp_path: Path) -> None:
    """mod_callcenter may then send both ends."""
    history = read(tmp_path, START, OFFER, ANSWER, cancel(22.75, "NONE"), END, LEAVE)
    assert told(history)[:5] == (Outcome.ANSWERED, 10.25, 12.25, 4.75, 60)
    assert sum(history.reading.dropped.values()) == 1


def test_a_caller_who_comes_back_to_the_same_place_visits_twice(tmp_path: Path) -> None:
    """The second answer's headers tell the first joining: the wait is that of the second visit."""
    history = read(
        tmp_path,
        START,
        cancel(40.5, "BREAK_OUT"),
        of_member(60, "member-queue-resume", Member_Session_UUID="s2"),
        of_member(66, "bridge-agent-start", Agent="7", **JOINED, **times(Agent_Answered_Time=66)),
        of_member(96, "bridge-agent-end", Agent="7", **JOINED, **times(Agent_Answered_Time=66)),
    )
    assert [told(history, i)[:5] for i in range(2)] == [
        (Outcome.ABANDONED, 10.25, 30.25, None, None),
        (Outcome.ANSWERED, 60, 6, None, 30),
    ]
    assert history.call.tolist() == ["sm1", "s2"]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((ANSWER, END), (Outcome.ANSWERED, 10.5, 12, 5, 60)),
        ((END,), (Outcome.ANSWERED, 10, 12, 5, 60.5)),
        ((LEAVE,), (Outcome.ANSWERED, 10, 12, 5, 60.5)),
        ((START, LEAVE), (Outcome.ANSWERED, 10.25, 11.75, 5, 60.5)),
        ((cancel(40.5, "BREAK_OUT"),), (Outcome.ABANDONED, 10.5, 30, None, None)),
    ],
)
def test_what_was_cut_off_is_told_by_the_headers_that_follow(
    tmp_path: Path, events: tuple[Event, ...], expected: tuple[object, ...]
) -> None:
    assert told(read(tmp_path, *events))[:5] == expected


def test_events_without_dates_are_told_by_their_headers_in_whole_seconds(tmp_path: Path) -> None:
    bare = [{k: v for k, v in each.items() if k != "Event-Date-Timestamp"}
            for each in (ANSWER, END, LEAVE)]  # fmt: skip
    start = of_member(None, "member-queue-start", **JOINED)
    history = read(tmp_path, start, *bare)
    assert told(history)[:5] == (Outcome.ANSWERED, 10, 12, 5, 60)
    assert history.resolution_s == 1.0


def test_the_date_in_words_is_a_time_too(tmp_path: Path) -> None:
    date = {"Event-Date-GMT": "Tue, 14 Nov 2023 22:13:30 GMT"}
    history = read(tmp_path, {**of_member(None, "member-queue-start"), **date}, ANSWER)
    assert told(history)[1:3] == (10, 12.5)


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (0, 2, 1, 3), (3, 2, 1, 0), (2, 3, 0, 1)])
def test_events_may_come_in_any_order(tmp_path: Path, order: tuple[int, ...]) -> None:
    events = (START, ANSWER, END, LEAVE)
    history = read(tmp_path, *(events[i] for i in order))
    assert len(history) == 1
    assert told(history)[0] is Outcome.ANSWERED
    assert told(history)[2] == pytest.approx(12.25, abs=1)
    assert told(history)[4] == pytest.approx(60, abs=1)


def test_the_same_events_twice_are_one_visit(tmp_path: Path) -> None:
    once = (START, OFFER, ANSWER, END, LEAVE)
    for twice in ([e for e in once for _ in range(2)], [*once, *once]):
        history = read(tmp_path, *twice)
        assert [told(history)[:5], len(history)] == [
            (Outcome.ANSWERED, 10.25, 12.25, 4.75, 60),
            1,
        ]


def test_a_wait_that_the_logs_end_cuts_off_is_open(tmp_path: Path) -> None:
    second = of_member(50, "member-queue-start", "m2")
    count = event(60, "members-count", Queue="q@default", Count="1")
    history = read(tmp_path, START, cancel(40.5, "BREAK_OUT"), second, count)
    assert told(history, 1)[:3] == (Outcome.OPEN, 50, 10)


def test_a_start_of_the_switch_ends_what_waited(tmp_path: Path) -> None:
    startup = {"Event-Name": "STARTUP", "Event-Date-Timestamp": str(round((T + 90) * 1e6))}
    later = [of_member(95, "member-queue-start", "m2")]
    history = read(tmp_path, START, OFFER, startup, *later)
    assert told(history)[:3] == (Outcome.OPEN, 10.25, 7.5)


# --- agents -------------------------------------------------------------------------------


def status(at: float, name: str, agent: str = "7@default") -> Event:
    return event(at, "agent-status-change", Agent=agent, Agent_Status=name)


def state(at: float, name: str) -> Event:
    return event(at, "agent-state-change", Agent="7@default", Agent_State=name)


def test_presence_is_told_by_statuses(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        status(1, "Available"),
        status(2, "Logged Out", "8@default"),
        START,
        ANSWER,
        END,
        status(90, "On Break"),
        status(95, "Available (On Demand)"),
        status(99, "On Break"),
        status(120, "Logged Out"),
        status(121, "On Break", "9@default"),
    )
    assert spells(history) == [
        ("7@default", "*", 1, 120, False),
        ("7@default", "*", 90, 95, True),
        ("7@default", "*", 99, 120, True),
        ("9@default", "*", 121, None, False),
        ("9@default", "*", 121, None, True),
    ]


def test_who_worked_before_logging_out_was_there_before_the_log(tmp_path: Path) -> None:
    """A log-out alone proves nothing: one is sent for each agent when the module starts."""
    history = read(tmp_path, START, ANSWER, status(90, "Logged Out"), status(91, "Logged Out", "8"))
    assert spells(history) == [("7@default", "*", None, 90, False)]


def test_wrap_up_is_told_of_agents_who_are_idle_after_a_call_until_they_are_ready(
    tmp_path: Path,
) -> None:
    busy = state(22.5, "In a queue call")
    history = read(
        tmp_path, START, ANSWER, busy, END, LEAVE, state(82.5, "Idle"), state(112.5, "Waiting")
    )
    assert told(history)[5] == 30


def test_an_agent_who_is_waiting_at_once_tells_no_wrap_up(tmp_path: Path) -> None:
    """The wrap-up time of an agent's setting is not in any event."""
    assert told(read(tmp_path, START, ANSWER, END, LEAVE, state(82.5, "Waiting")))[5] is None


# --- how it is written --------------------------------------------------------------------


def test_values_are_percent_encoded_in_plain_events(tmp_path: Path) -> None:
    coded = [{name: value.replace("@", "%40") for name, value in each.items()}
             for each in (START, ANSWER)]  # fmt: skip
    assert read(tmp_path, *coded).queues == ("q@default",)


def test_blocks_without_the_blank_line_between_and_with_windows_ends(tmp_path: Path) -> None:
    events = (START, OFFER, ANSWER, END, LEAVE)
    text = "".join(f"{name}: {value}\r\n" for each in events for name, value in each.items())
    history = read(tmp_path, text=text)
    assert told(history)[1:5] == (10.25, 12.25, 4.75, 60)
    assert history.reading.rows == 5


def test_what_the_event_socket_writes_around_events_is_no_event(tmp_path: Path) -> None:
    envelope = "Content-Length: 512\nContent-Type: text/event-plain\n\n"
    blocks = ("".join(f"{k}: {v}\n" for k, v in e.items()) for e in (START, ANSWER, END))
    begin = "Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
    history = read(tmp_path, text=begin + "".join(f"{envelope}{block}\n" for block in blocks))
    assert told(history)[4] == 60
    assert (history.reading.rows, history.reading.dropped) == (3, {})


@pytest.mark.parametrize("between", ["\n", ",\n"])
def test_json_a_line_each_or_in_an_array(tmp_path: Path, between: str) -> None:
    text = between.join(json.dumps(e) for e in (START, OFFER, ANSWER, END, LEAVE))
    history = read(tmp_path, text=f"[\n{text}\n]\n" if "," in between else text)
    assert told(history)[1:5] == (10.25, 12.25, 4.75, 60)
    assert history.reading.rows == 5


def test_what_is_no_event_of_the_call_centre_or_is_damaged_is_counted(tmp_path: Path) -> None:
    other = {"Event-Name": "CHANNEL_ANSWER", "Event-Date-Timestamp": str(T * 10**6)}
    nobody = event(5, "agent-status-change", Agent_Status="Available")
    bad = [
        {k: v for k, v in ANSWER.items() if k != "CC-Queue"},
        of_member(None, "member-queue-start"),
        nobody,
        status(6, "Asleep"),
        of_member(7, "member-queue-start", Member_Session_UUID="s" * 101),
    ]
    history = read(tmp_path, other, START, *bad, OFFER, ANSWER, END, LEAVE)
    assert told(history)[1:5] == (10.25, 12.25, 4.75, 60)
    assert history.reading.dropped == {
        "events that are not the call centre's": 1,
        "an event of a call without a queue or a member": 1,
        "an event without a time": 1,
        "an event of an agent without an agent": 1,
        "a status of an agent that is not known": 1,
        "a call id of more than 100 characters": 1,
    }


def test_lines_that_are_no_json_and_blocks_without_headers_are_counted(tmp_path: Path) -> None:
    good = "\n".join(json.dumps(e) for e in (START, OFFER, ANSWER, END, LEAVE))
    history = read(tmp_path, text=f"{good}\n{{broken\n5\n")
    assert history.reading.dropped == {"a line that is no JSON object": 2}
    blocks = "\n\n".join("".join(f"{k}: {v}\n" for k, v in e.items()) for e in (START, ANSWER))
    history = read(tmp_path, text=f"{blocks}\n\nRECV EVENT\n\n")
    assert history.reading.dropped == {"a block without any `Header: value`": 1}


def test_a_log_without_calls_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no call in it"):
        read(tmp_path, status(1, "Available"))


# --- call records -------------------------------------------------------------------------

COLUMNS = (
    *("uuid", "cc_side", "cc_queue", "cc_agent", "cc_queue_joined_epoch"),
    *("cc_queue_answered_epoch", "cc_queue_terminated_epoch", "cc_queue_canceled_epoch"),
    *("cc_cause", "cc_cancel_reason", "end_epoch"),
)


def record(
    uuid: str,
    joined: float,
    answered: float = 0,
    over: float = 0,
    canceled: float = 0,
    *,
    reason: str = "",
    end: float = 0,
    side: str = "member",
    queue: str = "q",
) -> str:
    at = [str(int(T + each)) if each else "" for each in (joined, answered, over, canceled)]
    cause = "cancel" if canceled else "answered"
    cells = [uuid, side, queue, "7@d" if answered else "", *at, cause, reason]
    return ",".join([*cells, str(int(T + end)) if end else ""])


def read_records(tmp_path: Path, *rows: str, header: str = ",".join(COLUMNS)) -> History:
    path = tmp_path / "cdr.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return read_log([str(path)], asked=Asked(zone=ZoneInfo("Europe/Berlin")))


def test_records_of_answered_and_cancelled_calls(tmp_path: Path) -> None:
    history = read_records(
        tmp_path,
        record("a", 10, 22, 82),
        record("b", 11, canceled=41, reason="BREAK_OUT"),
        record("c", 12, canceled=42, reason="TIMEOUT"),
        record("d", 13, canceled=43, reason="EXIT_WITH_KEY"),
        record("e", 14, 20, end=50),
        record("f", 15, 20),
        record("g", 16, end=26),
        record("h", 17),
    )
    assert [told(history, i)[:5] for i in range(8)] == [
        (Outcome.ANSWERED, 10, 12, None, 60),
        (Outcome.ABANDONED, 11, 30, None, None),
        (Outcome.TIMEOUT, 12, 30, None, None),
        (Outcome.LEFT, 13, 30, None, None),
        (Outcome.ANSWERED, 14, 6, None, 30),
        (Outcome.ANSWERED, 15, 5, None, None),
        (Outcome.OPEN, 16, 10, None, None),
        (Outcome.OPEN, 17, 0, None, None),
    ]
    assert told(history)[-1] == "7@d"
    assert history.call.tolist() == list("abcdefgh")
    assert (history.resolution_s, history.zone) == (1.0, ZoneInfo("Europe/Berlin"))
    assert history.reading.dropped == {}


def test_records_that_are_no_visit_are_counted(tmp_path: Path) -> None:
    history = read_records(
        tmp_path,
        record("a", 10, 22, 82),
        *(record(f"z{i}", 10, 22, 82) for i in range(2)),
        record("a", 10, 22, 82),
        record("b", 10, 22, 82, side="agent"),
        record("c", 0, queue=""),
        record("d", 30, canceled=20, reason="BREAK_OUT"),
        "e,member",
        record("f", 10, 22, 82).replace(str(T + 10), "soon"),
        record("g" * 101, 10, 22, 82),
    )
    assert len(history) == 3
    assert history.reading.dropped == {
        "the same line again": 1,
        "the agents' legs of calls": 1,
        "calls that were in no queue": 1,
        "the wait ends before the call joins": 1,
        "fewer fields than the header has": 1,
        "cc_queue_joined_epoch is no time": 1,
        "a call id of more than 100 characters": 1,
    }


def test_times_left_by_an_earlier_queue_are_none_of_the_last_ones(tmp_path: Path) -> None:
    history = read_records(tmp_path, record("a", 50, 22, 40, canceled=60, reason="BREAK_OUT"))
    assert told(history)[:3] == (Outcome.ABANDONED, 50, 10)


def test_columns_may_be_called_variables_and_cells_be_quoted(tmp_path: Path) -> None:
    header = ";".join(f'"variable_{name}"' for name in COLUMNS)
    row = ";".join(f'"{cell}"' for cell in record("a", 10, 22, 82, queue="q%40d").split(","))
    history = read_records(tmp_path, row, header=header)
    assert told(history)[:5] == (Outcome.ANSWERED, 10, 12, None, 60)
    assert history.queues == ("q@d",)
    assert math.isnan(history.wrap_up_s[0])
