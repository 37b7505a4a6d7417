"""The verification programme itself, on a few models and few calls."""

from __future__ import annotations

import math

import pytest

from verification.comparisons import Comparison, Model, compare, critical_z
from verification.days import one_day
from verification.models import models
from verification.one_queue import erlang_a, timeout_last_come
from verification.several_queues import tag_chain
from verification.theory import DOCUMENT, all_within, document

CALLS, REPLICATIONS = 12_000, 20


def test_models_agree_with_theory():
    """Abandonment, lifo with a timeout, and tags agree with theory.

    About 30 metrics within one Bonferroni band: two-sided error rate 1 % for the seed, which is
    fixed. Half-widths are 5 to 15 % of the values.
    """
    chosen = [erlang_a(), timeout_last_come(), tag_chain("priority")]
    rows = [row for found in _rows(chosen) for row in found]
    worst = max(rows, key=lambda row: abs(row.z))
    assert all_within(rows), worst


def test_a_wrong_theory_is_found():
    """A model whose theory is off by a fifth is reported as outside the band."""
    right = erlang_a()

    def wrong(result):
        return [(name, 1.2 * value, estimate) for name, value, estimate in right.known(result)]

    model = Model(right.name, right.text, right.scenario, right.calls_per_s, right.warmup_s, wrong)
    (rows,) = _rows([model])
    assert not all_within(rows)
    page = document([model], rows, seed=1, engine="simpy")
    assert "lie outside: " in page and "M/M/20+M, delayed" in page


def test_the_page_holds_every_comparison():
    """Each comparison is a row of the table, each model is described, the verdict is stated."""
    rows = [Comparison("M/M/1", "wait_mean_s", 10.0, 10.1, 0.3, 20, 1000)]
    page = document(models(), rows, seed=3, engine="simpy")
    assert "| M/M/1 | `wait_mean_s` | 10.000 | 10.100 | 0.300 | +0.70 | 20 | 1,000 |" in page
    assert all(f"| {model.name} | {model.text} |" in page for model in models())
    assert "**All 1 lie within.**" in page


def test_z_and_its_band():
    """z is the deviation over half-width / t; the band of one comparison is Student's own."""
    row = Comparison("m", "x", 1.0, 1.0 + 2.0930240544, 2.0930240544, 20, 1)
    assert row.z == pytest.approx(2.0930240544)
    assert row.p_value == pytest.approx(0.05)
    assert critical_z(1, 20) == pytest.approx(2.8609346)
    assert critical_z(100, 20) > critical_z(10, 20)


def test_values_without_spread_must_be_exact():
    """Where nothing varies, any deviation at all is infinite."""
    assert Comparison("m", "x", 0.0, 0.0, 0.0, 20, 1).z == 0.0
    assert math.isinf(Comparison("m", "x", 0.0, 1e-9, 0.0, 20, 1).z)


def test_whole_days_are_replications():
    """A day keeps its horizon and has no warm-up; it takes at least as many days as told."""
    model = one_day()
    days = model.sized(90_000, 20, 7)
    assert (days.horizon_s, days.warmup_s) == (model.scenario.horizon_s, 0.0)
    assert (days.replications, days.seed) == (100, 7)
    assert model.sized(900, 20, 7).replications == 20
    (rows,) = _rows([model])
    assert {row.replications for row in rows} == {20}
    assert all_within(rows)


def test_the_committed_page_is_of_these_models():
    """docs/validation.md describes the models of today, and says that they agree with theory."""
    page = DOCUMENT.read_text(encoding="utf-8")
    assert all(f"| {model.name} | {model.text} |" in page for model in models())
    assert "lie within.**" in page and "lie outside" not in page


def _rows(chosen: list[Model]) -> list[list[Comparison]]:
    return list(compare(chosen, calls=CALLS, replications=REPLICATIONS, seed=1))
