"""The points of sweeps: grids and samples."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.experiment.design import Design, grid, sample
from sim.scenario.units import parse_duration, parse_rate

WORDS = st.text("abcxyz0123456789", min_size=1, max_size=5)
EXPECTED = {
    "random": [
        ("5.96997/min", "20", "3836.33s", "18.04%", "0.612705", "y"),
        ("8.82116/min", "63", "571.478s", "10.6298%", "0.38017", "y"),
    ],
    "sobol": [
        ("5.87589/min", "62", "2497.48s", "16.3978%", "1.12308", "x"),
        ("7.87589/min", "12", "6067.48s", "11.3978%", "0.373076", "y"),
    ],
}
AXES = st.lists(st.lists(WORDS, min_size=1, max_size=5), min_size=1, max_size=4)


def points(design: Design) -> list[tuple[str, ...]]:
    """All points, in their order."""
    return [design.point(i) for i in range(len(design))]


@given(AXES)
def test_a_grid_is_the_product_in_order(axes: list[list[str]]) -> None:
    """Claim: every combination once, the last path changing fastest, as itertools.product."""
    design = grid([f"p{i}.x={','.join(values)}" for i, values in enumerate(axes)])
    assert points(design) == list(itertools.product(*axes))
    assert design.paths == tuple(f"p{i}.x" for i in range(len(axes)))
    for number in range(len(design)):
        pairs = [change.split("=", 1) for change in design.changes(number)]
        assert tuple(value for _, value in pairs) == design.point(number)


@given(st.integers(-50, 50), st.integers(0, 60), st.integers(1, 9), st.lists(WORDS, max_size=3))
def test_ranges_and_lists_mix(low: int, more: int, step: int, words: list[str]) -> None:
    """Claim: LOW..HIGH:STEP is Python's range with its end, among other values of a list."""
    text = ",".join([f"{low}..{low + more}:{step}", *words])
    assert [p[0] for p in points(grid([f"a={text}"]))] == [
        *map(str, range(low, low + more + 1, step)),
        *words,
    ]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ([], "--set PATH=VALUES"),
        (["a"], "PATH=VALUE"),
        (["a="], "a value is missing"),
        (["a=1,,2"], "a value is missing"),
        (["a=3..1"], "ends before it begins"),
        (["a=1", "b=2", "a=3"], "`a` is set twice"),
        (["queues[0].x=1", "queues.[0].x=3"], "is set twice"),
        (["a=5/min..9/min"], "--sample"),
        (["a=0.1..0.9"], "--sample"),
        (["a=60s..2min"], "--sample"),
        (["a=1..10000", "b=1..10000"], "100,000,000 points"),
    ],
)
def test_bad_grids_are_refused(settings: list[str], message: str) -> None:
    """Claim: what is no grid says why."""
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        grid(settings)


@pytest.mark.parametrize("spec", ["sobol", "sobol:0", "halton:5", "random:-1", "random:1e3", ""])
def test_bad_samples_are_refused(spec: str) -> None:
    """Claim: only METHOD:N with a positive N is a sample."""
    with pytest.raises(ValueError, match="METHOD:N"):
        sample(["a=1..2"], spec, 1)


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_samples_are_reproducible(method: str) -> None:
    """Claim: the same seed gives the same sample; another seed another one; a longer one begins
    with the shorter one, and another path changes no value of the first in a random sample."""
    settings = ["a.rate=5/min..9/min", "b=8..16", "c=x,y"]
    one = sample(settings, f"{method}:40", 7)
    assert sample(settings, f"{method}:40", 7) == one
    assert points(sample(settings, f"{method}:40", 8)) != points(one)
    assert points(sample(settings, f"{method}:70", 7))[:40] == points(one)
    if method == "random":
        alone = sample(settings[1:2], "random:40", 7)
        assert [p[0] for p in points(alone)] == [p[1] for p in points(one)]


def test_samples_keep_their_values() -> None:
    """Claim: two known points of each method, so that no library's version changes a sample."""
    settings = ["a=5/min..9/min", "b=1..100", "c=1min..2h", "d=10%..20%", "e=0..1.5", "f=x,y"]
    assert points(sample(settings, "random:2", 1)) == EXPECTED["random"]
    assert points(sample(settings, "sobol:2", 1)) == EXPECTED["sobol"]


@pytest.mark.parametrize("method", ["sobol", "random"])
def test_samples_stay_inside(method: str) -> None:
    """Claim: numbers lie in their range, whole ones take both ends, texts each value."""
    settings = ["a=5/min..9/min", "b=8..10", "c=30s..2min", "d=1..2.5", "e=x,y,z"]
    rates, whole, spans, plain, texts = zip(
        *points(sample(settings, f"{method}:128", 3)), strict=True
    )
    assert all(5 / 60 <= parse_rate(rate) <= 9 / 60 + 1e-12 for rate in rates)
    assert set(whole) == {"8", "9", "10"}
    assert all(30 <= parse_duration(span) <= 120 for span in spans)
    assert all(1 <= float(number) <= 2.5 for number in plain)
    assert set(texts) == {"x", "y", "z"}


def test_a_sobol_sample_fills_evenly() -> None:
    """Claim: of 2^k points each of 2^k equal intervals holds one, in each dimension (Owen)."""
    design = sample(["a=0.0..1.0", "b=0.0..1.0", "c=0.0..1.0"], "sobol:64", 5)
    for column in np.array(points(design), float).T:
        assert sorted(np.floor(column * 64).clip(0, 63)) == list(range(64))
