"""`callsim backtest`: what it prints, how it ends, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sim.cli.app import main
from sim.report.backtest import backtest_report
from verification.backtest_models import DAY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario, six true days of it, and six of an agent less."""
    made = tmp_path_factory.mktemp("backtest")
    (made / "day.yaml").write_text(DAY, encoding="utf-8")
    for name, change in (("true", "seed=5"), ("false", "agents.all.count=2")):
        words = ["run", str(made / "day.yaml"), "--replications", "6", "--seed", "5", "-q"]
        assert main([*words, "--set", change, "--out", str(made / name)]) == 0
    return made


def asked(folder: Path, log: str, *options: str) -> int:
    words = ["backtest", str(folder / "day.yaml"), str(folder / log), "-q", "--replications", "200"]
    return main([*words, *options])


def document(folder: Path, log: str, capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    asked(folder, log, "--json", *options)
    return json.loads(capsys.readouterr().out)


def test_exit_codes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 for a log within the prediction, 1 for one outside and where a tolerance is not shown."""
    assert asked(folder, "true") == 0
    assert "The log lies within the prediction" in capsys.readouterr().out
    assert asked(folder, "false") == 1
    told = capsys.readouterr().out
    assert "The log lies outside the prediction" in told and "Where the day differs" in told
    assert asked(folder, "true", "--within", "1%") == 1
    assert "shown to lie within 1 % of the prediction" in capsys.readouterr().out


def test_the_document(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON document; days chosen by date and by name; the log's own arrivals."""
    found = document(folder, "true", capsys)
    assert found["format"] == "callsim.backtest/1" and found["outcome"] == "within"
    assert (found["days"]["count"], found["replications"]) == (6, 200)
    assert found["log"]["format"] == "table" and found["arrivals"] == "as-in-scenario"
    few = document(folder, "true", capsys, "--from", "2026-03-03", "--to", "2026-03-04")
    assert (few["days"]["from"], few["days"]["to"]) == ("2026-03-03", "2026-03-04")
    named = document(folder, "true", capsys, "--days", "tue,sat", "--arrivals", "as-recorded")
    assert named["days"]["count"] == 2 and named["days"]["chosen"] == ["tue", "sat"]
    assert "incoming" not in {row["metric"] for row in named["metrics"]}
    more = document(folder, "true", capsys, "--set", "agents.all.count=9")
    assert more["outcome"] == "outside" and more["sha256"] != found["sha256"]


def test_standard_input_and_tables(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A log that was converted to a table says the same of the calls as the log itself."""
    table = tmp_path / "calls.csv"
    assert main(["convert", str(folder / "true"), "--out", str(table), "-q"]) == 0
    capsys.readouterr()
    first, second = (document(folder, each, capsys) for each in ("true", str(table)))
    for a, b in zip(first["metrics"], second["metrics"], strict=True):
        assert a["log"]["value"] == pytest.approx(b["log"]["value"], rel=1e-6)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--days", "mn"], "--days, --from, --to: `mn` is no kind of day"),
        (["--from", "03/04/2026"], "--from: expected a date such as 2026-03-02"),
        (["--from", "2026-03-09", "--to", "2026-03-02"], "before they begin"),
        (["--within", "-1%"], "--within: "),
        (["--within", "0"], "--within: a tolerance is above 0"),
        (["--replications", "1"], "--replications: at least 2"),
        (["--horizon", "7d"], "--horizon 24h"),
        (["--from", "2027-01-01"], "no call of the log is on a day that was chosen"),
        (["--set", "queues.service.name=sales", "--set", "start=2026-03-02 15:00"], "15:00"),
    ],
)
def test_refused(
    folder: Path, options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad options and logs that can't be compared: exit code 2, and what is wrong."""
    assert asked(folder, "true", *options) == 2
    captured = capsys.readouterr()
    assert told in captured.err and not captured.out and "Traceback" not in captured.err


def test_all_that_is_wrong_with_the_options_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """At once, a line each."""
    assert asked(folder, "true", "--days", "x", "--within", "y", "--to", "z") == 2
    told = capsys.readouterr().err
    assert all(option in told for option in ("--days", "--within", "--to"))


def test_the_report(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Metrics with verdicts, one below the other, whole at 80 columns and in ASCII; what flatters
    a model is said."""
    told = document(folder, "false", capsys)
    shown = backtest_report(told, width=80, ascii_only=True)
    assert shown.isascii() and max(map(len, shown.splitlines())) <= 80
    assert "\\u" not in shown
    assert "short day: backtest on 6 days, 2026-03-02 to 2026-03-07" in shown
    lines = shown.splitlines()
    assert any(line.startswith("abandonment") and "OUTSIDE" in line for line in lines)
    assert any(line.startswith("mean talk time") and "within" in line for line in lines)
    flat = " ".join(shown.split())
    assert "If the scenario was fitted to these very days, they flatter it" in flat
    assert "their occupancy is not compared" in flat
    own = document(folder, "true", capsys, "--arrivals", "as-recorded")
    assert "not the forecast" in " ".join(backtest_report(own, width=80).split())


def test_the_figure(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`plot` draws the document: the log over its band, dots where it lies outside."""
    from sim.report.figures import FigureError
    from sim.report.figures.predicted import backtest as draw
    from sim.report.figures.style import new_figure

    found = document(folder, "false", capsys)
    file, out = tmp_path / "b.json", tmp_path / "b.svg"
    file.write_text(json.dumps(found), encoding="utf-8")
    assert main(["plot", str(file), "--figure", "backtest", "--out", str(out)]) == 0
    assert out.read_bytes().startswith(b"<?xml")
    axes = draw(found, into=new_figure())
    titles = ["Calls a day", "Service level", "Mean wait", "Abandonment"]
    assert [ax.get_title(loc="left") for ax in axes] == titles
    rows = [row["metrics"]["wait_mean_s"] for row in found["intervals"]]
    heights = axes[2].patches[-1].get_data().values
    assert heights.tolist() == [row["log"] for row in rows]
    (dots,) = axes[2].lines
    assert dots.get_ydata().tolist() == [row["log"] for row in rows if row["outside"]]
    capsys.readouterr()
    own = document(folder, "true", capsys, "--arrivals", "as-recorded")
    assert len(draw(own, into=new_figure())) == 3
    with pytest.raises(FigureError, match="no queue 'x': one of service"):
        draw(found, queue="x", into=new_figure())


def test_a_document_of_another_shape_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With what is wrong with it."""
    found = document(folder, "true", capsys)
    found["intervals"][0]["metrics"]["abandonment"]["low"] = "much"
    file = tmp_path / "b.json"
    file.write_text(json.dumps(found), encoding="utf-8")
    assert main(["plot", str(file), "--figure", "backtest", "--out", str(tmp_path / "x.png")]) == 2
    assert "`intervals[0].metrics.abandonment.low` must be" in capsys.readouterr().err
