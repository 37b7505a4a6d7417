"""How numbers and their uncertainty stand in the comments of a scenario."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import floor, log10

from sim.calibration.fit.choice import Chosen
from sim.metrics.estimates import Estimate
from sim.scenario.units import format_duration

WIDTH = 96
CLOSE = 2.0
"""A difference of AIC below this tells nothing."""
_TIED, _TIE = re.compile(r"(?<=\d) (?=%)"), "\ue000"
"""`95 %` stays on one line."""


def seconds(value: float) -> str:
    """A duration of three significant digits."""
    unit = 60.0 if value >= 7200.0 else 1.0
    return format_duration(unit * rounded(value / unit))


def counted(n: int, thing: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"


def rounded(value: float, digits: int = 3) -> float:
    """`value` to so many significant digits."""
    if value == 0.0:
        return 0.0
    return round(value, digits - 1 - floor(log10(abs(value))))


def plain_number(value: float) -> str:
    """A number of three significant digits, whole from 100 on: `1,202`, `12.4`."""
    if abs(value) >= 100.0:
        return f"{value:,.0f}"
    return f"{rounded(value):g}"


def interval_of(estimate: Estimate, shown: Callable[[float], str] = plain_number) -> str:
    """`95 %: 203 to 226`, or that there is no interval."""
    if estimate.low is None or estimate.high is None:
        return "without an interval"
    return f"95 %: {shown(estimate.low)} to {shown(estimate.high)}"


def comment(text: str, indent: int) -> Iterator[str]:
    """A comment over as many lines as it takes."""
    pad = " " * indent + "#"
    line = pad
    for word in _TIED.sub(_TIE, harmless(text)).split():
        if len(line) + len(word) + 1 > WIDTH and line != pad:
            yield line.replace(_TIE, " ")
            line = pad
        line += " " + word
    yield line.replace(_TIE, " ")


def harmless(text: str) -> str:
    """One line, whatever a log's names hold."""
    return "".join(ch if ch.isprintable() else " " for ch in text)


def p_text(value: float | None) -> str:
    """A test's p value."""
    if value is None:
        return "no p"
    return "p below 0.0001" if value < 0.0001 else f"p = {value:.2g}"


def lead(chosen: Chosen) -> str:
    """How clearly the family was chosen."""
    if chosen.lead is None or chosen.runner_up is None:
        return ""
    if chosen.lead < CLOSE:
        return f" (hardly told from {chosen.runner_up}: AIC differs by {chosen.lead:.1f})"
    return f" (AIC by {chosen.lead:,.0f} better than {chosen.runner_up})"


def percentage(value: float) -> str:
    """A share as it is written in a comment."""
    return f"{100.0 * value:.3g} %"


def percent_of(estimate: Estimate) -> str:
    """The value of a share's estimate."""
    return "–" if estimate.value is None else percentage(estimate.value)
