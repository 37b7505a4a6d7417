"""Worked out by hand: overflow, `queue_join`, retries, the flow's limit of actions, polling."""

from __future__ import annotations

from .hand_worked import Case, one_queue
from .hand_worked_agents import MISSES

B = "{name: b, tags: [y]}"
EVERY_SECOND = "dispatch: {polling: {start_delay: 1s, retry: 2s, next: 1s, order: newest}}"


def two_queues(
    x_at: str, x: str, y_at: str = "", y: str = "", agents: str = B, top: str = "",
    horizon: str = "100s",
) -> str:  # fmt: skip
    """Queues `x` (service 10 s, tag x) and `y` (service 4 s, tag y) with further fields."""
    return f"""
horizon: {horizon}
replications: 1
{top}
queues:
  - name: x
    tags: [x]
    arrivals: {{at: [{x_at}]}}
    service_time: 10s
    {x}
  - name: y
    tags: [y]
    arrivals: {{at: [{y_at}]}}
    service_time: 4s
    {y}
agents: [{agents}]
"""


AFTER_5 = "overflow: {after: 5s, to: y}"

OVERFLOW = {
    "overflow": Case(
        "nobody takes the call of 1 in x; at 6 it joins y and is served there, as a call of y",
        two_queues("1s", AFTER_5),
        """
        0 x 1 - - 6 overflowed -
        1 y 6 6 6 10 done b of 0
        """,
    ),
    "overflow_chain": Case(
        "x, after 5 s y, after 3 s more z",
        """
horizon: 100s
replications: 1
queues:
  - {name: x, tags: [x], arrivals: {at: [1s]}, service_time: 10s, overflow: {after: 5s, to: y}}
  - {name: y, tags: [y], arrivals: {at: []}, service_time: 4s, overflow: {after: 3s, to: z}}
  - {name: z, tags: [z], arrivals: {at: []}, service_time: 2s}
agents: [{name: c, tags: [z]}]
""",
        """
        0 x 1 - - 6 overflowed -
        1 y 6 - - 9 overflowed - of 0
        2 z 9 9 9 11 done c of 1
        """,
    ),
    "overflow_into_a_full_queue": Case(
        "y has no room and no agent: the call is blocked there",
        two_queues("1s", AFTER_5, "3s", "max_waiting: 0"),
        """
        0 x 1 - - 6 overflowed -
        1 y 3 3 3 7 done b
        2 y 6 - - 6 blocked - of 0
        """,
    ),
    "overflow_as_an_agent_frees": Case(
        "the agent (free at 6, rank 1) takes the call before it overflows (rank 3)",
        two_queues("1s", AFTER_5, "2s", agents="{name: a, tags: [x, y]}"),
        """
        0 x 1 1 1 11 done a
        1 y 2 11 11 15 done a
        """,
    ),
    "overflow_at_the_instant_of_a_service_end": Case(
        "the call of y lasts from 2 to 6; the call of x, due to overflow at 6, is taken in x",
        two_queues(
            "1500ms", "overflow: {after: 4500ms, to: y}", "1s, 2s", agents="{name: a, tags: [x, y]}"
        ),
        # a serves the y call of 1 until 5, then the x call of 1.5 before the y call of 2
        """
        0 y 1 1 1 5 done a
        1 x 1.5 5 5 15 done a
        2 y 2 15 15 19 done a
        """,
    ),
    "overflow_ties_with_service_end": Case(
        "a's call of y (2 to 6) ends at the very instant of the overflow (6): rank 1 goes first",
        two_queues("3s", "overflow: {after: 3s, to: y}", "2s", agents="{name: a, tags: [x, y]}"),
        """
        0 y 2 2 2 6 done a
        1 x 3 6 6 16 done a
        """,
    ),
    "overflow_while_connecting": Case(
        "overflow (6) means nothing while the phone rings (1 to 9)",
        two_queues("1s", AFTER_5, agents="{name: a, tags: [x], ring: {delay: 8s}}"),
        "0 x 1 1 9 19 done a",
    ),
    "overflow_passed_while_ringing": Case(
        "at the return (9) its time (6) has passed: the call overflows then",
        two_queues(
            "1s",
            AFTER_5,
            agents="{name: a, tags: [x], ring: {no_answer: 1, timeout: 8s, penalty: 20s}}, " + B,
        ),
        """
        0 x 1 1 - 9 overflowed -
        1 y 9 9 9 13 done b of 0
        """,
        rings=1,
    ),
    "timeout_and_overflow_passed_while_ringing": Case(
        "both passed while the phone rang (overflow at 3, `wait_timeout` at 6): the timeout wins",
        two_queues(
            "1s",
            "wait_timeout: 5s\n    overflow: {after: 2s, to: y}",
            agents="{name: a, tags: [x], ring: {no_answer: 1, timeout: 8s, penalty: 20s}}, " + B,
        ),
        "0 x 1 1 - 9 timeout -",
        rings=1,
    ),
    "overflow_at_once": Case(
        "`after: 0s`: whoever finds no agent goes on at the instant of joining",
        two_queues("0s, 1s", "overflow: {after: 0s, to: y}", agents="{name: a, tags: [x]}, " + B),
        """
        0 x 0 0 0 10 done a
        1 x 1 - - 1 overflowed -
        2 y 1 1 1 5 done b of 1
        """,
    ),
    "overflow_and_timeout_at_once": Case(
        "`wait_timeout` and overflow at one instant: the timeout",
        two_queues("1s", "wait_timeout: 5s\n    " + AFTER_5),
        "0 x 1 - - 6 timeout -",
    ),
    "overflow_and_patience_at_once": Case(
        "patience and overflow at one instant: the caller hangs up",
        two_queues("1s", "patience: 5s\n    " + AFTER_5),
        "0 x 1 - - 6 hangup -",
    ),
    "overflow_during_a_break": Case(
        "the agent of both queues is on a break (2 to 12); the call of 3 overflows at 8 and is "
        "taken from y",
        two_queues(
            "3s", AFTER_5, agents="{name: a, tags: [x, y], breaks: [{at: 2s, length: 10s}]}"
        ),
        """
        0 x 3 - - 8 overflowed -
        1 y 8 12 12 16 done a of 0
        """,
    ),
    "patience_runs_on": Case(
        "patience (9 s from 1, drawn in x) ends in y at 10, whatever patience y's own callers have",
        two_queues(
            "1s", "patience: 9s\n    " + AFTER_5, y="patience: 2s", agents="{name: c, tags: [z]}"
        ),
        """
        0 x 1 - - 6 overflowed -
        1 y 6 - - 10 hangup - of 0
        """,
    ),
    "timeout_starts_anew": Case(
        "the `wait_timeout` of y (7 s) runs from joining y (6)",
        two_queues("1s", AFTER_5, y="wait_timeout: 7s", agents="{name: c, tags: [z]}"),
        """
        0 x 1 - - 6 overflowed -
        1 y 6 - - 13 timeout - of 0
        """,
    ),
    "place_by_joining_the_new_queue": Case(
        "in y the overflowed call (6) comes after the call of 5, though it called first",
        two_queues("1s", AFTER_5, "4s, 5s"),
        """
        0 x 1 - - 6 overflowed -
        1 y 4 4 4 8 done b
        2 y 5 8 8 12 done b
        3 y 6 12 12 16 done b of 0
        """,
    ),
    "overflow_and_arrival_at_once": Case(
        "a call of the workload comes before one by overflow at the same instant (6)",
        two_queues("1s", AFTER_5, "6s"),
        """
        0 x 1 - - 6 overflowed -
        1 y 6 6 6 10 done b
        2 y 6 10 10 14 done b of 0
        """,
    ),
    "two_overflows_at_once": Case(
        "two calls overflow at 6: first the child of the lower number",
        two_queues("1s, 1s", AFTER_5),
        """
        0 x 1 - - 6 overflowed -
        1 x 1 - - 6 overflowed -
        2 y 6 6 6 10 done b of 0
        3 y 6 10 10 14 done b of 1
        """,
    ),
    "overflow_after_the_horizon": Case(
        "under `drain` overflow goes on after the horizon (3)",
        two_queues("1s", AFTER_5, horizon="3s"),
        """
        0 x 1 - - 6 overflowed -
        1 y 6 6 6 10 done b of 0
        """,
    ),
    "new_queue_new_flow": Case(
        "the wait flow of y starts with the call there: from 6 to 9 one play, then the talk that "
        "ends at 9 drives the caller away",
        two_queues(
            "1s",
            AFTER_5 + "\n    wait_flow: [{sleep: 2s}]",
            y="wait_flow: [{type: talk, duration: 3s, hangup_probability: 1}]",
            agents="{name: c, tags: [z]}",
        ),
        """
        0 x 1 - - 6 overflowed -
        1 y 6 - - 9 announcement - of 0
        """,
        plays=((3, 2, 0), (1, 1, 1)),
    ),
    "queue_join": Case(
        "after 3 s the flow of x sends the call on to y",
        two_queues("1s", "wait_flow: [{sleep: 3s}, {queue_join: y}]"),
        """
        0 x 1 - - 4 overflowed -
        1 y 4 4 4 8 done b of 0
        """,
        plays=((1, 1, 0), (0, 0, 0)),
    ),
    "queue_join_while_connecting": Case(
        "the `queue_join` (4) is reached while the phone rings (1 to 6): nothing happens, and "
        "silence follows",
        two_queues(
            "1s",
            "wait_flow: [{sleep: 3s}, {queue_join: y}]",
            agents="{name: a, tags: [x], ring: {delay: 5s}}",
        ),
        "0 x 1 1 6 16 done a",
        plays=((1, 1, 0), (0, 0, 0)),
    ),
    "queue_join_and_timeout_at_once": Case(
        "the flow (rank 3, kind flow) comes before `wait_timeout` at 4",
        two_queues("1s", "wait_timeout: 3s\n    wait_flow: [{sleep: 3s}, {queue_join: y}]"),
        """
        0 x 1 - - 4 overflowed -
        1 y 4 4 4 8 done b of 0
        """,
    ),
    "own_service_time_after_overflow": Case(
        "served by a group with a time of its own for y (7 s)",
        two_queues("1s", AFTER_5, agents="{name: b, tags: [y], service_time: {y: 7s}}"),
        """
        0 x 1 - - 6 overflowed -
        1 y 6 6 6 13 done b of 0
        """,
    ),
}

AGAIN = "retry: {probability: 1, delay: 10s"
LATE = "{name: a, schedule: [{from: 12s, to: 90s, count: 1}]}"

RETRIES = {
    "retry": Case(
        "left at 5, calls again at 15, when the agent is there",
        one_queue("1s", f"wait_timeout: 4s\n    {AGAIN}}}", LATE),
        """
        0 q 1 - - 5 timeout -
        1 q 15 15 15 25 done a of 0 try 2
        """,
    ),
    "retry_until_max_attempts": Case(
        "three calls in all: at 1, 15 and 29",
        one_queue("1s", f"wait_timeout: 4s\n    {AGAIN}}}", "{name: a, status: offline}"),
        """
        0 q 1 - - 5 timeout -
        1 q 15 - - 19 timeout - of 0 try 2
        2 q 29 - - 33 timeout - of 1 try 3
        """,
    ),
    "retry_two_attempts": Case(
        "`max_attempts: 2`",
        one_queue(
            "1s",
            f"wait_timeout: 4s\n    {AGAIN}, max_attempts: 2}}",
            "{name: a, status: offline}",
        ),
        """
        0 q 1 - - 5 timeout -
        1 q 15 - - 19 timeout - of 0 try 2
        """,
    ),
    "retry_of_a_blocked_call": Case(
        "blocked at 1, again at 11, when the agent is free",
        one_queue("0s, 1s", f"max_waiting: 0\n    {AGAIN}}}"),
        """
        0 q 0 0 0 10 done a
        1 q 1 - - 1 blocked -
        2 q 11 11 11 21 done a of 1 try 2
        """,
    ),
    "retry_into_a_full_queue": Case(
        "blocked at 1 and again at 6, served at 11",
        one_queue("0s, 1s", "max_waiting: 0\n    retry: {probability: 1, delay: 5s}"),
        """
        0 q 0 0 0 10 done a
        1 q 1 - - 1 blocked -
        2 q 6 - - 6 blocked - of 1 try 2
        3 q 11 11 11 21 done a of 2 try 3
        """,
    ),
    "retry_on_blocked_only": Case(
        "who abandons does not call again when only the blocked do",
        one_queue(
            "1s", f"wait_timeout: 4s\n    {AGAIN}, on: [blocked]}}", "{name: a, status: offline}"
        ),
        "0 q 1 - - 5 timeout -",
    ),
    "retry_on_abandoned_only": Case(
        "who is blocked does not call again when only those do who abandon",
        one_queue("0s, 1s", f"max_waiting: 0\n    {AGAIN}, on: [abandoned]}}"),
        """
        0 q 0 0 0 10 done a
        1 q 1 - - 1 blocked -
        """,
    ),
    "retry_at_the_horizon": Case(
        "left at 5, would call again at the horizon (15): never; the call of 0 does so at 14",
        one_queue("0s, 1s", f"wait_timeout: 4s\n    {AGAIN}}}", LATE).replace(
            "horizon: 100s", "horizon: 15s"
        ),
        """
        0 q 0 - - 4 timeout -
        1 q 1 - - 5 timeout -
        2 q 14 14 14 24 done a of 0 try 2
        """,
    ),
    "retry_without_probability": Case(
        "with probability 0 nobody calls again",
        one_queue(
            "1s",
            "wait_timeout: 4s\n    retry: {probability: 0, delay: 1s}",
            "{name: a, status: offline}",
        ),
        "0 q 1 - - 5 timeout -",
    ),
    "retry_after_overflow": Case(
        "the rule of y, where the call was lost (8): again in y at 13; x has none",
        two_queues(
            "1s",
            "overflow: {after: 3s, to: y}",
            y="wait_timeout: 4s\n    retry: {probability: 1, delay: 5s, max_attempts: 2}",
            agents="{name: b, tags: [y], schedule: [{from: 10s, to: 90s, count: 1}]}",
        ),
        """
        0 x 1 - - 4 overflowed -
        1 y 4 - - 8 timeout - of 0
        2 y 13 13 13 17 done b of 1 try 2
        """,
    ),
    "retry_overflows_again": Case(
        "the second attempt (11 in x) overflows like the first, and keeps its number of attempts",
        two_queues(
            "1s",
            "wait_timeout: 20s\n    overflow: {after: 3s, to: y}\n    patience: 5s\n"
            "    retry: {probability: 1, delay: 5s, max_attempts: 2}",
            y="retry: {probability: 1, delay: 7s, max_attempts: 2}",
            agents="{name: c, tags: [z]}",
        ),
        # x 1 to 4, y 4 to 6 (patience from 1), y again at 13, no patience of y's own: for ever
        """
        0 x 1 - - 4 overflowed -
        1 y 4 - - 6 hangup - of 0
        2 y 13 - - - waiting - of 1 try 2
        """,
    ),
    "retry_and_arrival_at_once": Case(
        "a call of the workload comes before one by retry at the same instant (15)",
        one_queue(
            "1s, 15s",
            "wait_timeout: 11s\n    retry: {probability: 1, delay: 3s}",
            "{name: a, schedule: [{from: 14s, to: 90s, count: 1}]}",
        ),
        """
        0 q 1 - - 12 timeout -
        1 q 15 15 15 25 done a
        2 q 15 25 25 35 done a of 0 try 2
        """,
    ),
    "retry_with_stop": Case(
        "under `stop` with the horizon 12 the caller who left at 5 is not back yet",
        one_queue("1s", f"wait_timeout: 4s\n    {AGAIN}}}", LATE, "at_horizon: stop").replace(
            "horizon: 100s", "horizon: 12s"
        ),
        "0 q 1 - - 5 timeout -",
    ),
}

LIMIT = {
    "limit_of_the_deployed_platform": Case(
        "a pass of two actions counts 4: 25 passes of 13 s make 100; the 26th does not begin",
        one_queue(
            "1s",
            "tags: [x]\n    wait_flow: [{sleep: 10s}, {type: play, duration: 3s}]",
            top="dispatch: deployed",
        ),
        "0 q 1 - - 326 flow -",
        plays=((25, 25, 0), (25, 25, 0)),
    ),
    "limit_within_a_pass": Case(
        "a pass counts 5: with a limit of 9 the third action of the second pass does not begin "
        "(1 + 7 + 3)",
        one_queue(
            "1s",
            "tags: [x]\n    wait_flow: [{sleep: 1s}, {sleep: 2s}, {sleep: 4s}]",
            top="flow_action_limit: 9",
        ),
        "0 q 1 - - 11 flow -",
        plays=((2, 2, 0), (2, 2, 0), (1, 1, 0)),
    ),
    "limit_counts_jumps": Case(
        "a pass (2), play, goto, play, goto: 6; the last sleep would be the 7th: after 2 s, at the "
        "instant of the second goto, which takes no time and so is not started",
        one_queue(
            "1s",
            "tags: [x]\n    wait_flow: [{id: top, type: play, duration: 1s}, "
            "{type: goto, target_id: top, loop_count: 1}, {sleep: 5s}]",
            top="flow_action_limit: 6",
        ),
        "0 q 1 - - 3 flow -",
        plays=((2, 2, 0), (1, 1, 0), (0, 0, 0)),
    ),
    "limit_without_an_action": Case(
        "the pass counts 2, its first action would be the third: the call leaves as it joins",
        one_queue("1s", "tags: [x]\n    wait_flow: [{sleep: 1s}]", top="flow_action_limit: 2"),
        "0 q 1 - - 1 flow -",
        plays=((0, 0, 0),),
    ),
    "limit_while_connecting": Case(
        "the limit (2) is reached while the phone rings: nothing happens, and the flow is over",
        one_queue(
            "0s",
            "wait_timeout: 12s\n    wait_flow: [{sleep: 2s}]",
            f"{{name: a, {MISSES}}}",
            top="flow_action_limit: 3",
        ),
        "0 q 0 0 - 12 timeout -",
        plays=((1, 1, 0),),
        rings=1,
    ),
    "limit_and_timeout_at_once": Case(
        "the limit (3, of the flow) comes before `wait_timeout` at that instant",
        one_queue(
            "1s",
            "tags: [x]\n    wait_timeout: 2s\n    wait_flow: [{sleep: 2s}]",
            top="flow_action_limit: 3",
        ),
        "0 q 1 - - 3 flow -",
        plays=((1, 1, 0),),
    ),
    "hangup_within_the_limit": Case(
        "a `hangup` that is the last action allowed takes place",
        one_queue(
            "1s",
            "tags: [x]\n    wait_flow: [{sleep: 2s}, {type: hangup}]",
            top="flow_action_limit: 4",
        ),
        "0 q 1 - - 3 flow -",
        plays=((1, 1, 0), (0, 0, 1)),
    ),
    "hangup_beyond_the_limit": Case(
        "one that is the first not allowed does not: the call leaves all the same, uncounted",
        one_queue(
            "1s",
            "tags: [x]\n    wait_flow: [{sleep: 2s}, {type: hangup}]",
            top="flow_action_limit: 3",
        ),
        "0 q 1 - - 3 flow -",
        plays=((1, 1, 0), (0, 0, 0)),
    ),
}

POLLING = {
    "polling_start_delay": Case(
        "the loop wakes 1 s after the call has joined",
        one_queue("3s", top=EVERY_SECOND),
        "0 q 3 4 4 14 done a",
        agents="a available 0 4, a service 4 14, a available 14 100",
    ),
    "polling_newest": Case(
        "tick 1 routes the first call, tick 2 fails (the call of 2 is there), retries at 4, 6, .., "
        "12: the newest; then ticks 13 (fails), 15, .., 23",
        one_queue("0s, 2s, 3s", top=EVERY_SECOND),
        """
        0 q 0 1 1 11 done a
        1 q 2 23 23 33 done a
        2 q 3 12 12 22 done a
        """,
        agents="a available 0 1, a service 1 11, a available 11 12, a service 12 22, "
        "a available 22 23, a service 23 33, a available 33 100",
    ),
    "polling_oldest": Case(
        "the same with the oldest first",
        one_queue("0s, 2s, 3s", top=EVERY_SECOND.replace("newest", "oldest")),
        """
        0 q 0 1 1 11 done a
        1 q 2 12 12 22 done a
        2 q 3 23 23 33 done a
        """,
    ),
    "polling_stops_and_wakes": Case(
        "tick 2 finds nobody and stops the loop; the call of 20 wakes it",
        one_queue("0s, 20s", top=EVERY_SECOND),
        """
        0 q 0 1 1 11 done a
        1 q 20 21 21 31 done a
        """,
    ),
    "polling_joins_a_running_loop": Case(
        "the call of 1.5 joins while a tick is pending (2) and waits for that only",
        one_queue("0s, 1500ms", "routing_method: listed", "{name: a}, {name: b}", top=EVERY_SECOND),
        """
        0 q 0 1 1 11 done a
        1 q 1.5 2 2 12 done b
        """,
    ),
    "polling_timeout_at_the_tick": Case(
        "`wait_timeout` (12, rank 3) comes before the tick (12, rank 5), though an agent is free",
        one_queue("0s, 3s", "wait_timeout: 9s", top=EVERY_SECOND),
        """
        0 q 0 1 1 11 done a
        1 q 3 - - 12 timeout -
        """,
    ),
    "polling_service_ends_at_the_tick": Case(
        "the service ends at 12 (rank 1), the tick of 12 (rank 5) finds the agent",
        one_queue("0s, 3s", service="11s", top=EVERY_SECOND),
        """
        0 q 0 1 1 12 done a
        1 q 3 12 12 23 done a
        """,
    ),
    "polling_arrival_at_the_tick": Case(
        "a call that arrives at 12 (rank 4) is the newest at the tick of 12 (rank 5)",
        one_queue("0s, 3s, 12s", top=EVERY_SECOND),
        """
        0 q 0 1 1 11 done a
        1 q 3 23 23 33 done a
        2 q 12 12 12 22 done a
        """,
    ),
    "polling_max_waiting": Case(
        "`max_waiting` compares the number waiting only, though both agents are available",
        one_queue("0s, 500ms", "max_waiting: 1", "{name: a}, {name: b}", top=EVERY_SECOND).replace(
            "max_waiting: 1", "max_waiting: 1\n    routing_method: listed"
        ),
        """
        0 q 0 1 1 11 done a
        1 q 0.5 - - 0.5 blocked -
        """,
    ),
    "polling_next": Case(
        "a tick a second, each for the newest",
        one_queue(
            "0s, 0s, 0s",
            "routing_method: listed",
            "{name: a}, {name: b}, {name: c}",
            top=EVERY_SECOND,
        ),
        """
        0 q 0 3 3 13 done c
        1 q 0 2 2 12 done b
        2 q 0 1 1 11 done a
        """,
    ),
    "polling_ring_return": Case(
        "a misses the ring (1 to 5); the loop stopped at 2, the return wakes it: tick 6, b",
        one_queue(
            "0s", "routing_method: listed", f"{{name: a, {MISSES}}}, {{name: b}}", top=EVERY_SECOND
        ),
        "0 q 0 6 6 16 done b",
        agents="a available 0 1, a connecting 1 5, a penalty 5 25, a available 25 100, "
        "b available 0 6, b service 6 16, b available 16 100",
        rings=1,
    ),
    "polling_ring_return_without_penalty": Case(
        "a is available again at 5 and gets the call at the tick of 6",
        one_queue(
            "0s",
            "wait_timeout: 9s",
            "{name: a, ring: {no_answer: 1, timeout: 4s}}",
            top=EVERY_SECOND,
        ),
        "0 q 0 6 - 10 timeout -",
        agents="a available 0 1, a connecting 1 5, a available 5 6, a connecting 6 10, "
        "a available 10 100",
        rings=2,
    ),
    "polling_two_queues_at_once": Case(
        "both loops tick at 1: x (lower number) gets the agent; y retries at 3, .., 11, where the "
        "service has just ended",
        two_queues(
            "0s", "priority: 0", "0s", "priority: 9", "{name: a, tags: [x, y]}", top=EVERY_SECOND
        ),
        """
        0 x 0 1 1 11 done a
        1 y 0 11 11 15 done a
        """,
    ),
    "polling_and_overflow": Case(
        "overflow at 6 wakes the loop of y: tick 7",
        two_queues("1s", AFTER_5, top=EVERY_SECOND),
        """
        0 x 1 - - 6 overflowed -
        1 y 6 7 7 11 done b of 0
        """,
    ),
    "polling_stop_before_the_tick": Case(
        "the tick of 12 does not happen under `stop` at 12",
        one_queue("0s, 5s", top=EVERY_SECOND + "\nat_horizon: stop").replace(
            "horizon: 100s", "horizon: 12s"
        ),
        """
        0 q 0 1 1 11 done a
        1 q 5 - - - waiting -
        """,
    ),
    "polling_drain": Case(
        "under `drain` it does",
        one_queue("0s, 5s", top=EVERY_SECOND).replace("horizon: 100s", "horizon: 12s"),
        """
        0 q 0 1 1 11 done a
        1 q 5 12 12 22 done a
        """,
    ),
    "polling_drain_waits_for_a_tick": Case(
        "only a tick is pending (12), but it will find the agent: the run goes on",
        one_queue("0s, 5s", top=EVERY_SECOND).replace("horizon: 100s", "horizon: 11500ms"),
        """
        0 q 0 1 1 11 done a
        1 q 5 12 12 22 done a
        """,
    ),
    "polling_for_ever": Case(
        "ticks alone do not keep a run going: nobody matches the call",
        one_queue("0s", "tags: [x]", top=EVERY_SECOND),
        "0 q 0 - - - waiting -",
        agents="a available 0 100",
    ),
    "polling_first_action_to_be_heard_out": Case(
        "the first action (0 to 5) began with the call and is heard out",
        one_queue(
            "0s",
            "wait_flow: [{type: play, duration: 5s, interruptible: false}]",
            top=EVERY_SECOND,
        ),
        "0 q 0 1 5 15 done a",
        plays=((1, 1, 0),),
    ),
    "polling_initial": Case(
        "a call that waits since -3 wakes the loop at 0: tick 1",
        one_queue("50s", top=EVERY_SECOND + "\ninitial: {waiting: [{queue: q, since: 3s}]}"),
        """
        0 q -3 1 1 11 done a
        1 q 50 51 51 61 done a
        """,
    ),
}

CASES = {**OVERFLOW, **RETRIES, **LIMIT, **POLLING}
