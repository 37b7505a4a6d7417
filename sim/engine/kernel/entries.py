"""Parts of the kernel that Python calls while it prepares a replication."""

from __future__ import annotations

from sim.engine.kernel.agents import rank_idle, reserve
from sim.engine.kernel.records import Records, World
from sim.engine.kernel.references import referred
from sim.engine.kernel.trees import set_time
from sim.jit import entry


@entry
def set_times(tree: Records, place: int, at: float) -> None:
    """See `sim.engine.kernel.trees.set_time`."""
    set_time(tree, place, at)


@entry
def rank_agent(world: World, agent: int, available: bool) -> None:
    """See `sim.engine.kernel.agents.rank_idle`."""
    rank_idle(referred(world), agent, available)


@entry
def reserve_agent(world: World, agent: int) -> None:
    """See `sim.engine.kernel.agents.reserve`."""
    reserve(referred(world), agent)
