"""How calls move from queue to queue: overflow and `queue_join`, without a cycle."""

from __future__ import annotations

from sim.scenario.context import Context
from sim.scenario.flow_pass import pass_of
from sim.scenario.model import Flow, Queue
from sim.scenario.nodes import Path

Move = tuple[int, Path]
"""The place of the queue that a call moves to, and where the file says so."""


def refuse_cycles(
    queues: tuple[Queue, ...], flows: list[Flow], flow_paths: list[Path], context: Context
) -> None:
    """A problem for each cycle that a search through the moves comes upon.

    `flow_paths` are the paths of the flows' actions.
    """
    moves = [_moves(queue, ("queues", i), flows, flow_paths) for i, queue in enumerate(queues)]
    done: set[int] = set()
    for first in range(len(queues)):
        trail: list[int] = []
        begin: list[Move] = [] if first in done else [(first, ())]
        open_moves = [iter(begin)]
        on_trail: set[int] = set()
        while open_moves:
            move = next(open_moves[-1], None)
            if move is None:
                open_moves.pop()
                if trail:
                    last = trail.pop()
                    on_trail.discard(last)
                    done.add(last)
                continue
            to, path = move
            if to in on_trail:
                cycle = [*trail[trail.index(to) :], to]
                names = " -> ".join(f"`{queues[i].name}`" for i in cycle)
                context.problem(path, f"calls could go round for ever: {names}")
            elif to not in done:
                trail.append(to)
                on_trail.add(to)
                open_moves.append(iter(moves[to]))


def _moves(queue: Queue, path: Path, flows: list[Flow], flow_paths: list[Path]) -> list[Move]:
    """Where the calls of a queue can go; a wait flow reaches one `queue_join` at most."""
    found: list[Move] = []
    if queue.overflow is not None:
        found.append((queue.overflow.to, (*path, "overflow", "to")))
    if queue.wait_flow is not None:
        flow = flows[queue.wait_flow]
        for i in (pass_of(flow) or [])[-1:]:
            to = flow.actions[i].queue
            if to is not None:
                found.append((to, (*flow_paths[queue.wait_flow], i, "queue")))
    return found
