"""Agents who are not at work: shifts, breaks, penalties, overtime.

See `sim.engine.crew`, of which this is the compiled twin.
"""

from __future__ import annotations

import numpy as np

from sim.engine.kernel.agents import is_available, reserve
from sim.engine.kernel.records import IDLE, IN_PENALTY, ON_BREAK, World
from sim.engine.kernel.tally import KernelSums, add_spell
from sim.engine.kernel.trees import set_time
from sim.jit import part
from sim.logs import SpellKind
from sim.sums import AgentTotal

_K_RINGING, _K_PENALTY = int(SpellKind.RINGING), int(SpellKind.PENALTY)
_K_BREAK, _K_OVERTIME = int(SpellKind.BREAK), int(SpellKind.OVERTIME)
_RINGING, _PENALTY = int(AgentTotal.RINGING), int(AgentTotal.PENALTY)
_BREAK, _OVERTIME = int(AgentTotal.BREAK), int(AgentTotal.OVERTIME)
_NAN = np.nan


@part
def spell_ends(
    world: World, sums: KernelSums, kind: int, agent: int, since: float, now: float
) -> None:
    """An agent's spell of overtime, penalty, break or unanswered ringing is over."""
    frame, group = world.frames[0], world.agents[agent].group
    column = _RINGING
    if kind == _K_OVERTIME:
        column = _OVERTIME
    elif kind == _K_PENALTY:
        column = _PENALTY
    elif kind == _K_BREAK:
        column = _BREAK
    add_spell(frame, sums.edges, sums.agents, sums.slot_agents, group, column, since, now, True)
    if kind != _K_OVERTIME and world.spells.size > 0:
        spell = world.spells[frame.n_spells]
        spell.kind, spell.agent, spell.since, spell.until = kind, agent, since, now
        frame.n_spells += 1


@part
def end_overtime(world: World, sums: KernelSums, agent: int, now: float) -> None:
    """Work after the end of the shift is over, or another shift has begun."""
    since = world.agents[agent].overtime_since
    world.agents[agent].overtime_since = _NAN
    if now > since:
        spell_ends(world, sums, _K_OVERTIME, agent, since, now)


@part
def end_absence(world: World, sums: KernelSums, agent: int, now: float) -> None:
    """The agent's penalty or break is over."""
    one = world.agents[agent]
    if now > one.absent_since:
        kind = _K_PENALTY if one.phase == IN_PENALTY else _K_BREAK
        spell_ends(world, sums, kind, agent, one.absent_since, now)


@part
def be_absent(world: World, agent: int, phase: int, now: float, length: float) -> None:
    """The agent is in penalty or on a break from now on."""
    one = world.agents[agent]
    one.phase = phase
    one.absent_since = now
    set_time(world.tree, agent, now + length)


@part
def shift_ends(world: World, agent: int, now: float) -> None:
    """The end of a shift: whoever is at work goes on in overtime."""
    world.frames[0].last_change = now
    one = world.agents[agent]
    one.on_shift = 0
    if is_available(world.available, agent):
        reserve(world, agent)
    else:
        one.overtime_since = now


@part
def shift_ends_or_break_begins(world: World, sums: KernelSums, now: float) -> None:
    """The next in the list of shifts' ends and breaks' beginnings takes place."""
    frame = world.frames[0]
    event = world.ends[frame.next_end]
    frame.next_end += 1
    agent, length = event.agent, event.length
    one = world.agents[agent]
    if length > 0.0:
        if not one.on_shift:
            return
        if one.phase == IN_PENALTY:
            end_absence(world, sums, agent, now)
        elif not is_available(world.available, agent):
            one.owed_break += length
            return
        reserve(world, agent)
        be_absent(world, agent, ON_BREAK, now, length)
        return
    one.owed_break = 0.0
    shift_ends(world, agent, now)
    if one.phase == IN_PENALTY or one.phase == ON_BREAK:
        end_absence(world, sums, agent, now)
        one.phase = IDLE
        one.overtime_since = _NAN
        set_time(world.tree, agent, np.inf)
