"""What the page on staffing tells of the published case."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from sim.planning.search import GAP
from verification.every_plan import DAYS, ERROR, MARGIN, Level, Point, Tried
from verification.published import CENTRE, COSTS, REFERENCE, TARGET, WRONG, Published, most_z

ROWS = 9
"""Levels of cost that have a row of their own, the last ones."""
SOURCE = """The small call centre of A. Pot, S. Bhulai and G. Koole, *A simple staffing method for
multiskill call centers*, Manufacturing & Service Operations Management 10(3), 2008, 421-428, is
`scenarios/three_skills.yaml`. **The paper's own plan and its cost were not at hand** (only the
paper's beginning was), **so ours is not compared with it.** The data are those that N. Jian
transcribed from the paper in a program, github.com/njian/MPMultiSCC, `OptimizeMultiSkillNew.m`
(2017). Rates are per minute; a call goes to the group of the lowest rank in which somebody is
idle."""
TRANSCRIBED = """*Transcribed* are, beside the table: Poisson arrivals and exponential service
times; nobody gives up; an agent who becomes free takes the call that has waited longest of those
that the group serves; 80 % of all calls, of all types together, are to be answered within 20 s, at
the least cost."""
READING = """*Our reading:* the service level is that of the steady state, where the program
simulates 160 hours from an empty centre on. The program notes *Case ID 1* at the arrival rates and
*Case ID 2* at the costs, so the paper has several cases, and whether this combination is one of
them we do not know."""


def published_lines(case: Published) -> list[str]:
    """The section."""
    return [
        "## A published case",
        "",
        *_paragraph(SOURCE),
        *data_lines(),
        *_paragraph(TRANSCRIBED),
        *_paragraph(READING),
        *our_lines(case),
        *tried_lines(case),
        *compared_lines(case),
    ]


def data_lines() -> list[str]:
    """The data as a table."""
    lines = [
        "| | type 1 | type 2 | type 3 | cost |",
        "| --- | --- | --- | --- | ---: |",
        f"| arrivals | {' | '.join(f'{rate:g}' for rate in CENTRE.arrival_rates)} | |",
    ]
    for g, row in enumerate(zip(CENTRE.service_rates, CENTRE.ranks, strict=True)):
        cells = [f"{x:.2f}, rank {rank}" if x else "" for x, rank in zip(*row, strict=True)]
        lines.append(f"| group {g + 1} serves | {' | '.join(cells)} | {COSTS[g] / 10:.1f} |")
    return [*lines, ""]


def our_lines(case: Published) -> list[str]:
    """Our plan and its certificate."""
    ours = case.ours
    low, value, high = ours.certified
    fewer = ", ".join(f"{value:.1%} in {name} ({told})" for name, value, told in ours.fewer)
    return _paragraph(
        f"""**Our plan.** `callsim staff` finds {_plan(ours.plan)} agents in groups 1 to
        {len(COSTS)}, at a cost of {ours.tenths / 10:g}, in {ours.seconds:.0f} s of one core with
        {ours.replications:,} replications in all. The certificate, on
        {ours.certificate_replications:,} of its own, says {value:.2%} ({low:.2%} to {high:.2%}).
        With one agent fewer: {fewer}."""
    )


def tried_lines(case: Published) -> list[str]:
    """Every cheaper plan."""
    every = case.tried
    rarest = min(CENTRE.arrival_rates) / sum(CENTRE.arrival_rates)
    return [
        *_paragraph(
            f"""**All plans, in the order of their cost**, were tried with another simulator,
            `verification/event_list.py`: an event list of some sixty lines that shares nothing with
            callsim, not even random numbers. Left out are only plans that can't carry the load,
            which is decided exactly, by linear inequalities: with them the calls of some type wait
            longer and longer, and the rarest type has {rarest:.1%} of all calls, more than the
            {1.0 - TARGET:.0%} that may be late. It is not assumed that more agents are better."""
        ),
        *_paragraph(
            f"""All plans meet the same days, of 24 hours after a warm-up of 6, and what is judged
            is the difference to {_plan(REFERENCE)}, whose service level is
            {every.reference.value:.2%} ± {1.96 * every.reference.error:.2%} (all ± of
            this and the table are at 95 %). After one day plans are out that are
            {100 * MARGIN:g} points below the target (from day to day the
            difference of a plan near the target has a standard deviation of at most
            {100 * every.spread:.1f} points), after {DAYS[1]}, {DAYS[2]} and so on up to
            {DAYS[-1]:,} days those that are shown to miss it, each time with a chance of
            {100 * ERROR:g} % to err. {every.plans:,} plans were tried, on {every.days:,} days in
            all; it took {case.seconds / 60:.0f} minutes of one core."""
        ),
        "| cost | plans | left after a day | days of the longest | best service level at the end |",
        "| ---: | ---: | ---: | ---: | --- |",
        *_rows(every.levels),
        "",
        *_paragraph(" ".join(_verdict(case))),
    ]


def _rows(levels: Sequence[Level]) -> list[str]:
    first, last = levels[:-ROWS], levels[-ROWS:]
    return [
        *([_row(first)] if first else []),
        *(_row([level]) for level in last),
    ]


def _row(levels: Sequence[Level]) -> str:
    costs = dict.fromkeys((levels[0].tenths, levels[-1].tenths))
    at = max(levels, key=lambda level: level.best.value)
    half = f" ± {1.96 * at.best.error:.2%}" if at.days > 1 else ""
    cells = (
        " to ".join(f"{tenths / 10:.1f}" for tenths in costs),
        f"{sum(level.plans for level in levels):,}",
        f"{sum(level.raced for level in levels):,}",
        f"{max(level.days for level in levels):,}",
        f"{at.best.value:.2%}{half} ({_plan(at.best.plan)})",
    )
    return f"| {' | '.join(cells)} |"


def _verdict(case: Published) -> list[str]:
    """What follows for our plan."""
    every, ours = case.tried, case.ours
    if every.holds is None:
        return ["No plan that was tried is shown to hold.", _undecided(every)]
    least = f"The least cost at which a plan is shown to hold is {every.holds.tenths / 10:g}."
    if ours.tenths <= every.holds.tenths:
        return [f"**{least} That is what our plan costs.**", _undecided(every)]
    more = (
        f"Our plan costs {case.dearer:.2%} more; the search does not look for less than {GAP:.1%}."
    )
    return [f"**{least} {more}**", _undecided(every)]


def _undecided(every: Tried) -> str:
    if not every.open:
        return "No cheaper plan is undecided: all are shown to miss the target."
    told = ", ".join(
        f"{_plan(p.plan)} ({p.value:.2%} ± {1.96 * p.error:.2%})"
        for p in sorted(every.open, key=lambda p: -p.value)
    )
    costs = " and ".join(f"{level.tenths / 10:g}" for level in every.levels if level.open)
    number = f"{len(every.open)} {'is' if len(every.open) == 1 else 'are'}"
    return (
        f"Of the plans that cost less {number} undecided, too near to the target to tell, at a cost"
        f" of {costs}: {told}. All others are shown to miss it, so none that holds costs less than"
        f" {min(level.tenths for level in every.levels if level.open) / 10:g}."
    )


def compared_lines(case: Published) -> list[str]:
    """The two simulators."""
    lines = _paragraph(
        f"""**Both simulators** on three plans, of which one has all agents in one group and one has
        agents in all groups: service levels with their standard errors. (Plans meet the same days
        in a simulator, so their deviations go together.) That chance alone takes any
        |z| above {most_z(len(case.compared)):.2f} has a probability of {WRONG:.0%};
        {"all lie within" if case.agree else "**not all lie within**"}."""
    )
    lines += ["| plan | calls | callsim | event list | z |", "| --- | --- | ---: | ---: | ---: |"]
    for row in case.compared:
        cells = (
            _plan(row.engine.plan),
            "all" if row.kind is None else f"type {row.kind + 1}",
            *(f"{each.value:.2%} ± {each.error:.2%}" for each in (row.engine, row.event_list)),
            f"{row.z:+.2f}".replace("-", "−"),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _paragraph(text: str) -> list[str]:
    return [*textwrap.wrap(" ".join(text.split()), 98, break_on_hyphens=False), ""]


def _plan(plan: Point) -> str:
    """Without blanks, so that no line of a paragraph begins with a plus, which makes a list."""
    return "+".join(map(str, plan))
