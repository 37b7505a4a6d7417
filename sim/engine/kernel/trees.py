"""Who is next: a tournament over fixed places, and a heap for what comes and goes.

The tournament holds a time for each place (an agent, a queue) in a complete binary tree whose
inner nodes repeat the earlier of their two children. Setting a place walks once to the root,
whatever the order of times: log2(places) steps without a branch that could be mispredicted.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


def leaves_for(places: int) -> int:
    """The number of leaves of a tournament of so many places: a power of two."""
    return 1 << max(places - 1, 0).bit_length()


@njit(inline="always")
def set_time(
    times: NDArray[np.float64], who: NDArray[np.int64], leaves: int, place: int, at: float
) -> None:
    """Set the time of `place`; ties go to the lower place. O(log places)."""
    node = leaves + place
    t, w = at, np.int64(place)
    times[node] = t
    while node > 1:
        other = node ^ 1
        o_t, o_w = times[other], who[other]
        wins = (o_t < t) | ((o_t == t) & (o_w < w))
        t = o_t if wins else t
        w = o_w if wins else w
        node >>= 1
        times[node] = t
        who[node] = w


@njit(inline="always")
def set_time_numbered(
    times: NDArray[np.float64],
    who: NDArray[np.int64],
    numbers: NDArray[np.int64],
    leaves: int,
    place: int,
    at: float,
) -> None:
    """The same where ties go to the place with the lower of `numbers`. O(log places)."""
    node = leaves + place
    t, w = at, np.int64(place)
    times[node] = t
    while node > 1:
        other = node ^ 1
        o_t, o_w = times[other], who[other]
        if o_t < t or (o_t == t and numbers[o_w] < numbers[w]):
            t, w = o_t, o_w
        node >>= 1
        times[node] = t
        who[node] = w


@njit
def before(
    at: NDArray[np.float64], number: NDArray[np.int64], i: int, j: int
) -> bool:
    """Whether heap entry i comes before entry j: by time, then number (call and kind)."""
    return at[i] < at[j] or (at[i] == at[j] and number[i] < number[j])


@njit
def push(
    at: NDArray[np.float64],
    number: NDArray[np.int64],
    owner: NDArray[np.int64],
    size: int,
    t: float,
    n: int,
    o: int,
) -> None:
    """Add (t, n, o) to a heap of `size` entries. O(log size)."""
    i = size
    while i > 0:
        up = (i - 1) >> 1
        if at[up] < t or (at[up] == t and number[up] <= n):
            break
        at[i], number[i], owner[i] = at[up], number[up], owner[up]
        i = up
    at[i], number[i], owner[i] = t, n, o


@njit
def pop(
    at: NDArray[np.float64], number: NDArray[np.int64], owner: NDArray[np.int64], size: int
) -> None:
    """Remove the first of `size` entries. O(log size)."""
    last = size - 1
    t, n, o = at[last], number[last], owner[last]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= last:
            break
        if child + 1 < last and before(at, number, child + 1, child):
            child += 1
        if t < at[child] or (t == at[child] and n <= number[child]):
            break
        at[i], number[i], owner[i] = at[child], number[child], owner[child]
        i = child
    at[i], number[i], owner[i] = t, n, o
