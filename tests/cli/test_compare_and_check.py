"""`compare`, `check` and `run --precision` on real scenarios: what they print, how they end."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from sim.cli.app import main

Captured = pytest.CaptureFixture[str]

SCENARIO = """
name: {name}
horizon: 2h
replications: {replications}
queues:
  - {{name: support, arrivals: {{rate: 2/min}},
     service_time: {{distribution: exponential, mean: 4min}},
     patience: {{distribution: exponential, mean: 2min}}}}
agents: [{{name: team, count: {agents}}}]
{more}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Scenarios with 7, 8 and 8 agents, of which the last two have other targets."""
    monkeypatch.chdir(tmp_path)
    for file, agents, more in (
        ("seven", 7, ""),
        ("good", 8, "expect: [support.abandonment <= 60%, agents.team.occupancy >= 10%]"),
        ("bad", 8, "expect: [support.abandonment <= 60%, support.asa_s <= 1ms]"),
    ):
        text = SCENARIO.format(name=file, replications=6, agents=agents, more=more)
        (tmp_path / f"{file}.yaml").write_text(text)
    (tmp_path / "broken.yaml").write_text("horizon: 1\nqueues: []\n")
    return tmp_path


def parsed(capsys: Captured) -> dict:
    return json.loads(capsys.readouterr().out)


def test_files_are_compared_by_their_names(folder: Path, capsys: Captured) -> None:
    """Claim: the scenarios' names, the first's seed and replications for all, exit code 0."""
    assert main(["compare", "seven.yaml", "good.yaml", "--seed", "4", "--json"]) == 0
    document = parsed(capsys)
    assert document["variants"] == ["seven", "good"]
    assert (document["seed"], document["replications"]) == (4, 6)
    (row,) = (
        each
        for each in document["differences"]
        if (each["queue"], each["metric"]) == ("total", "abandonment")
    )
    assert row["difference"]["high"] < 0


def test_the_firsts_seed_and_replications_are_everybodys(folder: Path, capsys: Captured) -> None:
    """Claim: a file with another seed and number of replications takes those of the first."""
    text = SCENARIO.format(name="other", replications=9, agents=7, more="seed: 5")
    (folder / "other.yaml").write_text(text)
    assert main(["compare", "seven.yaml", "other.yaml", "--json"]) == 0
    document = parsed(capsys)
    assert (document["seed"], document["replications"]) == (1, 6)
    assert {row["difference"]["value"] for row in document["differences"]} <= {0.0, None}


def test_one_file_twice_is_two_variants(folder: Path, capsys: Captured) -> None:
    """Claim: where names are the same the files' paths are the names, numbered if need be."""
    assert main(["compare", "seven.yaml", "seven.yaml", "--json"]) == 0
    assert parsed(capsys)["variants"] == ["seven.yaml (1)", "seven.yaml (2)"]


def test_settings_make_variants(folder: Path, capsys: Captured) -> None:
    """Claim: every combination, named by its settings; one value is for all; ranges count."""
    options = ["--set", "agents.team.count=7..9", "--set", "queues.support.max_waiting=1,5"]
    assert main(["compare", "seven.yaml", *options, "--set", "horizon=1h", "--json"]) == 0
    document = parsed(capsys)
    assert document["variants"] == [
        f"agents.team.count={n}, queues.support.max_waiting={m}" for n in (7, 8, 9) for m in (1, 5)
    ]
    assert document["ranking"]["comparisons"] == 15
    assert [row["variant"][:19] for row in document["ranking"]["order"][-1:]] == [
        "agents.team.count=7"
    ]


def test_files_and_settings_cross(folder: Path, capsys: Captured) -> None:
    """Claim: each file with each setting, the first file's first setting being compared with."""
    options = ["--set", "agents.team.count=7,8", "--json"]
    assert main(["compare", "seven.yaml", "good.yaml", *options]) == 0
    document = parsed(capsys)
    assert document["variants"] == [
        f"{name}, agents.team.count={n}" for name in ("seven", "good") for n in (7, 8)
    ]
    values = {row["b"]: row["difference"]["value"] for row in document["differences"]}
    assert values["good, agents.team.count=7"] == 0.0


def test_a_comparison_says_what_differs(folder: Path, capsys: Captured) -> None:
    """Claim: a plain sentence with the interval; -v adds what common random numbers gained."""
    assert main(["compare", "seven.yaml", "good.yaml", "-q"]) == 0
    shown = capsys.readouterr()
    assert " ".join(shown.out.split()).startswith("seven against good good abandons ")
    assert "points less, 95 % interval" in " ".join(shown.out.split())
    assert shown.err == ""
    assert "independent random numbers" not in shown.out
    assert main(["compare", "seven.yaml", "good.yaml", "-v"]) == 0
    shown = capsys.readouterr()
    assert "independent random numbers" in shown.out
    assert "2 variants, all with seed 1 and 6 replications" in shown.err


def test_one_replication_gives_no_interval(folder: Path, capsys: Captured) -> None:
    """Claim: differences without intervals, and no verdict."""
    options = ["seven.yaml", "good.yaml", "--replications", "1"]
    assert main(["compare", *options, "--json"]) == 0
    for row in parsed(capsys)["differences"]:
        assert row["difference"]["half_width"] is None
    assert main(["compare", *options]) == 0
    assert "no verdict" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["seven.yaml"], "one variant leaves nothing to compare"),
        (["seven.yaml", "--set", "agents.team.count=7"], "one variant leaves nothing to compare"),
        (["seven.yaml", "--set", "agents.tema.count=7,8"], "did you mean `team`"),
        (["seven.yaml", "--set", "agents.team.count"], "expected PATH=VALUE"),
        (["seven.yaml", "--set", "agents.team.count=7,,8"], "a value is missing"),
        (["seven.yaml", "--set", "agents.team.count=9..8"], "the range `9..8` is empty"),
        (["seven.yaml", "--set", "agents.team.count=7,7"], "has the value `7` twice"),
        (["seven.yaml", "--set", "seed=1,2"], "`seed` must be the same for all variants"),
        (["seven.yaml", "good.yaml", "--rank", "total.occupancy"], "no metric `occupancy`"),
        (["seven.yaml", "good.yaml", "--rank", "agents.team.occupancy"], "has no better side"),
        (["seven.yaml", "gone.yaml"], "gone.yaml: no such file"),
        (["-", "-"], "standard input can be read only once"),
        ([], "Missing argument 'SCENARIO...'"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_two(
    folder: Path, capsys: Captured, options: list[str], message: str
) -> None:
    """Claim: exit code 2, nothing on standard output, and why."""
    assert main(["compare", *options]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "Traceback" not in shown.err


def test_every_broken_file_is_shown(folder: Path, capsys: Captured) -> None:
    """Claim: the problems of all files at once, by either command."""
    for command in ("compare", "check"):
        assert main([command, "broken.yaml", "gone.yaml", "seven.yaml"]) == 2
        shown = capsys.readouterr().err
        assert "broken.yaml:2:" in shown and "gone.yaml: no such file" in shown


def test_a_check_ends_with_0_or_1(folder: Path, capsys: Captured) -> None:
    """Claim: 0 when all targets are met, 1 when any is not; the document as specified."""
    assert main(["check", "good.yaml", "--json"]) == 0
    document = parsed(capsys)
    assert document["format"] == "callsim.check/1"
    assert [(row["scenario"], row["target"], row["outcome"]) for row in document["results"]] == [
        ("good", "support.abandonment <= 60%", "met"),
        ("good", "agents.team.occupancy >= 10%", "met"),
    ]
    assert main(["check", "good.yaml", "bad.yaml", "--json"]) == 1
    assert [row["outcome"] for row in parsed(capsys)["results"]] == ["met", "met", "met", "missed"]
    assert main(["check", "bad.yaml"]) == 1
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 of 2 targets met." in shown and "MISSED" in shown
    assert "each target by itself" in shown


def test_nothing_to_check_is_a_warning(folder: Path, capsys: Captured) -> None:
    """Claim: a scenario without `expect` is warned of, and passes."""
    assert main(["check", "seven.yaml"]) == 0
    shown = capsys.readouterr()
    assert shown.err == "warning: seven: nothing to check, the scenario has no `expect`\n"
    assert "No target" in shown.out


def test_junit_is_what_servers_read(folder: Path, capsys: Captured) -> None:
    """Claim: a suite per scenario, a case per target, counts that add up, a failure that says
    what was found; the file is there also when a target is missed."""
    assert main(["check", "good.yaml", "bad.yaml", "seven.yaml", "--junit", "r.xml"]) == 1
    root = ET.parse(folder / "r.xml").getroot()
    assert root.tag == "testsuites"
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "1", "0")
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["good", "bad", "seven"]
    assert [len(suite.findall("testcase")) for suite in suites.values()] == [2, 2, 0]
    for suite in (root, *root):
        assert int(suite.get("failures", "")) == len(suite.findall(".//failure"))
        assert int(suite.get("tests", "")) == len(suite.findall(".//testcase"))
        assert float(suite.get("time", "")) >= 0
    missed = suites["bad"].findall("testcase")[1]
    assert missed.get("name") == "support.asa_s <= 1ms"
    assert missed.get("classname") == "bad"
    (failure,) = missed
    assert failure.get("type") == "missed"
    assert "95 % confidence interval" in (failure.text or "")
    assert [path.name for path in folder.glob(".callsim-*")] == []


def test_a_report_that_cannot_be_written_is_a_failure(folder: Path, capsys: Captured) -> None:
    """Claim: exit code 3, and the results are printed all the same."""
    assert main(["check", "good.yaml", "--junit", "gone/r.xml", "--json"]) == 3
    shown = capsys.readouterr()
    assert len(json.loads(shown.out)["results"]) == 2
    assert "No such file or directory" in shown.err


def test_a_precision_is_reached_and_told(folder: Path, capsys: Captured) -> None:
    """Claim: the document says what was wanted and what came of it, the report what it cost."""
    options = ["run", "seven.yaml", "--precision", "support.abandonment=3%"]
    assert main([*options, "--json"]) == 0
    document = parsed(capsys)
    (told,) = document["precision"]
    assert told["reached"] is True and told["half_width"] <= told["wanted"] == 0.03
    assert document["replications"] >= 10
    assert document["total"]["metrics"]["abandonment"]["half_width"] <= 0.03
    assert main(options) == 0
    n = document["replications"]
    assert f"after {n} replications" in " ".join(capsys.readouterr().out.split())


def test_a_precision_out_of_reach_is_a_warning(folder: Path, capsys: Captured) -> None:
    """Claim: the run ends at the limit, says that it fell short, and is no failure."""
    options = ["--precision", "support.abandonment=0.001%", "--max-replications", "12"]
    assert main(["run", "seven.yaml", *options, "--json"]) == 0
    shown = capsys.readouterr()
    assert "not reached after 12 replications" in shown.err
    assert json.loads(shown.out)["precision"][0]["reached"] is False


def test_a_half_width_of_nothing_is_a_warning(folder: Path, capsys: Captured) -> None:
    """Claim: a share that never varied reaches any precision, and the run says what that is
    worth."""
    options = ["--set", "agents.team.count=100", "--precision", "support.abandonment=0.2%"]
    assert main(["run", "seven.yaml", *options]) == 0
    assert "says nothing of rarer days" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (["--max-replications", "20"], ["goes with --precision"]),
        (["--precision", "a.asa_s=1s", "--precision", "x"], ["no queue `a`", "a precision is"]),
        (["--precision", "total.asa_s=1s", "--max-replications", "9"], ["x>=10"]),
    ],
)
def test_a_precision_that_makes_no_sense_is_two(
    folder: Path, capsys: Captured, options: list[str], messages: list[str]
) -> None:
    """Claim: exit code 2, with everything that is wrong."""
    assert main(["run", "seven.yaml", *options]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert all(message in shown.err for message in messages)


def test_variants_that_do_not_offer_the_same_calls_are_warned_of(
    folder: Path, capsys: Captured
) -> None:
    """Claim: other arrivals or another horizon are told on standard error, in the document and in
    the HTML report, with the calls of each; variants of the same calls have no such warning."""
    text = SCENARIO.format(name="more", replications=6, agents=7, more="").replace("2/min", "3/min")
    (folder / "more.yaml").write_text(text.replace("2h", "3h"))
    assert main(["compare", "seven.yaml", "more.yaml", "--json"]) == 0
    shown = capsys.readouterr()
    wanted = (
        "seven and more do not offer the same calls: horizon 2h and 3h; other arrivals of support"
    )
    assert wanted in shown.err
    document = json.loads(shown.out)
    assert [each["code"] for each in document["warnings"]] == ["other-calls"]
    few, many = (row["total"]["counts"]["offered"] for row in document["results"])
    assert few < many
    (folder / "c.json").write_text(json.dumps(document))
    assert main(["report", "c.json", "--out", "c.html"]) == 0
    page = (folder / "c.html").read_text("utf-8")
    assert wanted in page and "but not the same calls" in page and "offered" in page
    capsys.readouterr()
    assert main(["compare", "seven.yaml", "more.yaml"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"Warning: {wanted}" in told and "offered" in told
    assert main(["compare", "seven.yaml", "good.yaml", "--json"]) == 0
    shown = capsys.readouterr()
    assert "do not offer" not in shown.err and json.loads(shown.out)["warnings"] == []
