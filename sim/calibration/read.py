"""Reading a real log, whatever system wrote it: which format it has, and its reader."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from sim.calibration.formats.files import STDIN, Asked, LogFile
from sim.calibration.history import History
from sim.scenario.errors import Problem, ScenarioError, did_you_mean, list_names

FORMATS = {
    "voipbin": "sim.calibration.formats.voipbin",
    "technion": "sim.calibration.formats.technion",
    "asterisk": "sim.calibration.formats.asterisk",
    "freeswitch": "sim.calibration.formats.freeswitch",
    "table": "sim.calibration.formats.table",
}
"""The module that reads each format, in the order in which a log is tried: any file with a header
looks like a table, so that is last."""

CALLS = "calls.parquet"


class Reader(Protocol):
    """A module of a format."""

    TITLE: str

    def looks_like(self, head: str, name: str) -> bool: ...

    def read(self, files: Sequence[LogFile], asked: Asked) -> History: ...


def read_log(
    paths: Sequence[str], *, format: str | None = None, asked: Asked | None = None
) -> History:
    """The history in a log of one file or of several, which are of one format.

    A path may be `NAME=FILE`, whose calls are all of the queue NAME; `-` is standard input; the
    folder of `run --out` stands for the calls in it. `format` is one of `FORMATS`, None finds out
    (a log whose columns are named is a table). Raises ScenarioError for a log that can't be read,
    or of which too little can.
    """
    if format is not None and format not in FORMATS:
        known = f"the formats are {list_names(FORMATS)}{did_you_mean(format, FORMATS)}"
        raise ScenarioError([Problem(f"--format {format}", 0, 0, "", f"no such format; {known}")])
    asked = Asked() if asked is None else asked
    files = [_file(path) for path in paths]
    _check_together(files)
    if format is None:
        format = "table" if asked.columns else _found(files)
    return _reader(format).read(files, asked)


def _file(path: str) -> LogFile:
    """`NAME=FILE` names the queue, unless there is a file of the whole name."""
    queue = None
    if path != STDIN and not Path(path).exists():
        for found in re.finditer("=", path):
            name, file = path[: found.start()].strip(), path[found.end() :]
            if name and (file == STDIN or Path(file).exists()):
                queue, path = name, file
                break
    folder = Path(path)
    if path != STDIN and folder.is_dir() and (folder / CALLS).is_file():
        path = str(folder / CALLS)
    return LogFile(path, queue)


def _check_together(files: Sequence[LogFile]) -> None:
    if not files:
        raise ScenarioError([Problem("", 0, 0, "", "a log needs at least one file")])
    if sum(file.path == STDIN for file in files) > 1:
        raise ScenarioError([Problem("<stdin>", 0, 0, "", "can be read only once")])
    problems: list[Problem] = []
    for file in files:
        try:
            if not file.raw_head:
                problems.append(file.problem("the file is empty"))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)


def _found(files: Sequence[LogFile]) -> str:
    """The format of which all files are."""
    names = [_format_of(file) for file in files]
    problems: list[Problem] = []
    for file, name in zip(files, names, strict=True):
        if name is None:
            try:
                file.check_text()
            except ScenarioError as error:
                problems += error.problems
                continue
            titles = "; ".join(f"`{each}`: {_reader(each).TITLE}" for each in _present())
            told = (
                f"not a log of a known format; --format names one of {titles}; --columns names a"
                " table's columns, as in joined=Beginn,wait=Wartezeit"
            )
            problems.append(file.problem(told, 1, file.head.split("\n", 1)[0].rstrip("\r")))
        elif name != names[0] and names[0] is not None:
            problems.append(
                file.problem(
                    f"looks like format `{name}`, but {files[0].name} like `{names[0]}`: a log is"
                    " of one format (--format names it)"
                )
            )
    if problems:
        raise ScenarioError(problems)
    assert names[0] is not None
    return names[0]


def _format_of(file: LogFile) -> str | None:
    for name in _present():
        if _reader(name).looks_like(file.head, file.name):
            return name
    return None


def _present() -> list[str]:
    return [name for name, module in FORMATS.items() if importlib.util.find_spec(module)]


def _reader(name: str) -> Reader:
    return importlib.import_module(FORMATS[name])
