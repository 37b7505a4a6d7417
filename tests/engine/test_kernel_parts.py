"""The kernel's parts, each against the obvious way to do the same."""

from __future__ import annotations

import random

import numpy as np
import pytest

from sim.engine import choices
from sim.engine.crew import nth_bit as nth_bit_by_halving
from sim.engine.growth import with_more_ranks, with_more_slots
from sim.engine.kernel import bits, records, trees
from sim.engine.lower import lower
from sim.engine.plant_records import SLOTS, due_times, tournament
from sim.engine.rules import Method, Order
from sim.engine.world import empty_world
from sim.experiment.replicate import Replicator
from sim.jit import entry
from sim.scenario.load import loads_scenario
from sim.scenario.model import Discipline, RoutingMethod


@entry
def _nth_bit(word: np.uint64, n: int) -> int:
    return bits.nth_bit(word, n)


@entry
def _draw(key: np.uint64, who: int, which: int) -> float:
    return bits.draw(key, who, which)


@entry
def _set_time(tree: np.ndarray, place: int, at: float) -> None:  # type: ignore[type-arg]
    trees.set_time(tree, place, at)


@entry
def _set_due(tree: np.ndarray, place: int, at: float, number: int) -> None:  # type: ignore[type-arg]
    trees.set_due(tree, place, at, number)


@entry
def _push(heap: np.ndarray, size: int, t: float, number: int, owner: int) -> None:  # type: ignore[type-arg]
    trees.push(heap, size, t, number, owner)


@entry
def _pop(heap: np.ndarray, size: int) -> None:  # type: ignore[type-arg]
    trees.pop(heap, size)


def test_the_nth_bit() -> None:
    """Claim: the branch-free selection finds the same bit as halving and as counting."""
    rng = random.Random(7)
    for _ in range(3000):
        word = rng.getrandbits(64) & (rng.getrandbits(64) | rng.getrandbits(64)) or 1 << 63
        places = [i for i in range(64) if word >> i & 1]
        n = rng.randrange(len(places))
        assert _nth_bit(np.uint64(word), n) == places[n] == nth_bit_by_halving(word, n)


def test_draws_are_pythons() -> None:
    """Claim: a draw is the same number in compiled code and in Python."""
    rng = random.Random(8)
    for _ in range(2000):
        key, who, which = rng.getrandbits(64), rng.randrange(10**9), rng.randrange(1000)
        assert _draw(np.uint64(key), who, which) == choices.draw(key, who, which)


def test_draws_are_uniform_over_who_and_which() -> None:
    """Claim: draws over a grid of callers and counts are uniform and uncorrelated with their
    neighbours (six standard errors of 40,000 draws: a chance of 2e-9 for each comparison)."""
    u = np.array([[_draw(np.uint64(99), who, n) for n in range(20)] for who in range(2000)])
    error = 6 / np.sqrt(u.size)
    assert abs(u.mean() - 0.5) < error * np.sqrt(1 / 12)
    for a, b in ((u[1:], u[:-1]), (u[:, 1:], u[:, :-1]), (u[1:, 1:], u[:-1, :-1])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < error


@pytest.mark.parametrize("places", [1, 2, 3, 50, 64, 65])
def test_the_tournament_knows_the_earliest(places: int) -> None:
    """Claim: after any settings the root is the least (time, place)."""
    rng = random.Random(places)
    tree = tournament(places)
    times = [np.inf] * places
    for _ in range(500):
        place = rng.randrange(places)
        times[place] = rng.choice([1.0, 2.0, 3.0, np.inf])
        _set_time(tree, place, times[place])
        least = min(times)
        assert tree["t"][1:2].view(np.float64)[0] == least
        if least < np.inf:
            assert tree[1]["who"] == times.index(least)


def test_the_heap_gives_its_entries_in_order() -> None:
    """Claim: pushes and pops in any order give the entries by (time, number)."""
    rng = random.Random(9)
    heap = np.zeros(200, records.DEADLINE)
    inside: list[tuple[float, int]] = []
    for number in range(1500):
        if inside and (len(inside) == 198 or rng.random() < 0.45):
            assert (heap[0]["t"], heap[0]["number"]) == min(inside)
            inside.remove(min(inside))
            _pop(heap, len(inside) + 1)
        else:
            t = float(rng.randrange(20))
            _push(heap, len(inside), t, number, 0)
            inside.append((t, number))


@pytest.mark.parametrize("places", [1, 2, 5, 8, 9])
def test_the_tournament_of_calls_knows_the_first_due(places: int) -> None:
    """Claim: after any settings the root is the least (time, number of the call)."""
    rng = random.Random(places)
    tree = due_times(places)
    calls: list[tuple[float, int]] = [(np.inf, 0)] * places
    for number in range(500):
        place = rng.randrange(places)
        at = rng.choice([0.0, 1.0, 2.0, np.inf])
        calls[place] = (at, rng.randrange(1000) * 1000 + number if at < np.inf else 0)
        _set_due(tree, place, *calls[place])
        at, first = min(calls)
        assert tree["t"][1:2].view(np.float64)[0] == at
        if at < np.inf:
            assert (tree[1]["number"], tree[1]["who"]) == (first, calls.index((at, first)))


def test_codes_are_named_as_the_scenario_names_them() -> None:
    """Claim: every routing method and discipline has its code, and no other exists."""
    assert [m.name for m in Method] == sorted((m.name for m in RoutingMethod), key=_place(Method))
    assert [o.name for o in Order] == sorted((d.name for d in Discipline), key=_place(Order))


def _place(codes: type[Method] | type[Order]):  # type: ignore[no-untyped-def]
    return lambda name: codes[name].value


CROWD = """
horizon: {horizon}s
replications: 1
queues:
  - {{name: a, discipline: random, arrivals: {{every: 1s}}, service_time: 40s, patience: 2000s}}
  - {{name: b, discipline: random, arrivals: {{every: 1s}}, service_time: 40s}}
  - {{name: c, priority: 1, arrivals: {{every: 3s}}, service_time: 40s, patience: 900s}}
agents: [{{name: g, count: 3}}]
"""


def test_room_grows_with_the_crowd() -> None:
    """Claim: thousands of waiting calls outgrow every first room, and both engines agree."""
    scenario = loads_scenario(CROWD.format(horizon=1800))
    simpy, compiled = (
        Replicator(scenario, engine=engine, keep_calls=True).run(0)
        for engine in ("simpy", "compiled")
    )
    assert simpy.sums.queue_peak[-1] > 4 * SLOTS
    assert simpy.sums.same_as(compiled.sums)
    assert simpy.calls is not None and compiled.calls is not None
    assert simpy.calls.leave.tobytes() == compiled.calls.leave.tobytes()
    assert simpy.calls.agent.tobytes() == compiled.calls.agent.tobytes()


def test_growing_keeps_what_is_there() -> None:
    """Claim: more room changes no waiting call and no rank."""
    scenario = loads_scenario(CROWD.format(horizon=10))
    replicator = Replicator(scenario)
    world = empty_world(lower(scenario), replicator.frame)
    world.frames["n_free"] = 0
    world.slots["number"] = np.arange(SLOTS)
    world.fenwick[:, SLOTS] = 5
    grown = with_more_ranks(with_more_slots(world))
    assert grown.slots["number"][:SLOTS].tolist() == list(range(SLOTS))
    assert set(grown.slots["number"][SLOTS:].tolist()) == {-1}
    assert sorted(grown.free[: int(grown.frames["n_free"][0])]) == list(range(SLOTS, 2 * SLOTS))
    assert grown.fenwick[:, SLOTS].tolist() == grown.fenwick[:, 2 * SLOTS].tolist() == [5, 5]
