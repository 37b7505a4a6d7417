"""Staffing against exact answers and full enumeration: is the plan the cheapest, is it safe?

Run with `python -m verification.staffing`. It writes docs/staffing.md and takes more than an hour;
`--quick` prints the tables of a short version instead. The exit code is 1 when a claim
fails.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from scipy.stats import binom

from sim import __version__
from sim.planning.staff import staff
from sim.planning.wanted import asked
from sim.scenario.load import load_scenario
from verification.published import Published, published
from verification.published_page import published_lines
from verification.staffing_cases import (
    LONGEST,
    RUNS,
    WIDTHS,
    Enumerated,
    Pool,
    Repeat,
    enumerated,
    pool_case,
    pools,
    repeats,
)

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "docs" / "staffing.md"
SURPRISE = 1e-3
"""The chance at which a number of false certificates is taken for more than chance."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class Timed:
    """How long a plan took."""

    what: str
    wall_s: float
    cpu_s: float
    replications: int


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m verification.staffing")
    parser.add_argument("--quick", action="store_true", help="some minutes; writes no file")
    parser.add_argument("--out", type=Path, default=None, help="default: docs/staffing.md")
    options = parser.parse_args(arguments)
    n_pools, n_problems, n_repeats = (20, 4, 10) if options.quick else (200, 20, 100)
    single = told(pools(range(n_pools)))
    small = told(enumerated(range(n_problems)))
    again = told(repeats(range(n_repeats)))
    case = published(quick=options.quick)
    text = document(single, small, again, times(), case)
    if options.quick and options.out is None:
        print(text)
    else:
        (options.out or DOCUMENT).write_text(text, encoding="utf-8")
    return 0 if all_hold(single, small, again) and case.holds else 1


def told(rows: Iterable[Row]) -> list[Row]:
    """All rows, each shown as it comes."""
    done = []
    for row in rows:
        done.append(row)
        print(row, file=sys.stderr)
    return done


def all_hold(single: Sequence[Pool], small: Sequence[Enumerated], again: Sequence[Repeat]) -> bool:
    """Whether every claim of the page holds."""
    n_false = sum(row.kind == "false certificate" for row in single)
    return (
        not any(row.kind == "unexplained" for row in single)
        and not too_many(n_false, len(single))
        and all(row.kind in ("same cost", "within the error") for row in small)
        and not any(too_many(n, len(rows)) for n, rows in false_targets(again))
    )


def too_many(n_false: int, n: int, rate: float = 0.05) -> bool:
    """Whether so many of `n` are more than chance allows at the stated rate."""
    return bool(binom.sf(n_false - 1, n, rate) < SURPRISE)


def false_targets(again: Sequence[Repeat]) -> list[tuple[int, list[Repeat]]]:
    """For each repeated case and target how often it was certified and does not hold."""
    found = []
    for case in dict.fromkeys(row.case for row in again):
        rows = [row for row in again if row.case == case]
        for place in range(len(rows[0].certified)):
            wrong = sum(r.certified[place] and r.true_slacks[place] < 0.0 for r in rows)
            found.append((wrong, rows))
    return found


def times() -> list[Timed]:
    """A single pool and the centre of five queues and eight groups, compiled code at hand."""
    found = []
    pool = pool_case(0).problem(1)
    centre = asked(load_scenario(ROOT / "scenarios" / "centre.yaml"), ())
    staff(pool, workers=1)
    for what, problem in (("single pool", pool), ("scenarios/centre.yaml", centre)):
        before = os.times()
        plan = staff(problem)
        after = os.times()
        cpu = sum(after[:4]) - sum(before[:4])
        found.append(Timed(what, after.elapsed - before.elapsed, cpu, plan.replications))
    return found


# --- the page ----------------------------------------------------------------------------------


def document(
    single: Sequence[Pool],
    small: Sequence[Enumerated],
    again: Sequence[Repeat],
    timed: Sequence[Timed],
    case: Published,
) -> str:
    """What was claimed, and the tables."""
    lines = [
        "# Staffing, verified",
        "",
        "<!-- Written by `python -m verification.staffing`. Do not edit. -->",
        "",
        f"callsim {__version__}. What [staff.md](staff.md) claims of `callsim staff`, and how it",
        "came out. All seeds are fixed.",
        "",
        *pool_lines(single),
        *small_lines(small),
        *again_lines(again),
        *time_lines(timed),
        *published_lines(case),
    ]
    return "\n".join(lines)


def pool_lines(rows: Sequence[Pool]) -> list[str]:
    """Against exact formulas."""
    kinds = Counter(row.kind for row in rows)
    lines = [
        f"## {len(rows)} random pools against exact formulas",
        "",
        "M/M/n+M (Erlang A) and M/M/n+D in their stationary state, 3 to 40 erlangs, one or two",
        "targets on service level, abandonment and ASA at random. The exact answer is the least",
        "number of agents with which the formulas meet all targets.",
        "",
        "| | pools |",
        "| --- | ---: |",
        f"| the plan is the exact answer | {kinds['equal']} |",
        "| one agent more, the exact answer told as undecided: too near to a bound for the"
        f" replications allowed | {kinds['within the error']} |",
        f"| an agent fewer, falsely certified (at most 5 % are stated) |"
        f" {kinds['false certificate']} |",
        f"| anything else | {kinds['unexplained']} |",
        "",
    ]
    other = [row for row in rows if row.kind != "equal"]
    if other:
        lines += [
            "Those that differ; the slack is that of the exact answer, relative to its bound:",
            "",
            "| model | erlangs | exact | plan | slack | |",
            "| --- | ---: | ---: | ---: | ---: | --- |",
            *(
                f"| {r.model} | {r.erlangs:.1f} | {r.optimum} | {r.plan} | {r.slack:.2%} |"
                f" {r.kind} |"
                for r in other
            ),
            "",
        ]
    if rows:
        mean = sum(row.replications for row in rows) / len(rows)
        cpu = sum(row.seconds for row in rows) / len(rows)
        lines += [f"On average {mean:,.0f} replications and {cpu:.2f} s of one core.", ""]
    return lines


def small_lines(rows: Sequence[Enumerated]) -> list[str]:
    """Against full enumeration."""
    lines = [
        f"## {len(rows)} small multi-skill problems against full enumeration",
        "",
        "Two to four groups, one or two skills each, a service level for each queue. The",
        f"enumeration tries the plans of a box in the order of their cost, for {RUNS:,}",
        f"replications each, up to {LONGEST:,} where it is not clear, until one holds: no cheaper",
        f"plan of the box does. *Whole box* is what all its plans would take at {RUNS:,} each. The",
        "replications of the search are those that found the plan; those of certificates and",
        "neighbours are beside them.",
        "",
        "| groups | plans tried | enumeration | whole box | its plan | cost | the search's | cost |"
        " search | certificates | whole box / search | |",
        "| ---: | ---: | ---: | ---: | --- | ---: | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    ratios = []
    for r in rows:
        box = WIDTHS[r.groups] ** r.groups * RUNS
        ratios.append(box / r.searched)
        lines.append(
            f"| {r.groups} | {r.plans:,} | {r.enumerated:,} | {box:,} | {_point(r.best)} |"
            f" {r.best_cost:g} | {_point(r.plan)} | {r.plan_cost:g} | {r.searched:,} |"
            f" {r.certified:,} | {ratios[-1]:,.0f} | {r.kind} |"
        )
    if ratios:
        few = sum(ratio >= 100.0 for ratio in ratios)
        lines += [
            "",
            f"In {few} of {len(ratios)} the search took a hundredth of the box's replications or",
            "fewer; where it took more, a plan lay near a bound and was raced for long.",
        ]
    return [*lines, ""]


def again_lines(rows: Sequence[Repeat]) -> list[str]:
    """Repeated searches."""
    lines = [
        "## The same search many times",
        "",
        "Of the 200 pools the two that are hardest to certify: where one agent fewer than it takes",
        "barely fails, and where the agents that it takes barely do. Each is staffed with other",
        "seeds; every certified target is compared with its exact value. At most 5 % of searches",
        "may certify a target that does not hold.",
        "",
        "| case | searches | exact answer | plans | false, by target | stated |",
        "| --- | ---: | ---: | --- | --- | --- |",
    ]
    for case in dict.fromkeys(row.case for row in rows):
        mine = [row for row in rows if row.case == case]
        plans = Counter(row.plan for row in mine)
        wrong = [n for n, group in false_targets(rows) if group[0].case == case]
        lines.append(
            f"| {case} | {len(mine)} | {mine[0].optimum} |"
            f" {', '.join(f'{n}: {k} times' for n, k in sorted(plans.items()))} |"
            f" {', '.join(map(str, wrong))} | at most {0.05 * len(mine):g} on average |"
        )
    return [*lines, ""]


def time_lines(rows: Sequence[Timed]) -> list[str]:
    """How long it takes."""
    return [
        "## Time",
        "",
        "With compiled code at hand, on all cores of a machine that others used too: processor",
        "time, of all processes together, tells what it takes on free cores.",
        "",
        "| | wall | processor | replications |",
        "| --- | ---: | ---: | ---: |",
        *(f"| {r.what} | {r.wall_s:.1f} s | {r.cpu_s:.1f} s | {r.replications:,} |" for r in rows),
        "",
    ]


def _point(point: tuple[int, ...]) -> str:
    return " + ".join(map(str, point))


if __name__ == "__main__":
    sys.exit(main())
