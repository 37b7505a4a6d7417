"""The command `callsim`: its subcommands and the way it ends."""

from __future__ import annotations

from collections.abc import Sequence

import click

import sim
from sim.cli import output
from sim.cli.backtest import backtest
from sim.cli.calibrate import calibrate
from sim.cli.check import check
from sim.cli.compare import compare
from sim.cli.convert import convert
from sim.cli.erlang import erlang
from sim.cli.failures import exit_code
from sim.cli.new import new
from sim.cli.plot import plot
from sim.cli.report import report
from sim.cli.requirement import requirement
from sim.cli.run import run
from sim.cli.schema import schema
from sim.cli.settings import Settings, general_options
from sim.cli.staff import staff
from sim.cli.sweep import sweep
from sim.cli.trace import trace
from sim.cli.validate import validate
from sim.cli.warmup import warmup


def _show_version(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        output.write(f"callsim {sim.__version__}\n")
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version and exit.",
)
@general_options
def callsim() -> None:
    """Simulates call queues: who waits, who gives up, how busy the agents are.

    \b
    Example:
      callsim new | callsim run -
    """


for command in (
    run,
    check,
    compare,
    sweep,
    staff,
    requirement,
    erlang,
    validate,
    trace,
    convert,
    calibrate,
    backtest,
    warmup,
    plot,
    report,
    new,
    schema,
):
    callsim.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code.

    0 done, 1 as the command says, 2 bad usage or input, 3 the run failed, 130 interrupted.
    """
    settings = Settings()
    try:
        return _invoke(arguments, settings)
    except BaseException as error:
        return exit_code(error, settings)


def _invoke(arguments: Sequence[str] | None, settings: Settings) -> int:
    """Like `callsim.main`, but every exception comes out as it is."""
    if arguments is None:
        import sys

        arguments = sys.argv[1:]
    try:
        with callsim.make_context("callsim", list(arguments), obj=settings) as context:
            callsim.invoke(context)
        code = 0
    except click.exceptions.Exit as done:
        code = done.exit_code
    output.flush()
    return code
