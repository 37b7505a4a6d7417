"""`callsim erlang`: Erlang B, C, A and M/M/n with general patience, in milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli import output
from sim.cli.failures import ANSWER_IS_NO, RefusedError
from sim.cli.settings import Settings, general_options, settings_of

if TYPE_CHECKING:
    from sim.planning.asked import Asked


@click.command(short_help="Erlang B, C, A without simulation: agents, or what they reach.")
@click.option("--rate", metavar="RATE", help="Calls that arrive, such as 9.5/min or 570/h.")
@click.option(
    "--handle-time", metavar="DURATION", required=True, help="Mean conversation and wrap-up."
)
@click.option("--agents", metavar="N", help="How many answer.")
@click.option(
    "--patience",
    metavar="DURATION",
    help="Callers hang up after this time on average (exponential), or after a distribution as in a"
    " scenario, such as {distribution: gamma, mean: 2min, cv: 50%}. [default: never]",
)
@click.option(
    "--wait-timeout",
    metavar="DURATION",
    help="All waiting ends after this time. [default: never]",
)
@click.option(
    "--max-waiting",
    metavar="N",
    help="More are blocked; 0: whoever meets no free agent. [default: no limit]",
)
@click.option(
    "--threshold",
    metavar="DURATION",
    help="Of the service level.",
    default="20s",
    show_default=True,
)
@click.option(
    "--formula",
    metavar="NAME",
    help="Of the service level, as in a scenario. [default: answered_of_incoming]",
)
@click.option(
    "--short-abandon",
    metavar="DURATION",
    default="10s",
    show_default=True,
    help="For the formulas that count short abandonments.",
)
@click.option(
    "--target",
    "targets",
    metavar="TARGET",
    multiple=True,
    help="Such as 'service_level >= 80%': the fewest agents that meet it, in place of --agents; or"
    " the most calls, in place of --rate. Also delayed, blocked_share, abandonment, asa_s,"
    " wait_mean_s, occupancy, with <=. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@general_options
@settings_of
@click.pass_context
def erlang(
    context: click.Context,
    settings: Settings,
    rate: str | None,
    handle_time: str,
    agents: str | None,
    patience: str | None,
    wait_timeout: str | None,
    max_waiting: str | None,
    threshold: str,
    formula: str | None,
    short_abandon: str,
    targets: tuple[str, ...],
    as_json: bool,
) -> None:
    """Computes how one queue with one group of agents fares, without simulation: Erlang C, B (with
    --max-waiting 0), A (with --patience), and what lies between and beyond.

    The exit code is 1 when there is no answer: no number of agents reaches the target, or the
    queue grows without bound.

    \b
    Examples:
      callsim erlang --rate 9.5/min --handle-time 5min --agents 50 --patience 2min
      callsim erlang --rate 9.5/min --handle-time 5min --target "service_level >= 80%"
      callsim erlang --handle-time 5min --agents 50 --target "abandonment <= 3%" --patience 2min
    """
    from sim.planning.asked import Asked, WrongRequestError
    from sim.planning.erlang import NoAnswerError

    try:
        asked: Asked = Asked.parse(
            rate=rate, handle_time=handle_time, agents=agents, patience=patience,
            wait_timeout=wait_timeout, max_waiting=max_waiting, threshold=threshold,
            formula=formula, short_abandon=short_abandon, targets=targets, dashes=True,
        )  # fmt: skip
        found = asked.found()
    except WrongRequestError as error:
        raise RefusedError(str(error)) from None
    except NoAnswerError as error:
        output.note(str(error))
        context.exit(ANSWER_IS_NO)

    from sim.report.formula import erlang_report, warnings

    if not settings.quiet:
        output.warn(warnings(found, asked))
    if as_json:
        output.write_json(found.document())
    else:
        output.write(erlang_report(found, asked))
