"""How long callers would stay, from what is seen of it: most are answered before they give up.

The product-limit estimator (Kaplan and Meier, Journal of the American Statistical Association 53,
1958) over all calls pooled, and its interval by the delta method over replications: calls of one
replication wait behind each other, so they are no sample by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.metrics.estimates import t_quantile

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Survival:
    """The share that would still stay after `at_s`; all of shape (points,).

    `low` and `high` are NaN where there is no interval.
    """

    at_s: Floats
    value: Floats
    low: Floats
    high: Floats


def product_limit(
    wait_s: Floats,
    gave_up: NDArray[np.bool_],
    replication: NDArray[np.int64],
    n_replications: int,
    at_s: Floats,
) -> Survival:
    """The product-limit estimate at the instants `at_s` (increasing).

    `wait_s`, `gave_up` and `replication`, shape (calls,), are how long each call waited, whether
    the caller ended it by giving up, and which replication it was in. At an instant t with N calls
    that waited at least t, of which d gave up at t, S falls by the factor 1 - d / N. Its
    logarithm's influence of a replication with n of the N and k of the d is
    n d / (N (N - d)) - k / (N - d), summed over the instants.
    """
    order = np.argsort(wait_s, kind="stable")
    wait, gone, who = wait_s[order], gave_up[order], replication[order]
    instants, first = np.unique(wait, return_index=True)
    ends = np.append(first[1:], wait.size)
    running = np.concatenate([[0], np.cumsum(gone)])
    deaths = (running[ends] - running[first]).astype(np.float64)
    at_risk = (wait.size - first).astype(np.float64)
    staying = at_risk - deaths
    with np.errstate(divide="ignore"):
        log_s = np.concatenate([[0.0], np.cumsum(np.log(staying / at_risk))])
    place = np.searchsorted(instants, at_s, side="right")
    value = np.exp(log_s[place])
    nan = np.full(at_s.size, np.nan)
    if n_replications < 2 or not wait.size:
        return Survival(at_s, value, nan, nan)
    safe = np.where(staying > 0, staying, np.inf)
    share = np.concatenate([[0.0], np.cumsum(deaths / (at_risk * safe))])
    own = np.searchsorted(instants, wait, side="right")
    """Of each call, the instants up to its own."""
    slot = np.searchsorted(at_s, wait, side="left")
    """The first point of `at_s` by which the call has left."""
    shape = n_replications, at_s.size + 1
    left = np.zeros(shape)
    np.add.at(left, (who, slot), share[own])
    number = np.zeros(shape)
    np.add.at(number, (who, slot), 1.0)
    lost = np.zeros(shape)
    np.add.at(lost, (who[gone], slot[gone]), 1.0 / safe[own[gone] - 1])
    left, lost = np.cumsum(left, axis=1)[:, :-1], np.cumsum(lost, axis=1)[:, :-1]
    here = number.sum(axis=1, keepdims=True) - np.cumsum(number, axis=1)[:, :-1]
    influence = n_replications * value * (left + here * share[place] - lost)
    error = np.sqrt((influence**2).sum(axis=0) / (n_replications * (n_replications - 1.0)))
    half = t_quantile(n_replications - 1) * error
    return Survival(at_s, value, np.maximum(value - half, 0.0), np.minimum(value + half, 1.0))
