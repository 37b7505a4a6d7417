"""How often a backtest is wrong about a true log, and how many days it needs to find a false one.

Run with `python -m verification.backtest`. It writes docs/backtest_power.md and takes about ten
minutes; `--logs N` makes a smaller table and prints it. The exit code is 1 when true logs are
found outside more often than the stated rate and chance allow.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim import __version__
from sim.calibration.backtest.judge import ERROR, ArrivalsFrom, backtest
from sim.scenario.model import Scenario
from verification.backtest_models import day, moves
from verification.simulated_logs import log_of

FAMILY_ERROR = 0.01
"""Probability that chance alone takes any row of the table above its band."""
LOGS, POWER_LOGS = 40, 25
REPLICATIONS = {ArrivalsFrom.SCENARIO: 200, ArrivalsFrom.LOG: 99}
DOCUMENT = Path(__file__).parent.parent / "docs" / "backtest_power.md"


@dataclass(frozen=True)
class Model:
    """A scenario, and the step of the clock that its log is kept by."""

    name: str
    text: str
    scenario: Scenario
    tick_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """Of `logs` logs of `days` days of a model, simulated with `change`, so many found outside.

    `change` is empty for a true log.
    """

    model: str
    change: str
    arrivals: ArrivalsFrom
    days: int
    logs: int
    outside: int


def models() -> list[Model]:
    """What true logs are made of."""
    return [
        Model("one queue", "105 calls in 3 hours, 3 agents, impatient callers", day()),
        Model(
            "busy days, whole seconds",
            "the same, each day busier or quieter (cv 20 %), and a log of whole seconds",
            day("queues.service.arrivals.busyness={cv: 20%}"), 1.0,
        ),
        Model(
            "two queues",
            "180 calls in 4 hours over midnight, with overflow, blocking, ringing, wrap-up",
            moves(),
        ),
    ]  # fmt: skip


CHANGES = {
    "talk 10 % longer": "queues.service.service_time.mean=264s",
    "callers half as patient": "queues.service.patience.mean=1min",
    "one agent of three less": "agents.all.count=2",
    "10 % more calls": "queues.service.arrivals.profile.calls=[33,49.5,33]",
    "busy and quiet days (cv 30 %)": "queues.service.arrivals.busyness={cv: 30%}",
}
"""What a log differs in from the scenario of one queue, and how that is written."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m verification.backtest")
    parser.add_argument("--logs", type=int, default=None, help=f"default: {LOGS}")
    parser.add_argument("--out", type=Path, default=None, help="default: docs/backtest_power.md")
    options = parser.parse_args(arguments)
    size = list(_told(true_logs(options.logs or LOGS)))
    power = list(_told(false_logs(min(options.logs or LOGS, POWER_LOGS))))
    text = document(size, power)
    if options.logs is not None and options.out is None:
        print(text)
    else:
        (options.out or DOCUMENT).write_text(text, encoding="utf-8")
    return 1 if too_often(size) else 0


def true_logs(logs: int, days: Sequence[int] = (1, 10)) -> Iterator[Row]:
    """Backtests of logs of the scenario itself."""
    for model in models():
        for arrivals in ArrivalsFrom:
            for n in days:
                found = [
                    _outside(model.scenario, model.scenario, n, seed, arrivals, model.tick_s)
                    for seed in range(logs)
                ]
                yield Row(model.name, "", arrivals, n, logs, sum(found))


def false_logs(logs: int, days: Sequence[int] = (5, 20)) -> Iterator[Row]:
    """Backtests of logs of a scenario that differs."""
    for name, change in CHANGES.items():
        for arrivals in ArrivalsFrom:
            for n in days:
                found = [_outside(day(), day(change), n, seed, arrivals) for seed in range(logs)]
                yield Row("one queue", name, arrivals, n, logs, sum(found))


def _outside(
    scenario: Scenario, truth: Scenario, days: int, seed: int, arrivals: ArrivalsFrom,
    tick_s: float = 0.0,
) -> bool:  # fmt: skip
    """Whether a log is found outside; the seeds of log and backtest never meet."""
    history = log_of(truth, days, seed, tick_s=tick_s)
    found = backtest(
        replace(scenario, seed=1_000_000 + seed), history, arrivals=arrivals,
        replications=None if days == 1 else REPLICATIONS[arrivals],
    )  # fmt: skip
    return found.outcome == "outside"


def most(logs: int, rows: int) -> int:
    """How many of the true logs of a row may be found outside.

    If each is with a probability of at most 5 %, chance takes any of so many rows above it with a
    probability of at most 1 % (binomial law, Bonferroni).
    """
    from scipy.stats import binom

    return int(binom.isf(FAMILY_ERROR / rows, logs, ERROR))


def too_often(rows: Sequence[Row]) -> list[Row]:
    """The rows of true logs above the band."""
    return [row for row in rows if row.outside > most(row.logs, len(rows))]


def document(size: Sequence[Row], power: Sequence[Row]) -> str:
    """The page."""
    bad = too_often(size)
    verdict = "**All do.**" if not bad else f"**{len(bad)} of {len(size)} do not.**"
    logs, outside = size[0].logs, sum(row.outside for row in size)
    lines = [
        "# How sure a backtest is",
        "",
        "<!-- Written by `python -m verification.backtest`. Do not edit. -->",
        "",
        f"callsim {__version__}. [backtest.md](backtest.md) tells what is tested. The error rate",
        "of a backtest is the share of true logs that it finds outside: by its own words at most",
        f"{100 * ERROR:g} %, all metrics together.",
        "",
        "## True logs",
        "",
        f"{logs} logs for each row, simulated from the scenario itself, with seeds that the",
        f"backtest does not use. If the rate holds, at most {most(logs, len(size))} of {logs} are",
        "found outside in every row: chance takes any row above that with a probability of at",
        f"most {100 * FAMILY_ERROR:g} %. {verdict}",
        "",
        "| model | is |",
        "| --- | --- |",
        *(f"| {model.name} | {model.text} |" for model in models()),
        "",
        "| model | arrivals | days | outside | share |",
        "| --- | --- | ---: | ---: | ---: |",
        *(
            f"| {row.model} | `{row.arrivals}` | {row.days} | {row.outside} of {row.logs} |"
            f" {row.outside / row.logs:.1%} |"
            for row in size
        ),
        "",
        f"Of all {len(size)} rows together {outside} of {sum(row.logs for row in size)} are found"
        " outside. The rate can be",
        "well below the stated one: metrics say much the same, and Holm's correction pays for each",
        "as if it said something new.",
        "",
        "## False logs",
        "",
        f"The share of {power[0].logs} logs of one queue that are found outside, where the log's",
        "days differ from the scenario's as the first column says. With the log's own arrivals",
        "(`as-recorded`) a wrong forecast is no fault.",
        "",
        *_power(power),
    ]
    return "\n".join(lines) + "\n"


def _power(rows: Sequence[Row]) -> Iterator[str]:
    days = sorted({row.days for row in rows})
    yield "| the log differs in | arrivals |" + "".join(f" {n} days |" for n in days)
    yield "| --- | --- |" + " ---: |" * len(days)
    shares = {(r.change, r.arrivals, r.days): r.outside / r.logs for r in rows}
    for change, arrivals in dict.fromkeys((row.change, row.arrivals) for row in rows):
        cells = "".join(f" {shares[change, arrivals, n]:.0%} |" for n in days)
        yield f"| {change} | `{arrivals}` |{cells}"


def _told(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        told = row.change or row.model
        print(f"{told:32} {row.arrivals:15} {row.days:3} days: {row.outside} of {row.logs}",
              file=sys.stderr)  # fmt: skip
        yield row


if __name__ == "__main__":
    sys.exit(main())
