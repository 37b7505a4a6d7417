"""The Python interface, for scripts and notebooks: everything here is also in `sim` itself."""

from sim.api.actions import check, compare, run, sweep, variants
from sim.api.backtesting import Backtest, backtest
from sim.api.calibrating import Calibration, calibrate
from sim.api.erlang import Erlang, erlang
from sim.api.requirement import Requirement, requirement
from sim.api.results import Check, Comparison, Run, Sweep
from sim.api.scenario import Scenario, load, loads
from sim.api.staffing import Plan, staff
from sim.api.warmup import Warmup, warmup
from sim.planning.erlang import NoAnswerError
from sim.scenario.errors import ScenarioError

__all__ = [
    "Backtest",
    "Calibration",
    "Check",
    "Comparison",
    "Erlang",
    "NoAnswerError",
    "Plan",
    "Requirement",
    "Run",
    "Scenario",
    "ScenarioError",
    "Sweep",
    "Warmup",
    "backtest",
    "calibrate",
    "check",
    "compare",
    "erlang",
    "load",
    "loads",
    "requirement",
    "run",
    "staff",
    "sweep",
    "variants",
    "warmup",
]
