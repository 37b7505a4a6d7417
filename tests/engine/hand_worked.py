"""Tiny scenarios with every event worked out by hand from the model's rules.

A case is a YAML scenario and its call log: a line per call with its number, queue, arrival,
routing, answer, leaving, outcome (or the cause of abandonment) and agent; `-` where a thing did
not happen. A call by overflow or retry ends its line with `of` and the number of the call that it
comes from, and `try` with the number of attempts if that is above 1. `plays` are the counts
(started, completed, hang-ups) of each action of its flows.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A scenario, its calls, and (where it matters) plays, agents' spells and why."""

    why: str
    yaml: str
    calls: str
    plays: tuple[tuple[int, int, int], ...] = ()
    agents: str = ""
    rings: int | None = None
    """Rings that nobody answered."""


ONE = "{name: a}"


def one_queue(
    at: str, more: str = "", agents: str = ONE, top: str = "", service: str = "10s"
) -> str:
    """A scenario with one queue `q`: arrivals, further fields of the queue, agents, top level."""
    return f"""
horizon: 100s
replications: 1
{top}
queues:
  - name: q
    arrivals: {{at: [{at}]}}
    service_time: {service}
    {more}
agents: [{agents}]
"""


CASES = {
    "answered_at_once": Case(
        "an available agent takes a call at the instant of joining",
        one_queue("3s"),
        "0 q 3 3 3 13 done a",
        agents="a available 0 3, a service 3 13, a available 13 100",
    ),
    "timeout_as_agent_frees": Case(
        "the end of a service (rank 1) comes before the timeout (rank 3) of the same instant",
        one_queue("0s, 5s", "wait_timeout: 5s"),
        """
        0 q 0 0 0 10 done a
        1 q 5 10 10 20 done a
        """,
    ),
    "timeout_just_before": Case(
        "a millisecond earlier the call has left",
        one_queue("0s, 5s", "wait_timeout: 4999"),
        """
        0 q 0 0 0 10 done a
        1 q 5 - - 9.999 timeout -
        """,
    ),
    "two_arrivals_at_once": Case(
        "of two calls at one instant the first by number gets the agent",
        one_queue("0s, 0s"),
        """
        0 q 0 0 0 10 done a
        1 q 0 10 10 20 done a
        """,
    ),
    "two_queues_at_once": Case(
        "calls of one instant are numbered by queue in the file's order; priority of the second "
        "queue plays no part, for nobody was waiting yet",
        """
horizon: 100s
replications: 1
queues:
  - {name: x, arrivals: {at: [1s]}, service_time: 10s}
  - {name: y, arrivals: {at: [1s]}, service_time: 5s, priority: 9}
agents: [{name: a}]
""",
        """
        0 x 1 1 1 11 done a
        1 y 1 11 11 16 done a
        """,
    ),
    "two_agents_freed_at_once": Case(
        "the agent with the lower number routes first, to the call that joined first",
        one_queue("0s, 0s, 1s, 2s", "routing_method: listed", "{name: a}, {name: b}"),
        """
        0 q 0 0 0 10 done a
        1 q 0 0 0 10 done b
        2 q 1 10 10 20 done a
        3 q 2 10 10 20 done b
        """,
    ),
    "freed_at_once_one_waits": Case(
        "the second agent finds nobody and is available",
        one_queue("0s, 0s, 1s, 20s", "routing_method: longest_idle", "{name: a}, {name: b}"),
        """
        0 q 0 0 0 10 done a
        1 q 0 0 0 10 done b
        2 q 1 10 10 20 done a
        3 q 20 20 20 30 done b
        """,
        agents="a service 0 20, a available 20 100, b service 0 10, b available 10 20, "
        "b service 20 30, b available 30 100",
    ),
    "longest_waiting_across_queues": Case(
        "an agent who matches two queues takes the call that joined its queue first",
        """
horizon: 100s
replications: 1
queues:
  - {name: x, tags: [one], arrivals: {at: [0s, 2s]}, service_time: 10s}
  - {name: y, tags: [two], arrivals: {at: [1s]}, service_time: 10s}
agents: [{name: a, tags: [one, two]}]
""",
        """
        0 x 0 0 0 10 done a
        1 y 1 10 10 20 done a
        2 x 2 20 20 30 done a
        """,
    ),
    "priority_first": Case(
        "a higher priority goes before a longer wait",
        """
horizon: 100s
replications: 1
queues:
  - {name: x, priority: 1, arrivals: {at: [0s, 2s]}, service_time: 10s}
  - {name: y, arrivals: {at: [1s]}, service_time: 10s}
agents: [{name: a}]
""",
        """
        0 x 0 0 0 10 done a
        1 y 1 20 20 30 done a
        2 x 2 10 10 20 done a
        """,
    ),
    "fifo": Case(
        "first in, first out",
        one_queue("0s, 1s, 2s, 3s"),
        """
        0 q 0 0 0 10 done a
        1 q 1 10 10 20 done a
        2 q 2 20 20 30 done a
        3 q 3 30 30 40 done a
        """,
    ),
    "lifo": Case(
        "last in, first out",
        one_queue("0s, 1s, 2s, 3s", "discipline: lifo"),
        """
        0 q 0 0 0 10 done a
        1 q 1 30 30 40 done a
        2 q 2 20 20 30 done a
        3 q 3 10 10 20 done a
        """,
    ),
    "lifo_across_queues": Case(
        "of two `lifo` queues the call that joined last",
        """
horizon: 100s
replications: 1
queues:
  - {name: x, discipline: lifo, arrivals: {at: [0s, 1s, 4s]}, service_time: 10s}
  - {name: y, discipline: lifo, arrivals: {at: [2s, 3s]}, service_time: 10s}
agents: [{name: a}]
""",
        """
        0 x 0 0 0 10 done a
        1 x 1 40 40 50 done a
        2 y 2 30 30 40 done a
        3 y 3 20 20 30 done a
        4 x 4 10 10 20 done a
        """,
    ),
    "mixed_disciplines": Case(
        "each queue offers its own choice (x its first, y its last); the one that joined first "
        "is taken: 1 of x against 3 of y, then 4 against 3, then 4 against 2",
        """
horizon: 100s
replications: 1
queues:
  - {name: x, arrivals: {at: [0s, 1s, 4s]}, service_time: 10s}
  - {name: y, discipline: lifo, arrivals: {at: [2s, 3s]}, service_time: 10s}
agents: [{name: a}]
""",
        """
        0 x 0 0 0 10 done a
        1 x 1 10 10 20 done a
        2 y 2 30 30 40 done a
        3 y 3 20 20 30 done a
        4 x 4 40 40 50 done a
        """,
    ),
    "announcement_heard_out": Case(
        "an agent who frees up during an uninterruptible action is reserved until its end",
        one_queue(
            "0s, 1s",
            "wait_flow: [{type: talk, duration: 12s, interruptible: false}, {sleep: 30s}]",
        ),
        """
        0 q 0 0 12 22 done a
        1 q 1 22 22 32 done a
        """,
        plays=((2, 2, 0), (1, 0, 0)),
        agents="a connecting 0 12, a service 12 32, a available 32 100",
    ),
    "reserved_in_the_middle": Case(
        "the marked action is the second one: a call routed on arrival hears nothing; one "
        "routed at 10 while it plays (6 to 16) is answered at 16",
        one_queue(
            "0s, 1s",
            "wait_flow: [{sleep: 5s}, {type: talk, duration: 10s, interruptible: false}]",
        ),
        """
        0 q 0 0 0 10 done a
        1 q 1 10 16 26 done a
        """,
        plays=((1, 1, 0), (1, 1, 0)),
    ),
    "marked_action_begins_as_routed": Case(
        "a marked action that would begin at the instant of routing (10) delays nothing",
        one_queue(
            "0s, 5s",
            "wait_flow: [{sleep: 5s}, {type: talk, duration: 10s, interruptible: false}]",
        ),
        """
        0 q 0 0 0 10 done a
        1 q 5 10 10 20 done a
        """,
        plays=((1, 1, 0), (0, 0, 0)),
    ),
    "marked_action_ends_as_routed": Case(
        "a marked action that ends at the instant of routing (10) delays nothing",
        one_queue(
            "0s, 2s",
            "wait_flow: [{sleep: 3s}, {type: talk, duration: 5s, interruptible: false}]",
        ),
        """
        0 q 0 0 0 10 done a
        1 q 2 10 10 20 done a
        """,
        plays=((1, 1, 0), (1, 1, 0)),
    ),
    "hangup_while_connecting": Case(
        "patience ends (7) while the agent is reserved (from 5) for the end of the action (13): "
        "the call leaves, the agent takes the next one at once and hears its action out (14)",
        one_queue(
            "0s, 1s, 2s",
            "wait_flow: [{sleep: 2s}, {type: talk, duration: 10s, interruptible: false}]\n"
            "    patience: {distribution: empirical, values: [6s, 6s]}",
            service="5s",
        ),
        """
        0 q 0 0 0 5 done a
        1 q 1 5 - 7 hangup a
        2 q 2 7 - 8 hangup a
        """,
        plays=((2, 2, 0), (2, 0, 0)),
        agents="a service 0 5, a connecting 5 8, a available 8 100",
    ),
    "timeout_while_connecting": Case(
        "`wait_timeout` (6) means nothing while the call is connecting (5 to 13)",
        one_queue(
            "0s, 1s",
            "wait_flow: [{sleep: 2s}, {type: talk, duration: 10s, interruptible: false}]\n"
            "    wait_timeout: 5s",
            service="5s",
        ),
        """
        0 q 0 0 0 5 done a
        1 q 1 5 13 18 done a
        """,
    ),
    "service_timeout": Case(
        "a call is cut at `service_timeout`; one of just that length is not",
        one_queue("0s, 20s", "service_timeout: 6s", "{name: a}", service="10s"),
        """
        0 q 0 0 0 6 done a
        1 q 20 20 20 26 done a
        """,
    ),
    "zero_length_service": Case(
        "a service without length ends before the next arrival of the same instant",
        one_queue("4s, 4s, 4s", service="0s"),
        """
        0 q 4 4 4 4 done a
        1 q 4 4 4 4 done a
        2 q 4 4 4 4 done a
        """,
        agents="a available 0 100",
    ),
    "wrap_up": Case(
        "the agent is available again after service and wrap-up",
        one_queue("0s, 1s, 2s", "wrap_up: 4s"),
        """
        0 q 0 0 0 10 done a
        1 q 1 14 14 24 done a
        2 q 2 28 28 38 done a
        """,
        agents="a service 0 10, a wrap_up 10 14, a service 14 24, a wrap_up 24 28, "
        "a service 28 38, a wrap_up 38 42, a available 42 100",
    ),
    "shift_ends_in_a_call": Case(
        "the end of a shift cuts neither call nor wrap-up; the call that waits is taken when the "
        "next shift starts",
        one_queue(
            "0s, 5s",
            "wrap_up: 2s",
            "{name: a, schedule: [{from: 0s, to: 8s, count: 1}, {from: 20s, to: 40s, count: 1}]}",
        ),
        """
        0 q 0 0 0 10 done a
        1 q 5 20 20 30 done a
        """,
        agents="a service 0 10, a wrap_up 10 12, a off 12 20, a service 20 30, a wrap_up 30 32, "
        "a available 32 40, a off 40 100",
    ),
    "next_shift_starts_in_a_call": Case(
        "a call that outlasts the gap between two shifts: the agent never leaves",
        one_queue(
            "0s, 5s",
            "",
            "{name: a, schedule: [{from: 0s, to: 4s, count: 1}, {from: 8s, to: 40s, count: 1}]}",
        ),
        """
        0 q 0 0 0 10 done a
        1 q 5 10 10 20 done a
        """,
        agents="a service 0 20, a available 20 40, a off 40 100",
    ),
    "shift_ends_as_call_arrives": Case(
        "an arrival (rank 4) comes before the end of a shift (rank 6) at the same instant",
        one_queue("5s, 6s", "wait_timeout: 3s",
                  "{name: a, schedule: [{from: 0s, to: 5s, count: 1}]}"),
        """
        0 q 5 5 5 15 done a
        1 q 6 - - 9 timeout -
        """,
        agents="a available 0 5, a service 5 15, a off 15 100",
    ),
    "shifts_start_at_once": Case(
        "two agents start at one instant: the lower number takes the call that joined first",
        one_queue("1s, 2s, 3s", "",
                  "{name: g, schedule: [{from: 5s, to: 50s, count: 2}]}"),
        """
        0 q 1 5 5 15 done g[0]
        1 q 2 5 5 15 done g[1]
        2 q 3 15 15 25 done g[0]
        """,
    ),
    "queue_without_tags": Case(
        "a queue without tags matches every agent, one with a tag only those who have it",
        """
horizon: 100s
replications: 1
queues:
  - {name: any, arrivals: {at: [0s]}, service_time: 10s}
  - {name: french, tags: [fr], arrivals: {at: [1s]}, service_time: 10s, wait_timeout: 20s}
agents: [{name: a, tags: [en]}]
""",
        """
        0 any 0 0 0 10 done a
        1 french 1 - - 21 timeout -
        """,
    ),
    "tag_match_all_and_any": Case(
        "`all` wants every tag of the queue, `any` one in common",
        """
horizon: 100s
replications: 1
queues:
  - {name: x, tags: [en, vip], arrivals: {at: [0s]}, service_time: 10s, wait_timeout: 5s}
  - {name: y, tags: [en, vip], tag_match: any, arrivals: {at: [1s]}, service_time: 10s}
agents: [{name: a, tags: [en, fr]}]
""",
        """
        0 x 0 - - 5 timeout -
        1 y 1 1 1 11 done a
        """,
    ),
    "horizon_stop": Case(
        "under `stop` nothing happens at or after the horizon (12)",
        """
horizon: 12s
replications: 1
at_horizon: stop
queues:
  - name: q
    arrivals: {at: [0s, 2s, 7s]}
    service_time: 10s
    wait_timeout: 5s
agents: [{name: a}]
""",
        """
        0 q 0 0 0 10 done a
        1 q 2 - - 7 timeout -
        2 q 7 10 10 - service a
        """,
    ),
    "horizon_stop_tie": Case(
        "an event at the horizon itself (12) does not happen",
        """
horizon: 12s
replications: 1
at_horizon: stop
queues:
  - {name: q, arrivals: {at: [2s, 7s, 12s]}, service_time: 10s, wait_timeout: 5s}
agents: [{name: a}]
""",
        """
        0 q 2 2 2 - service a
        1 q 7 - - - waiting -
        """,
    ),
    "horizon_drain": Case(
        "under `drain` calls stop arriving at the horizon (12) and all else goes on, with the "
        "agent whose shift would have ended at 15",
        """
horizon: 12s
replications: 1
queues:
  - {name: q, arrivals: {at: [0s, 2s, 7s, 12s]}, service_time: 10s}
agents: [{name: a, schedule: [{from: 0s, to: 15s, count: 1}]}]
""",
        """
        0 q 0 0 0 10 done a
        1 q 2 10 10 20 done a
        2 q 7 20 20 30 done a
        """,
    ),
    "waits_for_ever": Case(
        "a call that nobody can serve and nothing ends is waiting when all is over; it listens "
        "until the horizon",
        """
horizon: 12s
replications: 1
queues:
  - {name: q, tags: [x], arrivals: {at: [2s]}, service_time: 10s, wait_flow: [{sleep: 4s}]}
agents: [{name: a}]
""",
        "0 q 2 - - - waiting -",
        plays=((3, 2, 0),),
    ),
    "blocked": Case(
        "a call that finds the queue full is blocked; one that finds an agent is not, whatever "
        "the limit",
        one_queue("0s, 1s, 2s, 3s", "max_waiting: 1"),
        """
        0 q 0 0 0 10 done a
        1 q 1 10 10 20 done a
        2 q 2 - - 2 blocked -
        3 q 3 - - 3 blocked -
        """,
    ),
    "no_waiting_room": Case(
        "with `max_waiting: 0` an available agent still takes the call",
        one_queue("0s, 1s, 10s", "max_waiting: 0"),
        """
        0 q 0 0 0 10 done a
        1 q 1 - - 1 blocked -
        2 q 10 10 10 20 done a
        """,
    ),
    "speed": Case(
        "an agent of speed 2 needs half the time, and `service_timeout` cuts what is left of it",
        one_queue("0s, 20s", "service_timeout: 5s", "{name: a, speed: 2}"),
        """
        0 q 0 0 0 5 done a
        1 q 20 20 20 25 done a
        """,
    ),
    "patience_before_timeout": Case(
        "patience and `wait_timeout` at one instant: it is the caller who hangs up",
        one_queue("0s, 1s", "wait_timeout: 5s\n    patience: 5s"),
        """
        0 q 0 0 0 10 done a
        1 q 1 - - 6 hangup -
        """,
    ),
    "no_patience_at_all": Case(
        "patience 0 and no agent: the call leaves at the instant of joining, before the next "
        "arrival of that instant, and hears nothing",
        one_queue("0s, 1s, 1s", "patience: 0s\n    max_waiting: 1\n    wait_flow: [{sleep: 1s}]"),
        """
        0 q 0 0 0 10 done a
        1 q 1 - - 1 hangup -
        2 q 1 - - 1 hangup -
        """,
        plays=((0, 0, 0),),
    ),
    "announcement_hangup": Case(
        "whoever hears the announcement to its end leaves, also at the instant of `wait_timeout`",
        one_queue(
            "0s, 1s",
            "wait_timeout: 4s\n    wait_flow: [{type: talk, duration: 4s, hangup_probability: 1}]",
        ),
        """
        0 q 0 0 0 10 done a
        1 q 1 - - 5 announcement -
        """,
        plays=((1, 1, 1),),
    ),
    "announcement_as_agent_frees": Case(
        "the agent (rank 1) comes before the end of the announcement (rank 3)",
        one_queue("0s, 6s", "wait_flow: [{type: talk, duration: 4s, hangup_probability: 1}]"),
        """
        0 q 0 0 0 10 done a
        1 q 6 10 10 20 done a
        """,
        plays=((1, 1, 0),),
    ),
    "flow_hangs_up": Case(
        "a `hangup` action ends the call with cause `flow`",
        one_queue("0s, 1s", "wait_flow: [{sleep: 3s}, {beep: }, {type: hangup}]"),
        """
        0 q 0 0 0 10 done a
        1 q 1 - - 4.5 flow -
        """,
        plays=((1, 1, 0), (1, 1, 0), (0, 0, 1)),
    ),
    "goto_counts_anew": Case(
        "a `goto` jumps its loop count in each pass: beeps (1 s) twice, then 2 s of silence; a "
        "pass lasts 4 s, the call listens for 9 s",
        one_queue(
            "0s, 1s",
            "wait_flow: [{id: top, type: play, duration: 1s}, "
            "{type: goto, target_id: top, loop_count: 1}, {sleep: 2s}]",
        ),
        """
        0 q 0 0 0 10 done a
        1 q 1 10 10 20 done a
        """,
        plays=((5, 5, 0), (4, 4, 0), (2, 2, 0)),
    ),
    "fewest_calls": Case(
        "`fewest_calls`: b has answered none, then c; then a and b are even and a is first",
        one_queue("0s, 20s, 40s, 60s", "routing_method: fewest_calls",
                  "{name: a}, {name: b}, {name: c}"),
        """
        0 q 0 0 0 10 done a
        1 q 20 20 20 30 done b
        2 q 40 40 40 50 done c
        3 q 60 60 60 70 done a
        """,
    ),
    "longest_idle": Case(
        "`longest_idle`: b and c since 0, then c; then a (since 10) before b (since 30)",
        one_queue("0s, 20s, 40s, 60s", "routing_method: longest_idle",
                  "{name: a}, {name: b}, {name: c}"),
        """
        0 q 0 0 0 10 done a
        1 q 20 20 20 30 done b
        2 q 40 40 40 50 done c
        3 q 60 60 60 70 done a
        """,
    ),
    "never_on_shift": Case(
        "an agent who is offline is never on shift",
        one_queue("0s", "wait_timeout: 7s", "{name: a, status: offline}"),
        "0 q 0 - - 7 timeout -",
    ),
}  # fmt: skip
