"""A history keeps what a log told, and tells days by the log's own clock."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sim.calibration.history import History, Outcome, Reading, Visit, from_visits

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def visit(joined: float, queue: str = "sales", **more: object) -> Visit:
    outcome = more.pop("outcome", Outcome.ANSWERED)
    return Visit(joined, queue, outcome, 3.0, **more)  # type: ignore[arg-type]


def history(*visits: Visit, **more: object) -> History:
    return from_visits(visits, Reading("log", "test"), **more)  # type: ignore[arg-type]


def test_visits_are_in_the_order_of_joining_and_one_instant_keeps_theirs() -> None:
    made = history(visit(5.0, call="a"), visit(2.0, call="b"), visit(5.0, call="c"))
    assert made.call.tolist() == ["b", "a", "c"]
    assert made.joined_at.tolist() == [2.0, 5.0, 5.0]


def test_queues_and_agents_are_in_the_order_of_their_names_and_none_is_minus_one() -> None:
    made = history(visit(1.0, "b", agent="zoe"), visit(2.0, "a"), visit(3.0, "a", agent="ann"))
    assert made.queues == ("a", "b")
    assert made.queue.tolist() == [1, 0, 0]
    assert made.agents == ("ann", "zoe")
    assert made.agent.tolist() == [1, -1, 0]


def test_days_are_told_on_the_local_clock_also_where_it_is_put_forward() -> None:
    """On 2026-03-29 Berlin's clock jumps from 02:00 to 03:00."""
    times = ["2026-03-28 23:59:59", "2026-03-29 00:00:00", "2026-03-29 01:59:59"]
    times += ["2026-03-29 03:00:00", "2026-03-29 12:00:00"]
    made = history(*(visit(at(each)) for each in times), zone=BERLIN)
    day, clock = made.days()
    first = date(2026, 3, 28).toordinal()
    assert day.tolist() == [first, *[first + 1] * 4]
    assert clock.tolist() == [86_399.0, 0.0, 7_199.0, 10_800.0, 43_200.0]
    assert made.first_day() == date(2026, 3, 28)
    assert made.last_day() == date(2026, 3, 29)


def test_a_queue_can_be_taken_out_and_an_unknown_one_is_refused() -> None:
    made = history(visit(1.0, "a"), visit(2.0, "b"), visit(3.0, "a"))
    assert made.of_queue("a").joined_at.tolist() == [1.0, 3.0]
    with pytest.raises(KeyError):
        made.of_queue("c")


def test_a_visit_waited_if_its_wait_is_known_to_have_ended() -> None:
    made = history(*(visit(float(o), outcome=o) for o in Outcome))
    known = [Outcome.ANSWERED, Outcome.ABANDONED, Outcome.TIMEOUT, Outcome.LEFT]
    assert np.flatnonzero(made.waited()).tolist() == known
    assert np.flatnonzero(made.answered()).tolist() == [Outcome.ANSWERED]


def test_a_history_without_calls_has_no_days() -> None:
    made = history()
    assert len(made) == 0
    assert made.zone is UTC
    assert [len(each) for each in made.days()] == [0, 0]
    with pytest.raises(ValueError, match="no calls"):
        made.first_day()
