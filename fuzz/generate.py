"""Random scenarios from a seed and a number: small and quick, of every kind there is.

Half of them live on a grid of time, so that many events fall on one instant; half have
continuous durations. A few are crowded, long or wide, for what only size brings out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import log
from random import Random

from fuzz.features import Times, with_features
from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
    Triangular,
    Uniform,
    Weibull,
)
from sim.scenario.flow_pass import pass_of
from sim.scenario.model import (
    Action,
    ActionType,
    AgentGroup,
    Arrivals,
    AtHorizon,
    Discipline,
    Flow,
    ListedArrivals,
    Period,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RegularArrivals,
    RenewalArrivals,
    RoutingMethod,
    Scenario,
    ServiceLevel,
    ServiceLevelFormula,
    TagMatch,
)

NEVER = float("inf")
PLAIN = 0.4
"""How many scenarios have none of what `fuzz.features` adds."""
TAGS = ("a", "b", "c")
UNITS = (1.0, 1.0, 0.1, 0.1, 0.25, 0.3, 7.0)
"""Steps of the grid; sums of multiples of 0.1 and 0.3 are not what they are on paper."""

KINDS = {"small": 853, "medium": 80, "crowd": 25, "wide": 30, "long": 12}
"""How many of a thousand scenarios are of each kind."""


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario, and whether sums by reporting interval are wanted."""

    scenario: Scenario
    intervals: bool
    kind: str


def case(seed: int, number: int, kind: str | None = None) -> Case:
    """Case `number` of `seed`: a function of the two, whoever asks and in whatever order."""
    rng = Random(f"{seed}/{number}" if kind is None else f"{seed}/{number}/{kind}")
    if kind is None:
        (kind,) = rng.choices(list(KINDS), weights=list(KINDS.values()))
    intervals = rng.random() < 0.5
    return Case(_Maker(rng, kind).scenario(), intervals, kind)


class _Maker:
    """Draws one scenario; times are multiples of `unit` where they are on the grid."""

    def __init__(self, rng: Random, kind: str) -> None:
        self.rng = rng
        self.kind = kind
        self.large = kind in ("crowd", "long")
        self.hearing = kind in ("small", "medium") and rng.random() < 0.1
        """Whether callers of little patience hear out every action."""
        self.ties = rng.random() < (0.8 if self.hearing else 0.5)
        self.strays = 0.1 if rng.random() < 0.15 else 0.0
        """How likely a single distribution does not follow the rest of the scenario."""
        self.unit = rng.choice(UNITS) if self.ties else 10.0 ** rng.uniform(-1, 3)
        self._size()
        self.one_discipline = rng.choice([None, *Discipline])
        self.one_method = rng.choice([None, None, *RoutingMethod])
        self.calls_per_queue = self.n_calls / self.n_queues
        n_flows = rng.choice((0, 1, 1, 2, 3))
        if kind == "long":
            n_flows = rng.choice((0, 0, 0, 1))
        elif self.hearing:
            n_flows = rng.choice((1, 2))
        self.flows = tuple(self._flow(f"f{i}") for i in range(n_flows))

    def _size(self) -> None:
        """How many queues, agents and calls, how long a service is, and how long it all lasts."""
        rng = self.rng
        self.n_queues = rng.choice((1, 1, 2, 2, 3, 4, 6))
        self.n_agents = rng.choice((0, 1, 1, 2, 2, 3, 4, 6, 8))
        self.service = rng.choice((1.0, 2.0, 3.0, 5.0, 8.0)) * self.unit
        load = rng.choice((0.2, 0.5, 0.8, 1.0, 1.3, 2.0, 4.0))
        match self.kind:
            case "small":
                self.n_calls = rng.choice((3, 8, 15, 25, 40, 70))
            case "medium":
                self.n_calls = rng.randint(100, 500)
            case "wide":
                self.n_queues = rng.choice((65, 70, 3, 128, 1))
                self.n_agents = rng.choice((5, 70, 128, 130, 200))
                self.n_calls = rng.randint(150, 500)
            case "crowd":
                self.n_queues = rng.choice((1, 1, 2, 4))
                self.n_agents = rng.choice((0, 1, 2, 5))
                self.n_calls = rng.choice((700, 1200, 1500))
                load = rng.choice((4.0, 8.0, 20.0))
            case "long":
                self.n_agents = rng.choice((2, 5, 8, 70))
                self.n_calls = rng.choice((4500, 5500, 9000))
                load = rng.choice((0.5, 0.8, 0.95))
        horizon = self.n_calls * self.service / (load * max(self.n_agents, 1))
        steps = max(6, round(horizon / self.unit))
        self.horizon = self._clean(steps) if self.ties else horizon

    # --- times -----------------------------------------------------------------------------

    def _clean(self, steps: int) -> float:
        """So many steps of the grid: as a product, or as it would be written down."""
        at = steps * self.unit
        return at if self.rng.random() < 0.5 else round(at, 6)

    def _time(self, mean: float, *, positive: bool = True) -> float:
        """An instant or a length of about `mean` seconds, on the grid if there is one."""
        rng = self.rng
        if not self.ties:
            if not positive and rng.random() < 0.15:
                return 0.0
            return mean * rng.uniform(0.05, 2.0)
        steps = rng.randint(0, max(2, round(2 * mean / self.unit)))
        return self._clean(max(steps, 1) if positive else steps)

    def _duration(self, mean: float, *, positive: bool = False) -> Distribution:
        """A distribution of about this mean; with `positive` its mean is above 0."""
        rng = self.rng
        if self.ties != (rng.random() < self.strays):
            return self._stepped(mean, positive=positive)
        return self._smooth(mean)

    def _stepped(self, mean: float, *, positive: bool) -> Distribution:
        rng = self.rng
        n = rng.choice((1, 1, 2, 3, 4))
        values = sorted(self._time(mean, positive=False) for _ in range(n))
        if positive and values[-1] == 0.0:
            values[-1] = self._time(mean)
        offset = self._time(mean / 3) if rng.random() < 0.1 else 0.0
        if n == 1:
            return Deterministic(value_s=values[0], offset_s=offset)
        if n == 2 and rng.random() < 0.5:
            low, high = (Deterministic(value_s=value) for value in values)
            return Mixture(weights=(0.25, 0.75), parts=(low, high), offset_s=offset)
        return Empirical(values_s=tuple(values), offset_s=offset)

    def _smooth(self, mean: float) -> Distribution:
        rng = self.rng
        offset = mean / 4 if rng.random() < 0.1 else 0.0
        match rng.randint(0, 9):
            case 0 | 1:
                return Exponential(scale_s=mean, offset_s=offset)
            case 2:
                shape = rng.choice((0.4, 1.0, 2.0, 3.7))
                return Gamma(shape=shape, scale_s=mean / shape, offset_s=offset)
            case 3:
                low = mean * rng.choice((0.0, 0.5))
                return Uniform(low_s=low, high_s=2 * mean - low, offset_s=offset)
            case 4:
                mode = mean * rng.choice((0.0, 0.5, 1.0))
                return Triangular(low_s=0.0, mode_s=mode, high_s=2 * mean, offset_s=offset)
            case 5:
                scale = mean * rng.uniform(0.5, 1.0)
                return Weibull(shape=rng.choice((0.7, 1.5)), scale_s=scale, offset_s=offset)
            case 6:
                return Lognormal(mu=log(mean), sigma=rng.choice((0.3, 1.0)), offset_s=offset)
            case 7:
                slow, fast = Exponential(scale_s=2 * mean), Exponential(scale_s=mean / 4)
                return Mixture(weights=(0.25, 0.75), parts=(slow, fast), offset_s=offset)
            case 8:
                values = sorted(rng.uniform(0.0, 2 * mean) for _ in range(rng.randint(2, 6)))
                return Empirical(values_s=tuple(values), offset_s=offset)
            case _:
                return Deterministic(value_s=mean * rng.uniform(0.2, 1.8), offset_s=offset)

    # --- arrivals --------------------------------------------------------------------------

    def _arrivals(self) -> Arrivals:
        """About as many calls as a queue is to get."""
        rng = self.rng
        n = self.calls_per_queue * rng.choice((0.5, 1.0, 1.0, 1.5))
        gap = self.horizon / max(n, 1.0)
        smooth = not self.ties or rng.random() < self.strays
        match rng.choices(range(5), weights=(4, 1, 1, 1, 2) if smooth else (1, 4, 2, 4, 2))[0]:
            case 0:
                return PoissonArrivals(0.0 if rng.random() < 0.03 else 1.0 / gap)
            case 1:
                return RenewalArrivals(self._duration(gap, positive=True))
            case 2:
                return RegularArrivals(self._time(gap))
            case 3:
                latest = 2 * self.horizon if rng.random() < 0.1 else self.horizon
                at = [self._time(latest / 2, positive=False) for _ in range(round(min(n, 2000)))]
                if self.ties and at and rng.random() < 0.3:
                    at += [at[0]] * rng.randint(1, 6)
                return ListedArrivals(tuple(sorted(at)))
            case _:
                slots = rng.randint(1, 5)
                interval = self._time(self.horizon / slots)
                slots = min(slots, 1 + int(1.3 * self.horizon / interval))
                each = n / slots
                calls = tuple(round(each * rng.choice((0, 0.5, 1, 1, 2)), 3) for _ in range(slots))
                scale = None
                if rng.random() < 0.5:
                    scale = tuple(rng.choice((0.5, 1.0, 1.5, 2.0, 0.1)) for _ in range(slots))
                return ProfileArrivals(interval_s=interval, calls=calls, service_scale=scale)

    # --- flows -----------------------------------------------------------------------------

    def _flow(self, name: str) -> Flow:
        """A few actions with jumps, hang-ups and actions without length; time passes in it."""
        rng = self.rng
        n = rng.randint(1, 5)
        length = self.horizon / 6 if self.large else 2 * self.unit
        length = max(length, self.horizon / 100)
        marked = rng.choice((0.0, 0.3, 1.0))
        hangup = rng.choice((0.0, 0.0, 0.2, 0.5))
        if self.hearing:
            marked, hangup = 1.0, 0.0
        actions: list[Action] = []
        for i in range(n):
            kind = rng.choices(
                (*_LASTING, ActionType.BEEP, ActionType.GOTO, ActionType.HANGUP),
                weights=(4, 4, 4, 1, 3, 0.7),
            )[0]
            duration = 0.0
            if kind is ActionType.BEEP:
                duration = 0.5
                if length > 10.0:  # hundreds of thousands of beeps show nothing new
                    kind = ActionType.PLAY
            if kind in _LASTING and rng.random() > 0.15:
                duration = self._time(length, positive=False)
            passive = kind not in (ActionType.GOTO, ActionType.HANGUP)
            listens = passive or rng.random() < 0.2
            p = rng.choice((0.05, 0.3, 1.0)) if listens and rng.random() < hangup else 0.0
            actions.append(
                Action(
                    kind,
                    duration_s=duration,
                    interruptible=not (listens and rng.random() < marked),
                    hangup_probability=p,
                    target=rng.randrange(n) if kind is ActionType.GOTO else None,
                    loop_count=rng.randint(0, 3) if kind is ActionType.GOTO else 0,
                    id=f"{name}-{i}",
                )
            )
        flow = Flow(name, tuple(actions))
        if time_passes(flow):
            return flow
        return Flow(name, (*actions, Action(ActionType.SLEEP, length, id=f"{name}-{n}")))

    # --- queues and agents -----------------------------------------------------------------

    def _tags(self) -> tuple[str, ...]:
        rng = self.rng
        return tuple(tag for tag in TAGS if rng.random() < 0.3)

    def _queue(self, number: int) -> Queue:
        rng = self.rng
        crowd = self.kind == "crowd"

        def timeout(chance: float, mean: float) -> float:
            return self._time(mean) if rng.random() < chance else NEVER

        limits: tuple[int | None, ...] = (None, None, None, None, 0, 1, 2, 5)
        if crowd:
            limits = (None, None, None, None, None, None, 300, 5)
        wait = self.horizon * rng.choice((1.0, 4.0)) if crowd else 4 * self.service
        impatient = self.hearing or rng.random() < (0.6 if crowd else 0.4)
        if self.hearing:
            wait = 1.5 * self.service
        return Queue(
            name=f"q{number}",
            arrivals=self._arrivals(),
            service_time=self._duration(self.service),
            tags=() if rng.random() < 0.4 else self._tags(),
            tag_match=rng.choice(list(TagMatch)),
            routing_method=self.one_method or rng.choice(list(RoutingMethod)),
            priority=rng.choice((0, 0, 0, 1, -1, 2)),
            discipline=self.one_discipline or rng.choice(list(Discipline)),
            wait_flow=rng.randrange(len(self.flows)) if self.flows and rng.random() < 0.8 else None,
            wait_timeout_s=timeout(0.4, wait),
            service_timeout_s=timeout(0.25, 1.5 * self.service),
            max_waiting=rng.choice(limits),
            patience=self._duration(wait) if impatient else None,
            wrap_up=self._duration(self.service / 2) if rng.random() < 0.4 else None,
            service_level=ServiceLevel(
                threshold_s=self._time(self.service, positive=False),
                short_abandon_s=self._time(self.service, positive=False),
                formula=rng.choice(list(ServiceLevelFormula)),
            ),
        )

    def _wait_flow(self) -> int | None:
        if self.flows and (self.hearing or self.rng.random() < 0.8):
            return self.rng.randrange(len(self.flows))
        return None

    def _groups(self) -> tuple[AgentGroup, ...]:
        rng = self.rng
        groups: list[AgentGroup] = []
        left = self.n_agents
        while left > 0 and len(groups) < 5:
            count = left if len(groups) == 4 else rng.randint(1, left)
            left -= count
            schedule = None
            if rng.random() < 0.3:
                schedule = self._schedule(count)
            groups.append(
                AgentGroup(
                    name=f"g{len(groups)}",
                    count=count,
                    tags=TAGS if rng.random() < 0.4 else self._tags(),
                    schedule=schedule,
                    speed=rng.choice((1.0, 1.0, 1.0, 0.5, 2.0, 1.25, 0.7)),
                    present=rng.random() > 0.04,
                )
            )
        if rng.random() < 0.03:
            groups.append(AgentGroup(name="nobody", count=0))
        return tuple(groups) or (AgentGroup(name="nobody", count=0),)

    def _schedule(self, count: int) -> tuple[Period, ...]:
        """Periods with gaps between some; the last may end after the horizon."""
        rng = self.rng
        edges = {0.0} if rng.random() < 0.4 else set()
        edges |= {self._time(0.6 * self.horizon) for _ in range(rng.randint(2, 6))}
        in_order = sorted(edges)
        return tuple(
            Period(a, b, rng.randint(0, count))
            for a, b in pairwise(in_order)
            if rng.random() < 0.75
        )

    def scenario(self) -> Scenario:
        """The whole."""
        rng = self.rng
        warmup = self._time(self.horizon / 3) if rng.random() < 0.4 else 0.0
        interval = self._time(self.horizon / rng.choice((1, 3, 5, 10)))
        made = Scenario(
            name="fuzz",
            horizon_s=self.horizon,
            queues=tuple(self._queue(i) for i in range(self.n_queues)),
            agents=self._groups(),
            flows=self.flows,
            at_horizon=rng.choice(list(AtHorizon)),
            warmup_s=warmup if warmup < self.horizon else 0.0,
            interval_s=max(interval, self.horizon / 60),
            replications=2,
            seed=rng.randrange(1 << 31),
        )
        if self.kind == "long" or rng.random() < PLAIN:
            return made
        return with_features(rng, made, Times(self._time, self._duration, self.service))


_LASTING = (ActionType.TALK, ActionType.SLEEP, ActionType.PLAY)


def time_passes(flow: Flow) -> bool:
    """Whether a pass of the flow takes time, or ends the call."""
    steps = pass_of(flow)
    if not steps:
        return False
    ends = flow.actions[steps[-1]].type in (ActionType.HANGUP, ActionType.QUEUE_JOIN)
    return ends or any(flow.actions[i].duration_s > 0.0 for i in steps)
