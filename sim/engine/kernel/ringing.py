"""Phones that ring: until when, and what becomes of an agent who does not answer."""

from __future__ import annotations

from sim.engine.kernel.absences import be_absent, spell_ends
from sim.engine.kernel.bits import draw
from sim.engine.kernel.born import value
from sim.engine.kernel.records import IDLE, IN_PENALTY, World
from sim.engine.kernel.tally import KernelSums, add_no_answer
from sim.jit import part
from sim.logs import SpellKind

_K_RINGING = int(SpellKind.RINGING)


@part
def ring_ends_at(world: World, agent: int, now: float) -> float:
    """Until when the phone rings that an agent's call has been routed to; `now` if not at all."""
    one = world.agents[agent]
    ring, keys = world.rings[one.group], world.plans[one.origin]
    one.answers = 1
    delay = value(world, ring.delay, draw(keys.ring_delay_key, one.place, one.routings))
    u = draw(keys.ring_no_answer_key, one.place, one.routings)
    if u < ring.no_answer or delay > ring.timeout:
        one.answers = 0
        return now + ring.timeout
    return now + delay


@part
def miss_ring(world: World, sums: KernelSums, agent: int, now: float) -> bool:
    """The phone was not answered: off, a break that is owed, or the penalty. Whether there is none
    of these, so that the agent is free once the call has been dealt with."""
    frame, one = world.frames[0], world.agents[agent]
    spell_ends(world, sums, _K_RINGING, agent, one.routed, now)
    add_no_answer(frame, sums, one.queue, one.arrival)
    one.phase = IDLE
    if not one.on_shift or one.owed_break > 0.0:
        return True
    penalty = world.rings[one.group].penalty
    if penalty > 0.0:
        be_absent(world, agent, IN_PENALTY, now, penalty)
        return False
    return True
