"""Calls born in the run, by overflow and by retry, and the draws that a call makes in the run."""

from __future__ import annotations

from itertools import count

from sim.engine import choices
from sim.engine.call import NEVER, Call, Descendant
from sim.engine.choices import draw
from sim.engine.lower import NONE, Plant
from sim.engine.rules import BORN_IN_THE_RUN
from sim.mixing import descend
from sim.workload.initial import INITIAL_SERVICE, INITIAL_WRAP_UP
from sim.workload.streams import uniforms


class Draws:
    """The uniforms of the calls of one replication: functions of the chain's first queue and its
    place there, of the purpose, and of how many-th."""

    def __init__(self, plant: Plant, replication: int) -> None:
        self._queues = plant.queues
        self._replication = replication
        self._keys: dict[tuple[str, int], int] = {}

    def of(self, call: Call, purpose: str, which: int) -> float:
        """Draw number `which` of the call's chain for a purpose."""
        return draw(self._key(purpose, call.origin), call.place, which)

    def service_u(self, call: Call) -> float:
        """The call's own uniform for its service time."""
        return self._brought(call, "service", INITIAL_SERVICE, choices.RETRY_SERVICE)

    def wrap_up_u(self, call: Call) -> float:
        """The call's own uniform for the wrap-up after it."""
        return self._brought(call, "wrap_up", INITIAL_WRAP_UP, choices.RETRY_WRAP_UP)

    def _brought(self, call: Call, workload: str, initial: str, retry: str) -> float:
        if call.drawn > 0:
            return self.of(call, retry, call.drawn)
        purpose, place = (workload, call.place) if call.place >= 0 else (initial, -1 - call.place)
        return float(uniforms(self._key(purpose, call.origin), place, 1)[0])

    def _key(self, purpose: str, origin: int) -> int:
        key = self._keys.get((purpose, origin))
        if key is None:
            key = descend(self._queues[origin].keys[purpose], self._replication)
            self._keys[purpose, origin] = key
        return key


class Descent:
    """Makes the calls by overflow and retry of one replication."""

    def __init__(self, plant: Plant, draws: Draws) -> None:
        self._plant = plant
        self._draws = draws
        self._numbers = count(BORN_IN_THE_RUN)

    def next_number(self) -> int:
        """The number of the next call that arrives by overflow or retry."""
        return next(self._numbers)

    def overflow(self, call: Call, to: int, now: float) -> Descendant:
        """The call that joins queue `to` now: new clocks, but the patience runs on."""
        queue, draws = self._plant.queues[to], self._draws
        service_s = self._seconds(queue.service, draws.service_u(call))
        wrap_up_s = 0.0
        if queue.wrap_up != NONE:
            wrap_up_s = self._seconds(queue.wrap_up, draws.wrap_up_u(call))
        child = self._child(call, to, now, service_s, NEVER, wrap_up_s)
        child.patience_at = call.patience_at
        child.attempt = call.attempt
        child.first_arrival = call.first_arrival
        child.drawn = call.drawn
        return child

    def retry(self, call: Call, now: float, *, blocked: bool) -> Descendant | None:
        """The call that this caller makes after having left, if any and before the horizon."""
        q, draws = call.queue, self._draws
        queue = self._plant.queues[q]
        retry = queue.retry
        if retry is None or call.attempt >= retry.max_attempts:
            return None
        if not (retry.on_blocked if blocked else retry.on_abandoned):
            return None
        if draws.of(call, choices.RETRY, call.generation) >= retry.probability:
            return None
        delay = self._seconds(retry.delay, draws.of(call, choices.RETRY_DELAY, call.generation))
        if now + delay >= self._plant.horizon_s:
            return None
        which = call.generation + 1
        service_s = self._seconds(queue.service, draws.of(call, choices.RETRY_SERVICE, which))
        patience_s, wrap_up_s = NEVER, 0.0
        if queue.patience != NONE:
            u = draws.of(call, choices.RETRY_PATIENCE, which)
            patience_s = self._seconds(queue.patience, u)
        if queue.wrap_up != NONE:
            wrap_up_s = self._seconds(queue.wrap_up, draws.of(call, choices.RETRY_WRAP_UP, which))
        child = self._child(call, q, now + delay, service_s, patience_s, wrap_up_s)
        child.attempt = call.attempt + 1
        child.first_arrival = child.arrival
        child.drawn = which
        return child

    def _child(
        self, call: Call, q: int, at: float, service_s: float, patience_s: float, wrap_up_s: float
    ) -> Descendant:
        queue = self._plant.queues[q]
        child = Descendant(
            BORN_IN_THE_RUN, q, (queue.wait_timeout_s, queue.overflow_after_s), call.place, at,
            service_s, patience_s, wrap_up_s,
        )  # fmt: skip
        child.origin = call.origin
        child.generation = call.generation + 1
        child.parent = call.number
        child.routings = call.routings
        return child

    def _seconds(self, distribution: int, u: float) -> float:
        return self._plant.seconds(distribution, u)
