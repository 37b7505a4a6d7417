"""A call's life is told from the logs: what happened to it, and why it waited."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from sim.experiment.replicate import Replicator
from sim.experiment.trace import engine_for_one, trace_calls
from sim.logs import SpellKind
from sim.scenario.load import loads_scenario
from sim.scenario.model import Scenario
from tests.features import rich_scenarios


def told(text: str, queue: str | None = None) -> list[list[tuple[float, str]]]:
    """The events of the calls of a scenario's text, or of one of its queues, call by call."""
    return [[(e["at_s"], e["what"]) for e in story["events"]] for story in stories(text, queue)]


def stories(text: str, queue: str | None = None) -> list[dict[str, Any]]:
    return trace_calls(loads_scenario(text), call=None, queue=queue, first=1000, replication=0)


ONE = """
horizon: 10min
replications: 1
queues:
  - name: desk
    arrivals: {{at: [{at}]}}
    service_time: 10s
    {queue}
agents:
  - {{name: ann{agent}}}
{more}
"""


def one(at: str, queue: str = "", agent: str = "", more: str = "") -> list[list[tuple[float, str]]]:
    """One queue `desk` of one agent, `ann`; every call takes 10 s."""
    return told(ONE.format(at=at, queue=queue, agent=agent, more=more))


def test_a_plain_call() -> None:
    """Joining, why it waited, the answer and the end, each at its instant."""
    first, second = one("0s, 4s", queue="wrap_up: 2s")
    assert first == [
        (0.0, "joins 'desk'"),
        (0.0, "is routed to ann"),
        (0.0, "ann answers after a wait of 0.000 s"),
        (10.0, "service ends after 10.000 s"),
        (12.0, "ann has finished the wrap-up"),
    ]
    assert second[:4] == [
        (4.0, "joins 'desk'"),
        (4.0, "waits: 1 agent matches (1 talking); 0 calls are waiting before it"),
        (12.0, "is routed to ann"),
        (12.0, "ann answers after a wait of 8.000 s"),
    ]


def test_a_phone_that_rings() -> None:
    """The phone rings from the routing to the answer."""
    (call,) = one("5s", agent=", ring: {delay: 3s}")
    assert call[1:3] == [
        (5.0, "is routed to ann; the phone rings"),
        (8.0, "ann answers after a wait of 3.000 s"),
    ]


def test_a_phone_that_nobody_answers() -> None:
    """The agent is out, the call waits again at its place, and another call knows why it waits."""
    first, second = one(
        "5s, 30s",
        queue="wait_timeout: 45s",
        agent=", ring: {no_answer: 100%, timeout: 20s, penalty: 15s}",
    )
    assert first == [
        (5.0, "joins 'desk'"),
        (5.0, "is routed to ann; the phone rings"),
        (25.0, "ann has not answered in 20 s and is out for 15 s"),
        (
            25.0,
            "waits again, at its place in the queue: 1 agent matches (1 out after a missed ring);"
            " 0 calls are waiting before it",
        ),
        (40.0, "is routed to ann; the phone rings"),
        (60.0, "ann has not answered in 20 s and is out for 15 s"),
        (60.0, "leaves: `wait_timeout` has passed after 55.000 s"),
    ]
    assert second[1] == (
        30.0,
        "waits: 1 agent matches (1 out after a missed ring); 1 call is waiting before it",
    )


def test_calls_of_one_instant_may_be_confused_and_that_is_said() -> None:
    """Where two calls joined a queue at once, a missed ring names the other that it may be of."""
    first, _ = one(
        "5s, 5s",
        queue="wait_timeout: 40s",
        agent=", ring: {no_answer: 100%, timeout: 20s, penalty: 100s}",
    )
    assert (
        5.0,
        "is routed to ann (or call 1 is, which joined at the same instant); the phone rings",
    ) in first


def test_a_caller_who_hangs_up_while_the_phone_rings() -> None:
    """The reserved agent is named, and the reason."""
    (call,) = one("5s", queue="patience: 4s", agent=", ring: {delay: 10s}")
    assert call[1:] == [
        (5.0, "is routed to ann; the phone rings"),
        (9.0, "hangs up before ann answers: patience has ended after 4.000 s"),
    ]


def test_an_action_that_is_heard_out() -> None:
    """Without a ring the agent is reserved; with one the phone rings first."""
    flow = "wait_flow: [{talk: x, duration: 4s, interruptible: false}, {sleep: 9s}]"
    (call,) = one("0s", queue=flow)
    assert (0.0, "ann is reserved while an action is heard out") in call
    (call,) = one("0s", queue=flow, agent=", ring: {delay: 3s}")
    assert (4.0, "ann answers once an action has been heard out, after a wait of 4.000 s") in call


def test_a_caller_who_calls_again() -> None:
    """The lost call names the next attempt, and that one the lost call."""
    first, second, third = one(
        "0s, 1s", queue="patience: 5s\n    retry: {probability: 100%, delay: 30s}"
    )
    assert first[-1] == (10.0, "service ends after 10.000 s")
    assert second[-2:] == [
        (6.0, "hangs up: patience has ended after 5.000 s"),
        (36.0, "calls again as call 2: attempt 2"),
    ]
    assert third[0] == (36.0, "joins 'desk' again, after call 1: attempt 2")


def test_a_caller_who_finds_the_queue_full_and_calls_again() -> None:
    """Blocked, why, and the next attempt."""
    _, second, third = one(
        "0s, 1s", queue="max_waiting: 0\n    retry: {probability: 100%, delay: 30s}"
    )
    assert second == [
        (1.0, "calls 'desk'"),
        (
            1.0,
            "is blocked: 1 agent matches (1 talking); 0 calls are waiting before it, and the queue"
            " is full",
        ),
        (31.0, "calls again as call 2: attempt 2"),
    ]
    assert third[0] == (31.0, "joins 'desk' again, after call 1: attempt 2")


TWO = """
horizon: 10min
replications: 1
queues:
  - name: front
    tags: [front]
    arrivals: {{at: [0s, 1s]}}
    service_time: 60s
    {front}
  - name: back
    tags: [back]
    arrivals: {{at: []}}
    service_time: 10s
agents:
  - {{name: ann, tags: [front]}}
  - {{name: bob, tags: [back]}}
"""


@pytest.mark.parametrize(
    ("front", "why"),
    [
        ("overflow: {after: 20s, to: back}", "its overflow time has passed"),
        (
            "wait_flow: [{sleep: 20s}, {queue_join: back}]",
            "the wait flow has come to its `queue_join`",
        ),
    ],
)
def test_a_call_that_goes_on(front: str, why: str) -> None:
    """The call says why it goes on and as which call; that one where it comes from."""
    text = TWO.format(front=front)
    assert told(text, "front")[1][-2:] == [
        (21.0, f"goes on: {why}"),
        (21.0, "joins 'back' as call 2"),
    ]
    (there,) = stories(text, "back")
    assert there["events"][0]["what"] == "joins 'back' from 'front', where it was call 1"
    assert there["summary"] == "waited 0.000 s (20.000 s in all), served by bob for 10.000 s"


def test_polling() -> None:
    """A call is handed out at a tick; until then an agent may be available."""
    first, second = one("0s, 1s", more="dispatch: deployed")
    assert first[1:3] == [
        (0.0, "waits: 1 agent matches (1 available); 0 calls are waiting before it"),
        (0.1, "is routed to ann at a tick of the queue's loop"),
    ]
    assert second[1] == (1.0, "waits: 1 agent matches (1 talking); 0 calls are waiting before it")


def test_the_limit_of_actions() -> None:
    """A call that the limit ends says so, and not that it was hung up."""
    text = "dispatch: deployed\nflow_action_limit: 4"
    _, second = one("0s, 1s", queue="wait_flow: [{sleep: 2s}]", more=text)
    assert second[-1] == (
        3.0,
        "is lost: the wait flow has reached its limit of 4 actions after 2.000 s",
    )


def test_calls_that_are_there_at_the_start() -> None:
    """Who waits and who talks at the start joined before it; a break is a reason to wait."""
    waits, talks = "{queue: desk, since: 5s}", "{agent: ann, queue: desk, since: 2s}"
    more = f"initial: {{waiting: [{waits}], busy: [{talks}]}}"
    waiting, busy = one("", agent=", breaks: [{at: 3s, length: 30s}]", more=more)
    assert waiting[:3] == [
        (-5.0, "joined 'desk' 5 s before the start"),
        (0.0, "waits: 1 agent matches (1 talking); 0 calls are waiting before it"),
        (38.0, "is routed to ann"),
    ]
    assert busy == [
        (-2.0, "began to talk to 'desk' 2 s before the start"),
        (0.0, "is talking to ann as the scenario starts"),
        (8.0, "service ends after 10.000 s"),
    ]
    talked = stories(ONE.format(at="", queue="", agent="", more=more))[1]
    assert talked["summary"] == "talked to ann at the start, for 10.000 s in all"
    (late,) = one("4s", agent=", breaks: [{at: 3s, length: 30s}]")
    assert late[1] == (4.0, "waits: 1 agent matches (1 on a break); 0 calls are waiting before it")


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(rich_scenarios())
def test_every_call_of_any_scenario(scenario: Scenario) -> None:
    """Claim: every call has a story in order of time, which begins as it comes; every missed
    ring is told once for certain or else of several calls; every call that came of another is
    named there."""
    ran = Replicator(scenario, keep_calls=True, keep_agents=True).run(0)
    assert ran.calls is not None and ran.spells is not None
    made = trace_calls(scenario, call=None, queue=None, first=10**6, replication=0)
    assert [story["call"] for story in made] == ran.calls.call.tolist()
    for story, arrival in zip(made, ran.calls.arrival.tolist(), strict=True):
        at = [event["at_s"] for event in story["events"]]
        assert at == sorted(at) and at[0] == arrival
    lines = [event["what"] for story in made for event in story["events"]]
    certain = sum("the phone rings" in line and "(or call" not in line for line in lines)
    unanswered = sum("has not answered" in line for line in lines)
    rung = int((ran.spells.kind == SpellKind.RINGING).sum())
    assert unanswered >= rung
    if not any("(or call" in line for line in lines):
        assert unanswered == rung and certain >= rung
    named = Counter(
        int(found[1]) for line in lines if (found := re.search(r"\bas call (\d+)\b", line))
    )
    born = [int(n) for n, p in zip(ran.calls.call, ran.calls.parent, strict=True) if p >= 0]
    assert named == Counter(born)


def test_every_engine_tells_the_same_lives() -> None:
    """`auto` is the SimPy engine for a short day, the compiled one for one of many calls."""
    scenario = loads_scenario(
        """
        horizon: 30min
        queues:
          - name: help
            arrivals: {rate: 2/min}
            service_time: {distribution: exponential, mean: 3min}
            patience: {distribution: exponential, mean: 2min}
            wrap_up: 20s
            wait_flow: [{sleep: 15s}]
        agents: [{name: team, count: 4}]
        """
    )
    told = [
        trace_calls(scenario, call=None, queue=None, first=100, replication=1, engine=engine)
        for engine in ("auto", "simpy", "compiled")
    ]
    assert len(told[0]) > 30
    assert told[0] == told[1] == told[2]
    assert engine_for_one("auto", scenario) == "simpy"
    assert engine_for_one("compiled", scenario) == "compiled"
    long = loads_scenario(
        "horizon: 100d\nqueues: [{name: a, arrivals: {rate: 1/min}, "
        "service_time: 1min}]\nagents: []"
    )
    assert engine_for_one("auto", long) == "compiled"
    with pytest.raises(ValueError, match="no engine 'fast'"):
        engine_for_one("fast", scenario)
