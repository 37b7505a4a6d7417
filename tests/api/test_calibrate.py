"""`sim.calibrate`: the command's document and scenario, what is shown, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import sim
from sim.cli.app import main
from verification.backtest_models import DAY
from verification.simulated_logs import log_of


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of six days."""
    folder = tmp_path_factory.mktemp("real")
    scenario = folder / "day.yaml"
    scenario.write_text(DAY, encoding="utf-8")
    main(["run", str(scenario), "--replications", "6", "-q", "--out", str(folder / "log")])
    return folder / "log"


def test_the_same_as_the_command(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The function gives the scenario and the document that the command prints."""
    capsys.readouterr()
    options = ["--to", "2026-03-05", "--interval", "1h", "--agents", "team=4"]
    assert main(["calibrate", str(log), *options, "--json", "-q"]) == 0
    printed = json.loads(capsys.readouterr().out)
    found = sim.calibrate(log, last="2026-03-05", interval="1h", agents={"team": 4})
    assert json.loads(json.dumps(found.document)) == printed
    assert found.text == printed["scenario"]
    assert sum(group.count for group in found.scenario.model.agents) == 4


def test_from_a_log_to_a_prediction_that_holds(log: Path) -> None:
    """The fitted scenario runs like any other, and the log lies within its prediction."""
    found = sim.calibrate(log)
    assert sim.run(found.scenario, replications=2).frame().loc["total", "offered"] > 0
    assert sim.backtest(found.scenario, log, replications=100).fits


def test_what_is_shown(log: Path) -> None:
    """Text and HTML tell the same tables."""
    found = sim.calibrate(log, name="ours")
    assert repr(found) == "<Calibration of 'ours' on 6 days>"
    assert "Conversations" in str(found)
    html = found._repr_html_().replace("<br>", "<br/>")
    assert "Conversations" in "".join(ET.fromstring(html).itertext())


def test_what_is_refused(log: Path) -> None:
    """Errors say what is wrong: days, a queue, no such file, no such group."""
    with pytest.raises(ValueError, match="`x` is no kind of day"):
        sim.calibrate(log, days="x")
    with pytest.raises(sim.ScenarioError, match="nobody"):
        sim.calibrate(log, agents={"nobody": 3})
    with pytest.raises(sim.ScenarioError, match=r"nothing\.csv"):
        sim.calibrate("nothing.csv")


def test_a_history_that_was_read_serves() -> None:
    """A log need not be a file."""
    history = log_of(sim.loads(DAY).model, 4, 3)
    assert repr(sim.calibrate(history)).endswith("on 4 days>")
