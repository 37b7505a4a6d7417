"""Each event of a queue log, and each way in which such a log is odd: the visits it stands for."""

import math
from datetime import UTC, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sim.calibration.formats.files import Asked
from sim.calibration.history import History, Outcome
from sim.calibration.read import read_log
from sim.scenario.errors import ScenarioError

T = 1_700_000_000
FIELDS = ("joined_at", "wait_s", "ring_s", "talk_s", "wrap_up_s")

WAZO = """\
1341343643|1341343640.4|NONE|Agent/3001|AGENTCALLBACKLOGIN|1002@pcm-dev
1341343686|NONE|NONE|Agent/3001|AGENTCALLBACKLOGOFF|1002@pcm-dev|43|CommandLogoff
1341343687|NONE|NONE|Agent/3001|UNPAUSEALL|
1341343687|NONE|q1|Agent/3001|UNPAUSE|
1341343687|NONE|q2|Agent/3001|UNPAUSE|
1341401275|1341401275.9|q1|NONE|JOINEMPTY|
1341401601|1341401601.24|q1|NONE|ENTERQUEUE||1000|1
1341401603|1341401601.24|q1|Agent/3001|CONNECT|2|1341401601.27|1
1341401866|1341401851.34|q1|Agent/3001|COMPLETEAGENT|2|12|1
1341402017|1341402016.44|q1|NONE|FULL|
1341402483|1341402482.49|q1|NONE|CLOSED|
1341402592|1341402586.51|q1|NONE|ABANDON|1|1|6
"""
"""Lines of the Wazo documentation (queue_log), CC BY-SA 4.0."""


def read(
    tmp_path: Path, *lines: str, name: str = "queue_log", asked: Asked | None = None
) -> History:
    """The history of lines whose times are seconds after `T`, as `10|c1|q|NONE|EVENT|...`."""
    text = "".join(f"{_shifted(line)}\n" for line in lines)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_log([str(path)], asked=asked)


def _shifted(line: str) -> str:
    time, bar, rest = line.partition("|")
    try:
        return f"{T + float(time):.{len(time.partition('.')[2])}f}{bar}{rest}"
    except ValueError:
        return line


def told(history: History, place: int = 0) -> tuple[object, ...]:
    """Outcome, joining (seconds after `T`), wait, ring, talk, wrap-up and agent of a visit."""
    joined, *lengths = (getattr(history, name)[place] for name in FIELDS)
    agent = history.agent[place]
    known = tuple(None if math.isnan(each) else round(float(each), 6) for each in lengths)
    name = history.agents[agent] if agent >= 0 else None
    return (Outcome(history.outcome[place]), round(float(joined) - T, 6), *known, name)


def spells(history: History) -> list[tuple[str, str, float, float | None, bool]]:
    """Agent, queue (`*` for all), from and to (None: open, before the log) after `T`, paused."""
    found = history.presence
    assert found is not None
    return [
        (
            history.agents[agent],
            "*" if queue < 0 else history.queues[queue],
            None if math.isnan(since) else since - T,  # type: ignore[misc]
            None if math.isnan(to) else to - T,
            bool(paused),
        )
        for agent, queue, since, to, paused in zip(
            found.agent, found.queue, found.from_at, found.to_at, found.paused, strict=True
        )
    ]


ENTER = "10|c1|q|NONE|ENTERQUEUE||555|1"
CONNECT = "22|c1|q|SIP/7|CONNECT|12|c2|5"


# --- each event ---------------------------------------------------------------------------


@pytest.mark.parametrize("event", ["COMPLETEAGENT", "COMPLETECALLER"])
def test_a_call_that_is_answered_and_ends(tmp_path: Path, event: str) -> None:
    history = read(tmp_path, ENTER, CONNECT, f"82|c1|q|SIP/7|{event}|12|60|1")
    assert told(history) == (Outcome.ANSWERED, 10, 12, 5, 60, None, "7")
    assert history.queues == ("q",)
    assert history.call.tolist() == ["c1"]
    assert (history.resolution_s, history.zone) == (1.0, UTC)
    assert (history.reading.rows, history.reading.dropped, history.reading.notes) == (3, {}, ())


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("40|c1|q|NONE|ABANDON|1|1|30", Outcome.ABANDONED),
        ("40|c1|q|NONE|EXITWITHTIMEOUT|1|1|30", Outcome.TIMEOUT),
        ("40|c1|q|NONE|EXITEMPTY|1|1|30", Outcome.LEFT),
        ("40|c1|q|NONE|EXITWITHKEY|5|1|1|30", Outcome.LEFT),
        ("40|c1|q|NONE|LEAVEEMPTY|", Outcome.LEFT),
        ("40|c1|q|NONE|WITHDRAW|1|1|30|moved", Outcome.LEFT),
        ("40|c1|q|SIP/7|AGENTDUMP|", Outcome.LEFT),
        ("40|c1|q|SIP/7|SYSCOMPAT|", Outcome.LEFT),
        ("40|c1|q|SIP/7|RINGCANCELED|8000", Outcome.ABANDONED),
    ],
)
def test_a_wait_that_ends_without_an_answer(tmp_path: Path, line: str, outcome: Outcome) -> None:
    assert told(read(tmp_path, ENTER, line)) == (outcome, 10, 30, None, None, None, None)


@pytest.mark.parametrize("event", ["FULL", "CLOSED", "JOINEMPTY", "DIVERT_HOLDTIME"])
def test_a_call_that_is_refused_never_waited(tmp_path: Path, event: str) -> None:
    history = read(tmp_path, f"10|c1|q|NONE|{event}|")
    assert told(history) == (Outcome.BLOCKED, 10, 0, None, None, None, None)


def test_a_call_that_is_refused_may_join_later(tmp_path: Path) -> None:
    history = read(
        tmp_path, "5|c1|q|NONE|JOINEMPTY|", ENTER, "15|c1|q|NONE|ABANDON|1|1|5", "5|c1|p|NONE|FULL|"
    )
    assert [told(history, i)[:3] for i in range(3)] == [
        (Outcome.BLOCKED, 5, 0),
        (Outcome.BLOCKED, 5, 0),
        (Outcome.ABANDONED, 10, 5),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "82|c1|q|SIP/7|TRANSFER|800|from-internal|12|60|1",
        "82|c1|q|SIP/7|TRANSFER|800|from-internal",
        "82|c1|q|SIP/7|BLINDTRANSFER|800|500|12|60|1",
        "82|c1|q|SIP/7|ATTENDEDTRANSFER|BRIDGE|1c2d|12|60|1",
        "82|c1|q|SIP/7|ATTENDEDTRANSFER|APP|VoiceMail|12|60|1",
        "82|c1|q|SIP/7|ATTENDEDTRANSFER|LINK|Local/1@x-0;1|12|60|1",
        "82|c1|q|SIP/7|ATTENDEDTRANSFER|LINK|Local/1@x-0;1|Local/1@x-0;2|12|60|1",
    ],
)
def test_a_talk_that_a_transfer_ends(tmp_path: Path, line: str) -> None:
    """Hold and call time stand elsewhere by version and method, or nowhere."""
    assert told(read(tmp_path, ENTER, CONNECT, line))[:5] == (Outcome.ANSWERED, 10, 12, 5, 60)


def test_a_transfer_into_a_queue_is_a_second_visit(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        ENTER,
        CONNECT,
        "82|c1|q|SIP/7|BLINDTRANSFER|900|queues|12|60|1",
        "82|c1|p|NONE|ENTERQUEUE||555|1",
        "90|c1|p|SIP/8|CONNECT|8|c3|2",
        "99|c1|p|SIP/8|BLINDTRANSFER|901|queues|8|9|1",
        "99|c1|q|NONE|ENTERQUEUE||555|1",
        "101|c1|q|NONE|ABANDON|1|1|2",
    )
    assert [told(history, i)[:5] for i in range(3)] == [
        (Outcome.ANSWERED, 10, 12, 5, 60),
        (Outcome.ANSWERED, 82, 8, 2, 9),
        (Outcome.ABANDONED, 99, 2, None, None),
    ]
    assert history.call.tolist() == ["c1"] * 3
    assert [history.queues[i] for i in history.queue] == ["q", "p", "q"]


def test_phones_that_are_not_answered_are_neither_ends_nor_ringing_time(tmp_path: Path) -> None:
    rings = [f"{at}|c1|q|SIP/{i}|RINGNOANSWER|15000" for at in (25, 40) for i in (7, 8, 9)]
    history = read(tmp_path, ENTER, *rings, "45|c1|q|SIP/7|CONNECT|35|c2|3")
    assert told(history)[:4] == (Outcome.ANSWERED, 10, 35, 3)


def test_a_caller_who_hangs_up_while_phones_ring_abandons_once(tmp_path: Path) -> None:
    history = read(
        tmp_path, ENTER, "20|c1|q|SIP/7|RINGCANCELED|5000", "20|c1|q|NONE|ABANDON|1|1|10"
    )
    assert [told(history)[:3], len(history)] == [(Outcome.ABANDONED, 10, 10), 1]


def test_a_caller_whom_an_agent_dumped_may_go_on_waiting(tmp_path: Path) -> None:
    history = read(tmp_path, ENTER, "15|c1|q|SIP/8|AGENTDUMP|", CONNECT)
    assert told(history)[:3] == (Outcome.ANSWERED, 10, 12)


def test_ringing_is_part_of_the_wait_and_never_longer(tmp_path: Path) -> None:
    history = read(tmp_path, ENTER, "12|c1|q|SIP/7|CONNECT|2|c2|5")
    assert told(history)[2:4] == (2, 2)


def test_events_of_other_software_are_counted_and_named(tmp_path: Path) -> None:
    other = ["1|c9|NONE|NONE|DID|800", "2|NONE|NONE|NONE|HEARTBEAT|", "3|c8|x|NONE|OUTDIAL|a|b"]
    history = read(tmp_path, *other, ENTER, CONNECT)
    assert history.reading.dropped == {"events that are not the queue's": 3}
    assert any("DID, HEARTBEAT, OUTDIAL" in note for note in history.reading.notes)


def test_reloads_and_starts_are_no_calls(tmp_path: Path) -> None:
    lines = ["1|NONE|NONE|NONE|QUEUESTART|", "2|NONE|NONE|NONE|CONFIGRELOAD|", ENTER, CONNECT]
    history = read(tmp_path, *lines)
    assert len(history) == 1
    assert history.reading.dropped == {}


# --- cut, restarted, lost -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (CONNECT, (Outcome.ANSWERED, 10, 12, 5, None, None, "7")),
        ("40|c1|q|NONE|ABANDON|1|1|30", (Outcome.ABANDONED, 10, 30, None, None, None, None)),
        ("40|c1|q|NONE|EXITWITHKEY|1|1|1|30", (Outcome.LEFT, 10, 30, None, None, None, None)),
        ("82|c1|q|SIP/7|COMPLETECALLER|12|60|1", (Outcome.ANSWERED, 10, 12, None, 60, None, "7")),
        (
            "82|c1|q|SIP/7|ATTENDEDTRANSFER|BRIDGE|x|12|60|1",
            (Outcome.ANSWERED, 10, 12, None, 60, None, "7"),
        ),
    ],
)
def test_a_joining_that_was_cut_off_is_told_by_what_follows(
    tmp_path: Path, line: str, expected: tuple[object, ...]
) -> None:
    history = read(tmp_path, line)
    assert told(history) == expected
    assert "joining not in the log: taken from the wait that a later line tells: 1" in (
        history.reading.notes
    )


def test_a_joining_that_nothing_tells_is_left_out_and_counted(tmp_path: Path) -> None:
    history = read(tmp_path, ENTER, CONNECT, "40|c8|q|NONE|ABANDON|1|1", "50|c9|q|SIP/7|CONNECT")
    assert len(history) == 1
    reason = "calls of which the log has neither the joining nor the wait"
    assert history.reading.dropped == {reason: 2}


def test_the_end_of_a_talk_that_nothing_tells_is_left_out_and_counted(tmp_path: Path) -> None:
    history = read(tmp_path, "5|c8|q|SIP/7|TRANSFER|800|x", ENTER, CONNECT)
    assert len(history) == 1
    assert history.reading.dropped == {"the end of a talk whose answer is not in the log": 1}


def test_a_wait_that_the_logs_end_cuts_off_lasted_at_least_until_then(tmp_path: Path) -> None:
    history = read(tmp_path, ENTER, "40|c1|q|NONE|ABANDON|1|1|30", "50|c2|q|NONE|ENTERQUEUE||5|1",
                   "70|NONE|NONE|NONE|CONFIGRELOAD|")  # fmt: skip
    assert told(history, 1)[:3] == (Outcome.OPEN, 50, 20)
    assert "waiting when the log ends: waited at least until then: 1" in history.reading.notes


def test_a_wait_that_the_log_lost_lasted_at_least_until_its_last_line(tmp_path: Path) -> None:
    """The log goes on for longer than any call waited."""
    history = read(
        tmp_path,
        "0|c0|q|NONE|ENTERQUEUE||5|1",
        "8|c0|q|SIP/7|RINGNOANSWER|5000",
        ENTER,
        CONNECT,
        "9000|NONE|NONE|NONE|CONFIGRELOAD|",
    )
    assert told(history)[:3] == (Outcome.OPEN, 0, 8)
    assert any("no end of the wait though the log goes on" in n for n in history.reading.notes)


def test_a_restart_ends_what_waited(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        ENTER,
        "15|c2|q|NONE|ENTERQUEUE||5|2",
        "30|c2|q|SIP/7|CONNECT|15|c3|1",
        "35|c3|q|NONE|FULL|",
        "90|NONE|NONE|NONE|QUEUESTART|",
        "95|c4|q|NONE|ENTERQUEUE||5|1",
        "96|c4|q|NONE|ABANDON|1|1|1",
    )
    assert told(history)[:3] == (Outcome.OPEN, 10, 25)
    assert told(history, 1)[:5] == (Outcome.ANSWERED, 15, 15, 1, None)
    notes = " ".join(history.reading.notes)
    assert "started anew" in notes
    assert "waited at least until the last line before: 1" in notes


# --- clocks, order, repetition ------------------------------------------------------------


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (0, 2, 1, 3), (2, 1, 0, 3), (1, 0, 3, 2)])
def test_lines_of_a_call_may_come_in_any_order(tmp_path: Path, order: tuple[int, ...]) -> None:
    lines = [
        "10|c1|q|NONE|ENTERQUEUE||5|1",
        "10|c1|q|SIP/7|CONNECT|0|c2|0",
        "11|c1|q|SIP/7|COMPLETEAGENT|0|1|1",
        "11|c1|q|NONE|ENTERQUEUE||5|1",
    ]
    history = read(tmp_path, *(lines[i] for i in order), "12|c1|q|NONE|ABANDON|1|1|1")
    assert [told(history, i)[:5] for i in range(len(history))] == [
        (Outcome.ANSWERED, 10, 0, 0, 1),
        (Outcome.ABANDONED, 11, 1, None, None),
    ]
    assert history.reading.dropped == {}


def test_what_a_line_tells_holds_against_a_clock_of_whole_seconds(tmp_path: Path) -> None:
    """The line of the answer was written a second late, that of the end three: told."""
    history = read(
        tmp_path, ENTER, "23|c1|q|SIP/7|CONNECT|12|c2|5", "85|c1|q|SIP/7|COMPLETEAGENT|12|60|1"
    )
    assert told(history)[1:5] == (10, 12, 5, 60)


def test_a_wait_far_from_the_clocks_is_as_told_and_counted(tmp_path: Path) -> None:
    history = read(tmp_path, ENTER, "40|c1|q|SIP/7|CONNECT|12|c2|5")
    assert told(history)[1:3] == (10, 12)
    assert any("differs from the clock by more than 2 s" in n for n in history.reading.notes)


def test_a_finer_clock_is_taken_where_it_agrees_with_what_is_told(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        "10.250|c1|q|NONE|ENTERQUEUE||5|1",
        "22.750|c1|q|SIP/7|CONNECT|12|c2|5",
        "83.125|c1|q|SIP/7|COMPLETEAGENT|12|61|1",
    )
    assert told(history)[1:5] == (10.25, 12.5, 5, 60.375)
    assert history.resolution_s == pytest.approx(1e-3)


def test_the_same_line_twice_is_one(tmp_path: Path) -> None:
    lines = [ENTER, CONNECT, "82|c1|q|SIP/7|COMPLETEAGENT|12|60|1", "90|c2|q|NONE|ENTERQUEUE||5|1"]
    lines += ["95|c2|q|NONE|ABANDON|1|1|5", "96|c3|q|NONE|FULL|", "97|NONE|q|SIP/7|PAUSE|tea"]
    doubled = [line for line in lines for _ in range(2)]
    for twice in (doubled, lines + lines):
        history = read(tmp_path, *twice)
        assert len(history) == 3
        assert history.reading.dropped == {"the same line again": len(lines)}


def test_rotated_files_may_come_in_any_order(tmp_path: Path) -> None:
    first, last = tmp_path / "queue_log.1", tmp_path / "queue_log"
    first.write_text(f"{_shifted('1|NONE|q|SIP/7|ADDMEMBER|')}\n{_shifted(ENTER)}\n")
    last.write_text(f"{_shifted(CONNECT)}\n{_shifted('30|NONE|q|SIP/7|REMOVEMEMBER|')}\n")
    history = read_log([str(last), str(first)])
    assert told(history)[:4] == (Outcome.ANSWERED, 10, 12, 5)
    assert spells(history) == [("7", "q", 1, 30, False)]


def test_a_queue_named_for_a_file_is_not_used_and_that_is_told(tmp_path: Path) -> None:
    read(tmp_path, ENTER, CONNECT)
    history = read_log([f"sales={tmp_path / 'queue_log'}"])
    assert history.queues == ("q",)
    assert any("are not used" in note for note in history.reading.notes)


# --- agents -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Agent/1", "1"),
        ("Local/1@agents/n", "1"),
        ("Local/1@ctx-0000002a;1", "1"),
        ("SIP/1", "1"),
        ("SIP/1-0000002a", "1"),
        ("PJSIP/1", "1"),
        ("PJSIP/1/sip:1@192.0.2.7", "1"),
        ("SIP/ann-smith", "ann-smith"),
        ("Ann Smith", "Ann Smith"),
        ("ann@example.org", "ann@example.org"),
        ("NONE", None),
        ("", None),
    ],
)
def test_an_agent_has_one_name(tmp_path: Path, written: str, name: str | None) -> None:
    assert told(read(tmp_path, ENTER, f"22|c1|q|{written}|CONNECT|12|c2|5"))[-1] == name


def test_agents_written_in_several_ways_are_one_and_that_is_told(tmp_path: Path) -> None:
    history = read(tmp_path, "1|NONE|q|Local/7@x/n|ADDMEMBER|", ENTER, CONNECT)
    assert history.agents == ("7",)
    assert any("agents written in several ways" in note for note in history.reading.notes)


def test_presence_is_told_by_memberships_logins_and_pauses(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        "1|NONE|q|SIP/7|ADDMEMBER|",
        "2|NONE|NONE|Agent/8|AGENTLOGIN|SIP/8",
        "3|NONE|q|SIP/6|ADDMEMBER|PAUSED",
        "4|c0|NONE|Agent/9|AGENTCALLBACKLOGIN|9@x",
        ENTER,
        CONNECT,
        "30|NONE|q|SIP/7|PAUSE|lunch",
        "35|NONE|NONE|SIP/8|PAUSEALL|",
        "36|NONE|q|SIP/8|PAUSE|",
        "40|NONE|q|SIP/7|UNPAUSE|",
        "45|NONE|NONE|SIP/8|UNPAUSEALL|",
        "45|NONE|q|SIP/8|UNPAUSE|",
        "50|NONE|q|SIP/7|REMOVEMEMBER|",
        "60|NONE|NONE|Agent/8|AGENTLOGOFF|SIP/8|58",
        "61|NONE|q|SIP/6|REMOVEMEMBER|",
    )
    assert spells(history) == [
        ("6", "q", 3, 61, False),
        ("6", "q", 3, 61, True),
        ("7", "q", 1, 50, False),
        ("7", "q", 30, 40, True),
        ("8", "*", 2, 60, False),
        ("8", "*", 35, 45, True),
        ("8", "q", 36, 45, True),
        ("9", "*", 4, None, False),
    ]
    assert history.agents == ("6", "7", "8", "9")


def test_who_leaves_without_having_come_was_there_before_the_log(tmp_path: Path) -> None:
    """A logoff tells since when; an UNPAUSE proves no pause, some systems write it at logoffs."""
    history = read(
        tmp_path,
        ENTER,
        CONNECT,
        "30|NONE|q|SIP/7|REMOVEMEMBER|",
        "31|NONE|q|SIP/7|REMOVEMEMBER|",
        "40|NONE|NONE|Agent/8|AGENTLOGOFF|SIP/8|25",
        "41|NONE|NONE|Agent/9|AGENTCALLBACKLOGOFF|9@x",
        "42|NONE|q|SIP/7|UNPAUSE|",
    )
    assert spells(history) == [
        ("7", "q", None, 30, False),
        ("8", "*", 15, 40, False),
        ("9", "*", None, 41, False),
    ]
    assert any("UNPAUSE of agents who were not paused" in n for n in history.reading.notes)


def test_a_log_without_logins_has_no_presence(tmp_path: Path) -> None:
    assert read(tmp_path, ENTER, CONNECT).presence is None


def test_members_of_queues_without_calls_are_left_out_and_told(tmp_path: Path) -> None:
    history = read(tmp_path, "1|NONE|other|SIP/7|ADDMEMBER|", ENTER, CONNECT)
    assert history.presence is None
    assert any("members of queues without calls were left out, of 1: other" in n
               for n in history.reading.notes)  # fmt: skip


COMPLETE = "82|c1|q|SIP/7|COMPLETEAGENT|12|60|1"


def test_wrap_up_is_what_wrapupstart_tells(tmp_path: Path) -> None:
    history = read(tmp_path, ENTER, CONNECT, COMPLETE, "82|c1|q|Agent/7|WRAPUPSTART|30")
    assert told(history)[4:6] == (60, 30)


def test_wrap_up_is_a_pause_after_the_call_whose_reason_says_so(tmp_path: Path) -> None:
    pause = ["83|NONE|q|SIP/7|PAUSE|Wrap-up", "107|NONE|q|SIP/7|UNPAUSE|"]
    history = read(tmp_path, "1|NONE|q|SIP/7|ADDMEMBER|", ENTER, CONNECT, COMPLETE, *pause)
    assert told(history)[4:6] == (60, 25)
    assert spells(history) == [("7", "q", 1, None, False)]


@pytest.mark.parametrize(
    "pause", ["83|NONE|q|SIP/7|PAUSE|", "83|NONE|q|SIP/7|PAUSE|tea", "99|NONE|q|SIP/7|PAUSE|acw"]
)
def test_another_pause_is_no_wrap_up(tmp_path: Path, pause: str) -> None:
    history = read(tmp_path, ENTER, CONNECT, COMPLETE, pause, "107|NONE|q|SIP/7|UNPAUSE|")
    assert told(history)[5] is None
    assert spells(history) == [("7", "q", int(pause[:2]), 107, True)]


def test_wrap_up_that_another_call_ends_is_not_known(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        ENTER,
        CONNECT,
        COMPLETE,
        "82|NONE|q|SIP/7|PAUSE|acw",
        "85|c3|q|NONE|ENTERQUEUE||5|1",
        "90|c3|q|SIP/7|CONNECT|5|c4|1",
        "95|NONE|q|SIP/7|UNPAUSE|",
    )
    assert told(history)[5] is None


# --- how it is written --------------------------------------------------------------------


def test_the_lines_of_wazos_documentation(tmp_path: Path) -> None:
    path = tmp_path / "queue_log"
    path.write_text(WAZO)
    history = read_log([str(path)])
    assert [Outcome(o).name for o in history.outcome] == [
        *["BLOCKED", "ANSWERED", "ANSWERED"],
        *["BLOCKED", "BLOCKED", "ABANDONED"],
    ]
    assert history.wait_s.tolist() == [0, 2, 2, 0, 0, 6]
    assert history.joined_at[[1, 2, 5]].tolist() == [1341401601, 1341401852, 1341402586]
    assert history.talk_s[2] == 12
    assert history.agents == ("3001",)
    assert history.presence is not None
    assert history.presence.from_at.tolist() == [1341343643]
    assert history.presence.to_at.tolist() == [1341343686]
    assert (history.reading.rows, history.reading.dropped) == (12, {})


def test_windows_ends_of_lines_a_byte_order_mark_and_stray_bytes_are_no_harm(
    tmp_path: Path,
) -> None:
    lines = [ENTER.replace("||555|1", "|||1|Zo\xeb"), CONNECT, COMPLETE, ""]
    path = tmp_path / "queue_log"
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(map(_shifted, lines)).encode("latin-1"))
    history = read_log([str(path)])
    assert told(history)[1:5] == (10, 12, 5, 60)
    assert history.reading.rows == 3


@pytest.mark.parametrize(
    "call", ["host-a-1700000000.12", "a b", "1|2", "x|NONE", "café", "{}", "-", "0"]
)
def test_a_call_id_may_be_anything(tmp_path: Path, call: str) -> None:
    lines = (line.replace("|c1|", f"|{call}|") for line in (ENTER, CONNECT, COMPLETE))
    history = read(tmp_path, *lines)
    assert told(history)[1:5] == (10, 12, 5, 60)
    assert history.call.tolist() == [call]


def test_damaged_rows_are_left_out_and_told_by_their_lines(tmp_path: Path) -> None:
    history = read(
        tmp_path,
        ENTER,
        "garbage",
        "soon|c1|q|NONE|ABANDON|1|1|3",
        "11|NONE|q|NONE|ENTERQUEUE||5|1",
        "12|c2|NONE|NONE|ENTERQUEUE||5|1",
        "13|NONE|q|NONE|PAUSE|",
        f"14|{'c' * 101}|q|NONE|FULL|",
        CONNECT,
        COMPLETE,
        *(f"{100 + i}|d{i}|q|NONE|FULL|" for i in range(5)),
    )
    assert told(history)[1:5] == (10, 12, 5, 60)
    assert history.reading.dropped == {
        "fewer fields than time, call id, queue, agent and event": 1,
        "the time is neither POSIX seconds nor a date with a time": 1,
        "an event of a call without a call id": 1,
        "an event of a call without a queue": 1,
        "an event of an agent without an agent": 1,
        "a call id of more than 100 characters": 1,
    }
    assert any("line 2)" in note for note in history.reading.notes)


def test_fields_that_are_absent_or_no_numbers_are_not_told(tmp_path: Path) -> None:
    history = read(tmp_path, ENTER, "22|c1|q|SIP/7|CONNECT", "82|c1|q|SIP/7|COMPLETEAGENT|x|-3|")
    assert told(history)[1:5] == (10, 12, None, 60)


def test_a_log_that_is_mostly_damaged_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, ENTER, CONNECT, *["1700|x"] * 3)
    assert "3 of 5 rows can't be read" in str(caught.value)
    assert "queue_log:3" in str(caught.value)


def test_a_log_without_calls_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no call in it"):
        read(tmp_path, "1|NONE|NONE|NONE|QUEUESTART|", "2|NONE|q|SIP/7|ADDMEMBER|")


# --- the table ----------------------------------------------------------------------------

HEADER = "time,callid,queuename,agent,event,data1,data2,data3,data4,data5"
CALL = "1717243195.7"
"""2024-06-01 11:59:55 UTC."""
TABLE = (
    f"2024-06-01 14:00:00,{CALL},q,NONE,ENTERQUEUE,,555,1,,",
    f"2024-06-01 14:00:12,{CALL},q,SIP/7,CONNECT,12,17172.8,5,,",
    f"2024-06-01 14:01:12,{CALL},q,SIP/7,COMPLETEAGENT,12,60,1,,",
)
JOINED = 1717243200.0


def table(tmp_path: Path, *lines: str, zone: str | None = None) -> History:
    path = tmp_path / "queue_log.csv"
    path.write_text("\n".join(lines) + "\n")
    return read_log([str(path)], asked=Asked(zone=ZoneInfo(zone) if zone else None))


@pytest.mark.parametrize(
    "lines",
    [
        (HEADER, *TABLE),
        TABLE,
        tuple(line.replace(",", ";") for line in (HEADER, *TABLE)),
        tuple(line.replace(",", "\t") for line in (HEADER, *TABLE)),
        (f'"id",{HEADER}', *(f'"{i}","{x.replace(",", chr(34) + "," + chr(34))}"'
                             for i, x in enumerate(TABLE))),
        tuple(line.replace(",,", r",\N,") for line in (HEADER, *TABLE)),
        ("time,callid,queuename,agent,event,data",
         f"2024-06-01 14:00:00.000000,{CALL},q,NONE,ENTERQUEUE,|555|1",
         f"2024-06-01T14:00:12,{CALL},q,SIP/7,CONNECT,12|17172.8|5",
         f"2024-06-01 14:01:12,{CALL},q,SIP/7,COMPLETEAGENT,12|60|1"),
    ],
    ids=["commas", "no header", "semicolons", "tabs", "quoted, with ids", "nulls", "one data"],
)  # fmt: skip
def test_the_table_with_the_zone_that_is_asked_for(tmp_path: Path, lines: tuple[str, ...]) -> None:
    history = table(tmp_path, *lines, zone="Europe/Berlin")
    assert history.joined_at.tolist() == [JOINED]
    assert told(history)[2:] == (12, 5, 60, None, "7")
    assert history.zone == ZoneInfo("Europe/Berlin")
    assert history.reading.notes == ()
    assert history.resolution_s == 1.0


def test_call_ids_tell_the_zone_of_a_table(tmp_path: Path) -> None:
    history = table(tmp_path, HEADER, "2024-06-01 13:00:00,NONE,q,SIP/7,ADDMEMBER,,,,,", *TABLE)
    assert history.joined_at.tolist() == [JOINED]
    assert history.zone == timezone(timedelta(hours=2))
    assert history.presence is not None
    assert history.presence.from_at.tolist() == [JOINED - 3600]
    assert any("UTC+02:00" in note for note in history.reading.notes)


def test_a_zone_that_call_ids_contradict_is_told(tmp_path: Path) -> None:
    history = table(tmp_path, HEADER, *TABLE, zone="America/New_York")
    assert any("+6 h off" in note for note in history.reading.notes)


def test_a_table_of_posix_seconds_needs_no_zone(tmp_path: Path) -> None:
    lines = (f"{JOINED:.6f},{CALL},q,NONE,ENTERQUEUE,,555,1,,",
             f"{JOINED + 12.5:.6f},{CALL},q,NONE,ABANDON,1,1,12,,")  # fmt: skip
    history = table(tmp_path, HEADER, *lines)
    assert (history.joined_at.tolist(), history.wait_s.tolist()) == ([JOINED], [12.5])
    assert history.zone is UTC


def test_damaged_rows_of_a_table_are_left_out_and_counted(tmp_path: Path) -> None:
    bad = ("2024-06-01,x", f'"2024-13-45 99:00",{CALL},q,NONE,ABANDON,1,1,3', '"never ends,a,b,c,d')
    history = table(tmp_path, HEADER, *TABLE, *bad, zone="UTC")
    assert len(history) == 1
    assert sum(history.reading.dropped.values()) == 3
