"""A backtest on a real log: fifteen days of the Technion's bank (see tests/calibration).

The real rows are not part of this project: CALLSIM_DATA names the folder that holds them.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.calibration.backtest.days import Choice
from sim.calibration.backtest.judge import backtest
from sim.calibration.history import History, Outcome
from sim.calibration.read import read_log
from sim.scenario.load import loads_scenario

SCENARIO = """
name: regular calls
start: 1999-08-01 08:00
horizon: 9h
queues:
  - name: PS
    arrivals: {rate: 100/h}
    service_time: {distribution: lognormal, mean: 3min, cv: 1}
    patience: {distribution: exponential, mean: 5min}
agents: [{name: all, count: 6}]
"""


@pytest.fixture(scope="module")
def history() -> History:
    folder = os.environ.get("CALLSIM_DATA")
    if not folder:
        pytest.skip("CALLSIM_DATA does not name the folder with the Technion's data")
    return read_log([str(Path(folder) / "technion_1999-08_d01-15.csv.gz")])


def test_real_days(history: History) -> None:
    """What the log has is what plain sums over its rows give; a scenario made up is refuted."""
    choice = Choice.of("sun..thu", None, date(1999, 8, 11))
    found = backtest(loads_scenario(SCENARIO), history, choice=choice, replications=60)
    regular = history.of_queue("PS")
    day, clock = regular.days()
    wanted = (clock >= 8 * 3600) & (clock < 17 * 3600) & (day <= date(1999, 8, 11).toordinal())
    wanted &= ~np.isin(day % 7, [5, 6])  # proleptic ordinals: 1 is a Monday, so 5 and 6 end a week
    rows = regular.where(wanted)
    answered, ended = rows.answered(), np.isin(rows.outcome, (Outcome.ANSWERED, Outcome.ABANDONED))
    log = {row.column.metric: row.log.value for row in found.rows}
    n = np.unique(day[wanted]).size
    assert n == len(found.days) == 9
    assert log["incoming"] == pytest.approx(len(rows) / n)
    assert log["abandonment"] == pytest.approx(1 - answered.sum() / ended.sum())
    assert log["asa_s"] == pytest.approx(rows.wait_s[answered].mean())
    assert log["service_level"] == pytest.approx(
        (answered & (rows.wait_s <= 20.0)).sum() / ended.sum()
    )
    assert log["service_mean_s"] == pytest.approx(np.nanmean(rows.talk_s[answered]))
    assert found.outcome == "outside" and any("is not in the scenario" in n for n in found.notes)
