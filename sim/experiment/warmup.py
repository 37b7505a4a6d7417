"""A suggested warm-up: how long the start can be seen in the number of calls.

The scenario is simulated without a warm-up. Two series, averaged over the replications, are looked
at: the number waiting and the number in the system (waiting, connecting or talking). The longer of
their cuts by MSER-5 is suggested.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.experiment.run import Progress, run
from sim.metrics.warmup import mser
from sim.scenario.lint import lint
from sim.scenario.lint_steady import lint_warmup
from sim.scenario.model import LintWarning, Scenario
from sim.scenario.units import format_duration
from sim.sums import AgentTotal, Total

FORMAT = "callsim.warmup/1"
OBSERVATIONS = 500
LEAST_REPLICATIONS = 5
TIMES_THE_WARMUP = 10
"""A run should be so many times as long as its warm-up (Robinson, *Simulation*, 2nd ed., 9.5.1)."""
_ROUND_S = (1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0)


@dataclass(frozen=True)
class Series:
    """One observation for each part of the run, averaged over replications, and its cut."""

    name: str
    values: NDArray[np.float64]
    observation_s: float
    cut_s: float
    is_late: bool

    @property
    def level(self) -> float:
        """The mean of what is left after the cut."""
        return float(self.values[round(self.cut_s / self.observation_s) :].mean())


@dataclass(frozen=True)
class Warmup:
    """The suggestion. `warmup_s` is None where the run was too short to tell."""

    scenario: Scenario
    engine: str
    observation_s: float
    series: tuple[Series, ...]

    @property
    def is_late(self) -> bool:
        """Whether a series still changes in the second half of the run."""
        return any(each.is_late for each in self.series)

    @property
    def warmup_s(self) -> float | None:
        """The longer cut, in a round number of seconds that is not below it."""
        return None if self.is_late else _rounded(max(each.cut_s for each in self.series))

    def warnings(self) -> list[dict[str, str]]:
        """What speaks against the suggestion, and the lint of the scenario."""
        scenario = self.scenario
        own = ("long-warmup", "one-replication-with-targets")
        found = [*(w for w in lint(scenario) if w.code not in own), *lint_warmup(scenario)]
        horizon = format_duration(scenario.horizon_s)
        if self.is_late:
            found.append(
                LintWarning(
                    "run-too-short",
                    "horizon",
                    f"{horizon} are too short to tell: the number of calls still changes in the "
                    f"second half; try a horizon of {format_duration(4 * scenario.horizon_s)}",
                )
            )
        elif (self.warmup_s or 0.0) * TIMES_THE_WARMUP > scenario.horizon_s:
            wanted = format_duration(TIMES_THE_WARMUP * (self.warmup_s or 0.0))
            found.append(
                LintWarning(
                    "short-horizon",
                    "horizon",
                    f"{horizon} are short beside this warm-up: with it, a horizon of {wanted} or "
                    "more leaves enough to count",
                )
            )
        if scenario.replications < LEAST_REPLICATIONS:
            found.append(
                LintWarning(
                    "few-replications",
                    "replications",
                    f"an average over at least {LEAST_REPLICATIONS} replications shows the start "
                    "more clearly",
                )
            )
        return [{"code": w.code, "where": w.where, "message": w.message} for w in found]

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "format": FORMAT,
            "version": __version__,
            "scenario": self.scenario.name,
            "sha256": self.scenario.sha256,
            "engine": self.engine,
            "seed": self.scenario.seed,
            "replications": self.scenario.replications,
            "horizon_s": self.scenario.horizon_s,
            "observation_s": self.observation_s,
            "warmup_s": self.warmup_s,
            "series": [
                {
                    "name": each.name,
                    "cut_s": each.cut_s,
                    "too_short": each.is_late,
                    "level": each.level,
                    "values": each.values.tolist(),
                }
                for each in self.series
            ],
            "warnings": self.warnings(),
        }


def suggest_warmup(
    scenario: Scenario,
    *,
    engine: str = "auto",
    workers: int | None = 1,
    progress: Progress | None = None,
) -> Warmup:
    """Simulate all of `scenario` from its start and suggest a warm-up; its own is not heeded.

    Raises ValueError for an unknown engine.
    """
    observation_s = scenario.horizon_s / OBSERVATIONS
    whole = replace(scenario, warmup_s=0.0, interval_s=observation_s)
    result = run(whole, engine=engine, workers=workers, intervals=True, progress=progress)
    assert result.slot_totals is not None and result.slot_agents is not None
    waiting = result.slot_totals[:, :, :, Total.QUEUE_TIME].sum(axis=1).mean(axis=0)
    talking = result.slot_agents[:, :, :, AgentTotal.SERVICE].sum(axis=1).mean(axis=0)
    found = []
    for name, seconds in (("waiting", waiting), ("in_system", waiting + talking)):
        values = seconds[:OBSERVATIONS] / observation_s
        cut = mser(values)
        found.append(
            Series(name, values, observation_s, cut.observations * observation_s, cut.is_late)
        )
    return Warmup(scenario, result.engine, observation_s, tuple(found))


def _rounded(seconds: float) -> float:
    """Up to a round duration: at most a tenth longer, or a second."""
    step = max((step for step in _ROUND_S if step <= seconds / 10.0), default=1.0)
    return math.ceil(seconds / step - 1e-9) * step
