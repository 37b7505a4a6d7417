"""Calibrations from Python: a scenario fitted to a real log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sim.api.real_logs import Log, history_of
from sim.api.scenario import Scenario, loads
from sim.calibration.fit import document as documents
from sim.calibration.fit.asked import asked
from sim.calibration.fit.calibrate import Calibration as Found
from sim.calibration.fit.calibrate import calibrate as fitted
from sim.calibration.fit.scenario_text import scenario_text
from sim.calibration.period import within
from sim.report import calibration as report
from sim.report.html_page import HtmlPage

WIDTH = 120


def calibrate(
    log: Log,
    *,
    days: str = "all",
    first: str | None = None,
    last: str | None = None,
    hours: str | None = None,
    interval: str = "30min",
    queues: Sequence[str] = (),
    wrap_up: str | None = None,
    agents: Mapping[str, int] | None = None,
    time_zone: str | None = None,
    name: str = "",
) -> Calibration:
    """Fit a scenario of one day to a log of real calls.

    `log` is a file, several, the folder of `run --out`, or a history that was read before. `days`
    are `weekdays`, `mon,wed` and the like, `first` and `last` dates such as `2026-03-02`, `hours`
    such as `08:00..18:00`; `queues` those to fit, all by default; `agents` numbers by the group's
    name. The other arguments are those of the command `calibrate`. Raises ScenarioError for a log
    that can't be read or fitted, ValueError for arguments that make no sense.

    `sim.calibrate("queue_log", days="weekdays", last="2026-08-31").scenario`
    """
    numbers = [f"{group}={count}" for group, count in (agents or {}).items()]
    wanted = asked(
        days=days, first=first, last=last, hours=hours, interval=interval, queues=queues,
        wrap_up=wrap_up, agents=numbers,
    )  # fmt: skip
    history = within(history_of(log, time_zone), wanted.first, wanted.last)
    return Calibration(fitted(history, wanted), name)


class Calibration:
    """What `sim.calibrate` found. Printed it is the report, in a notebook the same as HTML."""

    def __init__(self, found: Found, name: str) -> None:
        self._found = found
        self.text = scenario_text(found, name)
        """The scenario as YAML, a comment beside each number on where it comes from."""

    @cached_property
    def scenario(self) -> Scenario:
        """The fitted scenario."""
        return loads(self.text)

    @cached_property
    def document(self) -> dict[str, Any]:
        """What `callsim calibrate --json` prints."""
        return documents.document(self._found, self.text)

    def _repr_html_(self) -> str:
        page = HtmlPage()
        report.compose(page, self.document)
        return page.html()

    def __str__(self) -> str:
        return report.calibration_report(self.document, width=WIDTH).rstrip()

    def __repr__(self) -> str:
        n = len(self._found.sample.days)
        return f"<Calibration of {self.scenario.name!r} on {n} days>"
