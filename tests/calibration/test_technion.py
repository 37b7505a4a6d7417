"""The Technion's bank data: made-up rows with every quirk, and the real file where it is at hand.

The real rows are not part of this project: CALLSIM_DATA names the folder that holds them.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sim.calibration.formats.files import Asked
from sim.calibration.formats.technion import DUPLICATE, IN_THE_IVR, NOT_A_ROW, PHANTOM
from sim.calibration.history import History, Outcome
from sim.calibration.read import read_log
from sim.scenario.errors import ScenarioError

HEADER = (
    "vru+line,call_id,customer_id,priority,type,date,vru_entry,vru_exit,vru_time,q_start,q_exit,"
    "q_time,outcome,ser_start,ser_exit,ser_time,server"
)
ANSWERED = "L1,1,0,2,PS,1999-08-01,10:00:00,10:00:10,10,10:00:10,10:01:00,50,AGENT,10:00:59,10:02:59,120,AG1"  # noqa: E501
AT_ONCE = (
    "L1,2,0,0,PS,1999-08-01,11:00:00,11:00:10,10,0:00:00,0:00:00,0,AGENT,11:00:09,11:00:14,5,AG2"
)
GONE = "L1,3,0,0,NW,1999-08-01,12:00:00,12:00:10,10,12:00:10,12:00:40,30,HANG,0:00:00,0:00:00,0,NO_SERVER"  # noqa: E501
IVR = (
    "L1,4,0,0,NW,1999-08-01,13:00:00,13:00:10,10,0:00:00,0:00:00,0,HANG,0:00:00,0:00:00,0,NO_SERVER"
)
PHANTOM_ROW = "L1,5,0,0,NW,1999-08-01,14:00:00,14:00:10,10,14:00:10,14:00:40,30,PHANTOM,14:00:40,14:00:43,3,NO_SERVER"  # noqa: E501
MIDNIGHT = (
    "L1,6,0,0,NE,1999-08-01,23:59:50,0:00:05,15,0:00:05,0:00:25,20,AGENT,0:00:24,0:01:24,60,AG1"
)
WRAPPED = (
    "L1,7,0,0,NE,1999-08-01,23:59:30,23:59:40,10,23:59:40,0:00:20,40,AGENT,0:00:19,0:01:19,60,AG1"
)
ZONE = ZoneInfo("Asia/Jerusalem")


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()


def read(tmp_path: Path, *rows: str, delimiter: str = ",") -> History:
    path = tmp_path / "bank.csv"
    path.write_text("\n".join([HEADER, *rows]).replace(",", delimiter) + "\n")
    return read_log([str(path)], asked=Asked(zone=ZONE))


def test_the_published_files_have_tabs_and_dates_of_six_digits(tmp_path: Path) -> None:
    history = read(tmp_path, ANSWERED.replace("1999-08-01", "990801"), delimiter="\t")
    assert history.joined_at.tolist() == [at("1999-08-01 10:00:10")]


def test_each_kind_of_row(tmp_path: Path) -> None:
    """A call joins when its wait begins, or when it leaves the IVR; PHANTOM rows and those who
    hung up in the IVR are left out, each under its own reason."""
    history = read(tmp_path, ANSWERED, AT_ONCE, GONE, IVR, PHANTOM_ROW)
    joined = [at("1999-08-01 10:00:10"), at("1999-08-01 11:00:10"), at("1999-08-01 12:00:10")]
    assert history.joined_at.tolist() == joined
    assert history.wait_s.tolist() == [50.0, 0.0, 30.0]
    assert history.talk_s[:2].tolist() == [120.0, 5.0] and np.isnan(history.talk_s[2])
    answered, abandoned = Outcome.ANSWERED, Outcome.ABANDONED
    assert history.outcome.tolist() == [answered, answered, abandoned]
    assert [history.queues[code] for code in history.queue] == ["PS", "PS", "NW"]
    assert history.agents == ("AG1", "AG2") and history.agent.tolist() == [0, 1, -1]
    assert history.priority.tolist() == [2, 0, 0]
    assert history.call.tolist() == ["1", "2", "3"]
    assert history.reading.rows == 5
    assert history.reading.dropped == {IN_THE_IVR: 1, PHANTOM: 1}
    assert any("less than 10 s" in note and ": 1 " in note for note in history.reading.notes)


def test_midnight_is_crossed_before_joining_or_while_waiting(tmp_path: Path) -> None:
    history = read(tmp_path, MIDNIGHT, WRAPPED)
    assert history.joined_at.tolist() == [at("1999-08-01 23:59:40"), at("1999-08-02 00:00:05")]
    assert history.wait_s.tolist() == [40.0, 20.0]
    assert history.talk_s.tolist() == [60.0, 60.0]
    assert not any("differs" in note or "more than 2 s" in note for note in history.reading.notes)


def test_odd_rows_are_kept_and_noted_and_doubles_are_left_out(tmp_path: Path) -> None:
    served = GONE.replace("HANG,0:00:00,0:00:00,0", "HANG,12:00:41,12:01:41,60")
    late = ANSWERED.replace("10:00:59,10:02:59", "10:01:29,10:03:29").replace(",1,", ",9,", 1)
    history = read(tmp_path, ANSWERED, ANSWERED, served, late)
    assert len(history) == 3 and history.reading.dropped == {DUPLICATE: 1}
    notes = "\n".join(history.reading.notes)
    assert "hung up, though the row tells a service" in notes
    assert "ser_start is more than 2 s from the end of the wait" in notes


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("10:00:00", "25:00:00", "a time that is not H:MM:SS"),
        ("1999-08-01", "1999-08-32", "a date that there is not"),
        (",50,", ",-50,", "q_time is not a number of seconds"),
        ("AGENT", "MAYBE", "an outcome other than"),
        (",AG1", "", NOT_A_ROW),
    ],
)
def test_a_row_that_cannot_be_read_is_left_out(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    history = read(tmp_path, ANSWERED.replace(old, new, 1), AT_ONCE)
    assert len(history) == 1
    (told,) = history.reading.dropped
    assert told.startswith(reason)
    assert any(note.startswith("left out") and "(line 2)" in note for note in history.reading.notes)


def test_mostly_unreadable_rows_are_an_error_with_the_first_lines(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, ANSWERED, "nonsense", "more nonsense")
    told = caught.value.render()
    assert "2 of 3 rows can't be read as format `technion`" in told
    assert "bank.csv:3:1: not a row of this table" in told and "nonsense" in told


def test_the_real_file_gives_its_own_counts() -> None:
    """Every call of the published file that joined a queue, by type and outcome, counted here a
    second time and without the reader."""
    folder = os.environ.get("CALLSIM_DATA")
    if not folder:
        pytest.skip("CALLSIM_DATA does not name the folder with the Technion's data")
    path = Path(folder) / "technion_1999-08_d01-15.csv.gz"
    history = read_log([str(path)], asked=Asked(zone=ZONE))
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    joined = [
        row for row in rows
        if row["outcome"] == "AGENT" or (row["outcome"] == "HANG" and row["q_start"] != "0:00:00")
    ]  # fmt: skip
    assert history.reading.rows == len(rows) == 23_668
    told = Counter(
        (history.queues[q], Outcome(o).name)
        for q, o in zip(history.queue.tolist(), history.outcome.tolist(), strict=True)
    )
    words = {"AGENT": "ANSWERED", "HANG": "ABANDONED"}
    assert told == Counter((row["type"], words[row["outcome"]]) for row in joined)
    assert history.wait_s.sum() == sum(int(row["q_time"]) for row in joined)
    answered = [row for row in joined if row["outcome"] == "AGENT"]
    assert np.nansum(history.talk_s) == sum(int(row["ser_time"]) for row in answered)
    servers = {row["server"] for row in answered} - {"NO_SERVER"}
    assert set(history.agents) == servers
    assert history.reading.dropped == {IN_THE_IVR: 1_835, PHANTOM: 199}
    days = Counter(history.days()[0].tolist())
    assert sorted(days.values()) == sorted(Counter(row["date"] for row in joined).values())
