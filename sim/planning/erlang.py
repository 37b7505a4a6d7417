"""Erlang B, C, A and M/M/n with general patience: one queue, one group, without simulation.

What goes in and comes out is in the words of the scenario and of the result document; the
formulas are in `sim.theory`. Nothing here loads numpy unless patience is neither exponential nor
fixed, so that an answer takes milliseconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.theory.offered_wait import Leaving, waiting

if TYPE_CHECKING:
    from sim.theory.families import Patience
    from sim.theory.measures import QueueMeasures

FORMULAS = (
    "answered_of_incoming",
    "excluding_quick_abandons",
    "quick_abandons_as_met",
    "answered_of_answered",
    "short_abandons_as_met",
    "excluding_short_abandons",
)
METRICS = (
    "delayed", "blocked_share", "abandonment", "service_level", "asa_s", "wait_mean_s", "occupancy",
)  # fmt: skip
"""What an answer holds and a target can ask for."""


class NoAnswerError(Exception):
    """There is no stationary state, or nothing meets the targets: a sentence that says why."""


@dataclass(frozen=True, slots=True)
class System:
    """A queue without its agents. `leaving` is when callers give up.

    `handle_time_s` is the mean of conversation and wrap-up together, exponential; `max_waiting`
    None is an unlimited room; `formula` and `short_abandon_s` belong to the service level.
    """

    rate_per_s: float
    handle_time_s: float
    leaving: Leaving | Patience = Leaving()  # noqa: RUF009
    max_waiting: int | None = None
    threshold_s: float = 20.0
    short_abandon_s: float = 10.0
    formula: str = FORMULAS[0]

    @property
    def offered_load_erlangs(self) -> float:
        """Calls that arrive during a handle time."""
        return self.rate_per_s * self.handle_time_s


@dataclass(frozen=True, slots=True)
class Answer:
    """How a number of agents fares. A metric is None where there is nobody to measure it on."""

    system: System
    agents: int
    model: str
    delayed: float | None
    blocked_share: float | None
    abandonment: float | None
    service_level: float | None
    asa_s: float | None
    wait_mean_s: float | None
    occupancy: float | None

    def document(self) -> dict[str, Any]:
        """As `callsim erlang --json` prints it."""
        return {
            "model": self.model,
            "agents": self.agents,
            "rate_per_s": self.system.rate_per_s,
            "handle_time_s": self.system.handle_time_s,
            "offered_load_erlangs": self.system.offered_load_erlangs,
            **{name: getattr(self, name) for name in METRICS},
            "threshold_s": self.system.threshold_s,
            "formula": self.system.formula,
        }


def answer(system: System, agents: int) -> Answer:
    """How `agents` fare with the calls of a system, in its stationary state.

    Ratios are over the calls that join, as in a simulation's result; only `blocked_share` is over
    all. Raises NoAnswerError at or above full load when nothing ends the waiting.
    """
    if system.rate_per_s == 0.0:
        return _no_calls(system, agents)
    if agents == 0:
        return _no_agents(system)
    if not is_limited(system) and system.offered_load_erlangs >= agents:
        raise NoAnswerError(_endless(system, agents))
    found = _measures(system, agents)
    return Answer(
        system, agents, found.model, found.delayed, found.blocked_share, found.abandonment,
        found.service_level(system.threshold_s, system.formula, system.short_abandon_s),  # type: ignore[arg-type]
        found.asa_s, found.wait_mean_s, found.occupancy,
    )  # fmt: skip


def is_limited(system: System) -> bool:
    """Whether patience, a timeout or the room ends the waiting at any load."""
    return bool(system.leaving.symbol) or system.max_waiting is not None


def _measures(system: System, agents: int) -> QueueMeasures:
    """By the plain route where there is one, else by numpy's."""
    if isinstance(system.leaving, Leaving):
        return waiting(
            system.rate_per_s, system.handle_time_s, agents, system.leaving, system.max_waiting
        )
    from sim.theory.patience import mmn_g

    try:
        return mmn_g(
            system.rate_per_s, system.handle_time_s, agents, system.leaving, system.max_waiting
        )
    except ValueError as error:
        raise NoAnswerError(str(error)) from None


def _endless(system: System, agents: int) -> str:
    return (
        f"The offered load of {system.offered_load_erlangs:,.6g} erlangs is at or above the"
        f" {agents:,} agents and nothing ends the waiting: the queue grows without bound. Give"
        " more agents, or patience, a wait timeout or a limit to the number waiting."
    )


def _name(system: System, agents: int) -> str:
    room = "" if system.max_waiting is None else f"/{agents + system.max_waiting}"
    symbol = system.leaving.symbol
    return f"M/M/{agents}{room}" + (f"+{symbol}" if symbol else "")


def _no_calls(system: System, agents: int) -> Answer:
    """Nobody calls: nothing to be measured on, but that agents are idle."""
    idle = 0.0 if agents else None
    return Answer(
        system, agents, _name(system, agents), None, None, None, None, None, None, idle
    )  # fmt: skip


def _no_agents(system: System) -> Answer:
    """Nobody answers: whoever joins leaves when patience ends; a full room blocks the others.

    The room is a loss system whose service is the patience, insensitive to its law.
    """
    leaving, room = system.leaving, system.max_waiting
    model = _name(system, 0)
    if room == 0 or (room is not None and not leaving.symbol):
        return Answer(system, 0, model, None, 1.0, None, None, None, None, None)
    if not leaving.symbol:
        raise NoAnswerError(_endless(system, 0))
    mean = _survival_integral(leaving, _far(leaving))
    blocked = 0.0
    if room is not None:
        from sim.theory.offered_wait import log_erlang_b

        blocked = math.exp(log_erlang_b(room, system.rate_per_s * mean))
    quick = 1.0 - _survival(leaving, system.threshold_s)
    short = 1.0 - _survival(leaving, system.short_abandon_s)
    level = {
        "quick_abandons_as_met": quick,
        "short_abandons_as_met": short,
        "answered_of_answered": None,
        "excluding_quick_abandons": 0.0 if quick < 1.0 else None,
        "excluding_short_abandons": 0.0 if short < 1.0 else None,
    }.get(system.formula, 0.0)
    return Answer(system, 0, model, 1.0, blocked, 1.0, level, None, mean, None)


def _survival(leaving: Leaving | Patience, t_s: float) -> float:
    if isinstance(leaving, Leaving):
        return leaving.survival(t_s)
    import numpy as np

    return float(leaving.survival(np.array([t_s]))[0])


def _survival_integral(leaving: Leaving | Patience, t_s: float) -> float:
    if isinstance(leaving, Leaving):
        return leaving.survival_integral(t_s)
    import numpy as np

    return float(leaving.survival_integral(np.array([t_s]))[0])


def _far(leaving: Leaving | Patience) -> float:
    """A time by which everyone has left, to double precision."""
    t_s = 1.0
    while _survival(leaving, t_s) > 1e-18 and t_s < 1e15:
        t_s *= 2.0
    return t_s
