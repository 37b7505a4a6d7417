"""What every queue formula of this package answers, in one shape.

Shares are over the calls that joined (blocked calls never join), as in the metrics of a
simulation: answered plus abandoned is 1.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

ServiceLevelFormula = Literal[
    "answered_of_incoming",
    "excluding_quick_abandons",
    "quick_abandons_as_met",
    "answered_of_answered",
    "short_abandons_as_met",
    "excluding_short_abandons",
]


@dataclass(frozen=True, eq=False)
class QueueMeasures:
    """Stationary measures of one queue with one group of agents.

    Attributes
    ----------
    model : str
        Kendall's notation, for example ``M/M/50+D``.
    offered_load_erlangs : float
        Arrival rate times mean service time (blocked calls included).
    blocked_share : float
        Blocked / offered.
    delayed : float
        Share of the joined calls that are not answered at the instant of joining.
    abandonment : float
        Abandoned / joined.
    asa_s : float
        Mean wait of the answered calls.
    wait_mean_s, wait_sd_s : float
        Mean and standard deviation of the wait of all joined calls, answered or not.
    abandon_wait_mean_s : float or None
        Mean wait of the abandoned calls; None when nobody abandons.
    queue_length_mean : float
        Mean number waiting, by time.
    occupancy : float
        Share of the agents' time spent in service.
    """

    model: str
    offered_load_erlangs: float
    blocked_share: float
    delayed: float
    abandonment: float
    asa_s: float
    wait_mean_s: float
    wait_sd_s: float
    abandon_wait_mean_s: float | None
    queue_length_mean: float
    occupancy: float
    _within: Callable[[float], tuple[float, float]] = field(repr=False)
    _tail: Callable[[float], float] = field(repr=False)

    def answered_within(self, t_s: float) -> float:
        """P(answered and wait <= t_s); ValueError for a negative or undefined time."""
        return self._within(_time(t_s))[0]

    def abandoned_within(self, t_s: float) -> float:
        """P(abandoned and wait <= t_s); ValueError for a negative or undefined time."""
        return self._within(_time(t_s))[1]

    def wait_tail(self, t_s: float) -> float:
        """P(wait > t_s) of a joined call, answered or not."""
        return self._tail(_time(t_s))

    def wait_quantile_s(self, p: float) -> float:
        """Least t with P(wait <= t) >= p, for 0 <= p < 1; by bisection, to 1e-12 of itself."""
        if not 0.0 <= p < 1.0:
            raise ValueError(f"a quantile's level must be in [0, 1), got {p}")
        target = 1.0 - p
        if self.delayed <= target:
            return 0.0
        low, high = 0.0, max(self.wait_mean_s, 1e-9)
        while self._tail(high) > target:
            low, high = high, 2.0 * high
        while high - low > 1e-12 * high:
            middle = 0.5 * (low + high)
            if not low < middle < high:
                break
            if self._tail(middle) > target:
                low = middle
            else:
                high = middle
        return high

    def service_level(
        self,
        threshold_s: float,
        formula: ServiceLevelFormula = "answered_of_incoming",
        short_abandon_s: float | None = None,
    ) -> float | None:
        """Service level at the threshold, by one of the six usual formulas.

        With S, L the answered and abandoned shares, S_T, L_T those with a wait of at most
        the threshold and L_h those abandoned within ``short_abandon_s``:
        ``answered_of_incoming`` S_T/(S+L); ``excluding_quick_abandons`` S_T/(S+L-L_T);
        ``quick_abandons_as_met`` (S_T+L_T)/(S+L); ``answered_of_answered`` S_T/S;
        ``short_abandons_as_met`` (S_T+L_h)/(S+L); ``excluding_short_abandons``
        S_T/(S+L-L_h). None when the denominator is zero. ValueError when a formula with
        L_h is asked for without ``short_abandon_s``, or for an unknown formula.
        """
        answered, left = self._within(_time(threshold_s))
        if formula == "answered_of_incoming":
            return answered
        if formula == "quick_abandons_as_met":
            return answered + left
        if formula == "answered_of_answered":
            return _ratio(answered, 1.0 - self.abandonment)
        if formula == "excluding_quick_abandons":
            return _ratio(answered, 1.0 - left)
        if formula in ("short_abandons_as_met", "excluding_short_abandons"):
            if short_abandon_s is None:
                raise ValueError(f"{formula} needs short_abandon_s")
            short = self._within(_time(short_abandon_s))[1]
            if formula == "short_abandons_as_met":
                return answered + short
            return _ratio(answered, 1.0 - short)
        raise ValueError(f"unknown service level formula {formula!r}")


def _ratio(numerator: float, denominator: float) -> float | None:
    return numerator / denominator if denominator > 0.0 else None


def _time(t_s: float) -> float:
    if not t_s >= 0.0:
        raise ValueError(f"a time must be zero or more seconds, got {t_s}")
    return t_s


def require_positive(name: str, value: float) -> float:
    """The value as a float; ValueError unless it is finite and above zero."""
    value = float(value)
    if not (value > 0.0 and math.isfinite(value)):
        raise ValueError(f"{name} must be finite and above zero, got {value}")
    return value


def require_count(name: str, value: int, least: int) -> int:
    """The value as an int; ValueError unless it is a whole number of at least ``least``."""
    if int(value) != value or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value}")
    return int(value)


def require_queue(
    arrival_rate_per_s: float, service_mean_s: float, n_agents: int
) -> tuple[int, float, float, float]:
    """Agents, arrival rate, mean service and offered load of a queue; ValueError if invalid."""
    n = require_count("n_agents", n_agents, 1)
    rate = require_positive("arrival_rate_per_s", arrival_rate_per_s)
    service = require_positive("service_mean_s", service_mean_s)
    return n, rate, service, rate * service
