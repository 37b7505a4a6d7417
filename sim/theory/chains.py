"""Finite Markov chains in continuous time: their states, and their stationary law.

References
----------
Stewart (1994), Introduction to the Numerical Solution of Markov Chains, ch. 2.
Grassmann, Taksar, Heyman (1985), Regenerative analysis and steady state distributions for
Markov chains, Operations Research 33.
"""

from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.theory.measures import require_count, require_positive

Floats = NDArray[np.float64]
State = TypeVar("State", bound=Hashable)

_DENSE = 200  # up to this many states by elimination without subtraction


def birth_death(births: ArrayLike, deaths: ArrayLike) -> Floats:
    """Stationary law of a birth-death chain on 0..K.

    ``births`` (K,) are the rates k -> k+1, ``deaths`` (K,) the rates k+1 -> k, all above
    zero, any one unit. Products are formed in logarithms: p_k ~ prod births / deaths
    [Cooper 1981, ch. 2]. Returns shape (K+1,), sum 1. ValueError for unequal lengths or
    rates that are not finite and above zero.
    """
    up = np.asarray(births, dtype=np.float64)
    down = np.asarray(deaths, dtype=np.float64)
    if up.ndim != 1 or up.shape != down.shape:
        raise ValueError("births and deaths must be two sequences of one length")
    if not (np.isfinite(up).all() and np.isfinite(down).all() and (up > 0).all()):
        raise ValueError("birth and death rates must be finite and above zero")
    if not (down > 0).all():
        raise ValueError("birth and death rates must be finite and above zero")
    logs = np.concatenate(([0.0], np.cumsum(np.log(up) - np.log(down))))
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def mmnk_m_states(
    arrival_rate_per_s: float,
    service_mean_s: float,
    n_agents: int,
    max_waiting: int,
    patience_mean_s: float | None = None,
) -> Floats:
    """Law of the number in system in M/M/n/n+K+M, K = ``max_waiting``; shape (n+K+1,).

    Death rates min(k, n)/service_mean + (k-n)^+/patience_mean; patience None is endless.
    The same for every order of service that does not look at patience or service time.
    """
    rate = require_positive("arrival_rate_per_s", arrival_rate_per_s)
    service = require_positive("service_mean_s", service_mean_s)
    n = require_count("n_agents", n_agents, 1)
    room = require_count("max_waiting", max_waiting, 0)
    theta = 0.0
    if patience_mean_s is not None:
        theta = 1.0 / require_positive("patience_mean_s", patience_mean_s)
    k = np.arange(1, n + room + 1, dtype=np.float64)
    deaths = np.minimum(k, n) / service + theta * np.maximum(k - n, 0.0)
    return birth_death(np.full(n + room, rate), deaths)


def explore(
    start: State,
    moves: Callable[[State], Iterable[tuple[State, float]]],
    max_states: int = 200_000,
) -> tuple[list[State], Any]:
    """All states that can be reached from ``start``, and the chain's generator.

    ``moves(state)`` yields (next state, rate); rates to one state add up, moves to the same
    state count for nothing. Returns the states in order of discovery and the generator as a
    scipy sparse matrix (CSC, shape (S, S), rows sum to zero). ValueError above
    ``max_states``.
    """
    from scipy import sparse

    index = {start: 0}
    states = [start]
    todo = deque([start])
    rows: list[int] = []
    columns: list[int] = []
    rates: list[float] = []
    while todo:
        state = todo.popleft()
        here = index[state]
        for target, rate in moves(state):
            if rate == 0.0 or target == state:
                continue
            there = index.get(target)
            if there is None:
                there = len(states)
                if there >= max_states:
                    raise ValueError(f"the chain has more than {max_states} states")
                index[target] = there
                states.append(target)
                todo.append(target)
            rows += (here, here)
            columns += (there, here)
            rates += (rate, -rate)
    size = len(states)
    return states, sparse.coo_matrix((rates, (rows, columns)), shape=(size, size)).tocsc()


def stationary(generator: Any) -> Floats:
    """Stationary law p of an irreducible chain: p Q = 0, sum 1; shape (S,).

    ``generator`` (S, S) is dense or scipy sparse, rows summing to zero. Small chains by the
    elimination of Grassmann, Taksar and Heyman, which subtracts nothing; larger ones by a
    sparse LU factorisation with one equation replaced by p_0 = 1, then scaled (Stewart 1994,
    section 2.3). ValueError for a matrix that is not a generator, or a chain that falls
    into parts.
    """
    from scipy import sparse
    from scipy.sparse.linalg import splu

    matrix = sparse.csc_matrix(generator, dtype=np.float64)
    size = matrix.shape[0]
    scale = float(np.abs(matrix.diagonal()).max()) if size else 0.0
    if matrix.shape != (size, size) or size == 0:
        raise ValueError("a generator must be a square matrix")
    if np.abs(np.asarray(matrix.sum(axis=1))).max() > 1e-9 * max(scale, 1e-300):
        raise ValueError("the rows of a generator must sum to zero")
    if size == 1:
        return np.ones(1)
    parts, _ = sparse.csgraph.connected_components(matrix, directed=True, connection="strong")
    if parts > 1:
        raise ValueError(f"the chain falls into {parts} parts that don't all reach each other")
    if size <= _DENSE:
        return _gth(matrix.toarray())
    reduced = matrix.T.tocsc()[1:, :]
    solved = splu(reduced[:, 1:].tocsc()).solve(-reduced[:, 0].toarray().ravel())
    law = np.concatenate(([1.0], np.maximum(solved, 0.0)))
    return np.asarray(law / law.sum())


def _gth(matrix: Floats) -> Floats:
    rates = matrix.copy()
    np.fill_diagonal(rates, 0.0)
    size = len(rates)
    for k in range(size - 1, 0, -1):
        rates[:k, k] /= rates[k, :k].sum()
        rates[:k, :k] += np.outer(rates[:k, k], rates[k, :k])
    law = np.ones(size)
    for k in range(1, size):
        law[k] = law[:k] @ rates[:k, k]
    return np.asarray(law / law.sum())
