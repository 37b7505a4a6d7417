"""Whether a run will have to compile its engine first: what is worth telling before it does."""

from __future__ import annotations

from collections.abc import Iterable

from sim.scenario.model import Scenario


def notice(
    scenarios: Iterable[Scenario], *, by_interval: bool = False, log: bool = False
) -> str | None:
    """A line about compiling what these scenarios need; None if that was done before."""
    from sim.engine.compiled import seconds_to_compile
    from sim.engine.lower import lower

    seconds = max(
        (seconds_to_compile(lower(one), by_interval=by_interval, log=log) for one in scenarios),
        default=0,
    )
    if not seconds:
        return None
    return (
        "compiling the engine for this kind of scenario: "
        f"about {seconds} seconds, only this once ..."
    )
