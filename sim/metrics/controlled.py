"""Control variates: an estimate corrected by what else is known of its replications.

Some things about a replication have an expectation that is known exactly, such as the work that
its callers bring. If the sample has had too much of it, an estimate that goes with it is off in a
known direction. With c_r the controls of replication r less their expectations, u_r its influence
on the estimate and b the least-squares coefficients of u on c,

    value - b c_mean

has the variance of what c leaves unexplained (Lavenberg and Welch, "A perspective on the use of
control variables to increase the efficiency of Monte Carlo simulations", Management Science 27,
1981). For a ratio u is its linearisation, so that this is the ratio of the controlled means to the
first order (Glynn and Szechtman, "Some new perspectives on the method of control variates", in
*Monte Carlo and Quasi-Monte Carlo Methods 2000*, 2002). The coefficients are estimated from the
same sample: a bias that falls with 1/R, as that of the ratio itself, and q degrees of freedom.
"""

from __future__ import annotations

import math

import numpy as np

from sim.metrics.estimates import CONFIDENCE, Estimate, Floats, t_quantile

LEAST_DEGREES = 8
"""Degrees of freedom that must be left; with fewer, estimated coefficients cost more than they
gain."""
_NEW = 1e-6
"""A control of which less than this share is not in those before it says nothing of its own."""


class Controls:
    """Some controls, shape (replications, q), each with expectation 0, ready to correct estimates
    over the same replications."""

    def __init__(self, controls: Floats) -> None:
        mean, self._basis = controls.mean(axis=0), _basis(controls)
        # In the orthonormal basis of the centred controls S is the identity.
        self._mean = np.linalg.lstsq(controls - mean, self._basis, rcond=None)[0].T @ mean
        self._weights = 1.0 - len(controls) * (self._basis @ self._mean)

    def corrected(
        self,
        found: Estimate,
        *,
        least: float = -math.inf,
        most: float = math.inf,
        confidence: float = CONFIDENCE,
    ) -> Estimate | None:
        """The estimate with the controls.

        The half-width is t, with R - q - 1 degrees of freedom, times the root of

            s^2 (1/R + c_mean' S^-1 c_mean),   s^2 = (sum of squared residuals) / (R - q - 1)

        with S the sums of squares and products of the centred controls (Lavenberg and Welch 1981;
        Nelson, "Control variate remedies", Operations Research 38, 1990, section 1): exact for
        jointly normal u and c. The influences are scaled to give the same standard error. `least`
        and `most` bound what the quantity can be. None where controls do not help: no interval, a
        replication without a part in the estimate, no control that varies, or too few replications.
        """
        u, (n, q) = found.influence, self._basis.shape
        if found.value is None or u is None or not np.isfinite(u).all():
            return None
        if q == 0 or n - q - 1 < LEAST_DEGREES:
            return None
        centred_u = u - float(np.mean(u))
        slopes = self._basis.T @ centred_u
        left = centred_u - self._basis @ slopes
        value = found.value - float(slopes @ self._mean)
        squares = float(left @ left) / (n - q - 1)
        error = math.sqrt(squares * (1.0 / n + float(self._mean @ self._mean)))
        half = t_quantile(n - q - 1, confidence) * error
        low, high = max(value - half, least), min(value + half, most)
        influence = left * self._weights
        own = math.sqrt(float(influence @ influence) / (n * (n - 1)))
        influence *= error / own if own > 0.0 else 1.0
        return Estimate(min(max(value, least), most), low, high, half, influence)


def controlled(
    found: Estimate,
    controls: Floats,
    *,
    least: float = -math.inf,
    most: float = math.inf,
    confidence: float = CONFIDENCE,
) -> Estimate | None:
    """The estimate with `controls`, shape (replications, q); see `Controls`."""
    return Controls(controls).corrected(found, least=least, most=most, confidence=confidence)


def _basis(controls: Floats) -> Floats:
    """Orthonormal columns that span the centred controls, one for each that says something new."""
    columns: list[Floats] = []
    for column in (controls - controls.mean(axis=0)).T:
        left = column
        for _ in range(2):  # twice is enough (Parlett, The Symmetric Eigenvalue Problem, 6.9)
            for known in columns:
                left = left - known * float(known @ left)
        size, whole = float(np.linalg.norm(left)), float(np.linalg.norm(column))
        if whole > 0.0 and size > _NEW * whole:
            columns.append(left / size)
    return np.stack(columns, axis=1) if columns else np.zeros((len(controls), 0))
