"""How the program ends when something goes wrong: one clear message and an exit code."""

from __future__ import annotations

import sys
import traceback

import click

from sim.cli import output
from sim.cli.settings import Settings

DONE, ANSWER_IS_NO, BAD_INPUT, FAILED, INTERRUPTED = 0, 1, 2, 3, 130


class RefusedError(Exception):
    """The request can't be carried out as it stands: bad usage or a bad input file."""


def exit_code(error: BaseException, settings: Settings) -> int:
    """Report `error` on standard error, with its traceback only under `--debug`."""
    if isinstance(error, output.ReaderGoneError):
        return DONE
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAILED if error.code else DONE
    if settings.debug:
        output.note("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, KeyboardInterrupt | click.Abort):
        output.note("\nInterrupted.")
        code = INTERRUPTED
    elif isinstance(error, click.ClickException):
        output.note(_usage(error))
        code = BAD_INPUT
    elif _is_bad_input(error):
        render = getattr(error, "render", None)
        output.note(render() if render is not None else f"Error: {error}")
        code = BAD_INPUT
    else:
        output.note(f"Error: {_failure(error, settings)}")
        code = FAILED
    return _flushed(code)


def _usage(error: click.ClickException) -> str:
    """What was wrong with the command line, after how it should be."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    lines = []
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        lines = [context.get_usage(), f"Try '{context.command_path} --help' for help.", ""]
    return "\n".join([*lines, f"Error: {error.format_message()}"])


def _is_bad_input(error: BaseException) -> bool:
    """Known kinds of bad input; those of modules that were not loaded can't have happened."""
    kinds: list[type] = [RefusedError]
    for module, name in (
        ("sim.scenario.errors", "ScenarioError"),
        ("sim.report.folder", "FolderInUseError"),
        ("sim.report.sweep", "NoWorkbookError"),
        ("sim.report.saved", "NotAResultError"),
        ("sim.report.figures", "FigureError"),
        ("sim.experiment.store", "OtherSweepError"),
        ("sim.experiment.cluster", "NoDaskError"),
    ):
        if module in sys.modules:
            kinds.append(getattr(sys.modules[module], name))
    return isinstance(error, tuple(kinds))


def _failure(error: BaseException, settings: Settings) -> str:
    if isinstance(error, MemoryError):
        return "out of memory; fewer replications or a shorter horizon need less"
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}"
    hint = "" if settings.debug else " (--debug shows where)"
    message = f": {error}" if str(error) else ""
    return f"the run failed, {type(error).__name__}{message}{hint}"


def _flushed(code: int) -> int:
    """`code`, with what was written before the failure on its way if it can be."""
    try:
        output.flush()
    except (OSError, output.ReaderGoneError):
        return code
    return code
