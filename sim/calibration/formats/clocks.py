"""Instants as logs write them, in POSIX seconds; fractions of a second are kept to a microsecond.

ISO 8601, dates with the day or the month first, and numbers of seconds, milliseconds or
microseconds since 1970. A time that tells no zone is on the clock of the log's.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_ISO = re.compile(
    r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})"
    r"(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}(?:[.,][0-9]{1,12})?))?)?"
    r"\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2}(?::?[0-9]{2})?|[+-][0-9]{2})?"
)
_LOCAL = re.compile(
    r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})"
    r"(?:,?[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}(?:[.,][0-9]{1,12})?))?\s*([AaPp][Mm])?)?"
    r"\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
)
_EPOCH = re.compile(r"[0-9]{9,16}(?:[.,][0-9]{1,9})?")
_FIRST_EPOCH = 1e8  # 1973: smaller numbers are no time of a log
_MS_FROM, _US_FROM = 1e11, 1e14
_CENTURY = 70
"""Two-digit years from here on are of the twentieth century, as POSIX has it."""

NOT_A_TIME = "no date and time such as `2026-11-23 09:00:01` or `23.11.2026 09:00:01`"
NO_SUCH_TIME = "a date or a time that there is not"


class Clock:
    """Reads instants. `zone` is that of times without one, `month_first` how dates such as
    `03/04/2026` are read: None until something tells, and then the day comes first."""

    def __init__(self, zone: tzinfo, month_first: bool | None = None) -> None:
        self.zone = zone
        self.month_first = month_first
        self.offsets: set[timedelta] = set()
        """Offsets from UTC that times have told themselves."""
        self.n_without_zone = 0
        self.n_ambiguous = 0
        """Dates that could be read either way."""
        self.twice: dict[str, int] = {}
        """Local dates with times that the clock shows twice, or never, and how many."""
        self.finest_s = 1.0
        """The smallest step that was seen: 1, or less where there are fractions."""
        self._minutes: dict[tuple[str, ...], tuple[float, str]] = {}

    def instant(self, text: str) -> float:
        """POSIX seconds. Raises ValueError for what is no instant."""
        found = _ISO.fullmatch(text)
        if found is not None:
            year, month, day, hour, minute, second, zone = found.groups()
            return self._at((year, month, day, hour or "0", minute or "0", zone or ""), second)
        found = _LOCAL.fullmatch(text)
        if found is not None:
            return self._local(found)
        if _EPOCH.fullmatch(text):
            return self.epoch(float(text.replace(",", ".")))
        raise ValueError(NOT_A_TIME)

    def epoch(self, number: float) -> float:
        """POSIX seconds of a number of them, or of milliseconds or microseconds."""
        if not _FIRST_EPOCH <= number < 1e17:
            raise ValueError(NOT_A_TIME)
        at = number / (1e6 if number >= _US_FROM else 1e3 if number >= _MS_FROM else 1.0)
        at = round(at * 1e6) / 1e6
        if at != int(at):
            self.finest_s = 1e-6
        return at

    def _local(self, found: re.Match[str]) -> float:
        first, mark, second, year, hour, minute, seconds, half, zone = found.groups()
        month_first = mark != "." and self._is_month_first(int(first), int(second), half)
        day, month = (second, first) if month_first else (first, second)
        if len(year) == 2:
            year = f"{'19' if int(year) >= _CENTURY else '20'}{year}"
        if half is not None:
            if not 1 <= int(hour) <= 12:
                raise ValueError(NO_SUCH_TIME)
            hour = str(int(hour) % 12 + 12 * (half.lower() == "pm"))
        return self._at((year, month, day, hour or "0", minute or "0", zone or ""), seconds)

    def _is_month_first(self, first: int, second: int, half: str | None) -> bool:
        if first > 12 or second > 12:
            return second > 12
        if self.month_first is None:
            self.n_ambiguous += first != second
            return half is not None
        return self.month_first

    def _at(self, key: tuple[str, ...], second: str | None) -> float:
        """By the minute: one look at the calendar serves many calls."""
        known = self._minutes.get(key)
        if known is None:
            known = self._minutes[key] = self._minute(key)
        base, odd = known
        if odd:
            self.twice[odd] = self.twice.get(odd, 0) + 1
        if not key[5]:
            self.n_without_zone += 1
        if second is None:
            return base
        if len(second) == 2:
            whole = int(second)
            if whole > 60:
                raise ValueError(NO_SUCH_TIME)
            return base + whole
        seconds = float(second.replace(",", "."))
        if seconds >= 61:
            raise ValueError(NO_SUCH_TIME)
        self.finest_s = 1e-6
        return round((base + seconds) * 1e6) / 1e6

    def _minute(self, key: tuple[str, ...]) -> tuple[float, str]:
        """POSIX seconds of a minute; the date, if the clock shows it twice or never."""
        year, month, day, hour, minute, zone = key
        try:
            over = int(hour) == 24 and int(minute) == 0
            local = datetime(int(year), int(month), int(day), 0 if over else int(hour), int(minute))
            local += timedelta(days=over)
            if zone:
                told = _offset(zone)
                self.offsets.add(told)
                return (local.replace(tzinfo=UTC) - told).timestamp(), ""
            at = local.replace(tzinfo=self.zone)
            stays = at.utcoffset() == at.replace(fold=1).utcoffset()
            return at.timestamp(), "" if stays else f"{local:%Y-%m-%d}"
        except (ValueError, OverflowError):
            raise ValueError(NO_SUCH_TIME) from None

    def notes(self) -> list[str]:
        """What was decided that the log itself does not tell."""
        told = []
        if self.n_ambiguous:
            order = "month" if self.month_first else "day"
            told.append(
                f"dates such as 03/04 were read with the {order} first, as nothing in them tells:"
                f" {self.n_ambiguous} (--dates month-first reads them otherwise)"
            )
        told += [
            f"{n} times on {day} are in the hour that the clock shows twice, or leaves out:"
            " taken before the change"
            for day, n in self.twice.items()
        ]
        return told


def one_zone(offsets: set[timedelta]) -> tzinfo | None:
    """The zone of times that all tell one offset; None of others."""
    if len(offsets) != 1:
        return None
    offset = next(iter(offsets))
    return UTC if not offset else timezone(offset)


def _offset(zone: str) -> timedelta:
    if zone in ("Z", "UTC"):
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -size if zone[0] == "-" else size
