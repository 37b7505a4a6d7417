"""The page on what polling costs: its numbers, and what it says in words."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from sim.experiment.run import run
from sim.logs import CallLog, Cause, Outcome
from sim.metrics.estimates import t_quantile
from sim.scenario.flow_pass import action_limit_end_s
from sim.scenario.load import load_scenario
from verification.dispatch import SCENARIO, Measured, Measures, measures, n_overtaken
from verification.polling import CUT, DEPLOYED, DOCUMENT, IDEAL, NEWEST, OLDEST, PAUSES, document
from verification.polling import measured as measured_anew

NEVER = float("nan")


@cache
def found() -> dict[str, Measures]:
    return measured_anew()


def change(measure: str, way: str, against: str) -> tuple[float, float]:
    """The confidence interval of a difference."""
    estimate = (found()[way][measure] - found()[against][measure]).estimate
    assert estimate.low is not None and estimate.high is not None
    return estimate.low, estimate.high


def test_the_committed_page_is_what_the_command_writes() -> None:
    """docs/polling.md holds the numbers of this version, every digit."""
    assert DOCUMENT.read_text(encoding="utf-8") == document(found())


def test_what_the_page_says_in_words() -> None:
    """Claim: each sentence on the page about more or less holds with 95 % confidence."""
    ideal, cut, oldest = IDEAL.name, CUT.name, OLDEST.name
    newest, deployed = NEWEST.name, DEPLOYED.name
    assert change("service_level", deployed, ideal)[0] > 0
    assert change("abandonment", deployed, ideal)[0] > 0
    half = found()[deployed]["asa_s"].value / found()[ideal]["asa_s"].value
    assert half == pytest.approx(0.5, abs=0.05)
    assert change("wait_p99_s", newest, oldest)[0] > 0
    low, high = change("abandonment", newest, oldest)
    assert low < 0 < high and high < 0.005
    assert change("wait_p99_s", oldest, ideal)[0] > 0
    assert change("wait_p99_s", oldest, ideal)[1] < change("wait_p99_s", newest, oldest)[0]
    assert change("flow", deployed, cut)[0] > 0
    fast, one_second, _, slow, *_ = (way.name for way in PAUSES)
    assert change("abandonment", one_second, fast)[1] < 0.003
    assert change("abandonment", slow, one_second)[0] > 0.003


def test_the_cure_for_the_limit() -> None:
    """Claim: a pass of 36 s, as the page says, keeps the platform's flow going to the timeout."""
    assert "a pass must last 36 s" in " ".join(DOCUMENT.read_text(encoding="utf-8").split())
    for pass_s, enough in ((36, True), (35.9, False)):
        sleep = f"flows.hold.actions=[{{talk: x, duration: 3s}}, {{sleep: {pass_s - 3:g}s}}]"
        scenario = load_scenario(SCENARIO, [sleep])
        end_s = action_limit_end_s(scenario.flows[0], scenario.flow_action_limit)
        assert (end_s >= scenario.queues[0].wait_timeout_s) is enough


def test_measures_are_those_of_the_report() -> None:
    """Claim: on the way of a plain run they are the report's own estimates, to rounding."""
    scenario = load_scenario(SCENARIO, ["replications=5"])
    result = run(scenario, log=True)
    mine = measures(result)
    total = result.document(with_intervals=False)["total"]
    for name in ("asa_s", "wait_p90_s", "wait_p99_s", "service_level", "abandonment"):
        reported = total["metrics"][name]
        assert mine[name].value == pytest.approx(reported["value"])
        assert mine[name].estimate.half_width == pytest.approx(reported["half_width"])
    causes = total["abandoned_by_cause"]
    ended = total["counts"]["serviced"] + total["counts"]["abandoned"]
    for name in ("hangup", "timeout", "flow"):
        assert mine[name].value == pytest.approx(causes[name] / ended)


def test_a_difference_is_paired() -> None:
    """Claim: replications that move together leave a difference without spread."""
    influence = np.array([-1.0, 0.0, 1.0])
    a, b = Measured(5.0, influence), Measured(3.0, influence)
    assert (a - b).estimate.value == 2.0 and (a - b).estimate.half_width == 0.0
    other = (a - Measured(3.0, -influence)).estimate
    assert other.half_width == pytest.approx(t_quantile(2) * math.sqrt(8.0 / 6.0))


def test_who_is_overtaken() -> None:
    """Claim: calls of one queue that still wait as a later one is given an agent are counted."""

    def call(number: int, queue: int, arrival: float, routed: float, leave: float) -> tuple:
        lost = math.isnan(routed)
        outcome = Outcome.ABANDONED if lost else Outcome.DONE
        cause = Cause.HANGUP if lost else Cause.NONE
        return (number, queue, arrival, routed, routed, leave, outcome, cause, -1 if lost else 0,
                1.0, 0.0, False, 1, -1, arrival)  # fmt: skip

    log = CallLog.of_rows(
        [
            call(0, 0, 0.0, 9.0, 19.0),  # call 1 goes before it
            call(1, 0, 1.0, 5.0, 6.0),
            call(2, 0, 2.0, NEVER, 8.0),  # gone before call 3 is routed
            call(3, 0, 3.0, 9.5, 12.0),
            call(4, 1, 4.0, NEVER, 30.0),  # of another queue, overtaken by call 5
            call(5, 1, 5.0, 6.0, 7.0),
        ]
    )
    assert n_overtaken(log) == 2
