"""The Python interface, for scripts and notebooks: everything here is also in `sim` itself."""

from sim.api.actions import check, compare, run, sweep, variants
from sim.api.results import Check, Comparison, Run, Sweep
from sim.api.scenario import Scenario, load, loads
from sim.scenario.errors import ScenarioError

__all__ = [
    "Check",
    "Comparison",
    "Run",
    "Scenario",
    "ScenarioError",
    "Sweep",
    "check",
    "compare",
    "load",
    "loads",
    "run",
    "sweep",
    "variants",
]
