"""Blanks of a drafted scenario: each is named where it stands, and nothing else is said of it."""

from __future__ import annotations

import pytest

from sim.scenario.blanks import BLANK, Blank
from sim.scenario.emit import emit
from sim.scenario.errors import ScenarioError
from sim.scenario.load import loads_scenario
from sim.scenario.reader import plain_value

TEXT = """\
horizon: <blank>
queues:
  - name: a
    arrivals: <blank>
    service_time: <blank>
    wait_flow: <blank>
  - name: b
    arrivals: {rate: <blank>}
    service_time: {distribution: <blank>}
    tags: [<blank>, <blank>]
    wait_flow: hold
agents: <blank>
flows:
  - name: hold
    actions:
      - play: <blank>
      - {type: play, option: {duration: <blank>}}
expect:
  - a.service_level >= 80%
  - agents.team.occupancy <= 90%
x-note: <blank>
"""
PLACES = [
    (1, 10, "horizon"),
    (4, 15, "queues[0].arrivals"),
    (5, 19, "queues[0].service_time"),
    (6, 16, "queues[0].wait_flow"),
    (8, 22, "queues[1].arrivals.rate"),
    (9, 34, "queues[1].service_time.distribution"),
    (10, 12, "queues[1].tags[0]"),
    (10, 21, "queues[1].tags[1]"),
    (12, 9, "agents"),
    (16, 15, "flows[0].actions[0].play"),
    (17, 41, "flows[0].actions[1].option.duration"),
]


def problems(text: str, overrides: tuple[str, ...] = ()) -> list[tuple[int, int, str, str]]:
    """Line, column, path and message of all that is wrong."""
    with pytest.raises(ScenarioError) as caught:
        loads_scenario(text, overrides=overrides)
    return [(p.line, p.column, p.path, p.message) for p in caught.value.problems]


def test_every_blank_is_named_once_and_nothing_else() -> None:
    """All blanks at once, at their places, in the file's order; none under a free key."""
    found = problems(TEXT)
    assert [each[:3] for each in found] == PLACES
    assert all("is still blank: " in each[3] and "write " in each[3] for each in found)


def test_a_blank_says_what_to_write() -> None:
    """The message has the reason and an example."""
    assert problems(TEXT)[1][3] == (
        "`arrivals` is still blank: the API does not tell how many calls come; "
        "write for example `{rate: 1.5/min}`"
    )


def test_other_errors_stand_beside_blanks() -> None:
    """A blank hides no error of another field."""
    found = problems(TEXT.replace("  - name: b\n", "  - name: a\n    colour: red\n"))
    assert [each[2] for each in found if "is still blank" not in each[3]] == [
        "queues[1].name",
        "queues[1].colour",
    ]


def test_hundreds_of_blanks_are_all_reported() -> None:
    """However many queues are drafted, each has its two blanks."""
    rows = [f"  - {{name: q{i}, arrivals: <blank>, service_time: <blank>}}\n" for i in range(200)]
    found = problems("horizon: 1h\nagents: []\nqueues:\n" + "".join(rows))
    assert len(found) == 400
    assert all("is still blank" in each[3] for each in found)


def test_quoted_it_is_a_text() -> None:
    """A name that reads like a blank is a name when it is quoted."""
    text = (
        'horizon: 1h\nagents: []\nqueues:\n  - {name: "<blank>", arrivals: {rate: 1/min}, '
        "service_time: 1s}\n"
    )
    assert loads_scenario(text).queues[0].name == BLANK


def test_overrides_fill_blanks() -> None:
    """`--set` writes a blank, also by a path that leads into it."""
    text = (
        "horizon: <blank>\nagents: []\n"
        "queues:\n  - {name: a, arrivals: <blank>, service_time: <blank>}\n"
    )
    left = problems(text, ("horizon=2h", "queues.a.arrivals.rate=60/h"))
    assert [each[2] for each in left] == ["queues[0].service_time"]
    done = ("horizon=2h", "queues.a.arrivals.rate=60/h", "queues.a.service_time=1min")
    assert loads_scenario(text, overrides=done).horizon_s == 7200.0


def test_blanks_are_written_plain_and_read_back() -> None:
    """What writes scenarios writes a blank as a blank, and the same text as a quoted text."""
    assert emit({"a": Blank(BLANK), "b": BLANK}) == 'a: <blank>\nb: "<blank>"\n'
    assert isinstance(plain_value(BLANK), Blank)
