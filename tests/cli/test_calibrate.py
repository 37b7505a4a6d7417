"""`callsim calibrate`: what is printed where, and how it ends."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sim.cli.app import main
from sim.experiment.run import run
from sim.scenario.load import load_scenario

DATA = os.environ.get("CALLSIM_DATA")

SCENARIO = """
start: 2026-03-02 09:00
horizon: 3h
replications: 6
queues:
  - name: support
    arrivals: {rate: 60/h}
    service_time: {distribution: exponential, mean: 3min}
    patience: {distribution: exponential, mean: 3min}
agents: [{name: team, count: 3}]
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder of `run --out`."""
    folder = tmp_path_factory.mktemp("log")
    (folder / "truth.yaml").write_text(SCENARIO)
    assert main(["run", str(folder / "truth.yaml"), "--out", str(folder / "real"), "-q"]) == 0
    return str(folder / "real")


def test_the_scenario_goes_to_output_and_the_report_to_errors(
    log: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    capsys.readouterr()
    assert main(["calibrate", log]) == 0
    printed = capsys.readouterr()
    (tmp_path / "made.yaml").write_text(printed.out)
    assert load_scenario(tmp_path / "made.yaml").queues[0].name == "support"
    for word in ("Conversations", "Patience", "Agents", "6 days"):
        assert word in printed.err
    assert main(["validate", str(tmp_path / "made.yaml")]) == 0


def test_quiet_has_no_report(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["calibrate", log, "-q"]) == 0
    assert capsys.readouterr().err == ""


def test_json_is_one_document(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["calibrate", log, "--json", "--wrap-up", "30s", "--agents", "team=4"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["format"] == "callsim.calibration/1"
    assert told["days"]["n"] == 6 and told["wrap_up"]["from"] == "asked"
    queue = told["queues"][0]
    for estimate in (queue["arrivals"]["calls_per_day"], queue["service"]["mean_s"]):
        assert set(estimate) == {"value", "low", "high", "half_width"}
        assert estimate["low"] < estimate["value"] < estimate["high"]
    assert "count: 4" in told["scenario"] and "wrap_up: 30s" in told["scenario"]


def test_out_writes_the_scenario_and_the_values_beside_it(
    log: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "made.yaml"
    command = ["calibrate", log, "-q", "--service", "empirical", "--out", str(out)]
    assert main(command) == 0
    made = load_scenario(out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made-service-1.csv", "made.yaml"]
    assert made.queues[0].service_time.mean_s == pytest.approx(180.0, rel=0.2)
    capsys.readouterr()
    assert main(command) == 2
    assert "--force" in capsys.readouterr().err
    assert main([*command, "--force"]) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--days", "someday"], "--days: `someday` is no kind of day"),
        (["--only", "suport"], "did you mean `support`?"),
        (["--agents", "tier1=3"], "no group of agents `tier1`: one of `team`"),
        (["--service", "empirical"], "needs --out"),
        (["--out", "x.json"], "a scenario is a .yaml file"),
        (["--hours", "01:00..02:00"], "there is no call from 01:00 to 02:00"),
        (["--days", "sat", "--to", "2026-03-05"], "there is no call on the days asked for"),
    ],
)
def test_what_makes_no_sense_is_refused(
    log: str, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    capsys.readouterr()
    assert main(["calibrate", log, *options]) == 2
    printed = capsys.readouterr()
    assert message in printed.err and printed.out == ""


@pytest.mark.skipif(DATA is None, reason="CALLSIM_DATA names no folder of real logs")
def test_the_bank_is_calibrated(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The Technion's bank, Sunday to Thursday: lognormal conversations with a share of agents who
    hang up, as Brown et al. (JASA 100, 2005) found, of about three minutes for regular calls; and
    days simulated from it abandon as the real ones did, within the interval over days and two
    points for what staffing by the average leaves out."""
    log = f"{DATA}/technion_1999-08_d01-15.csv.gz"
    out = tmp_path / "bank.yaml"
    command = ["calibrate", log, "--time-zone", "Asia/Jerusalem", "--days", "sun..thu"]
    capsys.readouterr()
    assert main([*command, "--json", "--out", str(out)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["days"]["n"] == 11
    queues = {queue["name"]: queue for queue in told["queues"]}
    regular = queues["PS"]["service"]
    assert regular["fit"]["family"] == "lognormal"
    assert regular["fit"]["beside"] == "a share of short ones"
    assert 170.0 < regular["mean_s"]["value"] < 190.0
    assert (
        queues["NW"]["patience"]["fit"]["mean_s"]["high"]
        < (queues["PS"]["patience"]["fit"]["mean_s"]["low"])
    ), "new customers are less patient than regular ones"
    result = run(load_scenario(out, ["replications=40"])).document(with_intervals=False)
    for simulated in result["queues"]:
        seen = queues[simulated["name"]]["abandonment"]
        if simulated["name"] in ("IN", "NE", "NW", "PS"):
            value = simulated["metrics"]["abandonment"]["value"]
            assert seen["low"] - 0.02 < value < seen["high"] + 0.02, simulated["name"]
