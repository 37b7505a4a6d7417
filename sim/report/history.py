"""What a real log holds, told in a few lines: for standard error, beside the table itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.report.text import counted, duration, plain

MOST_QUEUES = 20
_WORDS = ("answered", "abandoned", "timeout", "left", "blocked", "open")


def history_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a document `callsim.history/1`."""
    days = counted(document["days"], "day")
    yield (
        f"{plain(document['source'])}: {counted(document['calls'], 'call')} of"
        f" {counted(document['rows'], 'row')} (format {document['log_format']}),"
        f" {days} with calls, {document['first_day']} to {document['last_day']}"
        f" ({document['time_zone']}), {counted(document['agents'], 'agent')}"
    )
    queues = document["queues"]
    for queue in queues[:MOST_QUEUES]:
        yield f"  {plain(queue['name'])}: {_outcomes(queue)}"
    if len(queues) > MOST_QUEUES:
        yield f"  ... and {len(queues) - MOST_QUEUES:,} more queues"
    if len(queues) > 1:
        yield f"  all queues: {_outcomes(document['total'])}"
    notes = list(document["notes"])
    for reason, n in document["dropped"].items():
        told = f"left out: {reason}: {n}"
        with_places = next((note for note in notes if note.startswith(told)), told)
        if with_places in notes:
            notes.remove(with_places)
        yield plain(with_places)
    for note in notes:
        yield f"note: {plain(note)}"


def _outcomes(row: Mapping[str, Any]) -> str:
    told = [f"{row['outcomes'][word]:,} {word}" for word in _WORDS if row["outcomes"][word]]
    means = [
        f"{name} {duration(row[key])}"
        for name, key in (("ASA", "asa_s"), ("mean service", "service_mean_s"))
        if row[key] is not None
    ]
    return ", ".join([counted(row["calls"], "call"), *told, *means])
