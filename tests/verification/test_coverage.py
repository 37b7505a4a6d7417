"""The coverage table, in short: fixed seeds, a few models, and intervals that are too narrow."""

from __future__ import annotations

from dataclasses import replace

from sim.metrics.estimates import Estimate
from verification.coverage import (
    DOCUMENT,
    Row,
    band,
    coverage,
    document,
    too_often,
    too_seldom,
)
from verification.coverage_models import (
    Covered,
    busy_at_the_start,
    covered_models,
    last_come,
    light,
)

EXPERIMENTS = 80


def narrowed(model: Covered) -> Covered:
    """The same with intervals of half the width."""

    def known(result):
        for metric, value, found in model.known(result):
            assert found.low is not None and found.high is not None
            low = found.value - 0.5 * (found.value - found.low)
            high = found.value + 0.5 * (found.high - found.value)
            yield metric, value, Estimate(found.value, low, high, found.half_width)

    return replace(model, known=known)


def test_intervals_hold_their_values():
    """Claim: 95 % intervals of three models, light and busy, in two orders of service and from two
    starts, hold the exact values as often as they say.

    20 rows of 80 experiments; the probability that chance takes any out of the band is at most
    1 % for the seeds, which are fixed.
    """
    rows = [
        row
        for model in (light(), last_come(), busy_at_the_start())
        for row in coverage(model, EXPERIMENTS, 1)
    ]
    assert len(rows) == 20
    assert not too_seldom(rows) and not too_often(rows)


def test_narrow_intervals_are_found():
    """Claim: intervals of half the width (67 % coverage) are reported, so are some that always
    hold."""
    narrow = coverage(narrowed(light()), EXPERIMENTS, 1)
    assert len(too_seldom(narrow)) == len(narrow)
    page = document([light()], narrow, seed=1)
    assert "lie below: light, service_level" in page
    always = Row("m", "wait_mean_s", 1.0, 500, below=0, above=0, half_width=0.1, deviation=0.0)
    assert too_often([always]) == [always]


def test_the_band_is_that_of_the_binomial_law():
    """Claim: of 1,000 intervals of one row each side is missed with at most 0.5 %, and as near to
    it as whole numbers allow; of 70 rows the band is wider."""
    from scipy.stats import binom

    least, most = band(1000, 1)
    assert binom.cdf(least - 1, 1000, 0.95) <= 0.005 < binom.cdf(least, 1000, 0.95)
    assert binom.sf(most, 1000, 0.95) <= 0.005 < binom.sf(most - 1, 1000, 0.95)
    wider = band(1000, 70)
    assert wider[0] < least and wider[1] > most


def test_a_row_counts_both_sides():
    """Claim: what is neither below nor above is held."""
    row = Row("m", "wait_mean_s", 1.0, 100, 2, 5, 0.1, 0.01)
    assert (row.held, row.coverage) == (93, 0.93)
    assert "| m | `wait_mean_s` | 1 | 0.1 | +0.100 | 2.0% | 5.0% | 93.00% |" in document(
        [], [row], seed=1
    )


def test_the_committed_page_is_of_these_models():
    """Claim: docs/coverage.md describes the models of today, and all its rows lie in the band."""
    page = DOCUMENT.read_text(encoding="utf-8")
    for model in covered_models():
        assert f"| {model.name} | {model.kind} | {model.text} |" in page
    assert "**All lie within.**" in page
