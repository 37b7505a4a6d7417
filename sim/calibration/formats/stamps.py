"""The times in a log: POSIX seconds or dates with times, and how fine they are."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, tzinfo

EARLIEST_AT, LATEST_AT = 1e8, 1e10
"""POSIX seconds of years 1973 to 2286: other numbers are no time of a log."""

_FRACTION = re.compile(r"[.,](\d+)")


class Clock:
    """Reads times, and remembers how fine they are. Times without a zone are of `zone`."""

    def __init__(self, zone: tzinfo | None) -> None:
        self.zone: tzinfo = UTC if zone is None else zone
        self.n_without_zone = 0
        self._fewest_digits = 6
        self._has_parts = False
        self._last = ""
        self._last_at = math.nan

    @property
    def resolution_s(self) -> float:
        """The step in which the times read so far are told."""
        return 10.0**-self._fewest_digits if self._has_parts else 1.0

    def at(self, text: str) -> float:
        """POSIX seconds; NaN for what is no time."""
        if text == self._last:
            return self._last_at
        try:
            value = float(text)
            fraction = text.partition(".")[2]
        except ValueError:
            value, fraction = self._of_date(text)
        if not EARLIEST_AT <= value <= LATEST_AT:
            return math.nan
        if value % 1.0:
            self._has_parts = True
        if len(fraction) < self._fewest_digits:
            self._fewest_digits = len(fraction)
        self._last, self._last_at = text, value
        return value

    def _of_date(self, text: str) -> tuple[float, str]:
        try:
            found = datetime.fromisoformat(text.strip())
        except ValueError:
            return math.nan, ""
        if found.tzinfo is None:
            self.n_without_zone += 1
            found = found.replace(tzinfo=self.zone)
        fraction = _FRACTION.search(text)
        try:
            return found.timestamp(), fraction[1] if fraction else ""
        except (OverflowError, ValueError):
            return math.nan, ""
