"""Requirements from Python: the agents that each interval needs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.api.progress import compiling, progress_bar
from sim.api.scenario import Scenario, changed
from sim.planning import requirement_document as documents
from sim.planning.required import asked
from sim.planning.requirement import Requirement as Found
from sim.planning.requirement import requirement as find
from sim.report import requirement as report
from sim.report.html_page import HtmlPage
from sim.scenario.dump import dump_scenario

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 100


def requirement(
    scenario: Scenario,
    targets: str | Sequence[str] = (),
    *,
    over: str | None = None,
    interval: str | None = None,
    group: str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    horizon: str | None = None,
    engine: str = "auto",
    workers: int | None = None,
    progress: bool = True,
) -> Requirement:
    """The agents that each interval needs for all `targets` (else the scenario's `expect`).

    The arguments are those of the command `requirement`: `over` is `"interval"` or `"day"`,
    `interval` such as `"15min"` another length than the scenario's, `group` whose number is wanted
    if there are several, `replications` the days on which it is shown. Raises ValueError with all
    that makes no sense, ScenarioError for a seed or a horizon that the scenario can't have,
    `sim.NoAnswerError` where no numbers are shown to meet the targets, with what to do.

    >>> import sim
    >>> day = sim.load("scenarios/peak.yaml")
    >>> found = sim.requirement(day, "total.asa_s <= 20s", horizon="30min", replications=100)
    >>> found.feasible, len(found.required)
    (True, 2)
    """
    scenario = changed(scenario, seed=seed, horizon=horizon)
    texts = [targets] if isinstance(targets, str) else list(targets)
    wanted = asked(
        scenario.model, texts, over=over, group=group, interval=interval, replications=replications
    )
    notice = compiling(engine, [scenario], intervals=True)
    with progress_bar(progress, "simulations", notice) as tell:
        return Requirement(
            find(
                scenario.model, wanted.targets, wanted.group, over=wanted.over,
                interval_s=wanted.interval_s, replications=replications, engine=engine,
                workers=workers, progress=tell,
            )
        )  # fmt: skip


class Requirement:
    """The result of `sim.requirement`."""

    def __init__(self, found: Found) -> None:
        self._found = found

    @property
    def feasible(self) -> bool:
        """Whether all of it is shown to meet the targets; else `document["advice"]` says why."""
        return self._found.all_met

    @property
    def required(self) -> list[int]:
        """The agents who have to be there, interval by interval."""
        return [slot.required for slot in self._found.slots]

    @property
    def scheduled(self) -> list[int]:
        """The agents to schedule: those required and the group's shrinkage."""
        return [slot.scheduled for slot in self._found.slots]

    @cached_property
    def document(self) -> dict[str, Any]:
        """What `callsim requirement --json` prints."""
        return documents.document(self._found)

    @cached_property
    def scenario(self) -> Scenario:
        """The scenario with the scheduled agents as the group's `schedule`."""
        return Scenario(dump_scenario(documents.as_scheduled(self._found)))

    @property
    def schedule(self) -> str:
        """The schedule as lines for the agent group in a scenario's file."""
        return documents.schedule_yaml(self._found)

    def frame(self) -> pd.DataFrame:
        """A row per interval: what `--out FILE.csv` writes."""
        import pandas as pd

        header, rows = documents.rows(self.document)
        return pd.DataFrame(rows, columns=header)

    def _repr_html_(self) -> str:
        page = HtmlPage()
        report.compose(page, self.document, self._found.day.scenario.start)
        return page.html()

    def __str__(self) -> str:
        start = self._found.day.scenario.start
        told = report.requirement_report(self.document, self.schedule, start, width=WIDTH)
        return told.rstrip()

    def __repr__(self) -> str:
        hours = self.document["agent_hours"]["required"]
        shown = "" if self.feasible else ", not all of it shown"
        name = self._found.day.scenario.name
        return f"<Requirement for {name!r}: {hours:,.6g} agent hours{shown}>"
