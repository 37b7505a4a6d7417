"""Numbers and names as they stand in reports."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.report import text
from tests.report.samples import estimate


@pytest.mark.parametrize(
    ("value", "half", "shown"),
    [
        (0.812, 0.009, "81.2 % ± 0.9"),
        (0.971, 0.003, "97.1 % ± 0.3"),
        (0.029, 0.003, "2.9 % ± 0.3"),
        (0.000456, 0.0002, "0.05 % ± 0.02"),
        (0.81234, 0.0002, "81.2 % ± 0.02"),
        (1.0, 0.0, "100 % ± 0"),
        (0.9996, 0.0004, "99.96 % ± 0.04"),
        (0.0, 0.0, "0 % ± 0"),
        (0.0912, None, "9.12 %"),
        (0.8, None, "80.0 %"),
        (None, None, "–"),
    ],
)
def test_a_share_has_as_many_digits_as_it_deserves(
    value: float | None, half: float | None, shown: str
) -> None:
    """Three significant digits, fewer where the half-width makes no sense of them."""
    assert text.share(estimate(value, half)) == shown


def test_a_missing_estimate_is_a_dash() -> None:
    """A metric that is not there at all is shown like one that is null."""
    assert text.share(None) == "–"
    assert text.number(None) == "–"
    assert text.duration(None) == "–"
    assert text.value_of({}, "asa_s") is None
    assert text.value_of({"asa_s": None}, "asa_s") is None


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0 s"),
        (0.0123, "0.0123 s"),
        (12.345, "12.3 s"),
        (20.0, "20 s"),
        (59.94, "59.9 s"),
        (59.96, "1m"),
        (92.0, "1m 32s"),
        (65.0, "1m 05s"),
        (3599.7, "1h"),
        (3905.0, "1h 05m"),
        (28800.0, "8h"),
        (86400.0, "1d"),
        (100000.0, "1d 4h"),
        (-75.0, "-1m 15s"),
    ],
)
def test_durations_are_read_at_a_glance(seconds: float, shown: str) -> None:
    """Seconds to three digits, then two units; rounding never gives 60 of a unit."""
    assert text.duration(seconds) == shown


@given(st.floats(0.0, 1e8))
def test_no_duration_shows_a_full_unit(seconds: float) -> None:
    """No `60s`, `60m` or `24h`, whatever is rounded."""
    shown = text.duration(seconds).split()
    assert not {"60s", "60m", "24h"} & set(shown)
    assert shown[:1] != ["60"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (7, "7"), (12.345, "12.3"), (99.96, "100"), (1234.4, "1,234"), (0.5283, "0.528")],
)
def test_counts_are_whole_from_a_hundred_on(value: float, shown: str) -> None:
    """Three significant digits below 100, thousands separated above."""
    assert text.number(value) == shown


def test_control_characters_are_made_visible() -> None:
    """An escape sequence, a line break or a direction override in a name reaches no terminal."""
    assert text.plain("a\x1b[31mb\nc\u202ed\ud800\x9b") == r"a\x1b[31mb\nc\u202ed\ud800\x9b"
    assert text.plain("支持 – ünïcödé [x]") == "支持 – ünïcödé [x]"


@given(st.text())
def test_plain_text_is_printable_and_one_line(name: str) -> None:
    """Whatever a name is, it stays on one line, without an escape, and can be encoded."""
    shown = text.plain(name)
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown
    shown.encode("utf-8")


def test_instants_are_clock_times_when_the_scenario_has_a_start() -> None:
    """With a start the clock, and the day if there are several; else hours from 0."""
    start = datetime(2026, 11, 23, 9, 0)
    assert text.instant(1800.0, start, with_day=False) == "09:30"
    assert text.instant(86400.0, start, with_day=True) == "Tue 24 09:00"
    assert text.instant(5400.0, None, with_day=False) == "1:30"
    assert text.instant(90.0, None, with_day=False) == "0:01:30"
