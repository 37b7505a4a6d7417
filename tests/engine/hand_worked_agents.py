"""Worked out by hand: ringing, penalties, breaks, shrinkage, own service times, initial calls."""

from __future__ import annotations

from .hand_worked import Case, one_queue

MISSES = "ring: {no_answer: 1, timeout: 4s, penalty: 20s}"
"""An agent who never answers: the phone rings for 4 s, then the agent is out for 20 s."""


def start(initial: str, more: str = "", agents: str = "{name: a}", at: str = "8s") -> str:
    """One queue `q` with a service of 10 s and calls that are there at the start."""
    return one_queue(at, more, agents, top=f"initial: {{{initial}}}")


RINGING = {
    "ring_delays_the_answer": Case(
        "routed at 1, the phone rings for 3 s",
        one_queue("1s", agents="{name: a, ring: {delay: 3s}}"),
        "0 q 1 1 4 14 done a",
        agents="a available 0 1, a connecting 1 4, a service 4 14, a available 14 100",
        rings=0,
    ),
    "ring_and_first_action_to_be_heard_out": Case(
        "a call routed on arrival listens while the phone rings (1 to 4) and hears the marked "
        "action, which began with it, to its end (6)",
        one_queue(
            "1s",
            "wait_flow: [{type: play, duration: 5s, interruptible: false}, {sleep: 20s}]",
            "{name: a, ring: {delay: 3s}}",
        ),
        "0 q 1 1 6 16 done a",
        plays=((1, 1, 0), (0, 0, 0)),
    ),
    "marked_action_begins_while_ringing": Case(
        "the marked action (2 to 6) began before the agent answers (3)",
        one_queue(
            "0s",
            "wait_flow: [{sleep: 2s}, {type: play, duration: 4s, interruptible: false}]",
            "{name: a, ring: {delay: 3s}}",
        ),
        "0 q 0 0 6 16 done a",
        plays=((1, 1, 0), (1, 1, 0)),
    ),
    "marked_action_begins_with_the_answer": Case(
        "a marked action that would begin as the agent answers (3) delays nothing",
        one_queue(
            "0s",
            "wait_flow: [{sleep: 3s}, {type: play, duration: 4s, interruptible: false}]",
            "{name: a, ring: {delay: 3s}}",
        ),
        "0 q 0 0 3 13 done a",
        plays=((1, 1, 0), (0, 0, 0)),
    ),
    "ring_missed_another_agent": Case(
        "a does not answer (0 to 4) and is out until 24; b takes the call at once; the call of 5 "
        "waits for b, who is free at 14",
        one_queue("0s, 5s", "routing_method: listed", f"{{name: a, {MISSES}}}, {{name: b}}"),
        """
        0 q 0 4 4 14 done b
        1 q 5 14 14 24 done b
        """,
        agents="a connecting 0 4, a penalty 4 24, a available 24 100, b available 0 4, "
        "b service 4 24, b available 24 100",
        rings=1,
    ),
    "ring_missed_without_penalty": Case(
        "alone and without a penalty, a is free once the call waits again, and gets it again: "
        "rings from 0, 4 and 8; at 12 `wait_timeout` (10) has passed",
        one_queue("0s", "wait_timeout: 10s", "{name: a, ring: {no_answer: 1, timeout: 4s}}"),
        "0 q 0 8 - 12 timeout -",
        agents="a connecting 0 12, a available 12 100",
        rings=3,
    ),
    "ring_missed_no_penalty_another_agent": Case(
        "the call is routed to b before a is free again; a then takes the call of 1",
        one_queue(
            "0s, 0s, 1s",
            "routing_method: listed\n    wait_timeout: 9s",
            "{name: a, ring: {no_answer: 1, timeout: 4s}}, {name: b}",
            service="4s",
        ),
        # a rings 0 from 0, b serves 1 from 0 to 4; at 4 b takes 2, then 0 comes back
        """
        0 q 0 8 8 12 done b
        1 q 0 0 0 4 done b
        2 q 1 4 4 8 done b
        """,
        agents="a connecting 0 8, a available 8 100, b service 0 12, b available 12 100",
        rings=2,
    ),
    "timeout_as_ring_ends": Case(
        "`wait_timeout` at the instant of the return (4): the call waits again, then leaves",
        one_queue("0s", "wait_timeout: 4s", f"{{name: a, {MISSES}}}"),
        "0 q 0 0 - 4 timeout -",
        agents="a connecting 0 4, a penalty 4 24, a available 24 100",
        rings=1,
    ),
    "timeout_as_ring_ends_another_agent": Case(
        "with another agent available it is routed at that instant and never leaves",
        one_queue(
            "0s",
            "wait_timeout: 4s\n    routing_method: listed",
            f"{{name: a, {MISSES}}}, {{name: b}}",
        ),
        "0 q 0 4 4 14 done b",
        rings=1,
    ),
    "timeout_passed_while_ringing": Case(
        "`wait_timeout` (3) passed while the phone rang: the call leaves at the return (4), though "
        "b is available",
        one_queue(
            "0s",
            "wait_timeout: 3s\n    routing_method: listed",
            f"{{name: a, {MISSES}}}, {{name: b}}",
        ),
        "0 q 0 0 - 4 timeout -",
        agents="a connecting 0 4, a penalty 4 24, a available 24 100, b available 0 100",
        rings=1,
    ),
    "patience_while_ringing": Case(
        "the caller hangs up (3) before the answer (6); the agent is free at once, no ring missed",
        one_queue("1s, 2s", "patience: 2s", "{name: a, ring: {delay: 5s}}"),
        """
        0 q 1 1 - 3 hangup a
        1 q 2 3 - 4 hangup a
        """,
        agents="a available 0 1, a connecting 1 4, a available 4 100",
        rings=0,
    ),
    "patience_as_the_agent_answers": Case(
        "the answer (rank 2) comes before the end of patience (rank 3)",
        one_queue("1s", "patience: 3s", "{name: a, ring: {delay: 3s}}"),
        "0 q 1 1 4 14 done a",
    ),
    "patience_as_the_ring_ends": Case(
        "the end of the ring (4) comes before that of patience: the call waits, is given the same "
        "agent at once, and hangs up, all at 4",
        one_queue("0s", "patience: 4s", "{name: a, ring: {no_answer: 1, timeout: 4s}}"),
        "0 q 0 4 - 4 hangup a",
        agents="a connecting 0 4, a available 4 100",
        rings=1,
    ),
    "patience_while_hearing_out_after_a_ring": Case(
        "the agent has answered (3), the action ends at 6, patience at 5",
        one_queue(
            "0s",
            "patience: 5s\n    wait_flow: [{sleep: 2s}, {type: play, duration: 4s, "
            "interruptible: false}]",
            "{name: a, ring: {delay: 3s}}",
        ),
        "0 q 0 0 - 5 hangup a",
        plays=((1, 1, 0), (1, 0, 0)),
        agents="a connecting 0 5, a available 5 100",
    ),
    "ring_longer_than_its_timeout": Case(
        "an answer after 9 s is none when the phone stops after 4: rings from 0, 14, 28, penalties "
        "of 10 s; at 32 `wait_timeout` (30) has passed",
        one_queue(
            "0s",
            "wait_timeout: 30s",
            "{name: a, ring: {delay: 9s, timeout: 4s, penalty: 10s}}",
        ),
        "0 q 0 28 - 32 timeout -",
        agents="a connecting 0 4, a penalty 4 14, a connecting 14 18, a penalty 18 28, "
        "a connecting 28 32, a penalty 32 42, a available 42 100",
        rings=3,
    ),
    "ring_as_long_as_its_timeout": Case(
        "an answer at just the timeout is an answer",
        one_queue("0s", agents="{name: a, ring: {delay: 4s, timeout: 4s}}"),
        "0 q 0 0 4 14 done a",
        rings=0,
    ),
    "announcement_ends_while_ringing": Case(
        "the caller would hang up at the end of the talk (2), but the answer is under way; two "
        "plays begun, one completed",
        one_queue(
            "0s",
            "wait_flow: [{type: talk, duration: 2s, hangup_probability: 1}]",
            "{name: a, ring: {delay: 3s}}",
        ),
        "0 q 0 0 3 13 done a",
        plays=((2, 1, 0),),
    ),
    "flow_hangs_up_while_ringing": Case(
        "the `hangup` (2) comes while the phone rings: nothing happens, and the flow is over; the "
        "call comes back at 4 to silence",
        one_queue(
            "0s",
            "wait_timeout: 12s\n    wait_flow: [{sleep: 2s}, {type: hangup}]",
            f"{{name: a, {MISSES}}}",
        ),
        "0 q 0 0 - 12 timeout -",
        plays=((1, 1, 0), (0, 0, 0)),
        rings=1,
    ),
    "back_at_its_place_fifo": Case(
        "the call that came back (4) joined before the call of 2 and is taken first, at 11",
        one_queue("0s, 1s, 2s", "routing_method: listed", f"{{name: a, {MISSES}}}, {{name: b}}"),
        """
        0 q 0 11 11 21 done b
        1 q 1 1 1 11 done b
        2 q 2 21 21 31 done b
        """,
        rings=1,
    ),
    "back_at_its_place_lifo": Case(
        "under `lifo` the call of 2 joined last, whenever the other came back",
        one_queue(
            "0s, 1s, 2s",
            "routing_method: listed\n    discipline: lifo",
            f"{{name: a, {MISSES}}}, {{name: b}}",
        ),
        """
        0 q 0 21 21 31 done b
        1 q 1 1 1 11 done b
        2 q 2 11 11 21 done b
        """,
        rings=1,
    ),
    "agent_free_as_the_ring_ends": Case(
        "b (free at 4, rank 1) is available when the ring of a ends (4, rank 2)",
        one_queue(
            "0s, 0s",
            "routing_method: listed",
            f"{{name: a, {MISSES}}}, {{name: b}}",
            service="4s",
        ),
        """
        0 q 0 4 4 8 done b
        1 q 0 0 0 4 done b
        """,
        rings=1,
    ),
    "shift_ends_while_ringing_answered": Case(
        "the shift ends (2) while the phone rings; the call is answered and served in overtime",
        one_queue(
            "1s", agents="{name: a, ring: {delay: 3s}, schedule: [{from: 0s, to: 2s, count: 1}]}"
        ),
        "0 q 1 1 4 14 done a",
        agents="a available 0 1, a connecting 1 4, a service 4 14, a off 14 100",
    ),
    "shift_ends_while_ringing_not_answered": Case(
        "the agent leaves as the ring ends (5), without a penalty",
        one_queue(
            "1s",
            "wait_timeout: 10s",
            f"{{name: a, {MISSES}, schedule: [{{from: 0s, to: 2s, count: 1}}]}}",
        ),
        "0 q 1 1 - 11 timeout -",
        agents="a available 0 1, a connecting 1 5, a off 5 100",
        rings=1,
    ),
    "shift_ends_while_ringing_caller_hangs_up": Case(
        "the caller hangs up at 4 after the shift's end (2): the agent leaves",
        one_queue(
            "1s",
            "patience: 3s",
            "{name: a, ring: {delay: 8s}, schedule: [{from: 0s, to: 2s, count: 1}]}",
        ),
        "0 q 1 1 - 4 hangup a",
        agents="a available 0 1, a connecting 1 4, a off 4 100",
    ),
    "shift_ends_in_a_penalty": Case(
        "a penalty (4 to 24) ends with the shift (10)",
        one_queue(
            "0s",
            "wait_timeout: 15s",
            f"{{name: a, {MISSES}, schedule: [{{from: 0s, to: 10s, count: 1}}]}}",
        ),
        "0 q 0 0 - 15 timeout -",
        agents="a connecting 0 4, a penalty 4 10, a off 10 100",
    ),
    "penalty_ends_after_the_last_call": Case(
        "under `drain` nothing is left to happen after the call has left (8, the horizon is 7)",
        one_queue("2s", "wait_timeout: 6s", f"{{name: a, {MISSES}}}").replace(
            "horizon: 100s", "horizon: 7s"
        ),
        "0 q 2 2 - 8 timeout -",
        agents="a available 0 2, a connecting 2 6, a penalty 6 8",
    ),
    "stop_while_ringing": Case(
        "under `stop` the phone still rings at the horizon (12)",
        one_queue("10s", agents="{name: a, ring: {delay: 5s}}", top="at_horizon: stop").replace(
            "horizon: 100s", "horizon: 12s"
        ),
        "0 q 10 10 - - connecting a",
        agents="a available 0 10, a connecting 10 12",
    ),
    "ring_and_wrap_up": Case(
        "the next call rings after the wrap-up (17), for 3 s",
        one_queue("0s, 1s", "wrap_up: 4s", "{name: a, ring: {delay: 3s}}"),
        """
        0 q 0 0 3 13 done a
        1 q 1 17 20 30 done a
        """,
        agents="a connecting 0 3, a service 3 13, a wrap_up 13 17, a connecting 17 20, "
        "a service 20 30, a wrap_up 30 34, a available 34 100",
    ),
}

BREAKS = {
    "break": Case(
        "an available agent goes; the call of 7 waits for the break's end (15)",
        one_queue("7s", agents="{name: a, breaks: [{at: 5s, length: 10s}]}"),
        "0 q 7 15 15 25 done a",
        agents="a available 0 5, a break 5 15, a service 15 25, a available 25 100",
    ),
    "break_delayed_by_a_call": Case(
        "a break that begins in a call (5) is taken after it, in full",
        one_queue("0s, 6s", agents="{name: a, breaks: [{at: 5s, length: 10s}]}"),
        """
        0 q 0 0 0 10 done a
        1 q 6 20 20 30 done a
        """,
        agents="a service 0 10, a break 10 20, a service 20 30, a available 30 100",
    ),
    "break_delayed_by_wrap_up": Case(
        "a break that begins in the wrap-up (12) is taken after it (14)",
        one_queue("0s", "wrap_up: 4s", "{name: a, breaks: [{at: 12s, length: 5s}]}"),
        "0 q 0 0 0 10 done a",
        agents="a service 0 10, a wrap_up 10 14, a break 14 19, a available 19 100",
    ),
    "two_breaks_owed": Case(
        "both breaks begin in the call: one of 4 s + 6 s follows",
        one_queue(
            "0s",
            agents="{name: a, breaks: [{at: 5s, length: 4s}, {at: 15s, length: 6s}]}",
            service="30s",
        ),
        "0 q 0 0 0 30 done a",
        agents="a service 0 30, a break 30 40, a available 40 100",
    ),
    "break_begins_in_a_delayed_break": Case(
        "the second break begins (22) in the first, delayed to 20 to 25: it follows",
        one_queue(
            "0s",
            agents="{name: a, breaks: [{at: 15s, length: 5s}, {at: 22s, length: 3s}]}",
            service="20s",
        ),
        "0 q 0 0 0 20 done a",
        agents="a service 0 20, a break 20 28, a available 28 100",
    ),
    "break_in_a_penalty": Case(
        "the break (10 to 15) ends the penalty (4 to 24): at 15 the agent is free and gets the "
        "call again; at 19 `wait_timeout` (17) has passed",
        one_queue(
            "0s", "wait_timeout: 17s", f"{{name: a, {MISSES}, breaks: [{{at: 10s, length: 5s}}]}}"
        ),
        "0 q 0 15 - 19 timeout -",
        agents="a connecting 0 4, a penalty 4 10, a break 10 15, a connecting 15 19, "
        "a penalty 19 39, a available 39 100",
        rings=2,
    ),
    "break_owed_when_a_ring_is_missed": Case(
        "a break that began while the phone rang (2) is taken instead of the penalty",
        one_queue(
            "0s", "wait_timeout: 8s", f"{{name: a, {MISSES}, breaks: [{{at: 2s, length: 5s}}]}}"
        ),
        "0 q 0 0 - 8 timeout -",
        agents="a connecting 0 4, a break 4 9, a available 9 100",
        rings=1,
    ),
    "shift_ends_in_a_break": Case(
        "the shift's end (12) ends the break: the agent is off",
        one_queue(
            "6s",
            "wait_timeout: 8s",
            "{name: a, breaks: [{at: 5s, length: 20s}], schedule: [{from: 0s, to: 12s, count: 1}]}",
        ),
        "0 q 6 - - 14 timeout -",
        agents="a available 0 5, a break 5 12, a off 12 100",
    ),
    "shift_ends_with_a_break_owed": Case(
        "a break that is owed (from 3) lapses at the shift's end (6)",
        one_queue(
            "0s",
            agents="{name: a, breaks: [{at: 3s, length: 5s}], "
            "schedule: [{from: 0s, to: 6s, count: 1}, {from: 20s, to: 50s, count: 1}]}",
        ),
        "0 q 0 0 0 10 done a",
        agents="a service 0 10, a off 10 20, a available 20 50, a off 50 100",
    ),
    "break_as_a_call_arrives": Case(
        "the arrival (rank 4) comes before the break (rank 6), which is owed",
        one_queue("5s", agents="{name: a, breaks: [{at: 5s, length: 7s}]}"),
        "0 q 5 5 5 15 done a",
        agents="a available 0 5, a service 5 15, a break 15 22, a available 22 100",
    ),
    "break_as_a_service_ends": Case(
        "the agent is free at 10 (rank 1) and takes the call of 2 before the break begins (rank 6)",
        one_queue("0s, 2s", agents="{name: a, breaks: [{at: 10s, length: 5s}]}"),
        """
        0 q 0 0 0 10 done a
        1 q 2 10 10 20 done a
        """,
        agents="a service 0 20, a break 20 25, a available 25 100",
    ),
    "break_as_the_shift_ends": Case(
        "the shift's end comes first: no break; none either when off shift (8)",
        one_queue(
            "50s",
            "wait_timeout: 1s",
            "{name: a, breaks: [{at: 5s, length: 1s}, {at: 8s, length: 2s}], "
            "schedule: [{from: 0s, to: 5s, count: 1}]}",
        ),
        "0 q 50 - - 51 timeout -",
        agents="a available 0 5, a off 5 100",
    ),
    "break_at_the_horizon": Case(
        "under `drain` a break under way (10 to 15) ends as planned after the horizon (12), and "
        "none begins after it (20)",
        one_queue(
            "11s", agents="{name: a, breaks: [{at: 10s, length: 5s}, {at: 20s, length: 5s}]}"
        ).replace("horizon: 100s", "horizon: 12s"),
        "0 q 11 15 15 25 done a",
        agents="a available 0 10, a break 10 15, a service 15 25",
    ),
    "longest_idle_after_a_break": Case(
        "a is available since the end of the break (15), b since 0, so b gets the call of 16",
        one_queue(
            "16s",
            "routing_method: longest_idle",
            "{name: a, breaks: [{at: 5s, length: 10s}]}, {name: b}",
        ),
        "0 q 16 16 16 26 done b",
    ),
}

OTHERS = {
    "shrinkage_one": Case(
        "with a shrinkage of 1 nobody is ever there",
        one_queue("1s", "wait_timeout: 5s", "{name: a, shrinkage: 1}"),
        "0 q 1 - - 6 timeout -",
        agents="a off 0 100",
    ),
    "shrinkage_one_with_a_schedule": Case(
        "shifts do not take place either",
        one_queue(
            "1s",
            "wait_timeout: 5s",
            "{name: a, shrinkage: 1, schedule: [{from: 0s, to: 50s, count: 1}]}, "
            "{name: b, shrinkage: 0, schedule: [{from: 3s, to: 50s, count: 1}]}",
        ),
        "0 q 1 3 3 13 done b",
        agents="a off 0 100, b off 0 3, b service 3 13, b available 13 50, b off 50 100",
    ),
    "own_service_time": Case(
        "the group's own service time (8 s) counts, divided by its speed",
        one_queue(
            "0s, 20s",
            "routing_method: fewest_calls",
            "{name: a, speed: 2, service_time: {q: 8s}}, {name: b}",
        ),
        """
        0 q 0 0 0 4 done a
        1 q 20 20 20 30 done b
        """,
    ),
    "own_service_time_cut": Case(
        "`service_timeout` cuts what the own time and speed leave: 8 s / 0.5 against 12 s",
        one_queue("0s", "service_timeout: 12s", "{name: a, speed: 0.5, service_time: {q: 8s}}"),
        "0 q 0 0 0 12 done a",
    ),
    "waiting_and_busy_at_the_start": Case(
        "the conversation began at -4 and lasts 10 s; then the call that waits since -3 is next, "
        "before the call of 8",
        start("busy: [{agent: a, queue: q, since: 4s}], waiting: [{queue: q, since: 3s}]"),
        """
        0 q -4 -4 -4 6 done a
        1 q -3 6 6 16 done a
        2 q 8 16 16 26 done a
        """,
        agents="a service 0 26, a available 26 100",
    ),
    "waiting_at_the_start_is_routed_at_once": Case(
        "the agent is available at 0; of two waiting calls the one that joined first is routed, "
        "before the call that arrives at 0",
        start("waiting: [{queue: q, since: 2s}, {queue: q, since: 3s}]", at="0s"),
        """
        0 q -3 0 0 10 done a
        1 q -2 10 10 20 done a
        2 q 0 20 20 30 done a
        """,
    ),
    "busy_off_shift_at_the_start": Case(
        "the agent is in overtime from 0 to 6 and takes no call before the shift (20)",
        start(
            "busy: [{agent: a, queue: q, since: 4s}], waiting: [{queue: q, since: 3s}]",
            agents="{name: a, schedule: [{from: 20s, to: 60s, count: 1}]}",
            at="25s",
        ),
        """
        0 q -4 -4 -4 6 done a
        1 q -3 20 20 30 done a
        2 q 25 30 30 40 done a
        """,
        agents="a service 0 6, a off 6 20, a service 20 40, a available 40 60, a off 60 100",
    ),
    "patience_of_a_call_at_the_start": Case(
        "patience (5 s) counts from -3: over at 2; `wait_timeout` (4 s) at 3 for the call of -1",
        start(
            "busy: [{agent: a, queue: q, since: 4s}], "
            "waiting: [{queue: q, since: 3s}, {queue: q, since: 1s}]",
            "patience: {distribution: empirical, values: [5s, 5s]}\n    wait_timeout: 5100",
            at="50s",
        ),
        """
        0 q -4 -4 -4 6 done a
        1 q -3 - - 2 hangup -
        2 q -1 - - 4 hangup -
        3 q 50 50 50 60 done a
        """,
    ),
    "timeout_of_a_call_at_the_start": Case(
        "`wait_timeout` (5 s) counts from -3",
        start(
            "busy: [{agent: a, queue: q, since: 4s}], waiting: [{queue: q, since: 3s}]",
            "wait_timeout: 5s",
        ),
        """
        0 q -4 -4 -4 6 done a
        1 q -3 - - 2 timeout -
        2 q 8 8 8 18 done a
        """,
    ),
    "announcements_before_the_start": Case(
        "what ended before 0 has been survived; the play from -1 to 1 drives the caller away",
        start(
            "busy: [{agent: a, queue: q, since: 4s}], waiting: [{queue: q, since: 3s}]",
            "wait_flow: [{type: talk, duration: 2s, hangup_probability: 1}]",
        ),
        """
        0 q -4 -4 -4 6 done a
        1 q -3 - - 1 announcement -
        2 q 8 8 8 18 done a
        """,
        plays=((2, 2, 1),),
    ),
    "announcement_to_be_heard_out_at_the_start": Case(
        "routed at 0, the call hears out the marked action that began at -1 (until 1)",
        start(
            "waiting: [{queue: q, since: 3s}]",
            "wait_flow: [{sleep: 2s}, {type: talk, duration: 2s, interruptible: false}]",
            at="30s",
        ),
        """
        0 q -3 0 1 11 done a
        1 q 30 30 30 40 done a
        """,
        plays=((1, 1, 0), (1, 1, 0)),
    ),
    "full_at_the_start": Case(
        "a call at the start is never blocked; the call of 1 finds two waiting and is",
        start(
            "busy: [{agent: a, queue: q, since: 4s}], "
            "waiting: [{queue: q, since: 3s}, {queue: q, since: 2s}]",
            "max_waiting: 1",
            at="1s",
        ),
        """
        0 q -4 -4 -4 6 done a
        1 q -3 6 6 16 done a
        2 q -2 16 16 26 done a
        3 q 1 - - 1 blocked -
        """,
    ),
    "busy_at_the_start_with_speed_and_own_time": Case(
        "the own service time (20 s) at speed 2 lasts 10 s from -4; it does not count for "
        "`fewest_calls`, so a (0 calls, lower number) gets the call of 8, b that of 9",
        start(
            "busy: [{agent: a, queue: q, since: 4s}]",
            "routing_method: fewest_calls",
            "{name: a, speed: 2, service_time: {q: 20s}}, {name: b}",
            at="8s, 9s",
        ),
        """
        0 q -4 -4 -4 6 done a
        1 q 8 8 8 18 done a
        2 q 9 9 9 19 done b
        """,
    ),
    "ring_at_the_start": Case(
        "the phone rings for the waiting call from 0 to 3",
        start("waiting: [{queue: q, since: 2s}]", agents="{name: a, ring: {delay: 3s}}", at="50s"),
        """
        0 q -2 0 3 13 done a
        1 q 50 50 53 63 done a
        """,
    ),
}

CASES = {**RINGING, **BREAKS, **OTHERS}
