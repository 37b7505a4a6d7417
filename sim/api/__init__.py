"""The Python interface, for scripts and notebooks: everything here is also in `sim` itself."""

from sim.api.actions import check, compare, run, variants
from sim.api.results import Check, Comparison, Run
from sim.api.scenario import Scenario, load, loads
from sim.api.staffing import Plan, staff
from sim.scenario.errors import ScenarioError

__all__ = [
    "Check",
    "Comparison",
    "Plan",
    "Run",
    "Scenario",
    "ScenarioError",
    "check",
    "compare",
    "load",
    "loads",
    "run",
    "staff",
    "variants",
]
