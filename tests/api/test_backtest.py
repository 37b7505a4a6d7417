"""`sim.backtest`: the command's document, a table, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import sim
from sim.cli.app import main
from verification.backtest_models import DAY
from verification.simulated_logs import log_of


@pytest.fixture
def day() -> sim.Scenario:
    return sim.loads(DAY)


def test_same_document_as_the_command(
    day: sim.Scenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The function gives what the command prints, of the folder of a run."""
    scenario, folder = tmp_path / "day.yaml", tmp_path / "log"
    scenario.write_text(DAY, encoding="utf-8")
    main(["run", str(scenario), "--replications", "4", "--seed", "5", "-q", "--out", str(folder)])
    capsys.readouterr()
    options = ["--to", "2026-03-04", "--replications", "90", "--json", "-q"]
    assert main(["backtest", str(scenario), str(folder), *options]) == 0
    printed = json.loads(capsys.readouterr().out)
    found = sim.backtest(day, folder, last="2026-03-04", replications=90)
    assert found.outcome == "within" and found.fits
    made = json.loads(json.dumps(found.document))
    assert {**made, "elapsed_s": 0.0} == {**printed, "elapsed_s": 0.0}


def test_the_table_and_what_is_shown(day: sim.Scenario) -> None:
    """A row per metric; of several queues by subject too; text and HTML say the same."""
    found = sim.backtest(day, log_of(day.model, 3, 2), replications=90)
    frame = found.frame()
    assert frame.index.name == "metric" and frame.loc["abandonment", "outcome"] == "within"
    assert (frame["low"] <= frame["predicted"]).all()
    assert "lies within the prediction" in str(found)
    html = found._repr_html_().replace("<br>", "<br/>")
    assert "lies within the prediction" in "".join(ET.fromstring(html).itertext())
    assert repr(found) == "<Backtest of 'short day' on 3 days: within>"


def test_what_is_refused(day: sim.Scenario, tmp_path: Path) -> None:
    """Errors say what is wrong: a path for a scenario, days that there are not, no such file."""
    log = log_of(day.model, 1, 1)
    with pytest.raises(TypeError, match="found str"):
        sim.backtest("day.yaml", log)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`x` is no kind of day"):
        sim.backtest(day, log, days="x")
    with pytest.raises(ValueError, match="'theirs' is not a valid"):
        sim.backtest(day, log, arrivals="theirs")
    with pytest.raises(sim.ScenarioError, match=r"nothing\.csv"):
        sim.backtest(day, tmp_path / "nothing.csv")
