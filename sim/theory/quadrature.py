"""Adaptive Gauss-Legendre quadrature on panels, all panels at once.

A grid of panels with 16 nodes each serves many integrands, running integrals included: the
polynomial through a panel's nodes is integrated from the panel's start to each node.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]

ORDER = 16
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(ORDER)
_MAX_ROUNDS = 48
_MAX_PANELS = 200_000


def _running_matrix() -> Floats:
    """M with (M f)_i = the integral from -1 to node i of the polynomial through f."""
    values = np.polynomial.legendre.legvander(_NODES, ORDER)
    degree = np.arange(ORDER)
    running = np.empty((ORDER, ORDER))
    running[:, 0] = _NODES + 1.0
    for k in range(1, ORDER):
        running[:, k] = (values[:, k + 1] - values[:, k - 1]) / (2.0 * k + 1.0)
    coefficients = ((2.0 * degree + 1.0) / 2.0)[:, None] * values[:, :ORDER].T * _WEIGHTS
    return np.asarray(running @ coefficients, dtype=np.float64)


_RUNNING = _running_matrix()


@dataclass(frozen=True, eq=False)
class Grid:
    """Panels between ``edges`` (P+1 ascending values); ``x`` and ``w`` are (P, 16)."""

    edges: Floats
    x: Floats
    w: Floats

    def total(self, values: Floats) -> float:
        """The integral over the whole grid, of values at the nodes, shape (P, 16)."""
        return float(np.sum(values * self.w))

    def running(self, values: Floats) -> Floats:
        """The integral from the first edge to each node; shape (P, 16)."""
        panels = np.sum(values * self.w, axis=1)
        before = np.concatenate(([0.0], np.cumsum(panels)[:-1]))
        half = 0.5 * np.diff(self.edges)
        return np.asarray(before[:, None] + half[:, None] * (values @ _RUNNING.T))

    def below(self, function: Function, values: Floats, t: float) -> float:
        """The integral of ``function`` (``values`` at the nodes) from the first edge to t."""
        return self._part(function, values, t, True)

    def above(self, function: Function, values: Floats, t: float) -> float:
        """The integral of ``function`` (``values`` at the nodes) from t to the last edge."""
        return self._part(function, values, t, False)

    def _part(self, function: Function, values: Floats, t: float, below: bool) -> float:
        t = min(max(t, float(self.edges[0])), float(self.edges[-1]))
        panel = min(int(np.searchsorted(self.edges, t, side="right")) - 1, len(self.x) - 1)
        sums = np.sum(values * self.w, axis=1)
        start, end = (self.edges[panel], t) if below else (t, self.edges[panel + 1])
        half = 0.5 * (end - start)
        part = float(half * np.sum(_WEIGHTS * function(start + half * (_NODES + 1.0))))
        return part + float(np.sum(sums[:panel] if below else sums[panel + 1 :]))


def grid(edges: Floats) -> Grid:
    """The grid of the panels between the given ascending edges."""
    half = 0.5 * np.diff(edges)
    x = edges[:-1, None] + half[:, None] * (_NODES + 1.0)
    return Grid(edges, x, half[:, None] * _WEIGHTS)


def adaptive_grid(functions: Callable[[Floats], Floats], edges: Floats, noise: float = 0.0) -> Grid:
    """A grid on which all the functions are integrated to about 1e-13.

    ``functions`` maps nodes (P, 16) to values (F, P, 16). Panels are halved until the two
    halves agree with the whole: to 1e-12 (plus ``noise``, the relative rounding error of the
    functions) of the panel, or 1e-17 of the whole range. After
    48 halvings a panel is taken as it is (a jump then costs 1e-14 of its panel).
    """
    edges = np.unique(np.asarray(edges, dtype=np.float64))
    done: list[Floats] = []
    panels = np.column_stack((edges[:-1], edges[1:]))
    whole = _panel_sums(functions, panels)
    scale = np.sum(np.abs(whole), axis=1)
    count = 0
    for _ in range(_MAX_ROUNDS):
        middle = 0.5 * (panels[:, 0] + panels[:, 1])
        left = np.column_stack((panels[:, 0], middle))
        right = np.column_stack((middle, panels[:, 1]))
        left_sums, right_sums = _panel_sums(functions, left), _panel_sums(functions, right)
        both = left_sums + right_sums
        error = np.abs(whole - both)
        good = np.all(error <= (1e-12 + noise) * np.abs(both) + 1e-17 * scale[:, None], axis=0)
        good |= (middle <= panels[:, 0]) | (middle >= panels[:, 1])
        done.append(panels[good])
        count += int(good.sum())
        bad = ~good
        if not bad.any():
            break
        panels = np.concatenate((left[bad], right[bad]))
        whole = np.concatenate((left_sums[:, bad], right_sums[:, bad]), axis=1)
        if count + len(panels) > _MAX_PANELS:
            raise ValueError("an integrand is too rough to be integrated")
    else:
        done.append(panels)
    return grid(np.unique(np.concatenate(done)))


def integrate(function: Function, edges: Floats, noise: float = 0.0) -> float:
    """The integral of one function over the range of the edges, adaptively."""
    panels = adaptive_grid(lambda x: function(x)[None], edges, noise)
    return panels.total(function(panels.x))


def _panel_sums(functions: Callable[[Floats], Floats], panels: Floats) -> Floats:
    half = 0.5 * (panels[:, 1] - panels[:, 0])
    x = panels[:, :1] + half[:, None] * (_NODES + 1.0)
    return np.asarray(np.sum(functions(x) * _WEIGHTS, axis=2) * half)
