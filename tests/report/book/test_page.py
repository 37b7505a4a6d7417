"""The HTML report: the numbers of the result, whatever the names are, for every reader."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.experiment.check import check
from sim.experiment.run import run
from sim.report.book.html import html_page
from sim.report.book.longest import longest_waits
from sim.report.book.write import book_of
from sim.report.saved import open_result
from sim.scenario.load import loads_scenario
from tests.report.book.conftest import FORMULA, LONG, N_QUEUES, SCRIPT, SMALL
from tests.report.book.reading import Element, agrees, parsed, table, tables

Document = dict[str, Any]


def page_of(result: Any, **options: Any) -> str:
    """The page of a result."""
    return html_page(book_of(open_result(result), **options))


@pytest.fixture(scope="module")
def page(pages: dict[str, Path]) -> Element:
    """The small run's page."""
    return parsed(pages["small"].read_text(encoding="utf-8"))


def values(rows: list[Document], metric: str) -> list[float | None]:
    return [row["metrics"][metric]["value"] for row in rows]


# --- numbers -------------------------------------------------------------------------------


def test_counts_are_those_of_the_result_per_replication(page: Element, document: Document) -> None:
    """Every count of every queue and of the total, to the digits that are shown."""
    rows = [*document["queues"], document["total"]]
    shown = table(page, "Calls per replication")
    keys = {"offered": "offered", "blocked": "blocked", "answered": "serviced"}
    for heading, key in {**keys, "abandoned": "abandoned"}.items():
        cells = shown.column(heading)
        for cell, row in zip(cells, rows, strict=True):
            assert agrees(cell, row["counts"][key] / document["replications"]), (heading, cell)
    causes = {
        "timed out": "timeout",
        "hung up": "hangup",
        "hung up on announcement": "announcement",
    }
    for heading, cause in causes.items():
        for cell, row in zip(shown.column(f"of these: {heading}"), rows, strict=True):
            assert agrees(cell, row["abandoned_by_cause"][cause] / document["replications"])
    assert "means per replication" in shown.note


@pytest.mark.parametrize(
    ("name", "heading", "metric", "scale"),
    [
        ("Service and waits", "service level", "service_level", 100.0),
        ("Service and waits", "abandonment", "abandonment", 100.0),
        ("Service and waits", "ASA", "asa_s", 1.0),
        ("Service and waits", "mean wait", "wait_mean_s", 1.0),
        ("Service and waits", "90 % wait at most", "wait_p90_s", 1.0),
        ("Service and waits", "longest wait", "wait_max_s", 1.0),
        ("Load", "handle time", "handle_time_mean_s", 1.0),
        ("Load", "offered load (erlangs)", "offered_load_erlangs", 1.0),
        ("Load", "mean queue length", "queue_length_mean", 1.0),
    ],
)
def test_metrics_are_those_of_the_result(
    page: Element, document: Document, name: str, heading: str, metric: str, scale: float
) -> None:
    """A metric's column has the values of the result, queue by queue, then of all."""
    rows = [*document["queues"], document["total"]]
    cells = table(page, name).column(heading)
    for cell, value in zip(cells, values(rows, metric), strict=True):
        assert agrees(cell, value, scale), (cell, value)


def test_the_intraday_table_is_that_of_the_result(
    page: Element, document: Document, small: Path
) -> None:
    """All queues by interval: calls, agents on shift, occupancy, service level, waits."""
    starts = [row["start_s"] for row in document["all_agents_intervals"]]
    longest = longest_waits(open_result(small), starts, document["horizon_s"])["total"]
    rows = [row for row in document["intervals"] if row["queue"] == "total"]
    agents = document["all_agents_intervals"]
    shown = table(page, "All queues")
    assert len(shown.rows) == len(rows) == len(agents) == 8
    assert shown.column("from")[:3] == ["09:00", "09:30", "10:00"]
    n = document["replications"]
    for at, (row, group) in enumerate(zip(rows, agents, strict=True)):
        metrics = row["metrics"]
        assert agrees(shown.column("offered")[at], row["counts"]["offered"] / n)
        assert agrees(shown.column("answered")[at], row["counts"]["serviced"] / n)
        assert agrees(shown.column("abandoned")[at], row["counts"]["abandoned"] / n)
        assert agrees(shown.column("handle time")[at], metrics["handle_time_mean_s"]["value"])
        assert agrees(shown.column("service level")[at], metrics["service_level"]["value"], 100)
        assert agrees(shown.column("abandonment")[at], metrics["abandonment"]["value"], 100)
        assert agrees(shown.column("ASA")[at], metrics["asa_s"]["value"])
        assert agrees(shown.column("longest wait")[at], longest[at])
        assert agrees(shown.column("on shift")[at], group["on_shift"])
        assert agrees(shown.column("occupancy")[at], group["metrics"]["occupancy"]["value"], 100)


def test_each_queue_has_its_own_intervals(page: Element, document: Document) -> None:
    """Folded tables, one a queue, with the same numbers as the result."""
    for name in (SCRIPT, FORMULA, LONG, "nobody"):
        rows = [row for row in document["intervals"] if row["queue"] == name]
        shown = table(page, name)
        for cell, row in zip(shown.column("offered"), rows, strict=True):
            assert agrees(cell, row["counts"]["offered"] / document["replications"])


def test_agents_and_flows(page: Element, document: Document) -> None:
    """Occupancy and calls of each group; plays of each action."""
    shown = table(page, "Agent groups")
    assert shown.column("agents") == ["4", "3"]
    for cell, value in zip(
        shown.column("occupancy"), values(document["agents"], "occupancy"), strict=True
    ):
        assert agrees(cell, value, 100)
    plays = document["flows"][0]["plays"]
    flows = table(page, "Plays per replication")
    for cell, play in zip(flows.column("started"), plays, strict=True):
        assert agrees(cell, play["started"] / document["replications"])
    served = table(page, "Who answered whom (calls per replication)")
    for row, counts in zip(served.rows, document["served_by"]["serviced"], strict=True):
        for cell, count in zip(row[1:], counts, strict=True):
            assert agrees(cell, count / document["replications"])


def test_the_answer_comes_first_and_has_the_numbers(page: Element, document: Document) -> None:
    """The first words under the title: the service level with its interval, and the targets."""
    (main,) = page.all("main")
    first = main.all("section")[0]
    assert first.attributes["id"] == "answer"
    told = first.text.replace("\u00a0", " ")
    level = document["total"]["metrics"]["service_level"]
    found = re.search(
        r"service level.* of ([\d.]+ %) \(95 % confidence interval ([\d.]+ %) to", told
    )
    assert found is not None, told
    assert agrees(found[1], level["value"], 100)
    assert agrees(found[2], level["low"], 100)
    assert "In 4 simulated days of 4h the 4 queues together" in told
    outcomes = table(page, "Each target").column("outcome")
    assert f"{outcomes.count('met')} of 4 targets met; missed: nobody.abandonment <= 20%" in told
    assert "The queue with the lowest service level is nobody" in told


def test_targets_are_judged_as_by_check(page: Element) -> None:
    """Target, outcome and estimate are what `check` says of the same scenario."""
    wanted = check(loads_scenario(SMALL)).rows("")
    shown = table(page, "Each target")
    assert shown.column("target") == [row["target"] for row in wanted]
    words = {"met": "met", "missed": "MISSED", "not_shown": "not shown"}
    assert shown.column("outcome") == [words[row["outcome"]] for row in wanted]
    scales = (100.0, 100.0, 1.0, 100.0)
    for cell, row, scale in zip(shown.column("at least"), wanted, scales, strict=True):
        assert agrees(cell, row["estimate"]["low"], scale)


def test_a_comparison(compared: Document) -> None:
    """Each variant's values and each difference are those of the document."""
    page = parsed(page_of(compared))
    assert page.all("h1")[0].text == "-3 desks against -4 desks and -5 desks"
    levels = [row["total"]["metrics"]["service_level"]["value"] for row in compared["results"]]
    for cell, value in zip(table(page, "All queues").column("service level"), levels, strict=True):
        assert agrees(cell, value, 100)
    shown = table(page, "Queues: -5 desks − -3 desks")
    wanted = {
        row["queue"]: row["difference"]["value"]
        for row in compared["differences"]
        if row["b"] == "-5 desks" and row["metric"] == "abandonment"
    }
    cells = dict(zip(shown.column("queue"), shown.column("abandonment (points)"), strict=True))
    assert set(cells) == set(wanted)
    for queue, value in wanted.items():
        assert agrees(cells[queue], value, 100)
    assert "paired by replication" in shown.note


def test_a_sweep(swept: Path) -> None:
    """A row per point with the numbers of sweep.parquet."""
    page = parsed(page_of(swept))
    columns = open_result(swept).sweep_table()
    rows = [i for i, queue in enumerate(columns["queue"]) if queue == "total"]
    shown = table(page, "All queues")
    assert shown.column("agents[0].count") == ["3", "3", "4", "4"]
    assert shown.column("horizon") == ["1h", "2h", "1h", "2h"]
    for cell, row in zip(shown.column("service level"), rows, strict=True):
        assert agrees(cell, float(columns["service_level"][row]), 100)
    assert "Over 4 points the service level of all queues together lies between" in page.text


def test_a_check() -> None:
    """The targets of a check's document, with their scenario if there are several."""
    rows = check(loads_scenario(SMALL)).rows("a") + check(loads_scenario(SMALL)).rows("b")
    shown = table(parsed(page_of({"format": "callsim.check/1", "results": rows})), "Each target")
    assert shown.column("scenario") == ["a"] * 4 + ["b"] * 4


# --- what is not there ---------------------------------------------------------------------


def test_a_document_alone_tells_what_it_can(document: Document) -> None:
    """Without the scenario and without intervals: the numbers, and why there is no more."""
    bare = {key: value for key, value in document.items() if "intervals" not in key}
    page = parsed(page_of(bare))
    assert "The run kept no intervals" in page.text
    assert "The scenario is not beside the result" in page.text
    assert agrees(table(page, "Calls per replication").column("offered")[0],
                  document["queues"][0]["counts"]["offered"] / 4)  # fmt: skip
    seed, horizon = document["seed"], document["horizon_s"]
    assert (
        f"callsim run SCENARIO --seed {seed} --replications 4 --horizon {horizon:g}s" in page.text
    )


def test_one_replication_and_no_call() -> None:
    """One replication has no intervals of confidence, a day without calls no shares."""
    alike = ["replications=1", "queues[2].service_level.threshold=20s"]
    one = run(loads_scenario(SMALL, overrides=alike))
    told = page_of(one.document(with_intervals=False))
    assert "In one simulated day of 4h the 4 queues together had a service level (threshold" in told
    assert "one replication gives no confidence interval" in told
    assert "±" not in table(parsed(told), "Service and waits").column("service level")[0]
    nobody = "horizon: 1h\nqueues: [{name: q, arrivals: {at: []}, service_time: 1s}]\nagents: []\n"
    none = run(loads_scenario(nobody)).document(with_intervals=False)
    page = parsed(page_of(none))
    assert "no call came" in page.text
    assert table(page, "Service and waits").column("service level") == ["–"]


def test_warnings_stand_before_everything_but_the_answer(page: Element, document: Document) -> None:
    """All of them, under a heading of their own."""
    sections = [section.attributes["id"] for section in page.all("section")]
    assert sections[:2] == ["answer", "warnings"]
    warnings = page.all("section")[1].text
    assert document["warnings"]
    for warning in document["warnings"]:
        assert warning["message"] in warnings


# --- names, provenance, bytes --------------------------------------------------------------


def test_names_are_text(page: Element) -> None:
    """A queue called `<script>` is shown as it is called and is no element."""
    assert page.all("script") == []
    assert table(page, "Load").column("queue")[:3] == [SCRIPT, FORMULA, LONG]


def test_the_same_result_gives_the_same_bytes(pages: dict[str, Path]) -> None:
    """Also a second run of the same scenario, which took another time, told in memory."""
    again = run(loads_scenario(SMALL), intervals=True, log=True)

    class Again:
        document = again.document(with_intervals=True) | {"elapsed_s": 99.0}
        result = again

    assert page_of(Again()) == pages["small"].read_text(encoding="utf-8")


def test_the_scenario_in_the_page_is_the_one_that_was_run(
    page: Element, document: Document
) -> None:
    """It loads to the same sha256, and the command is there."""
    scenario, command = (
        next(e for e in page.all("pre") if e.attributes["aria-label"] == label).text
        for label in ("scenario.yaml", "Command")
    )
    assert loads_scenario(scenario).sha256 == document["sha256"]
    assert command == "callsim run scenario.yaml --intervals --json"
    assert document["sha256"] in table(page, "This result").column("is")


def test_a_title_of_ones_own(compared: Document) -> None:
    """Escaped like every text."""
    page = parsed(page_of(compared, title="Monday <1>"))
    assert page.all("h1")[0].text == page.all("title")[0].text == "Monday <1>"


# --- offline, accessible, large ------------------------------------------------------------


@pytest.fixture(scope="module", params=["small", "large", "compared", "swept"])
def any_page(request: pytest.FixtureRequest, pages: dict[str, Path]) -> str:
    """The page of each kind of result."""
    return pages[request.param].read_text(encoding="utf-8")


def test_nothing_is_loaded(any_page: str) -> None:
    """No script, no address but the names of XML spaces, and a policy that forbids loading."""
    assert "<script" not in any_page
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert f'content="{policy}"' in any_page.replace("&#39;", "'")
    assert not re.findall(r'(?:src|href)="(?!#|data:,"|data:image/png;base64,)[^"]*"', any_page)
    assert set(re.findall(r"https?://[^\s\"<]+", any_page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "url(" not in any_page.replace("url(#", "")


def test_the_page_is_accessible(any_page: str) -> None:
    """Language, one h1, headings in order, names of figures and tables, scopes, labels that exist,
    ids that are unique, every scrolling box reachable by keyboard."""
    page = parsed(any_page)
    assert page.all("html")[0].attributes["lang"] == "en"
    levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    ids = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for each in page.all():
        label = each.attributes.get("aria-labelledby")
        assert label is None or label in ids, label
        if each.tag == "a":
            assert each.attributes["href"].removeprefix("#") in ids
        assert each.tag != "img"
        if each.tag == "svg":
            assert each.attributes["role"] == "img"
            assert each.all("title")[0].text
        if each.tag == "th":
            assert each.attributes["scope"] in ("row", "col")
        if (
            each.attributes.get("class") in ("scroll", "scroll tall", "drawing")
            or each.tag == "pre"
        ):
            assert each.attributes["tabindex"] == "0"
    assert all(each.all("caption")[0].text.strip() for each in page.all("table"))
    assert all(each.all("figcaption")[0].text.strip() for each in page.all("figure"))
    assert page.all("body")[0].all("a")[0].attributes["href"] == "#answer"


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _themes(html: str) -> Iterator[dict[str, str]]:
    for block in re.findall(r":root \{(.*?)\}", html, re.DOTALL):
        yield dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block))


def test_contrast_is_enough_in_both_themes(any_page: str) -> None:
    """Every text colour on every ground that it stands on: 4.5 to 1 (WCAG AA)."""
    themes = list(_themes(any_page))
    assert len(themes) == 2
    for theme in themes:
        for text in ("ink", "quiet", "link", "bad"):
            for ground in ("page", "band", "warn-page"):
                assert _contrast(theme[text], theme[ground]) >= 4.5, (text, ground)


def test_a_large_report_is_small_and_quick(timed_pages: dict[str, tuple[Path, float]]) -> None:
    """40 queues and 96 intervals: under 3 MB, made in under ten seconds of one processor."""
    path, took_s = timed_pages["large"]
    assert took_s < 10.0
    assert path.stat().st_size < 3_000_000
    found = tables(parsed(path.read_text(encoding="utf-8")))
    (calls,) = [each for each in found if each.name == "Calls per replication"]
    assert len(calls.rows) == N_QUEUES + 1
    assert sum(len(each.rows) == 96 for each in found) >= N_QUEUES + 1
