"""Markov chains at a time: how a law or a cost changes while the rates stay as they are.

References
----------
Jensen (1953), Markoff chains as an aid in the study of Markoff processes, Skandinavisk
Aktuarietidskrift 36 (uniformisation).
Stewart (1994), Introduction to the Numerical Solution of Markov Chains, ch. 8.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_JUMPS = 400.0  # expected jumps of one step: few enough for exp(-jumps) to be a number
_TAIL = 1e-17  # of the Poisson law of the number of jumps in a step


def advance(matrix: Any, vectors: Floats, time_s: float) -> tuple[Floats, Floats]:
    """exp(A t) v and its integral from 0 to t, for A a generator or its transpose.

    ``matrix`` (S, S) is scipy sparse: Q transposed, with a law (S,), gives the law at ``time_s``
    and the expected seconds spent in each state until then; Q itself, with a cost c (S,), gives
    E c(X_t) and E int_0^t c(X_s) ds by the state at the start. ``vectors`` may have
    further columns (S, V).

    By uniformisation: with L the largest rate of leaving a state and N a Poisson variable of
    mean L t, exp(A t) = sum_k P(N = k) (I + A/L)^k and the integral has the weights
    P(N > k)/L. Nothing is subtracted. What is cut off is below 1e-17 of the whole for each 400
    expected jumps. ValueError for a negative time.
    """
    from scipy import sparse, special

    if not time_s >= 0.0:
        raise ValueError(f"a time must be zero or more seconds, got {time_s}")
    here = np.array(vectors, dtype=np.float64)
    spent = np.zeros_like(here)
    fastest = float(np.abs(matrix.diagonal()).max())
    if time_s == 0.0 or fastest == 0.0:
        return here, here * time_s
    steps = math.ceil(fastest * time_s / _JUMPS)
    jumps = fastest * time_s / steps
    k = np.arange(math.ceil(jumps + 10.0 * math.sqrt(jumps) + 25.0))
    later = special.pdtrc(k, jumps)  # P(N > k)
    k = k[: int(np.argmax(later < _TAIL)) + 1]
    exactly = np.exp(k * math.log(jumps) - jumps - special.gammaln(k + 1.0)).tolist()
    beyond = (later[: len(k)] / fastest).tolist()
    jump = (sparse.identity(matrix.shape[0], format="csr") + matrix / fastest).tocsr()
    for _ in range(steps):
        power = here
        here, spent = exactly[0] * power, spent + beyond[0] * power
        for now, after in zip(exactly[1:], beyond[1:], strict=True):
            power = jump @ power
            here += now * power
            spent += after * power
    return here, spent
