"""Tables of calls as planners have them: any common dialect, headers of several languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sim.calibration.formats.clocks import Clock
from sim.calibration.formats.columns import field_of
from sim.calibration.formats.files import Asked
from sim.calibration.formats.words import duration, outcome_of
from sim.calibration.history import History, Outcome
from sim.calibration.read import read_log
from sim.scenario.errors import ScenarioError

BERLIN = ZoneInfo("Europe/Berlin")
A, AB, TO, LEFT, BLOCKED = (
    Outcome.ANSWERED, Outcome.ABANDONED, Outcome.TIMEOUT, Outcome.LEFT, Outcome.BLOCKED,
)  # fmt: skip


def read(tmp_path: Path, text: str, *, encoding: str = "utf-8", **asked: Any) -> History:
    path = tmp_path / "calls.csv"
    path.write_bytes(text.encode(encoding))
    return read_log([str(path)], asked=Asked(**asked))


def at(text: str, zone: Any = UTC) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def test_a_german_export(tmp_path: Path) -> None:
    """Semicolons, decimal commas, the day first, `MM:SS`, outcomes in words."""
    history = read(
        tmp_path,
        "Beginn;Warteschlange;Wartezeit;Gesprächszeit (s);Nacharbeit;Ergebnis;Mitarbeiter\r\n"
        "23.11.2026 09:00:01;Verkauf;00:12;90,5;0:30;angenommen;Ann\r\n"
        "23.11.2026 09:00:03,25;Verkauf;1:02:03;;;aufgelegt;\r\n"
        "23.11.26 09:01;Büro;5,5;;;Zeitüberschreitung;\r\n",
        zone=BERLIN,
    )
    start = at("2026-11-23 09:00:00", BERLIN)
    assert history.joined_at.tolist() == [start + 1, start + 3.25, start + 60]
    assert history.wait_s.tolist() == [12.0, 3723.0, 5.5]
    assert history.talk_s[0] == 90.5 and np.isnan(history.talk_s[1:]).all()
    assert history.wrap_up_s[0] == 30.0
    assert history.outcome.tolist() == [A, AB, TO]
    assert history.queues == ("Büro", "Verkauf") and history.agents == ("Ann",)
    assert history.zone is BERLIN and history.resolution_s < 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    text = "Beginn;Warteschlange;Wartezeit;Gespräch\n2026-11-23 09:00;Büro;5;60\n"
    history = read(tmp_path, text, encoding=encoding)
    assert history.queues == ("Büro",) and history.talk_s.tolist() == [60.0]
    told = any("Windows-1252" in note for note in history.reading.notes)
    assert told == (encoding == "cp1252")


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, mark: str) -> None:
    text = "time,wait,talk\n2026-11-23 09:00,5,60\n".replace(",", mark)
    assert read(tmp_path, text).talk_s.tolist() == [60.0]


def test_columns_can_be_named_by_header_or_number(tmp_path: Path) -> None:
    """A column that is named is not taken for anything else."""
    text = "Start,A,B,result\n2026-11-23 09:00,5,60,x\n"
    columns = {"wait": "a", "service": 3, "call": "result"}
    history = read(tmp_path, text, columns=columns)
    assert (history.wait_s[0], history.talk_s[0], history.call[0]) == (5.0, 60.0, "x")
    with pytest.raises(ScenarioError, match="no column `C`"):
        read(tmp_path, text, columns={"wait": "C"})
    with pytest.raises(ScenarioError, match="there is no column 9"):
        read(tmp_path, text, columns={"wait": 9})
    with pytest.raises(ScenarioError, match="did you mean `wait`"):
        read(tmp_path, text, columns={"waits": "A"})


def test_a_table_that_lacks_something_says_what_and_how_to_name_it(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="how long it waited") as caught:
        read(tmp_path, "time,outcome\n2026-11-23 09:00,answered\n")
    assert "--columns" in str(caught.value)


def test_what_no_word_tells_is_inferred_from_the_talk_time_or_the_answer(tmp_path: Path) -> None:
    history = read(tmp_path, "time,wait,talk\n2026-11-23 09:00,5,60\n2026-11-23 09:01,5,0\n")
    assert history.outcome.tolist() == [A, AB]
    stamped = read(
        tmp_path,
        "joined,answered_at,ended_at\n2026-11-23 09:00:00,2026-11-23 09:00:07,2026-11-23 09:02:00\n"
        "2026-11-23 09:00:01,,2026-11-23 09:00:31\n",
    )
    assert stamped.outcome.tolist() == [A, AB]
    assert stamped.wait_s.tolist() == [7.0, 30.0]
    assert stamped.talk_s[0] == 113.0 and np.isnan(stamped.talk_s[1])


def test_timeouts_by_word_by_cause_or_by_the_timeout_that_is_told(tmp_path: Path) -> None:
    text = (
        "time,wait,outcome,reason\n2026-11-23 09:00,90,timeout,\n2026-11-23 09:01,90,lost,Timeout\n"
        "2026-11-23 09:02,100.4,lost,hangup\n2026-11-23 09:03,90,lost,hangup\n"
        "2026-11-23 09:04,3,exit with key,\n2026-11-23 09:05,,busy,\n"
    )
    assert read(tmp_path, text).outcome.tolist() == [TO, TO, AB, AB, LEFT, BLOCKED]
    asked = read(tmp_path, text, wait_timeout_s=100.0)
    assert asked.outcome.tolist() == [TO, TO, TO, AB, LEFT, BLOCKED]


def test_bad_rows_are_left_out_each_under_its_reason(tmp_path: Path) -> None:
    good = "2026-11-23 09:00,5,answered\n"
    bad = ["soon,5,answered", "2026-02-30 09:00,5,answered", "2026-11-23 09:00,-5,answered",
           "2026-11-23 09:00,5,maybe", "2026-11-23 09:00,,answered", "2026-11-23 09:00",
           "2026-11-23 09:00,nan s,answered"]  # fmt: skip
    history = read(tmp_path, "time,wait,outcome\n" + good * 9 + "\n".join(bad) + "\n")
    assert len(history) == 9 and history.reading.rows == 9 + len(bad)
    assert sum(history.reading.dropped.values()) == len(bad)
    told = " ".join(history.reading.dropped)
    for reason in ("column `time`: no date and time", "a date or a time that there is not",
                   "column `wait`: no duration", "`maybe` is no known outcome",
                   "nothing tells how long it waited", "fewer cells than columns"):  # fmt: skip
        assert reason in told
    assert any("(line 14)" in note for note in history.reading.notes)


def test_a_quote_that_nothing_closes_costs_its_lines_and_they_are_counted(tmp_path: Path) -> None:
    good = "2026-11-23 09:00,5,answered\n"
    history = read(tmp_path, "time,wait,outcome\n" + good * 9 + '"' + good * 3)
    assert len(history) == 9
    assert history.reading.dropped == {"fewer cells than columns": 3}
    with pytest.raises(ScenarioError, match="9 of 12 rows"):
        read(tmp_path, "time,wait,outcome\n" + good * 3 + '"' + good * 9)


def test_names_may_hold_anything(tmp_path: Path) -> None:
    name = 'a.b, "c"; ☎\n=1'
    quoted = name.replace('"', '""')
    history = read(tmp_path, f'time,wait,talk,queue\n2026-11-23 09:00,5,60,"{quoted}"\n')
    assert history.queues == (name,)


def test_the_queue_of_the_file_and_of_rows_that_tell_none(tmp_path: Path) -> None:
    text = "time,wait,talk,queue\n2026-11-23 09:00,5,60,a\n2026-11-23 09:01,5,60,\n"
    assert read(tmp_path, text).queues == ("a", "calls")
    assert read(tmp_path, text, queue="b").queues == ("a", "b")
    named = read_log([f"c={tmp_path / 'calls.csv'}"])
    assert named.queues == ("c",)
    nameless = read(tmp_path, "time,wait,talk\n2026-11-23 09:00,5,60\n")
    assert any("tells no queue" in note for note in nameless.reading.notes)


@pytest.mark.parametrize(
    ("dates", "asked", "months", "note"),
    [
        (["03/04/2026", "13/04/2026"], None, [4, 4], False),
        (["03/04/2026", "04/13/2026"], None, [3, 4], False),
        (["03/04/2026", "05/06/2026"], None, [4, 6], True),
        (["03/04/2026", "05/06/2026"], True, [3, 5], False),
        (["03.04.2026", "05.06.2026"], True, [4, 6], False),
    ],
    ids=["a day beyond 12 first", "second", "ambiguous", "asked", "dots"],
)
def test_dates_that_can_be_read_either_way(
    tmp_path: Path, dates: list[str], asked: bool | None, months: list[int], note: bool
) -> None:
    """The whole file is looked at before the first date is read."""
    text = "time,wait,talk\n" + "".join(f"{day} 09:00,5,60\n" for day in dates)
    history = read(tmp_path, text, month_first=asked)
    found = [datetime.fromtimestamp(t, UTC).month for t in history.joined_at.tolist()]
    assert found == months
    assert any("day first" in each for each in history.reading.notes) == note


def test_a_date_and_a_time_of_day_in_two_columns(tmp_path: Path) -> None:
    history = read(tmp_path, "Datum;Uhrzeit;Wartezeit;Gespräch\n23.11.2026;09:00:05;5;60\n")
    assert history.joined_at.tolist() == [at("2026-11-23 09:00:05")]


def test_times_tell_their_zone_or_have_the_one_asked_for(tmp_path: Path) -> None:
    text = "time,wait,talk\n2026-11-23T09:00:00+01:00,5,60\n"
    assert read(tmp_path, text).zone == timezone(timedelta(hours=1))
    assert read(tmp_path, text, zone=BERLIN).joined_at.tolist() == [at("2026-11-23 08:00:00")]
    two = text + "2026-07-23T09:00:00+02:00,5,60\n"
    mixed = read(tmp_path, two)
    assert mixed.zone is UTC and any("2 different offsets" in note for note in mixed.reading.notes)
    plain = read(tmp_path, text.replace("+01:00", ""))
    assert plain.zone is UTC and any("tell no zone" in note for note in plain.reading.notes)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-11-23 09:00:01", "2026-11-23 09:00:01"),
        ("2026-11-23T09:00", "2026-11-23 09:00:00"),
        ("2026/11/23 9:00:01.25", "2026-11-23 09:00:01.250000"),
        ("2026-11-23T09:00:01.123456789Z", "2026-11-23 09:00:01.123457"),
        ("2026-11-23 10:00:01+0100", "2026-11-23 09:00:01"),
        ("23.11.2026 09:00", "2026-11-23 09:00:00"),
        ("23.11.26, 09:00:01", "2026-11-23 09:00:01"),
        ("11/23/2026 9:00:01 PM", "2026-11-23 21:00:01"),
        ("11/23/2026 12:00:01 AM", "2026-11-23 00:00:01"),
        ("23-11-2026 24:00", "2026-11-24 00:00:00"),
        ("2026-11-23", "2026-11-23 00:00:00"),
        ("1795424401", "2026-11-23 09:00:01"),
        ("1795424401.25", "2026-11-23 09:00:01.250000"),
        ("1795424401250", "2026-11-23 09:00:01.250000"),
        ("1795424401250000", "2026-11-23 09:00:01.250000"),
    ],
)
def test_instants(text: str, told: str) -> None:
    assert Clock(UTC).instant(text) == at(told)


@pytest.mark.parametrize(
    "text", ["", "09:00", "2026-13-01", "31.02.2026", "13:00 PM", "2026-11-23 25:00", "12", "now",
             "2026-11-23 09:00:61.5", "11/23/2026 13:00 PM", "2026-11-23 09:00+99:00"],
)  # fmt: skip
def test_no_instants(text: str) -> None:
    with pytest.raises(ValueError, match="date"):
        Clock(UTC).instant(text)


def test_the_hour_that_comes_twice_is_told() -> None:
    """On 2026-10-25 Berlin's clock goes from 03:00 back to 02:00."""
    clock = Clock(BERLIN)
    first = clock.instant("2026-10-25 02:30:00")
    assert first == at("2026-10-25 00:30:00")
    assert any("2026-10-25" in note for note in clock.notes())


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90.0), ("90,5", 90.5), ("1:30", 90.0), ("01:00:01.5", 3601.5), ("100:00", 6000.0),
     ("90 s", 90.0), ("5min", 300.0), ("1h 30min", 5400.0), ("2 days 00:00:01", 172_801.0),
     ("1e2", 100.0), ("0", 0.0)],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["-1", "1:60", "1:61:00", "1_0", "inf", "soon", "1,2,3", "٣"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError):
        duration(text)


def test_no_duration_is_nothing_and_a_header_tells_the_unit(tmp_path: Path) -> None:
    assert np.isnan(duration("")) and np.isnan(duration("n/a"))
    text = "time,wait_ms,Talk (min)\n2026-11-23 09:00,1500,2.5\n"
    history = read(tmp_path, text)
    assert (history.wait_s[0], history.talk_s[0]) == (1.5, 150.0)


@pytest.mark.parametrize(
    ("header", "field"),
    [("Anruf-Beginn", "joined"), ("Début", "joined"), ("Fecha y hora", "joined"),
     ("Tiempo de espera", "wait"), ("Temps d'attente", "wait"), ("WAIT_TIME", "wait"),
     ("Gesprächsdauer (Sek.)", "service"), ("Talk time [s]", "service"), ("ACW", "wrap_up"),
     ("Resultado", "outcome"), ("Bearbeiter", "agent"), ("Priorität", "priority"),
     ("Call-ID", "call"), ("Queue name", "queue"), ("Comment", None), ("", None)],
)  # fmt: skip
def test_headers(header: str, field: str | None) -> None:
    assert field_of(header) == field


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("Answered", A), ("COMPLETEAGENT", A), ("ja", A), ("Atendida", A), ("Répondu", A),
     ("ABANDON", AB), ("nicht angenommen", AB), ("No answer", AB), ("0", AB), ("Perdida", AB),
     ("EXITWITHTIMEOUT", TO), ("Zeitüberschreitung", TO), ("Overflow", LEFT), ("voicemail", LEFT),
     ("besetzt", BLOCKED), ("queue full", BLOCKED), ("waiting", Outcome.OPEN), ("perhaps", None)],
)  # fmt: skip
def test_words(word: str, outcome: Outcome | None) -> None:
    assert outcome_of(word) == outcome


# --- parquet, and runs of our own ------------------------------------------------------------


def test_a_parquet_table_of_a_data_frame(tmp_path: Path) -> None:
    """Timestamps, timedeltas, missing values, numbers as names."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "start": pd.to_datetime(["2026-11-23 09:00:00.5", "2026-11-23 09:00:01.0"]),
            "wait": pd.to_timedelta([5.5, 30], unit="s"),
            "talk": [60.0, None],
            "agent": [7, None],
        }
    )
    path = tmp_path / "calls.parquet"
    frame.to_parquet(path)
    history = read_log([str(path)], asked=Asked(queue="a"))
    assert history.joined_at.tolist() == [at("2026-11-23 09:00:00.500000"),
                                          at("2026-11-23 09:00:01")]  # fmt: skip
    assert history.wait_s.tolist() == [5.5, 30.0]
    assert history.outcome.tolist() == [A, AB] and history.agents == ("7",)


def test_parquet_may_come_through_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    import pandas as pd

    out = io.BytesIO()
    pd.DataFrame({"time": ["2026-11-23 09:00"], "wait": [5], "talk": [60]}).to_parquet(out)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(out.getvalue())))
    assert read_log(["-"]).talk_s.tolist() == [60.0]


def test_a_damaged_parquet_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "calls.parquet"
    path.write_bytes(b"PAR1 and then nothing")
    with pytest.raises(ScenarioError, match="can't be read as parquet"):
        read_log([str(path)])


SCENARIO = """
horizon: 2h
start: 2026-11-23 09:00
time_zone: Europe/Berlin
queues:
  - name: support
    arrivals: {rate: 2/min}
    service_time: {distribution: exponential, mean: 4min}
    patience: {distribution: exponential, mean: 3min}
    wait_timeout: 2min
    max_waiting: 6
agents:
  - {name: tier1, count: 6, ring: {delay: 3s}}
"""


def test_a_run_of_our_own_is_read_exactly_a_day_for_each_replication(tmp_path: Path) -> None:
    """Every call of the log, its wait and service to the last bit, and its day."""
    import pandas as pd

    from sim.cli.app import main

    (tmp_path / "day.yaml").write_text(SCENARIO)
    out = str(tmp_path / "run")
    options = ["--replications", "3", "--seed", "5", "--engine", "simpy", "--out", out]
    assert main(["-q", "run", str(tmp_path / "day.yaml"), *options]) == 0
    log = pd.read_parquet(tmp_path / "run" / "calls.parquet")
    history = read_log([out])
    assert len(history) == len(log)
    assert history.zone == BERLIN
    day, clock = history.days()
    first = datetime(2026, 11, 23).toordinal()
    np.testing.assert_array_equal(day - first, np.sort(log["replication"].to_numpy()))
    order = np.lexsort((log["arrival"].to_numpy(), log["replication"].to_numpy()))
    log = log.iloc[order]
    np.testing.assert_allclose(clock - 9 * 3600, log["arrival"], rtol=0, atol=1e-6)
    end = log["answer"].where(log["answer"].notna(), log["leave"])
    waited = (end - log["arrival"]).where(log["outcome"] != "blocked", 0.0)
    known = ~np.isnan(waited.to_numpy())
    np.testing.assert_array_equal(history.wait_s[known], waited.to_numpy()[known])
    np.testing.assert_array_equal(history.talk_s, log["service"].to_numpy())
    counts = np.bincount(history.outcome, minlength=len(Outcome))
    assert counts[BLOCKED] == (log["outcome"] == "blocked").sum() > 0
    assert counts[TO] == (log["cause"] == "timeout").sum() > 0
    assert counts[AB] == (log["cause"] == "hangup").sum() > 0
    assert counts[A] == log["outcome"].isin(["done", "service"]).sum()
    rings = history.ring_s[history.answered()]
    assert np.all(rings >= 0) and np.all(rings[rings > 0] == pytest.approx(3.0, abs=1e-9))
