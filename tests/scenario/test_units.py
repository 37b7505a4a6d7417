"""Units: what is accepted, exactly how long it is, and that formatting is undone by parsing."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario import units


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90.0),
        ("5min", 300.0),
        ("1.5h", 5400.0),
        ("250ms", 0.25),
        ("1h30min", 5400.0),
        ("2d", 172800.0),
        ("0s", 0.0),
        ("0.1s", 0.1),
        ("1 h 30 min", 5400.0),
        (".5s", 0.5),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    """A duration is the nearest float to what was written."""
    assert units.parse_duration(text) == seconds


def test_bare_numbers() -> None:
    """A bare number is milliseconds in a timeout and an error elsewhere."""
    assert units.parse_timeout(100000) == 100.0
    assert units.parse_timeout("100s") == 100.0
    with pytest.raises(ValueError, match="`100s`"):
        units.parse_duration(100)


@given(st.floats(0, 3e10, allow_subnormal=False))
def test_durations_come_back(seconds: float) -> None:
    """Formatting and parsing a duration changes no bit."""
    assert units.parse_duration(units.format_duration(seconds)) == seconds


@given(st.floats(0, 1e6, allow_subnormal=False))
def test_rates_come_back(rate: float) -> None:
    """Formatting and parsing a rate changes no bit."""
    assert units.parse_rate(units.format_rate(rate)) == rate


def test_rates_and_shares() -> None:
    """Rates are per second, shares between 0 and 1."""
    assert units.parse_rate("9.5/min") == 9.5 / 60
    assert units.parse_rate("120/day") == units.parse_rate("120/d")
    assert units.parse_share("35%") == 0.35
    assert units.parse_share(1) == 1.0
    assert math.isclose(units.parse_factor("150%"), 1.5)


@given(st.text(max_size=30))
def test_any_text_parses_or_raises_value_error(text: str) -> None:
    """No text makes a parser fail in any other way."""
    for parse in (
        units.parse_duration,
        units.parse_rate,
        units.parse_share,
        units.parse_moment,
        units.parse_datetime,
        units.parse_timeout,
        units.parse_factor,
    ):
        with contextlib.suppress(ValueError):
            parse(text)


def test_zone_counts_real_seconds() -> None:
    """With a zone, the hour that summer time skips is not counted."""
    start = units.parse_datetime("2026-03-29 00:00")
    then = units.parse_datetime("2026-03-29 06:00")
    assert units.seconds_between(start, then, "Europe/Berlin") == 5 * 3600
    assert units.seconds_between(start, then, None) == 6 * 3600
