"""Quadrature of log-concave functions, in plain Python: panels on which the logarithm moves little.

Gauss-Legendre with 16 points integrates exp(g) to about 1e-14 of itself while g moves by a few
units and is not far from a line; so panels are halved until that is so, and no error has to be
estimated by comparing.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

Real = Callable[[float], float]

_MOVE = 4.0  # of the logarithm over a panel
_BEND = 0.4  # of the logarithm's middle from the chord
_DEEPEST = 60
_NEAR = 10.0  # below the floor is near enough


@cache
def gauss_legendre(order: int = 16) -> tuple[tuple[float, float], ...]:
    """Nodes and weights on (-1, 1), by Newton's method on Legendre's polynomial."""
    found = []
    for i in range(order):
        x = math.cos(math.pi * (i + 0.75) / (order + 0.5))
        for _ in range(8):
            before, here = 1.0, x
            for k in range(2, order + 1):
                before, here = here, ((2 * k - 1) * x * here - (k - 1) * before) / k
            slope = order * (x * here - before) / (x * x - 1.0)
            x -= here / slope
        found.append((x, 2.0 / ((1.0 - x * x) * slope * slope)))
    return tuple(found)


def mode(log: Real, scale: float, last: float, drop: float) -> tuple[float, float, float]:
    """Start, place of the largest value, and end of a concave function on [0, last].

    ``scale`` is about how far it reaches at least; outside start and end it is more than ``drop``
    below its largest value. ValueError for a function that never falls.
    """
    end = scale
    best = max(log(0.0), log(end))
    while end < last:
        end *= 2.0
        value = log(min(end, last))
        best = max(best, value)
        if value < best - drop:
            break
        if end > 1e18 * scale:
            raise ValueError("the queue grows without bound: too few callers ever leave")
    low, high = 0.0, min(end, last)
    end = high
    for _ in range(200):  # golden section would save calls, halving by thirds is plainer
        a, b = low + (high - low) / 3.0, high - (high - low) / 3.0
        if not low < a < b < high or high - low < 1e-9 * high:
            break
        if log(a) < log(b):
            low = a
        else:
            high = b
    peak = max((0.0, low, 0.5 * (low + high), high, end), key=log)
    floor = log(peak) - drop
    return _crossing(log, peak, 0.0, floor), peak, _crossing(log, peak, end, floor)


def _crossing(log: Real, inside: float, outside: float, floor: float) -> float:
    """A place between the two, not far outside of where the function falls below the floor."""
    value = log(outside)
    while value < floor - _NEAR:
        middle = 0.5 * (inside + outside)
        if not min(inside, outside) < middle < max(inside, outside):
            break
        if (there := log(middle)) < floor:
            outside, value = middle, there
        else:
            inside = middle
    return outside


@dataclass(frozen=True)
class Panel:
    """A piece of the range: Gauss-Legendre nodes and their weights times exp(log - top)."""

    left: float
    right: float
    nodes: list[tuple[float, float]]


class Panels:
    """What is needed to integrate many functions times exp(log(x) - top), ``log`` concave.

    Up to ``flat_from`` panels are no wider than ``widest``, the scale on which the functions
    change; beyond it the functions are taken to be smooth.
    """

    def __init__(
        self, log: Real, top: float, edges: list[float], widest: float, flat_from: float
    ) -> None:
        self._log, self._top = log, top
        self._panels: list[Panel] = []
        for begin, end in pairwise(edges):
            if begin < end:
                self._divide(begin, end, widest, flat_from)

    def _divide(self, begin: float, end: float, widest: float, flat_from: float) -> None:
        log = self._log
        todo = [(begin, log(begin), end, log(end), 0)]
        while todo:
            left, log_left, right, log_right, depth = todo.pop()
            middle = 0.5 * (left + right)
            log_middle = log(middle)
            smooth = (
                abs(log_right - log_left) <= _MOVE
                and log_middle - 0.5 * (log_left + log_right) <= _BEND
                and (left >= flat_from or right - left <= widest)
            )
            if smooth or depth >= _DEEPEST:
                self._panels.append(Panel(left, right, self._nodes(left, right)))
            else:
                todo.append((left, log_left, middle, log_middle, depth + 1))
                todo.append((middle, log_middle, right, log_right, depth + 1))

    def _nodes(self, left: float, right: float) -> list[tuple[float, float]]:
        middle, half = 0.5 * (left + right), 0.5 * (right - left)
        log, top = self._log, self._top
        return [
            (middle + half * x, half * weight * math.exp(log(middle + half * x) - top))
            for x, weight in gauss_legendre()
        ]

    def integral(self, function: Real, low: float, high: float) -> float:
        """The integral of function(x) exp(log(x) - top) over the part between low and high."""
        total = 0.0
        for panel in self._panels:
            if panel.right <= low or panel.left >= high:
                continue
            nodes = panel.nodes
            if panel.left < low or panel.right > high:
                nodes = self._nodes(max(panel.left, low), min(panel.right, high))
            total += sum(function(x) * weight for x, weight in nodes)
        return total
