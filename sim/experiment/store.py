"""What is kept of a sweep while it is made, so that it can go on after any end.

In the sweep's folder, `sweep.json` tells whose it is, and `points/` holds the finished points, many
to a file. Each file is written aside, down to the disk, and then renamed: it is whole or not there.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

MANIFEST = "sweep.json"
PARTS = "points"
RESULTS = ("sweep.parquet", "sweep.csv", "sweep.xlsx")

_ASIDE = ".callsim-"
_LOCK = ".callsim-lock"
_FLUSH_S = 0.5


class OtherSweepError(Exception):
    """The folder holds something else, or another process is at work in it."""


@dataclass(frozen=True, slots=True)
class PointRecord:
    """A finished point: a row for each queue and for `total`, or why there is no such scenario.

    `columns` names what a row holds.
    """

    sha256: str | None
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    error: str | None = None


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to be written that appears under its name when it is whole and on the disk."""
    aside = path.with_name(f"{_ASIDE}{os.getpid()}-{path.name}")
    try:
        with open(aside, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # folders can't be synced everywhere
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class Store:
    """The finished points in a folder. `manifest` tells what the sweep is, under `key`."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any], *, force: bool) -> None:
        self.folder = folder
        self.manifest = dict(manifest)
        self._refuse_others(force)
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(folder)
        try:
            self._begin(force)
        except BaseException:
            self.close()
            raise
        self._new: dict[int, PointRecord] = {}
        self._flushed = time.monotonic()

    def _refuse_others(self, force: bool) -> None:
        try:
            found = json.loads((self.folder / MANIFEST).read_bytes())
            is_ours = found.get("key") == self.manifest["key"]
        except (OSError, ValueError, AttributeError):
            is_ours = not any((self.folder / n).exists() for n in (MANIFEST, PARTS, *RESULTS))
        if not is_ours and not force:
            raise OtherSweepError(
                f"{self.folder} holds the results of another sweep (other settings, scenario,"
                " files or version); choose another folder, or overwrite them with --force"
            )

    def _begin(self, force: bool) -> None:
        """Clear what is not ours, and find what is there."""
        found: Any = None
        with contextlib.suppress(OSError, ValueError):
            found = json.loads((self.folder / MANIFEST).read_bytes())
        if not isinstance(found, dict) or found.get("key") != self.manifest["key"]:
            for name in RESULTS:
                (self.folder / name).unlink(missing_ok=True)
            shutil.rmtree(self.folder / PARTS, ignore_errors=True)
            found = {**self.manifest, "complete": False}
            self._write_manifest(found)
        self.manifest = found
        self.is_complete = bool(found.get("complete")) and all(
            (self.folder / name).exists() for name in RESULTS[:2]
        )
        parts = self.folder / PARTS
        parts.mkdir(exist_ok=True)
        for place in (self.folder, parts):
            for left in place.glob(f"{_ASIDE}*"):
                if left.name != _LOCK:
                    left.unlink(missing_ok=True)
        self.where: dict[int, Path] = {}
        """The file that holds a finished point, by the point's number."""
        for part in sorted(parts.glob("*.json.gz")):
            try:
                self.where.update(dict.fromkeys(map(int, _read(part)["points"]), part))
            except (OSError, ValueError, KeyError, EOFError, zlib.error):
                part.unlink()  # spoilt: its points are made again

    def add(self, point: int, record: PointRecord) -> None:
        """Keep a point; it is on the disk half a second later, or when the store is closed."""
        self._new[point] = record
        if time.monotonic() - self._flushed >= _FLUSH_S:
            self.flush()

    def flush(self) -> None:
        """Have all points on the disk."""
        self._flushed = time.monotonic()
        if not self._new:
            return
        columns = next((r.columns for r in self._new.values() if r.columns), ())
        content = {
            "columns": columns,
            "points": {str(n): [r.sha256, r.rows, r.error] for n, r in sorted(self._new.items())},
        }
        part = self.folder / PARTS / f"{min(self._new):08d}.json.gz"
        text = json.dumps(content, allow_nan=False, separators=(",", ":")).encode()
        with whole_file(part) as out:
            out.write(gzip.compress(text, compresslevel=1, mtime=0))
        self.where.update(dict.fromkeys(self._new, part))
        self._new = {}

    def records(self, n_points: int) -> Iterator[PointRecord]:
        """All points in their order; they must all be there."""
        self.flush()
        read = lru_cache(maxsize=64)(_read)
        for number in range(n_points):
            part = read(self.where[number])
            sha256, rows, error = part["points"][str(number)]
            yield PointRecord(
                sha256, tuple(part["columns"]) if rows else (), tuple(map(tuple, rows)), error
            )

    def finish(self, n_rows: int, bad_points: list[dict[str, Any]]) -> None:
        """Note that the tables are written, of so many rows: nothing is left to be done."""
        self.manifest |= {"complete": True, "rows": n_rows, "bad_points": bad_points}
        self._write_manifest(self.manifest)
        self.is_complete = True

    def close(self) -> None:
        """Let go of the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _write_manifest(self, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        with whole_file(self.folder / MANIFEST) as out:
            out.write(text.encode("utf-8", "backslashreplace"))


def _read(part: Path) -> Any:
    return json.loads(gzip.decompress(part.read_bytes()))


def _locked(folder: Path) -> BinaryIO | None:
    """Keep other processes out of the folder, where the system has such locks, till this ends."""
    try:
        import fcntl
    except ImportError:
        return None
    lock = open(folder / _LOCK, "ab")  # noqa: SIM115
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise OtherSweepError(f"another process is at work in {folder}") from None
    except OSError:  # a file system without locks
        pass
    return lock
