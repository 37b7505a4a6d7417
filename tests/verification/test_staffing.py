"""The verification of staffing: its verdicts and its page, on a few rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.verification.test_published import CASE
from verification.staffing import Timed, all_hold, document, too_many
from verification.staffing_cases import Enumerated, Pool, Repeat, hardest

POOL = Pool("M/M/n+M", 9.5, 12, 12, False, 0.02, 400, 0.3)
PROBLEM = Enumerated(2, 40, 20_000, (1, 6), 8.5, 12.0, (1, 6), 8.5, 300, 400, 0.5)
REPEAT = Repeat("barely holds", 1, 12, 12, (0.1, 0.01), (True, True))


def test_what_is_no_plan_of_the_claims_fails() -> None:
    """One agent more must be told as undecided; a cost must be that of the enumeration."""
    assert all_hold([POOL], [PROBLEM], [REPEAT])
    assert all_hold([replace(POOL, plan=13, within=True)], [PROBLEM], [REPEAT])
    assert not all_hold([replace(POOL, plan=13)], [PROBLEM], [REPEAT])
    assert not all_hold([POOL], [replace(PROBLEM, plan_cost=9.0)], [REPEAT])
    assert all_hold([POOL], [replace(PROBLEM, plan_cost=9.0, slack_errors=2.0)], [REPEAT])


def test_false_certificates_are_counted() -> None:
    """Some are stated, many are not: a number that chance makes once in a thousand times."""
    false = replace(REPEAT, true_slacks=(0.1, -0.01))
    assert false.n_false == 1 and REPEAT.n_false == 0
    assert all_hold([POOL], [PROBLEM], [false] * 5 + [REPEAT] * 95)
    assert not all_hold([POOL], [PROBLEM], [false] * 20 + [REPEAT] * 80)
    assert too_many(15, 100) and not too_many(10, 100)


def test_the_page_tells_all() -> None:
    """Each table, and what differs."""
    page = document(
        [POOL, replace(POOL, plan=13, within=True)], [PROBLEM], [REPEAT],
        [Timed("a pool", 1.0, 0.9, 400)], CASE,
    )  # fmt: skip
    assert "2 random pools" in page and "| within the error |" in page
    assert "| 1 + 6 |" in page and "same cost" in page
    assert "| barely holds | 1 | 12 | 12: 1 times | 0, 0 |" in page
    assert "\n## A published case\n" in page


def test_the_hardest_pools_are_hard() -> None:
    """One agent fewer fails by less than two hundredths of a bound; as many hold by as little."""
    fails, holds = hardest()
    slacks = zip(fails.slacks(fails.optimum() - 1), fails.targets, strict=True)
    assert min(s / b for s, (_, _, b) in slacks) == pytest.approx(0.0, abs=0.02)
    slacks = zip(holds.slacks(holds.optimum()), holds.targets, strict=True)
    assert min(s / b for s, (_, _, b) in slacks) == pytest.approx(0.0, abs=0.02)
