"""The simulator against queueing theory: a table of deviations, and whether they are chance.

Run with `python -m verification.theory`. It writes docs/validation.md and takes some minutes;
`--quick` prints a table of shorter runs instead. The exit code is 1 when a deviation is too
large to be chance.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sim import __version__
from verification.comparisons import FAMILY_ERROR, Comparison, Model, compare, critical_z
from verification.models import models

FULL_CALLS, FULL_REPLICATIONS = 10_000_000, 40
QUICK_CALLS, QUICK_REPLICATIONS = 50_000, 20
DOCUMENT = Path(__file__).parent.parent / "docs" / "validation.md"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m verification.theory")
    parser.add_argument("--quick", action="store_true", help="a minute; writes no file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", default="compiled")
    parser.add_argument("--out", type=Path, default=None, help="default: docs/validation.md")
    options = parser.parse_args(arguments)
    chosen = models()
    replications = QUICK_REPLICATIONS if options.quick else FULL_REPLICATIONS
    calls = QUICK_CALLS if options.quick else FULL_CALLS
    rows: list[Comparison] = []
    for found in compare(
        chosen, calls=calls, replications=replications, seed=options.seed, engine=options.engine
    ):
        rows += found
        worst = max(found, key=lambda row: abs(row.z))
        print(f"{worst.model:22} z up to {worst.z:+.2f} ({worst.metric})", file=sys.stderr)
    text = document(chosen, rows, seed=options.seed, engine=options.engine)
    if options.quick and options.out is None:
        print(text)
    else:
        (options.out or DOCUMENT).write_text(text, encoding="utf-8")
    return 0 if all_within(rows) else 1


def all_within(rows: Sequence[Comparison]) -> bool:
    """Whether every deviation lies within the band that holds for all of them together."""
    return all(abs(row.z) <= critical_z(len(rows), row.replications) for row in rows)


def document(chosen: Sequence[Model], rows: Sequence[Comparison], *, seed: int, engine: str) -> str:
    """The page: what was done, the verdict, the models, the table."""
    bands = {row.replications: critical_z(len(rows), row.replications) for row in rows}
    outside = [row for row in rows if not abs(row.z) <= bands[row.replications]]
    within = sum(row.p_value > 0.05 for row in rows)
    verdict = (
        f"**All {len(rows)} lie within.**"
        if not outside
        else f"**{len(outside)} of {len(rows)} lie outside: "
        + "; ".join(f"{row.model}, {row.metric}" for row in outside)
        + ".**"
    )
    worst = min(rows, key=lambda row: row.p_value)
    band = " or ".join(f"{z:.2f} with {n:,} replications" for n, z in sorted(bands.items()))
    calls = sum({row.model: row.calls for row in rows}.values())
    lines = [
        "# Validation against theory",
        "",
        "<!-- Written by `python -m verification.theory`. Do not edit. -->",
        "",
        f"callsim {__version__}, engine `{engine}`, {calls:,} calls in all; the first model",
        f"has seed {seed}, every other the next seed.",
        "",
        "Models whose behaviour is known exactly are simulated, and each metric is compared with",
        "its theoretical value. Most are known in their stationary state: every replication starts",
        "empty, and the calls that join during its warm-up are not counted. Of days with shifts",
        "the whole course from the empty start is known: every replication is a day, and all its",
        "calls count. The formulas and their sources are in `sim/theory`.",
        "",
        "## Verdict",
        "",
        "*z* is the deviation in standard errors, estimated from the replications: if theory and",
        "simulation agree, it follows Student's t with one degree of freedom less than there are",
        f"replications. {len(rows)} metrics of {len({row.model for row in rows})} models are "
        "compared. By Bonferroni's inequality the probability",
        f"that chance alone takes any |z| above {band}",
        f"is at most {100 * FAMILY_ERROR:g} % (two-sided, all comparisons together). {verdict}",
        f"The least likely deviation is z = {_signed(worst.z)} ({worst.model}, {worst.metric}).",
        "",
        f"Looked at one by one, {within} of {len(rows)} lie within their own 95 % confidence "
        "interval.",
        "Metrics of one model come from the same calls, so their deviations go together.",
        "",
        "## Models",
        "",
        "| model | is |",
        "| --- | --- |",
        *(f"| {model.name} | {model.text} |" for model in chosen),
        "",
        "## Comparisons",
        "",
        "Times in seconds, shares as fractions. Service levels: threshold 20 s, short abandonments",
        "up to 10 s. ± is half the width of the 95 % confidence interval; *calls* are the calls",
        "counted in all replications together, those by retry or overflow too.",
        "",
        "| model | metric | theory | simulated | ± | z | replications | calls |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(_row(row) for row in rows),
    ]
    return "\n".join(lines) + "\n"


def _row(row: Comparison) -> str:
    digits = max(0, 2 - _magnitude(row.half_width))
    cells = (
        row.model,
        _code(row.metric),
        f"{row.theory:.{digits}f}",
        f"{row.simulated:.{digits}f}",
        f"{row.half_width:.{digits}f}",
        _signed(row.z),
        str(row.replications),
        f"{row.calls:,}",
    )
    return "| " + " | ".join(cells) + " |"


def _code(metric: str) -> str:
    name, comma, rest = metric.partition(",")
    return metric if " " in name else f"`{name}`{comma}{rest}"


def _signed(z: float) -> str:
    return f"{z:+.2f}".replace("-", "−")


def _magnitude(x: float) -> int:
    """The power of ten of the first digit: 0.0123 has -2."""
    return int(f"{x:e}".partition("e")[2])


if __name__ == "__main__":
    sys.exit(main())
