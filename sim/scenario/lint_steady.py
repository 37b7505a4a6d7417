"""Warnings of what keeps a scenario from having the steady state that is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.lint import lint
from sim.scenario.model import (
    LintWarning,
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    RecordedArrivals,
    Scenario,
)


def shifts_within(scenario: Scenario) -> list[str]:
    """Why there is nothing to cut into batches: agents who come or go before the horizon."""
    return [
        f"{where}: {what}: there is no steady state to cut into batches; replications of a whole "
        "day are what is wanted"
        for where, what in _shifts(scenario)
    ]


def _shifts(scenario: Scenario) -> Iterator[tuple[str, str]]:
    for i, group in enumerate(scenario.agents):
        if any(p.from_s > 0.0 or p.to_s < scenario.horizon_s for p in group.schedule or ()):
            yield f"agents[{i}].schedule", f"`{group.name}` comes or goes before the horizon"


def lint_warmup(scenario: Scenario) -> tuple[LintWarning, ...]:
    """What leaves no steady state that a warm-up could lead to."""
    return (
        *changing(scenario),
        *(
            LintWarning(
                "no-steady-state",
                where,
                f"{what}: there is no steady state that a warm-up could lead to; replications of "
                "a whole day are what is wanted",
            )
            for where, what in _shifts(scenario)
        ),
    )


def lint_batches(scenario: Scenario) -> tuple[LintWarning, ...]:
    """All warnings about a scenario of which one replication is cut into batches."""
    usual = lint(scenario)
    return (*(w for w in usual if w.code != "one-replication-with-targets"), *unsteady(scenario))


def unsteady(scenario: Scenario) -> tuple[LintWarning, ...]:
    """What changes with the hour, and a start that counts, for one who asks for a steady state."""
    return (*changing(scenario), *_start(scenario))


def changing(scenario: Scenario) -> Iterator[LintWarning]:
    """Arrivals and breaks by the clock."""
    for i, queue in enumerate(scenario.queues):
        arrivals = queue.arrivals
        what = None
        if isinstance(arrivals, ProfileArrivals | ListedArrivals | RecordedArrivals):
            what = "its arrivals change with the hour"
        elif isinstance(arrivals, PoissonArrivals) and arrivals.busyness is not None:
            what = "its days are busier or quieter"
        if what is not None:
            yield _unsteady(f"queues[{i}].arrivals", f"queue `{queue.name}`: {what}")
    for i, group in enumerate(scenario.agents):
        if group.breaks:
            yield _unsteady(f"agents[{i}].breaks", f"`{group.name}` takes breaks")


def _unsteady(where: str, what: str) -> LintWarning:
    return LintWarning(
        "no-steady-state",
        where,
        f"{what}: there is no steady state, and no interval for it; replications of a whole day "
        "are what is wanted",
    )


def _start(scenario: Scenario) -> Iterator[LintWarning]:
    if not scenario.warmup_s:
        how = "empty" if scenario.initial is None else "as `initial` says"
        yield LintWarning(
            "no-warmup",
            "warmup",
            f"the run begins {how} and counts from there: the steady state takes a `warmup` "
            "(`callsim warmup` suggests one)",
        )
