"""The verification of backtests: its verdict and its page, on a few rows."""

from __future__ import annotations

from dataclasses import replace

from scipy.stats import binom

from sim.calibration.backtest.judge import ArrivalsFrom
from verification.backtest import Row, document, false_logs, most, too_often, true_logs

TRUE = Row("one queue", "", ArrivalsFrom.SCENARIO, 10, 100, 5)
FALSE = Row("one queue", "an agent less", ArrivalsFrom.SCENARIO, 20, 25, 24)


def test_too_many_false_alarms_are_found() -> None:
    """A row is too high when chance makes such a one in a hundred times the rows at most."""
    assert binom.sf(most(100, 12), 100, 0.05) <= 0.01 / 12 < binom.sf(most(100, 12) - 1, 100, 0.05)
    assert not too_often([TRUE] * 12)
    assert too_often([TRUE] * 11 + [replace(TRUE, outside=most(100, 12) + 1)])


def test_the_page_tells_all() -> None:
    """Both tables, and a verdict that can be bad."""
    page = document([TRUE], [FALSE])
    assert "| one queue | `as-in-scenario` | 10 | 5 of 100 | 5.0% |" in page
    assert "| an agent less | `as-in-scenario` | 96% |" in page and "**All do.**" in page
    assert "**1 of 1 do not.**" in document([replace(TRUE, outside=40)], [FALSE])


def test_rows_are_made() -> None:
    """True logs of every model and both ways; a log of an agent less is found at once."""
    rows = list(true_logs(1, days=(1,)))
    assert len(rows) == 6 and all(row.logs == 1 for row in rows)
    less = next(row for row in false_logs(1, days=(5,)) if row.change == "one agent of three less")
    assert less.outside == 1
