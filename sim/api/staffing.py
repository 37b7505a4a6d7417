"""Staffing from Python: the cheapest agents that meet targets, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.api.scenario import Scenario, expect_scenario
from sim.planning import plan as plans
from sim.planning.search import GAP
from sim.planning.staff import MAX_PLANS
from sim.planning.staff import Plan as Found
from sim.planning.staff import staff as find
from sim.planning.wanted import asked
from sim.report import plan as report
from sim.report.html_page import HtmlPage
from sim.scenario.dump import dump_scenario
from sim.scenario.targets import quoted

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 100


def staff(
    scenario: Scenario,
    targets: str | Sequence[str] = (),
    *,
    bounds: Mapping[str, int | tuple[int | None, int | None]] | None = None,
    fix: Iterable[str] = (),
    cover: Mapping[str, int] | None = None,
    every_interval: bool = False,
    confidence: float = 0.95,
    max_replications: int | None = None,
    max_plans: int = MAX_PLANS,
    gap: float = GAP,
    engine: str = "auto",
    workers: int | None = None,
) -> Plan:
    """The cheapest agents that are shown to meet all `targets` (else the scenario's `expect`).

    `bounds` are (least, most) agents by group, a number holds a group fixed; `fix` leaves groups
    as they are; `cover` is the least number of agents for a queue. The other arguments are those
    of the command `staff`. Raises ValueError with all that makes no sense.

    >>> import sim
    >>> day = sim.load("scenarios/day.yaml")
    >>> plan = sim.staff(day, "service.service_level >= 70%", bounds={"early": 5})
    >>> plan.feasible, plan.agents
    (True, {'early': 5, 'late': 4})
    """
    texts = [targets] if isinstance(targets, str) else list(targets)
    problem = asked(
        expect_scenario(scenario).model,
        texts,
        every_interval=every_interval,
        bounds=[f"agents.{quoted(name)}={_range(b)}" for name, b in (bounds or {}).items()],
        fixed=fix,
        cover=[f"{quoted(name)}={least}" for name, least in (cover or {}).items()],
    )
    return Plan(
        find(
            problem,
            engine=engine,
            workers=workers,
            confidence=confidence,
            max_replications=max_replications,
            max_plans=max_plans,
            gap=gap,
        )
    )


def _range(bounds: int | tuple[int | None, int | None]) -> str:
    if isinstance(bounds, int):
        return str(bounds)
    low, high = bounds
    return f"{'' if low is None else low}..{'' if high is None else high}"


class Plan:
    """The result of `sim.staff`."""

    def __init__(self, found: Found) -> None:
        self._found = found

    @property
    def feasible(self) -> bool:
        """Whether a plan was shown to meet all targets; else this is the closest one."""
        return self._found.feasible

    @property
    def agents(self) -> dict[str, int]:
        """How many agents each group has."""
        return self._found.problem.counts(self._found.point)

    @property
    def cost(self) -> float:
        """What they cost."""
        return self._found.problem.cost(self._found.point)

    @cached_property
    def document(self) -> dict[str, Any]:
        """What `callsim staff --json` prints."""
        return plans.document(self._found)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario with the plan filled in."""
        return Scenario(dump_scenario(plans.planned(self._found)))

    def frame(self) -> pd.DataFrame:
        """A row per target: `met`, `missed` or `not_shown`, and the estimate."""
        from sim.report.frames import target_frame

        return target_frame(self.document["targets"])

    def neighbours(self) -> pd.DataFrame:
        """A row per group with one agent fewer and target: what it shows, and the estimate."""
        import pandas as pd

        rows = [
            {
                "one_fewer": each["one_fewer"],
                "cost": each["cost"],
                "target": row["target"],
                "outcome": row["outcome"],
                **row["estimate"],
            }
            for each in self.document["neighbours"]
            for row in each["targets"]
        ]
        columns = ["one_fewer", "cost", "target", "outcome", "value", "low", "high", "half_width"]
        return pd.DataFrame(rows, columns=columns)

    def _repr_html_(self) -> str:
        page = HtmlPage()
        report.compose(page, self.document)
        return page.html()

    def __str__(self) -> str:
        return report.plan_report(self.document, width=WIDTH).rstrip()

    def __repr__(self) -> str:
        return f"<Plan for {self._found.problem.scenario.name!r}: {report.answer(self.document)}>"
