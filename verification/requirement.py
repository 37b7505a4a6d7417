"""Requirements by interval against exact theory: the least agents of days that are Markov chains.

Run with `python -m verification.requirement`. It writes the table of docs/requirement.md anew,
which takes some minutes; `--quick` prints fewer days on fewer replications. The exit code is 1
when a number differs from the exact one by more than what the simulation could not tell.

A day of M_t/M/n_t + M is a Markov chain whatever the schedule (`sim.theory.time_varying`). So the
least agents, in the order of time, can be found without simulation. What simulation finds may be
one more where theory's own value with the exact number lies so near the target that the sample
can't show it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.planning.requirement import Slot, requirement
from sim.scenario.load import loads_scenario
from sim.scenario.targets import parse_target
from sim.theory.time_varying import Steps, day

DOCUMENT = Path(__file__).parent.parent / "docs" / "requirement.md"
BEGIN, END = "<!-- verification: begin -->", "<!-- verification: end -->"
REPLICATIONS = 5_000
QUICK_REPLICATIONS = 1_500
MOST_PASSES = 6


@dataclass(frozen=True)
class Day:
    """Expected calls by interval of `interval_s`; means in seconds; a target on one metric."""

    name: str
    calls: tuple[float, ...]
    interval_s: float
    service_s: float
    patience_s: float
    metric: str
    bound: float

    @property
    def target(self) -> str:
        unit = "s" if self.metric.endswith("_s") else ""
        return f"total.{self.metric} <= {self.bound:g}{unit}"

    def scenario(self) -> str:
        """As YAML."""
        return f"""
name: {self.name}
horizon: {self.interval_s * len(self.calls):g}s
interval: {self.interval_s:g}s
queues:
  - name: help
    arrivals: {{profile: {{interval: {self.interval_s:g}s, calls: {list(self.calls)}}}}}
    service_time: {{distribution: exponential, mean: {self.service_s:g}s}}
    patience: {{distribution: exponential, mean: {self.patience_s:g}s}}
agents: [{{name: team, count: 1}}]
"""

    def exact(self, counts: Sequence[int]) -> list[float]:
        """The metric of each interval with these agents."""
        starts = tuple(self.interval_s * i for i in range(len(self.calls)))
        horizon = self.interval_s * len(self.calls)
        found = day(
            Steps(starts, tuple(n / self.interval_s for n in self.calls)),
            self.service_s,
            Steps(starts, tuple(float(n) for n in counts)),
            horizon,
            patience_mean_s=self.patience_s,
            edges_s=[*starts, horizon],
        )
        sums = {
            "abandonment": found.abandoned,
            "delayed": found.delayed,
            "wait_mean_s": found.waited_s,
        }
        return [float(x) for x in sums[self.metric] / found.offered]


def days() -> list[Day]:
    """Peaks that Erlang gets wrong on both sides, by three metrics."""
    peak = (3.0, 4.0, 14.0, 6.0, 3.0, 2.0)
    return [
        Day("a peak, abandonment", peak, 900.0, 480.0, 240.0, "abandonment", 0.05),
        Day("a peak, delays", peak, 900.0, 480.0, 240.0, "delayed", 0.3),
        Day("a peak, mean wait", peak, 900.0, 480.0, 240.0, "wait_mean_s", 15.0),
        Day("short calls", (10.0, 40.0, 80.0, 20.0), 1800.0, 90.0, 60.0, "abandonment", 0.06),
        Day("calls longer than intervals", (4.0, 6.0, 2.0, 1.0), 600.0, 900.0, 300.0,
            "abandonment", 0.08),
    ]  # fmt: skip


def least(one: Day, counts: Sequence[int]) -> list[int]:
    """The least agents in the order of time, exactly, from some numbers near them."""
    known: dict[tuple[int, ...], list[float]] = {}

    def holds(slot: int, numbers: list[int]) -> bool:
        key = tuple(numbers)
        if key not in known:
            known[key] = one.exact(numbers)
        return known[key][slot] <= one.bound

    found = list(counts)
    for _ in range(MOST_PASSES):
        before = list(found)
        for i in range(len(found)):
            while not holds(i, found):
                found[i] += 1
            while found[i] > 0 and holds(i, [*found[:i], found[i] - 1, *found[i + 1 :]]):
                found[i] -= 1
        if found == before:
            break
    return found


@dataclass(frozen=True)
class Row:
    """An interval of a day: the exact number and the simulation's, theory's metric with each.

    `half_width` is what the simulation knew of the number that it did not take, one fewer, if
    that is the exact one; else of the one that it took.
    """

    one: Day
    slot: int
    erlang_a: int | None
    exact: int
    simulated: int
    with_exact: float
    with_simulated: float
    with_erlang: float
    half_width: float

    @property
    def agrees(self) -> bool:
        """The same; or more, where the target is nearer than the simulation can tell."""
        if self.simulated == self.exact:
            return True
        near = abs(self.with_exact - self.one.bound) <= 2.0 * self.half_width
        return near and self.with_simulated <= self.one.bound + 2.0 * self.half_width


def compare(one: Day, replications: int) -> list[Row]:
    """Both routes, interval by interval."""
    scenario = loads_scenario(one.scenario())
    target = parse_target(one.target, ["help"], ["team"])
    found = requirement(
        scenario, [target], 0, replications=replications,
        search_replications=min(replications, 1500), workers=None,
    )  # fmt: skip
    simulated = [slot.required for slot in found.slots]
    exact = least(one, simulated)
    erlang = [slot.demand.erlang_a or 0 for slot in found.slots]
    metrics = one.exact(exact), one.exact(simulated), one.exact(erlang)
    return [
        Row(
            one, i, slot.demand.erlang_a, exact[i], simulated[i], metrics[0][i], metrics[1][i],
            metrics[2][i], _half_width(slot, exact[i]),
        )
        for i, slot in enumerate(found.slots)
    ]  # fmt: skip


def _half_width(slot: Slot, exact: int) -> float:
    if exact == slot.required - 1 and slot.one_fewer is not None:
        return slot.one_fewer[0].half_width or 0.0
    return slot.shown[0].estimate.half_width or 0.0


def table(rows: Sequence[Row]) -> str:
    """As Markdown."""
    same = sum(row.exact == row.simulated for row in rows)
    more = [row for row in rows if row.exact != row.simulated]
    missed = sum(row.with_erlang > row.one.bound for row in rows)
    saved = sum((row.erlang_a or 0) - row.exact for row in rows if (row.erlang_a or 0) > row.exact)
    lines = [
        f"{REPLICATIONS:,} days each. Of {len(rows)} intervals {same} have the exact number,"
        f" {len(more)} another one.",
        "Erlang A's numbers",
        f"miss the target in {missed} of them, and take {saved} agents too many in others.",
        "",
        "| day | target | interval | Erlang A | exact | simulated | theory with Erlang A's |"
        " with the exact | with the simulated | ± |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        shown = [row.with_erlang, row.with_exact, row.with_simulated, row.half_width]
        cells = [
            row.one.name, f"`{row.one.target}`", str(row.slot + 1), str(row.erlang_a),
            str(row.exact), str(row.simulated), *(f"{value:.4g}" for value in shown),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m verification.requirement")
    parser.add_argument("--quick", action="store_true", help="a minute; writes no file")
    options = parser.parse_args(arguments)
    chosen = days()[:1] if options.quick else days()
    rows: list[Row] = []
    for one in chosen:
        rows += compare(one, QUICK_REPLICATIONS if options.quick else REPLICATIONS)
        print(one.name, file=sys.stderr)
    text = table(rows)
    if options.quick:
        print(text)
    else:
        page = DOCUMENT.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        _, _, tail = rest.partition(END)
        DOCUMENT.write_text(f"{head}{BEGIN}\n{text}{END}{tail}", encoding="utf-8")
    return 0 if all(row.agrees for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
