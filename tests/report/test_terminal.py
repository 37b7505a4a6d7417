"""The terminal report says what a planner asks, at any width, for any scenario."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from rich.cells import cell_len

from sim.report.terminal import report
from sim.scenario.behaviour import Initial, InitialBusy, InitialWaiting, Polling, PollOrder
from sim.scenario.model import AgentGroup, ServiceLevel, ServiceLevelFormula
from tests.report.samples import (
    busy_row,
    document,
    estimate,
    group,
    interval,
    queue,
    row,
    scenario,
)


def shown(made: dict[str, Any] | None = None, of: Any = None, width: int = 160, **more: Any) -> str:
    """The report of a document, plain."""
    return report(made or document(), of or scenario(), width=width, **more)


def flat(text: str) -> str:
    """The text with every run of white space as one space."""
    return " ".join(text.split())


def widest(text: str) -> int:
    return max(cell_len(line) for line in text.splitlines())


def test_the_answer_comes_first() -> None:
    """The first sentence gives calls, answered, service level and abandonment."""
    lines = shown().split("\n\n")
    assert lines[0] == "support"
    assert flat(lines[1]) == (
        "Of 1,234 calls per replication 97.1 % ± 0.3 were answered, 81.2 % ± 0.9 within 20 s;"
        " 2.9 % ± 0.3 timed out or hung up. Those answered waited 12.3 s on average; nine callers"
        " in ten waited 1m 32s or less."
    )


@pytest.mark.parametrize(
    ("horizon_s", "warmup_s", "phrase"),
    [
        (86400.0, 0.0, "1,234 calls a day 97.1"),
        (82800.0, 0.0, "1,234 calls a day 97.1"),
        (28800.0, 0.0, "1,234 calls per replication 97.1"),
        (86400.0, 3600.0, "1,234 calls per replication 97.1"),
    ],
)
def test_a_day_is_said_only_of_a_day(horizon_s: float, warmup_s: float, phrase: str) -> None:
    """Calls are `a day` for a horizon of about 24 h without warm-up, else per replication."""
    assert phrase in flat(shown(document(horizon_s=horizon_s, warmup_s=warmup_s)))


def test_the_queue_table_is_per_replication() -> None:
    """Counts are divided by the replications; every number of a queue stands in its row."""
    text = shown()
    assert "Queues (calls per replication)" in text
    (line,) = [line for line in text.splitlines() if line.startswith("support ")]
    cells = re.split(r"\s{2,}", line.strip())
    assert cells == [
        "support", "1,234", "0", "1,198", "35.8", "81.2 % ± 0.9", "2.9 % ± 0.3", "0.875 %",
        "2.03 %", "12.3 s", "1m 32s", "7m 11s", "0.528",
    ]  # fmt: skip


def test_a_single_queue_has_no_total_row() -> None:
    """The total is a row only where it differs from the queue."""
    assert not re.search(r"^total ", shown(), re.MULTILINE)
    two = document([busy_row("a"), busy_row("b")])
    assert re.search(r"^total ", shown(two, scenario([queue("a"), queue("b")])), re.MULTILINE)


def test_agents_are_shown_by_group() -> None:
    """A group's row has its size, occupancy with its half-width, utilisation and calls."""
    (line,) = [line for line in shown().splitlines() if line.startswith("tier1")]
    cells = re.split(r"\s{2,}", line.strip())
    assert cells == ["tier1", "12", "84.1 % ± 0.6", "79.0 % ± 0.6", "99.8"]


def test_the_caption_says_what_the_numbers_rest_on() -> None:
    """Replications, horizon, confidence level, seed, engine and time close the report."""
    last = shown().strip().split("\n\n")[-1]
    assert flat(last) == (
        "20 replications of 8h, ± at 95 % confidence, seed 7, engine simpy, took 0.213 s."
    )


@pytest.mark.parametrize("width", [60, 80, 100, 132, 200])
def test_nothing_is_wider_than_the_screen(width: int) -> None:
    """At each width no line is longer, and every number is still there in full."""
    text = shown(width=width)
    assert widest(text) <= width
    for number in ("1,234", "81.2 % ± 0.9", "2.9 % ± 0.3", "12.3 s", "1m 32s", "7m 11s", "0.528"):
        assert number in text
    assert "…" not in text


def test_a_plain_report_has_no_escapes_or_trailing_space() -> None:
    """What goes to a file is text alone."""
    text = shown()
    assert "\x1b" not in text
    assert not re.search(r"[ \t]$", text, re.MULTILINE)
    assert text.endswith(".\n")


def test_colour_adds_only_style() -> None:
    """With styles the words are the same."""
    styled = shown(colour=True)
    assert "\x1b[1m" in styled
    assert flat(re.sub(r"\x1b\[[0-9;]*m", "", styled)) == flat(shown())


def test_an_ascii_output_gets_ascii() -> None:
    """Without Unicode, signs are spelled out and names are escaped."""
    made = document([busy_row("支持")], agents=[group("é", occupancy=estimate(None))])
    text = shown(made, scenario([queue("支持")]), ascii_only=True)
    assert text.isascii()
    assert "81.2 % +/- 0.9" in text
    assert r"\u652f\u6301" in text


def test_no_calls() -> None:
    """Nothing came: said in words, and dashes in the table."""
    text = shown(document([row("support")], row(), agents=[group(occupancy=estimate(0.0, 0.0))]))
    assert "No call came." in text
    (line,) = [line for line in text.splitlines() if line.startswith("support ")]
    cells = re.split(r"\s{2,}", line.strip())
    assert cells == ["support", "0", "0", "0", "0", *["–"] * 6]
    assert "nan" not in text.lower()


def test_no_agents() -> None:
    """Without agents there is no agent table but a sentence, and everybody gave up."""
    counts = {"offered": 100, "incoming": 100, "abandoned": 100}
    lost = {
        "counts": counts,
        "causes": {"timeout": 100},
        "abandonment": estimate(1.0, 0.0),
        "service_level": estimate(0.0, 0.0),
    }
    made = document([row("support", **lost)], row(**lost), agents=[])
    text = flat(shown(made, scenario(agents=[])))
    assert "There are no agents." in text
    assert "0 % ± 0 were answered, 0 % ± 0 within 20 s; 100 % ± 0 timed out." in text
    assert "Agents" not in text


def test_one_replication_has_no_plus_minus() -> None:
    """A sample of one has no interval, and the caption says so."""
    only = row(
        counts={"offered": 1, "incoming": 1, "serviced": 1, "done": 1},
        abandonment=estimate(0.0),
        service_level=estimate(1.0),
    )
    made = document([{"name": "support"} | only], only, replications=1, agents=[])
    text = flat(shown(made))
    assert "Of 1 call 100 % were answered, 100 % within 20 s; nobody gave up." in text
    assert "±" not in text
    assert "Queues (calls)" in text
    assert "1 replication of 8h, one replication gives no confidence interval, seed 7" in text


def test_blocked_and_unfinished_calls_are_in_the_answer() -> None:
    """Who found the queue full, and who is still there, is not passed over."""
    total = row(
        counts={
            "offered": 1000,
            "blocked": 100,
            "incoming": 900,
            "serviced": 800,
            "abandoned": 60,
            "waiting_at_end": 40,
            "in_service_at_end": 20,
        },
        causes={"flow": 30, "announcement": 30},
        abandonment=estimate(0.0698, 0.01),
        service_level=estimate(0.5, 0.01),
        blocked_share=estimate(0.1, 0.02),
    )
    text = flat(shown(document([{"name": "support"} | total], total)))
    assert "Of 50 calls per replication 10.0 % ± 2.0 found the queue full; of the others" in text
    assert "7.0 % ± 1.0 hung up on an announcement or were ended by the wait flow." in text
    assert "At the end there were still 2 waiting and 1 in service per replication." in text


def test_everybody_blocked() -> None:
    """With every call blocked there is nothing to say of others."""
    total = row(counts={"offered": 40, "blocked": 40}, blocked_share=estimate(1.0, 0.0))
    text = flat(shown(document([{"name": "support"} | total], total)))
    assert "Of 2 calls per replication 100 % ± 0 found the queue full. 20 rep" not in text
    assert "Of 2 calls per replication 100 % ± 0 found the queue full." in text
    assert "of the others" not in text


def test_another_formula_is_named() -> None:
    """A service level that is not `answered within T of incoming` is not told as if it were."""
    level = ServiceLevel(30.0, 10.0, ServiceLevelFormula.ANSWERED_OF_ANSWERED)
    text = flat(shown(of=scenario([queue(service_level=level)])))
    assert "the service level for 30 s (answered_of_answered) being 81.2 % ± 0.9" in text


def test_differing_thresholds_are_shown() -> None:
    """Where queues differ, each row says its threshold and the total claims none."""
    queues = [queue("a"), queue("b", service_level=ServiceLevel(45.0))]
    text = shown(document([busy_row("a"), busy_row("b")]), scenario(queues), width=220)
    assert "the service level over all queues being 81.2 % ± 0.9" in flat(text)
    assert "within" in text
    assert re.search(r"^b .* 45 s ", text, re.MULTILINE)


def test_two_hundred_queues_all_have_their_row() -> None:
    """No queue is left out, at 80 columns either, where each part names it again."""
    names = [f"queue {number:03d}" for number in range(200)]
    made = document([busy_row(name) for name in names])
    text = shown(made, scenario([queue(name) for name in names]), width=80)
    parts = text.count("Queues (calls per replication)")
    assert parts >= 2
    for name in names:
        assert text.count(name) == parts
    assert widest(text) <= 80


def test_names_are_data() -> None:
    """Markup, emoji codes, escapes and line breaks in names are shown, not obeyed."""
    names = ["[red]x[/red]", "[/]", ":smile:", "a\x1b[2Jb", "two\nlines", "[link=http://x]y"]
    made = document(
        [busy_row(name) for name in names],
        scenario="[bold]s[/bold]",
        agents=[group("[blink]g")],
        flows=[
            {
                "name": "[red]f",
                "plays": [
                    {"action": 0, "type": "talk", "started": 40, "completed": 20, "hangups": 2}
                ],
            }
        ],
        warnings=[{"code": "c", "where": "[w]", "message": "[/red] m\x1b"}],
    )
    text = shown(made, scenario([queue(name) for name in names]), colour=True)
    for name in ("[red]x[/red]", "[/]", ":smile:", r"a\x1b[2Jb", r"two\nlines", "[blink]g"):
        assert name in text
    assert "[red]f" in text
    assert "[link=http://x]y" in text
    assert "[bold]s[/bold]" in text
    assert r"[w]: [/red] m\x1b [c]" in text
    assert "\x1b[2J" not in text


def test_long_and_wide_names_are_folded_whole() -> None:
    """A name of 120 letters, or of double-width characters, stays whole and in the screen."""
    names = ["n" * 120, "支持" * 40]
    made = document([busy_row(name) for name in names])
    text = shown(made, scenario([queue(name) for name in names]), width=80)
    assert widest(text) <= 80
    parts = text.count("Queues (calls per replication)")
    assert text.count("n" * 26) == 4 * parts
    assert text.count("支") == text.count("持") == 40 * parts


def test_flows_are_counted_per_replication() -> None:
    """Each action has a row with its place from 1, plays per replication and hang-ups."""
    plays = [
        {"action": 0, "type": "talk", "started": 400, "completed": 380, "hangups": 0},
        {"action": 1, "type": "sleep", "started": 380, "completed": 100, "hangups": 10},
    ]
    text = shown(document(flows=[{"name": "hold", "plays": plays}]))
    assert "Wait flows (plays per replication)" in text
    rows = [re.split(r"\s{2,}", line) for line in text.splitlines() if line.startswith("hold")]
    assert rows == [["hold", "1. talk", "20", "19", "0"], ["hold", "2. sleep", "19", "5", "0.500"]]


def test_warnings_are_shown_once_and_can_be_left_out() -> None:
    """Each warning has its place, its words and its code; `warnings=False` omits them."""
    warning = {"code": "no-matching-agent", "where": "queues[0].tags", "message": "nobody."}
    made = document(warnings=[warning])
    assert shown(made).count("queues[0].tags: nobody. [no-matching-agent]") == 1
    assert "nobody" not in shown(made, warnings=False)
    assert "Warnings" not in shown()


def half_hours(name: str) -> list[dict[str, Any]]:
    counts = {"offered": 200, "serviced": 180, "abandoned": 20}
    level = estimate(0.9, 0.01)
    return [
        interval(name, 0.0, counts, service_level=level, asa_s=estimate(3.21, 0.1)),
        interval(name, 1800.0, {}, service_level=estimate(None), asa_s=estimate(None)),
    ]


def test_intervals_have_clock_times() -> None:
    """With a start the rows are clock times; a metric that no row has is no column."""
    made = document(intervals=half_hours("support") + half_hours("total"))
    text = shown(made, scenario(start=datetime(2026, 11, 23, 9, 0)), intervals=True)
    rows = [re.split(r"\s{2,}", line) for line in text.splitlines() if line.startswith("09:")]
    assert rows == [
        ["09:00", "10", "9", "1", "90.0 % ± 1.0", "3.21 s"],
        ["09:30", "0", "0", "0", "–", "–"],
    ]
    assert "occupancy" not in text.split("Intervals")[1]
    assert "A call counts in the interval in which it arrived." in text


def test_intervals_without_a_start_count_from_zero() -> None:
    """Without a start the rows are hours and minutes from 0."""
    made = document(intervals=half_hours("support"))
    assert re.search(r"^0:30 ", shown(made, intervals=True), re.MULTILINE)


def test_agents_have_their_intervals() -> None:
    """Each group has the agents on shift and their occupancy by the clock."""
    agents = [
        {
            "agents": name,
            "start_s": start,
            "end_s": start + 1800.0,
            "on_shift": 4.0,
            "metrics": {"occupancy": estimate(busy, 0.01)},
        }
        for name, busy in (("tier1", 0.5), ("tier2", 0.75))
        for start in (0.0, 1800.0)
    ]
    made = document(intervals=half_hours("support"), agent_intervals=agents)
    part = shown(made, intervals=True).split("Agents by interval")[1]
    (line,) = [line for line in part.splitlines() if line.startswith("0:30")]
    assert re.split(r"\s{2,}", line) == ["0:30", "4", "50.0 % ± 1.0", "4", "75.0 % ± 1.0"]
    assert "tier2" in part


def test_intervals_of_many_queues_say_where_they_are() -> None:
    """With more than ten queues only the total's table is shown, and that is said."""
    names = [f"q{number}" for number in range(11)]
    rows = [item for name in [*names, "total"] for item in half_hours(name)]
    made = document([busy_row(name) for name in names], intervals=rows)
    text = shown(made, scenario([queue(name) for name in names]), intervals=True)
    assert "Intervals of all queues" in text
    assert "each queue's are in --json and --out" in flat(text)
    assert "Intervals of q0" not in text
    few = document([busy_row(name) for name in names[:2]], intervals=rows)
    text = shown(few, scenario([queue(name) for name in names[:2]]), intervals=True)
    assert "Intervals of q0" in text
    assert "Intervals of q1" in text


def test_zero_agents_in_a_group() -> None:
    """A group without agents keeps its row, with dashes."""
    nothing = {name: estimate(None) for name in ("occupancy", "utilisation", "calls_per_agent")}
    text = shown(
        document(agents=[group("ghost", 0, **nothing)]), scenario(agents=[AgentGroup("ghost", 0)])
    )
    (line,) = [line for line in text.splitlines() if line.startswith("ghost")]
    assert re.split(r"\s{2,}", line) == ["ghost", "0", "–", "–", "–"]


def moved() -> dict[str, Any]:
    """Two queues: of 50 calls a replication 10 go on to the other, 4 are retries."""
    first = {"offered": 1000, "incoming": 1000, "serviced": 700, "abandoned": 100, "done": 700}
    second = {"offered": 200, "incoming": 200, "serviced": 150, "abandoned": 50, "done": 150}
    rows = [
        row("a", counts=first | {"overflowed": 200, "retries": 80, "ring_no_answer": 30},
            first_attempt_abandonment=estimate(0.11, 0.01)),
        row("b", counts=second, first_attempt_abandonment=estimate(0.25, 0.01)),
    ]  # fmt: skip
    pooled = {key: rows[0]["counts"][key] + rows[1]["counts"][key] for key in rows[0]["counts"]}
    total = row(
        counts=pooled,
        causes={"hangup": 150},
        abandonment=estimate(0.15, 0.01),
        service_level=estimate(0.6, 0.01),
        first_attempt_abandonment=estimate(0.14, 0.01),
    )
    return document(rows, total)


def test_a_call_in_two_queues_is_one_call() -> None:
    """The answer counts callers' calls once, and tells of overflow, retries and missed rings."""
    text = flat(shown(moved(), scenario([queue("a"), queue("b")])))
    assert "Of 50 calls per replication 85.0 % ± 1.0 were answered" in text
    assert "10 calls went on to another queue." in text
    assert "4 calls came from callers who tried again; of first attempts 14.0 % ± 1.0 gave" in text
    assert "1.50 times a phone rang and nobody answered." in text
    plain = shown()
    assert not any(word in plain for word in ("went on", "tried again", "rang"))


def test_blocked_after_an_overflow() -> None:
    """Where calls are offered twice, those who found a queue full are a share of the calls."""
    made = moved()
    made["total"]["counts"] |= {"blocked": 50, "offered": 1250}
    text = flat(shown(made, scenario([queue("a"), queue("b")])))
    assert "Of 52.5 calls per replication 4.76 % found the queue full; of the others" in text


def test_overflow_retries_and_rings_have_columns() -> None:
    """A count has a column where any queue has it, and none where no queue does."""
    text = shown(moved(), scenario([queue("a"), queue("b")]), width=220)
    (line,) = [line for line in text.splitlines() if line.startswith("a ")]
    cells = re.split(r"\s{2,}", line.strip())
    assert cells[:8] == ["a", "50", "4", "0", "35", "5", "10", "1.50"]
    assert "11.0 % ± 1.0" in cells
    for heading in ("overflowed", "retries", "rings not", "first attempts"):
        assert heading in text
        assert heading not in shown()


def test_a_group_with_a_cost_has_its_column() -> None:
    """Cost per replication, a dash for a group that has none; no column where no group has one."""
    groups = [group("a", cost=estimate(1234.4, 3.0)), group("b", cost=estimate(None))]
    text = shown(document(agents=groups))
    rows = [re.split(r"\s{2,}", line) for line in text.splitlines() if line[:2] in ("a ", "b ")]
    assert [cells[-1] for cells in rows] == ["1,234", "–"]
    assert "cost" not in shown()


def test_a_flow_that_leads_to_another_queue() -> None:
    """A `queue_join`, which counts as neither started nor completed, has no row of plays."""
    plays = [
        {"action": 0, "type": "sleep", "started": 20, "completed": 20, "hangups": 0},
        {"action": 1, "type": "queue_join", "started": 0, "completed": 0, "hangups": 0},
    ]
    text = shown(document(flows=[{"name": "hold", "plays": plays}]))
    assert "1. sleep" in text and "queue_join" not in text


def test_intervals_show_what_came_to_pass() -> None:
    """Retries, overflow, missed rings by interval; overtime and cost of the agents."""
    counts = {"offered": 40, "serviced": 20, "retries": 20, "overflowed": 20, "ring_no_answer": 40}
    rows = [interval("support", 0.0, counts), interval("support", 1800.0, {"offered": 20})]
    agents = [
        {
            "agents": "tier1",
            "start_s": start,
            "end_s": start + 1800.0,
            "on_shift": 3.5,
            "metrics": {
                "occupancy": estimate(0.5),
                "overtime_s": estimate(late),
                "cost": estimate(70.0),
            },
        }
        for start, late in ((0.0, 0.0), (1800.0, 90.0))
    ]
    made = document(intervals=rows, agent_intervals=agents)
    text = shown(made, intervals=True).split("Intervals")[1]
    found = [re.split(r"\s{2,}", line) for line in text.splitlines() if line[:2] == "0:"]
    assert found == [
        ["0:00", "2", "1", "1", "0", "1", "2"],
        ["0:30", "1", "0", "0", "0", "0", "0"],
        ["0:00", "3.50", "50.0 %", "0 s", "70"],
        ["0:30", "3.50", "50.0 %", "1m 30s", "70"],
    ]


def test_a_title_wider_than_its_table_stays_on_one_line() -> None:
    """The rest of a wide table keeps its title whole."""
    assert "Queues (calls per replication), continued\n" in shown(width=100)


def test_the_caption_says_how_calls_were_handed_out_and_what_was_there() -> None:
    """Polling with its order, and the calls at the start, are named; nothing of them without."""
    loops = Polling(0.1, 1.0, 0.1, PollOrder.NEWEST)
    there = Initial(
        (InitialWaiting(0, 5.0),), (InitialBusy(0, 0, 0, 2.0), InitialBusy(0, 1, 0, 3.0))
    )
    last = flat(shown(of=scenario(dispatch=loops, initial=there)).split("\n\n")[-1])
    assert "8h, calls handed out by polling, the newest first, 1 call waiting and 2" in last
    assert "2 conversations under way at the start, ± at 95 %" in last
    assert "polling" not in shown() and "at the start" not in shown()


def test_one_replication_is_not_each() -> None:
    """A single replication, as with batches, has no 'of each' and no 'and replication'."""
    told = flat(shown(document(replications=1, warmup_s=7200.0)))
    assert "the first 2h not counted" in told and "and replication" not in told
    told = flat(shown(document(warmup_s=7200.0)))
    assert "the first 2h of each not counted" in told and "calls per agent" in told


def test_an_overload_comes_before_the_answer() -> None:
    """What makes all other numbers depend on the horizon is said first."""
    warning = {"code": "overload", "where": "queues[0]", "message": "queue `q`: it only grows"}
    lines = shown(document(warnings=[warning])).split("\n\n")
    assert flat(lines[1]).startswith("Overload: queue `q`: it only grows. So the waits depend")
    assert "Of 1,234 calls" in flat(lines[1])
