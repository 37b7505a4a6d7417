"""M/M/n + M whose agents also let the phone ring and wrap up, each an exponential time.

References
----------
Stewart (1994), Introduction to the Numerical Solution of Markov Chains, ch. 2.
Kemeny, Snell (1960), Finite Markov Chains, ch. 3 (times and chances of absorption).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.theory.chains import explore, stationary
from sim.theory.measures import require_count, require_positive, require_queue

ENOUGH = 1e-12
"""The largest share of arrivals that the cut at the end of an unlimited line may turn away."""

_MAX_ROOM = 4096

# agents whose phone rings, who talk, who wrap up; calls without an agent
_State = tuple[int, int, int, int]


@dataclass(frozen=True)
class StageMeasures:
    """Stationary measures. A call waits until it is answered: ringing is waiting.

    ``blocked_share`` of the offered calls; of the joined ones ``abandonment``, ``delayed`` (not
    answered at the instant of joining: with a ring, all), ``wait_mean_s``; ``asa_s`` of the
    answered. ``queue_length_mean``: waiting or ringing, by time. ``occupancy``: ringing, talking
    or wrapping up; ``utilisation``: talking. ``cut_share``: arrivals turned away only because the
    chain's line is cut, at most 1e-12 of them (0 with ``max_waiting`` given).
    """

    blocked_share: float
    abandonment: float
    delayed: float
    asa_s: float
    wait_mean_s: float
    queue_length_mean: float
    occupancy: float
    utilisation: float
    cut_share: float


def mmn_stages(
    arrival_rate_per_s: float,
    service_mean_s: float,
    n_agents: int,
    *,
    patience_mean_s: float | None = None,
    ring_mean_s: float = 0.0,
    wrap_up_mean_s: float = 0.0,
    max_waiting: int | None = None,
) -> StageMeasures:
    """M/(ring M, talk M, wrap-up M)/n (+M), first come first served.

    A call that gets an agent lets the phone ring for an exponential time (0: not at all), while
    its patience runs on; a caller who hangs up meanwhile frees the agent at once. Then they talk,
    then the agent wraps up (0: not at all). All exponential, so (ringing, talking,
    wrapping up, waiting) is a Markov chain. Calls whose phone rings take no room in line.

    With a Poisson stream arrivals see time averages; abandonment is the patience rate times the
    mean wait. ``asa_s`` from the chain of one caller and those ahead: with a(s) the chance to be
    answered from state s, E[wait; answered] = E sum of a over the time spent (Kemeny and Snell).
    An unlimited line is cut where it turns away at most 1e-12 of the arrivals. ValueError for
    invalid parameters, and when nothing limits the line (endless patience, and the agents' time
    for all calls is at or above their number).
    """
    n, rate, service, _ = require_queue(arrival_rate_per_s, service_mean_s, n_agents)
    mu, theta = 1.0 / service, 0.0
    if patience_mean_s is not None:
        theta = 1.0 / require_positive("patience_mean_s", patience_mean_s)
    rho = 1.0 / require_positive("ring_mean_s", ring_mean_s) if ring_mean_s else np.inf
    nu = 1.0 / require_positive("wrap_up_mean_s", wrap_up_mean_s) if wrap_up_mean_s else np.inf
    busy_s = service + ring_mean_s + wrap_up_mean_s
    if max_waiting is None and theta == 0.0 and rate * busy_s >= n:
        raise ValueError(
            f"{rate * busy_s:g} erlangs of work are at or above the {n} agents and nothing ends "
            "the waiting: the queue grows without bound"
        )
    room = 32 if max_waiting is None else require_count("max_waiting", max_waiting, 0)
    ringing, talking = (1, 0) if ring_mean_s else (0, 1)

    def start(r: int, b: int, u: int, w: int) -> _State:
        return (r + ringing, b + talking, u, w)

    def freed(r: int, b: int, u: int, w: int) -> _State:
        """An agent is free, already taken out of r, b, u."""
        return start(r, b, u, w - 1) if w else (r, b, u, w)

    def moves(state: _State) -> Iterable[tuple[_State, float]]:
        r, b, u, w = state
        if r + b + u < n:
            yield start(r, b, u, w), rate
        elif w < room:
            yield (r, b, u, w + 1), rate
        if r:
            yield (r - 1, b + 1, u, w), r * rho
            yield freed(r - 1, b, u, w), r * theta
        if b:
            yield (r, b - 1, u + 1, w) if wrap_up_mean_s else freed(r, b - 1, u, w), b * mu
        if u:
            yield freed(r, b, u - 1, w), u * nu
        if w:
            yield (r, b, u, w - 1), w * theta

    while True:
        states, generator = explore((0, 0, 0, 0), moves)
        law = stationary(generator)
        r, b, u, w = np.array(states).T
        nobody = r + b + u == n
        full = float(law @ (nobody & (w == room)))
        if max_waiting is not None or full <= ENOUGH:
            break
        room *= 2
        if room > _MAX_ROOM:
            raise ValueError(f"more than {_MAX_ROOM} calls may wait: too long a line")

    own = _own_ring(rho, theta)
    chance, answered_s = _one_caller(n, room, mu, theta, rho, nu)
    answered = waits = 0.0
    for p, state in zip(law.tolist(), states, strict=True):
        if sum(state[:3]) < n:
            answered, waits = answered + p * own[0], waits + p * own[1]
        elif state[3] < room:
            answered, waits = answered + p * chance[state], waits + p * answered_s[state]
    blocked = full if max_waiting is not None else 0.0
    joined = 1.0 - full
    length = float(law @ (r + w))
    wait = length / (rate * joined)
    return StageMeasures(
        blocked_share=blocked,
        abandonment=theta * wait,
        delayed=1.0 if ring_mean_s else float(law @ (nobody & (w < room))) / joined,
        asa_s=waits / answered,
        wait_mean_s=wait,
        queue_length_mean=length,
        occupancy=float(law @ (r + b + u)) / n,
        utilisation=float(law @ b) / n,
        cut_share=0.0 if max_waiting is not None else full,
    )


def _own_ring(rho: float, theta: float) -> tuple[float, float]:
    """P(answered) and E[ring; answered] of a caller whose agent's phone begins to ring."""
    if not np.isfinite(rho):
        return 1.0, 0.0
    return rho / (rho + theta), rho / (rho + theta) ** 2


def _one_caller(
    n: int, room: int, mu: float, theta: float, rho: float, nu: float
) -> tuple[dict[_State, float], dict[_State, float]]:
    """P(answered) and E[wait; answered] of a caller who waits, by (r, b, u, callers ahead).

    Who comes later is of no account. Absorbed with an agent of the caller's own: if the phone
    rings the answer is then still open.
    """
    from scipy import sparse
    from scipy.sparse.linalg import spsolve

    has_ring, has_wrap = np.isfinite(rho), np.isfinite(nu)
    answered, ring_s = _own_ring(rho, theta)
    states = [
        (r, n - r - u, u, ahead)
        for r in range(n + 1 if has_ring else 1)
        for u in range(n - r + 1 if has_wrap else 1)
        for ahead in range(room)
    ]
    index = {state: i for i, state in enumerate(states)}
    rows, columns, rates = [], [], []
    agent = np.zeros(len(states))  # the rate of getting an agent
    for here, (r, b, u, ahead) in enumerate(states):
        exits = [((r - 1, b + 1, u), r * rho if r else 0.0)]
        gone = theta * (1 + ahead)
        out = gone + exits[0][1] + r * theta + b * mu + (u * nu if u else 0.0)
        if has_wrap:
            exits.append(((r, b - 1, u + 1), b * mu))
        frees = [((r - 1, b, u), r * theta), ((r, b, u - 1), u * nu if u else 0.0)]
        if not has_wrap:
            frees.append(((r, b - 1, u), b * mu))
        targets = [((*to, ahead), by) for to, by in exits]
        if ahead:
            targets.append(((r, b, u, ahead - 1), theta * ahead))
            targets += [
                ((a + has_ring, c + (not has_ring), d, ahead - 1), by) for (a, c, d), by in frees
            ]
        else:
            agent[here] = sum(by for _, by in frees)
        for to, by in targets:
            if by > 0.0:
                rows.append(here)
                columns.append(index[to])
                rates.append(-by)
        rows.append(here)
        columns.append(here)
        rates.append(out)
    if not states:
        return {}, {}
    leave = sparse.coo_matrix((rates, (rows, columns)), shape=(len(states),) * 2).tocsc()
    chance = spsolve(leave, agent * answered)
    waits = spsolve(leave, chance + agent * ring_s)
    return (
        dict(zip(states, chance.tolist(), strict=True)),
        dict(zip(states, waits.tolist(), strict=True)),
    )
