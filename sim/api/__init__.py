"""The Python interface, for scripts and notebooks: everything here is also in `sim` itself."""

from sim.api.actions import check, compare, run, variants
from sim.api.erlang import Erlang, erlang
from sim.api.results import Check, Comparison, Run
from sim.api.scenario import Scenario, load, loads
from sim.planning.erlang import NoAnswerError
from sim.scenario.errors import ScenarioError

__all__ = [
    "Check",
    "Comparison",
    "Erlang",
    "NoAnswerError",
    "Run",
    "Scenario",
    "ScenarioError",
    "check",
    "compare",
    "erlang",
    "load",
    "loads",
    "run",
    "variants",
]
