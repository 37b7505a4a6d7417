"""A scenario whose one group has another number of agents in every interval, and its simulation.

A call belongs to the interval in which it arrives, whenever it is answered. All numbers of agents
meet the same callers (common random numbers), and those of an interval depend on the agents of
later ones only through the calls that still wait then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sim.experiment.result import Result
from sim.experiment.run import engine_called, replications
from sim.experiment.work import OneScenario
from sim.metrics.estimates import Estimate, estimate
from sim.metrics.measures import QueueSample, agent_measures, queue_measures
from sim.metrics.verdicts import Verdict, judged_share, verdict
from sim.scenario.model import AgentGroup, AtHorizon, Period, Scenario, ServiceLevelFormula, Target
from sim.scenario.targets import METRICS, UnitKind
from sim.sums import Count

Counts = tuple[int, ...]
Simulated = Callable[[int], None]

NEARER_BELOW = (
    "abandonment", "asa_s", "wait_mean_s", "abandon_wait_mean_s", "delayed", "queue_length_mean",
    "blocked_share", "first_attempt_abandonment",
)  # fmt: skip
NEARER_ABOVE = ("service_level",)
OF_AGENTS = ("occupancy", "utilisation")


@dataclass(frozen=True, slots=True)
class Tested:
    """Numbers of agents, and the estimates of each target from `n` days: by interval and in all."""

    counts: list[int]
    n: int
    by_slot: list[tuple[Estimate, ...]]
    over_day: tuple[Estimate, ...]


@dataclass(frozen=True, eq=False)
class DayStaffing:
    """The scenario, which group's numbers change, and who simulates.

    `scenario` has no warm-up and no shrinkage of the group: what is counted here are agents who
    are there. `edges_s`, shape (I + 1,), are the intervals' edges, the last one the horizon.
    """

    scenario: Scenario
    group: int
    edges_s: NDArray[np.float64]
    engine: str = "compiled"
    workers: int | None = 1

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        group: int,
        interval_s: float,
        *,
        engine: str = "auto",
        workers: int | None = 1,
    ) -> DayStaffing:
        """The day of a scenario in intervals; the last one is perhaps shorter."""
        n = max(1, int(np.ceil(scenario.horizon_s / interval_s - 1e-9)))
        edges = interval_s * np.arange(n + 1.0)
        edges[-1] = scenario.horizon_s
        agents = list(scenario.agents)
        agents[group] = replace(agents[group], shrinkage=0.0, present=True)
        base = replace(
            scenario, interval_s=interval_s, warmup_s=0.0, agents=tuple(agents), expect=()
        )
        return cls(base, group, edges, engine_called(engine), workers)

    @property
    def n_slots(self) -> int:
        """How many intervals."""
        return self.edges_s.size - 1

    def periods(self, counts: Sequence[int]) -> tuple[Period, ...]:
        """The schedule of these numbers of agents, neighbours that are alike as one."""
        found: list[Period] = []
        for i, count in enumerate(counts):
            start, end = float(self.edges_s[i]), float(self.edges_s[i + 1])
            if found and found[-1].to_s == start and found[-1].count == count:
                found[-1] = replace(found[-1], to_s=end)
            elif count:
                found.append(Period(start, end, count))
        return tuple(found)

    def staffed(self, counts: Sequence[int]) -> Scenario:
        """The scenario with these numbers of agents of the group, interval by interval."""
        group: AgentGroup = self.scenario.agents[self.group]
        changed = replace(group, count=max(1, *counts), schedule=self.periods(counts))
        agents = (
            *self.scenario.agents[: self.group], changed, *self.scenario.agents[self.group + 1 :]
        )  # fmt: skip
        return replace(self.scenario, agents=agents)

    def simulate(
        self, counts: Sequence[int], n: int, *, first: int = 0, slots: int | None = None
    ) -> Result:
        """Replications `first` to `first + n` - 1, of the first `slots` intervals if not of all.

        A day that is cut goes on until its calls have left, with the agents of its last interval.
        """
        scenario = replace(self.staffed(counts), replications=first + n)
        if slots is not None and slots < self.n_slots:
            horizon = float(self.edges_s[slots])
            scenario = replace(scenario, horizon_s=horizon, at_horizon=AtHorizon.DRAIN)
        job = OneScenario(scenario, self.engine, True, False)
        return replications(job, first, workers=self.workers).result(
            engine=self.engine, elapsed_s=0.0
        )

    # --- what a simulation shows ---------------------------------------------------------------

    def estimates(self, result: Result, target: Target) -> list[Estimate]:
        """The target's metric in each interval of the result."""
        assert result.slot_counts is not None and result.slot_totals is not None
        assert result.slot_agents is not None
        n = result.slot_counts.shape[2]
        spans = np.diff(self.edges_s[: n + 1])
        if target.subject_is_group:
            names = [group.name for group in self.scenario.agents]
            place = names.index(target.subject)
            nobody = np.zeros(len(result.slot_agents))
            return [
                agent_measures(result.slot_agents[:, place, i], nobody, 1, None)[target.metric]
                for i in range(n)
            ]
        rows, formula = self._rows(target), self._formula(target)
        counts = result.slot_counts[:, rows].sum(axis=1)
        totals = result.slot_totals[:, rows].sum(axis=1)
        return [
            queue_measures(QueueSample(counts[:, i], totals[:, i], float(spans[i])), formula)[
                target.metric
            ]
            for i in range(n)
        ]

    def over_day(self, result: Result, target: Target) -> Estimate:
        """The target's metric over all calls of the day."""
        if target.subject_is_group:
            names = [group.name for group in self.scenario.agents]
            return result.agent_estimates(names.index(target.subject))[target.metric]
        rows = self._rows(target)
        sample = QueueSample(
            result.counts[:, rows].sum(axis=1), result.totals[:, rows].sum(axis=1),
            float(self.edges_s[-1]),
        )  # fmt: skip
        return queue_measures(sample, self._formula(target))[target.metric]

    def left_waiting(self, result: Result) -> list[bool]:
        """Whether calls of each interval were never answered and never left: nobody came."""
        assert result.slot_counts is not None
        kinds = [Count.WAITING_AT_END, Count.CONNECTING_AT_END]
        there = result.slot_counts[:, :, :, kinds].sum(axis=(0, 1, 3))
        return [bool(each) for each in there]

    def _rows(self, target: Target) -> slice:
        names = [queue.name for queue in self.scenario.queues]
        if target.subject == "total" and "total" not in names:
            return slice(0, len(names) + 1)
        place = names.index(target.subject)
        return slice(place, place + 1)

    def _formula(self, target: Target) -> ServiceLevelFormula:
        queues = self.scenario.queues[self._rows(target)]
        formulas = {queue.service_level.formula for queue in queues}
        return formulas.pop() if len(formulas) == 1 else ServiceLevelFormula.ANSWERED_OF_INCOMING


def judge(found: Estimate, target: Target, confidence: float) -> tuple[Verdict, Estimate]:
    """What an estimate shows of a target; where there was nobody to measure it on, it is met."""
    if found.value is None:
        return Verdict.MET, found
    is_share = METRICS[target.metric].unit is UnitKind.SHARE
    most = 1.0 if is_share else np.inf
    if found.influence is not None:
        found = estimate(found.value, found.influence, least=0.0, most=most, confidence=confidence)
    if is_share:
        found = judged_share(found, confidence)
    return verdict(found, target.operator, target.value, metric=target.metric), found


def refusal(target: Target) -> str | None:
    """Why a target can't ask for agents by interval; None if it can."""
    if target.of_days is not None:
        return (
            f"`{target.text}`: the agents of an interval are found for expectations; write the"
            " target without `P(...)`. Shares of days are for `staff` and for `expect`"
        )
    better_above = target.metric in NEARER_ABOVE and target.operator == ">="
    better_below = target.metric in (*NEARER_BELOW, *OF_AGENTS) and target.operator == "<="
    if better_above or better_below:
        return None
    known = (*NEARER_ABOVE, *NEARER_BELOW, *OF_AGENTS)
    if target.metric not in known:
        return f"`{target.text}`: no number by interval; there are {', '.join(known)}"
    return f"`{target.text}`: more agents lead away from it, so there is no least number"
