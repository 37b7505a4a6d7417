"""Results to draw: small runs on the SimPy engine, made once each."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import sim
from sim.api.results import Comparison, Run
from sim.cli.app import main

ROOT = Path(__file__).parents[3]
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))

ODD_NAMES = (
    "$x_1$ & y_2", "_under_<b>", "客服中心とても長い名前です本当に長い名前です", "Ελληνικά",
    "خدمة العملاء", "नमस्ते", "a very long name that nobody would ever write in full", "%d {x}",
    "\\alpha^2", "=1+1",
)  # fmt: skip


def text(
    names: tuple[str, ...] = ("a", "b"),
    *,
    groups: tuple[str, ...] | None = None,
    rate: str = "20/h",
    replications: int = 3,
    **fields: Any,
) -> str:
    """A scenario of three hours: each queue with a group of its own of one agent."""
    groups = names if groups is None else groups
    queues = [
        {
            "name": name,
            "tags": [f"t{place}"],
            "arrivals": {"rate": rate},
            "service_time": {"distribution": "exponential", "mean": "4min"},
            "patience": {"distribution": "exponential", "mean": "3min"},
            "wrap_up": "20s",
            "wait_flow": "hold $f$",
            "wait_timeout": "150s",
        }
        for place, name in enumerate(names)
    ]
    agents = [{"name": name, "tags": [f"t{place}"]} for place, name in enumerate(groups)]
    talk = {"talk": "All $are$ <busy>", "hangup_probability": 0.05}
    whole = {
        "name": names[0],
        "horizon": "3h",
        "interval": "30min",
        "replications": replications,
        "queues": queues,
        "agents": agents,
        "flows": [{"name": "hold $f$", "actions": [talk, {"sleep": "30s"}]}],
    }
    return json.dumps(whole | fields)


def run_of(told: str) -> Run:
    """A run with everything kept."""
    return sim.run(sim.loads(told), engine="simpy", intervals=True, calls=True)


@cache
def plain() -> Run:
    return run_of(text())


@cache
def shipped(name: str) -> Run:
    """A shipped scenario, three replications."""
    scenario = sim.load(ROOT / "scenarios" / f"{name}.yaml")
    return sim.run(scenario, replications=3, engine="simpy", intervals=True, calls=True)


@cache
def compared() -> Comparison:
    scenario = sim.loads(text())
    variants = sim.variants(scenario, {"queues.a.wait_timeout": ["20s", "150s", "10min"]})
    return sim.compare(variants, engine="simpy")


def sweep_folder(folder: Path, *settings: str) -> Path:
    """A sweep of the plain scenario over settings such as `seed=1,2`."""
    path = folder / "plain.yaml"
    path.write_text(text(), "utf-8")
    sets = [part for setting in settings for part in ("--set", setting)]
    out = folder / "sweep"
    more = ["--engine", "simpy", "--workers", "1", "-q", "--out", str(out)]
    assert main(["sweep", str(path), *sets, *more]) == 0
    return out
