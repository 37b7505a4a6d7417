"""Who was on duty, by logins and by answers, and in which groups."""

from __future__ import annotations

import numpy as np
import pytest

from sim.calibration.fit.asked import asked
from sim.calibration.fit.calibrate import calibrate
from sim.calibration.fit.teams import whole_counts
from sim.calibration.fit.work import work
from sim.calibration.history import Presence
from sim.scenario.errors import ScenarioError
from tests.calibration.fit.made import made
from tests.calibration.fit.simulated import MONDAY, history_of

HOUR = 3600.0
NINE = MONDAY.timestamp() + 9 * HOUR


def presence(*spells: tuple[int, int, float, float, bool]) -> Presence:
    """Spells of (agent, queue, from, to, paused), hours from Monday 9:00 on."""
    agent, queue, since, until, paused = zip(*spells, strict=True)
    return Presence(
        np.array(agent, np.int32), np.array(queue, np.int32), NINE + HOUR * np.array(since),
        NINE + HOUR * np.array(until), np.array(paused),
    )  # fmt: skip


def calls_of(*agents: int, **more: object):  # type: ignore[no-untyped-def]
    """A call every minute from 9:00 to 13:00 on Monday, answered at once by the agents in turn."""
    n = 240
    return made(
        day=np.zeros(n, int), clock_s=9 * HOUR + 60.0 * np.arange(n), talk_s=30.0,
        agent=np.resize(agents, n), agents=("ann", "bob", "cy"), **more,
    )  # fmt: skip


def test_logins_and_pauses_are_counted_to_the_second() -> None:
    """Ann is there all four hours but for half an hour's pause, Bob joins at 10:30 and is paused in
    the one queue that he is in from 11:00 to 12:00."""
    there = presence(
        (0, -1, 0.0, np.nan, False), (0, -1, 1.0, 1.5, True),
        (1, 0, 1.5, 4.0, False), (1, 0, 2.0, 3.0, True),
    )  # fmt: skip
    found = calibrate(calls_of(0, presence=there), asked(interval="30min"))
    assert found.agents_from == "presence"
    team = found.teams.teams[0]
    assert team.members == ("ann",)
    assert team.on_duty[0].tolist() == [1, 1, 0, 1, 1, 1, 1, 1]
    both = calibrate(calls_of(0, 1, presence=there), asked(interval="30min"))
    assert both.agents_from == "activity"
    assert any("logins cover only" in note for note in both.notes)


def test_two_logged_in_are_two() -> None:
    there = presence((0, -1, 0.0, 4.0, False), (1, 0, -1.0, np.nan, False))
    team = calibrate(calls_of(0, 1, presence=there), asked()).teams.teams[0]
    assert team.counts == (2,) * 8
    assert team.hours.value == 8.0


def test_who_leaves_calls_waiting_is_not_there() -> None:
    """Bob answers until 10:00 and from 12:00 on; in between calls wait 30 s for Ann. He is not
    there. Where nobody waits in between, he is."""
    n = 240
    minute = np.arange(n)
    bob = (minute % 2 == 1) & ((minute < 60) | (minute >= 180))
    agent = np.where(bob, 1, 0)
    away = made(
        day=np.zeros(n, int), clock_s=9 * HOUR + 60.0 * minute, talk_s=20.0, agent=agent,
        wait_s=np.where((minute >= 60) & (minute < 180), 30.0, 0.0), agents=("ann", "bob"),
    )  # fmt: skip
    counts = calibrate(away, asked(interval="1h")).teams.teams[0].counts
    assert counts == (2, 1, 1, 2)
    lunch = away.where((minute < 80) | (minute >= 100))
    calm = calibrate(
        made(day=np.zeros(len(lunch), int), clock_s=lunch.days()[1], talk_s=20.0,
             agent=lunch.agent, agents=("ann", "bob")),
        asked(interval="1h"),
    )  # fmt: skip
    assert calm.teams.teams[0].counts == (2, 1, 1, 2), "two hours without an answer end a stretch"


def test_a_gap_counts_without_its_ringing_and_not_over_agents() -> None:
    done = work(calls_of(0, 1))
    assert done.agent.tolist() == [0] * 120 + [1] * 120
    assert np.isnan(done.gap_s[[119, 239]]).all()
    assert np.nanmax(done.gap_s) == np.nanmin(done.gap_s) == 90.0


SKILLS = """
start: 2026-03-02 09:00
horizon: 4h
replications: 5
queues:
  - name: sales
    tags: [s]
    arrivals: {rate: 60/h}
    service_time: {distribution: exponential, mean: 3min}
    patience: {distribution: exponential, mean: 5min}
  - name: support
    tags: [t]
    arrivals: {rate: 60/h}
    service_time: {distribution: exponential, mean: 3min}
    patience: {distribution: exponential, mean: 5min}
agents:
  - {name: s, count: 2, tags: [s]}
  - {name: t, count: 2, tags: [t]}
  - {name: both, count: 2, tags: [s, t]}
"""


def test_agents_are_grouped_by_the_queues_that_they_answer() -> None:
    found = calibrate(history_of(SKILLS, seed=1), asked())
    groups = {team.queues: team.members for team in found.teams.teams}
    assert groups == {
        (0,): ("s[0]", "s[1]"), (1,): ("t[0]", "t[1]"), (0, 1): ("both[0]", "both[1]"),
    }  # fmt: skip
    assert found.teams.ignored == 0 and found.teams.merged == 0


def test_of_one_queue_only_its_agents_are_taken() -> None:
    found = calibrate(history_of(SKILLS, seed=1), asked(queues=["sales"]))
    assert {name for team in found.teams.teams for name in team.members} == {
        "s[0]", "s[1]", "both[0]", "both[1]",
    }  # fmt: skip


def test_an_agent_is_not_there_for_a_queue_while_talking_to_another() -> None:
    """Of every half hour 15 calls of 30 s, and 6 s of wrap-up after each, are of the other."""
    there = presence((0, -1, 0.0, 4.0, False))
    history = calls_of(0, presence=there, queue=np.resize([0, 1], 240), queues=("a", "b"))
    both = calibrate(history, asked(wrap_up="6s"))
    assert both.teams.teams[0].on_duty[0].tolist() == [1.0] * 8
    one = calibrate(history, asked(wrap_up="6s", queues=["a"]))
    assert one.teams.teams[0].on_duty[0] == pytest.approx([0.7] * 8)
    assert any("but for the time that they spent on calls" in note for note in one.notes)


def test_numbers_can_be_asked_for_by_the_group_s_name() -> None:
    history = history_of(SKILLS, seed=1)
    assert calibrate(history, asked(agents=["team2=7"])).constant == {"team2": 7}
    with pytest.raises(ScenarioError, match="no group of agents `tier1`: one of `team1`"):
        calibrate(history, asked(agents=["tier1=7"]))


def test_whole_numbers_keep_the_hours() -> None:
    """Of means of one or more, in any number of groups, the total is within one agent and interval
    of the sum of the means, each interval within one and a half."""
    rng = np.random.default_rng(5)
    for groups in (1, 2, 5):
        mean = 1.0 + 8.0 * rng.random((groups, 40))
        counts = whole_counts(mean)
        assert counts.min() >= 0
        total = mean.sum(axis=0)
        assert abs(counts.sum() - total.sum()) <= 1.0
        assert np.all(np.abs(counts.sum(axis=0) - total) <= 1.5 + 1e-9)


def test_somebody_is_there_where_anybody_was() -> None:
    assert whole_counts(np.array([[0.2, 0.2, 0.0, 0.3]])).tolist() == [[1, 1, 0, 1]]


def test_the_wrap_up_that_a_log_tells_is_taken() -> None:
    """Of the simulated 20 s, in whole seconds; --wrap-up goes before it."""
    text = SKILLS.replace(
        "mean: 5min}", "mean: 5min}\n    wrap_up: {distribution: exponential, mean: 20s}"
    )
    history = history_of(text, seed=1, with_wrap_up=True)
    found = calibrate(history, asked()).wrap_up
    assert found.source == "log"
    assert found.mean.low is not None and found.mean.high is not None
    assert found.mean.low < 20.0 < found.mean.high
    given = calibrate(history, asked(wrap_up="45s")).wrap_up
    assert (given.source, given.mean_s) == ("asked", 45.0)


def test_days_are_the_sample_of_agents() -> None:
    """One agent on Monday, three on Tuesday: two on average, from one to three at the least."""
    n = 240
    minute = np.tile(np.arange(n), 2)
    day = np.repeat([0, 1], n)
    agent = np.where(day == 0, 0, minute % 3)
    calls = made(
        day=day, clock_s=9 * HOUR + 60.0 * minute, talk_s=30.0, agent=agent,
        agents=("ann", "bob", "cy"),
    )  # fmt: skip
    team = calibrate(calls, asked(interval="1h")).teams.teams[0]
    assert set(team.counts) == {2}
    assert team.peak.low == 0.0 and team.peak.high is not None and team.peak.high > 3.0
