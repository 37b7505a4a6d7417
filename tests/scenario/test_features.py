"""What callers, agents and the platform do beyond the plain queue becomes what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario.behaviour import (
    Break,
    Busyness,
    Initial,
    InitialBusy,
    InitialWaiting,
    Overflow,
    Polling,
    PollOrder,
    Retry,
    RetryCause,
    Ring,
)
from sim.scenario.distributions import Deterministic
from sim.scenario.errors import ScenarioError
from sim.scenario.flow_pass import action_limit_end_s
from sim.scenario.load import loads_scenario
from sim.scenario.model import Action, ActionType, AgentGroup, Flow, Period, Scenario, TagMatch

H = 3600.0


def load(
    top: str = "", queue: str = "", other: str = "", agent: str = "", folder: Path | str = ""
) -> Scenario:
    """Two queues `a` and `b`, one group `t` of three with id `g-1`, from Monday 09:00."""
    return loads_scenario(
        "start: 2026-11-23 09:00\nhorizon: 30h\n"
        f"{top}\nqueues:\n"
        f"  - {{name: a, id: q-1, arrivals: {{rate: 1/min}}, service_time: 3min{queue}}}\n"
        f"  - {{name: b, arrivals: {{rate: 1/min}}, service_time: 3min{other}}}\n"
        f"agents:\n  - {{name: t, id: g-1{agent}}}\n  - {{name: night}}\n",
        folder=folder,
    )


def refused(fragment: str, **changes: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(**changes)
    assert fragment in caught.value.render()


def test_overflow_by_name_and_id() -> None:
    """The other queue is found by name or id; 0 s is allowed."""
    assert load(queue=", overflow: {after: 0s, to: b}").queues[0].overflow == Overflow(0.0, 1)
    assert load(other=", overflow: {after: 1min, to: q-1}").queues[1].overflow == Overflow(60.0, 0)


def test_cycles() -> None:
    """A circle of overflow and `queue_join` is refused with its queues in order, once."""
    with pytest.raises(ScenarioError) as caught:
        load(queue=", overflow: {after: 0s, to: b}", other=", overflow: {after: 9s, to: a}")
    (problem,) = caught.value.problems
    assert "`a` -> `b` -> `a`" in problem.message and problem.path == "queues[1].overflow.to"
    refused(
        "`a` -> `b` -> `a`",
        queue=", overflow: {after: 0s, to: b}",
        other=", wait_flow: [{sleep: 5s}, {queue_join: q-1}]",
    )
    with pytest.raises(ScenarioError) as caught:
        load(
            top="flows: [{name: f, actions: [{sleep: 1s}, {queue_join: b}]}]",
            queue=", wait_flow: f",
            other=", wait_flow: f",
        )
    (problem,) = caught.value.problems
    assert "`b` -> `b`" in problem.message and problem.line == 3


def test_no_cycle_where_the_flow_never_gets() -> None:
    """An action behind a `hangup` leads nowhere, and two ways to one queue are no circle."""
    load(queue=", wait_flow: [{sleep: 1s}, hangup, {queue_join: a}]")
    load(queue=", overflow: {after: 5s, to: b}, wait_flow: [{sleep: 1s}, {queue_join: b}]")


def test_a_chain_of_thousands_of_queues() -> None:
    """Overflow from each of 3000 queues to the next loads; closing the circle is refused."""

    def chain(last: str) -> str:
        rows = [
            f"  - {{name: q{i}, arrivals: {{rate: 1/h}}, service_time: 1s, "
            f"overflow: {{after: 1s, to: q{i + 1}}}}}\n"
            for i in range(3000)
        ]
        end = f"  - {{name: q3000, arrivals: {{rate: 1/h}}, service_time: 1s{last}}}\n"
        return "horizon: 1h\nagents: []\nqueues:\n" + "".join(rows) + end

    assert len(loads_scenario(chain("")).queues) == 3001
    with pytest.raises(ScenarioError, match="could go round for ever"):
        loads_scenario(chain(", overflow: {after: 1s, to: q0}"))


def test_queue_join() -> None:
    """The action holds the queue's place and ends the flow, so it may take no time at all."""
    flow = load(queue=", wait_flow: [{type: queue_join, option: {queue_id: b}}]").flows[0]
    assert flow.actions == (Action(ActionType.QUEUE_JOIN, queue=1),)


def test_retry() -> None:
    """Defaults are three calls in all, after abandonment and blocking."""
    delay = Deterministic(value_s=300.0)
    found = load(queue=", retry: {probability: 30%, delay: 5min}").queues[0].retry
    assert found == Retry(0.3, delay, 3, (RetryCause.ABANDONED, RetryCause.BLOCKED))
    found = load(queue=", retry: {probability: 1, delay: 5min, max_attempts: 9, on: [blocked]}")
    assert found.queues[0].retry == Retry(1.0, delay, 9, (RetryCause.BLOCKED,))


def test_busyness(tmp_path: Path) -> None:
    """Rate, profile and forecast take it; a `cv` of 0 is none."""
    (tmp_path / "f.csv").write_text("0s,5\n30min,6\n")
    text = "horizon: 1h\nagents: []\nqueues: [{{name: a, service_time: 1s, arrivals: {{{}}}}}]"
    for way in (
        "rate: 1/min",
        "profile: {interval: 30min, calls: [5, 6]}",
        "forecast: f.csv",
    ):
        busy = text.format(f"{way}, busyness: {{cv: 15%, shared: true}}")
        arrivals = loads_scenario(busy, folder=tmp_path).queues[0].arrivals
        assert arrivals.busyness == Busyness(0.15, True)  # type: ignore[union-attr]
        calm = text.format(f"{way}, busyness: {{cv: 0}}")
        arrivals = loads_scenario(calm, folder=tmp_path).queues[0].arrivals
        assert arrivals.busyness is None  # type: ignore[union-attr]


def group(**changes: str) -> AgentGroup:
    return load(**changes).agents[0]


def test_breaks_recur_at_a_time_of_day() -> None:
    """From 09:00 for 30 h: noon comes twice with 33 h, a duration or a date once."""
    found = group(agent=", breaks: [{at: 12:00, length: 30min}, {at: 2h, length: 5min}]")
    assert found.breaks == (Break(2 * H, 300.0), Break(3 * H, 1800.0), Break(27 * H, 1800.0))
    found = group(agent=", breaks: [{at: 2026-11-24 12:00, length: 30min}]")
    assert found.breaks == (Break(27 * H, 1800.0),)
    assert group(agent=", breaks: [{at: 15:00, length: 1s}]").breaks == (Break(6 * H, 1.0),)


def test_breaks_at_the_edges() -> None:
    """One that has begun is cut at the start, also one of the evening before; touching is no
    overlap; a break at the horizon is none."""
    found = group(agent=", breaks: [{at: 08:45, length: 30min}, {at: 09:15, length: 5min}]")
    assert found.breaks[:2] == (Break(0.0, 900.0), Break(900.0, 300.0))
    found = group(agent=", breaks: [{at: 22:00, length: 12h}]")
    assert found.breaks == (Break(0.0, 1 * H), Break(13 * H, 12 * H))


def test_breaks_follow_the_clock_of_the_zone() -> None:
    """Noon after the night in which an hour is skipped is 23 h after the noon before."""
    text = (
        "start: 2026-03-28 09:00\ntime_zone: Europe/Berlin\nhorizon: 2d\nqueues:\n"
        "  - {name: a, arrivals: {rate: 1/min}, service_time: 1s}\n"
        "agents: [{name: t, breaks: [{at: 12:00, length: 1h}]}]\n"
    )
    breaks = loads_scenario(text).agents[0].breaks
    assert [each.at_s for each in breaks] == [3 * H, 26 * H]


def test_breaks_have_a_limit_and_an_end_of_time() -> None:
    """Ten thousand breaks in all are refused; the year 9999 is no trap."""
    text = (
        "start: {start} 09:00\nhorizon: {horizon}\ninterval: 365d\nqueues:\n"
        "  - {{name: a, arrivals: {{rate: 1/day}}, service_time: 1s}}\n"
        "agents: [{{name: t, breaks: [{{at: 12:00, length: 1h}}]}}]\n"
    )
    with pytest.raises(ScenarioError, match="more than 10,000 breaks"):
        loads_scenario(text.format(start="2026-11-23", horizon="10000d"))
    late = loads_scenario(text.format(start="9999-12-30", horizon="100d"))
    assert len(late.agents[0].breaks) == 2


def test_how_agents_work() -> None:
    """Shrinkage, own service times in the order of the queues, and ringing."""
    found = group(
        agent=", shrinkage: 25%, service_time: {b: 1min, q-1: 2min}, "
        "ring: {delay: 3s, no_answer: 5%, timeout: 20s, penalty: 30s}"
    )
    assert found.shrinkage == 0.25
    assert found.service_times == ((0, Deterministic(value_s=120)), (1, Deterministic(value_s=60)))
    assert found.ring == Ring(Deterministic(value_s=3.0), 0.05, 20.0, 30.0)
    silent = group(agent=", ring: {}").ring
    assert silent == Ring(Deterministic(value_s=0.0), 0.0, float("inf"), 0.0)
    refused("a second service time for the queue `a`", agent=", service_time: {a: 1min, q-1: 2min}")


def test_dispatch() -> None:
    """`deployed` is polling with its defaults, a limit of 100 and `any`, unless told otherwise."""
    immediate = load()
    assert immediate.dispatch is None and immediate.flow_action_limit is None
    deployed = load(top="dispatch: deployed")
    assert deployed.dispatch == Polling(0.1, 1.0, 0.1, PollOrder.NEWEST)
    assert deployed.flow_action_limit == 100 and deployed.queues[0].tag_match is TagMatch.ANY
    own = load(top="dispatch: deployed\ntag_match: all\nflow_action_limit: 7")
    assert own.flow_action_limit == 7 and own.queues[0].tag_match is TagMatch.ALL
    polled = load(top="dispatch: {polling: {start_delay: 0s, order: oldest, next: 2s}}")
    assert polled.dispatch == Polling(0.0, 1.0, 2.0, PollOrder.OLDEST)
    assert polled.flow_action_limit is None and polled.queues[0].tag_match is TagMatch.ALL


def test_initial() -> None:
    """Agents by place in their group, by name and by id; a single agent without a number."""
    found = load(
        top="initial:\n  waiting: [{queue: b, since: 5s}, {queue: q-1, since: 0s}]\n"
        "  busy: [{agent: 't[2]', queue: a, since: 9s}, {agent: 'g-1[0]', queue: a, since: 0s}, "
        "{agent: night, queue: b, since: 1s}]",
        agent=", count: 3, schedule: [{from: 20:00, to: 22:00, count: 3}]",
    ).initial
    assert found == Initial(
        (InitialWaiting(1, 5.0), InitialWaiting(0, 0.0)),
        (InitialBusy(0, 2, 0, 9.0), InitialBusy(0, 0, 0, 0.0), InitialBusy(1, 0, 1, 1.0)),
    )
    assert load(top="initial: {waiting: [], busy: null}").initial is None


def test_a_busy_agent_s_own_time_counts() -> None:
    """A conversation lasts as long as the agent's service time, speed and the limit allow."""
    busy = "initial: {busy: [{agent: t, queue: a, since: 4min}]}"
    refused("have ended already, after 3min", top=busy)
    assert load(top=busy, agent=", service_time: {a: 5min}").initial is not None
    assert load(top=busy, agent=", speed: 0.5").initial is not None
    refused("after 1min", top=busy, agent=", speed: 0.5", queue=", service_timeout: 60s")


@pytest.mark.parametrize(
    ("lengths", "limit", "end"),
    [
        ([5.0, 8.0], 100, 325.0),
        ([5.0, 8.0], 4, 13.0),
        ([5.0, 8.0], 5, 13.0),
        ([5.0, 8.0], 6, 13.0),
        ([5.0, 8.0], 7, 18.0),
        ([5.0, 8.0], 8, 26.0),
        ([5.0, 8.0], 1, 0.0),
        ([5.0, 8.0], 2, 0.0),
        ([5.0, 8.0], 3, 5.0),
    ],
)
def test_when_the_action_limit_ends_a_flow(lengths: list[float], limit: int, end: float) -> None:
    """Counted by hand: 2 for a pass, 1 for an action, each as it starts."""
    flow = Flow("f", tuple(Action(ActionType.SLEEP, duration_s=each) for each in lengths))
    assert action_limit_end_s(flow, limit) == end


def test_a_flow_that_ends_by_itself() -> None:
    """A `hangup` or `queue_join` within the limit comes first; jumps count as actions."""
    sleep, leave = Action(ActionType.SLEEP, duration_s=5.0), Action(ActionType.HANGUP)
    assert action_limit_end_s(Flow("f", (sleep, leave)), 4) == float("inf")
    assert action_limit_end_s(Flow("f", (sleep, leave)), 3) == 5.0
    again = Action(ActionType.GOTO, target=0, loop_count=2)
    assert action_limit_end_s(Flow("f", (sleep, again, leave)), 6) == 10.0
    assert action_limit_end_s(Flow("f", (sleep,)), None) == float("inf")


def shifts(folder: Path, content: str, agent: str = ", shifts: s.csv") -> AgentGroup:
    (folder / "s.csv").write_text(content)
    return group(agent=agent, folder=folder)  # type: ignore[arg-type]


def test_shift_files_add_up(tmp_path: Path) -> None:
    """Rows of one person each overlap and add up; equal neighbours are one period."""
    found = shifts(
        tmp_path, "from;to;count\n09:00;12:00;1\n10:00;12:00;2,0\n12:00;13:00;3\n14:00;15:00;\n"
    )
    assert found.schedule == (Period(0, H, 1), Period(H, 4 * H, 3), Period(5 * H, 6 * H, 1))
    assert found.count == 3


def test_shift_files_with_groups(tmp_path: Path) -> None:
    """Only rows of the group count, by name or id; both ways to write it mean the same."""
    content = "Group,From,To\nt,09:00,12:00\nnight,22:00,06:00\ng-1,2h,4h\n"
    found = shifts(tmp_path, content)
    assert found.schedule == (Period(0, 2 * H, 1), Period(2 * H, 3 * H, 2), Period(3 * H, 4 * H, 1))
    assert shifts(tmp_path, content, ", schedule: {shifts: s.csv}") == found


def test_shift_files_and_the_start(tmp_path: Path) -> None:
    """Shifts over before the start are left out by date, and meant a day later by the clock."""
    found = shifts(
        tmp_path,
        "from\tto\n2026-11-20 08:00\t2026-11-20 16:00\n2026-11-23 08:00\t2026-11-23 10:00\n",
    )
    assert found.schedule == (Period(0, H, 1),)
    assert shifts(tmp_path, "from,to\n06:00,08:00\n").schedule == (Period(21 * H, 23 * H, 1),)


@pytest.mark.parametrize(
    ("content", "fragment", "line", "column"),
    [
        ("from,to\n09:00,25:00\n", "there is no time of day", 2, 7),
        ("from,to\n09:00,\n", "column 2 of this line is empty", 2, 7),
        ("from,to\n9,17:00\n", "`9`: write a time of day", 2, 1),
        ("from,to\n5h,2h\n", "must end after it begins", 2, 4),
        ("from,to,count\n5h,6h,1\n5h,6h,2.5\n", "whole number of agents", 3, 7),
        ("from,to,count\n5h,6h,-1\n", "whole number of agents", 2, 7),
        ("group,from,to\nt,5h,6h\nnigth,5h,6h\n", "did you mean `night`", 3, 1),
        ("group,from,to\nnight,5h,6h\n", "no row is of the group `t`", 1, 1),
        ("from,count\n5h,6\n", "no column `to`", 1, 1),
        ("5h,6h\n", "needs a header", 1, 1),
        ("from,to\n", "the table has no rows", 1, 1),
        ('"from",to\n"5h, or so",6h\n', "expected a duration", 2, 1),
    ],
)
def test_bad_shift_files(
    tmp_path: Path, content: str, fragment: str, line: int, column: int
) -> None:
    """An error in a shift file names file, line and column, below the scenario's path."""
    with pytest.raises(ScenarioError) as caught:
        shifts(tmp_path, content)
    (problem,) = caught.value.problems
    assert fragment in problem.message
    assert problem.file.endswith("s.csv") and problem.path == "agents[0].shifts"
    assert (problem.line, problem.column) == (line, column)


def test_all_errors_of_a_shift_file(tmp_path: Path) -> None:
    """Each bad row is told."""
    with pytest.raises(ScenarioError) as caught:
        shifts(tmp_path, "from,to\n5h,2h\n09:00,12:00\nx,2h\n")
    assert [p.line for p in caught.value.problems] == [2, 4]


def test_shift_files_take_part_in_the_hash(tmp_path: Path) -> None:
    """Another content is another scenario, also where the schedule is the same."""
    hashes = set()
    for content in ("from,to\n1h,2h\n", "from,to\n1h,2h\n\n"):
        (tmp_path / "s.csv").write_text(content)
        hashes.add(load(agent=", shifts: s.csv", folder=tmp_path).sha256)
    assert len(hashes) == 2
