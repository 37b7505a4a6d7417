"""The figure of a calibration shows the numbers of its document."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim.calibration.fit.asked import asked
from sim.calibration.fit.calibrate import calibrate
from sim.calibration.fit.document import document
from sim.report.figures import FigureError, draw, names_for
from tests.calibration.fit.made import made
from tests.calibration.fit.simulated import history_of

TEXT = """
start: 2026-03-02 09:00
horizon: 2h
replications: 4
queues:
  - name: large
    arrivals: {rate: 80/h}
    service_time: {distribution: exponential, mean: 3min}
    patience: {distribution: exponential, mean: 2min}
  - {name: small, arrivals: {rate: 10/h}, service_time: 2min}
agents: [{name: team, count: 4}]
"""


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    return document(calibrate(history_of(TEXT, seed=1), asked()), "")


def test_curves_are_those_of_the_document(told: dict[str, Any]) -> None:
    """Of the queue with the most calls, the log's in steps and the law's dashed."""
    upper, lower = draw("fitted", told).axes
    for ax, part in ((upper, "service"), (lower, "patience")):
        curve = told["queues"][0][part]["curve"]
        seen, law = ax.get_lines()
        assert np.allclose(seen.get_xdata(), curve["at_s"])
        assert np.allclose(seen.get_ydata(), curve["observed"])
        assert np.allclose(law.get_ydata(), curve["fitted"])
    assert [text.get_text() for text in lower.get_legend().get_texts()] == [
        "in the log", told["queues"][0]["patience"]["fit"]["family"],
    ]  # fmt: skip


def test_another_queue_can_be_asked_for(told: dict[str, Any]) -> None:
    assert names_for(told) == ["fitted"]
    (line, _) = draw("fitted", told, queue="small").axes[0].get_lines()
    assert np.allclose(line.get_ydata(), told["queues"][1]["service"]["curve"]["observed"])
    with pytest.raises(FigureError, match="did you mean `small`"):
        draw("fitted", told, queue="smal")


def test_without_waits_the_panel_of_patience_says_so() -> None:
    n = 40
    calls = made(day=np.zeros(n, int), clock_s=9 * 3600.0 + 60.0 * np.arange(n))
    figure = draw("fitted", document(calibrate(calls, asked()), ""))
    assert [text.get_text() for text in figure.axes[1].texts] == ["no call waited"]
