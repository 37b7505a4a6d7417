"""The call log: a row for each call as it leaves."""

from __future__ import annotations

from sim.engine.kernel.records import Number, Records
from sim.jit import inlined


@inlined
def write_row(
    rows: Records, i: int, call: int, queue: Number, arrival: float, routed: float,
    answer: float, leave_at: float, outcome: int, cause: int, agent: int, service: float,
    wrap_up: float, cut: bool,
) -> None:  # fmt: skip
    """Row `i` of the call log."""
    row = rows[i]
    row.call = call
    row.queue = queue
    row.arrival = arrival
    row.routed = routed
    row.answer = answer
    row.leave = leave_at
    row.outcome = outcome
    row.cause = cause
    row.agent = agent
    row.service = service
    row.wrap_up = wrap_up
    row.cut = cut
    row.attempt = 1
    row.parent = -1
    row.first_arrival = arrival


@inlined
def write_chain(rows: Records, i: int, call: Records) -> None:
    """What row `i` says of where the call comes from."""
    row = rows[i]
    row.attempt = call.attempt
    row.parent = call.parent
    row.first_arrival = call.first_arrival
