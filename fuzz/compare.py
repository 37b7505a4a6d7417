"""Both engines on one scenario, and what differs: types, shapes and bytes of every column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np

from sim.engine.rules import EndlessRingingError
from sim.experiment.replicate import Replication, Replicator
from sim.scenario.model import Scenario

REPLICATIONS = (0, 1)


def differences(
    scenario: Scenario, *, intervals: bool, replications: Iterable[int] = REPLICATIONS
) -> tuple[list[str], int]:
    """What differs between the engines, in words, and how many calls there were.

    Also the compiled engine's sums without a log against those with one. An engine that fails
    differs, whatever the other does.
    """
    told: list[str] = []
    calls = 0
    try:
        reader = Replicator(
            scenario, engine="simpy", intervals=intervals, keep_calls=True, keep_agents=True
        )
        machine = Replicator(
            scenario, engine="compiled", intervals=intervals, keep_calls=True, keep_agents=True
        )
        bare = Replicator(scenario, engine="compiled", intervals=intervals)
        for index in replications:
            one, other = _ran(reader, index), _ran(machine, index)
            if isinstance(one, str) or isinstance(other, str):
                told += [] if one == other else [f"replication {index}: {one}, {other}"]
                continue
            calls += 0 if one.calls is None else len(one.calls)
            told += _of_replications(f"replication {index}: simpy, compiled", one, other)
            name = f"replication {index}: compiled with log, without"
            told += _of_records(f"{name}: sums", other.sums, bare.run(index).sums)
    except Exception as error:
        told.append(f"{type(error).__name__}: {error}")
    return told, calls


def _ran(replicator: Replicator, index: int) -> Replication | str:
    """The replication; or that phones ring without end in it, which both engines must say."""
    try:
        return replicator.run(index)
    except EndlessRingingError as error:
        return str(error)


def _of_replications(name: str, one: Replication, other: Replication) -> list[str]:
    told = [] if one.index == other.index else [f"{name}: index {one.index}, {other.index}"]
    for part in ("sums", "calls", "agents"):
        told += _of_records(f"{name}: {part}", getattr(one, part), getattr(other, part))
    return told


def _of_records(name: str, one: Any, other: Any) -> list[str]:
    """The fields of two records of arrays, one by one."""
    if type(one) is not type(other):
        return [f"{name}: {type(one).__name__}, {type(other).__name__}"]
    told = []
    for field in fields(one):
        found = array_difference(getattr(one, field.name), getattr(other, field.name))
        if found is not None:
            told.append(f"{name}.{field.name}{found}")
    return told


def array_difference(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> str | None:
    """How two arrays differ, the first place of several; None if not in a single bit."""
    if one.dtype != other.dtype:
        return f": type {one.dtype}, {other.dtype}"
    if one.shape != other.shape:
        return f": shape {one.shape}, {other.shape}"
    if one.tobytes() == other.tobytes():
        return None
    as_bytes = [
        np.frombuffer(a.tobytes(), np.uint8).reshape(-1, a.dtype.itemsize) for a in (one, other)
    ]
    places = np.flatnonzero((as_bytes[0] != as_bytes[1]).any(axis=1))
    at = tuple(int(i) for i in np.unravel_index(places[0], one.shape))
    where = ", ".join(map(str, at))
    return f"[{where}]: {one[at].item()!r}, {other[at].item()!r} ({places.size} differ)"
