"""callsim: a discrete-event simulator of call queue routing.

>>> import sim
>>> day = sim.load("scenarios/day.yaml")
>>> result = sim.run(day, replications=10)
>>> result.frame().index.tolist()
['service', 'total']

The names of `sim.api`, and `sim.figures`, are loaded when they are first used: importing `sim`
loads nothing.
Their types are in `__init__.pyi`.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

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


def __getattr__(name: str) -> Any:
    if name == "figures":
        return importlib.import_module("sim.report.figures")
    if name in __all__:
        # By name, so that no room of the package comes to depend on the highest one.
        return getattr(importlib.import_module("sim.api"), name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__, "figures"])
