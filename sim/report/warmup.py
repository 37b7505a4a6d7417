"""The suggested warm-up as a terminal shows it: the line for the scenario, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.report import text
from sim.report.columns import Column
from sim.report.page import Blocks, Page
from sim.scenario.units import format_duration

SERIES = {"waiting": "number waiting", "in_system": "number in the system"}


def warmup_report(
    document: Mapping[str, Any], *, width: int, colour: bool, ascii_only: bool, warnings: bool
) -> str:
    """The report of a `callsim.warmup/1` document; `warnings=False` leaves out the warnings."""
    page = Page(width, colour, ascii_only)
    compose(page, document, warnings=warnings)
    return page.text()


def compose(page: Blocks, document: Mapping[str, Any], *, warnings: bool) -> None:
    """Put the report's blocks on a page, one after the other."""
    page.title(text.plain(str(document["scenario"])))
    seconds = document["warmup_s"]
    if seconds is None:
        page.prose("The run is too short to suggest a warm-up.")
    else:
        page.prose(f"warmup: {format_duration(seconds)}")
    rows = document["series"]
    page.table(
        "Series",
        Column("series", [SERIES[row["name"]] for row in rows], "left"),
        [
            Column("cut", ["-" if row["too_short"] else _time(row["cut_s"]) for row in rows]),
            Column("mean after\nthe cut", [text.number(row["level"]) for row in rows]),
        ],
    )
    if warnings and document["warnings"]:
        page.title("Warnings")
        for warning in document["warnings"]:
            page.prose(text.warning_line(warning))
    page.prose(
        f"MSER-5 on averages over {text.counted(document['replications'], 'replication')} of"
        f" {text.duration(document['horizon_s'])}, an observation for each"
        f" {text.duration(document['observation_s'])}, seed {document['seed']}.",
        style="dim",
    )


def _time(seconds: float) -> str:
    return text.duration(seconds) if seconds else "nothing"
