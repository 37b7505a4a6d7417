"""A log's files, what becomes of their rows, and finding out which format they have."""

from __future__ import annotations

import gzip
import io
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.calibration.formats import visits
from sim.calibration.formats.files import MAX_LINE, Asked, LogFile
from sim.calibration.formats.tally import Tally
from sim.calibration.history import Outcome, Reading, Visit, from_visits
from sim.calibration.period import OUTSIDE, within
from sim.calibration.read import FORMATS, read_log
from sim.scenario.errors import ScenarioError
from tests.calibration import test_technion as technion

TABLE = "time,wait,talk\n2026-11-23 09:00,5,60\n"


def file_of(tmp_path: Path, content: bytes) -> LogFile:
    path = tmp_path / "log"
    path.write_bytes(content)
    return LogFile(str(path))


# --- files -----------------------------------------------------------------------------------


def test_lines_have_numbers_and_no_ends(tmp_path: Path) -> None:
    file = file_of(tmp_path, b"\xef\xbb\xbfa\r\n\nb\x0bc\n")
    assert list(file.lines()) == [(1, "a"), (2, ""), (3, "b\x0bc")]
    assert file.notes == []


def test_lines_that_are_not_utf_8_are_read_as_windows_1252_and_told(tmp_path: Path) -> None:
    """The others stay as they are."""
    file = file_of(tmp_path, "né\n".encode() + "né\n".encode("cp1252") + b"c\n")
    assert [line for _, line in file.lines()] == ["né", "né", "c"]
    assert "1 of its lines, the first of them line 2" in file.notes[0]


def test_gzip_is_seen_through_whatever_the_name_also_of_several_members(tmp_path: Path) -> None:
    file = file_of(tmp_path, gzip.compress(b"a\n") + gzip.compress(b"b\n") + b"\0\0")
    assert [line for _, line in file.lines()] == ["a", "b"]
    assert file.notes == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_gzip_that_is_cut_off_gives_what_is_whole_of_it(data: st.DataObject) -> None:
    """The lines are those of the uncompressed text from its start; that something is missing is
    told unless nothing is."""
    lines = [f"line {i} {'x' * (i % 37)}" for i in range(400)]
    packed = gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)
    cut = data.draw(st.integers(2, len(packed)))
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = file_of(Path(folder), packed[:cut])
        found = [line for _, line in file.lines()]
    assert found[:-1] == lines[: max(0, len(found) - 1)]
    assert (not found) or lines[len(found) - 1].startswith(found[-1])
    assert bool(file.notes) == (cut < len(packed))


def test_a_line_that_does_not_end_is_cut_and_told(tmp_path: Path) -> None:
    file = file_of(tmp_path, b"a\n" + b"x" * (3 * MAX_LINE) + b"\nb\n")
    found = [line for _, line in file.lines()]
    assert [found[0], found[-1]] == ["a", "b"]
    assert len(found) == 3 and MAX_LINE <= len(found[1]) <= 2 * MAX_LINE + 2
    assert any("left out" in note for note in file.notes)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x00\x01\x02\x03" * 100, "is a binary file"),
        (b"PK\x03\x04 and so on", "Excel workbook"),
        (b"BZh91AY", "bzip2"),
        (b"%PDF-1.7", "PDF"),
        (b"", "the file is empty"),
        (b"dear all,\nno calls today\n", "not a log of a known format"),
    ],
)
def test_what_is_no_log_is_refused_with_what_it_is(
    tmp_path: Path, content: bytes, told: str
) -> None:
    with pytest.raises(ScenarioError, match=told):
        read_log([file_of(tmp_path, content).path])


def test_all_files_that_cannot_be_read_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("")
    with pytest.raises(ScenarioError) as caught:
        read_log([str(tmp_path / "a.csv"), str(tmp_path / "none.csv"), str(tmp_path)])
    told = caught.value.render()
    assert "a.csv: the file is empty" in told and "none.csv: no such file" in told
    assert f"{tmp_path}: is a folder" in told


def test_standard_input_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(TABLE.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert len(read_log(["-"])) == 1
    with pytest.raises(ScenarioError, match="only once"):
        read_log(["-", "a=-"])


SAMPLES = {
    "table": "Beginn;Warteschlange;Wartezeit;Gespräch\n"
    + "".join(f'23.11.2026 09:{i:02};"a;b";{i};60\n' for i in range(12)),
    "technion": f"{technion.HEADER}\n{technion.ANSWERED}\n{technion.GONE}\n{technion.IVR}\n",
}


@pytest.mark.parametrize("format", SAMPLES)
@settings(max_examples=80, deadline=None)
@given(
    cut=st.integers(0, 700), gone=st.integers(0, 40), noise=st.binary(max_size=20),
    packed=st.booleans(),
)  # fmt: skip
def test_a_damaged_log_is_read_in_part_or_refused_with_clear_errors(
    tmp_path_factory: pytest.TempPathFactory, format: str, cut: int, gone: int, noise: bytes,
    packed: bool,
) -> None:  # fmt: skip
    raw = SAMPLES[format].encode()
    raw = gzip.compress(raw, mtime=0) if packed else raw
    path = tmp_path_factory.mktemp("damaged") / "log"
    path.write_bytes(raw[:cut] + noise + raw[cut + gone :])
    for asked in (None, format):
        try:
            history = read_log([str(path)], format=asked)
        except ScenarioError as error:
            assert error.problems and str(path) in error.render()
        else:
            assert 1 <= len(history) <= 13
            assert history.reading.rows >= len(history)


# --- formats ---------------------------------------------------------------------------------


def test_a_format_that_is_not_known_is_refused_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="did you mean `voipbin`"):
        read_log([file_of(tmp_path, TABLE.encode()).path], format="voipbins")
    assert {"voipbin", "table", "technion", "asterisk", "freeswitch"} == set(FORMATS)


def test_files_of_one_log_have_one_format(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    (tmp_path / "b.json").write_text('[{"tm_service": null}]')
    with pytest.raises(ScenarioError, match=r"looks like format `voipbin`, but .*`table`"):
        read_log([str(tmp_path / "a.csv"), str(tmp_path / "b.json")])


def test_several_files_are_one_log_in_the_order_of_joining(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text(TABLE)
    (tmp_path / "a.csv").write_text(TABLE.replace("09:00", "08:00"))
    history = read_log([f"q={tmp_path / 'b.csv'}", str(tmp_path / "a.csv")])
    assert [history.queues[code] for code in history.queue] == ["calls", "q"]
    assert np.all(np.diff(history.joined_at) > 0)


def test_a_name_may_hold_an_equals_sign_and_so_may_a_file(tmp_path: Path) -> None:
    (tmp_path / "a=b.csv").write_text(TABLE)
    path = str(tmp_path / "a=b.csv")
    assert read_log([path]).queues == ("calls",)
    assert read_log([f"x={path}"]).queues == ("x",)
    (tmp_path / "c.csv").write_text(TABLE)
    assert read_log([f"x=y={tmp_path / 'c.csv'}"]).queues == ("x=y",)


# --- the tally -------------------------------------------------------------------------------


def test_the_tally_counts_by_reason_and_tells_the_first_places() -> None:
    file = LogFile("a.log")
    tally = Tally([file], "test", "lines")
    tally.rows = 20
    for line in range(1, 8):
        tally.damaged("no line", file, line)
    tally.left_out("of no queue", file, 9, n=2)
    tally.odd("odd", file, 11)
    tally.note("a note")
    tally.note("a note")
    reading = tally.reading(11)
    assert reading.dropped == {"no line": 7, "of no queue": 2}
    assert reading.notes == (
        "a note", "odd: 1 (line 11)", "left out: no line: 7 (first in lines 1, 2, 3, 4, 5)",
    )  # fmt: skip


def test_more_than_half_of_the_rows_is_too_many_and_half_is_not() -> None:
    file = LogFile("a.log")
    tally = Tally([file], "test", "lines", rows=4)
    tally.damaged("no line", file, 1, "x")
    tally.damaged("no line", file, 2, "y")
    assert tally.reading(2).dropped == {"no line": 2}
    tally.damaged("no line", file, 3, "z")
    with pytest.raises(ScenarioError, match="3 of 4 rows can't be read as format `test`"):
        tally.reading(1)


def test_no_call_left_is_an_error_that_tells_what_was_left_out() -> None:
    file = LogFile("a.log")
    tally = Tally([file], "test", "lines", rows=4)
    tally.left_out("of no queue", file, n=4)
    with pytest.raises(ScenarioError, match="of no queue: 4"):
        tally.reading(0)


# --- gathering, and days ---------------------------------------------------------------------

VISITS = st.lists(
    st.builds(
        Visit, st.integers(0, 5).map(float), st.sampled_from("cab"), st.sampled_from(Outcome),
        st.just(1.0), agent=st.sampled_from(["z", "y", None]), call=st.sampled_from("12"),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@given(VISITS, st.sampled_from([(), ("q", "z")]))
def test_gathering_by_columns_is_gathering_visits(
    rows: list[Visit], agents: tuple[str, ...]
) -> None:
    """Two ways to one history, ties in the order in which they came."""
    gathered = visits.Visits()
    for v in rows:
        gathered.add(v.joined_at, v.queue, v.outcome, v.wait_s, agent=v.agent, call=v.call)
    reading = Reading("log", "test")
    a = gathered.history(reading, agents=agents)
    b = from_visits(rows, reading, agents=agents)
    assert (a.queues, a.agents) == (b.queues, b.agents)
    for name in ("joined_at", "queue", "outcome", "agent", "call"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_days_from_and_to_are_both_included_and_the_rest_is_counted() -> None:
    rows = [Visit(86_400.0 * day + 5, "a", Outcome.ANSWERED, 1.0) for day in range(5)]
    history = from_visits(rows, Reading("log", "test", 5))
    part = within(history, date(1970, 1, 2), date(1970, 1, 4))
    assert len(part) == 3 and part.reading.dropped == {OUTSIDE: 2}
    assert within(history, None, None) is history
    with pytest.raises(ScenarioError, match="1970-01-01 to 1970-01-05"):
        within(history, date(1971, 1, 1), None)


def test_asked_timeouts_are_told_within_a_second() -> None:
    asked = Asked(wait_timeout_s=100.0)
    assert [asked.is_timeout(w) for w in (98.9, 99.0, 101.0, 101.1)] == [False, True, True, False]
    assert not Asked().is_timeout(0.0) and not Asked(wait_timeout_s=0.0).is_timeout(0.0)
