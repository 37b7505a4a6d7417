"""What ways of lowering the variance save: a page of measured factors.

Run with `python -m verification.variance`. It writes docs/variance.md and takes some ten minutes;
`--quick` prints a page of far fewer experiments instead.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from sim import __version__
from sim.metrics.estimates import t_quantile
from sim.scenario.load import load_scenario
from verification.common_numbers import SCENARIOS, Gain, gains
from verification.savings import Factor, Saved, savings

REPLICATIONS = 20
EXPERIMENTS = {
    "support": 200,
    "day": 200,
    "tutorial": 200,
    "now": 200,
    "overflow": 200,
    "no_match": 200,
    "platform": 100,
    "shift_plan": 100,
}
"""How many experiments there are with a shipped scenario; `by_hand` is the same in all."""
COMPARED = 150
QUICK = 20
DOCUMENT = Path(__file__).parent.parent / "docs" / "variance.md"


PAGE = """\
# Fewer runs for the same precision

<!-- Written by `python -m verification.variance`. Do not edit. -->

callsim {version}. How many times as many independent replications the same precision would take:
the variance of the plain estimate over that of the other one. 2 halves the replications, 1 saves
nothing, below 1 costs some. In brackets the 95 % confidence interval of the factor, by the
bootstrap over experiments. `python -m verification.variance` writes this page.

## Within one scenario

Every experiment is a run of {replications} replications with a seed of its own; {experiments}.
All queues together, and the first agent group's occupancy.

- **Control variates** (`run --control-variates`, [compare.md](compare.md#control-variates)): the
  estimate is corrected by the work that callers brought, and by the time that agents were there
  where absence is random, both of which have an expectation that is known exactly.
- **Antithetic**: every second replication has 1 − u for each uniform u that a caller of the one
  before has.
- **Latin hypercube**: over the {replications} replications the k-th uniform of each stream of the
  callers' falls once into each of {replications} equal parts of (0, 1).

*Hold* is in how many of the experiments the 95 % confidence interval, plain and with control
variates, holds the value that all experiments pooled give. Were it 95 % in truth, chance alone
would still take it from {low} to {high} % with {most} experiments, from {low_few} to {high_few} %
with {least}.

{tables}

Over all of these metrics and scenarios the factor is, in the middle, {middle_controls} with control
variates, {middle_antithetic} with antithetic draws and {middle_latin} with Latin hypercubes. The
plain intervals hold in {plain} % of all cases, those with control variates in {controlled} %.

**What follows.** Control variates halve the replications for the metric in the middle. Where
absence is random they save most of all, as they take it into account. The replications stay
independent, each by itself is what it was, and a few degrees of freedom are all that it costs. So
they are there to be asked for, and off otherwise: `value` is the pooled ratio of
[metrics.md](metrics.md), which can be recomputed from the calls, and the corrected value can't.
Where days are as different and as skewed as in `shift_plan`, either kind of interval holds less
often than it says after {replications} replications: take more of them there.

Antithetic draws and Latin hypercubes are not built in. A whole hypercube does lower the variance
more than control variates do, where many uniforms matter a little each. But replications are no
longer independent, so that only pairs or whole hypercubes are a sample to take an interval from.
By Student's t alone {replications} replications as 10 pairs are worth {pairs:.2f} times as many,
as 4 hypercubes of 5 {cubes:.2f} times, and one hypercube of {replications} gives no interval at
all: what it gains in variance can't be shown, or is lost again. Nor would a replication be a
function of the seed and its number any more, and going on to a precision would go in steps of
hypercubes.

## Between two variants

Comparisons take the same random numbers for both ([compare.md](compare.md)). The factor is the
variance of the difference between runs with two different seeds over that of the difference on
common random numbers, {compared} replications each, all queues together. Differences are in the
metric's unit: shares from 0 to 1, seconds.

{changes}

Most of the noise is callers and days, and drops out of the difference. Least is gained where a
variant changes which calls a mean is of or how the longest waits end, as time limits and the newest
first do for the ASA; most where days differ by who is absent, which is the same for both.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m verification.variance")
    parser.add_argument("--quick", action="store_true", help="a minute or two; writes no file")
    parser.add_argument("--engine", default="compiled")
    parser.add_argument("--out", type=Path, default=None, help="default: docs/variance.md")
    options = parser.parse_args(arguments)
    found: dict[str, list[Saved]] = {}
    for name, experiments in EXPERIMENTS.items():
        n = QUICK if options.quick else experiments
        scenario = load_scenario(SCENARIOS / f"{name}.yaml")
        found[name] = savings(scenario, n, REPLICATIONS, engine=options.engine)
        print(f"{name}: {n} experiments", file=sys.stderr, flush=True)
    compared = QUICK if options.quick else COMPARED
    text = page(found, list(gains(compared, engine=options.engine)), compared)
    if options.quick and options.out is None:
        print(text)
    else:
        (options.out or DOCUMENT).write_text(text, encoding="utf-8")
    return 0


def page(found: dict[str, list[Saved]], changes: Sequence[Gain], compared: int) -> str:
    """The page about these factors."""
    every = [(name, row) for name, rows in found.items() for row in rows]
    weights = [EXPERIMENTS[name] for name, _ in every]

    def held(shares: Iterator[float]) -> str:
        return f"{100 * statistics.fmean(shares, weights):.1f}"

    def middle(factors: Iterator[Factor]) -> str:
        return f"{statistics.median(factor.value for factor in factors):.2f}"

    few = [f"`{name}`" for name, n in EXPERIMENTS.items() if n == min(EXPERIMENTS.values())]
    most, least = max(EXPERIMENTS.values()), min(EXPERIMENTS.values())
    return PAGE.format(
        version=__version__,
        replications=REPLICATIONS,
        experiments=f"{most} experiments with a scenario, {least} with {' and '.join(few)}",
        most=most,
        least=least,
        low=band(most)[0],
        high=band(most)[1],
        low_few=band(least)[0],
        high_few=band(least)[1],
        tables="\n\n".join(
            "\n".join((f"### `{name}`", "", *_rows(rows))) for name, rows in found.items()
        ),
        middle_controls=middle(row.controls for _, row in every),
        middle_antithetic=middle(row.antithetic for _, row in every),
        middle_latin=middle(row.latin for _, row in every),
        plain=held(row.plain_holds for _, row in every),
        controlled=held(row.controlled_holds for _, row in every),
        pairs=worth(REPLICATIONS // 2),
        cubes=worth(REPLICATIONS // 5),
        compared=compared,
        changes="\n".join(_changes(changes)),
    )


def worth(n: int) -> float:
    """How many times as many replications there are in effect if only `n` values make the interval
    of all, by the squares of Student's t."""
    return (t_quantile(REPLICATIONS - 1) / t_quantile(n - 1)) ** 2


def band(n: int) -> tuple[str, str]:
    """Where 95 % of n experiments lie at 95 %, in per cent."""
    half = 1.96 * math.sqrt(0.95 * 0.05 / n)
    return f"{100 * (0.95 - half):.1f}", f"{100 * (0.95 + half):.1f}"


def _rows(rows: Sequence[Saved]) -> Iterator[str]:
    yield "| metric | control variates | antithetic | Latin hypercube | hold: plain | controlled |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for row in rows:
        factors = " | ".join(map(_factor, (row.controls, row.antithetic, row.latin)))
        holds = f"{100 * row.plain_holds:.1f} % | {100 * row.controlled_holds:.1f} %"
        yield f"| `{row.metric}` | {factors} | {holds} |"


def _changes(changes: Sequence[Gain]) -> Iterator[str]:
    yield "| scenario | variant | metric | difference | independent to common |"
    yield "| --- | --- | --- | ---: | ---: |"
    for gain in changes:
        yield (
            f"| `{gain.change.scenario}` | {gain.change.text} | `{gain.metric}` "
            f"| {gain.difference:+.3g} | {_factor(gain.factor)} |"
        )


def _factor(factor: Factor) -> str:
    def shown(x: float) -> str:
        return f"{x:.2f}" if x < 10 else f"{x:,.0f}"

    return f"{shown(factor.value)} ({shown(factor.low)} to {shown(factor.high)})"


if __name__ == "__main__":
    sys.exit(main())
