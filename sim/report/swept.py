"""A finished sweep as text: where its points lie, and what came of the first of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.report import measured, text
from sim.report.columns import Column
from sim.report.page import Blocks

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 20
METRICS = {"service_level": "service level", "abandonment": "abandonment", "asa_s": "ASA"}


def compose(page: Blocks, told: Mapping[str, Any], frame: pd.DataFrame) -> None:
    """Put the sweep's blocks on a page: `told` is its summary, `frame` has its rows."""
    page.title(f"{text.plain(told['scenario'])}: {text.counted(told['points'], 'point')}")
    bad = told["bad_points"]
    if bad:
        page.prose(f"{len(bad):,} of them can't be simulated; the column `error` tells why.")
    rows = frame[frame["queue"] == "total"].head(SHOWN)
    number = Column("point", [f"{place:,}" for place in range(1, len(rows) + 1)])
    columns = [Column(path, [text.plain(str(v)) for v in rows[path]]) for path in told["paths"]]
    for metric, heading in METRICS.items():
        values = [None if value != value else float(value) for value in rows[metric]]
        columns.append(Column(heading, [measured.amount(metric, value) for value in values]))
    page.table("All queues together", number, columns)
    left = told["points"] - len(bad) - len(rows)
    more = f" The first {SHOWN} points; {left:,} more are in the table." if left > 0 else ""
    page.prose(f"Seed {told['seed']}, the same callers at all points.{more}", style="dim")
