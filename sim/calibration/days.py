"""Days and times of day, as users name them and as they are told."""

from __future__ import annotations

from datetime import date

from sim.scenario.errors import did_you_mean

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS = {"all": tuple(range(7)), "weekdays": tuple(range(5)), "weekends": (5, 6)}
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def weekdays_of(text: str) -> tuple[int, ...]:
    """Days of the week, Monday = 0, sorted: `all`, `weekdays`, `weekends`, `mon`, `mon,wed`; a
    range such as `sun..thu` may go over Sunday. Raises ValueError."""
    found: set[int] = set()
    for part in text.lower().split(","):
        name = part.strip()
        if name in KINDS:
            found |= set(KINDS[name])
            continue
        ends = [_weekday(each.strip()) for each in name.split("..")]
        if len(ends) > 2:
            raise ValueError(f"expected such as `sun..thu`, found `{name[:40]}`")
        found |= {(ends[0] + i) % 7 for i in range((ends[-1] - ends[0]) % 7 + 1)}
    return tuple(sorted(found))


def _weekday(name: str) -> int:
    for place, full in enumerate(_FULL):
        if len(name) >= 3 and f"{full}s".startswith(name):
            return place
    known = [*KINDS, *WEEK]
    raise ValueError(
        f"`{name[:40]}` is no kind of day: {', '.join(known)}, a list `mon,wed` or a range"
        f" `sun..thu`{did_you_mean(name, known)}"
    )


def date_of(text: str) -> date:
    """A date such as 2026-03-02. Raises ValueError."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"expected a date such as 2026-03-02, found `{text[:40]}`") from None


def clock_text(seconds: float) -> str:
    """A time of day such as `09:00`, or `09:00:30`; the end of the day is `24:00`."""
    whole = round(seconds)
    text = f"{whole // 3600:02d}:{whole % 3600 // 60:02d}"
    return text if whole % 60 == 0 else f"{text}:{whole % 60:02d}"
