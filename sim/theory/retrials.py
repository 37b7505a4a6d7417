"""Callers who call again: M/M/n/n+K+M with an orbit of those who will.

References
----------
Falin, Templeton (1997), Retrial Queues, Chapman and Hall.
Mandelbaum, Zeltyn (2007), Service engineering in action: the Palm/Erlang-A queue (the wait of
a call that finds j others in line).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.theory.chains import explore, stationary
from sim.theory.measures import require_count, require_positive, require_queue

ENOUGH = 1e-11
"""The largest share of the first attempts that the cuts of orbit and line may lose."""

_MAX_STATES = 200_000

# busy agents; the line, as attempts in order of joining or as counts by attempt; and how many
# will make their second, third... attempt
_State = tuple[int, tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class RetrialMeasures:
    """Stationary measures over all attempts, unless said otherwise.

    ``blocked_share`` of the offered attempts; of the joined ones ``abandonment``,
    ``delayed``, ``wait_mean_s`` and ``retry_share`` (not first attempts); ``asa_s`` of the answered
    (None in random order); ``first_attempt_abandonment`` of the joined first attempts.
    ``lost_share``: callers who give up for good. ``orbit_mean``: callers who will call again, by
    time. ``cut_share``: the flow that the cuts lose, as a share of the callers. A measure of the
    error, not a proven bound on it.
    """

    blocked_share: float
    abandonment: float
    delayed: float
    wait_mean_s: float
    asa_s: float | None
    queue_length_mean: float
    occupancy: float
    retry_share: float
    first_attempt_abandonment: float
    lost_share: float
    orbit_mean: float
    cut_share: float


def retrials(
    arrival_rate_per_s: float,
    service_mean_s: float,
    n_agents: int,
    *,
    retry_probability: float,
    retry_delay_mean_s: float,
    max_attempts: int | None = None,
    patience_mean_s: float | None = None,
    max_waiting: int | None = None,
    order: Literal["fifo", "random"] = "fifo",
) -> RetrialMeasures:
    """M/M/n/n+K (+M) whose blocked and abandoning callers call again.

    Each does so with ``retry_probability`` after an exponential delay, ``max_attempts`` calls at
    most (None: no limit), with fresh patience and service. The chain counts busy agents, the line
    and, by the attempt they will make, the callers in orbit.

    Who abandons decides who calls again, so with a limit the attempts in line have to be told
    apart, and the order of service matters. ``random``: by counts, any size. ``fifo`` with a
    limit: in order of joining, for small rooms. ``fifo`` without a limit: all callers in line are
    alike; the first attempts are Poisson and meet the stationary line, and one that finds j
    ahead abandons with probability (j+1) theta / (n mu + (j+1) theta) whatever comes later.

    Orbit and endless lines are cut where at most 1e-11 of the callers are lost to the cut.
    ValueError for invalid parameters, without anything to end the waiting or the calling again, or
    for more than 200,000 states.
    """
    n, rate, service, load = require_queue(arrival_rate_per_s, service_mean_s, n_agents)
    delay = require_positive("retry_delay_mean_s", retry_delay_mean_s)
    if not 0.0 <= retry_probability <= 1.0:
        raise ValueError(f"retry_probability must be in [0, 1], got {retry_probability}")
    theta = 0.0
    if patience_mean_s is not None:
        theta = 1.0 / require_positive("patience_mean_s", patience_mean_s)
    if order not in ("fifo", "random"):
        raise ValueError(f"unknown order {order!r}: fifo or random")
    if max_attempts is not None:
        require_count("max_attempts", max_attempts, 1)
    grows = theta == 0.0 and max_waiting is None
    if load >= n and (grows or (retry_probability == 1.0 and max_attempts is None)):
        raise ValueError("nobody ever gives up and the load is at or above the agents")
    room = 16 if max_waiting is None else require_count("max_waiting", max_waiting, 0)
    orbit_room = 16
    while True:
        system = _System(n, rate, 1.0 / service, theta, retry_probability, 1.0 / delay,
                         max_attempts, room, orbit_room, order)  # fmt: skip
        measures, cut_line, cut_orbit = system.solve(endless=max_waiting is None)
        if cut_line <= ENOUGH and cut_orbit <= ENOUGH:
            return measures
        room *= 2 if cut_line > ENOUGH else 1
        orbit_room *= 2 if cut_orbit > ENOUGH else 1


@dataclass(frozen=True)
class _System:
    n: int
    rate: float
    mu: float
    theta: float
    p: float
    nu: float
    max_attempts: int | None
    room: int
    orbit_room: int
    order: str

    @property
    def attempts(self) -> int:
        """How many kinds of attempts are told apart; the last may stand for all later ones."""
        if self.max_attempts is not None:
            return self.max_attempts
        return 1 if self.order == "fifo" else 2

    def _then(self, attempt: int) -> int | None:
        """The attempt after this one (from 0), or None if it was the last."""
        if self.max_attempts is None:
            return min(attempt + 1, self.attempts - 1)
        return attempt + 1 if attempt + 1 < self.max_attempts else None

    def _place(self, attempt: int) -> int:
        """Where in the orbit's counts those are who will make this attempt."""
        return attempt if self.attempts == 1 else attempt - 1

    def _in_line(self, line: tuple[int, ...], attempt: int) -> int:
        return line.count(attempt) if self.order == "fifo" else line[attempt]

    def _size(self, line: tuple[int, ...]) -> int:
        return len(line) if self.order == "fifo" else sum(line)

    def _unserved(
        self, orbit: tuple[int, ...], attempt: int
    ) -> list[tuple[tuple[int, ...], float]]:
        """The orbit after a caller was not served, and the chance; one cut off is lost."""
        then = self._then(attempt)
        if then is None or self.p == 0.0:
            return [(orbit, 1.0)]
        place = self._place(then)
        if orbit[place] >= self.orbit_room:
            return [(orbit, 1.0)]
        return [(_bump(orbit, place, 1), self.p), (orbit, 1.0 - self.p)]

    def _call(self, state: _State, attempt: int, by: float) -> Iterable[tuple[_State, float]]:
        busy, line, orbit = state
        if busy < self.n:
            yield (busy + 1, line, orbit), by
        elif self._size(line) < self.room:
            joined = (*line, attempt) if self.order == "fifo" else _bump(line, attempt, 1)
            yield (busy, joined, orbit), by
        else:
            for after, chance in self._unserved(orbit, attempt):
                yield (busy, line, after), by * chance

    def moves(self, state: _State) -> Iterable[tuple[_State, float]]:
        busy, line, orbit = state
        yield from self._call(state, 0, self.rate)
        for place, number in enumerate(orbit):
            if number:
                attempt = place if self.attempts == 1 else place + 1
                left = (busy, line, _bump(orbit, place, -1))
                yield from self._call(left, attempt, number * self.nu)
        size = self._size(line)
        ends = busy * self.mu
        if busy and not size:
            yield (busy - 1, line, orbit), ends
        elif self.order == "fifo":
            if size:
                yield (busy, line[1:], orbit), ends
            for i, attempt in enumerate(line):
                for after, chance in self._unserved(orbit, attempt):
                    yield (busy, line[:i] + line[i + 1 :], after), self.theta * chance
        else:
            for attempt, number in enumerate(line):
                if number:
                    rest = _bump(line, attempt, -1)
                    yield (busy, rest, orbit), ends * number / size
                    for after, chance in self._unserved(orbit, attempt):
                        yield (busy, rest, after), self.theta * number * chance

    def solve(self, *, endless: bool) -> tuple[RetrialMeasures, float, float]:
        """The measures, and the shares lost by the cut of the line and of the orbit."""
        kinds = self.attempts
        waiting_room = 1 if kinds == 1 else kinds - 1
        empty = () if self.order == "fifo" else (0,) * kinds
        states, generator = explore((0, empty, (0,) * waiting_room), self.moves, _MAX_STATES)
        law = stationary(generator)
        busy = np.array([b for b, _, _ in states])
        size = np.array([self._size(line) for _, line, _ in states])
        lines = np.array([[self._in_line(ln, a) for a in range(kinds)] for _, ln, _ in states])
        orbits = np.array([orbit for _, _, orbit in states])
        again = self.nu * orbits.sum(axis=1)
        full = (busy == self.n) & (size == self.room)
        flow = law * (self.rate + again)  # attempts per second, by what they find
        offered, joined = float(flow.sum()), float(flow[~full].sum())
        first = self.rate * float(law[~full].sum())
        line = law @ lines
        length = float(line.sum())
        capacity = self.n * self.mu
        asa = None
        first_lost = self.theta * float(line[0])
        if self.order == "fifo":
            ranks = np.arange(1.0, self.room + 2.0)
            rates = capacity + self.theta * ranks
            waits = (capacity * np.cumsum(1.0 / rates) / rates)[size]
            late = (busy == self.n) & ~full
            asa = float(flow[late] @ waits[late]) / (joined - self.theta * length)
            if kinds == 1:
                found = (self.theta * ranks / rates)[size]
                first_lost = self.rate * float(law[late] @ found[late])
        unserved = self._unserved_flow(law, lines, orbits, full)
        return (
            RetrialMeasures(
                blocked_share=0.0 if endless else 1.0 - joined / offered,
                abandonment=self.theta * length / joined,
                delayed=float(flow[(busy == self.n) & ~full].sum()) / joined,
                wait_mean_s=length / joined,
                asa_s=asa,
                queue_length_mean=length,
                occupancy=float(law @ busy) / self.n,
                retry_share=float((law * again)[~full].sum()) / joined,
                first_attempt_abandonment=first_lost / first,
                lost_share=1.0 - self.mu * float(law @ busy) / self.rate,
                orbit_mean=float((law @ orbits).sum()),
                cut_share=unserved + (float(flow[full].sum()) / self.rate if endless else 0.0),
            ),
            float(flow[full].sum()) / self.rate if endless else 0.0,
            unserved,
        )

    def _unserved_flow(
        self, law: np.ndarray, lines: np.ndarray, orbits: np.ndarray, full: np.ndarray
    ) -> float:
        """Callers who would call again but for the cut of the orbit, as a share of all."""
        cut = 0.0
        for attempt in range(self.attempts):
            then = self._then(attempt)
            if then is None:
                continue
            at_end = orbits[:, self._place(then)] >= self.orbit_room
            calls = np.full(len(law), self.rate if attempt == 0 else 0.0)
            if attempt > 0 or self.attempts == 1:
                calls = calls + self.nu * orbits[:, self._place(attempt)]
            given_up = self.theta * lines[:, attempt] + calls * full
            cut += self.p * float((law * given_up)[at_end].sum())
        return cut / self.rate


def _bump(numbers: tuple[int, ...], at: int, by: int) -> tuple[int, ...]:
    return (*numbers[:at], numbers[at] + by, *numbers[at + 1 :])
