"""Backtests from Python: whether a scenario predicts the days of a real log."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sim.api.progress import progress_bar
from sim.api.real_logs import Log, history_of
from sim.api.scenario import Scenario, expect_scenario
from sim.calibration.backtest import document as documents
from sim.calibration.backtest.days import Choice
from sim.calibration.backtest.judge import ArrivalsFrom
from sim.calibration.backtest.judge import Backtest as Found
from sim.calibration.backtest.judge import backtest as backtested
from sim.calibration.days import date_of
from sim.report import backtest as report
from sim.report.frames import backtest_frame
from sim.report.html_page import HtmlPage

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 100


def backtest(
    scenario: Scenario,
    log: Log,
    *,
    days: str = "all",
    first: str | date | None = None,
    last: str | date | None = None,
    arrivals: str = "as-in-scenario",
    within: float | None = None,
    time_zone: str | None = None,
    replications: int | None = None,
    engine: str = "auto",
    workers: int | None = 1,
    progress: bool = True,
) -> Backtest:
    """Simulate days of a scenario and judge whether the days of a log could be among them.

    `log` is a file, several, the folder of `run --out`, or a history that was read before. `days`
    are `weekdays`, `mon,wed` and the like, `first` and `last` dates. `arrivals` `as-recorded`
    replays the log's own calls. With `within`, 0.1 for 10 %, differences must be shown to lie
    inside that. The other arguments are those of the command `backtest`. Raises ScenarioError for
    what can't be read or compared, ValueError for arguments that make no sense.

    `sim.backtest(sim.load("day.yaml"), "queue_log", first="2026-03-01").frame()`
    """
    model = expect_scenario(scenario).model
    choice = Choice.of(days, _date(first), _date(last))
    history = history_of(log, time_zone or model.time_zone)
    with progress_bar(progress, "days") as tell:
        return Backtest(
            backtested(
                model, history, arrivals=ArrivalsFrom(arrivals), choice=choice,
                replications=replications, within=within, engine=engine, workers=workers,
                progress=tell,
            )
        )  # fmt: skip


class Backtest:
    """The result of `sim.backtest`. Printed it is the report, in a notebook the same as HTML."""

    def __init__(self, found: Found) -> None:
        self._found = found

    @cached_property
    def document(self) -> dict[str, Any]:
        """What `callsim backtest --json` prints."""
        return documents.document(self._found)

    @property
    def outcome(self) -> str:
        """`within`, `outside` or `not_shown`."""
        return self._found.outcome

    @property
    def fits(self) -> bool:
        """Whether the command's exit code would be 0."""
        return self._found.fits

    def frame(self) -> pd.DataFrame:
        """A row per metric, its name the index: log, prediction, interval, difference, p, outcome.

        With several queues the index is the subject and the metric.
        """
        return backtest_frame(self.document)

    def _repr_html_(self) -> str:
        page = HtmlPage()
        report.compose(page, self.document)
        return page.html()

    def __str__(self) -> str:
        return report.backtest_report(self.document, width=WIDTH).rstrip()

    def __repr__(self) -> str:
        n = len(self._found.days)
        return f"<Backtest of {self._found.scenario.name!r} on {n} days: {self.outcome}>"


def _date(told: str | date | None) -> date | None:
    return date_of(told) if isinstance(told, str) else told
