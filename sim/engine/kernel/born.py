"""Calls born in the run, by overflow and by retry, and the draws that a call makes in the run.

See `sim.engine.descent`, of which this is the compiled twin. A call's record is that of a slot or
of an agent: both have the same names for what belongs to a call.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.choices import GENERATION_BITS
from sim.engine.kernel.bits import draw, unit_of_stream
from sim.engine.kernel.flows import flow_ends_at
from sim.engine.kernel.records import Number, Records, World
from sim.engine.kernel.slots import claim_slot
from sim.engine.kernel.trees import push
from sim.engine.rules import BORN_IN_THE_RUN, Deadline
from sim.jit import inlined, part
from sim.logs import Cause
from sim.quantiles.table import seconds

_PATIENCE, _TIMEOUT, _FLOW = int(Deadline.PATIENCE), int(Deadline.TIMEOUT), int(Deadline.FLOW)
_OVERFLOW = int(Deadline.OVERFLOW)
_BY_TIMEOUT, _BY_HANGUP = int(Cause.TIMEOUT), int(Cause.HANGUP)
_BORN = BORN_IN_THE_RUN


@inlined
def copy_call(to: Records, call: Records) -> None:
    """What a call brings and where it comes from, from one record to another."""
    to.number = call.number
    to.queue = call.queue
    to.arrival = call.arrival
    to.service = call.service
    to.wrap_up = call.wrap_up
    to.patience_at = call.patience_at
    to.first_arrival = call.first_arrival
    to.place = call.place
    to.joined = call.joined
    to.origin = call.origin
    to.generation = call.generation
    to.attempt = call.attempt
    to.parent = call.parent
    to.drawn = call.drawn
    to.routings = call.routings


@inlined
def limit_at(call: Records, limit: float) -> float:
    """When a limit of waiting is reached; for a call that was there at the start, not before 0."""
    at = call.arrival + limit
    return max(at, 0.0) if call.arrival < 0.0 else at


@part
def first_deadline(
    world: World, call: Records, since: float, ends_from: float
) -> tuple[float, int]:
    """When a waiting call leaves if nobody takes it, from `since` on, and the kind of deadline.

    The end of its wait flow counts from `ends_from` on. Why, and for which queue, is written into
    the call.
    """
    q = call.queue
    queue, plan = world.queues[q], world.plans[q]
    at, kind = limit_at(call, queue.wait_timeout), _TIMEOUT
    call.cause, call.to = _BY_TIMEOUT, -1
    if call.patience_at <= at:
        at, kind = call.patience_at, _PATIENCE
        call.cause = _BY_HANGUP
    overflow_at = limit_at(call, plan.overflow_after)
    if overflow_at < at:
        at, kind = overflow_at, _OVERFLOW
        call.cause, call.to = 0, plan.overflow_to
    f = queue.flow
    if f >= 0 and world.flows[f].can_hang_up:
        flow_at, cause, action = flow_ends_at(
            world.flows, world.steps, f, world.queues[call.origin].announcement_key, call.place,
            call.generation << GENERATION_BITS, call.arrival, since, ends_from, at,
        )  # fmt: skip
        if flow_at < np.inf:
            at, kind = max(flow_at, since), _FLOW
            call.cause, call.action = cause, action
            call.to = world.flows[f].end_to if cause == 0 else -1
    return at, kind


@part
def service_u(world: World, call: Records) -> float:
    """The call's own uniform for its service time."""
    plan = world.plans[call.origin]
    if call.drawn > 0:
        return draw(plan.retry_service_key, call.place, call.drawn)
    if call.place >= 0:
        return unit_of_stream(plan.service_key, plan.service_step, call.place)
    return unit_of_stream(plan.initial_service_key, plan.initial_service_step, -1 - call.place)


@part
def wrap_up_u(world: World, call: Records) -> float:
    """The call's own uniform for the wrap-up after it."""
    plan = world.plans[call.origin]
    if call.drawn > 0:
        return draw(plan.retry_wrap_up_key, call.place, call.drawn)
    if call.place >= 0:
        return unit_of_stream(plan.wrap_up_key, plan.wrap_up_step, call.place)
    return unit_of_stream(plan.initial_wrap_up_key, plan.initial_wrap_up_step, -1 - call.place)


@part
def value(world: World, distribution: int, u: float) -> float:
    """The value of a distribution at a uniform, in seconds."""
    return seconds(world.distributions, world.parts, world.values, distribution, u)


@part
def expect_overflow(world: World, frame: Records, call: Records, to: int, now: float) -> None:
    """The call joins queue `to` now: new clocks, but the patience runs on."""
    plan = world.plans[to]
    child = _child(world, frame, call, to, now)
    child.service = value(world, plan.service, service_u(world, call))
    child.wrap_up = 0.0
    if plan.wrap_up >= 0:
        child.wrap_up = value(world, plan.wrap_up, wrap_up_u(world, call))
    child.patience_at = call.patience_at
    child.attempt = call.attempt
    child.first_arrival = call.first_arrival
    child.drawn = call.drawn


@part
def expect_retry(
    world: World, frame: Records, call: Records, q: Number, now: float, then: int
) -> None:
    """The caller was not served, and may call again before the horizon, if callers do `then`."""
    plan = world.plans[q]
    if not then or call.attempt >= plan.max_attempts:
        return
    keys, place, generation = world.plans[call.origin], call.place, call.generation
    if draw(keys.retry_key, place, generation) >= plan.retry_probability:
        return
    u = draw(keys.retry_delay_key, place, generation)
    at = now + value(world, plan.retry_delay, u)
    if at >= frame.horizon:
        return
    which = generation + 1
    child = _child(world, frame, call, q, at)
    child.service = value(world, plan.service, draw(keys.retry_service_key, place, which))
    child.patience_at, child.wrap_up = np.inf, 0.0
    if plan.patience >= 0:
        u = draw(keys.retry_patience_key, place, which)
        child.patience_at = at + value(world, plan.patience, u)
    if plan.wrap_up >= 0:
        child.wrap_up = value(world, plan.wrap_up, draw(keys.retry_wrap_up_key, place, which))
    child.attempt = call.attempt + 1
    child.first_arrival = at
    child.drawn = which


@inlined
def _child(world: World, frame: Records, call: Records, q: Number, at: float) -> Any:
    """A slot for a call that will arrive at `at`, with what it inherits."""
    slot = claim_slot(world)
    child = world.slots[slot]
    child.number = -1
    child.queue = q
    child.arrival = at
    child.routed = np.nan
    child.place = call.place
    child.origin = call.origin
    child.generation = call.generation + 1
    child.parent = call.number
    child.routings = call.routings
    push(world.coming, frame.n_coming, at, _BORN + call.number, slot)
    frame.n_coming += 1
    return child
