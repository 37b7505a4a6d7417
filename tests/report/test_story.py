"""The life of a call as text."""

from __future__ import annotations

from datetime import datetime

from sim.report.story import stories

CALL = {
    "call": 12,
    "queue": "[red]support\x1b",
    "events": [
        {"at_s": 5.0, "what": "joined; no eligible agent was available"},
        {"at_s": 65.25, "what": "routed to tier1[0], who became available"},
    ],
    "summary": "Waited 60.25 s.",
}


def test_a_story_has_every_event_in_line() -> None:
    """Seconds since the start, seconds since it came, what happened; then the summary."""
    assert stories([CALL], None).splitlines() == [
        r"Call 12 in [red]support\x1b",
        "   5.000 s   +0.000 s  joined; no eligible agent was available",
        "  65.250 s  +60.250 s  routed to tier1[0], who became available",
        "  Waited 60.25 s.",
    ]


def test_a_scenario_with_a_start_has_clock_times() -> None:
    """Clock times stand before the seconds."""
    text = stories([CALL], datetime(2026, 11, 23, 9, 0))
    assert "  09:00:05   5.000 s   +0.000 s  joined" in text
    assert "  09:01:05  65.250 s  +60.250 s  routed" in text
    full = {**CALL, "events": [{"at_s": 0.0, "what": "joined"}, *CALL["events"]]}
    assert "  09:00:00   0.000 s" in stories([full], datetime(2026, 11, 23, 9, 0))


def test_several_calls_are_apart() -> None:
    """A blank line between two calls; a call without events still has its summary."""
    text = stories([CALL, {**CALL, "call": 13, "events": []}], None, ascii_only=True)
    assert "Waited 60.25 s.\n\nCall 13 in" in text
    assert text.endswith("\n  Waited 60.25 s.\n")


def test_long_lines_go_on_beside_the_times() -> None:
    """Within a width, what happened is folded between words, and nothing is lost."""
    what = "waits: " + ", ".join(f"{n} agents of team {n}" for n in range(9))
    long = {**CALL, "events": [{"at_s": 5.0, "what": what}]}
    lines = stories([long], None, width=60).splitlines()[1:-1]
    assert len(lines) > 2 and max(map(len, lines)) <= 60
    assert {line[:21] for line in lines[1:]} == {" " * 21}
    assert " ".join(line[21:] for line in lines) == what
    assert stories([long], None).splitlines()[1].endswith(what)
