"""What callers, agents and the platform do beyond the plain queue, for random scenarios.

Each feature is there or not by its own chance, so that pairs of them meet. Times come from the
maker of the scenario: on its grid, if it has one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from sim.scenario.behaviour import (
    Break,
    Busyness,
    Initial,
    InitialBusy,
    InitialWaiting,
    Overflow,
    Polling,
    PollOrder,
    RecordedArrivals,
    Retry,
    RetryCause,
    Ring,
)
from sim.scenario.distributions import Distribution
from sim.scenario.endless import endless, never_answered
from sim.scenario.model import (
    Action,
    ActionType,
    AgentGroup,
    Flow,
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    Scenario,
)

NEVER = float("inf")
NAMES = (
    "overflow", "join", "retry", "ring", "break", "shrinkage", "own", "polling", "limit", "initial",
    "busyness", "recorded",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Times:
    """Draws times and durations of about a mean, in the manner of the scenario."""

    time: Callable[..., float]
    duration: Callable[..., Distribution]
    service: float


def with_features(rng: Random, scenario: Scenario, times: Times) -> Scenario:
    """The scenario with some features: one, a few or all."""
    wanted = set(rng.sample(NAMES, rng.choice((1, 2, 3, 4, len(NAMES)))))
    if "polling" in wanted and rng.random() < 0.5:
        wanted.discard("polling")
    return _Adder(rng, times, wanted).added(scenario)


class _Adder:
    def __init__(self, rng: Random, times: Times, wanted: set[str]) -> None:
        self._rng = rng
        self._times = times
        self._wanted = wanted

    def _has(self, name: str, chance: float = 0.7) -> bool:
        return name in self._wanted and self._rng.random() < chance

    def added(self, scenario: Scenario) -> Scenario:
        n = len(scenario.queues)
        flows = tuple(self._joining(scenario, f) for f in range(len(scenario.flows)))
        queues = tuple(self._queue(queue, i, n) for i, queue in enumerate(scenario.queues))
        agents = tuple(self._agents(group, n, scenario.horizon_s) for group in scenario.agents)
        made = replace(
            scenario,
            queues=queues,
            agents=agents,
            flows=flows,
            dispatch=self._polling() if self._has("polling", 1.0) else None,
            flow_action_limit=(
                self._rng.choice((1, 2, 3, 4, 7, 12, 40)) if self._has("limit", 1.0) else None
            ),
        )
        in_vain = any(group.ring and never_answered(group.ring) for group in agents)
        if in_vain and any(map(endless, queues)):  # 100,000 rings show nothing new
            made = replace(made, agents=tuple(replace(group, ring=None) for group in agents))
        return replace(made, initial=self._initial(made)) if self._has("initial", 1.0) else made

    def _joining(self, scenario: Scenario, f: int) -> Flow:
        """The flow, perhaps with a `queue_join` to a queue behind all those that play it."""
        flow = scenario.flows[f]
        users = [i for i, queue in enumerate(scenario.queues) if queue.wait_flow == f]
        behind = range(max(users, default=-1) + 1, len(scenario.queues))
        if not behind or not self._has("join", 0.6):
            return flow
        place = self._rng.randint(0, len(flow.actions))
        join = Action(ActionType.QUEUE_JOIN, queue=self._rng.choice(behind))
        jumps = any(action.target is not None for action in flow.actions)
        place = len(flow.actions) if jumps else place
        return replace(flow, actions=(*flow.actions[:place], join, *flow.actions[place:]))

    def _queue(self, queue: Queue, place: int, n: int) -> Queue:
        rng, times = self._rng, self._times
        behind = range(place + 1, n)
        if behind and self._has("overflow"):
            after = times.time(2 * times.service, positive=False)
            queue = replace(queue, overflow=Overflow(after, rng.choice(behind)))
        if self._has("retry"):
            on = rng.choice(((RetryCause.ABANDONED,), (RetryCause.BLOCKED,), tuple(RetryCause)))
            retry = Retry(
                rng.choice((0.3, 0.7, 1.0)), times.duration(times.service), rng.randint(1, 5), on
            )
            queue = replace(queue, retry=retry)
        arrivals = queue.arrivals
        if isinstance(arrivals, PoissonArrivals | ProfileArrivals) and self._has("busyness"):
            busyness = Busyness(rng.choice((0.1, 0.5, 2.0)), rng.random() < 0.5)
            queue = replace(queue, arrivals=replace(arrivals, busyness=busyness))
        if isinstance(arrivals, ListedArrivals) and self._has("recorded"):
            queue = replace(queue, arrivals=self._recorded(arrivals))
        return queue

    def _recorded(self, listed: ListedArrivals) -> RecordedArrivals:
        rng, times = self._rng, self._times
        columns: list[list[float] | None] = []
        for _ in range(2):
            chance = rng.choice((0.0, 0.5, 1.0))
            column = [
                times.time(times.service, positive=False) if rng.random() < chance else float("nan")
                for _ in listed.times_s
            ]
            columns.append(None if all(value != value for value in column) else column)
        return RecordedArrivals(listed.times_s, *columns)

    def _agents(self, group: AgentGroup, n_queues: int, horizon: float) -> AgentGroup:
        rng, times = self._rng, self._times
        if self._has("ring"):
            misses = rng.random() < 0.7
            group = replace(
                group,
                ring=Ring(
                    delay=times.duration(times.service / 2),
                    no_answer=rng.choice((0.0, 0.2, 0.7)) if misses else 0.0,
                    timeout_s=times.time(times.service / 2) if misses else NEVER,
                    penalty_s=times.time(times.service, positive=False) if misses else 0.0,
                ),
            )
        if self._has("break"):
            group = replace(group, breaks=self._breaks(horizon))
        if self._has("shrinkage", 0.5):
            group = replace(group, shrinkage=rng.choice((0.2, 0.5, 1.0)))
        if self._has("own"):
            places = sorted(rng.sample(range(n_queues), rng.randint(1, n_queues)))
            group = replace(
                group,
                service_times=tuple((q, times.duration(times.service)) for q in places[:5]),
            )
        return group

    def _breaks(self, horizon: float) -> tuple[Break, ...]:
        """Up to three that do not overlap."""
        breaks: list[Break] = []
        for _ in range(self._rng.randint(1, 3)):
            at = self._times.time(horizon / 2, positive=False)
            length = self._times.time(self._rng.choice((1.0, 3.0)) * self._times.service)
            if all(at >= b.at_s + b.length_s or b.at_s >= at + length for b in breaks):
                breaks.append(Break(at, length))
        return tuple(sorted(breaks, key=lambda each: each.at_s))

    def _polling(self) -> Polling:
        times, rng = self._times, self._rng
        step = times.service * rng.choice((0.1, 0.5, 1.0))
        return Polling(
            start_delay_s=times.time(step, positive=False),
            retry_s=times.time(step),
            next_s=times.time(step),
            order=rng.choice(list(PollOrder)),
        )

    def _initial(self, scenario: Scenario) -> Initial | None:
        """Calls that can be there at the start."""
        rng, times = self._rng, self._times
        waiting: list[InitialWaiting] = []
        busy: list[InitialBusy] = []
        for place, queue in enumerate(scenario.queues[:6]):
            ends = [queue.wait_timeout_s]
            ends += [queue.overflow.after_s] if queue.overflow else []
            ends += [queue.patience.upper_s] if queue.patience else []
            for _ in range(rng.randint(0, 3)):
                since = times.time(times.service, positive=False)
                if since == 0.0 or since < min(ends):
                    waiting.append(InitialWaiting(place, since))
        for g, group in enumerate(scenario.agents):
            for index in range(min(group.count, 10)):
                place = rng.randrange(len(scenario.queues))
                queue = scenario.queues[place]
                if group.present and queue.matches(group.tags) and rng.random() < 0.5:
                    service = dict(group.service_times).get(place, queue.service_time)
                    end = min(service.upper_s / group.speed, queue.service_timeout_s)
                    since = times.time(times.service, positive=False)
                    busy.append(InitialBusy(g, index, place, since if since < end else 0.0))
        return Initial(tuple(waiting), tuple(busy)) if waiting or busy else None
