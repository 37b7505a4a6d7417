"""What Erlang's formulas answer, as a sentence and a short table; nothing heavy is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.report.text import duration, percent

if TYPE_CHECKING:
    from sim.planning.asked import Asked
    from sim.planning.erlang import Answer

BLOCKED_SUSPECT = 0.01
"""Blocked calls are in no metric but their own: from this share on a target may hide them."""


def erlang_report(found: Answer, asked: Asked) -> str:
    """The answer in words and a table, its lines ended by newlines."""
    width = max(len(name) for name, _ in rows(found))
    table = [f"  {name:{width}}  {value}" for name, value in rows(found)]
    return "\n".join([sentence(found, asked), "", *table]) + "\n"


def warnings(found: Answer, asked: Asked) -> list[str]:
    """What looks wrong in the question, and in an answer that targets led to."""
    lost = found.blocked_share or 0.0
    limited = any(each.metric == "blocked_share" for each in asked.wanted)
    if not asked.wanted or limited or lost <= BLOCKED_SUSPECT:
        return list(asked.notes)
    return [
        *asked.notes,
        f"{percent(lost)} of the calls are blocked, which no other target counts: add the target"
        ' "blocked_share <= 1%"',
    ]


def sentence(found: Answer, asked: Asked) -> str:
    """The answer in a sentence."""
    a_minute = f"{_digits(60.0 * found.system.rate_per_s)} calls a minute"
    agents = f"{found.agents:,} agent{'' if found.agents == 1 else 's'}"
    meet = "meets" if found.agents == 1 else "meet"
    targets = " and ".join(each.text for each in asked.wanted)
    if not asked.wanted:
        what = f"{agents} for {a_minute}"
    elif asked.agents is None:
        fewer = ", one fewer would not" if found.agents else ""
        what = f"{agents} {meet} {targets} with {a_minute}{fewer}"
    else:
        what = f"{agents} {meet} {targets} up to {a_minute}"
    level = "nobody to be measured"
    if found.service_level is not None:
        within = duration(found.system.threshold_s)
        level = f"service level {percent(found.service_level)} within {within}"
    return f"{what}: {level}."


def rows(found: Answer) -> list[tuple[str, str]]:
    """Names and values of all measures."""
    system = found.system
    return [
        ("model", found.model),
        ("agents", f"{found.agents:,}"),
        ("offered load", f"{_digits(system.offered_load_erlangs)} erlangs"),
        ("delayed", percent(found.delayed)),
        ("blocked", percent(found.blocked_share)),
        ("abandoned", percent(found.abandonment)),
        (f"service level ({duration(system.threshold_s)})", percent(found.service_level)),
        ("mean wait of the answered", duration(found.asa_s)),
        ("mean wait of all", duration(found.wait_mean_s)),
        ("occupancy", percent(found.occupancy)),
    ]


def _digits(value: float) -> str:
    return f"{value:,.6g}"
