"""Results to be reported on: small ones with names that bite, and a large one."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from sim.experiment import design
from sim.experiment.compare import compare
from sim.experiment.run import run
from sim.experiment.sweep import Sweep, Variants
from sim.report.book.write import write_report
from sim.report.folder import write_folder
from sim.report.sweep import write_tables
from sim.scenario.load import loads_scenario

SCRIPT, FORMULA = "<script>alert(1)</script>", "=1+1"
LONG = "@" + "a_name_without_a_place_to_break_it_" * 4
SMALL = f"""
name: 'centre <b>&"'
start: 2026-11-23 09:00
horizon: 4h
interval: 30min
replications: 4
queues:
  - {{name: "{SCRIPT}", tags: [a], arrivals: {{rate: 60/h}}, service_time: 4min,
     patience: {{distribution: exponential, mean: 2min}}, wait_timeout: 3min, max_waiting: 3,
     wait_flow: hold}}
  - {{name: "{FORMULA}", tags: [a], arrivals: {{rate: 20/h}},
     service_time: {{distribution: exponential, mean: 5min}}}}
  - {{name: "{LONG}", tags: [b], arrivals: {{rate: 10/h}}, service_time: 5min,
     service_level: {{threshold: 30s}}, patience: {{distribution: exponential, mean: 2min}}}}
  - {{name: nobody, tags: [c], arrivals: {{rate: 2/h}}, service_time: 5min, wait_timeout: 1min}}
agents:
  - {{name: "-desk & co", count: 4, tags: [a], cost: 20}}
  - {{name: "+both", count: 3, tags: [a, b], schedule: [{{from: 0s, to: 3h, count: 3}}]}}
flows:
  - name: hold
    actions: [{{talk: "Please <wait>.", hangup_probability: 5%}}, {{sleep: 20s}}]
expect:
  - total.service_level >= 10%
  - nobody.abandonment <= 20%
  - '"=1+1".wait_max_s <= 10h'
  - agents."+both".occupancy <= 100%
"""
N_QUEUES, N_GROUPS = 40, 8


def large_scenario() -> str:
    """40 queues over 24 h in intervals of a quarter of an hour."""
    queues = "".join(
        f"  - {{name: queue {i}, tags: [t{i % N_GROUPS}], arrivals: {{rate: {4 + i % 7}/h}},"
        " service_time: {distribution: exponential, mean: 4min},"
        " patience: {distribution: exponential, mean: 3min}}\n"
        for i in range(N_QUEUES)
    )
    groups = "".join(f"  - {{name: team {i}, count: 3, tags: [t{i}]}}\n" for i in range(N_GROUPS))
    head = "name: large\nhorizon: 24h\ninterval: 15min\nreplications: 2\n"
    return f"{head}queues:\n{queues}agents:\n{groups}"


def saved_run(text: str, folder: Path) -> Path:
    """A run of the scenario, with everything that `run --out --intervals` writes."""
    write_folder(run(loads_scenario(text), intervals=True, log=True), folder)
    return folder


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of four queues."""
    return saved_run(SMALL, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of 40 queues and 96 intervals."""
    return saved_run(large_scenario(), tmp_path_factory.mktemp("large"))


@pytest.fixture(scope="session")
def document(small: Path) -> dict[str, Any]:
    """The small run's result.json."""
    loaded: dict[str, Any] = json.loads((small / "result.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="session")
def compared() -> dict[str, Any]:
    """A comparison of three variants."""
    variants = {
        f"-{n} desks": loads_scenario(SMALL, overrides=[f'agents."-desk & co".count={n}'])
        for n in (3, 4, 5)
    }
    from sim.scenario.targets import METRICS

    return compare(variants, rank_by=("total", METRICS["service_level"], False)).document()


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a sweep of four points."""
    folder = tmp_path_factory.mktemp("swept")
    job = Variants(SMALL, "small.yaml", "", (), "compiled")
    made = Sweep(job, design.grid(["agents[0].count=3,4", "horizon=1h,2h"]), folder, force=False)
    try:
        made.carry_out(workers=1)
        made.store.finish(write_tables(made), made.bad_points())
    finally:
        made.store.close()
    return folder


@pytest.fixture(scope="session")
def timed_pages(
    small: Path, large: Path, compared: dict[str, Any], swept: Path, tmp_path_factory: Any
) -> dict[str, tuple[Path, float]]:
    """The pages of all of them, as files, and the seconds of one processor that each took."""
    folder = tmp_path_factory.mktemp("pages")
    results = {"small": small, "large": large, "compared": compared, "swept": swept}
    made = {}
    for name, result in results.items():
        begin = time.process_time()
        path = write_report(result, folder / f"{name}.html")
        made[name] = path, time.process_time() - begin
    return made


@pytest.fixture(scope="session")
def pages(timed_pages: dict[str, tuple[Path, float]]) -> dict[str, Path]:
    """The pages of all of them, as files."""
    return {name: path for name, (path, _) in timed_pages.items()}
