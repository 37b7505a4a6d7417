"""`--precision`: when it stops, that the result is a plain run's, and how often it covers."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from sim.experiment.precision import Reached, next_look, run_to_precision
from sim.experiment.run import run
from sim.metrics.estimates import Estimate
from sim.scenario.precision import Precision, parse_precision
from tests.experiment.models import erlang_a_scenario


def wanted(half: float, metric: str = "abandonment") -> Precision:
    return Precision(f"support.{metric}", "support", metric, half)


def test_it_stops_when_the_half_width_is_reached() -> None:
    """Claim: the half-width is as wanted, it was not with the number looked at before, and the
    result is byte for byte that of a plain run of as many replications."""
    scenario = erlang_a_scenario(9, replications=5)
    result, (reached,) = run_to_precision(scenario, [wanted(0.008)])
    n = result.scenario.replications
    assert reached.is_reached and reached.varied
    assert reached.estimate.half_width is not None and reached.estimate.half_width <= 0.008
    assert n > 10
    document = result.document(with_intervals=False)
    assert document["precision"] == [reached.document()]
    plain = run(erlang_a_scenario(9, replications=n)).document(with_intervals=False)
    for each in (document, plain):
        each.pop("elapsed_s")
    document.pop("precision")
    assert document == plain


@pytest.mark.parametrize("workers", [1, 2])
def test_at_least_ten_at_most_the_limit(workers: int) -> None:
    """Claim: an easy precision takes 10 replications, or the scenario's own if more; an
    impossible one ends at the limit and says so. Workers change nothing."""
    easy, _ = run_to_precision(erlang_a_scenario(9, replications=1), [wanted(0.9)], workers=workers)
    assert easy.scenario.replications == 10
    own, _ = run_to_precision(erlang_a_scenario(9, replications=13), [wanted(0.9)], workers=workers)
    assert own.scenario.replications == 13
    hard, (reached,) = run_to_precision(
        erlang_a_scenario(9), [wanted(1e-9)], max_replications=23, workers=workers
    )
    assert hard.scenario.replications == 23
    assert not reached.is_reached


def test_all_wanted_half_widths_are_reached() -> None:
    """Claim: with several the hardest decides."""
    result, reached = run_to_precision(
        erlang_a_scenario(9), [wanted(0.9), wanted(2.0, "wait_mean_s")]
    )
    assert all(each.is_reached for each in reached)
    alone, _ = run_to_precision(erlang_a_scenario(9), [wanted(2.0, "wait_mean_s")])
    assert result.scenario.replications == alone.scenario.replications


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_tells_how_far_it_means_to_go(workers: int) -> None:
    """Claim: progress begins with the first replication of each worker and never goes back. It is
    out of the number at which the next look is: 10, then by the rule 1.2 to 2 times the last one;
    each is reached before there is another, and the last one is what was made."""
    told: list[tuple[int, int]] = []
    result, _ = run_to_precision(
        erlang_a_scenario(9), [wanted(0.01)], workers=workers,
        progress=lambda *each: told.append(each),
    )  # fmt: skip
    done = [each for each, _ in told]
    assert 1 <= done[0] <= workers and done == sorted(done)
    looks = list(dict.fromkeys(of for _, of in told))
    assert looks[0] == 10 and len(looks) > 2 and looks[-1] == result.scenario.replications
    for look, following in pairwise(looks):
        assert math.ceil(1.2 * look) <= following <= 2 * look
    since = 0
    for look in looks:
        during = [each for each, of in told if of == look]
        assert since < during[0] and during[-1] == look
        since = look


def test_too_low_a_limit_is_refused() -> None:
    """Claim: fewer than ten replications are no basis for stopping."""
    with pytest.raises(ValueError, match="at least 10"):
        run_to_precision(erlang_a_scenario(9), [wanted(0.1)], max_replications=9)


def coverage(stop_at: float, rng: np.random.Generator, experiments: int) -> tuple[float, float]:
    """The share of intervals that hold the mean of exponential days, and the mean days taken."""
    held = taken = 0
    for _ in range(experiments):
        days = rng.exponential(1.0, 20_000)
        n = 10
        while True:
            half = float(stats.t.ppf(0.975, n - 1)) * days[:n].std(ddof=1) / np.sqrt(n)
            look = Reached(wanted(stop_at), Estimate(0.0, 0.0, 0.0, half), True)
            if look.is_reached or n >= days.size:
                break
            n = min(next_look(n, [look]), days.size)
        held += abs(days[:n].mean() - 1.0) <= half
        taken += n
    return held / experiments, taken / experiments


def test_the_stopping_rule_costs_little_coverage() -> None:
    """Claim: for exponential days, much more skewed than a share's, the interval at the end covers
    between 91 % and 96 % of the time where it takes some 160 days (2,000 experiments: the
    binomial error at 1e-3 is 1.6 points)."""
    rate, days = coverage(0.16, np.random.default_rng(5), 2000)
    assert 0.91 < rate < 0.96
    assert 100 < days < 250


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("support.abandonment", "a precision is"),
        ("=0.2%", "a precision is"),
        ("support.abandonment=", "a precision is"),
        ("suport.abandonment=0.2%", "did you mean `support`"),
        ("support.abandonmnt=0.2%", "did you mean `abandonment`"),
        ("support.abandonment=0%", "must be more than 0"),
        ("support.abandonment=5s", "abandonment"),
        ("support.wait_max_s=5s", "no confidence interval"),
    ],
)
def test_a_precision_that_makes_no_sense_is_refused(text: str, message: str) -> None:
    """Claim: the error says what is wrong with it."""
    with pytest.raises(ValueError, match=message):
        parse_precision(text, ["support"], ["team"])


def test_a_precision_has_the_metrics_unit() -> None:
    """Claim: shares as 0..1, durations in seconds, groups by `agents.`, names in quotes."""
    assert parse_precision("support.abandonment=0.2%", ["support"], []).half_width == 0.002
    assert parse_precision("a.asa_s = 1min", ["a"], []).half_width == 60.0
    group = parse_precision('agents."x = y".occupancy=1%', [], ["x = y"])
    assert (group.subject, group.subject_is_group) == ("x = y", True)
