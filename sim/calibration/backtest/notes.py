"""What a reader of a backtest has to know of the log: what was left out, and what is odd."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.calibration.backtest.days import LogDays, moves_calls
from sim.calibration.backtest.matching import Matching
from sim.calibration.history import Outcome
from sim.experiment.result import Result
from sim.scenario.model import Scenario
from sim.sums import Count

_SELDOM = 0.01
_OFFERED = [Count.BLOCKED, Count.INCOMING]


def notes_on(
    days: LogDays, matching: Matching, scenario: Scenario, seen: Result, simulated: Result | None
) -> Iterator[str]:
    """Sentences, what concerns the most first."""
    yield from matching.notes
    if matching.silent and len(scenario.queues) > 1:
        yield "So all queues together are not compared."
    history, rows = days.history, days.row
    kinds = history.outcome[rows]
    n_open = int((kinds == Outcome.OPEN).sum())
    if n_open:
        yield (
            f"Of {_calls(n_open)} the log does not tell the end: they are incoming, and in no"
            " ratio, as calls that still wait at the end of a simulated day."
        )
    n_left = int((kinds == Outcome.LEFT).sum())
    if n_left:
        told = f"{_calls(n_left)} left for elsewhere (a key, an empty queue): in no ratio"
        yield told + ("." if moves_calls(scenario) else ", and the scenario has nothing like it.")
    answered = kinds == Outcome.ANSWERED
    n_untold = int(np.isnan(history.talk_s[rows][answered]).sum())
    if n_untold:
        yield f"Of {_calls(n_untold)} the log does not tell the talk time: not in its mean."
    if days.outside_span:
        yield f"Left out: {_calls(days.outside_span)} outside the span of the day."
    if days.of_strangers and not matching.strangers:
        yield f"Left out: {_calls(days.of_strangers)} of no queue."
    if history.presence is None:
        yield "The log does not tell when agents were there: their occupancy is not compared."
    if days.tick_s:
        yield (
            f"The log's clock shows steps of {days.tick_s:g} s: simulated calls are counted as it"
            " would have shown them."
        )
    yield from days.notes
    for note in history.reading.notes:
        yield f"Of the log: {note.rstrip('.')}."
    if simulated is not None:
        yield from _partial(days, seen, simulated)


def _partial(days: LogDays, seen: Result, simulated: Result) -> Iterator[str]:
    """A first or last day that the log has only a part of, by its intervals without any call."""
    assert seen.slot_counts is not None and simulated.slot_counts is not None
    log = seen.slot_counts[..., _OFFERED].sum(axis=(1, 3))
    others = simulated.slot_counts[..., _OFFERED].sum(axis=(1, 3))
    for day, word, backwards in ((0, "begins", False), (len(days) - 1, "ends", True)):
        mine, theirs = (a[:, ::-1] if backwards else a for a in (log[day : day + 1], others))
        quiet = int(np.argmax(mine[0] > 0))
        if not quiet:
            continue
        so_long = int((theirs[:, :quiet].sum(axis=1) == 0).sum())
        if (1 + so_long) / (1 + len(theirs)) <= _SELDOM:
            length = quiet * seen.scenario.interval_s / 60.0
            side = "last" if backwards else "first"
            yield (
                f"On {days.dates[day]} no call came in the {side} {length:g} minutes, which hardly"
                f" any simulated day does: if the log {word} within that day, leave it out (--from,"
                " --to)."
            )


def _calls(n: int) -> str:
    return f"{n:,} call" if n == 1 else f"{n:,} calls"
