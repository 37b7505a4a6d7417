"""The Excel workbook: real numbers in sheets by subject, read back with another library."""

from __future__ import annotations

import dataclasses
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sim.report.book.parts import Field, Kind, Sheet, Table
from sim.report.book.workbook import workbook
from sim.report.book.write import book_of
from sim.report.saved import open_result
from sim.scenario.load import loads_scenario
from tests.report.book.conftest import FORMULA, LONG, N_QUEUES, SCRIPT

Document = dict[str, Any]
Rows = list[dict[str, Any]]

SHEETS = [
    "Summary", "Queues", "Agents", "Intervals", "Agent intervals", "Waits", "Served by", "Flows",
    "Assumptions", "Provenance", "Scenario",
]  # fmt: skip


def opened(result: Any) -> Any:
    """The workbook of a result as openpyxl reads it."""
    return openpyxl.load_workbook(BytesIO(workbook(book_of(open_result(result)))))


@pytest.fixture(scope="module")
def book(small: Path) -> Any:
    """The small run's workbook."""
    return opened(small)


def rows_of(sheet: Any) -> Rows:
    """A sheet's rows by heading."""
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def close(one: Any, other: float | None) -> bool:
    """Equal to the last digit that a workbook keeps (xlsxwriter writes 16 of them)."""
    if one is None or other is None:
        return one is None and other is None
    return abs(float(one) - other) <= 1e-14 * max(1.0, abs(other))


def test_sheets_and_their_form(book: Any) -> None:
    """One sheet per subject; headings stay in sight, can be filtered, and columns are wide
    enough for their headings' words."""
    assert book.sheetnames == SHEETS
    for name in SHEETS[1:]:
        sheet = book[name]
        assert sheet.freeze_panes == "B2", name
        if sheet.max_column > 1:
            assert sheet.auto_filter.ref is not None, name
        widths = [
            dimension.width
            for dimension in sheet.column_dimensions.values()
            for _ in range(dimension.min, dimension.max + 1)
        ]
        for width, cell in zip(widths, sheet[1], strict=True):
            words = max(len(word) for word in str(cell.value).split())
            assert width >= min(words, 60), (name, cell.value)


def test_queues_are_those_of_the_result(book: Any, document: Document) -> None:
    """Counts per replication, metrics with their bounds, as numbers, queue by queue."""
    rows, n = rows_of(book["Queues"]), document["replications"]
    wanted = [*document["queues"], {"name": "total", **document["total"]}]
    assert [row["queue"] for row in rows] == [SCRIPT, FORMULA, LONG, "nobody", "total"]
    for row, subject in zip(rows, wanted, strict=True):
        counts, metrics = subject["counts"], subject["metrics"]
        assert close(row["offered per replication"], counts["offered"] / n)
        assert close(row["answered per replication"], counts["serviced"] / n)
        assert close(row["joined per replication"], counts["incoming"] / n)
        for heading, metric in (
            ("service level", "service_level"),
            ("abandonment", "abandonment"),
            ("ASA (s)", "asa_s"),
            ("longest wait (s)", "wait_max_s"),
            ("90 % wait at most (s)", "wait_p90_s"),
            ("handle time (s)", "handle_time_mean_s"),
            ("offered load (erlangs)", "offered_load_erlangs"),
        ):
            assert close(row[heading], metrics[metric]["value"]), heading
            assert close(row[f"{heading} at least"], metrics[metric]["low"]), heading
            assert close(row[f"{heading} at most"], metrics[metric]["high"]), heading
        for name, estimate in metrics["service_level_variants"].items():
            assert close(row[name], estimate["value"])


def test_intervals_are_those_of_the_result(book: Any, document: Document) -> None:
    """All queues first, then each; times are the spreadsheet's own."""
    rows, n = rows_of(book["Intervals"]), document["replications"]
    order = ["total", SCRIPT, FORMULA, LONG, "nobody"]
    wanted = [r for name in order for r in document["intervals"] if r["queue"] == name]
    assert len(rows) == len(wanted) == 5 * 8
    assert rows[1]["from"] in (time(9, 30), datetime(2026, 11, 23, 9, 30))
    for row, interval in zip(rows, wanted, strict=True):
        assert row["queue"] == interval["queue"]
        assert close(row["offered per replication"], interval["counts"]["offered"] / n)
        for heading, metric in (("service level", "service_level"), ("ASA (s)", "asa_s")):
            assert close(row[heading], interval["metrics"][metric]["value"])
    agents = document["all_agents_intervals"]
    for row, group in zip(rows, agents, strict=False):
        assert close(row["on shift (all groups)"], group["on_shift"])
        occupancy = group["metrics"]["occupancy"]["value"]
        assert close(row["occupancy (all groups)"], occupancy)


def test_agents_waits_flows(book: Any, document: Document) -> None:
    """Groups with their cost, histograms that add up, plays, who answered whom."""
    groups, n = rows_of(book["Agents"]), document["replications"]
    assert [row["group"] for row in groups] == ["-desk & co", "+both"]
    for row, group in zip(groups, document["agents"], strict=True):
        assert close(row["occupancy"], group["metrics"]["occupancy"]["value"])
        assert row["agents"] == group["count"]
    waits = rows_of(book["Waits"])
    for histogram in document["waits"]:
        mine = [row for row in waits if row["queue"] == histogram["queue"]]
        calls = [count / n for count in histogram["calls"]]
        for row, count in zip(mine, calls, strict=True):
            assert close(row["calls per replication"], count)
        assert close(mine[-1]["share up to here"], 1.0)
    plays = document["flows"][0]["plays"]
    started = [row["started per replication"] for row in rows_of(book["Flows"])]
    assert all(close(cell, p["started"] / n) for cell, p in zip(started, plays, strict=True))
    for row, served in zip(
        rows_of(book["Served by"]), document["served_by"]["serviced"], strict=True
    ):
        assert close(row["+both per replication"], served[1] / n)


def test_the_summary_has_the_key_numbers(book: Any, document: Document) -> None:
    """The title, the answer, and the measures with their bounds; targets below."""
    rows = book["Summary"].iter_rows(values_only=True)
    cells = [[cell for cell in row if cell is not None] for row in rows]
    (level,) = [row for row in cells if row and row[0] == "Service level"]
    estimate = document["total"]["metrics"]["service_level"]
    for cell, end in zip(level[1:], ("value", "low", "high"), strict=True):
        assert close(cell, estimate[end])
    assert cells[0] == [document["scenario"]]
    assert any("95 % confidence interval" in str(row[0]) for row in cells if row)
    assert any(row[:2] == ["nobody.abandonment <= 20%", "MISSED"] for row in cells)
    (heads,) = [row for row in cells if row and row[0] == "target"]
    assert heads == ["target", "outcome", "estimate", "at least", "at most"]


def test_numbers_have_formats(book: Any) -> None:
    """Shares are percentages, waits seconds with a decimal, times of the day times."""
    sheet = book["Intervals"]
    formats = {cell.value: sheet.cell(2, cell.column).number_format for cell in sheet[1]}
    assert formats["service level"] == "0.0%"
    assert formats["ASA (s)"] == "#,##0.0"
    assert formats["from"] == "hh:mm"
    assert formats["offered per replication"] == "#,##0.00"


def test_texts_are_texts(book: Any) -> None:
    """What begins like a formula is a text, as a value and as a heading; no cell is a formula."""
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
    assert {row["group"] for row in rows_of(book["Agents"])} == {"-desk & co", "+both"}


def test_the_day_is_a_native_chart(book: Any) -> None:
    """On the first sheet: calls as columns, service level as a line, from the cells."""
    (chart,) = book["Summary"]._charts
    series = [each for part in (chart, *chart._charts) for each in part.series]
    columns = {each.val.numRef.f for each in series}
    headings = [cell.value for cell in book["Intervals"][1]]
    for heading in ("offered per replication", "answered per replication", "service level"):
        letter = openpyxl.utils.get_column_letter(headings.index(heading) + 1)
        assert f"Intervals!${letter}$2:${letter}$9" in columns


def test_the_scenario_is_whole(book: Any, document: Document) -> None:
    """Its lines load to the same sha256."""
    lines = [row[0] for row in book["Scenario"].iter_rows(min_row=2, values_only=True)]
    text = "\n".join("" if line is None else line for line in lines)
    assert loads_scenario(text).sha256 == document["sha256"]


def test_the_same_result_gives_the_same_bytes(small: Path) -> None:
    """No date, no order of a set is in it."""
    book = book_of(open_result(small))
    assert workbook(book) == workbook(book_of(open_result(small)))


def test_a_large_workbook(large: Path) -> None:
    """All intervals of all queues, with elapsed time as the time where there is no clock."""
    content = workbook(book_of(open_result(large)))
    sheet = openpyxl.load_workbook(BytesIO(content), read_only=True)["Intervals"]
    assert sheet.max_row == 1 + 96 * (N_QUEUES + 1)
    assert sheet["B3"].number_format == "[h]:mm"


def test_without_intervals(document: Document) -> None:
    """The sheet says how to get them; the chart is of the queues."""
    book = opened({key: value for key, value in document.items() if "intervals" not in key})
    assert "kept no intervals" in book["Intervals"]["A1"].value
    (chart,) = book["Summary"]._charts
    assert "Queues!" in chart.series[0].val.numRef.f


def test_a_comparison(compared: Document) -> None:
    """A row per difference, with its bounds, and what common random numbers gained."""
    book = opened(compared)
    assert book.sheetnames == [
        "Summary", "Variants", "Differences", "Agent differences", "Ranking", "Provenance",
    ]  # fmt: skip
    rows = rows_of(book["Differences"])
    assert len(rows) == len(compared["differences"])
    for row, wanted in zip(rows, compared["differences"], strict=True):
        assert (row["variant"], row["minus"]) == (wanted["b"], wanted["a"])
        assert (row["queue"], row["metric"]) == (wanted["queue"], wanted["metric"])
        for heading, end in (("", "value"), (" at least", "low"), (" at most", "high")):
            assert close(row[f"difference{heading}"], wanted["difference"][end])


def test_a_sweep(swept: Path) -> None:
    """Every row and number of sweep.parquet, the totals first."""
    rows = rows_of(opened(swept)["Sweep"])
    columns = open_result(swept).sweep_table()
    n = len(columns["queue"])
    order = sorted(range(n), key=lambda i: columns["queue"][i] != "total")
    assert len(rows) == n
    for row, at in zip(rows, order, strict=True):
        assert row["queue"] == columns["queue"][at]
        assert row["agents[0].count"] == columns["agents[0].count"][at]
        assert close(row["service level"], _known(columns["service_level"][at]))
        assert close(row["ASA (s) at most"], _known(columns["asa_s_high"][at]))
        assert row["offered (all replications)"] == columns["offered"][at]


def _known(value: float) -> float | None:
    return None if value != value else float(value)


def test_what_a_cell_can_not_hold(small: Path) -> None:
    """A text that is too long is cut, control characters are shown, an empty table is a line."""
    book = dataclasses.replace(
        book_of(open_result(small)),
        sheets=[
            Sheet("Long", Table("t", "t", [Field("a", Kind.TEXT, ["x" * 40_000, "\x07", "=1"])])),
            Sheet("Empty", None, "Nothing."),
        ],
        chart=None,
    )
    read = openpyxl.load_workbook(BytesIO(workbook(book)))
    cells = [row[0] for row in read["Long"].iter_rows(min_row=2, values_only=True)]
    assert len(cells[0]) == 32_767 and cells[0].endswith("…")
    assert cells[1:] == ["\\x07", "=1"]
    assert read["Empty"]["A1"].value == "Nothing."
