"""One hash of all that decides a result: the resolved scenario and the files it refers to."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import sys
from array import array
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sim.scenario.model import Scenario


def digest(scenario: Scenario, files: Mapping[str, str]) -> str:
    """SHA-256 in hex. `files` are the hashes of the referred files' bytes, by name."""
    document = {"scenario": _plain(scenario), "files": sorted(files.values())}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    """Only what JSON has; infinities as text; each object with the name of its class."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value) if f.compare
        }
        return {"": type(value).__name__, **fields}
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, array):
        return _columns_hash(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    return value


def _columns_hash(column: array[float]) -> str:
    """The hash of the little-endian bytes of float64 values, however many."""
    if sys.byteorder == "big":
        column = array("d", column)
        column.byteswap()
    return hashlib.sha256(column.tobytes()).hexdigest()
