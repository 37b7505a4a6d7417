"""What the callers of the search's days bring: controls that all plans share.

Every plan meets the same callers, so what the days simulated so far have had too much or too
little of is drawn once, whatever number of plans is corrected for it (`sim.metrics.controlled`).
"""

from __future__ import annotations

import numpy as np

from sim.experiment.controls import ROUNDING_S
from sim.metrics.controlled import Controls
from sim.metrics.estimates import Floats
from sim.scenario.model import Scenario
from sim.workload.controls import WORK, caller_controls

DAYS_EACH = 10
"""Days that it takes for each queue to be a control of its own: every coefficient that is
estimated costs about a share of 1 / days of the variance."""


class Brought:
    """The work that callers bring in the first days, against what is expected."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._work: Floats = np.zeros((0, len(scenario.queues)))
        self._known: dict[int, Controls] = {}

    def first(self, n: int) -> Controls:
        """The controls of the first `n` days: each queue's work, or of few days that of all."""
        if n not in self._known:
            if n > len(self._work):
                more = caller_controls(self._scenario, len(self._work), n)[:, :, WORK]
                self._work = np.concatenate([self._work, more])
            work = self._work[:n]
            if n < DAYS_EACH * work.shape[1]:
                work = work.sum(axis=1, keepdims=True)
            # Work that is the same on all days differs from what is expected by rounding.
            self._known[n] = Controls(np.where(np.ptp(work, axis=0) < ROUNDING_S, 0.0, work))
        return self._known[n]
