"""How often the 95 % confidence intervals hold the value that they are made for.

Run with `python -m verification.coverage`. It writes docs/coverage.md and takes some minutes;
`--experiments N` makes a smaller table and prints it. The exit code is 1 when an interval holds its
value less often than chance allows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim import __version__
from sim.experiment.batches import BATCHES
from sim.metrics.estimates import CONFIDENCE
from verification.coverage_models import REPLICATIONS, Covered, covered_models, skewed_models

FAMILY_ERROR = 0.01
"""Probability that chance alone takes any row of a table out of the band, on either side."""
EXPERIMENTS = 500
DOCUMENT = Path(__file__).parent.parent / "docs" / "coverage.md"


@dataclass(frozen=True, slots=True)
class Row:
    """One metric of one model: in how many experiments its interval held the exact value.

    `below` and `above` count those in which the value lay below or above the interval; `half_width`
    and `deviation` are the mean half-width and the mean of (estimate less exact value).
    """

    model: str
    metric: str
    exact: float
    experiments: int
    below: int
    above: int
    half_width: float
    deviation: float

    @property
    def held(self) -> int:
        return self.experiments - self.below - self.above

    @property
    def coverage(self) -> float:
        return self.held / self.experiments


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m verification.coverage")
    parser.add_argument("--experiments", type=int, default=None, help=f"default: {EXPERIMENTS}")
    parser.add_argument("--seed", type=int, default=1, help="of the first experiment")
    parser.add_argument("--model", action="append", help="only this one; repeatable")
    parser.add_argument("--out", type=Path, default=None, help="default: docs/coverage.md")
    options = parser.parse_args(arguments)
    chosen = [m for m in covered_models() if options.model is None or m.name in options.model]
    if not chosen:
        parser.error("there is no such model")
    n = options.experiments or EXPERIMENTS
    rows: list[Row] = []
    for model in chosen:
        rows += coverage(model, n, options.seed)
        worst = min(rows, key=lambda row: row.coverage if row.model == model.name else 2.0)
        print(f"{model.name:30} at least {worst.coverage:.1%} ({worst.metric})", file=sys.stderr)
    part = options.experiments is not None or options.model is not None
    skewed = [] if part else [r for m in skewed_models() for r in coverage(m, n, options.seed)]
    text = document(chosen, rows, skewed, seed=options.seed)
    if part and options.out is None:
        print(text)
    else:
        (options.out or DOCUMENT).write_text(text, encoding="utf-8")
    return 1 if too_seldom(rows) else 0


def coverage(model: Covered, experiments: int, seed: int) -> list[Row]:
    """The rows of a model: so many experiments, of which number i has the seed `seed` + i."""
    exact: dict[str, float] = {}
    tally: dict[str, list[float]] = {}
    for i in range(experiments):
        for metric, value, found in model.values(model.experiment(seed + i)):
            exact[metric] = value
            if found.value is None or found.low is None or found.high is None:
                raise ValueError(f"{model.name}: {metric} has no interval with seed {seed + i}")
            assert found.half_width is not None
            sums = tally.setdefault(metric, [0.0, 0.0, 0.0, 0.0])
            sums[0] += value < found.low
            sums[1] += value > found.high
            sums[2] += found.half_width
            sums[3] += found.value - value
    return [
        Row(
            model=model.name,
            metric=metric,
            exact=exact[metric],
            experiments=experiments,
            below=int(below),
            above=int(above),
            half_width=half_width / experiments,
            deviation=deviation / experiments,
        )
        for metric, (below, above, half_width, deviation) in tally.items()
    ]


def band(experiments: int, rows: int) -> tuple[int, int]:
    """How few and how many of the intervals of a row may hold their value.

    If each holds it with 95 % and all experiments are independent, the probability that any of
    so many rows falls below the band or above it is at most 1 % (binomial law, Bonferroni).
    """
    from scipy.stats import binom

    each = FAMILY_ERROR / (2.0 * rows)
    least = int(binom.ppf(each, experiments, CONFIDENCE))
    most = int(binom.isf(each, experiments, CONFIDENCE))
    return least, most


def too_seldom(rows: Sequence[Row]) -> list[Row]:
    """The rows below the band."""
    return [row for row in rows if row.held < band(row.experiments, len(rows))[0]]


def too_often(rows: Sequence[Row]) -> list[Row]:
    """The rows above the band: intervals wider than they need to be."""
    return [row for row in rows if row.held > band(row.experiments, len(rows))[1]]


def document(
    models: Iterable[Covered], rows: Sequence[Row], skewed: Sequence[Row] = (), *, seed: int
) -> str:
    """The page; `skewed` are rows of models with too few replications, which are no part of the
    verdict."""
    n = rows[0].experiments
    least, most = band(n, len(rows))
    low, high = too_seldom(rows), too_often(rows)
    mean = sum(row.coverage for row in rows) / len(rows)
    lines = [
        "# How often the intervals hold",
        "",
        "<!-- Written by `python -m verification.coverage`. Do not edit. -->",
        "",
        f"callsim {__version__}: {n:,} independent experiments for each model, each a run of",
        f"{REPLICATIONS} replications (or as many as it says, or one in {BATCHES} batches) with a",
        f"seed of its own, from {seed} on, and its 95 % confidence intervals as results have them",
        "([metrics.md](metrics.md#estimates)).",
        "*Held* is the share of the experiments whose interval held the exact value.",
        "",
        "The exact value is what the estimator estimates: of a ratio, the ratio of two",
        "expectations over the calls that arrive in the window, whenever and however they end. Of",
        "days that begin empty, or with busy agents, it is exact for just this day",
        "(`sim/theory/window.py`, `sim/theory/time_varying.py`); of steady states it is the",
        "stationary value.",
        "",
        "## Verdict",
        "",
        f"If every interval held its value with 95 %, each row would lie between {least / n:.2%}",
        f"and {most / n:.2%} ({least:,} and {most:,} of {n:,}): the probability that chance takes",
        f"any of the {len(rows)} rows out of this band is at most {100 * FAMILY_ERROR:g} %",
        "(binomial, Bonferroni).",
        _verdict(low, high),
        f"The mean of all rows is {mean:.2%}.",
        "",
        "## Models",
        "",
        "| model | sample | is |",
        "| --- | --- | --- |",
        *(f"| {model.name} | {model.kind} | {model.text} |" for model in models),
        "",
        "## Coverage",
        "",
        "*Below* and *above*: the share of the experiments in which the exact value lay below, or",
        "above, the interval; 2.5 % each would be even. ± is the mean half-width; *bias* the mean",
        "deviation of the estimate, in mean half-widths. Times in seconds.",
        "",
        *_table(rows),
    ]
    if skewed:
        lines += [
            "",
            "## Where the sample is too small",
            "",
            "Without abandonment and near full load a few bad days make the mean. If they are not",
            "among the replications, the estimate is too small, and so is its standard error: the",
            "interval misses above. More replications help, and longer batches, as the table above",
            "shows for the same models.",
            "",
            *_table(skewed),
        ]
    return "\n".join(lines) + "\n"


def _verdict(low: Sequence[Row], high: Sequence[Row]) -> str:
    if not low and not high:
        return "**All lie within.**"
    told = []
    for rows, where in ((low, "below"), (high, "above")):
        if rows:
            names = "; ".join(f"{row.model}, {row.metric}" for row in rows)
            told.append(f"**{len(rows)} lie {where}: {names}.**")
    return " ".join(told)


def _table(rows: Iterable[Row]) -> list[str]:
    return [
        "| model | metric | exact | ± | bias | below | above | held |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *map(_row, rows),
    ]


def _row(row: Row) -> str:
    n = row.experiments
    name, comma, rest = row.metric.partition(",")
    cells = (
        row.model,
        f"`{name}`{comma}{rest}",
        f"{row.exact:.5g}",
        f"{row.half_width:.2g}",
        f"{row.deviation / row.half_width:+.3f}".replace("-", "−"),
        f"{row.below / n:.1%}",
        f"{row.above / n:.1%}",
        f"{row.coverage:.2%}",
    )
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
