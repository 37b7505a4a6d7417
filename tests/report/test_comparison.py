"""What is said of comparisons and checks: verdicts only where shown, hostile names, plain ASCII."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from sim.report import measured
from sim.report.checked import check_report, found, metric_of
from sim.report.comparison import comparison_report, sentences
from sim.report.junit import Suite, junit_xml
from sim.report.variant_names import short_names
from tests.report.samples import estimate

METRICS = (
    "abandonment",
    "service_level",
    "asa_s",
    "wait_mean_s",
    "wait_p90_s",
    "queue_length_mean",
)


def compared(differences: dict[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A comparison document of A and B; metrics that are not given differ by 0 ± 1."""
    every = {metric: differences.get(metric, estimate(0.0, 1.0)) for metric in METRICS}
    document = {
        "variants": ["A", "B"],
        "differences": [
            {"a": "A", "b": "B", "queue": "total", "metric": metric, "difference": difference}
            for metric, difference in every.items()
        ],
        "agent_differences": [],
        "variance_ratios": [
            {"a": "A", "b": "B", "queue": "total", "metric": metric, "independent_to_paired": 4.0}
            for metric in METRICS
        ],
        "results": [
            {"variant": name, "total": {"metrics": dict.fromkeys(METRICS, estimate(0.5, 0.01))}}
            for name in ("A", "B")
        ],
        "ranking": None,
        "not_common": [],
        "seed": 1,
        "engine": "simpy",
        "replications": 20,
        "confidence": 0.95,
        "elapsed_s": 1.0,
    }
    return document | more


def test_a_shown_difference_is_a_sentence() -> None:
    """Claim: its direction in words, its size and the interval of the size, in points."""
    (told,) = sentences(compared({"abandonment": estimate(-0.018, 0.003)}))
    assert told.startswith("B abandons 1.8 points less, 95 % interval 1.5 to 2.1. For B no ")
    (told,) = sentences(compared({"service_level": estimate(0.05, 0.01)}))
    assert "answers 5.0 points more within the threshold, 95 % interval 4.0 to 6.0" in told
    (told,) = sentences(compared({"asa_s": estimate(3.21, 0.4)}))
    assert "answers 3.21 s later on average, 95 % interval 2.81 s to 3.61 s" in told


def test_no_verdict_without_the_interval() -> None:
    """Claim: an interval that holds 0 gives no direction, nor does a single replication."""
    (told,) = sentences(compared({"abandonment": estimate(-0.018, 0.02)}))
    assert "less" not in told and "no difference is shown in the abandonment, " in told
    (told,) = sentences(compared({"abandonment": estimate(-0.018)}, replications=1))
    assert told == "One replication gives no confidence interval, and so no verdict."


def test_equal_variants_are_called_equal() -> None:
    """Claim: 0 ± 0 everywhere is the same in every replication."""
    same = dict.fromkeys(METRICS, estimate(0.0, 0.0))
    assert list(sentences(compared(same))) == ["B gives the same as A in every replication."]


def test_a_ranking_says_how_sure_it_is() -> None:
    """Claim: the order; the best only if it is shown against all, else what it can't be told from;
    the error rate and its method."""
    order = [
        {"variant": name, "estimate": estimate(0.8, 0.1), "is_behind": name == "C"}
        for name in ("B", "A", "C")
    ]
    ranking = {"queue": "total", "metric": "service_level", "error_rate": 0.05, "comparisons": 3}
    *_, told = sentences(compared({}, ranking=ranking | {"order": order}))
    assert "best first: B, A, C. It is not shown that B is better than A (error rate 5 %" in told
    assert "3 pairwise comparisons together, Bonferroni" in told
    *_, told = sentences(compared({}, ranking=ranking | {"order": [order[0], order[2]]}))
    assert "B is shown to be the best" in told


@pytest.mark.parametrize("width", [40, 100, 200])
def test_names_are_shown_as_they_are(width: int) -> None:
    """Claim: markup and control characters in names do nothing; ASCII is ASCII."""
    document = compared({"abandonment": estimate(-0.018, 0.003)})
    document["variants"][1] = document["results"][1]["variant"] = "[red]\x1b[31mü"
    for row in document["differences"] + document["variance_ratios"]:
        row["b"] = document["variants"][1]
    document["not_common"] = ["x\ny"]
    shown = comparison_report(document, width=width, gains=True)
    assert "\x1b" not in shown and "[red]" in shown
    assert comparison_report(document, width=width, ascii_only=True).isascii()


@pytest.mark.parametrize(
    ("metric", "found", "shown"),
    [
        ("abandonment", estimate(-0.0184, 0.0031), "* -1.8 ± 0.3"),
        ("abandonment", estimate(0.001, 0.0031), "+0.1 ± 0.3"),
        ("asa_s", estimate(2.184, 0.4062), "* +2.18 s ± 0.41"),
        ("asa_s", estimate(125.0, 30.0), "* +2m 05s ± 30 s"),
        ("queue_length_mean", estimate(-0.157, 0.0267), "* -0.157 ± 0.027"),
        ("asa_s", estimate(None), "–"),
        ("asa_s", estimate(0.0, 0.0), "0 s ± 0 s"),
    ],
)
def test_a_change_has_the_digits_that_its_interval_bears(
    metric: str, found: dict[str, Any], shown: str
) -> None:
    """Claim: sign, unit and digits; a star where 0 is excluded."""
    assert measured.change(metric, found) == shown


ROWS = [
    {"target": '"a < b".asa_s <= 1s', "outcome": "missed", "estimate": estimate(3.0, 0.5)},
    {"target": "total.abandonment <= 8%", "outcome": "met", "estimate": estimate(0.05, 0.01)},
    {"target": "x.wait_p90_s >= 1s", "outcome": "not_shown", "estimate": estimate(None)},
]
OF_DAYS = {"target": "P(x.asa_s <= 1s) >= 90%", "outcome": "met", "estimate": estimate(0.95, 0.03)}


def test_a_share_of_days_is_shown_in_per_cent() -> None:
    """Claim: whatever unit the metric inside has, in the table and in the JUnit report; the caption
    says what P is."""
    shown = " ".join(check_report("day", [OF_DAYS], replications=9, seed=1, width=120).split())
    assert "met 95.0 % 92.0 % to 98.0 %" in shown
    assert "P(...) is the share of replications" in shown
    assert found(OF_DAYS) == "95.0 %, 95 % confidence interval 92.0 % to 98.0 %"


def test_a_check_shows_each_target() -> None:
    """Claim: outcome, estimate and interval; how many are met; whose error rate it is."""
    shown = check_report("day", ROWS, replications=20, seed=1, width=120)
    assert "1 of 3 targets met." in shown
    lines = {line.split("  ")[0]: line.split() for line in shown.splitlines()}
    assert lines['"a < b".asa_s <= 1s'][-8:] == [
        *("MISSED", "3", "s"),
        *("2.50", "s", "to", "3.50", "s"),
    ]
    assert lines["x.wait_p90_s >= 1s"][-4:] == ["not", "shown", "–", "–"]
    assert "each target by itself" in " ".join(shown.split())
    assert [metric_of(row) for row in ROWS] == ["asa_s", "abandonment", "wait_p90_s"]


def test_junit_takes_any_name() -> None:
    """Claim: characters that XML can't hold are replaced, the others survive; null estimates
    have a sentence."""
    text = junit_xml([Suite("bad \x00 \ud800 & <b> ü", ROWS, 20, 1, 0.5)])
    root = ET.fromstring(text.encode("utf-8"))
    (suite,) = root
    assert suite.get("name") == "bad \ufffd \ufffd & <b> ü"
    failures = suite.findall("testcase/failure")
    assert [failure.get("type") for failure in failures] == ["missed", "not_shown"]
    assert "nothing to measure" in (failures[1].text or "")
    assert suite.findall("testcase")[0].get("name") == '"a < b".asa_s <= 1s'


def test_a_shorter_wait_is_said_in_words() -> None:
    """Claim: the variant's own 90 % wait, shorter or longer."""
    (told,) = sentences(compared({"wait_p90_s": estimate(-56.9, 5.0)}))
    assert told.startswith("With B the 90 % wait is 56.9 s shorter, 95 % interval")


def test_variants_without_calls_are_told_as_such() -> None:
    """Claim: no empty line where the answer should be."""
    (told,) = sentences(compared(dict.fromkeys(METRICS, estimate(None))))
    assert told == "B can't be compared: no call was answered or gave up in both variants."


def test_names_made_by_settings_are_shortened_where_they_differ() -> None:
    """Claim: values that differ, with a line that says of what; other names stay, and so do names
    that would no longer be apart."""
    names = [
        f"queues.q.wait_timeout={t}, agents.a.speed={v}" for t in ("1min", "2min") for v in "12"
    ]
    short, legend = short_names(names)
    assert short == ["(1min, 1)", "(1min, 2)", "(2min, 1)", "(2min, 2)"]
    assert legend == "Variants are called by their queues.q.wait_timeout, agents.a.speed."
    assert short_names(["f, a=1", "f, a=2"]) == (["a=1", "a=2"], "Variants are called by their a.")
    assert short_names(["f, a=1", "g, a=1"])[0] == ["f, a=1", "g, a=1"]
    for kept in (["A", "B"], ["x=1, 2", "x=1"], ["x=1", "y=1"], ["x=1", "x=2"]):
        assert short_names(kept) == (kept, "")


def test_a_report_is_told_in_short_names() -> None:
    """Claim: title, sentences and tables have the short names, the document keeps its own."""
    document = compared({"abandonment": estimate(-0.018, 0.003)})
    text = repr(document).replace("'A'", "'q.t=1min'").replace("'B'", "'q.t=2min'")
    document = ast.literal_eval(text)
    shown = comparison_report(document, width=120)
    assert shown.startswith("t=1min against t=2min\n\nVariants are called by their q.t.")
    assert "t=2min abandons 1.8 points less" in shown and "Queues: t=2min − t=1min" in shown
    assert shown.count("q.t") == 1 and document["variants"] == ["q.t=1min", "q.t=2min"]
    assert "Queues: t=2min - t=1min" in comparison_report(document, width=120, ascii_only=True)


def test_half_widths_of_shares_are_points() -> None:
    """Claim: per cent are for shares, points for what is between two of them."""
    assert measured.half_width("abandonment", 0.00496) == "0.496 points"
    assert measured.half_width("asa_s", 2.5) == "2.50 s"
