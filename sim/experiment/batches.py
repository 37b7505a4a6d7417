"""One long run where a steady state is asked for: batches in the place of replications.

One replication, after its warm-up, is cut into batches of equal length. A batch gives the same
sums as a replication, so all estimates are made of them in the same way: a call belongs to the
batch in which it joined, whenever it was answered; averages over time go by the clock. (Schmeiser,
"Batch size effects in the analysis of simulation output", Operations Research 30, 1982: 10 to 30
batches; Law, *Simulation Modeling and Analysis*, section 9.5.3.)
"""

from __future__ import annotations

import time
from dataclasses import fields, replace

import numpy as np

from sim.experiment.compiling import compile_ahead
from sim.experiment.gathered import Gathered
from sim.experiment.replicate import Replication, Replicator, shift_columns
from sim.experiment.result import Result
from sim.experiment.run import Progress, engine_called
from sim.logs import CallLog, SpellLog
from sim.scenario.lint_steady import shifts_within
from sim.scenario.model import Scenario
from sim.sums import Count, Frame, Sums, Tally

BATCHES = 30


def run_in_batches(
    scenario: Scenario,
    batches: int = BATCHES,
    *,
    engine: str = "auto",
    intervals: bool = False,
    log: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Simulate one replication of `scenario` and make its estimates from `batches` batches.

    `intervals` and `log` as for `run`; estimates by interval have no confidence interval. Raises
    ValueError for fewer than two batches, more than one replication, agents who come or go before
    the horizon, or an unknown engine.
    """
    if batches < 2:
        raise ValueError("it takes at least two batches")
    if scenario.replications != 1:
        raise ValueError("batches are those of one replication")
    if shifts_within(scenario):
        raise ValueError("; ".join(shifts_within(scenario)))
    started = time.perf_counter()
    engine = engine_called(engine)
    parts: Parts | None = None

    def listener(rows: CallLog, spells: SpellLog) -> None:
        assert parts is not None
        parts.add(rows, spells)

    replicator = Replicator(
        scenario, engine=engine, intervals=intervals, keep_calls=log, listener=listener
    )
    compile_ahead(scenario, replicator)
    parts = Parts(replicator.frame, batches)
    whole = replicator.run(0)
    shifts = shift_columns(replicator.plant, 0)
    gathered = Gathered(scenario, intervals=False)
    for i, tally in enumerate(parts.tallies):
        tally.add_shifts(*shifts)
        calls = whole.calls if i == 0 else None
        gathered.add(Replication(i, tally.sums, calls, None, None))
    result = gathered.result(engine=engine, elapsed_s=time.perf_counter() - started)
    if progress is not None:
        progress(1, 1)
    return replace(_with_the_rest(result, whole.sums, intervals=intervals), batches=batches)


class Parts:
    """The sums of each batch, kept while the replication runs."""

    def __init__(self, frame: Frame, batches: int) -> None:
        self._edges = np.linspace(frame.warmup_s, frame.horizon_s, batches + 1)
        self.tallies = [
            Tally(replace(frame, warmup_s=float(a), horizon_s=float(b), interval_s=None))
            for a, b in zip(self._edges[:-1], self._edges[1:], strict=True)
        ]

    def add(self, rows: CallLog, spells: SpellLog) -> None:
        """Count these calls and spells in each batch that they have a part in."""
        if len(rows):
            gone = rows.leave + np.where(np.isnan(rows.wrap_up), 0.0, rows.wrap_up)
            gone[np.isnan(gone)] = np.inf
            first = self._batch(float(rows.arrival.min()))
            for i in range(first, self._batch(float(gone.max())) + 1):
                mine = self._begun(rows.arrival, i) & (gone >= self._edges[i])
                if mine.any():
                    part = CallLog(*(getattr(rows, c.name)[mine] for c in fields(rows)))
                    self.tallies[i].add(part)
        if len(spells):
            for tally in self.tallies:
                tally.add_spell_time(spells)

    def _begun(self, at: np.ndarray, batch: int) -> np.ndarray:
        """Which of these joined before the batch ended; the last one has all that came later."""
        if batch == len(self.tallies) - 1:
            return np.ones(at.shape, np.bool_)
        return np.asarray(at < self._edges[batch + 1])

    def _batch(self, at: float) -> int:
        place = int(np.searchsorted(self._edges, at, side="right")) - 1
        return min(max(place, 0), len(self.tallies) - 1)


def _with_the_rest(result: Result, whole: Sums, *, intervals: bool) -> Result:
    """What batches have no part in, from the whole replication.

    Maxima are the greatest of all batches, and plays and unanswered rings their sums.
    """
    counts = result.counts
    counts[:, :, Count.RING_NO_ANSWER] = 0
    counts[0, :, Count.RING_NO_ANSWER] = whole.counts[:, Count.RING_NO_ANSWER]
    peak = np.broadcast_to(whole.queue_peak, result.queue_peak.shape).copy()
    result = replace(result, counts=counts, queue_peak=peak, plays=whole.plays)
    if not intervals:
        return result
    return replace(
        result,
        slot_counts=whole.slot_counts[None],
        slot_totals=whole.slot_totals[None],
        slot_agents=whole.slot_agents[None],
    )
