"""Writing the report of a result to a file: the extension says as what."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sim.experiment.store import whole_file
from sim.report.book.parts import Book
from sim.report.saved import Kind, NotAResultError, Saved, open_result, reading

FORMATS = (".html", ".htm", ".xlsx")


REPORTED = (Kind.RUN, Kind.COMPARISON, Kind.CHECK, Kind.SWEEP)
"""The kinds of result that have a report."""

INSTEAD = {
    Kind.PLAN: "; of the planned scenario's run there is one: `staff --out` writes that scenario",
    Kind.REQUIREMENT: "; `callsim plot` draws a requirement, `requirement --out` writes its table",
    Kind.WARMUP: "; `callsim plot` draws a warm-up",
}
"""What there is of the others."""


class CannotWriteError(ValueError):
    """The report can't be written to that file."""


def check_file(path: str | os.PathLike[str], *, force: bool) -> Path:
    """Refuse, before any time is spent, a file that `write_report` would refuse.

    Raises CannotWriteError: another extension, no such folder, a folder of that name, or a file
    that is there already without `force`.
    """
    file = Path(path)
    if file.suffix.lower() not in FORMATS:
        raise CannotWriteError(
            f"{file}: the extension says what is written: .html a page, .xlsx an Excel workbook"
        )
    if file.is_dir():
        raise CannotWriteError(f"{file} is a folder")
    if not file.parent.is_dir():
        raise CannotWriteError(f"{file.parent}: there is no such folder")
    if file.exists() and not force:
        raise CannotWriteError(
            f"{file} is there already; choose another name, or overwrite it with --force"
        )
    return file


def write_report(
    result: Any, path: str | os.PathLike[str], *, title: str | None = None, force: bool = False
) -> Path:
    """Write the report of `result` (what `open_result` takes) to `path`, whole or not at all.

    Raises NotAResultError, also for a kind that has no report, and CannotWriteError as
    `check_file`.
    """
    saved = open_result(result, REPORTED)
    _check_kind(saved)
    file = check_file(path, force=force)
    with reading(saved):
        content = _content(saved, file.suffix.lower(), title)
    with whole_file(file) as out:
        out.write(content)
    return file


def _content(saved: Saved, suffix: str, title: str | None) -> bytes:
    book = book_of(saved, title)
    if suffix == ".xlsx":
        from sim.report.book.workbook import workbook

        return workbook(book)
    from sim.report.book.html import html_page

    return html_page(book).encode("utf-8", "backslashreplace")


def book_of(saved: Saved, title: str | None = None) -> Book:
    """The book of a result. Raises NotAResultError for a kind that has no report."""
    _check_kind(saved)
    match saved.kind:
        case Kind.RUN:
            from sim.report.book.of_run import run_book

            return run_book(saved, title)
        case Kind.COMPARISON:
            from sim.report.book.of_comparison import comparison_book

            return comparison_book(saved, title)
        case Kind.CHECK:
            from sim.report.book.of_comparison import check_book

            return check_book(saved, title)
        case _:
            from sim.report.book.of_sweep import sweep_book

            return sweep_book(saved, title)


def _check_kind(saved: Saved) -> None:
    if saved.kind not in REPORTED:
        raise NotAResultError(
            f"{saved.name} is a {saved.kind}, of which there is no report: reports are of a run, a"
            f" comparison, a check or a sweep{INSTEAD.get(saved.kind, '')}"
        )
