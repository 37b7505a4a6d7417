"""What the platform's way of handing out calls costs: a page of measured differences.

Run with `python -m verification.polling`. It simulates scenarios/platform.yaml under several
ways of handing out calls, on the same callers, and writes docs/polling.md; some ten seconds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from sim.engine.timeline import PASS_COST
from sim.metrics.estimates import Estimate
from sim.scenario.flow_pass import action_limit_end_s
from sim.scenario.load import load_scenario
from verification.dispatch import REPLICATIONS, SCENARIO, Measured, Measures, Way, measure

LIMIT = 100
DOCUMENT = Path(__file__).parent.parent / "docs" / "polling.md"

IDEAL = Way("at once, longest wait first", ("dispatch=immediate",))
CUT = Way("at once, 100 actions", ("dispatch=immediate", "flow_action_limit=100"))
OLDEST = Way("polling, oldest first", ("dispatch={polling: {order: oldest}}",))
NEWEST = Way("polling, newest first", ("dispatch={polling: {order: newest}}",))
DEPLOYED = Way("deployed: newest first, 100 actions", ("dispatch=deployed",))
WAYS = (IDEAL, CUT, OLDEST, NEWEST, DEPLOYED)

STEPS = (
    ("polling instead of at once", IDEAL, OLDEST),
    ("the newest first instead of the oldest", OLDEST, NEWEST),
    ("the limit of 100 actions", NEWEST, DEPLOYED),
    ("all together", IDEAL, DEPLOYED),
)
"""What is changed, from which way, to which."""

PAUSES = (
    Way("`retry` 100 ms", ("dispatch={polling: {order: oldest, retry: 100ms}}",)),
    OLDEST,
    Way("`retry` 5 s", ("dispatch={polling: {order: oldest, retry: 5s}}",)),
    Way("`retry` 15 s", ("dispatch={polling: {order: oldest, retry: 15s}}",)),
    Way("`next` 5 s", ("dispatch={polling: {order: oldest, next: 5s}}",)),
    Way("`next` 15 s", ("dispatch={polling: {order: oldest, next: 15s}}",)),
)

SECONDS = {"asa_s": "ASA", "wait_p90_s": "90 % wait", "wait_p99_s": "99 % wait"}
SHARES = {
    "service_level": "service level",
    "abandonment": "abandonment",
    "hangup": "hung up",
    "timeout": "timed out",
    "flow": "lost to the limit",
    "overtaken": "overtaken",
}
BRIEF = ("asa_s", "wait_p90_s", "wait_p99_s", "service_level", "abandonment")


PAGE = """\
# What polling costs

<!-- Written by `python -m verification.polling`. Do not edit. -->

VoIPBin as deployed hands out calls by polling: each queue has a loop that looks for an agent once
a second and takes the newest call first, and a wait flow ends, with its call, after 100 actions
([model.md](model.md#polling)). Its documents promise an agent at once to the caller who has
waited longest. This page sets the one against the other for `scenarios/platform.yaml`: three
queues, {n_agents} busy agents, a wait flow of two short actions under a timeout of
{timeout_min:g} minutes.

{replications} replications of 8 h, seed {seed}, all queues together, the same callers in every
row. ± is half the width of the 95 % confidence interval. *Service level*: answered within 20 s.
*Overtaken*: still waiting when a later caller of the same queue was given an agent. The other
words are those of [the report](metrics.md). `python -m verification.polling` writes this page.

{ways}

**The figures that are looked at most improve, and more callers are lost.** As deployed, ASA is
half of what it would be and more callers are answered within 20 s. But ASA counts the answered
only: whoever has waited long is overtaken, and in the end is not among them. Look at abandonment,
by cause, and at the waits of all callers.

## One effect at a time

What the one way brings against the other on the same callers, in seconds and percentage points.

{steps}

**Newest first lengthens the tail.** Whoever is not answered soon falls behind everybody who comes
later, and gets an agent only when nobody newer waits. The agents do the same work, so about as
many are lost, but the waiting is shared out unequally: many short waits, and some very long ones.
Polling alone lengthens the tail a little too: the loops of two queues race for an agent whom both
match, and who has waited longest over both queues plays no part.

**The limit loses callers after {end_s:g} s.** Each pass of the wait flow counts 2 and each of its
actions 1: with {n} actions {cost} of the 100, so {passes} passes of {pass_s:g} s. Then the call
is gone, however patient the caller and however long `wait_timeout`: {lost} of all callers here.
Newest first makes it worse, since it is those who have been overtaken who wait so long. The cure
is longer actions: with {n} in the flow a pass must last {needed_s:g} s for a timeout of
{timeout_min:g} min, in general `wait_timeout` × (actions + 2) / 100. `callsim validate` warns of
flows that end before the timeout.

## What `retry` and `next` cost

Against calls handed out at once; oldest first, no limit. The row *{oldest}* has the platform's 1
s and 100 ms.

{pauses}

An agent who becomes free stands idle until a queue with a waiting call has its next tick: with
one such queue half of `retry` on average. Against conversations of minutes, 1 s is next to
nothing (its row is close to that of 100 ms); 15 s is not. `next` matters only when several agents
are free and several calls wait, as when a shift starts; with busy agents that is rare.

## For your own scenario

```sh
callsim run scenarios/platform.yaml
callsim run scenarios/platform.yaml --set dispatch=immediate
callsim run scenarios/platform.yaml --set 'dispatch={{polling: {{order: oldest}}}}'
callsim trace scenarios/platform.yaml --queue sales
```
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m verification.polling")
    parser.add_argument("--out", type=Path, default=DOCUMENT, help="default: docs/polling.md")
    options = parser.parse_args(arguments)
    options.out.write_text(document(measured()), encoding="utf-8")
    return 0


def measured() -> dict[str, Measures]:
    """The measures of all ways on the page, by name."""
    return measure({way.name: way for way in (*WAYS, *PAUSES)}.values())


def document(found: dict[str, Measures]) -> str:
    """The page."""
    scenario = load_scenario(SCENARIO)
    (flow,) = scenario.flows
    n = len(flow.actions)
    timeout_s = scenario.queues[0].wait_timeout_s
    return PAGE.format(
        n_agents=scenario.n_agents,
        replications=REPLICATIONS,
        seed=scenario.seed,
        ways=_table("handed out", ((way.name, found[way.name]) for way in WAYS)),
        steps=_table(
            "change",
            ((name, _minus(found[to.name], found[of.name])) for name, of, to in STEPS),
            signed=True,
        ),
        pauses=_table(
            "loop",
            ((way.name, _minus(found[way.name], found[IDEAL.name])) for way in PAUSES),
            BRIEF,
            signed=True,
        ),
        oldest=OLDEST.name,
        end_s=action_limit_end_s(flow, LIMIT),
        n=n,
        cost=n + PASS_COST,
        passes=LIMIT // (n + PASS_COST),
        pass_s=sum(action.duration_s for action in flow.actions),
        needed_s=timeout_s * (n + PASS_COST) / LIMIT,
        timeout_min=timeout_s / 60,
        lost=_share(found[DEPLOYED.name]["flow"], signed=False),
    )


def _minus(these: Measures, those: Measures) -> Measures:
    return {name: measured - those[name] for name, measured in these.items()}


def _table(
    first: str,
    rows: Iterable[tuple[str, Measures]],
    columns: Sequence[str] = (*SECONDS, *SHARES),
    *,
    signed: bool = False,
) -> str:
    """A table of some measures; of differences with their signs."""
    heads = [(SECONDS | SHARES)[name] for name in columns]
    lines = [
        "| " + " | ".join([first, *heads]) + " |",
        "| --- |" + " ---: |" * len(columns),
    ]
    for name, found in rows:
        cells = [
            (_seconds if column in SECONDS else _share)(found[column], signed=signed)
            for column in columns
        ]
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return "\n".join(lines)


def _seconds(measured: Measured, *, signed: bool) -> str:
    return _text(measured.estimate, 1.0, "s", signed)


def _share(measured: Measured, *, signed: bool) -> str:
    return _text(measured.estimate, 100.0, "" if signed else "%", signed)


def _text(estimate: Estimate, scale: float, unit: str, signed: bool) -> str:
    """`64.5 ± 2.2 s`, `+1.9 ± 0.2`; what is the same in all replications without its ±."""
    assert estimate.value is not None and estimate.half_width is not None
    value, half = scale * estimate.value, scale * estimate.half_width
    digits = 2 if scale == 100.0 and half < 0.5 else 1
    sign = "+" if signed and value > 0.0 else ""
    text = f"{sign}{value:.{digits}f}".replace("-", "−")
    if half < 1e-9:
        text = "0" if value == 0.0 else text
    else:
        text += f" ± {half:.{digits}f}"
    return f"{text} {unit}".strip()


if __name__ == "__main__":
    sys.exit(main())
