"""The search and its certificate. Long runs: `python -m verification.staffing`."""

from __future__ import annotations

import dataclasses

import pytest

from sim.metrics.verdicts import Verdict
from sim.planning.bench import FRESH, Bench
from sim.planning.certify import confidence_of
from sim.planning.plan import document, planned
from sim.planning.problem import Point
from sim.planning.search import Search
from sim.planning.staff import staff
from sim.planning.start import erlang_start
from sim.planning.wanted import asked
from sim.scenario.model import ProfileArrivals
from tests.planning.models import pool, two_skills
from verification.staffing_cases import (
    enumerate_plans,
    enumerated,
    pool_case,
    pools,
    small_problem,
)


@pytest.mark.parametrize("number", [0, 3, 8])
def test_a_pool_gets_the_exact_answer(number: int) -> None:
    """Fixed seeds; the exact answer, or one more with the exact answer shown as open."""
    (found,) = pools(range(number, number + 1))
    assert found.kind in ("equal", "within the error")


def test_the_start_of_a_pool_is_its_exact_answer() -> None:
    """In a stationary day the formulas are exact, so the start is."""
    for number in range(20):
        case = pool_case(number)
        assert erlang_start(case.problem(1)) == case.optimum()


def test_a_small_problem_gets_the_cost_of_full_enumeration() -> None:
    """Fixed seed; the enumeration takes all cheaper plans of the box."""
    (found,) = enumerated(range(1))
    assert found.kind == "same cost" and found.searched < found.enumerated / 20


@pytest.mark.parametrize(("number", "cost"), [(2, 8.0), (19, 15.75)])
def test_the_cheapest_plan_is_shown_though_it_lies_near_a_bound(number: int, cost: float) -> None:
    """Fixed seeds; the costs are those of full enumeration (docs/staffing.md). Both plans lie a few
    standard errors of the largest certificate within their bounds."""
    problem = small_problem(number)
    plan = staff(problem, workers=1)
    assert plan.feasible and problem.cost(plan.point) == cost


def test_two_groups_against_enumeration() -> None:
    """With costs of their own and bounds given."""
    problem = asked(
        two_skills(),
        ["a.service_level >= 75%", "b.service_level >= 75%"],
        bounds=["agents.only_a=0..8", "agents.both=0..10"],
    )
    plan = staff(problem, workers=1)
    best, _, _, slack = enumerate_plans(problem, 200)
    assert plan.feasible
    assert problem.cost(plan.point) == problem.cost(best) or slack < 3.3


def test_a_plan_does_not_depend_on_who_simulates() -> None:
    """One process or two: the same document but for the time."""
    problem = asked(two_skills(), ["total.abandonment <= 5%"])
    one, two = (document(staff(problem, workers=n)) for n in (1, 2))
    del one["elapsed_s"], two["elapsed_s"]
    assert one == two


def test_the_certificate_is_of_replications_that_the_search_has_not_used() -> None:
    """What is certified is what fresh replications give, and not what the search saw."""
    problem = asked(pool(), ["help.service_level >= 80%"])
    plan = staff(problem, workers=1)
    (target,) = document(plan)["targets"]
    bench = Bench(problem, workers=1)
    n = plan.certificate.replications
    (fresh,) = bench.fresh([plan.point], 0, n)
    bench.ensure([plan.point], n)
    assert plan.max_replications < FRESH
    assert fresh.estimate(problem.limits[0]).value == target["estimate"]["value"]
    seen = bench.readings(plan.point, n)[0]
    assert seen.slack + 0.8 != pytest.approx(target["estimate"]["value"], abs=1e-6)


def test_attempts_share_the_error() -> None:
    """However many, false certificates have at most the probability 1 - C together."""
    for confidence in (0.9, 0.95, 0.99):
        total = sum((1.0 - confidence_of(k, confidence)) / 2.0 for k in range(1, 60))
        assert total == pytest.approx(1.0 - confidence, rel=1e-12)


def test_a_plan_is_looked_at_again_with_the_days_that_it_has() -> None:
    """A plan that is barely shown takes several attempts; what is told is of all fresh days from
    the first one on, at the confidence of the last attempt."""
    problem = pool_case(2).problem(3)
    plan = staff(problem, workers=1)
    assert plan.attempts > 1 and plan.certificate.all_met
    assert plan.certificate.confidence == confidence_of(plan.attempts, 0.95)
    bench = Bench(problem, workers=1)
    (fresh,) = bench.fresh([plan.point], 0, plan.certificate.replications)
    found = fresh.estimate(problem.limits[0], confidence=plan.certificate.confidence)
    assert found.low == plan.certificate.judged[0].estimate.low


def test_a_neighbour_that_does_as_well_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that ends with two agents too many: the neighbours, which it has not simulated, are
    found to do and certified one after the other."""
    problem = asked(pool(), ["help.abandonment <= 5%"])
    (cheapest,) = staff(problem, workers=1).point
    too_many = (cheapest + 2,)

    def best(search: Search) -> Point:
        search._bench.ensure([too_many], 50)
        return too_many

    monkeypatch.setattr(Search, "best", best)
    plan = staff(problem, workers=1)
    assert plan.point == (cheapest,) and plan.attempts >= 3


def test_one_agent_fewer_breaks_something() -> None:
    """Every neighbour's targets are judged, and one is missed."""
    plan = staff(asked(pool(), ["help.abandonment <= 5%"]), workers=1)
    rows = document(plan)["neighbours"]
    assert [row["one_fewer"] for row in rows] == ["team"]
    assert rows[0]["agents"]["team"] == plan.point[0] - 1
    assert rows[0]["breaks"] == ["help.abandonment <= 5%"]


def test_bounds_that_no_plan_fits() -> None:
    """The closest plan is told with its estimates, and that it does not do."""
    plan = staff(asked(pool(), ["help.abandonment <= 1%"], bounds=["agents.team=1..8"]), workers=1)
    found = document(plan)
    assert not found["feasible"] and found["agents"] == {"team": 8}
    assert found["targets"][0]["outcome"] == "missed"


def test_a_lower_bound_on_occupancy_is_an_upper_one_on_agents() -> None:
    """Targets that pull both ways; more agents are not always better."""
    targets = ["agents.team.occupancy >= 75%", "help.abandonment <= 10%"]
    plan = staff(asked(pool(), targets), workers=1)
    assert plan.feasible and 9 <= plan.point[0] <= 12
    impossible = ["agents.team.occupancy >= 95%", "help.abandonment <= 1%"]
    assert not staff(asked(pool(), impossible), workers=1).feasible


def test_nobody_is_enough_where_nothing_is_asked_of_them() -> None:
    """A group whose occupancy is limited may be empty: then nothing is over the limit."""
    scenario = two_skills("  - {name: idle, tags: [c], cost: 9}")
    plan = staff(
        asked(scenario, ["agents.idle.occupancy <= 50%", "total.abandonment <= 8%"]), workers=1
    )
    assert plan.feasible and plan.point[2] == 0
    assert plan.certificate.judged[0].outcome is Verdict.MET


def test_every_interval_takes_more_than_the_day() -> None:
    """A day with a peak: the mean hides it, the interval does not."""
    scenario = pool(interval="1h")
    (queue,) = scenario.queues
    profile = ProfileArrivals(3600.0, (60.0, 180.0, 60.0, 30.0))
    scenario = dataclasses.replace(scenario, queues=(dataclasses.replace(queue, arrivals=profile),))
    target = ["help.abandonment <= 8%"]
    day = staff(asked(scenario, target), workers=1)
    hour = staff(asked(scenario, target, every_interval=True), workers=1)
    assert day.feasible and hour.feasible and hour.point[0] > day.point[0]
    (row,) = document(hour)["targets"]
    assert len(row["intervals"]) == 4 and row["target"].endswith("in every interval")
    assert all(each["outcome"] == "met" for each in row["intervals"])


def test_a_share_of_days_takes_more_than_the_mean() -> None:
    """On 95 % of days takes at least as many agents as on average."""
    mean = staff(asked(pool(), ["help.service_level >= 80%"]), workers=1)
    days = staff(asked(pool(), ["P(help.service_level >= 80%) >= 95%"]), workers=1)
    assert days.feasible and days.point[0] > mean.point[0]


def test_the_planned_scenario_expects_what_was_planned_for() -> None:
    """The plan's numbers, and the targets as `expect`."""
    plan = staff(asked(pool(), ["help.abandonment <= 5%"]), workers=1)
    scenario = planned(plan)
    assert scenario.agents[0].count == plan.point[0]
    assert [target.text for target in scenario.expect] == ["help.abandonment <= 5%"]


@pytest.mark.parametrize(
    ("asked_for", "message"),
    [({"confidence": 1.0}, "confidence"), ({"max_replications": 50}, "at least 100")],
)
def test_nonsense_is_refused(asked_for: dict[str, float], message: str) -> None:
    """Before anything is simulated."""
    with pytest.raises(ValueError, match=message):
        staff(asked(pool(), ["help.abandonment <= 5%"]), **asked_for)  # type: ignore[arg-type]
