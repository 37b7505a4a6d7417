"""Comparisons: against the call logs, against exact theory, and what common numbers gain."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sim.experiment.compare import compare, comparison
from sim.experiment.result import Result
from sim.experiment.run import run
from sim.metrics.differences import excludes_zero
from sim.scenario.model import Scenario
from sim.scenario.targets import METRICS
from sim.theory.erlang import erlang_a
from tests.experiment.models import PATIENCE_S, RATE, SERVICE_S, erlang_a_scenario
from tests.metrics.test_against_plain import DAY


def rows_of(made: object) -> dict[tuple[str, str, str], object]:
    return {(row.b, row.subject, row.metric): row for row in made.rows}  # type: ignore[attr-defined]


def lost_and_ended(result: Result, queue: str) -> list[tuple[int, int]]:
    """Abandoned, and answered or abandoned calls of each replication, one by one from the log."""
    calls = result.calls()
    found = [(0, 0)] * result.scenario.replications
    for r, name, outcome, arrival, answer in zip(
        *(calls[key] for key in ("replication", "queue", "outcome", "arrival", "answer")),
        strict=True,
    ):
        if name == queue and arrival >= result.scenario.warmup_s:
            lost = outcome == "abandoned"
            ended = lost or not math.isnan(answer)
            found[r] = (found[r][0] + lost, found[r][1] + ended)
    return found


def test_a_difference_is_that_of_the_call_logs() -> None:
    """Claim: abandonment's difference and half-width are those of a recount of every call."""
    few, more = erlang_a_scenario(9), erlang_a_scenario(10)
    results = {"few": run(few, log=True), "more": run(more, log=True)}
    row = rows_of(comparison(results))["more", "support", "abandonment"]
    a, b = (lost_and_ended(result, "support") for result in results.values())
    values = [sum(x for x, _ in each) / sum(y for _, y in each) for each in (a, b)]
    n = len(a)
    squares = 0.0
    for (x, y), (z, w) in zip(a, b, strict=True):
        u = (x - values[0] * y) / (sum(y for _, y in a) / n)
        v = (z - values[1] * w) / (sum(w for _, w in b) / n)
        squares += (v - u) ** 2
    half = float(stats.t.ppf(0.975, n - 1)) * math.sqrt(squares / (n * (n - 1)))
    assert row.difference.value == pytest.approx(values[1] - values[0], rel=1e-12)
    assert row.difference.half_width == pytest.approx(half, rel=1e-10)


def covered(experiments: int, replications: int) -> dict[str, int]:
    """How many 95 % intervals for 10 agents less 9 hold the exact difference, by metric."""
    exact = [erlang_a(RATE, SERVICE_S, n, PATIENCE_S) for n in (9, 10)]
    names = ("abandonment", "wait_mean_s", "asa_s")
    truth = {name: getattr(exact[1], name) - getattr(exact[0], name) for name in names}
    held = dict.fromkeys(names, 0)
    for seed in range(1, experiments + 1):
        variants = {
            str(n): erlang_a_scenario(n, seed=seed, replications=replications) for n in (9, 10)
        }
        rows = rows_of(compare(variants))
        for name in names:
            found = rows["10", "support", name].difference
            held[name] += found.low <= truth[name] <= found.high
    return held


def test_intervals_hold_an_exact_difference() -> None:
    """Claim: of 40 intervals over 10 replications as many hold M/M/10+M's difference to M/M/9+M
    as 95 % intervals do: a binomial band with an error rate of 1e-3 for each of three metrics."""
    low, high = stats.binom.ppf([5e-4, 1 - 5e-4], 40, 0.95)
    assert all(low <= held <= high for held in covered(40, 10).values())


@pytest.mark.slow
def test_intervals_cover_at_their_nominal_rate() -> None:
    """Claim: the same with 300 experiments of 20 replications."""
    low, high = stats.binom.ppf([5e-4, 1 - 5e-4], 300, 0.95)
    assert all(low <= held <= high for held in covered(300, 20).values())


def test_common_random_numbers_sharpen_a_difference() -> None:
    """Claim: the variance of the difference is less than half of what independent seeds give, by
    the reported ratio and by 40 differences of either kind (F test, error rate 1e-3)."""
    common, independent, told = [], [], []
    for seed in range(1, 41):
        few, more = (erlang_a_scenario(n, seed=seed, replications=2) for n in (9, 10))
        results = [run(each) for each in (few, more, replace(more, seed=1000 + seed))]
        made = [
            rows_of(comparison({"a": results[0], "b": results[i]}))["b", "support", "abandonment"]
            for i in (1, 2)
        ]
        common.append(made[0].difference.value)
        independent.append(made[1].difference.value)
    ratio = np.var(independent, ddof=1) / np.var(common, ddof=1)
    assert ratio / stats.f.ppf(0.999, 39, 39) > 1.0
    variants = {str(n): erlang_a_scenario(n, replications=60) for n in (9, 10)}
    told = rows_of(compare(variants))["10", "support", "abandonment"].variance_ratio
    assert told is not None and told > 2.0


def test_the_document_is_plain_json() -> None:
    """Claim: the keys that the format names, every metric of every common queue and of `total`,
    all against the first; nothing is NaN."""
    variants = {name: replace(DAY, replications=3) for name in ("a", "b", "c")}
    document = json.loads(json.dumps(compare(variants).document(), allow_nan=False))
    assert document["format"] == "callsim.comparison/1"
    assert document["variants"] == ["a", "b", "c"]
    assert {row["a"] for row in document["differences"]} == {"a"}
    assert {row["b"] for row in document["differences"]} == {"b", "c"}
    queues = [queue.name for queue in DAY.queues]
    assert list(dict.fromkeys(row["queue"] for row in document["differences"])) == [
        *queues,
        "total",
    ]
    assert all(
        set(row) == {"a", "b", "queue", "metric", "difference"}
        and set(row["difference"]) == {"value", "low", "high", "half_width"}
        for row in document["differences"]
    )
    assert {row["metric"] for row in document["differences"]} < set(METRICS)
    assert {row["agents"] for row in document["agent_differences"]} == {g.name for g in DAY.agents}
    assert all(row["independent_to_paired"] is None for row in document["variance_ratios"])


def test_variants_that_are_the_same_differ_by_nothing() -> None:
    """Claim: 0 ± 0 wherever there is a value; maxima have a value alone."""
    made = compare({"a": DAY, "b": DAY})
    for row in made.rows:
        assert row.difference.value in (0.0, None)
        assert row.difference.half_width in (0.0, None)


def test_workers_change_nothing() -> None:
    """Claim: two workers give the same document but for the time."""
    variants = {str(n): erlang_a_scenario(n, replications=4) for n in (9, 10)}
    documents = [compare(variants, workers=n).document() for n in (1, 2)]
    assert [each.pop("elapsed_s") > 0 for each in documents] == [True, True]
    assert documents[0] == documents[1]


def test_only_common_queues_and_groups_are_compared() -> None:
    """Claim: what one variant lacks is named and left out; the total is always compared."""
    other = replace(
        DAY,
        queues=tuple(replace(q, name="sales 2") if q.name == "sales" else q for q in DAY.queues),
        agents=tuple(replace(g, name=f"{g.name} 2") for g in DAY.agents),
    )
    made = compare({"a": DAY, "b": other})
    subjects = {row.subject for row in made.rows}
    assert "sales" not in subjects and "sales 2" not in subjects
    assert {"support", "total"} <= subjects
    groups = [f"agents.{g.name}" for g in (*DAY.agents, *other.agents)]
    assert made.not_common == ["sales", "sales 2", *groups]
    assert made.document()["agent_differences"] == []


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ([DAY], "at least two variants"),
        ([DAY, replace(DAY, seed=DAY.seed + 1)], "seed must be the same"),
        ([DAY, replace(DAY, replications=DAY.replications + 1)], "replications must be the same"),
    ],
)
def test_what_cannot_be_compared_is_refused(variants: list[Scenario], message: str) -> None:
    """Claim: fewer than two, other random numbers or other days: an error that says so."""
    with pytest.raises(ValueError, match=message):
        compare({str(i): each for i, each in enumerate(variants)})


def test_a_ranking_is_by_all_pairs() -> None:
    """Claim: the best comes first whichever way is better; each interval is at 1 - 0.05/3; two
    equal variants are never told apart."""
    variants = {
        "nine": erlang_a_scenario(9),
        "eleven": erlang_a_scenario(11),
        "as many": erlang_a_scenario(11),
    }
    for name in ("service_level", "abandonment"):
        made = compare(variants, rank_by=("total", METRICS[name], False))
        ranking = made.ranking
        assert ranking is not None and ranking.comparisons == 3
        assert [place.variant for place in ranking.places] == ["eleven", "as many", "nine"]
        assert [place.is_behind for place in ranking.places] == [False, False, True]
        behind = ranking.places[-1].best_less_it
        single = rows_of(made)["eleven", "total", name].difference
        assert behind.value == pytest.approx(single.value)
        wider = stats.t.ppf(1 - 0.05 / 6, 9) / stats.t.ppf(0.975, 9)
        assert behind.half_width == pytest.approx(single.half_width * wider)
        assert excludes_zero(single)


def test_a_metric_without_a_better_side_ranks_nothing() -> None:
    """Claim: occupancy can't say which variant is best."""
    variants = {str(n): erlang_a_scenario(n, replications=2) for n in (9, 10)}
    with pytest.raises(ValueError, match="has no better side"):
        compare(variants, rank_by=("team", METRICS["occupancy"], True))
