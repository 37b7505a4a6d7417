"""The table that `convert` writes is read again exactly, CSV and parquet; it is safe to open in a
spreadsheet, and a scenario takes it as its recorded calls."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.calibration.formats.files import Asked
from sim.calibration.history import ROWS, History, Outcome, Reading, Visit, from_visits
from sim.calibration.read import read_log
from sim.calibration.written import HEADER, from_cell, to_cell, write_parquet, written_csv

ZONES = [UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/St_Johns")]
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), min_size=1,
    max_size=12,
)  # fmt: skip
SECONDS = st.floats(0, 1e6, allow_nan=False) | st.integers(0, 9_999).map(float)
UNKNOWN = st.just(float("nan"))


@st.composite
def visits(draw: st.DrawFn) -> Visit:
    return Visit(
        draw(st.integers(0, 4_000_000_000_000_000)) / 1e6,
        draw(NAMES | st.sampled_from(["=1+1", "'=x", "support.eu, \"a\"", "café ☎"])),
        draw(st.sampled_from(Outcome)),
        draw(SECONDS),
        draw(SECONDS | UNKNOWN),
        draw(SECONDS | UNKNOWN),
        draw(SECONDS | UNKNOWN),
        draw(NAMES | st.none()),
        draw(st.integers(-(2**31), 2**31 - 1)),
        draw(NAMES | st.just("")),
    )  # fmt: skip


HISTORIES = st.builds(
    lambda rows, zone: from_visits(rows, Reading("log", "test"), zone=zone),
    st.lists(visits(), min_size=1, max_size=12),
    st.sampled_from(ZONES),
)


def same(a: History, b: History) -> None:
    assert (a.queues, a.agents) == (b.queues, b.agents)
    for name in ROWS:
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name), err_msg=name)


@settings(max_examples=150, deadline=None)
@given(HISTORIES)
def test_the_csv_table_is_read_again_exactly(history: History) -> None:
    """Whatever the names hold, to the last bit of every duration; the zone must be told, as CSV
    has only its offset."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        path.write_text("".join(written_csv(history)), encoding="utf-8", newline="")
        back = read_log([str(path)], asked=Asked(zone=history.zone))
    same(history, back)
    assert back.reading.dropped == {}


@settings(max_examples=100, deadline=None)
@given(HISTORIES)
def test_the_parquet_table_is_read_again_exactly_with_its_zone(history: History) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.parquet"
        with path.open("wb") as out:
            write_parquet(history, out)
        back = read_log([str(path)])
    same(history, back)
    assert str(back.zone) == str(history.zone) or history.zone is UTC


@settings(max_examples=50, deadline=None)
@given(HISTORIES)
def test_writing_what_was_read_gives_the_same_bytes(history: History) -> None:
    first = "".join(written_csv(history))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        path.write_text(first, encoding="utf-8", newline="")
        back = read_log([str(path)], asked=Asked(zone=history.zone))
    assert "".join(written_csv(back)) == first


@given(st.text(st.sampled_from("'=+-@\tab\n"), max_size=6))
def test_a_cell_made_safe_is_no_formula_and_can_be_undone(text: str) -> None:
    cell = to_cell(text)
    assert cell[:1] not in ("=", "+", "-", "@", "\t")
    assert from_cell(cell) == text


def test_the_table_says_what_is_known_and_leaves_the_rest_empty() -> None:
    """Whole numbers without a point, local time with its offset, no service of who gave up."""
    at = datetime(2026, 7, 1, 8, 0, 1, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    history = from_visits(
        [
            Visit(at, "sales", Outcome.ANSWERED, 12.0, 3.5, 100.0, 20.0, "ann", 2, "c-1"),
            Visit(at + 1, "sales", Outcome.ABANDONED, 30.25),
        ],
        Reading("log", "test"),
        zone=ZoneInfo("Europe/Berlin"),
    )
    rows = list(csv.reader(io.StringIO("".join(written_csv(history)))))
    assert rows == [
        list(HEADER),
        ["sales", "2026-07-01T08:00:01+02:00", "c-1", "answered", "12", "3.5", "100", "20", "ann",
         "2"],
        ["sales", "2026-07-01T08:00:02+02:00", "", "abandoned", "30.25", "", "", "", "", "0"],
    ]  # fmt: skip


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_scenario_takes_the_table_as_its_recorded_calls(tmp_path: Path, suffix: str) -> None:
    """Arrivals to a microsecond and services as they were; who gave up has a service drawn."""
    from sim.scenario.load import load_scenario

    zone = ZoneInfo("Europe/Berlin")
    at = datetime(2026, 7, 1, 8, 0, 0, 250_000, tzinfo=zone).timestamp()
    history = from_visits(
        [
            Visit(at, "sales", Outcome.ANSWERED, 1.0, talk_s=90.5),
            Visit(at + 60, "sales", Outcome.ABANDONED, 30.0),
            Visit(at + 61, "other", Outcome.ANSWERED, 0.0, talk_s=1.0),
        ],
        Reading("log", "test"),
        zone=zone,
    )
    with (tmp_path / f"calls.{suffix}").open("wb") as out:
        if suffix == "csv":
            out.write("".join(written_csv(history)).encode())
        else:
            write_parquet(history, out)
    (tmp_path / "day.yaml").write_text(
        "start: 2026-07-01 08:00\ntime_zone: Europe/Berlin\nhorizon: 1h\nqueues:\n  - name: sales\n"
        f"    arrivals: {{recorded: calls.{suffix}}}\n    service_time: 3min\n"
        "agents:\n  - {name: ann}\n"
    )
    arrivals = load_scenario(tmp_path / "day.yaml").queues[0].arrivals
    assert list(arrivals.times_s) == pytest.approx([0.25, 60.25], abs=1e-6)
    services = list(arrivals.service_s)
    assert services[0] == 90.5 and np.isnan(services[1])
