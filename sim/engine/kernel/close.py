"""The end of a replication: the calls that are still there, in call order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.kernel.flows import add_plays
from sim.engine.kernel.records import IN_CONNECTING, IN_SERVICE, Records, World
from sim.engine.kernel.references import referred
from sim.engine.kernel.rows import write_chain, write_row
from sim.engine.kernel.tally import (
    KernelSums,
    add_answered,
    add_answered_longer,
    add_chained,
    add_unanswered,
)
from sim.jit import entry
from sim.logs import Outcome

_WAITING, _CONNECTING = int(Outcome.WAITING), int(Outcome.CONNECTING)
_SERVICE = int(Outcome.SERVICE)
_NAN, _INF = np.nan, np.inf


def still_there(slots: Records, agents: Records) -> NDArray[np.int64]:
    """The owners of calls still there, by call: a slot, or -1 - agent for an agent's call."""
    waiting = np.flatnonzero(slots["number"] >= 0)
    phase = agents["phase"]
    busy = np.flatnonzero((phase == IN_SERVICE) | (phase == IN_CONNECTING))
    numbers = np.concatenate((slots["number"][waiting], agents["number"][busy]))
    return np.concatenate((waiting, -1 - busy))[np.argsort(numbers, kind="stable")]


@entry
def write_down(
    given: World, given_sums: KernelSums, rows: Records, owners: NDArray[np.int64], full: bool
) -> None:
    """Count the calls of `owners`, and write their rows if any are kept (there must be room)."""
    world, sums = referred(given), referred(given_sums)
    frame, queues, agents, slots = world.frames[0], world.queues, world.agents, world.slots
    for owner in owners:
        agent, group, routed, answer = -1, -1, _NAN, _NAN
        if owner >= 0:
            number, q, arrival = slots[owner].number, slots[owner].queue, slots[owner].arrival
            outcome = _WAITING
            if full:
                routed = slots[owner].routed
        else:
            agent = -1 - owner
            one = agents[agent]
            number, q, arrival, routed = one.number, one.queue, one.arrival, one.routed
            group, outcome = one.group, _CONNECTING
            if one.phase == IN_SERVICE:
                answer, outcome = one.answer, _SERVICE
        if outcome == _SERVICE:
            add_answered(frame, sums, queues[q], agents[agent], _INF, False, True, full)
            if full:
                add_answered_longer(frame, sums, queues[q], agents[agent])
        else:
            if queues[q].flow >= 0 and arrival >= frame.counted_from:
                add_plays(
                    world.flows, world.steps, sums.plays, queues[q].flow, arrival, frame.horizon
                )
            add_unanswered(
                frame, sums, queues[q], q, group, arrival, routed, _INF, outcome, 0, True
            )
            if full:
                if owner >= 0:
                    add_chained(frame, sums, queues[q], q, slots[owner], _INF, outcome)
                else:
                    add_chained(frame, sums, queues[q], q, agents[agent], _INF, outcome)
        if rows.size > 0:
            write_row(
                rows, frame.n_rows, number, q, arrival, routed, answer, _NAN, outcome, 0, agent,
                _NAN, _NAN, False,
            )  # fmt: skip
            if full:
                if owner >= 0:
                    write_chain(rows, frame.n_rows, slots[owner])
                else:
                    write_chain(rows, frame.n_rows, agents[agent])
            frame.n_rows += 1
