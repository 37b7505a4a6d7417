"""Numbers, durations and names as they stand in a report: three significant digits.

A null is an en dash everywhere. Names and messages come from the scenario's author: `plain`
makes them harmless before they meet a terminal.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

Estimate = Mapping[str, Any]

NOTHING = "–"
DAY_S = 86400.0


def plain(text: str) -> str:
    """`text` on one line, with control characters and direction overrides made visible."""
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
        return repr(character)[1:-1]
    if "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069":
        return f"\\u{ord(character):04x}"
    return character


def number(value: float | None) -> str:
    """A count or a mean of counts: whole from 100 on, else three significant digits."""
    if value is None:
        return NOTHING
    if abs(value) >= 99.95:
        return f"{value:,.0f}"
    return _trimmed(value, _decimals(value))


def share(estimate: Estimate | None) -> str:
    """`80.1 % ± 0.6` of an estimate of a share; without the second part if there is none."""
    value = None if estimate is None else estimate.get("value")
    if estimate is None or value is None:
        return NOTHING
    half = estimate.get("half_width")
    if half is None:
        return percent(value)
    return f"{_percentage(value, half)} % ± {_half_width(value, half)}"


def percent(value: float | None) -> str:
    """`80.1 %` of a bare share."""
    return NOTHING if value is None else f"{_percentage(value, None)} %"


def points(value: float, half: float | None = None) -> str:
    """`1.8` of a difference of shares, in percentage points, as exact as `half` makes sense of."""
    return f"{100.0 * value:.{_share_decimals(abs(value), half)}f}"


def half_points(value: float, half: float) -> str:
    """The half-width that stands beside `points`."""
    return _half_width(abs(value), half)


def complement(estimate: Estimate | None) -> Estimate | None:
    """The estimate of 1 - share."""
    if estimate is None or estimate.get("value") is None:
        return None
    return {"value": 1.0 - estimate["value"], "half_width": estimate.get("half_width")}


def duration(seconds: float | None) -> str:
    """`12.3 s`, `1m 32s`, `1h 05m`, `2d 3h`; exact lengths keep no empty parts: `8h`, `20 s`."""
    if seconds is None:
        return NOTHING
    if abs(seconds) < 59.95:
        return f"{_trimmed(seconds, _decimals(seconds))} s"
    sign = "-" if seconds < 0 else ""
    whole = round(abs(seconds))
    if whole < 3600:
        return sign + _parts(whole // 60, "m", whole % 60, "s")
    minutes = round(whole / 60)
    if minutes < 24 * 60:
        return sign + _parts(minutes // 60, "h", minutes % 60, "m")
    hours = round(minutes / 60)
    return sign + _parts(hours // 24, "d", hours % 24, "h", pad=1)


def value_of(metrics: Mapping[str, Any], name: str) -> float | None:
    """The value of the estimate `name`, None if it is not there or could not be had."""
    estimate = metrics.get(name)
    value = estimate.get("value") if isinstance(estimate, Mapping) else None
    return None if value is None else float(value)


def instant(
    seconds: float, start: datetime | None, *, with_day: bool, with_seconds: bool = False
) -> str:
    """A time of the scenario: clock time if it has a start, else hours from 0, `1:30`.

    Seconds are shown unless they are 0, or always.
    """
    if start is not None:
        at = start + timedelta(seconds=seconds)
        whole_minute = at.second == 0 and at.microsecond == 0 and not with_seconds
        pattern = "%H:%M" if whole_minute else "%H:%M:%S"
        return at.strftime(f"%a %d {pattern}" if with_day else pattern)
    whole = round(seconds)
    text = f"{whole // 3600}:{whole % 3600 // 60:02d}"
    return text if whole % 60 == 0 and not with_seconds else f"{text}:{whole % 60:02d}"


def counted(n: int, thing: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"


def warning_line(warning: Mapping[str, Any]) -> str:
    """`where: message [code]` on one line, harmless for a terminal."""
    where = f"{warning['where']}: " if warning.get("where") else ""
    return plain(f"{where}{warning['message']} [{warning['code']}]")


def _parts(big: int, big_unit: str, small: int, small_unit: str, pad: int = 2) -> str:
    if small == 0:
        return f"{big}{big_unit}"
    return f"{big}{big_unit} {small:0{pad}d}{small_unit}"


def _decimals(value: float) -> int:
    """Decimals that give three significant digits (at most six)."""
    if value == 0.0:
        return 0
    magnitude = math.floor(math.log10(float(f"{abs(value):.2e}")))
    return min(6, max(0, 2 - magnitude))


def _trimmed(value: float, decimals: int) -> str:
    """A whole number without its zeros, `20`, else every digit, `20.0` only if it is not whole."""
    return f"{value:.0f}" if value == round(value) else f"{value:.{decimals}f}"


def _percentage(value: float, half: float | None) -> str:
    shown = f"{100.0 * value:.{_share_decimals(value, half)}f}"
    # Without a half-width beside it, zeros would only pretend to be exact.
    return f"{float(shown):.0f}" if half is None and float(shown) in (0.0, 100.0) else shown


def _share_decimals(value: float, half: float | None) -> int:
    """Three significant digits, but no more than the half-width's first digit makes sense of."""
    decimals = min(4, _decimals(100.0 * value))
    if 0.995 < value < 1.0:
        decimals = max(decimals, min(4, _first_digit(1.0 - value)))
    if half is not None and half > 0.0:
        decimals = min(decimals, max(1, _first_digit(half)))
    return decimals


def joined(words: list[str], last: str) -> str:
    """`a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _half_width(value: float, half: float) -> str:
    if half == 0.0:
        return "0"
    decimals = max(_share_decimals(value, half), min(4, _first_digit(half)))
    return f"{100.0 * half:.{decimals}f}"


def _first_digit(share_: float) -> int:
    """The decimal at which a share, in percent, has its first digit."""
    return max(0, -math.floor(math.log10(float(f"{100.0 * share_:.0e}"))))
