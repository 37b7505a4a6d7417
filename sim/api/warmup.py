"""A suggested warm-up from Python."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from sim.api.progress import compiling, progress_bar
from sim.api.scenario import Scenario, changed
from sim.experiment.warmup import Warmup as Found
from sim.experiment.warmup import suggest_warmup
from sim.report import warmup as report
from sim.report.html_page import HtmlPage

WIDTH = 100


def warmup(
    scenario: Scenario,
    *,
    replications: int | None = None,
    seed: int | None = None,
    horizon: str | None = None,
    engine: str = "auto",
    workers: int | None = 1,
    progress: bool = True,
) -> Warmup:
    """Simulate a scenario from its start and suggest how much of a run to leave out.

    The arguments are those of `sim.run`. Raises ScenarioError for a value that the scenario can't
    have.

    >>> import sim
    >>> sim.warmup(sim.load("scenarios/support.yaml"), horizon="40h", replications=5)
    <Warmup of 'support centre': 17400.0 seconds>
    """
    scenario = changed(scenario, replications=replications, seed=seed, horizon=horizon)
    with progress_bar(progress, notice=compiling(engine, [scenario], intervals=True)) as tell:
        return Warmup(suggest_warmup(scenario.model, engine=engine, workers=workers, progress=tell))


class Warmup:
    """The result of `sim.warmup`."""

    def __init__(self, found: Found) -> None:
        self._found = found

    @property
    def warmup_s(self) -> float | None:
        """The seconds to leave out; None where the run was too short to tell."""
        return self._found.warmup_s

    @property
    def warnings(self) -> list[str]:
        """What speaks against the suggestion or looks wrong in the scenario."""
        return [each["message"] for each in self.document["warnings"]]

    @cached_property
    def document(self) -> dict[str, Any]:
        """What `callsim warmup --json` prints."""
        return self._found.document()

    def _repr_html_(self) -> str:
        page = HtmlPage()
        report.compose(page, self.document, warnings=True)
        return page.html()

    def __str__(self) -> str:
        return report.warmup_report(
            self.document, width=WIDTH, colour=False, ascii_only=False, warnings=True
        ).rstrip()

    def __repr__(self) -> str:
        told = "the run is too short to tell"
        if self.warmup_s is not None:
            told = f"{self.warmup_s} seconds"
        return f"<Warmup of {self._found.scenario.name!r}: {told}>"
