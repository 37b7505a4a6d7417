"""Durations, clock times, rates and shares as text: parsed and formatted, exactly.

Each `parse_*` takes a value as YAML gave it and raises `ValueError` with a message that says
what to write. Arithmetic is rational, so `0.1s` is the float 0.1 and formatting is undone
exactly by parsing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from sim.scenario.errors import shown_value

UNITS = {
    "d": Fraction(86400),
    "h": Fraction(3600),
    "min": Fraction(60),
    "s": Fraction(1),
    "ms": Fraction(1, 1000),
}
MAX_DURATION_S = 1000 * 365.25 * 86400
SUSPECT_BELOW_S = 1.0
"""A bare number of milliseconds below this was perhaps meant in seconds."""
EXAMPLES = "such as `90s`, `5min`, `1.5h` or `1h30min`"
_MEANT = {
    "m": "min",
    "mins": "min",
    "minute": "min",
    "minutes": "min",
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "msec": "ms",
    "millis": "ms",
    "milliseconds": "ms",
}

_NUMBER = r"(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][-+]?[0-9]{1,3})?"
_PART = re.compile(rf"\s*({_NUMBER})\s*([A-Za-zµ]+)")
_RATE = re.compile(rf"\s*(-?{_NUMBER})\s*/\s*([A-Za-z]+)\s*")
_SHARE = re.compile(rf"\s*(-?{_NUMBER})\s*%\s*")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
)


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day, in seconds after midnight; 24:00 is the end of the day."""

    seconds: int


class Milliseconds(float):
    """Seconds that the file wrote as a bare number of milliseconds."""


def is_clock(text: str) -> bool:
    """Whether a text looks like a time of day."""
    return _CLOCK.fullmatch(text.strip()) is not None


def parse_duration(value: object, *, signed: bool = False) -> float:
    """Seconds of a duration with a unit."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"expected a duration {EXAMPLES}, found {shown_value(value)}")
    if isinstance(value, int | float):
        raise ValueError(f"a bare number is not a duration: write the unit, {_with_unit(value)}")
    text = value.strip()
    if is_clock(text):
        raise ValueError(f"expected a duration {EXAMPLES}, found the time of day `{text}`")
    negative = text.startswith("-")
    total, at, last = Fraction(0), 1 if negative else 0, None
    names = list(UNITS)
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            raise ValueError(_bad_duration(text))
        unit = part[2]
        if unit not in UNITS:
            meant = f"; did you mean `{_MEANT[unit.lower()]}`?" if unit.lower() in _MEANT else ""
            raise ValueError(
                f"unknown unit `{unit[:20]}` in `{text[:40]}`: the units are `ms`, `s`, `min`, "
                f"`h` and `d`{meant}"
            )
        if last is not None and names.index(unit) <= last:
            raise ValueError(f"`{text[:40]}`: write the larger unit first, each unit once")
        last = names.index(unit)
        total += Fraction(part[1]) * UNITS[unit]
        at = part.end()
    if last is None:
        raise ValueError(_bad_duration(text))
    if negative and total and not signed:
        raise ValueError(f"a duration must not be negative, found `{text[:40]}`")
    if total > MAX_DURATION_S:
        raise ValueError(f"`{text[:40]}` is longer than 1000 years")
    return float(-total if negative else total)


def parse_timeout(value: object) -> float:
    """Seconds of a duration where a bare number means milliseconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < 0:
            raise ValueError(f"a duration must not be negative, found {value}")
        seconds = Fraction(value) / 1000
        if seconds > MAX_DURATION_S:
            raise ValueError(f"{str(value)[:40]} milliseconds is longer than 1000 years")
        return Milliseconds(seconds)
    try:
        return parse_duration(value)
    except ValueError as error:
        if isinstance(value, str) and re.fullmatch(r"\s*[-+]?[0-9.]+\s*", value):
            raise ValueError(
                f"`{value[:40]}` is text: without quotes it is a number of milliseconds"
            ) from None
        raise error


def parse_clock(text: str) -> ClockTime:
    """A time of day."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"expected a time of day such as `09:00`, found `{text[:40]}`")
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    seconds = hour * 3600 + minute * 60 + second
    if minute > 59 or second > 59 or seconds > 86400:
        raise ValueError(f"there is no time of day `{text.strip()}`")
    return ClockTime(seconds)


def parse_moment(value: object) -> float | ClockTime | datetime:
    """A duration from the start, a time of day, or a date with a time."""
    if isinstance(value, str) and is_clock(value):
        return parse_clock(value)
    if isinstance(value, str) and _DATE.match(value.strip()):
        return parse_datetime(value)
    if isinstance(value, str):
        return parse_duration(value)
    raise ValueError(
        f"expected a duration {EXAMPLES}, or a time of day such as `09:00`, "
        f"found {shown_value(value)}"
    )


def parse_datetime(value: object) -> datetime:
    """A wall-clock date and time, without a zone."""
    what = "expected a date and time such as `2026-11-23 09:00`"
    if not isinstance(value, str):
        raise ValueError(f"{what}, found {shown_value(value)}")
    text = value.strip()
    found = _DATE.match(text)
    if found is None:
        raise ValueError(f"{what}, found {shown_value(value)}")
    if found.end() != len(text):
        raise ValueError(f"{what}, found `{text[:40]}`; a zone goes into `time_zone`")
    try:
        return datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]
    except ValueError:
        raise ValueError(f"there is no date and time `{text[:40]}`") from None


def parse_rate(value: object) -> float:
    """Calls per second of a rate such as `9.5/min`."""
    what = "expected a rate such as `9.5/min`, `570/h`, `120/day` or `0.2/s`"
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"a bare number is not a rate: write `{value}/min` or `{value}/h`")
    found = _RATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{what}, found {shown_value(value)}")
    per = "d" if found[2] == "day" else found[2]
    if per not in UNITS or per == "ms":
        raise ValueError(f"unknown unit `{found[2][:20]}` of a rate: `/s`, `/min`, `/h` or `/day`")
    if found[1].startswith("-"):
        raise ValueError(f"a rate must not be negative, found {shown_value(value)}")
    rate = Fraction(found[1]) / UNITS[per]
    if rate > 10**12:
        raise ValueError(f"a rate of {shown_value(value)} is more than 10^12 calls a second")
    return float(rate)


def parse_share(value: object) -> float:
    """A share in [0, 1], written as a number or in per cent."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        share = float(value) if abs(value) < 1e300 else 2.0
        hint = f"; did you mean `{value:g}%`?" if 1 < share <= 100 else ""
    elif isinstance(value, str) and (found := _SHARE.fullmatch(value)):
        share, hint = float(Fraction(found[1]) / 100), ""
    else:
        raise ValueError(f"expected a share such as `0.35` or `35%`, found {shown_value(value)}")
    if not 0 <= share <= 1:
        raise ValueError(
            f"a share must lie between 0 and 1 (0% and 100%), found {shown_value(value)}{hint}"
        )
    return share


def parse_factor(value: object) -> float:
    """A number of at least 0 that may be written in per cent and may exceed 1, as a `cv`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        factor = float(value) if abs(value) < 1e300 else -1.0
    elif isinstance(value, str) and (found := _SHARE.fullmatch(value)):
        factor = float(Fraction(found[1]) / 100)
    else:
        raise ValueError(f"expected a number such as `0.8` or `80%`, found {shown_value(value)}")
    if not 0 <= factor <= 1e6:
        raise ValueError(f"must lie between 0 and 10^6, found {shown_value(value)}")
    return factor


def seconds_between(start: datetime, then: datetime, time_zone: str | None) -> float:
    """Seconds from `start` to `then`, both on the wall clock of the zone."""
    if time_zone is not None:
        zone, utc = ZoneInfo(time_zone), ZoneInfo("UTC")
        start = start.replace(tzinfo=zone).astimezone(utc)
        then = then.replace(tzinfo=zone).astimezone(utc)
    return (then - start) / timedelta(seconds=1)


def format_duration(seconds: float) -> str:
    """The shortest text with one unit that parses to exactly these seconds."""
    if seconds == 0:
        return "0s"
    texts = [
        _plain(seconds if unit == "s" else float(Fraction(seconds) / factor)) + unit
        for unit, factor in UNITS.items()
    ]
    exact = [t for t in texts if parse_duration(t, signed=True) == seconds]
    return min(exact, key=lambda text: (len(text.rstrip("dhmins")), len(text)))


def format_rate(per_second: float) -> str:
    """The shortest text that parses to exactly this rate."""
    texts = [
        f"{_plain(float(Fraction(per_second) * UNITS[unit]))}/{name}"
        for unit, name in (("min", "min"), ("h", "h"), ("s", "s"), ("d", "day"))
    ]
    return min((t for t in texts if parse_rate(t) == per_second), key=len)


def _plain(number: float) -> str:
    return repr(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


def _with_unit(value: float) -> str:
    text = f"{value!r}"[:30]
    return f"`{text}s`, `{text}min` or `{text}ms`"


def _bad_duration(text: str) -> str:
    return f"expected a duration {EXAMPLES}, found {shown_value(text)}"
