"""Makes the pictures of docs/figures.md: every figure, light and dark.

    python docs/gallery.py FOLDER [--format png|svg]

writes FOLDER/NAME-THEME.png (or .svg). `make` does the same for a program that builds the site.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sim
from sim.cli.app import main as callsim
from sim.report.figures import FIGURES, THEMES, draw
from sim.report.figures.style import to_png, to_svg

SCENARIOS = Path(__file__).parents[1] / "scenarios"
HOURS = (1, 1, 1, 1, 1, 2, 4, 9, 16, 22, 25, 24, 21, 20, 22, 23, 21, 18, 13, 9, 6, 4, 3, 2)
DAYS = (1.25, 1.1, 1.0, 1.0, 1.05, 0.5, 0.3)


def week() -> sim.Scenario:
    """Seven days of calls by the hour, Mondays the busiest, with the same agents each day."""
    calls = [round(3 * day * hour, 1) for day in DAYS for hour in HOURS]
    return sim.loads(
        f"""
        name: a week
        start: 2026-11-23 00:00
        horizon: 7d
        interval: 1h
        replications: 20
        queues:
          - name: service
            arrivals: {{profile: {{interval: 1h, calls: {calls}}}}}
            service_time: {{distribution: lognormal, mean: 4min, cv: 0.8}}
            patience: {{distribution: exponential, mean: 3min}}
        agents:
          - {{name: all, count: 6}}
        """
    )


def results(folder: Path) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Each figure's name, a result to draw it of, and its options."""
    support = sim.load(SCENARIOS / "support.yaml")
    plan = sim.load(SCENARIOS / "shift_plan.yaml")
    tutorial = sim.load(SCENARIOS / "tutorial.yaml")
    kept = {"intervals": True, "calls": True}
    day, centre = sim.run(plan, **kept), sim.run(support, **kept)
    yield "day", day, {}
    yield "week", sim.run(week(), intervals=True), {}
    yield "waits", sim.run(tutorial), {}
    yield "patience", centre, {"queue": "billing"}
    yield "occupancy", centre, {}
    yield "served", centre, {}
    yield "calls", day, {}
    yield "flow", centre, {"queue": "billing"}
    variants = sim.variants(support, {"agents.senior.count": [2, 1, 3, 4]})
    yield "differences", sim.compare(variants), {}
    grid = folder / "grid"
    settings = ["--set", "agents.senior.count=1..6", "--set", "agents.bilingual.count=1..4"]
    printed("sweep", SCENARIOS / "support.yaml", *settings, "--out", grid)
    yield "sweep", grid, {}
    yield "sweep_map", grid, {}
    required = ["--target", "total.service_level >= 80%", "--json", "--replications"]
    yield "requirement", printed("requirement", SCENARIOS / "peak.yaml", *required, 200), {}
    days = folder / "week.yaml"
    days.write_text(week().text, encoding="utf-8")
    shown = ["--horizon", "3d", "--interval", "2h"]
    yield "requirement_map", printed("requirement", days, *shown, *required, 60), {}
    slow = ["--set", "queues.service.service_time.mean=264s", "--seed", 7, "--replications", 15]
    printed("run", SCENARIOS / "day.yaml", *slow, "--out", folder / "slow")
    outside = printed("backtest", SCENARIOS / "day.yaml", folder / "slow", "--json", ends=1)
    yield "backtest", outside, {}
    yield "warmup", printed("warmup", SCENARIOS / "support.yaml", "--horizon", "40h", "--json"), {}
    printed("run", SCENARIOS / "day.yaml", "--replications", 10, "--out", folder / "log")
    yield "fitted", printed("calibrate", folder / "log", "--json"), {}


def printed(*words: object, ends: int = 0) -> Any:
    """The document that a command prints, None if it prints none. `ends` is its exit code."""
    told = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")  # documents are written as bytes
    with redirect_stdout(told):
        if callsim([*map(str, words), "-q"]) != ends:
            raise SystemExit(f"{words[0]} failed")
    told.flush()
    return json.loads(told.buffer.getvalue()) if "--json" in words else None


def make(folder: Path, *, format_: str = "svg", themes: Sequence[str] = THEMES) -> list[Path]:
    """Write all pictures to a folder, which is made if need be; their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with TemporaryDirectory() as scratch:
        for name, result, options in results(Path(scratch)):
            for theme in themes:
                figure = draw(name, result, theme=theme, **options)
                path = folder / f"{name}-{theme}.{format_}"
                content = to_svg(figure).encode() if format_ == "svg" else to_png(figure)
                path.write_bytes(content)
                made.append(path)
    missing = set(FIGURES) - {path.name.split("-")[0] for path in made}
    if missing:
        raise SystemExit(f"no picture of {', '.join(sorted(missing))}")
    return made


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--format", choices=("png", "svg"), default="svg")
    told = parser.parse_args()
    for each in make(told.folder, format_=told.format):
        print(each)
