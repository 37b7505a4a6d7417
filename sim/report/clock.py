"""When a scenario starts by the clock, as its result document says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any


def start_of(document: Mapping[str, Any]) -> datetime | None:
    """When the scenario starts; None if it has no start."""
    start = document.get("start")
    return None if start is None else datetime.fromisoformat(start)


def since_midnight(start: datetime) -> float:
    """The seconds from midnight to the start."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    return (start - midnight).total_seconds()
