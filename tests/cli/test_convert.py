"""`callsim convert`: the table on standard output or in a file, the rest on standard error, and how
it ends."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from sim.cli.app import main

LOG = """Beginn;Warteschlange;Wartezeit;Gespräch;Agent
23.11.2026 09:00:01;Verkauf;12;90,5;Ann
23.11.2026 09:01:01;Verkauf;30;;
24.11.2026 09:00:01;=Büro;0;60;Ben
bald;Verkauf;1;1;Ann
"""


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "calls.csv"
    path.write_text(LOG, encoding="utf-8")
    return str(path)


def test_the_table_goes_to_standard_output_and_the_summary_to_standard_error(
    log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", log, "--time-zone", "Europe/Berlin"]) == 0
    out, err = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["queue"] for row in rows] == ["Verkauf", "Verkauf", "'=Büro"]
    assert rows[0]["time"] == "2026-11-23T09:00:01+01:00"
    assert (rows[1]["outcome"], rows[1]["service"]) == ("abandoned", "")
    assert "3 calls of 4 rows (format table), 2 days with calls" in err
    assert "Verkauf: 2 calls, 1 answered, 1 abandoned" in err
    assert "\nleft out: column `Beginn`: no date and time" in err
    assert err.count("left out") == 1 and err.endswith(": 1 (line 5)\n")


def test_the_summary_as_one_document(log: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-q", "convert", log, "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert err == ""
    assert document["format"] == "callsim.history/1" and document["log_format"] == "table"
    assert (document["rows"], document["calls"], document["days"]) == (4, 3, 2)
    assert (document["first_day"], document["last_day"]) == ("2026-11-23", "2026-11-24")
    assert (document["agents"], document["time_zone"]) == (2, "UTC")
    named = {queue["name"]: queue for queue in document["queues"]}
    assert named["Verkauf"]["outcomes"] == {
        "answered": 1, "abandoned": 1, "timeout": 0, "left": 0, "blocked": 0, "open": 0,
    }  # fmt: skip
    assert (named["Verkauf"]["asa_s"], named["Verkauf"]["service_mean_s"]) == (12.0, 90.5)
    assert document["total"]["calls"] == 3 and sum(document["dropped"].values()) == 1


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_file_is_written_whole_once_and_read_again(
    log: str, tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"clean{suffix}"
    assert main(["-q", "convert", log, "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["calls.csv", out.name]
    assert main(["-q", "convert", log]) == 0
    table = capsys.readouterr().out
    assert main(["-q", "convert", str(out)]) == 0
    assert capsys.readouterr().out == table
    written = out.read_bytes()
    assert main(["convert", log, "--out", str(out)]) == 2
    assert "--force" in capsys.readouterr().err and out.read_bytes() == written
    assert main(["-q", "convert", log, "--from", "2026-11-24", "--out", str(out), "--force"]) == 0
    assert out.read_bytes() != written


def test_days_columns_and_queues_can_be_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("A,B,C, sec\n03/04/2026 09:00,5,60\n05/06/2026 09:00,5,60\n")
    arguments = ["convert", f"x={path}", "--columns", "joined=A,wait=2", "--columns", "service=C"]
    asked = ["--dates", "month-first", "--from", "2026-05-01", "--to", "2026-05-06"]
    assert main([*arguments, *asked]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == ["x,2026-05-06T09:00:00+00:00,,answered,5,,60,,,0"]
    assert "left out: outside --from and --to: 1\n" in err


def test_the_timeout_that_is_told_tells_timeouts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("time,wait,talk\n2026-11-23 09:00,100,\n2026-11-23 09:01,50,\n")
    assert main(["convert", str(path), "--wait-timeout", "100s", "--json"]) == 0
    outcomes = json.loads(capsys.readouterr().out)["total"]["outcomes"]
    assert (outcomes["timeout"], outcomes["abandoned"]) == (1, 1)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--format", "foo"], "no such format"),
        (["--time-zone", "Mars"], "no time zone `Mars`"),
        (["--time-zone", "../x"], "no time zone"),
        (["--from", "soon"], "expected a date such as"),
        (["--from", "2026-11-24", "--to", "2026-11-23"], "is before"),
        (["--from", "2027-01-01"], "no call from 2027-01-01"),
        (["--columns", "wait"], "expected FIELD=HEADER"),
        (["--columns", "wait="], "names no column"),
        (["--columns", "wait=Foo"], "no column `Foo`"),
        (["--queue", " "], "the name is empty"),
        (["--wait-timeout", "100"], "--wait-timeout"),
        (["--dates", "year-first"], "Invalid value for '--dates'"),
        (["--out", "calls.xlsx"], "the extension says"),
        (["--out", "none/calls.csv"], "there is no folder"),
        (["--format", "voipbin"], "1 of 1 rows can't be read as format `voipbin`"),
        (["--format", "technion"], "are missing"),
    ],
)
def test_what_is_wrong_ends_with_2_and_one_clear_message(
    log: str, options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", log, *options]) == 2
    out, err = capsys.readouterr()
    assert out == "" and told in err and "Traceback" not in err


def test_no_log_and_a_missing_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert"]) == 2
    assert "Missing argument 'LOG...'" in capsys.readouterr().err
    assert main(["convert", "none.csv"]) == 2
    assert capsys.readouterr().err == "none.csv: no such file\n"
