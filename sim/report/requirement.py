"""The agents that each interval needs, as text, and as files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report import measured, text
from sim.report.checked import OUTCOMES, metric_of
from sim.report.columns import Column
from sim.report.folder import FolderInUseError, check_writable, csv_text, json_text
from sim.report.page import Blocks, Page

if TYPE_CHECKING:
    from datetime import datetime

DOCUMENT, TABLE, SCHEDULE, SCENARIO = (
    "requirement.json", "requirement.csv", "schedule.yaml", "scenario.yaml",
)  # fmt: skip


def requirement_report(
    document: Mapping[str, Any],
    schedule: str,
    start: datetime | None,
    *,
    width: int,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """The requirement `width` wide, the schedule below it; `start` is the scenario's."""
    page = Page(width, colour, ascii_only)
    compose(page, document, start)
    return page.text() + "\n" + schedule


def compose(page: Blocks, document: Mapping[str, Any], start: datetime | None) -> None:
    """Put the report's blocks on a page, one after the other."""
    slots = document["intervals"]
    page.title(text.plain(f"{document['scenario']}: agents of {document['group']} by interval"))
    page.prose(" ".join(_sentences(document)))
    with_day = slots[-1]["end_s"] > text.DAY_S
    name = Column(
        "from", [text.instant(s["start_s"], start, with_day=with_day) for s in slots], "left"
    )
    columns = [
        Column("calls", [text.number(slot["calls"]) for slot in slots]),
        Column("offered\nload", [text.number(slot["offered_load_erlangs"]) for slot in slots]),
        Column("Erlang\nC", [_whole(slot["erlang_c"]) for slot in slots]),
        Column("Erlang\nA", [_whole(slot["erlang_a"]) for slot in slots]),
        Column("required", [_whole(slot["required"]) for slot in slots]),
    ]
    if document["shrinkage"]:
        columns.append(Column("scheduled", [_whole(slot["scheduled"]) for slot in slots]))
    for place, target in enumerate(document["targets"]):
        columns += _target_columns(slots, place, target, document["over"] == "interval")
    page.table("Intervals", name, columns)
    page.prose(_caption(document), style="dim")


def _target_columns(slots: Any, place: int, target: str, judged: bool) -> list[Column]:
    metric = metric_of({"target": target})
    rows = [slot["targets"][place] for slot in slots]
    heading = text.plain(target.rsplit(metric, 1)[0] + metric).replace(".", "\n", 1)
    columns = [
        Column(heading, [measured.estimated(metric, row["estimate"]) for row in rows]),
    ]
    if judged and any(row["outcome"] != "met" for row in rows):
        columns.append(Column("outcome", [OUTCOMES[row["outcome"]] for row in rows], "left"))
    if any(row["one_fewer"] is not None for row in rows):
        fewer = [row["one_fewer"] for row in rows]
        cells = [measured.estimated(metric, each) if each else text.NOTHING for each in fewer]
        columns.append(Column("one\nfewer", cells))
    for key, who in (("with_erlang_c", "with\nErlang C"), ("with_erlang_a", "with\nErlang A")):
        if any(row[key] is not None for row in rows):
            cells = [measured.amount(metric, (row[key] or {}).get("value")) for row in rows]
            columns.append(Column(who, cells))
    return columns


def _whole(value: int | None) -> str:
    return text.NOTHING if value is None else f"{value:,}"


def _sentences(document: Mapping[str, Any]) -> list[str]:
    hours = document["agent_hours"]
    targets = " and ".join(text.plain(each) for each in document["targets"])
    where = "in every interval" if document["over"] == "interval" else "over the day"
    told = [f"{targets} {where} takes {text.number(hours['required'])} agent hours"]
    if document["shrinkage"]:
        told[0] += (
            f", {text.number(hours['scheduled'])} scheduled with a shrinkage of"
            f" {text.percent(document['shrinkage'])}"
        )
    told[0] += "."
    if not document["feasible"]:
        told.append(document.get("advice") or "Not all of it is shown.")
    for row in document["day"]:
        metric = metric_of(row)
        found = measured.estimated(metric, row["estimate"])
        told.append(
            f"Over the day {text.plain(row['target'].split(metric)[0] + metric)} is {found}."
        )
    for key, name in (("erlang_c", "C"), ("erlang_a", "A")):
        if hours[key] is not None:
            told.append(_beside(document, key, name))
    return told


def _beside(document: Mapping[str, Any], key: str, name: str) -> str:
    """What Erlang's numbers cost, and in how many intervals they miss."""
    told = f"Erlang {name}, interval by interval, takes {text.number(document['agent_hours'][key])}"
    if document["over"] != "interval":
        return told + "."
    missed = sum(
        any(_misses(each, key) for each in slot["targets"]) for slot in document["intervals"]
    )
    if not missed:
        return told + " and misses none."
    return f"{told} and misses {missed} of {text.counted(len(document['intervals']), 'interval')}."


def _misses(row: Mapping[str, Any], key: str) -> bool:
    found = row[f"with_{key}"]
    if found is None or found["value"] is None:
        return False
    from sim.scenario.targets import METRICS, parse_metric_value

    target = row["target"]
    operator = ">=" if ">=" in target else "<="
    bound = parse_metric_value(METRICS[metric_of(row)], target.rsplit("=", 1)[1].strip())
    return bool(found["value"] < bound if operator == ">=" else found["value"] > bound)


def _caption(document: Mapping[str, Any]) -> str:
    told = (
        "A call counts in the interval in which it arrived. Searched on"
        f" {text.counted(document['search_replications'], 'replication')}"
        f"; shown on {document['replications']:,} other ones, seed {document['seed']}."
    )
    if any(row["one_fewer"] for slot in document["intervals"] for row in slot["targets"]):
        told += (
            " One fewer is from the search's, corrected by the others, or from those on which it"
            " failed."
        )
    return told


# --- files ---------------------------------------------------------------------------------


def check_out(path: str, *, force: bool) -> None:
    """Refuse, before any time is spent, a file or a folder that can't be written.

    Raises FolderInUseError.
    """
    out = Path(path)
    if out.suffix == ".csv":
        if out.exists() and not force:
            raise FolderInUseError(f"{out} exists already; overwrite it with --force")
        if not out.absolute().parent.is_dir():
            raise FolderInUseError(f"{out.absolute().parent} is no folder")
        try:
            check_writable(out.absolute().parent)
        except OSError as error:
            raise FolderInUseError(f"{out}: can't write there ({error.strerror})") from None
        return
    if out.exists() and not out.is_dir():
        raise FolderInUseError(f"{out} is not a folder")
    there = [name for name in (DOCUMENT, TABLE, SCHEDULE, SCENARIO) if (out / name).exists()]
    if there and not force:
        raise FolderInUseError(
            f"{out} holds the files of another run ({', '.join(there)});"
            " choose another folder, or overwrite them with --force"
        )


def write_out(
    path: str,
    document: Mapping[str, Any],
    table: tuple[list[str], list[list[Any]]],
    schedule: str,
    scenario: str,
) -> None:
    """Write a `.csv` file, or a folder of four files; each whole or not at all."""
    out = Path(path)
    if out.suffix == ".csv":
        _write(out, csv_text(*table))
        return
    out.mkdir(parents=True, exist_ok=True)
    _write(out / TABLE, csv_text(*table))
    _write(out / SCHEDULE, schedule)
    _write(out / SCENARIO, scenario)
    _write(out / DOCUMENT, json_text(document))


def _write(path: Path, content: str) -> None:
    from sim.experiment.store import whole_file

    with whole_file(path) as out:
        out.write(content.encode("utf-8"))
