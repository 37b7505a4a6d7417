"""What comes out: documents as the command line prints them, pandas tables, and a look at it."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiment.check import FORMAT as CHECK_FORMAT
from sim.experiment.check import Checked
from sim.experiment.compare import Comparison as Compared
from sim.experiment.result import Result
from sim.experiment.store import RESULTS
from sim.report import checked, comparison, frames, swept, terminal
from sim.report.book.write import write_report
from sim.report.html_page import HtmlPage
from sim.report.page import Page

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 100


class Run:
    """The result of `sim.run`. Printed it is the report, in a notebook the same as HTML.

    `result` has the sums over the calls of each replication.
    """

    def __init__(self, result: Result) -> None:
        self.result = result

    @cached_property
    def document(self) -> dict[str, Any]:
        """What `callsim run --json` prints (with the intervals if they were asked for)."""
        return self.result.document(with_intervals=self.result.slot_counts is not None)

    @property
    def replications(self) -> int:
        """How many there were; with a precision, how many it took."""
        return self.result.scenario.replications

    def frame(self) -> pd.DataFrame:
        """A row per queue and one for `total`.

        Counts are sums over all replications; a metric is in the columns `NAME`, `NAME_low` and
        `NAME_high`, NaN where it could not be had.
        """
        return frames.queue_frame(self.document)

    def agents(self) -> pd.DataFrame:
        """A row per agent group, its metrics as in `frame`."""
        return frames.agent_frame(self.document)

    def intervals(self) -> pd.DataFrame:
        """A row per queue (and `total`) and interval; needs `run(..., intervals=True)`.

        Raises ValueError without.
        """
        if self.result.slot_counts is None:
            raise ValueError("the run kept no intervals: run(..., intervals=True)")
        return frames.interval_frame(self.document)

    def controlled(self) -> pd.DataFrame:
        """A row per subject and metric with its estimate by control variates, and `runs_saved`.

        A subject is a queue, `total` or `agents.GROUP`. Needs `run(..., control_variates=True)`;
        raises ValueError without.
        """
        if self.result.controlled is None:
            raise ValueError("the run has no such estimates: run(..., control_variates=True)")
        return frames.controlled_frame(self.result.controlled)

    def calls(self) -> pd.DataFrame:
        """A row per call of every replication; needs `run(..., calls=True)`.

        Raises ValueError without.
        """
        import pandas as pd

        if self.result.logs is None:
            raise ValueError("the run kept no calls: run(..., calls=True)")
        return pd.DataFrame(self.result.calls())

    def report(
        self, path: str | os.PathLike[str], *, title: str | None = None, force: bool = False
    ) -> Path:
        """Write `path`: an HTML file (.html) or an Excel workbook (.xlsx), as `callsim report`.

        Intervals are in it only after `run(..., intervals=True)`. Raises CannotWriteError (a
        ValueError) if the file is there already and `force` is not set, or can't be such a file.
        """
        return write_report(self, path, title=title, force=force)

    def _repr_html_(self) -> str:
        page = HtmlPage()
        terminal.compose(page, self.document, self.result.scenario)
        return page.html()

    def __str__(self) -> str:
        return terminal.report(self.document, self.result.scenario, width=WIDTH).rstrip()

    def __repr__(self) -> str:
        return f"<Run of {self.result.scenario.name!r}, {self.replications} replications>"


class Comparison:
    """The result of `sim.compare`: every variant against the first."""

    def __init__(self, compared: Compared) -> None:
        self._compared = compared

    @cached_property
    def document(self) -> dict[str, Any]:
        """What `callsim compare --json` prints."""
        return self._compared.document()

    @property
    def runs(self) -> dict[str, Run]:
        """The variants' own results, by name."""
        return {name: Run(result) for name, result in self._compared.results.items()}

    def frame(self) -> pd.DataFrame:
        """A row per variant, subject and metric: the difference to the first, its interval.

        A subject is a queue, `total` or `agents.GROUP`. `independent_to_paired` tells how many
        times as many replications independent random numbers would have taken.
        """
        return frames.difference_frame(self.document)

    def report(
        self, path: str | os.PathLike[str], *, title: str | None = None, force: bool = False
    ) -> Path:
        """Write `path`, an HTML file or an Excel workbook, as `Run.report` does."""
        return write_report(self, path, title=title, force=force)

    def _repr_html_(self) -> str:
        page = HtmlPage()
        comparison.compose(page, self.document)
        return page.html()

    def __str__(self) -> str:
        return comparison.comparison_report(self.document, width=WIDTH).rstrip()

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(map(repr, self.document['variants']))}>"


class Check:
    """The result of `sim.check`: what a run shows of the targets in `expect`."""

    def __init__(self, found: Checked) -> None:
        self._found = found
        self.run = Run(found.result)

    @property
    def all_met(self) -> bool:
        """Whether no target was missed or left open."""
        return self._found.all_met

    @property
    def document(self) -> dict[str, Any]:
        """What `callsim check --json` prints."""
        return {"format": CHECK_FORMAT, "results": self._rows}

    @cached_property
    def _rows(self) -> list[dict[str, Any]]:
        return self._found.rows(self._found.result.scenario.name)

    def frame(self) -> pd.DataFrame:
        """A row per target: `met`, `missed` or `not_shown`, and the estimate."""
        return frames.target_frame(self._rows)

    def _repr_html_(self) -> str:
        page = HtmlPage()
        self._compose(page)
        return page.html()

    def __str__(self) -> str:
        page = Page(WIDTH, colour=False, ascii_only=False)
        self._compose(page)
        return page.text().rstrip()

    def __repr__(self) -> str:
        scenario = self._found.result.scenario
        return f"<Check of {scenario.name!r}, {len(self._rows)} targets>"

    def _compose(self, page: HtmlPage | Page) -> None:
        scenario = self._found.result.scenario
        checked.compose(
            page,
            scenario.name,
            self._rows,
            replications=scenario.replications,
            seed=scenario.seed,
        )


class Sweep:
    """The result of `sim.sweep`: all points, and what came of each.

    `document` is what `callsim sweep --json` prints but for the time: how many points there are,
    how many were simulated by this call, and the bad ones. `folder` is where the files are, None
    if there are none.
    """

    def __init__(self, told: dict[str, Any], folder: Path, *, keeps_folder: bool) -> None:
        self.folder = folder if keeps_folder else None
        self.document = told if keeps_folder else {**told, "files": []}
        self._table = folder / RESULTS[0]
        self._rows: pd.DataFrame | None = None
        if not keeps_folder:
            self._rows = self._read()

    def __len__(self) -> int:
        """How many points there are."""
        points: int = self.document["points"]
        return points

    @property
    def bad_points(self) -> list[dict[str, Any]]:
        """The points that are no valid scenario: number from 1, settings and what is wrong."""
        bad: list[dict[str, Any]] = self.document["bad_points"]
        return bad

    def frame(self) -> pd.DataFrame:
        """A row per point and queue, and one for `total`, in the order of the points.

        Columns: the paths, `queue`, each metric as `NAME`, `NAME_low` and `NAME_high`, the counts
        summed over all replications, and `error`.
        """
        return self._read() if self._rows is None else self._rows.copy()

    def _read(self) -> pd.DataFrame:
        import pandas as pd

        return pd.read_parquet(self._table)

    def _repr_html_(self) -> str:
        page = HtmlPage()
        swept.compose(page, self.document, self.frame())
        return page.html()

    def __str__(self) -> str:
        page = Page(WIDTH, colour=False, ascii_only=False)
        swept.compose(page, self.document, self.frame())
        return page.text().rstrip()

    def __repr__(self) -> str:
        paths = ", ".join(self.document["paths"])
        return f"<Sweep of {self.document['scenario']!r}: {len(self):,} points, {paths}>"
